import sqlite3
from dataclasses import replace
from datetime import timedelta
from itertools import permutations
from pathlib import Path

import pytest

from accord.core.body import Position
from accord.core.context import LIVE, Context
from accord.core.geometry import Point
from accord.desks.sar.case import NoSuchCase, Overtaken, case_of
from accord.desks.sar.cases import By, Cases, Line
from accord.desks.sar.checklist import items
from accord.desks.sar.entry import Entry, Kind, NotTaken
from accord.desks.sar.facts import AskBack
from accord.desks.sar.openings import Opening, from_beacon, from_call, from_cap, from_report
from accord.desks.sar.store import CASES, CaseFault, CasesFull, CaseStore
from accord.desks.sar.units import unit_value
from accord.wire.cap.message import CapAlert, CapArea, CapCircle
from accord.wire.sit185 import message as sit185
from support.beacons import CONFIRMED
from support.builders import a_report
from support.sar import KNOWN, MOANA, NODE, NOW, a_case, some_cases

UNIT = unit_value("X", {"platform": "boat"}, NOW)
TANE = By(name="Tane", now=NOW + timedelta(minutes=5))


def test_a_case_opens_with_what_is_known_and_says_by_whom(tmp_path: Path) -> None:
    case = a_case(some_cases(tmp_path))
    assert case.id == "NZL-JFNZ-20261126-1"
    assert case.text("position") == "-36.603333,174.716667"
    assert case.number("persons", 0) == 3
    assert case.moment("time") == NOW - timedelta(hours=1)
    assert case.facts["wind"].entry.by == "Moana"
    assert case.text("lead") == NODE
    assert case.opened == NOW
    assert case.moment("nothing") is None
    assert case.number("nothing", 7.0) == 7.0


def test_names_of_cases_count_the_day(tmp_path: Path) -> None:
    cases = some_cases(tmp_path)
    names = [a_case(cases).id for _ in range(2)]
    assert names == ["NZL-JFNZ-20261126-1", "NZL-JFNZ-20261126-2"]
    assert [each.id for each in cases.store.all()] == names[::-1]


def test_a_case_with_a_wrong_fact_is_not_opened(tmp_path: Path) -> None:
    cases = some_cases(tmp_path)
    with pytest.raises(NotTaken, match="300 knots cannot be"):
        a_case(cases, wind="230/300")
    with pytest.raises(NotTaken, match="neither"):
        cases.open(from_call({}, "", Context.parse("plan:P")), MOANA)
    assert cases.store.all() == []


def test_a_second_case_of_one_beacon_and_a_time_to_come_are_to_be_looked_at(
    tmp_path: Path,
) -> None:
    cases = some_cases(tmp_path)
    beacon = "BEE46A0FA400255, 366/USA, PLB"
    first = a_case(cases, beacon=beacon)
    assert not [each for each in first.log if each.value.startswith("look at:")]
    second = a_case(cases, beacon=beacon, time="2026-11-27T02:00Z")
    assert [each.value for each in second.log if each.value.startswith("look at:")] == [
        "look at: its time, 270200Z NOV 2026, has not come yet",
        f"look at: {first.id} is open for the same beacon",
    ]
    cases.set(first.id, {"closed": "found safe"}, MOANA)
    cases.set(second.id, {"closed": "no distress"}, MOANA)
    for each in (beacon, "366/USA, EPIRB"):
        third = a_case(cases, beacon=each)
        assert not [line for line in third.log if line.value.startswith("look at:")]


AGAIN = """\
1. DISTRESS COSPAS-SARSAT ALERT
2. MSG NO 00043 AUMCC REF 400E77A1FCFFBFF
3. DETECTED AT {} 0210 UTC BY GOES 15
8. POSITIONS
   CONFIRMED - 36 40.00 S 174 50.00 E
11. HEX ID 400E77A1FCFFBFF HOMING SIGNAL 121.5
"""


def again(day: str) -> Opening:
    text = AGAIN.format(day)
    return from_beacon(sit185.read(text), text)


