"""What is wrong with an agreement is refused, with line, clause and a sentence."""

import re
from hashlib import sha256

import pytest

from accord.release import load as load_alone
from accord.release.fault import AgreementError, Fault
from accord.release.load import (
    broken_examples,
    dead_clauses,
    disprove,
    load,
    spell_counterexample,
    unproved,
)
from accord.release.loaded import Loaded, read
from accord.release.prove import Counterexample, Promise
from accord.release.terms import TRUE, Effect
from support.agreement_text import line_of
from support.agreements import FILES, NZL, example, text_of

TEXT = text_of("usa-nzl-maritime")


def _changed(*changes: tuple[str, str]) -> str:
    text = TEXT
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    return text


def _read(*changes: tuple[str, str]) -> Loaded:
    return read(_changed(*changes).encode(), FILES)


def _refused(*changes: tuple[str, str]) -> tuple[Fault, ...]:
    with pytest.raises(AgreementError) as refused:
        load(_changed(*changes).encode(), FILES)
    return refused.value.faults


def test_a_loaded_agreement_has_its_rules_its_promises_and_a_function_per_receiver() -> None:
    loaded = example()
    numbers = [rule.number for rule in loaded.rules]
    assert numbers == ["0.1", "0.2", "0.3", "0.4", "0.5", "1", "2", "3", "4", "form late-10nm"]
    assert set(loaded.receivers) == set(loaded.chooses) == {NZL}
    assert len(loaded.promises) == 6 + 3
    assert load_alone is load
    assert loaded.rule("0.1").effect is Effect.FORBID
    with pytest.raises(KeyError):
        loaded.rule("9")


def test_the_least_age_of_a_form_is_a_rule_like_any_other() -> None:
    rule = example().rule("form late-10nm")
    assert rule.forms == {"late-10nm"}
    assert rule.effect is Effect.FORBID


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("when { resource.touches.contains", "when { resource.touch.contains", "attribute `touch`"),
        (
            'when { resource.touches.contains("QUIET") }',
            "when { resource.touches. }",
            "cannot read it",
        ),
        (
            'when { resource.touches.contains("QUIET") }',
            "when { resource.hops + 1 > 1 }",
            "add is not allowed",
        ),
    ],
)
def test_cedar_that_is_wrong_is_refused_with_line_clause_and_a_sentence(
    old: str, new: str, sentence: str
) -> None:
    text = _changed((old, new))
    with pytest.raises(AgreementError) as refused:
        load(text.encode(), FILES)
    (fault,) = refused.value.faults
    assert fault.clause == "0.5"
    assert fault.line == line_of(text, "## 0.5") + 5
    assert sentence in fault.sentence
    assert '"The quiet strip"' in fault.sentence


def test_everything_that_is_wrong_is_said_at_once_in_the_order_of_the_text() -> None:
    faults = _refused(
        ("resource.compartments.isEmpty()", "resource.sci.isEmpty()"),
        ('resource.kind like "a-f-A*"', 'resource.level like "a-f-A*"'),
        ("condition = 'resource.level ==", "condition = 'resource.rank =="),
        ("at = [13.4, 144.6]", "at = [93.4, 144.6]"),
    )
    assert [fault.clause for fault in faults] == [None, None, "0.2", "2"]
    assert [fault.line for fault in faults] == sorted(fault.line or 0 for fault in faults)


def test_an_invariant_of_no_such_form_is_refused() -> None:
    (fault,) = _refused(('forms = ["exact", "grid-1nm"]', 'forms = ["exact", "grid-2nm"]'))
    assert "no such form: grid-2nm" in fault.sentence
    assert fault.line == line_of(TEXT, '[[invariant]]\nsays = "nothing under water')


def test_an_area_that_is_not_there_is_refused() -> None:
    with pytest.raises(AgreementError, match=r"area 'QUIET': there is no file quiet-strip.geojson"):
        read(TEXT.encode(), {name: data for name, data in FILES.items() if "quiet" not in name})


def test_an_area_of_other_bytes_is_refused() -> None:
    changed = FILES | {"quiet-strip.geojson": FILES["quiet-strip.geojson"] + b" "}
    with pytest.raises(AgreementError, match=r"'QUIET': .*is not the file that was agreed"):
        read(TEXT.encode(), changed)


