"""The one decision: what is around the clauses, which are tested with the agreements."""

import ast
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import accord
from accord.core.agreement import Reason, Situation, Withheld
from accord.core.body import Opaque, Position
from accord.core.context import Context
from accord.core.geometry import Point
from accord.core.kind import Kind
from accord.core.label import Label
from accord.core.marking import Opex
from accord.core.report import Form, Original, Report, Source
from accord.release import decide as decide_alone
from accord.release.cadence import Cadence
from accord.release.compile import NOBODY, Choice
from accord.release.decide import CHECKED, Released, Towards, decide, is_checked
from accord.release.facts import Facts
from accord.release.loaded import Loaded
from accord.release.reference import Reference
from accord.release.signature import InForce, in_force
from support.agreements import NZL, USA, example, example_in_force, signatures
from support.builders import a_report

AT = datetime(2026, 12, 1, 6, tzinfo=UTC)
KEY = b"0123456789abcdef"
SITUATION = Situation(own=USA, partner=NZL, synchronised=True)
LABEL = Label(
    policy="USA", level="UNCLASSIFIED", originator="USA", releasable_to=frozenset({"NZL"})
)
EXACT, LATE = 0, 2
PERMITTED_BY = 5
"""Where clause 1 stands among the rules."""


def a_frigate(**changes: object) -> Report:
    report = a_report(
        "FRIGATE",
        at=AT,
        kind=Kind.of("a-f-S-C"),
        body=Position(point=Point(lat=-29.2, lon=-177.9, circular_error=50.0), course=90.0),
        source=Source(node=USA, channel="feed:radar", speaker="radar"),
        label=LABEL,
        original=Original(Form.AIS, b"!AIVDM"),
    )
    return replace(report, **changes)  # pyright: ignore[reportArgumentType]  a test says what it means


def towards(situation: Situation = SITUATION, *, check: bool = False) -> Towards:
    return Towards(situation=situation, key=KEY, memory=Cadence(limit=10), check=check)


def _decide(
    report: Report, agreed: InForce | None = None, at: datetime = AT, **changes: object
) -> Released | Withheld:
    situation = replace(SITUATION, **changes)  # pyright: ignore[reportArgumentType]
    return decide(report, agreed or example_in_force(), at, towards=towards(situation))


def test_what_a_clause_permits_leaves_as_it_is() -> None:
    report = a_frigate()
    released = _decide(report)
    assert isinstance(released, Released)
    assert released.report == report
    assert (released.form.name, released.clause) == ("exact", "1")
    assert (released.agreement, released.serial, released.partner) == (
        "EXAMPLE-USA-NZL-MARITIME", 1, NZL,
    )  # fmt: skip


def test_a_coarser_form_never_carries_the_original_bytes_or_the_name() -> None:
    aircraft = a_frigate(kind=Kind.of("a-f-A-M-F"))
    released = _decide(aircraft)
    assert isinstance(released, Released)
    assert (released.form.name, released.clause) == ("grid-1nm", "2")
    assert released.report.original is None
    assert "FRIGATE" not in released.report.uid


def test_what_is_not_due_is_withheld() -> None:
    aircraft, to = a_frigate(kind=Kind.of("a-f-A-M-F")), towards()
    agreed = example_in_force()
    assert isinstance(decide(aircraft, agreed, AT, towards=to), Released)
    again = decide(aircraft, agreed, AT + timedelta(minutes=5), towards=to)
    assert again == Withheld(reason=Reason.NOT_DUE, clause="2")
    later = replace(aircraft, time=AT + timedelta(minutes=10), received=AT + timedelta(minutes=10))
    assert isinstance(decide(later, agreed, AT + timedelta(minutes=10), towards=to), Released)


def test_a_withheld_report_says_why_and_by_which_clause() -> None:
    assert _decide(a_frigate(label=None)) == Withheld(reason=Reason.FORBIDDEN, clause="0.2")
    off_guam = Position(point=Point(lat=13.4, lon=144.6, circular_error=50.0))
    assert _decide(a_frigate(body=off_guam)) == Withheld(reason=Reason.NOT_PERMITTED)
    assert _decide(a_frigate(), partner=USA) == Withheld(reason=Reason.NOT_PARTY)


class _Everything:
    """In place of the compiled clauses: one that lets everything out, as a fault there might."""

    def __init__(self, form: int = EXACT) -> None:
        self._form = form

    def __call__(self, _facts: Facts) -> Choice:
        return self._form, PERMITTED_BY


def _faulty(form: int = EXACT) -> InForce:
    loaded = example()
    faulty = replace(loaded, chooses={NZL: _Everything(form)})
    return in_force(faulty, signatures(loaded.agreement))


def test_the_faulty_clauses_let_out_what_is_in_order() -> None:
    assert isinstance(_decide(a_frigate(), _faulty()), Released)


@pytest.mark.parametrize(
    ("report", "reason"),
    [
        (a_frigate(label=None), Reason.UNMARKED),
        (a_frigate(label=replace(LABEL, releasable_to=frozenset({"AUS"}))), Reason.UNMARKED),
        (a_frigate(label=replace(LABEL, level="TOP SECRET")), Reason.LEVEL),
        (a_frigate(context=Context.exercise("TASMAN 26")), Reason.CONTEXT),
        (a_frigate(label=replace(LABEL, opex=Opex.parse("e-TASMAN 26"))), Reason.CONTEXT),
        (a_frigate(label=replace(LABEL, originator="AUS")), Reason.NOT_GRANTED),
        (a_frigate(source=Source(node="AUS-HQ", channel="tak", speaker="")), Reason.NOT_GRANTED),
        (
            a_frigate(source=Source(node=USA, channel="tak", speaker="", hops=("AUS-HQ",))),
            Reason.NOT_GRANTED,
        ),
    ],
)
def test_a_fault_in_the_clauses_lets_nothing_out_that_no_agreement_may(
    report: Report, reason: Reason
) -> None:
    assert _decide(report, _faulty()) == Withheld(reason=reason, clause="1")


