from dataclasses import replace
from datetime import timedelta
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accord.core.agreement import Situation, Withheld
from accord.core.body import Opaque
from accord.core.context import LIVE, Context
from accord.core.kind import Kind
from accord.core.report import Form, Original, Report, Source
from accord.desks.readiness.columns import Sheet
from accord.desks.readiness.fleet import Fleet
from accord.desks.readiness.said import Confidence, Records, Row, Said, as_it_stood, entries_of
from accord.desks.readiness.statement import Heard, NoStatement, Standing, Statement, state
from accord.desks.readiness.voice import NotStated, StatementVoice, heard_in
from accord.live.intake import READINESS, READINESS_DESK
from accord.release.cadence import Cadence
from accord.release.decide import Released, Towards, decide
from accord.release.signature import InForce
from accord.wire.cot.translate import report_again, to_protobuf, to_xml
from support.agreements import NZL, USA
from support.builders import a_report
from support.readiness import NOW, SAID, a_base, a_class, a_unit
from support.readiness_agreement import LABEL, MARKING, agreement
from support.tak import FakeNode

BLUE = frozenset({"Blue"})
STATEMENT = Statement(
    capability="surveillance-air", standing=Standing.OFFERED, as_of=NOW,
    until=NOW + timedelta(days=3), numbers=(0, 2, 2, 4), each=0.5,
)  # fmt: skip


@pytest.fixture
def node() -> FakeNode:
    return FakeNode()


@pytest.fixture
def voice(node: FakeNode) -> StatementVoice:
    return StatementVoice(node.bridge.intake, node=USA)


@cache
def agreed() -> InForce:
    return agreement()


def decided(report: Report) -> Released | Withheld:
    towards = Towards(
        situation=Situation(own=USA, partner=NZL, synchronised=True),
        key=b"0123456789abcdef",
        memory=Cadence(limit=10),
        check=True,
    )
    return decide(report, agreed(), NOW + timedelta(minutes=1), towards=towards)


def as_a_partner_has_it(report: Report) -> Report:
    return replace(report, source=Source(node=USA, channel=f"partner:{USA}", speaker="x"))


def test_a_statement_goes_in_by_the_one_door_and_is_on_no_picture(
    voice: StatementVoice, node: FakeNode
) -> None:
    report = voice.say(STATEMENT, BLUE, MARKING)
    assert node.bridge.intake.accepted == 1
    assert list(node.bridge.picture()) == []
    assert (report.kind, report.body) == (Kind.of(READINESS), Opaque())
    assert (report.source.channel, report.groups, report.label) == (READINESS_DESK, BLUE, LABEL)
    assert (report.start, report.stale) == (STATEMENT.as_of, STATEMENT.until)


def test_the_agreement_decides_who_is_told(voice: StatementVoice) -> None:
    report = voice.say(STATEMENT, BLUE, MARKING)
    said = decided(report)
    assert isinstance(said, Released)
    assert (said.form.name, said.clause) == ("exact", "1")
    assert heard_in(as_a_partner_has_it(said.report), own=NZL) == Heard(
        node=USA, statement=STATEMENT, received=NOW
    )
    for kept in (
        voice.report(STATEMENT, BLUE, "(U//REL TO FRA)"),
        voice.report(STATEMENT, BLUE, ""),
        replace(report, kind=Kind.of("t-x-other")),
    ):
        assert isinstance(decided(kept), Withheld)


def test_a_statement_outlives_a_restart_and_the_change_to_protobuf(voice: StatementVoice) -> None:
    report = voice.report(STATEMENT, BLUE, MARKING)
    for form, data in (
        (Form.COT_XML, to_xml(report)),
        (Form.COT_PROTOBUF, to_protobuf(report)),
    ):
        again = report_again(
            Original(form, data),
            source=Source(node=USA, channel=f"partner:{USA}", speaker="x"),
            groups=BLUE,
            received=NOW,
        )
        assert isinstance(again.body, Opaque)
        heard = heard_in(again, own=NZL)
        assert heard is not None
        assert heard.statement == STATEMENT


def test_a_statement_of_an_exercise_is_marked_as_one(voice: StatementVoice, node: FakeNode) -> None:
    exercise = Context.exercise("TASMAN")
    report = voice.say(replace(STATEMENT, context=exercise), BLUE, MARKING)
    assert report.context == exercise
    assert b'opex="e-TASMAN"' in to_xml(report)
    assert isinstance(decided(report), Withheld)  # the agreement is for what is live
    heard = heard_in(as_a_partner_has_it(report), own=NZL)
    assert heard is not None
    assert heard.statement.context == exercise
    assert node.bridge.intake.accepted == 1


@pytest.mark.parametrize("context", ["plan:pacific", "replay:1"])
def test_a_plan_is_stated_to_nobody(voice: StatementVoice, context: str) -> None:
    with pytest.raises(NotStated, match="it is no fact"):
        voice.say(replace(STATEMENT, context=Context.parse(context)), BLUE, MARKING)


def test_what_is_not_let_in_says_why(voice: StatementVoice) -> None:
    with pytest.raises(NotStated, match="no group"):
        voice.say(STATEMENT, frozenset(), MARKING)
    with pytest.raises(NotStated, match="no portion mark"):
        voice.say(STATEMENT, BLUE, "for your eyes")