def test_a_further_message_of_a_beacon_goes_to_its_open_case(tmp_path: Path) -> None:
    cases = some_cases(tmp_path)
    doppler = '{"position": "-36.0,175.0", "time": "2026-11-26T01:00Z"}'
    first = a_case(cases, beacon="400E77A1FCFFBFF", **{"scenario:doppler-a": doppler})
    taken = cases.open(again("26 NOV 2026"), MOANA)
    assert taken.id == first.id
    assert len(cases.store.all()) == 1
    assert taken.text("position") == "-36.666667,174.833333"
    assert taken.moment("time") == NOW - timedelta(minutes=50)
    assert (taken.text("object"), taken.text("title")) == ("LIFE-RAFT-NB-1", "yacht Kea")
    # A confirmed position has settled which of two mirrored ones it was.
    assert taken.named("scenario:") == {}
    note = next(each for each in taken.log if each.value.startswith("a further message"))
    assert "36 40.00 S 174 50.00 E" in note.value
    assert note.at == NOW - timedelta(minutes=50)
    assert note.place == Point(lat=-36.0 - 40 / 60, lon=174.0 + 50 / 60)
    assert not taken.disputed


def test_the_same_message_again_is_noted_and_changes_nothing(tmp_path: Path) -> None:
    cases = some_cases(tmp_path)
    first = cases.open(again("26 NOV 2026"), MOANA)
    second = cases.open(again("26 NOV 2026"), MOANA)
    assert second.facts == first.facts
    assert len(second.log) == len(first.log) + 1
    a_new_one = a_case(cases, beacon="400E77A1FCFFBFF", position="")
    assert any("is open for the same beacon" in each.value for each in a_new_one.log)


def test_an_older_message_changes_no_newer_position_and_other_cases_stay_as_they_are(
    tmp_path: Path,
) -> None:
    cases = some_cases(tmp_path)
    exercise = Context.exercise("TASMAN 26")
    elsewhere = a_case(cases, exercise, beacon="400E77A1FCFFBFF")
    first = a_case(cases, beacon="400E77A1FCFFBFF")
    stands = cases.open(again("25 NOV 2026"), MOANA)
    assert stands.text("position") == "-36.603333,174.716667"
    assert any("newer than that of this message" in each.value for each in stands.log)
    assert cases.store.case(elsewhere.id) == elsewhere
    cases.set(first.id, {"closed": "found"}, MOANA)
    assert cases.open(again("26 NOV 2026"), MOANA).id not in (first.id, elsewhere.id)


def test_what_was_said_at_opening_stands_at_the_time_it_happened(tmp_path: Path) -> None:
    cases = some_cases(tmp_path)
    case = a_case(cases)  # the raft was there an hour ago
    assert {each.at for each in case.log} == {NOW - timedelta(hours=1)}
    called = replace(MOANA, at=NOW - timedelta(minutes=20))
    assert {each.at for each in a_case(cases, LIVE, called).log} == {called.at}
    assert {each.at for each in a_case(cases, time="").log} == {NOW}


def test_a_lead_is_offered_to_nodes_that_are_known_alone(tmp_path: Path) -> None:
    cases = some_cases(tmp_path)
    case = a_case(cases).id
    with pytest.raises(NotTaken, match="no node 'USB' to lead this case: known are USA"):
        cases.offer(case, "USB", MOANA)
    line = Entry(
        case=case, node="FRA", number=1, at=NOW, entered=NOW, by="FRA", kind=Kind.NOTE, value="x"
    )
    cases.store.take([line])
    assert cases.offer(case, "FRA", MOANA).text("offered") == "FRA"
    alone = Cases(tmp_path / "alone.sqlite", node=NODE, known=KNOWN, partners=tuple)
    alone.store.prepare()
    with pytest.raises(NotTaken, match="no other is known"):
        alone.offer(a_case(alone).id, NODE, MOANA)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("scenario:Z", "{}"),
        ("scenario:Z", '{"position": "-36.0,175.0", "time": "2026-11-26T02:00Z", "error": 1e9}'),
        ("scenario:Z", '{"position": "-36.0,175.0", "time": "2026-11-26T02:00Z", "weight": NaN}'),
        ("scenario:Z", '{"position": "-36.0,175.0", "time": "2026-11-26T02:00Z", "object": "X"}'),
        ("unit:X", "{}"),
        ("unit:X", UNIT.replace("15.0", "NaN")),
        ("unit:X", UNIT.replace("15.0", "0")),
        ("unit:X", UNIT.replace("null", "1e6")),
    ],
)
def test_a_unit_or_scenario_of_which_nothing_can_be_worked_out_is_not_taken(
    tmp_path: Path, name: str, value: str
) -> None:
    cases = some_cases(tmp_path)
    case = a_case(cases)
    with pytest.raises(NotTaken):
        cases.set(case.id, {name: value}, MOANA)
    assert cases.set(case.id, {"unit:X": UNIT}, MOANA).named("unit:")