def test_what_is_marked_as_an_operation_is_live() -> None:
    marked = a_frigate(label=replace(LABEL, opex=Opex.parse("o-GUARD")))
    assert isinstance(_decide(marked, _faulty()), Released)


@pytest.mark.parametrize(
    "at", [datetime(2026, 10, 31, 23, 59, 59, tzinfo=UTC), datetime(2027, 11, 1, tzinfo=UTC)]
)
def test_a_fault_in_the_clauses_lets_nothing_out_beyond_the_validity(at: datetime) -> None:
    assert _decide(a_frigate(), _faulty(), at) == Withheld(reason=Reason.NOT_IN_FORCE, clause="1")


def test_the_first_moment_counts() -> None:
    begins = example().agreement.since
    assert isinstance(_decide(a_frigate(time=begins), _faulty(), begins), Released)


def test_a_fault_in_the_clauses_lets_nothing_out_while_the_clock_is_in_doubt() -> None:
    said = _decide(a_frigate(), _faulty(), synchronised=False)
    assert said == Withheld(reason=Reason.CLOCK, clause="1")


def test_what_its_originator_granted_goes_on() -> None:
    report = a_frigate(label=replace(LABEL, originator="AUS"))
    granted = {"AUS": frozenset({"NZL"})}
    assert isinstance(_decide(report, _faulty(), onward=granted), Released)
    elsewhere = {"AUS": frozenset({"FJI"}), "USA": frozenset({"NZL"})}
    assert _decide(report, _faulty(), onward=elsewhere) == Withheld(
        reason=Reason.NOT_GRANTED, clause="1"
    )


def test_what_has_no_such_form_is_withheld() -> None:
    report = a_frigate(
        body=Opaque(), time=AT - timedelta(hours=1), received=AT - timedelta(hours=1)
    )
    said = _decide(report, _faulty(LATE))
    assert said == Withheld(reason=Reason.NOT_REDUCIBLE, clause="1")


def test_what_came_out_in_another_form_is_withheld(monkeypatch: pytest.MonkeyPatch) -> None:
    def unchanged(report: Report, *_: object, **__: object) -> Report:
        return report

    monkeypatch.setattr(sys.modules["accord.release.decide"], "reduce", unchanged)
    said = _decide(a_frigate(kind=Kind.of("a-f-A-M-F")))
    assert said == Withheld(reason=Reason.NOT_REDUCIBLE, clause="2")


def test_checked_by_cedar_the_same_leaves() -> None:
    to, agreed = towards(check=True), example_in_force()
    assert isinstance(decide(a_frigate(), agreed, AT, towards=to), Released)
    withheld = decide(a_frigate(label=None), agreed, AT, towards=to)
    assert withheld == Withheld(reason=Reason.FORBIDDEN, clause="0.2")


def test_what_runs_to_nobody_is_nothing_to_check() -> None:
    to = towards(replace(SITUATION, partner="AUS-HQ"), check=True)
    assert decide(a_frigate(), example_in_force(), AT, towards=to) == Withheld(
        reason=Reason.NOT_PARTY
    )


def test_when_cedar_says_otherwise_nothing_leaves() -> None:
    aircraft = a_frigate(kind=Kind.of("a-h-A-M-F"))
    said = decide(aircraft, _faulty(), AT, towards=towards(check=True))
    assert said == Withheld(reason=Reason.DISAGREES, clause="1")


def _nothing(_facts: Facts) -> Choice:
    return NOBODY, NOBODY


def test_when_cedar_would_release_and_we_would_not_it_is_a_difference_too() -> None:
    loaded = example()
    shut = replace(loaded, chooses={NZL: _nothing})
    agreed = in_force(shut, signatures(loaded.agreement))
    said = decide(a_frigate(), agreed, AT, towards=towards(check=True))
    assert said == Withheld(reason=Reason.DISAGREES)


def test_about_one_in_a_hundred_is_checked_and_which_depends_on_the_salt() -> None:
    reports = [a_frigate(uid=f"U{number}") for number in range(20_000)]
    chosen = [report.uid for report in reports if is_checked(report, b"salt")]
    assert 150 < len(chosen) < 250
    assert CHECKED == 100
    assert chosen == [report.uid for report in reports if is_checked(report, b"salt")]
    assert chosen != [report.uid for report in reports if is_checked(report, b"pepper")]


def test_nothing_else_makes_a_released() -> None:
    released = _decide(a_frigate())
    assert isinstance(released, Released)
    with pytest.raises(TypeError, match=r"only .* releases"):
        replace(released, report=a_frigate(label=None))
    with pytest.raises(TypeError, match=r"only .* releases"):
        replace(released)
    with pytest.raises(TypeError, match=r"only .* releases"):
        Released(
            report=released.report, form=released.form, clause="1", agreement="", serial=1,
            partner=NZL,
        )  # fmt: skip


def test_no_other_file_says_released() -> None:
    """Nobody else may make one, or ask for its token."""
    makers: list[str] = []
    for path in Path(accord.__path__[0]).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            called = node.func if isinstance(node, ast.Call) else None
            if isinstance(called, ast.Name) and called.id == "Released":
                makers.append(path.name)
    assert makers == ["decide.py"]


def test_decide_is_a_library_function() -> None:
    assert decide_alone is decide
    assert isinstance(example(), Loaded)
    assert isinstance(example().reference, Reference)
