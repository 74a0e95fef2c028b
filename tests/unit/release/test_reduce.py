from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from accord.core.agreement import Reason
from accord.core.body import Alarm, Body, Message, Opaque, Position, Removal, Shape
from accord.core.context import Context
from accord.core.form import EVERYTHING, Kept, ReleaseForm
from accord.core.geometry import Circle, Point, Polyline
from accord.core.identity import Identity
from accord.core.kind import Kind
from accord.core.label import Label
from accord.core.marking import Marking, Opex
from accord.core.report import Address, AddressKind, Doubt, Form, Original, Report, Source
from accord.release.cadence import Cadence
from accord.release.reduce import RELEASED, reduce
from accord.release.secret import pseudonym
from support.builders import a_point, a_report
from support.clock import START
from support.forms import (
    EXACT,
    GRID,
    KEY,
    LATE,
    MILE,
    NAMELESS,
    OTHER_KEY,
    PRESENCE,
    QUIET,
    TEN_MINUTES,
    WORDS,
    reduced,
    refusal,
)

WHO = Identity(
    mmsi="512000001", imo="9074729", icao="c87f01", callsign="ZMAB", name="KEA", nation="NZL"
)
MOVING = Position(
    point=a_point(hae=3.0, circular_error=10.0, linear_error=4.0), course=45.0, speed=7.7, climb=0.1
)
LABEL = Label(
    policy="NZL",
    level="RESTRICTED",
    originator="NZL",
    releasable_to=frozenset({"NZL", "USA"}),
    created=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
    review=datetime(2036, 1, 2, 3, 4, 5, tzinfo=UTC),
)
AS_THE_LABEL = Marking(access="NZL RESTRICTED", releasable_to="NZL, USA")
A_LINE = Polyline(points=(a_point(), a_point(lat=-40.0)))


def a_full_report(body: Body = MOVING, **changes: Any) -> Report:
    values: dict[str, Any] = {
        "uid": "U1",
        "kind": Kind.of("a-f-S-C-L-F-F"),
        "how": "m-g-d",
        "body": body,
        "identity": WHO,
        "marking": Marking(access="R", releasable_to="NZL, USA"),
        "source": Source(node="NZL", channel="feed:radar", speaker="op", hops=("AUS",)),
        "groups": frozenset({"Blue"}),
        "author": "U1",
        "doubts": frozenset({Doubt.JUMP}),
        "label": LABEL,
        "original": Original(Form.COT_XML, b"<event/>"),
    }
    return a_report(**(values | changes))


def test_exact_is_the_report_as_it_is() -> None:
    report = a_full_report()
    assert reduced(report, EXACT) is report


def test_everything_but_exact_drops_the_original_and_nothing_else_when_nothing_is_stripped() -> (
    None
):
    report = a_full_report(to=frozenset({Address(AddressKind.UID, "U2")}))
    assert reduced(report, WORDS) == replace(
        report, original=None, received=report.time, doubts=frozenset(), marking=AS_THE_LABEL
    )


def test_every_field_of_a_report_is_named_where_it_is_reduced() -> None:
    # One that a report gets later would be left at its default; then this list is to be thought of.
    assert {field.name for field in fields(Report)} == {
        *("uid", "context", "kind", "how", "time", "start", "stale", "received", "body"),
        *("identity", "marking", "source", "groups", "to", "author", "doubts", "label", "original"),
    }


def test_a_nameless_form_keeps_nothing_that_it_does_not_say() -> None:
    given = reduced(a_full_report(), NAMELESS)
    name = pseudonym(KEY, given.context, "U1")
    assert isinstance(given.body, Position)
    assert given.body.point is not None
    assert given == a_report(
        name,
        kind=Kind.of("a-f-S"),
        how="m",
        time=datetime(2026, 1, 2, 3, 0, tzinfo=UTC),
        start=datetime(2026, 1, 2, 3, 0, tzinfo=UTC),
        received=datetime(2026, 1, 2, 3, 0, tzinfo=UTC),
        stale=datetime(2026, 1, 2, 3, 30, tzinfo=UTC),
        body=Position(
            point=Point(
                lat=given.body.point.lat, lon=given.body.point.lon, circular_error=1.5 * MILE
            )
        ),
        identity=Identity(),
        marking=AS_THE_LABEL,
        source=RELEASED,
        groups=frozenset(),
        author=name,
        doubts=frozenset(),
        label=replace(
            LABEL,
            created=datetime(2026, 1, 2, tzinfo=UTC),
            review=datetime(2036, 1, 2, tzinfo=UTC),
        ),
    )