def test_an_area_that_is_not_valid_is_refused() -> None:
    bow = b'{"type": "Polygon", "coordinates": [[[0,0],[1,1],[1,0],[0,1],[0,0]]]}'
    text = TEXT.replace(sha256(FILES["quiet-strip.geojson"]).hexdigest(), sha256(bow).hexdigest())
    with pytest.raises(AgreementError, match=r"'QUIET': quiet-strip.geojson: .*not valid"):
        read(text.encode(), FILES | {"quiet-strip.geojson": bow})


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        (
            '- releases "own patrol aircraft" as grid-1nm',
            '- releases "own patrol aircraft" as exact',
            "it is released as grid-1nm by clause 2 (NZL-JFNZ)",
        ),
        (
            '- releases "own patrol aircraft" as grid-1nm',
            '- withholds "own patrol aircraft"',
            "it is released as grid-1nm by clause 2 (NZL-JFNZ)",
        ),
        (
            '- withholds "frigate off Guam"',
            '- releases "frigate off Guam" as exact',
            "it is withheld by no clause: no clause permits it (NZL-JFNZ)",
        ),
        (
            '- withholds "frigate marked SECRET"',
            '- withholds "frigate with ORCON"',
            "it is withheld by clause 0.3 (NZL-JFNZ)",
        ),
        (
            '- releases "submarine in distress" as exact',
            '- releases "frigate off Raoul Island" as exact',
            "it is released as exact by clause 1 (NZL-JFNZ)",
        ),
        (
            '- withholds "frigate marked SECRET"',
            '- withholds "frigate marked PINK"',
            "no such report is described",
        ),
        (
            '- releases "own patrol aircraft" as grid-1nm',
            '- releases "own patrol aircraft" as grid',
            "there is no form grid",
        ),
        (
            '- withholds "frigate marked SECRET"',
            '- withholds "frigate marked SECRET" to USA-PAC',
            "nobody receives it",
        ),
    ],
)
def test_a_contradiction_with_an_example_is_refused(old: str, new: str, sentence: str) -> None:
    text = _changed((old, new))
    (fault, *others) = list(broken_examples(read(text.encode(), FILES)))
    assert fault.sentence.endswith(sentence)
    assert text.split("\n")[(fault.line or 0) - 1] == new
    assert all("is no clause's example" in other.sentence for other in others)
    with pytest.raises(AgreementError, match=re.escape(sentence)):
        load(text.encode(), FILES)


def test_an_example_for_one_receiver_is_held_to_that_one() -> None:
    old = '- releases "own patrol aircraft" as grid-1nm'
    assert list(broken_examples(_read((old, f"{old} to NZL-JFNZ")))) == []


def test_a_described_report_that_is_no_example_is_refused() -> None:
    (fault,) = broken_examples(_read(('- withholds "hostile aircraft"\n', "")))
    assert fault.sentence == "report 'hostile aircraft' is described and is no clause's example"


def test_a_dead_clause_is_refused_with_its_line() -> None:
    never = _read(('when { resource.touches.contains("QUIET") }', "when { resource.hops < 0 }"))
    (fault,) = dead_clauses(never)
    assert (fault.line, fault.clause) == (line_of(TEXT, "## 0.5"), "0.5")
    assert fault.sentence == (
        '"The quiet strip" is dead: it can never forbid anything: no report is as it says'
    )
    shut = _read(
        ('resource.domain == "subsurface"', 'resource.domain == "subsurface" && resource.hops < 0')
    )
    (fault,) = dead_clauses(shut)
    assert fault.clause == "3"
    assert (
        "it can never decide: what it permits is forbidden, or permitted before it"
        in fault.sentence
    )


def test_the_sound_agreement_has_no_fault() -> None:
    loaded = example()
    assert [*broken_examples(loaded), *dead_clauses(loaded), *unproved(loaded)] == []


def test_what_is_not_proved_does_not_load_and_is_shown_as_a_report() -> None:
    sabotaged = _changed(
        ("  resource.marked &&\n", ""), ('- withholds "frigate without a mark"\n', "")
    )
    sabotaged = sabotaged.replace('[report."frigate without a mark"]\nunmarked = true\n', "")
    with pytest.raises(AgreementError) as refused:
        load(sabotaged.encode(), FILES)
    (fault,) = refused.value.faults
    assert fault.sentence.startswith(
        'not proved: "nothing unmarked leaves". Clause 4 would release this to NZL-JFNZ as exact:\n'
        "    marked: no\n"
    )
    assert '    kind: "a-f-S-X-M"' in fault.sentence


def test_an_own_invariant_that_is_not_proved_names_its_line() -> None:
    loaded = _read(
        (
            'when { resource.touches.contains("QUIET") }',
            'when { resource.inside.contains("QUIET") }',
        )
    )
    (fault,) = unproved(loaded)
    assert fault.line == line_of(TEXT, '[[invariant]]\nsays = "what may be in the quiet strip')
    assert "    touches: APPROACHES, QUIET" in fault.sentence


def test_every_promise_is_asked_for_every_receiver() -> None:
    relief = example("pacific-relief")
    assert len(relief.receivers) == 4
    assert list(disprove(relief)) == []


def test_what_the_solver_could_not_settle_is_said_so() -> None:
    loaded = example()
    promise = Promise(sentence="it holds", condition=TRUE, forms=frozenset())
    found = Counterexample(promise=promise, receiver=loaded.receivers[NZL], facts=None)
    assert spell_counterexample(loaded, found) == (
        'not proved: "it holds": the solver could not settle it for NZL-JFNZ'
    )


def test_a_counter_example_that_breaks_nothing_is_not_shown() -> None:
    loaded = example()
    described = loaded.described["frigate off Guam"]
    facts = loaded.finder.facts(described.report, described.at, described.situation(NZL))
    promise = Promise(sentence="it holds", condition=TRUE, forms=frozenset({"exact"}))
    found = Counterexample(promise=promise, receiver=loaded.receivers[NZL], facts=facts)
    assert spell_counterexample(loaded, found) == (
        'not proved: "it holds", for NZL-JFNZ; its counter-example cannot be shown'
    )
