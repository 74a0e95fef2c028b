"""An agreement read, before anything of it is proved."""

import pytest

from accord.release.fault import AgreementError
from accord.release.loaded import FORM_RULE, built_in, read
from support.agreements import example
from support.small_agreement import AREA, FILES, GIVER, RECEIVER, SMALL


def test_what_is_read_can_be_asked_for_its_rules() -> None:
    loaded = read(SMALL.encode(), FILES)
    numbers = [clause.number for clause in loaded.agreement.clauses]
    assert [loaded.rule(number).number for number in numbers] == numbers
    with pytest.raises(KeyError):
        loaded.rule("no such clause")


def test_only_receivers_are_decided_for() -> None:
    loaded = read(SMALL.encode(), FILES)
    assert set(loaded.chooses) == set(loaded.receivers) == {RECEIVER}
    assert GIVER not in loaded.chooses


def test_a_form_with_a_least_age_is_a_rule_of_its_own() -> None:
    loaded = example()
    aged = {form.name for form in loaded.agreement.forms if form.min_age}
    rules = {each.number for each in loaded.rules if each.number.startswith(FORM_RULE)}
    assert aged
    assert rules == {f"{FORM_RULE}{name}" for name in aged}


def test_an_area_that_is_missing_or_another_one_is_refused() -> None:
    with pytest.raises(AgreementError, match=r"there is no file sea\.geojson"):
        read(SMALL.encode(), {})
    with pytest.raises(AgreementError, match="is not the file that was agreed"):
        read(SMALL.encode(), {"sea.geojson": AREA + b" "})


def test_every_agreement_promises_what_no_clause_may_undo() -> None:
    sentences = [sentence for sentence, _ in built_in(example().agreement)]
    assert [promise.sentence for promise in example().promises[: len(sentences)]] == sentences
    assert "nothing unmarked leaves" in sentences
    assert "exercise and live never mix" in sentences


def _refused(text: str) -> list[str]:
    with pytest.raises(AgreementError) as refused:
        read(text.encode(), FILES)
    return [str(fault) for fault in refused.value.faults]


def test_a_misspelt_area_in_a_clause_is_refused_with_its_line() -> None:
    text = SMALL.replace('resource.inside.contains("SEA")', 'resource.inside.contains("SEE")')
    line = text[: text.index('"SEE"')].count("\n") + 1
    assert _refused(text) == [f'line {line}, clause 1: "Ships": no such area: SEE; there are SEA']


def test_a_misspelt_word_in_an_invariant_is_refused_with_its_line() -> None:
    own = '[[invariant]]\nsays = "none"\ncondition = \'resource.domain != "submarine"\'\n\n[usual]'
    text = SMALL.replace("[usual]", own)
    line = text[: text.index("[[invariant]]")].count("\n") + 1
    (said,) = _refused(text)
    assert said.startswith(f'line {line}: invariant "none": no such domain: submarine; there are ')


def test_what_is_wrong_with_what_is_usual_is_said_once() -> None:
    text = SMALL.replace('kind = "a-f-S-X-M"', 'kind = "ship"')
    line = text[: text.index("kind =")].count("\n") + 1
    assert _refused(text) == [f"line {line}: usual.kind: 'ship' is not a CoT type, such as a-f-S"]