@pytest.mark.parametrize(
    ("kept", "field", "value", "without"),
    [
        (Kept.TYPE_DETAIL, "kind", Kind.of("a-f-S-C-L-F-F"), Kind.of("a-f-S")),
        (Kept.HOW, "how", "m-g-d", "m"),
        (Kept.NATION, "identity", Identity(nation="NZL"), Identity()),
        (Kept.GROUPS, "groups", frozenset({"Blue"}), frozenset[str]()),
        (Kept.SOURCE, "source", a_full_report().source, RELEASED),
        (Kept.TIME, "time", START, datetime(2026, 1, 2, 3, 0, tzinfo=UTC)),
        (Kept.TIME, "start", START, datetime(2026, 1, 2, 3, 0, tzinfo=UTC)),
        (Kept.TIME, "label", LABEL, replace(
            LABEL,
            created=datetime(2026, 1, 2, tzinfo=UTC),
            review=datetime(2036, 1, 2, tzinfo=UTC),
        )),
        (Kept.COURSE, "body", Position(point=a_point(circular_error=10.0), course=45.0), None),
        (Kept.SPEED, "body", Position(point=a_point(circular_error=10.0), speed=7.7), None),
        (Kept.CLIMB, "body", Position(point=a_point(circular_error=10.0), climb=0.1), None),
        (Kept.HEIGHT, "body", Position(point=MOVING.point), None),
    ],
)  # fmt: skip
def test_each_field_is_there_when_it_is_kept_and_only_then(
    kept: Kept, field: str, value: object, without: object
) -> None:
    bare = replace(QUIET, keep=frozenset())
    if kept is Kept.SOURCE:
        bare = replace(bare, identity=WORDS.identity, keep=frozenset(map(Kept, REGISTERED_WORDS)))
    report = a_full_report()
    assert getattr(reduced(report, replace(bare, keep=bare.keep | {kept})), field) == value
    if without is not None:
        assert getattr(reduced(report, bare), field) == without
    else:
        assert getattr(reduced(report, bare), field) == Position(point=a_point(circular_error=10.0))


REGISTERED_WORDS = ("mmsi", "imo", "icao")


@pytest.mark.parametrize("name", ["callsign", "name", "nation"])
def test_each_name_is_there_when_it_is_kept_and_only_then(name: str) -> None:
    some = frozenset(map(Kept, REGISTERED_WORDS))
    form = replace(WORDS, keep=some | {Kept.TIME, Kept(name)})
    numbers = {word: getattr(WHO, word) for word in REGISTERED_WORDS}
    assert reduced(a_full_report(), form).identity == Identity(
        **numbers, **{name: getattr(WHO, name)}
    )


@pytest.mark.parametrize("number", REGISTERED_WORDS)
def test_numbers_go_with_the_uid(number: str) -> None:
    assert getattr(reduced(a_full_report(), GRID).identity, number) == getattr(WHO, number)
    assert getattr(reduced(a_full_report(), NAMELESS).identity, number) is None


@pytest.mark.parametrize(
    ("given", "sort"),
    [
        ("a-h-A-M-F-Q-r", "a-h-A"),
        ("a-u-G", "a-u-G"),
        ("b-a-o-tbl", "b-a-o"),
        ("b-a-o-can", "b-a-o-can"),
        ("b-m-p-w-GOTO", "b-m-p"),
        ("u-rb-a", "u-rb-a"),
    ],
)
def test_only_the_sort_is_left_of_a_type(given: str, sort: str) -> None:
    assert reduced(a_full_report(kind=Kind.of(given)), NAMELESS).kind.text == sort


@pytest.mark.parametrize("text", ["a-f", "a-secret-S", "a-f-secret", "x-secret", "", "a"])
def test_a_type_of_no_known_sort_is_not_released_where_types_are_stripped(text: str) -> None:
    assert refusal(a_full_report(kind=Kind.of(text)), NAMELESS) is Reason.NOT_REDUCIBLE
    assert reduced(a_full_report(kind=Kind.of(text)), GRID).kind.text == text


