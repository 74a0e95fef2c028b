from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256

import pytest

from accord.core.body import Position
from accord.core.context import LIVE
from accord.core.form import ReleaseForm
from accord.core.geometry import Point
from accord.core.report import Report, Source
from accord.federation import rebuild
from accord.federation.rebuild import Rebuild, Wanted
from accord.release.ledger.entry import Entry, Release
from accord.wire.peer.plain import content_bytes
from accord.wire.peer.protocol import Version
from accord.wire.peer.report import Grant
from accord.wire.peer.translate import Leave, milliseconds, to_peer_report
from support.released import GIVER, RECEIVER, SIX, GivingNode, after, heard

SHIP = [heard("SHIP-1", seconds, at=(-17.9, 178.0 + seconds / 1000)) for seconds in (0, 10, 20)]
CARS = [
    heard("CAR-1", seconds, kind="a-f-G-E-V", at=(-17.5, 178.0 + seconds / 1000))
    for seconds in (100, 200, 300)
]

Want = Callable[..., Wanted]


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> GivingNode:
    return GivingNode.make(tmp_path_factory.mktemp("rebuild"))


@pytest.fixture
def want(node: GivingNode) -> Want:
    """The line of a release that was decided some seconds after six."""

    def wanted(report: Report, seconds: float, number: int = 1, **changes: object) -> Wanted:
        release = replace(node.release(report, after(seconds)), **changes)  # type: ignore[arg-type]
        return Wanted(
            entry=Entry(number, after(seconds), RECEIVER, release),
            release=release,
            form=form_of(node, release),
        )

    return wanted


def form_of(node: GivingNode, release: Release) -> ReleaseForm:
    return node.agreement.loaded.agreement.form(release.form)


def searched(node: GivingNode, wanted: Sequence[Wanted], reports: Sequence[Report]) -> Rebuild:
    """Show these reports, the last first."""
    looking = Rebuild(wanted, own=GIVER, key=node.key)
    for report in reversed(reports):
        where = report.uid, report.context, report.received, report.source.node
        for each in list(looking.lines_for(*where)):
            looking.look(each, report)
    return looking


def place(report: Report) -> Point | None:
    assert isinstance(report.body, Position)
    return report.body.point


def test_of_several_reports_the_one_that_went_is_found(node: GivingNode, want: Want) -> None:
    found = searched(node, [want(SHIP[1], 12, number=4)], SHIP)
    assert found.is_done
    assert place(found.found[4]) == Point(lat=-17.9, lon=178.01, hae=0.0, circular_error=50.0)


def test_it_is_shown_rounded_as_the_wire_is(node: GivingNode) -> None:
    """Courses to a tenth of a degree, speeds to a centimetre a second (peer-protocol.md)."""
    body = replace(SHIP[1].body, course=45.67, speed=7.71667)
    ship = replace(SHIP[1], body=body)
    for as_record in (False, True):
        release = node.release(ship, after(12), as_record=as_record)
        entry = Entry(1, after(12), RECEIVER, release)
        wanted = Wanted(entry=entry, release=release, form=form_of(node, release))
        found = searched(node, [wanted], [ship]).found[1].body
        assert isinstance(found, Position)
        assert (found.course, found.speed) == (45.7, 7.72)


def test_what_went_under_another_name_is_found_by_the_secret(node: GivingNode, want: Want) -> None:
    wanted = want(CARS[1], 400)
    assert wanted.release.name.startswith("P-")
    found = searched(node, [wanted], CARS).found[1]
    assert found.uid == wanted.release.name
    assert place(found) == Point(lat=-17.5, lon=178.2, circular_error=50.0)
    assert found.time == SIX  # the ten minutes that it was rounded to
    other = Rebuild([want(CARS[1], 400)], own=GIVER, key=b"another secret that is not theirs")
    assert list(other.lines_for("CAR-1", LIVE, after(200), GIVER)) == []


def test_both_kinds_of_payload_are_known_a_record_and_an_update(
    node: GivingNode, want: Want
) -> None:
    record = node.release(SHIP[1], after(12), as_record=True)
    update = node.release(SHIP[1], after(12))
    assert record.payload != update.payload
    for release in (record, update):
        wanted = Wanted(
            entry=Entry(1, after(12), RECEIVER, release),
            release=release,
            form=form_of(node, release),
        )
        assert searched(node, [wanted], SHIP).is_done


def test_the_bytes_as_received_may_have_gone_by_another_way(node: GivingNode, want: Want) -> None:
    bare = replace(SHIP[1], original=None)
    with_bytes, without = want(SHIP[1], 12), want(bare, 12)
    assert with_bytes.release.payload != without.release.payload
    for wanted in (with_bytes, without):
        found = searched(node, [wanted], SHIP)
        assert found.found[1].original is None


def test_another_digest_is_another_report_and_nothing_is_found(
    node: GivingNode, want: Want
) -> None:
    found = searched(node, [want(SHIP[1], 12, payload=bytes(32))], SHIP)
    assert (found.found, found.is_done) == ({}, False)


