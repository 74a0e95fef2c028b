import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from accord.core.context import LIVE, Context
from accord.core.geometry import Point
from accord.core.report import Form, Original, Report, Source
from accord.desks.sar.case import Case
from accord.desks.sar.cases import Cases, Line
from accord.desks.sar.entry import Entry, Kind, NotTaken
from accord.desks.sar.voice import (
    CaseVoice,
    NotShared,
    goes_out,
    heard_in,
    shared_value,
    told_as_heard,
)
from accord.live.intake import SAR
from accord.wire.cot import splice
from accord.wire.cot.translate import report_again
from accord.wire.errors import Malformed
from support.builders import a_report
from support.sar import MOANA, NODE, NOW, a_case, some_cases
from support.tak import FakeNode

BLUE = frozenset({"Blue"})
EXERCISE = Context.exercise("TASMAN 26")


@pytest.fixture
def cases(tmp_path: Path) -> Cases:
    return some_cases(tmp_path)


def shared(cases: Cases, context: Context = LIVE, marking: str = "(U//REL TO USA)") -> Case:
    case = a_case(cases, context)
    line = Line(kind=Kind.SIGHTING, value='red "flare" <&>', place=Point(lat=-36.5, lon=175.0))
    cases.log(case.id, line, MOANA)
    return cases.share(case.id, shared_value(BLUE, marking, NODE), MOANA)


def said(case: Case, entry: Entry) -> Report:
    """Say a line, and return it as the other node has it from its link."""
    node, heard = FakeNode(), list[Report]()
    node.bridge.intake.watched_by(lambda change: heard.append(change.report or a_report()))
    CaseVoice(node.bridge.intake, node=NODE).say(case, entry, NOW)
    (report,) = heard
    partners = Source(node=NODE, channel=f"partner:{NODE}", speaker="x")
    assert report.original is not None
    again = report_again(report.original, source=partners, groups=BLUE, received=NOW)
    return replace(again, received=NOW + timedelta(seconds=1))


def told(case: Case) -> Report:
    """The first line of a case, as the other node has it."""
    return said(case, case.log[0])


@pytest.mark.parametrize("context", [LIVE, EXERCISE])
def test_a_line_comes_to_the_other_node_as_it_was_but_for_who_wrote_it(
    cases: Cases, context: Context
) -> None:
    case = shared(cases, context)
    for entry in case.log:
        if goes_out(entry, NODE):
            found = heard_in(said(case, entry), own="USA-PAC")
            assert found == replace(
                entry, by=NODE, entered=NOW + timedelta(seconds=1)
            )  # fmt: skip


def test_the_mark_of_the_case_is_on_every_line(cases: Cases) -> None:
    case = shared(cases)
    report = said(case, case.log[0])
    assert report.kind.text == SAR
    assert report.marking.releasable_to is not None
    assert "USA" in report.marking.releasable_to
    unmarked = shared(cases, marking="")
    assert said(unmarked, unmarked.log[0]).marking.releasable_to is None


def test_what_is_private_anothers_or_about_sharing_never_goes_out(cases: Cases) -> None:
    case = shared(cases)
    cases.log(case.id, Line(kind=Kind.NOTE, value="skipper", is_private=True), MOANA)
    case = cases.store.case(case.id)
    out = [each for each in case.log if goes_out(each, NODE)]
    assert all(not each.is_private and each.about != "shared" for each in out)
    assert len(out) == len(case.log) - 2
    assert not goes_out(replace(out[0], node="USA"), NODE)


def test_a_case_that_is_shared_into_no_group_is_said_to_nobody(cases: Cases) -> None:
    case = a_case(cases)
    with pytest.raises(NotShared, match="group"):
        CaseVoice(FakeNode().bridge.intake, node=NODE).say(case, case.log[0], NOW)


def test_a_mark_that_nobody_understands_is_refused() -> None:
    with pytest.raises(NotTaken):
        shared_value(BLUE, "(??)", NODE)


def test_only_what_came_over_a_link_is_a_partners_line(cases: Cases) -> None:
    case = shared(cases)
    report = said(case, case.log[0])
    assert heard_in(report, own=NODE) is None
    assert heard_in(a_report(), own="USA-PAC") is None
    assert heard_in(replace(report, source=a_report().source), own="USA-PAC") is None


def test_a_line_that_cannot_be_read_is_none(cases: Cases) -> None:
    case = shared(cases)
    report = said(case, case.log[0])
    assert report.original is not None
    data = report.original.data.replace(b'kind="note"', b'kind="order"')
    for original in (None, Original(Form.AIS, b"x"), Original(Form.COT_XML, b"<event/>"),
                     Original(Form.COT_XML, data),
                     Original(Form.COT_XML, data.replace(b"__sar", b"__srr"))):  # fmt: skip
        with pytest.raises(NotShared, match="no line of a case"):
            heard_in(replace(report, original=original), own="USA-PAC")


def test_a_line_of_another_context_does_not_enter_a_case(cases: Cases) -> None:
    case = a_case(cases)
    entry = replace(case.log[0], node="USA", context=EXERCISE)
    assert cases.store.take([entry]) == 0
    assert cases.store.take([replace(entry, context=LIVE)]) == 1