@pytest.mark.parametrize(("how", "hand"), [("h-g-i-g-o", "h"), ("h", "h"), ("hx", "m"), ("", "m")])
def test_how_says_only_whether_a_person_gave_it(how: str, hand: str) -> None:
    assert reduced(a_full_report(how=how), NAMELESS).how == hand


def test_a_directed_report_is_released_only_with_its_addressees() -> None:
    report = a_full_report(to=frozenset({Address(AddressKind.CALLSIGN, "KEA")}))
    assert reduced(report, GRID).to == report.to
    assert refusal(report, NAMELESS) is Reason.NOT_REDUCIBLE


# Times


@pytest.mark.parametrize("second", [0, 1, 599])
def test_times_are_those_of_the_last_whole_cadence(second: int) -> None:
    whole = datetime(2026, 1, 2, 3, 10, tzinfo=UTC)
    report = a_full_report()
    report = replace(report, time=whole + timedelta(seconds=second), start=START)
    given = reduced(report, NAMELESS, at=whole + timedelta(hours=1))
    assert given.time == given.start == given.received == whole


def test_a_rounded_report_is_valid_till_the_next_and_as_long_as_it_was() -> None:
    given = reduced(a_full_report(), NAMELESS)
    assert given.stale == given.time + 3 * TEN_MINUTES
    long = reduced(a_full_report(stale=START + timedelta(hours=30)), NAMELESS)
    assert long.stale == datetime(2026, 1, 3, 9, 0, tzinfo=UTC)


def test_a_late_report_is_still_valid_when_it_comes() -> None:
    at = START + timedelta(minutes=31)
    given = reduced(a_full_report(), LATE, at=at)
    assert given.time == datetime(2026, 1, 2, 3, tzinfo=UTC)
    assert given.stale > at


def test_a_time_to_come_is_not_released_as_such() -> None:
    given = reduced(a_full_report(time=START + timedelta(days=9)), NAMELESS, at=START)
    assert given.time == datetime(2026, 1, 2, 3, 0, tzinfo=UTC)


@pytest.mark.parametrize("year", [1, 9999])
def test_no_time_is_too_odd_to_round(year: int) -> None:
    odd = datetime(year, 1, 1, 0, 0, 1, tzinfo=UTC)
    assert reduced(a_full_report(time=odd, stale=odd), NAMELESS, at=START).time <= START


def test_a_report_younger_than_the_form_allows_waits() -> None:
    report = a_full_report()
    assert refusal(report, LATE, at=START + timedelta(minutes=29, seconds=59)) is Reason.TOO_YOUNG
    reduced(report, LATE, at=START + timedelta(minutes=30))


def test_a_clock_that_is_behind_makes_nothing_older() -> None:
    report = a_full_report(time=START - timedelta(hours=2), received=START)
    assert refusal(report, LATE, at=START + timedelta(minutes=29)) is Reason.TOO_YOUNG


def test_an_exact_form_can_be_late_as_well() -> None:
    late = replace(EXACT, min_age=timedelta(minutes=30))
    assert refusal(a_full_report(), late) is Reason.TOO_YOUNG


# Cadence