@pytest.mark.parametrize(
    ("lat", "lon"), [(35.1, 139.5), (-36.6, 174.7), (35.1, -120.0), (-33.0, -71.0), (0.0, 0.0)]
)
def test_a_case_opens_from_a_track_and_an_alert_in_every_quarter_of_the_world(
    tmp_path: Path, lat: float, lon: float
) -> None:
    cases = some_cases(tmp_path)
    report = a_report("TOKYO", body=Position(point=Point(lat=lat, lon=lon)), at=NOW)
    circle = CapArea(description="x", circles=(CapCircle(centre=(lat, lon), radius=10.0),))
    alert = CapAlert(
        identifier="A1", sender="met", sent=NOW, status="Actual", kind="Alert",
        event="Capsized", areas=(circle,),
    )  # fmt: skip
    north, east = "N" if lat >= 0.0 else "S", "E" if lon >= 0.0 else "W"
    place = f"{abs(lat) // 1:02.0f} {abs(lat) % 1 * 60:04.1f}0{north}  {abs(lon) // 1:03.0f}"
    place += f" {abs(lon) % 1 * 60:04.1f}0{east}"
    text = CONFIRMED.replace("36 36.20S  174 43.00E", place)
    for opening in (from_report(report), from_cap(alert), from_beacon(sit185.read(text), text)):
        assert cases.open(opening, MOANA).text("position") == f"{lat:.6f},{lon:.6f}"


def test_a_position_that_can_mean_several_places_is_asked_back(tmp_path: Path) -> None:
    cases = some_cases(tmp_path)
    case = a_case(cases)
    with pytest.raises(AskBack, match="say which one") as raised:
        cases.set(case.id, {"position": "36 36.2 174 43.0"}, MOANA)
    assert len(raised.value.choices) == 4
    assert cases.store.case(case.id) == case


def test_two_who_change_different_facts_both_are_kept(tmp_path: Path) -> None:
    cases = some_cases(tmp_path)
    case = a_case(cases)
    before = case.facts["persons"].heads
    cases.set(case.id, {"wind": "240/22"}, TANE, seen=case.facts["wind"].heads)
    after = cases.set(case.id, {"persons": "4"}, MOANA, seen=before)
    assert (after.text("wind"), after.text("persons")) == ("240/22", "4")


def test_one_who_has_not_seen_a_change_is_told_of_it_and_nothing_is_lost(tmp_path: Path) -> None:
    cases = some_cases(tmp_path)
    case = a_case(cases)
    seen = case.facts["persons"].heads
    cases.set(case.id, {"persons": "4"}, TANE, seen=seen)
    with pytest.raises(Overtaken, match="Tane of NZL-JFNZ set it to '4'"):
        cases.set(case.id, {"persons": "5"}, MOANA, seen=seen)
    assert cases.store.case(case.id).text("persons") == "4"
    cases.set(case.id, {"persons": "5"}, MOANA)
    said = [e.value for e in cases.store.case(case.id).log if e.about == "persons"]
    assert sorted(said) == ["3", "4", "5"]


def test_the_same_again_is_no_line_and_an_empty_text_takes_back(tmp_path: Path) -> None:
    cases = some_cases(tmp_path)
    case = a_case(cases)
    assert len(cases.set(case.id, {"persons": "3"}, TANE).log) == len(case.log)
    taken_back = cases.set(case.id, {"persons": " "}, TANE)
    assert taken_back.text("persons", "none") == "none"
    again = cases.set(case.id, {"persons": "6"}, TANE)
    assert (again.text("persons"), again.disputed) == ("6", ())