def test_only_what_came_over_a_link_of_another_nation_is_a_partners_word(
    voice: StatementVoice,
) -> None:
    report = voice.report(STATEMENT, BLUE, MARKING)
    tak = Source(node=USA, channel="tak", speaker="kiwi")
    assert heard_in(replace(report, source=tak), own=NZL) is None
    assert heard_in(report, own=NZL) is None
    assert heard_in(as_a_partner_has_it(report), own=USA) is None
    assert heard_in(a_report(source=Source(node=USA, channel="partner:USA", speaker="x")),
                    own=NZL) is None  # fmt: skip


@pytest.mark.parametrize(
    "original",
    [
        None,
        Original(Form.PEER, b"\x00"),
        Original(Form.COT_XML, b"<event"),
        Original(Form.COT_XML, to_xml(a_report())),
    ],
)
def test_a_statement_that_cannot_be_read_says_so(
    voice: StatementVoice, original: Original | None
) -> None:
    report = replace(as_a_partner_has_it(voice.report(STATEMENT, BLUE, MARKING)), original=original)
    with pytest.raises(NoStatement, match="no statement of readiness"):
        heard_in(report, own=NZL)


# The non-interference test: what is hidden can be anything, and the released bytes stay the same.

texts = st.text("abcdefghijklmnopqrstuvwxyz =<&\"'", max_size=20).map(str.strip)


@st.composite
def hidden(draw: st.DrawFn) -> tuple[Row, ...]:
    """The same fleet, as far as it may be told; whatever must not be told is drawn."""
    said = Said(
        by=draw(texts) or "HQ",
        as_of=SAID.as_of - timedelta(hours=draw(st.integers(0, 500))),
        valid_until=SAID.valid_until,
        confidence=draw(st.sampled_from(Confidence)),
    )
    count = draw(st.integers(1, 3))
    base = replace(a_base(), values={**a_base().values, "name": draw(texts), "lat": "1"})
    rows = [base, a_class(name=draw(texts), cruise_kt="300")]
    for n, units in enumerate((count, 4 - count)):
        unit = f"{draw(st.sampled_from(['A', 'B']))}-{n}"
        notice = draw(st.sampled_from(["1/2/6", "3/20/23", "2/23/24"]))
        values = {"partner": "USA", "class": "MPA", "base": "NZ-OHA", "count": str(units),
                  "notice_h": notice, "name": draw(texts), "note": draw(texts)}  # fmt: skip
        rows.append(Row(sheet=Sheet.UNITS, id=unit, values=values, said=said))
        rows.append(
            Row(
                sheet=Sheet.AVAILABILITY,
                id=f"AV-{n}",
                values={
                    "unit": unit, "from": "2026-01-01T00:00:00Z", "to": "2027-01-01T00:00:00Z",
                    "state": "available", "share": draw(st.sampled_from(["0.5", "0.51", "0.58"])),
                    "reason": draw(texts),
                },
                said=said,
            )
        )  # fmt: skip
    levels = {"unit": "X", "scheme": "NZ-OPRES", "inputs": draw(texts)}
    rows.append(Row(sheet=Sheet.LEVELS, id="L", values=levels, said=said))
    return tuple(rows)


def held(rows: tuple[Row, ...]) -> Records:
    return as_it_stood(
        [e for row in rows for e in entries_of(row, entered=NOW, person="x", context=LIVE)]
    )


def leaves(rows: tuple[Row, ...]) -> bytes:
    counted = Fleet(held(rows), NOW).counted("USA", "surveillance-air")
    statement = state("surveillance-air", counted, NOW)
    voice = StatementVoice(FakeNode().bridge.intake, node=USA)
    released = decided(voice.report(statement, BLUE, MARKING))
    assert isinstance(released, Released)
    return to_xml(released.report)


USUAL = leaves(
    (
        a_base(), a_class(), a_unit("U", partner="USA", count="4"),
        Row(sheet=Sheet.AVAILABILITY, id="AV", said=SAID,
            values={"unit": "U", "from": "2026-01-01T00:00:00Z", "to": "2027-01-01T00:00:00Z",
                    "state": "available", "share": "0.5"}),
    )
)  # fmt: skip


@given(hidden())
def test_a_released_view_reveals_nothing_when_hidden_inputs_differ(rows: tuple[Row, ...]) -> None:
    assert leaves(rows) == USUAL


def test_a_released_view_does_differ_when_what_may_be_told_differs() -> None:
    rows = (a_base(), a_class(), a_unit("U", partner="USA", count="3"),
            Row(sheet=Sheet.AVAILABILITY, id="AV", said=SAID,
                values={"unit": "U", "from": "2026-01-01T00:00:00Z", "to": "2027-01-01T00:00:00Z",
                        "state": "available", "share": "0.5"}))  # fmt: skip
    assert leaves(rows) != USUAL


def test_the_released_bytes_name_no_unit_class_base_person_or_reason() -> None:
    for word in (b"MPA", b"OHA", b"HQ", b"aroha", b"reason", b"Ohakea"):
        assert word not in USUAL