def times_released(body: Body, form: ReleaseForm = GRID, *, step: int = 60) -> list[int]:
    """Return the minutes of an hour in which one a minute of such reports was released."""
    memory, released = Cadence(limit=10), list[int]()
    for second in range(0, 3600, step):
        at = START + timedelta(seconds=second)
        report = a_full_report(body, time=at, received=at)
        if isinstance(reduce(report, form, partner_key=KEY, at=at, memory=memory), Report):
            released.append(second // 60)
    return released


@pytest.mark.parametrize(
    "body",
    [
        MOVING,
        Position(point=None),
        Shape(outline=A_LINE),
        Alarm(category="911", point=a_point()),
    ],
)
def test_positions_shapes_and_calls_for_help_hold_to_the_cadence(body: Body) -> None:
    assert times_released(body) == [0, 10, 20, 30, 40, 50]


def test_exact_holds_to_a_cadence_too() -> None:
    assert times_released(MOVING, replace(EXACT, cadence=TEN_MINUTES)) == [0, 10, 20, 30, 40, 50]
    assert len(times_released(MOVING, EXACT)) == 60


@pytest.mark.parametrize(
    "body", [Removal(target="U1"), Alarm(category="911", point=a_point(), cancels=True)]
)
def test_what_ends_something_does_not_wait(body: Body) -> None:
    assert len(times_released(body)) == 60


def test_words_do_not_wait() -> None:
    seldom = replace(WORDS, cadence=TEN_MINUTES)
    assert len(times_released(Message(text="hello", sender="KEA", room="All"), seldom)) == 60


def test_a_full_memory_makes_the_next_object_wait() -> None:
    memory = Cadence(limit=0)
    result = reduce(a_full_report(), GRID, partner_key=KEY, at=START, memory=memory)
    assert result is Reason.NOT_DUE
    assert memory.refused == 1


def test_partners_forms_contexts_and_objects_wait_each_for_itself() -> None:
    memory = Cadence(limit=10)
    report = a_full_report()

    def take(report: Report = report, form: ReleaseForm = GRID, key: bytes = KEY) -> bool:
        result = reduce(report, form, partner_key=key, at=START, memory=memory)
        return isinstance(result, Report)

    different: list[dict[str, Any]] = [
        {},
        {"key": OTHER_KEY},
        {"form": NAMELESS},
        {"report": replace(report, uid="U2")},
        {"report": replace(report, context=Context.exercise("TASMAN"))},
        {"report": replace(report, body=Alarm(category="911"))},
    ]
    assert [take(**one) for one in different] == [True] * 6
    assert [take(**one) for one in different] == [False] * 6


def test_what_cannot_be_reduced_uses_up_no_turn() -> None:
    memory = Cadence(limit=10)
    bad = a_full_report(Position(point=a_point(circular_error=float("inf"))))
    arguments: dict[str, Any] = {"partner_key": KEY, "at": START, "memory": memory}
    assert reduce(bad, GRID, **arguments) is Reason.NOT_REDUCIBLE
    assert isinstance(reduce(a_full_report(), GRID, **arguments), Report)


# Names


def test_two_partners_are_given_different_names_and_places() -> None:
    one, other = (reduced(a_full_report(), NAMELESS, key=key) for key in (KEY, OTHER_KEY))
    assert one.uid != other.uid
    places = {
        key: [
            reduced(a_full_report(MOVING, uid=f"U{n}", author=None), NAMELESS, key=key).body
            for n in range(20)
        ]
        for key in (KEY, OTHER_KEY)
    }
    same = sum(a == b for a, b in zip(places[KEY], places[OTHER_KEY], strict=True))
    assert same < 10


def test_a_removal_takes_away_what_was_released_under_the_pseudonym() -> None:
    track = reduced(a_full_report(), NAMELESS)
    gone = reduced(a_full_report(Removal(target="U1"), kind=Kind.of("t-x-d-d")), NAMELESS)
    assert gone.body == Removal(target=track.uid)
    assert reduced(a_full_report(Removal(target="U1")), GRID).body == Removal(target="U1")


# Bodies


def test_presence_tells_of_a_thing_and_not_where() -> None:
    assert reduced(a_full_report(), PRESENCE).body == Position(point=None)
    alarm = a_full_report(Alarm(category="911 Alert", point=a_point()), kind=Kind.of("b-a-o-tbl"))
    assert reduced(alarm, PRESENCE).body == Alarm(category="b-a-o", point=None)


@pytest.mark.parametrize(
    ("body", "form"),
    [
        (Opaque(), GRID),
        (Opaque(), WORDS),
        (Message(text="at 41 17 S", sender="KEA", room="All"), GRID),
        (Message(text="at 41 17 S", sender="KEA", room="All"), PRESENCE),
        (Shape(outline=A_LINE), PRESENCE),
        (Shape(outline=Polyline(points=(a_point(), a_point()))), GRID),
        (Shape(outline=A_LINE, anchor=a_point(circular_error=float("inf"))), GRID),
        (Position(point=a_point(circular_error=float("inf"))), GRID),
        (Alarm(category="911", point=a_point(circular_error=float("inf"))), GRID),
    ],
)
def test_what_cannot_be_put_into_a_form_is_not_released_in_it(
    body: Body, form: ReleaseForm
) -> None:
    assert refusal(a_full_report(body), form) is Reason.NOT_REDUCIBLE


def test_a_position_that_is_not_known_stays_so() -> None:
    assert reduced(a_full_report(Position(point=None)), GRID).body == Position(point=None)
    assert reduced(a_full_report(Alarm(category="911")), GRID).body == Alarm(category="911")


def test_an_alarm_keeps_its_category_with_the_type_and_its_end() -> None:
    alarm = a_full_report(Alarm(category="911 Alert", cancels=True), kind=Kind.of("b-a-o-can"))
    assert reduced(alarm, GRID).body == Alarm(category="911 Alert", cancels=True)
    assert reduced(alarm, NAMELESS).body == Alarm(category="b-a-o-can", cancels=True)


def test_a_call_for_help_is_shifted_as_its_caller_is() -> None:
    caller = reduced(a_full_report(uid="U1", author=None), NAMELESS)
    call = a_full_report(Alarm(category="911", point=MOVING.point), uid="U1-9-1-1", author="U1")
    assert isinstance(caller.body, Position)
    assert reduced(replace(call, kind=Kind.of("b-a-o")), NAMELESS).body == Alarm(
        category="b-a-o", point=caller.body.point
    )


def test_the_words_of_a_message_are_kept_and_the_sender_with_the_callsign() -> None:
    words = Message(text="hello", sender="KEA", room="All")
    unnamed = replace(WORDS, keep=EVERYTHING - {Kept.CALLSIGN})
    assert reduced(a_full_report(words), WORDS).body == words
    assert reduced(a_full_report(words), unnamed).body == replace(words, sender="")


def test_a_shape_is_drawn_on_the_grid_with_its_anchor() -> None:
    given = reduced(a_full_report(Shape(outline=A_LINE, anchor=a_point())), GRID).body
    assert isinstance(given, Shape)
    assert isinstance(given.outline, Polyline)
    assert given.anchor == given.outline.points[0]
    circle = reduced(a_full_report(Shape(outline=Circle(centre=a_point(), radius=5.0))), GRID).body
    assert isinstance(circle, Shape)
    assert circle.anchor is None
    assert circle.outline == Circle(centre=given.outline.points[0], radius=MILE)


def test_a_label_that_is_not_there_is_not_made_up() -> None:
    assert reduced(a_full_report(label=None), NAMELESS).label is None
    dateless = replace(LABEL, created=None, review=None)
    assert reduced(a_full_report(label=dateless), NAMELESS).label == dateless


# Marks


@pytest.mark.parametrize(
    ("label", "marking"),
    [
        (LABEL, AS_THE_LABEL),
        (
            Label(policy="NATO", level="TOP SECRET", originator="NZL", by_default=True),
            Marking(access="COSMIC TOP SECRET", by_default=True),
        ),
        (
            replace(LABEL, compartments=frozenset({"SI"}), caveats=frozenset({"ORCON"})),
            replace(AS_THE_LABEL, caveat="ORCON/SI"),
        ),
        (None, Marking()),
    ],
)
def test_of_the_marks_only_what_the_label_understood_is_left(
    label: Label | None, marking: Marking
) -> None:
    given = Marking(access="ask for RUSTY", caveat="from a source in Suva", releasable_to="him")
    assert reduced(a_full_report(label=label, marking=given), NAMELESS).marking == marking


def test_the_exercise_stays_in_the_marks() -> None:
    opex = Opex.parse("e-TASMAN")
    report = a_full_report(marking=Marking(access="R", opex=opex))
    assert reduced(report, NAMELESS).marking == replace(AS_THE_LABEL, opex=opex)


def test_the_end_of_a_call_for_help_tells_no_place() -> None:
    ended = Alarm(category="b-a-o-can", point=a_point(circular_error=5.0), cancels=True)
    for form in (GRID, WORDS):
        given = reduced(a_full_report(ended, kind=Kind.of("b-a-o-can")), form)
        assert given.body == replace(ended, point=None)
