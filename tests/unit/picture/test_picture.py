"""Which report becomes which track; what time, removals and limits do is tried beside this."""

from dataclasses import replace

import pytest

from accord.core.body import Message, Opaque, Position, Removal
from accord.core.context import LIVE
from accord.core.geometry import Box
from accord.core.report import Address, AddressKind, Doubt
from accord.core.track import Track, TrackStatus
from accord.picture.picture import Change, Picture, PictureSettings
from accord.picture.query import Filter
from support.builders import a_point, a_report
from support.clock import START
from support.pictures import (
    AIS,
    DAY,
    EXERCISE,
    HOUR,
    SECOND,
    a_picture,
    applied,
    later,
    ship,
    uids,
)

# One report after another


def test_a_first_report_makes_a_track() -> None:
    picture = a_picture()
    report = a_report("U1")
    change = picture.apply(report)
    track = Track(
        id="U1",
        context=LIVE,
        claims={report.source: report},
        lead=report,
        status=TrackStatus.LIVE,
    )
    assert change == Change(sequence=1, report=report, track=track, before=None)
    assert picture.get(LIVE, "U1") == track
    assert len(picture) == 1


def test_a_newer_report_takes_the_place_of_the_older_of_its_source() -> None:
    picture = a_picture()
    before = applied(picture, a_report())
    newer = later(a_report(), SECOND)
    change = picture.apply(newer)
    assert change is not None
    assert change.before == before
    assert change.track is not None
    assert change.track.claims == {newer.source: newer}
    assert len(picture) == 1


def test_an_older_report_of_the_same_source_changes_nothing_and_is_counted() -> None:
    picture = a_picture()
    track = applied(picture, a_report())
    assert picture.apply(later(a_report(), -SECOND)) is None
    assert picture.get(LIVE, "U1") is track
    assert picture.counts == {"superseded": 1}
    assert picture.sequence == 1


def test_every_source_keeps_a_claim_of_its_own_and_the_newest_leads() -> None:
    picture = a_picture()
    phone = a_report()
    radar = replace(later(a_report(), SECOND), source=AIS)
    applied(picture, radar)
    track = applied(picture, phone)
    assert track.claims == {phone.source: phone, AIS: radar}
    assert track.lead is radar


def test_numbers_of_changes_rise_by_one_from_where_the_last_picture_ended() -> None:
    picture = Picture(PictureSettings(), sequence=41)
    for number in (42, 43):
        change = picture.apply(a_report(f"U{number}"))
        assert change is not None
        assert change.sequence == number
    assert picture.sequence == 43


# What is not about a track


@pytest.mark.parametrize("body", [Message(text="hi", sender="U1", room="All"), Opaque()])
def test_words_and_what_is_not_understood_pass_through(body: Message | Opaque) -> None:
    picture = a_picture()
    report = a_report(body=body)
    assert picture.apply(report) == Change(sequence=1, report=report)
    assert len(picture) == 0


@pytest.mark.parametrize("body", [Position(point=a_point()), Removal(target="U1")])
def test_an_addressed_report_is_for_its_addressees_and_changes_no_picture(
    body: Position | Removal,
) -> None:
    picture = a_picture()
    track = applied(picture, a_report())
    to = frozenset({Address(AddressKind.UID, "U2")})
    addressed = later(a_report(to=to, body=body), SECOND)
    assert picture.apply(addressed) == Change(sequence=2, report=addressed)
    assert picture.get(LIVE, "U1") is track


# Which track


def test_reports_of_one_registered_number_are_one_track_under_every_uid() -> None:
    picture = a_picture()
    applied(picture, ship("U1", "512000001"))
    track = applied(picture, ship("U2", "512000001", source=AIS))
    assert (track.id, len(track.claims)) == ("U1", 2)
    assert picture.get(LIVE, "U2") is picture.get(LIVE, "U1") is track


def test_a_number_that_is_heard_later_counts_from_then_on() -> None:
    picture = a_picture()
    applied(picture, ship("U1"))
    applied(picture, later(ship("U1", "512000001"), SECOND))
    assert applied(picture, ship("U2", "512000001", source=AIS)).id == "U1"


def test_a_number_that_is_no_longer_said_does_not_count() -> None:
    picture = a_picture()
    applied(picture, ship("U1", "512000001"))
    applied(picture, later(ship("U1", "512000002"), SECOND))
    assert applied(picture, ship("U2", "512000001", source=AIS)).id == "U2"


# Doubts


def test_a_doubtful_report_is_kept_and_its_doubt_can_be_seen() -> None:
    picture = a_picture()
    ours = picture.apply(a_report())
    wrong = replace(later(a_report(), SECOND), body=Position(point=a_point(lat=0.0)))
    change = picture.apply(wrong)
    assert ours is not None
    assert change is not None
    assert change.report == replace(wrong, doubts=frozenset({Doubt.JUMP}))
    assert change.track is not None
    assert change.track.lead is change.report


def test_an_undoubted_claim_leads_before_a_doubted_newer_one() -> None:
    picture = a_picture()
    good = a_report()
    applied(picture, good)
    track = applied(picture, replace(good, source=AIS, time=START - HOUR, received=START + DAY))
    assert track.claims[AIS].doubts == {Doubt.CLOCK}
    assert track.lead is good


# Queries


def test_a_query_finds_what_lies_in_the_area_now() -> None:
    picture = a_picture()
    wellington = Box(south=-42.0, west=174.0, north=-41.0, east=175.0)
    applied(picture, a_report("U1"))
    applied(picture, a_report("U2", body=Position(point=a_point(lat=-36.8))))
    applied(picture, a_report("U3", body=Position(point=None)))
    assert uids(picture) == {"U1", "U2", "U3"}
    assert uids(picture, area=wellington) == {"U1"}
    applied(picture, replace(later(a_report("U1"), DAY), body=Position(point=a_point(lat=0.0))))
    applied(picture, replace(later(a_report("U3"), DAY), body=Position(point=a_point())))
    assert uids(picture, area=wellington) == {"U3"}


def test_a_query_gives_no_more_than_was_asked_for() -> None:
    picture = a_picture()
    for number in range(5):
        applied(picture, a_report(f"U{number}"))
    assert len(list(picture.tracks(Filter(context=LIVE, limit=2)))) == 2
    assert list(picture.tracks(Filter(context=LIVE, limit=0))) == []


def test_a_query_is_not_disturbed_by_what_is_applied_meanwhile() -> None:
    picture = a_picture()
    for number in range(3):
        applied(picture, a_report(f"U{number}"))
    found = picture.tracks(Filter(context=LIVE))
    first = next(found)
    picture.apply(a_report("R", body=Removal(target="U2")))
    applied(picture, a_report("U9"))
    assert {first.id, *(track.id for track in found)} == {"U0", "U1", "U2"}


def test_an_unknown_context_holds_nothing() -> None:
    picture = a_picture()
    assert uids(picture, context=EXERCISE) == set()
    assert picture.get(EXERCISE, "U1") is None


def test_everything_is_every_track_of_every_context() -> None:
    picture = a_picture()
    tracks = [applied(picture, a_report()), applied(picture, a_report(context=EXERCISE))]
    assert picture.everything() == tracks
