from datetime import UTC, datetime, timedelta

import pytest

from accord.core.context import Context
from accord.core.form import EVERYTHING, Kept, Naming
from accord.core.portion import read as read_portion
from accord.release.fault import AgreementError, Fault
from accord.release.frontmatter import FrontMatter, read_front_matter, read_key, spell_key
from support.agreement_text import TEXT, changed, line_of


def _front(text: str) -> str:
    return text.split("+++\n")[1]


def _read(text: str = TEXT) -> FrontMatter:
    return read_front_matter(_front(text), 2)


def _fault(text: str) -> Fault:
    with pytest.raises(AgreementError) as refused:
        _read(text)
    (fault,) = refused.value.faults
    return fault


def test_every_fact_is_read() -> None:
    matter = _read()
    assert (matter.id, matter.serial, matter.title) == ("TEST-1", 3, "A test")
    assert [party.node for party in matter.parties] == ["NZL-A", "FJI-B"]
    assert (matter.givers, matter.receivers) == (("NZL-A",), ("FJI-B",))
    assert matter.since == datetime(2027, 1, 1, tzinfo=UTC)
    assert matter.until == datetime(2027, 2, 1, tzinfo=UTC)
    assert matter.contexts == {Context.parse("live")}
    assert matter.onward == {"TON"}
    assert matter.assumed_error == 200.0
    assert (matter.areas[0].name, matter.areas[0].file) == ("SEA", "sea.geojson")
    assert matter.areas[0].sha256 == "1" * 64
    (invariant,) = matter.invariants
    assert invariant.sentence == "nothing under water"
    assert invariant.forms == {"exact"}
    assert invariant.line == line_of(TEXT, "[[invariant]]")


def test_levels_map_as_the_table_says() -> None:
    levels = _read().levels
    assert levels.name(read_portion("(IN-CONFIDENCE)", nation="NZL")) == "OPEN"
    assert levels.name(read_portion("(R)", nation="FJI")) is None


def test_forms_keep_what_they_name_and_exact_keeps_everything() -> None:
    exact, coarse = _read().forms
    assert (exact.name, exact.exact, exact.keep) == ("exact", True, EVERYTHING)
    assert coarse.cell == 1852.0
    assert coarse.cadence == timedelta(minutes=10)
    assert coarse.keep == {Kept.TYPE_DETAIL, Kept.NATION}
    assert coarse.identity is Naming.PSEUDONYM


def test_a_form_that_strips_keeps_the_rest() -> None:
    start, end = TEXT.index("[form.coarse]"), TEXT.index("[area.SEA]")
    form = '[form.bare]\nstrip = ["remarks", "callsign"]\n'
    bare = _read(TEXT[:start] + form + TEXT[end:]).forms[1]
    assert bare.keep == EVERYTHING - {Kept.REMARKS, Kept.CALLSIGN}


def test_all_four_corners_of_direction_are_read() -> None:
    text = changed('"NZL-A -> FJI-B"', '"NZL-A, FJI-B -> FJI-B, NZL-A"')
    matter = _read(text)
    assert matter.givers == ("NZL-A", "FJI-B")
    assert matter.receivers == ("FJI-B", "NZL-A")


def test_a_key_is_read_and_written_the_same() -> None:
    key = bytes(range(32))
    assert read_key(spell_key(key)) == key


@pytest.mark.parametrize("text", ["", "ed25519:", "ed25519:AAAA", "ed25519:!", "rsa:AAAA"])
def test_what_is_no_key_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="a key is ed25519:"):
        read_key(text)