def test_what_the_desk_itself_writes_is_not_set_by_hand(tmp_path: Path) -> None:
    cases = some_cases(tmp_path)
    with pytest.raises(NotTaken, match="lead: not set by hand"):
        cases.set(a_case(cases).id, {"lead": "USA"}, MOANA)


def test_the_log_takes_words_with_a_place_and_a_time(tmp_path: Path) -> None:
    cases = some_cases(tmp_path)
    case = a_case(cases)
    line = Line(kind=Kind.SIGHTING, value="red flare", place=Point(lat=-36.5, lon=174.9))
    earlier = By(name="Tane", now=NOW, at=NOW - timedelta(minutes=30))
    case = cases.log(case.id, line, earlier)
    entry = case.last(Kind.SIGHTING)
    assert entry is not None
    assert (entry.value, entry.place, entry.at) == ("red flare", line.place, earlier.at)
    assert case.last(Kind.REPORT) is None


def test_the_log_refuses_silence_books_and_the_future(tmp_path: Path) -> None:
    cases = some_cases(tmp_path)
    case = a_case(cases)
    with pytest.raises(NotTaken, match="needs words"):
        cases.log(case.id, Line(kind=Kind.NOTE, value=" "), MOANA)
    with pytest.raises(NotTaken, match="at most"):
        cases.log(case.id, Line(kind=Kind.NOTE, value="x" * 10_001), MOANA)
    later = By(name="Moana", now=NOW, at=NOW + timedelta(hours=1))
    with pytest.raises(NotTaken, match="has not come yet"):
        cases.log(case.id, Line(kind=Kind.NOTE, value="x"), later)


def test_the_checklist_grows_with_the_phase_and_is_ticked_in_the_log(tmp_path: Path) -> None:
    cases = some_cases(tmp_path)
    case = a_case(cases)
    assert "sent" in items("distress")
    assert "sent" not in items("alert")
    assert next(iter(items("uncertainty"))) == "caller"
    assert items("") == items("distress")
    ticked = cases.tick(case.id, "caller", MOANA).last(Kind.CHECK)
    assert ticked is not None
    assert ticked.about == "caller"
    with pytest.raises(NotTaken, match="not on the checklist"):
        cases.tick(case.id, "coffee", MOANA)


def fact(node: str, number: int, value: str, minute: int, *seen: str) -> Entry:
    at = NOW + timedelta(minutes=minute)
    return Entry(
        case="C", node=node, number=number, at=at, entered=at, by="x", kind=Kind.FACT,
        about="persons", value=value, seen=seen,
    )  # fmt: skip


FORK = [
    fact("NZL", 1, "3", 0),
    fact("NZL", 2, "4", 1, "NZL:1"),
    fact("USA", 1, "5", 2, "NZL:1"),
]
"""Two centres change one fact while the link between them is cut."""


def test_what_two_centres_said_unaware_of_each_other_is_shown_until_one_settles_it() -> None:
    case = case_of(FORK)
    assert case.text("persons") == "5"
    assert case.disputed == ("persons",)
    assert [each.value for each in case.facts["persons"].rivals] == ["4"]
    assert case.facts["persons"].heads == ("NZL:2", "USA:1")
    settled = case_of([*FORK, fact("NZL", 3, "4", 3, "NZL:2", "USA:1")])
    assert (settled.text("persons"), settled.disputed) == ("4", ())


def test_two_who_said_the_same_do_not_differ() -> None:
    assert case_of([*FORK[:2], replace(FORK[2], value="4")]).disputed == ()


def test_the_order_in_which_entries_come_changes_nothing() -> None:
    cases = [case_of(each) for each in permutations(FORK)]
    assert all(each == cases[0] for each in cases)


def test_entries_that_all_saw_each_other_still_make_a_fact() -> None:
    loop = [fact("NZL", 1, "3", 0, "USA:1"), fact("USA", 1, "4", 1, "NZL:1")]
    assert case_of(loop).text("persons") == "4"