def test_a_report_that_came_after_the_line_cannot_be_the_one(node: GivingNode, want: Want) -> None:
    looking = Rebuild([want(SHIP[1], 12)], own=GIVER, key=node.key)
    assert list(looking.lines_for("SHIP-1", LIVE, after(12.001), GIVER)) == []
    assert len(list(looking.lines_for("SHIP-1", LIVE, after(12), GIVER))) == 1


def test_a_report_far_from_the_version_is_not_tried(node: GivingNode, want: Want) -> None:
    looking = Rebuild([want(SHIP[1], 500)], own=GIVER, key=node.key)

    def is_tried(seconds: float, source: str) -> bool:
        return bool(list(looking.lines_for("SHIP-1", LIVE, after(seconds), source)))

    assert [is_tried(each, GIVER) for each in (-51, -50, 70, 71)] == [False, True, True, False]
    # What another node counts from says only that it cannot have been here before.
    assert [is_tried(each, "AUS-HQ") for each in (-51, 71, 500)] == [False, True, True]


def test_a_version_that_was_rounded_stands_for_a_whole_cadence(
    node: GivingNode, want: Want
) -> None:
    looking = Rebuild([want(CARS[1], 900)], own=GIVER, key=node.key)

    def is_tried(seconds: float) -> bool:
        return bool(list(looking.lines_for("CAR-1", LIVE, after(seconds), GIVER)))

    assert [is_tried(each) for each in (-61, -60, 660, 661)] == [False, True, True, False]


def test_reports_are_needed_from_shortly_before_the_first_version_on(
    node: GivingNode, want: Want
) -> None:
    looking = Rebuild([want(SHIP[1], 12), want(SHIP[2], 25)], own=GIVER, key=node.key)
    assert looking.since() == after(10 - 60).timestamp()
    assert Rebuild([], own=GIVER, key=node.key).is_done


def test_each_of_several_lines_about_one_object_is_found(node: GivingNode, want: Want) -> None:
    wanted = [want(SHIP[1], 12, 1), want(SHIP[2], 25, 2)]
    looking = searched(node, wanted, SHIP)
    assert sorted(looking.found) == [1, 2]
    assert looking.is_done


def test_the_search_for_one_line_ends(
    node: GivingNode, want: Want, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rebuild, "MAX_TRIES", 3)
    wanted = want(SHIP[1], 12, payload=bytes(32))
    looking = Rebuild([wanted], own=GIVER, key=node.key)
    for _ in range(3):
        assert len(list(looking.lines_for("SHIP-1", LIVE, after(10), GIVER))) == 1
        assert not looking.look(wanted, SHIP[1])
    assert list(looking.lines_for("SHIP-1", LIVE, after(10), GIVER)) == []


def test_names_that_are_remembered_have_a_limit(
    node: GivingNode, want: Want, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rebuild, "MAX_NAMES", 1)
    looking = Rebuild([want(CARS[1], 400)], own=GIVER, key=node.key)
    for uid, count in (("CAR-1", 1), ("CAR-1", 1), ("CAR-2", 0), ("CAR-1", 1)):
        assert len(list(looking.lines_for(uid, LIVE, after(200), GIVER))) == count


def test_what_was_not_yet_in_the_form_or_cannot_be_written_is_not_the_one(
    node: GivingNode, want: Want
) -> None:
    wanted = want(SHIP[1], 12)
    late = replace(wanted, form=replace(wanted.form, min_age=timedelta(minutes=1)))
    looking = Rebuild([late], own=GIVER, key=node.key)
    assert not looking.look(late, SHIP[1])
    nowhere = replace(SHIP[1], body=Position(point=Point(lat=0, lon=0, circular_error=1e300)))
    assert not looking.look(wanted, nowhere)


def test_what_another_node_said_is_held_against_its_own_name(node: GivingNode, want: Want) -> None:
    wanted = want(SHIP[1], 12)
    looking = Rebuild([wanted], own=GIVER, key=node.key)
    theirs = replace(SHIP[1], source=Source(node="AUS-HQ", channel="partner:AUS-HQ", speaker=""))
    assert not looking.look(wanted, theirs)
    assert looking.look(wanted, SHIP[1])


def test_what_was_passed_on_in_own_words_is_found_by_who_made_it_and_who_passed_it_on(
    node: GivingNode, want: Want
) -> None:
    source = Source(node="AUS-HQ", channel="partner:CAN-X", speaker="", hops=("CAN-X",))
    theirs = replace(SHIP[1], source=source)
    digest = want(SHIP[1], 12).release.digest
    leave = Leave(origin="AUS-HQ", grant=Grant(digest[:8], "1", "exact"), path=("CAN-X", GIVER))
    content = to_peer_report(theirs, leave, version=Version(7, milliseconds(after(10))))
    payload = sha256(content_bytes(content)).digest()
    assert searched(node, [want(SHIP[1], 12, payload=payload)], [theirs]).is_done