KEY = "ed25519:0lnkWzVSaqW2JcdNW6LGs5Izb5y+rQwBHRqwpbj2X3o="


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('title = "A test"', 'title = "A test', "not TOML"),
        ("serial = 3", "serial = = 3", "not TOML"),
        ("serial = 3", f"serial = 3\nx = {'[' * 5000}", "not TOML|nested"),
        ("serial = 3", "serial = 3\nsecret = 1", "no such key: secret"),
        ('id = "TEST-1"', 'id = "TEST 1"', "letters, digits, dots and hyphens"),
        ('id = "TEST-1"', 'id = ""', "letters, digits, dots and hyphens"),
        ("serial = 3", "serial = 0", "a whole number from 1"),
        ("serial = 3", "serial = 1000001", "a whole number from 1"),
        ("serial = 3", 'serial = "3"', "give a whole number"),
        ("valid = [2027-01-01T00:00:00Z, 2027-02-01T00:00:00Z]",
         "valid = [2027-02-01T00:00:00Z, 2027-01-01T00:00:00Z]", "ends before it begins"),
        ("valid = [2027-01-01T00:00:00Z, 2027-02-01T00:00:00Z]",
         "valid = [2027-01-01T00:00:00, 2027-02-01T00:00:00]", "say the zone"),
        ('contexts = ["live"]', "contexts = []", "say which"),
        ('contexts = ["live"]', 'contexts = ["war"]', "neither live nor exercise:NAME"),
        ('contexts = ["live"]', 'contexts = ["plan:P1"]', "a plan is never released"),
        ('onward = ["TON"]', 'onward = ["ATLANTIS"]', "ATLANTIS"),
        ('assumed_error = "200 m"', "assumed_error = 200", "give a text"),
        ('assumed_error = "200 m"', 'assumed_error = "200 mi"', "give a distance"),
        ("NZL-A = ", "XXX-A = ", "no ISO 3166-1 alpha-3 code"),
        ("NZL-A = ", '"NZL a" = ', "no node id"),
        (KEY, "ed25519:AAAA", "a key is"),
        ("yqSyK6K0uQomlTdgcJeFTsWi7eecZBkYNQAYPFdiZJo=", KEY.removeprefix("ed25519:"),
         "cannot have one key"),
        ('FJI-B = "ed25519:yqSyK6K0uQomlTdgcJeFTsWi7eecZBkYNQAYPFdiZJo="\n', "",
         "between 2 and 50 parties"),
        ('"NZL-A -> FJI-B"', '"NZL-A"', "GIVER -> RECEIVER"),
        ('"NZL-A -> FJI-B"', '"NZL-A -> FJI-B -> NZL-A"', "GIVER -> RECEIVER"),
        ('"NZL-A -> FJI-B"', '"NZL-A -> TON-C"', "'TON-C' is none of the parties"),
        ('"NZL-A -> FJI-B"', '"NZL-A -> NZL-A"', "cannot release to itself"),
        ('"NZL-A -> FJI-B"', '"NZL-A, NZL-A -> FJI-B"', "names one node twice"),
        ('"NZL-A -> FJI-B"', '"NZL-A -> FJI-B, FJI-B"', "names one node twice"),
        ('"NZL-A -> FJI-B"', '"NZL-A -> "', "'' is none of the parties"),
        ('FJI = "UNCLASSIFIED"', 'FJI = "PURPLE"', "FJI PURPLE is no level"),
        ('FJI = "UNCLASSIFIED"', 'FJ = "UNCLASSIFIED"', "FJ is neither"),
        ('FJI = "UNCLASSIFIED"', "FJI = 1", "give a text"),
        ("[form.coarse]", "[form.Coarse]", "small letters, digits and hyphens"),
        ('cadence = "10 min"', "", "needs a cadence"),
        ('identity = "pseudonym"', 'identity = "alias"', "kept or pseudonym"),
        ('keep = ["type-detail", "nation"]', 'keep = ["everything"]', "'everything' is none of"),
        ('keep = ["type-detail", "nation"]', 'kept = ["nation"]', "no such key: form.coarse.kept"),
        ('file = "sea.geojson"', 'file = "../sea.geojson"', "beside the agreement"),
        ('file = "sea.geojson"', 'file = "sea.txt"', "beside the agreement"),
        ("1" * 64, "1" * 63, "64 small hexadecimal digits"),
        ('forms = ["exact"]', 'forms = ["exact"]\nwhy = ""', "no such key: invariant.0.why"),
        ('says = "nothing under water"\n', "", "says is missing"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_refused_with_a_sentence_and_a_line(old: str, new: str, said: str) -> None:
    text = changed(old, new)
    with pytest.raises(AgreementError, match=said) as refused:
        _read(text)
    (fault,) = refused.value.faults
    assert fault.line is not None
    assert 2 <= fault.line <= line_of(text, "# A test")


@pytest.mark.parametrize(
    ("old", "new", "at"),
    [
        ("serial = 3", "serial = = 3", "serial = ="),
        ('contexts = ["live"]', 'contexts = ["war"]', "contexts"),
        ("NZL-A = ", "XXX-A = ", "XXX-A = "),
        ('cadence = "10 min"', 'cadence = "ten"', "cadence"),
        ('cadence = "10 min"', "", "[form.coarse]"),
        ('FJI = "UNCLASSIFIED"', 'FJI = "PURPLE"', "[level.OPEN]"),
        ("1" * 64, "1" * 63, "sha256"),
        ('says = "nothing under water"', "says = 1", "says = 1"),
    ],
)
def test_the_line_is_that_of_the_key(old: str, new: str, at: str) -> None:
    text = changed(old, new)
    assert _fault(text).line == line_of(text, at)


def test_an_agreement_needs_levels_and_forms() -> None:
    text = changed(
        '[level.OPEN]\nNZL = ["UNCLASSIFIED", "IN-CONFIDENCE"]\nFJI = "UNCLASSIFIED"\n', ""
    )
    assert "which levels" in _fault(text).sentence
    start, end = TEXT.index("[form.exact]"), TEXT.index("[area.SEA]")
    assert "between 1 and 20 forms" in _fault(TEXT[:start] + TEXT[end:]).sentence


def test_a_ladder_that_does_not_go_down_is_refused() -> None:
    text = changed("[form.exact]\n", "").replace("[area.SEA]", "[form.exact]\n[area.SEA]")
    fault = _fault(text)
    assert "gives more than 'coarse'" in fault.sentence
    assert fault.line == line_of(text, "[form.coarse]")


def test_every_party_gives_or_receives() -> None:
    third = f'TON-C = "{spell_key(bytes(32))}"\n\n[level.OPEN]'
    assert "every party gives or receives" in _fault(changed("[level.OPEN]", third)).sentence


def test_the_number_of_invariants_and_forms_is_limited() -> None:
    many = '[[invariant]]\nsays = "x"\ncondition = "true"\n' * 100
    assert "more than 100" in _fault(changed("[[invariant]]", f"{many}[[invariant]]")).sentence
    forms = "".join(f'[form.f{n}]\nstrip = ["remarks"]\n' for n in range(20))
    assert "between 1 and 20 forms" in _fault(changed("[area.SEA]", f"{forms}[area.SEA]")).sentence


def test_a_misspelt_key_is_named_with_its_line_beside_the_one_that_is_missing() -> None:
    with pytest.raises(AgreementError) as refused:
        _read(changed("title =", "tittle ="))
    assert [str(fault) for fault in refused.value.faults] == [
        "line 4: no such key: tittle", "title is missing",
    ]  # fmt: skip