def test_there_is_no_case_of_nothing(tmp_path: Path) -> None:
    with pytest.raises(NoSuchCase):
        case_of([])
    with pytest.raises(NoSuchCase, match="no case X"):
        some_cases(tmp_path).store.case("X")


def test_entries_of_others_are_taken_once_with_their_numbers(tmp_path: Path) -> None:
    cases = some_cases(tmp_path)
    assert cases.store.take(FORK) == 3
    assert cases.store.take(reversed(FORK)) == 0
    assert cases.store.case("C") == case_of(FORK)
    own = cases.set("C", {"persons": "6"}, TANE)
    assert own.facts["persons"].entry.seen == ("NZL:2", "USA:1")
    assert own.disputed == ()


def test_a_case_of_an_exercise_stays_in_it(tmp_path: Path) -> None:
    exercise = Context.exercise("TASMAN 26")
    case = a_case(some_cases(tmp_path), exercise)
    assert {each.context for each in case.log} == {exercise}
    assert case.context != LIVE


def test_nothing_in_the_file_can_be_changed_or_taken_away(tmp_path: Path) -> None:
    a_case(some_cases(tmp_path))
    file = sqlite3.connect(tmp_path / CASES)
    try:
        with pytest.raises(sqlite3.IntegrityError, match="never changed"):
            file.execute("UPDATE entry SET value = 'x'")
        with pytest.raises(sqlite3.IntegrityError, match="never forgotten"):
            file.execute("DELETE FROM entry")
    finally:
        file.close()


def test_a_full_file_takes_no_more_and_counts_what_partners_wrote(tmp_path: Path) -> None:
    cases = some_cases(tmp_path)
    case = a_case(cases)
    cases.store = CaseStore(tmp_path / CASES, most_lines=len(case.log), most_cases=1)
    with pytest.raises(CasesFull, match="1 cases"):
        a_case(cases)
    with pytest.raises(CasesFull, match="takes no more"):
        cases.set(case.id, {"persons": "9"}, MOANA)
    theirs = replace(case.log[0], node="USA")
    assert cases.store.take([theirs, replace(theirs, case="USA-1")]) == 0
    assert cases.store.full == 2


def test_a_partner_writes_into_what_is_shared_or_others_have_written_and_into_nothing_else(
    tmp_path: Path,
) -> None:
    cases = some_cases(tmp_path)
    case = a_case(cases)
    theirs = replace(case.log[0], node="USA", number=1)
    assert cases.take([theirs]) == 0
    assert cases.store.strange == 1
    assert cases.store.case(case.id) == case
    cases.share(case.id, '{"groups": ["Blue"], "marking": ""}', MOANA)
    assert cases.take([theirs]) == 1
    assert cases.take([replace(theirs, case="USA-1"), replace(theirs, case="USA-1", number=2)]) == 2
    assert cases.take([replace(theirs, case="USA-1", node="FRA")]) == 1
    assert cases.store.strange == 1


def test_a_new_case_never_takes_a_name_that_a_partner_has_given(tmp_path: Path) -> None:
    cases = some_cases(tmp_path)
    first = a_case(cases)
    taken = replace(first.log[0], node="USA", number=1, case=f"{NODE}-20261126-3")
    assert cases.take([taken]) == 1
    made = a_case(cases)
    assert made.id == f"{NODE}-20261126-4"
    assert {each.node for each in made.log} == {NODE}


def test_a_file_that_is_none_says_so(tmp_path: Path) -> None:
    (tmp_path / CASES).write_text("no database at all, but longer than a header " * 9)
    store = CaseStore(tmp_path / CASES)
    with pytest.raises(CaseFault, match=r"the cases .*sar\.sqlite"):
        store.prepare()
    with pytest.raises(CaseFault):
        store.all()
    with pytest.raises(CaseFault):
        CaseStore(tmp_path / "other").mark()


def test_the_mark_of_the_file_differs_after_a_change(tmp_path: Path) -> None:
    cases = some_cases(tmp_path)
    before = cases.store.mark()
    assert cases.store.mark() == before
    a_case(cases)
    assert cases.store.mark() != before