def test_up_to_which_line_partners_were_told_is_kept(cases: Cases) -> None:
    case = a_case(cases)
    assert cases.store.told(case.id) == 0
    cases.store.tell(case.id, 3)
    cases.store.tell(case.id, 7)
    assert cases.store.told(case.id) == 7


@pytest.mark.parametrize(
    "said",
    [
        ("number", "1" * 30), ("number", "0"), ("number", "-4"),
        ("at", "0001-01-01T00:00:00+14:00"), ("at", "9999-12-31T23:59:59-10:00"),
        ("at", "2026-11-26T03:00:00"), ("case", ""), ("case", "x" * 201),
        ("kind", "draft"), ("about", "shared"),
    ],
)  # fmt: skip
def test_a_line_that_no_file_keeps_or_that_is_each_nodes_own_is_none(
    cases: Cases, said: tuple[str, str]
) -> None:
    case = shared(cases)
    report = told(case)
    name, value = said
    assert report.original is not None
    data = re.sub(rf'(<__sar[^>]* {name}=")[^"]*'.encode(), rb"\g<1>" + value.encode(),
                  report.original.data)  # fmt: skip
    assert data != report.original.data
    with pytest.raises(NotShared, match="no line of a case"):
        heard_in(replace(report, original=Original(Form.COT_XML, data)), own="USA-PAC")


def test_a_partners_time_is_kept_in_utc(cases: Cases) -> None:
    report = told(shared(cases))
    assert report.original is not None
    data = report.original.data.replace(b'at="2026-11-26T02:00:00+00:00"',
                                        b'at="2026-11-26T15:00:00+13:00"')  # fmt: skip
    assert data != report.original.data
    entry = heard_in(replace(report, original=Original(Form.COT_XML, data)), own="USA-PAC")
    assert entry is not None
    assert entry.at.isoformat() == "2026-11-26T02:00:00+00:00"


@pytest.mark.parametrize("text", ["a\x00b", "a\uffffb"])
def test_a_line_with_what_no_xml_can_carry_is_said_all_the_same(cases: Cases, text: str) -> None:
    case = shared(cases)
    stands = cases.log(case.id, Line(kind=Kind.NOTE, value=text), MOANA)
    entry = next(each for each in stands.log if each.value == text)
    found = heard_in(said(stands, entry), own="USA-PAC")
    assert found is not None
    assert found.value == "ab"


def test_what_cannot_be_written_is_not_shared_and_ends_nothing(
    cases: Cases, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = shared(cases)

    def refuse(*_: object) -> bytes:
        raise Malformed("no XML")

    monkeypatch.setattr(splice, "with_child", refuse)
    with pytest.raises(NotShared, match="no XML"):
        told(case)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("position", "north of the island"),
        ("position", "91.000000,174.000000"),
        ("position", "-36.500000,174.000000,nan"),
        ("time", "yesterday"),
        ("wind", "230"),
        ("wind", "230/300"),
        ("current", "time,degrees,knots\nx,y,z"),
        ("sea", "rough"),
        ("visibility", "inf"),
        ("title", "x" * 10_001),
    ],
)
def test_a_fact_of_a_partner_that_is_garbled_is_a_note_that_names_it(
    cases: Cases, name: str, value: str
) -> None:
    case = shared(cases)
    entry = replace(case.log[0], node="USA-PAC", kind=Kind.FACT, about=name, value=value, number=7)
    kept = told_as_heard(entry)
    assert (kept.kind, kept.node, kept.number) == (Kind.NOTE, "USA-PAC", 7)
    assert kept.value.startswith(f"look at: USA-PAC set {name!r} to ")
    assert cases.store.take([kept]) == 1
    stands = cases.store.case(case.id)
    assert stands.text(name) == case.text(name)
    assert kept.value in {each.value for each in stands.log}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("position", "-36.500000,174.000000,12.5"),
        ("time", "2026-11-26T03:00:00+00:00"),
        ("wind", "230/25"),
        ("wind", f"file:{'a' * 64}"),
        ("current", "time,degrees,knots\n2026-11-26T03:00Z,90,0.5"),
        ("sea", "1.5"),
        ("wind", ""),
        ("object", "A THING OF THEIRS"),
        ("news", "a fact of a later version"),
    ],
)
def test_a_fact_that_can_be_read_or_may_be_known_there_is_kept_as_it_came(
    cases: Cases, name: str, value: str
) -> None:
    entry = replace(a_case(cases).log[0], node="USA", kind=Kind.FACT, about=name, value=value)
    assert told_as_heard(entry) is entry
    note = replace(entry, kind=Kind.NOTE)
    assert told_as_heard(note) is note


def test_no_partner_says_how_this_node_shares(cases: Cases) -> None:
    case = shared(cases)
    entry = next(each for each in case.log if each.about == "shared")
    with pytest.raises(NotShared, match="each node's own to say"):
        heard_in(said(case, entry), own="USA-PAC")
