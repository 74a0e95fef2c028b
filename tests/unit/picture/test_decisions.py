from dataclasses import replace
from datetime import timedelta
from typing import Any

from accord.core.body import Position
from accord.core.context import LIVE, Context, ContextKind
from accord.core.identity import Identity
from accord.core.kind import Kind
from accord.core.report import Doubt, Report, Source
from accord.core.track import TrackStatus
from accord.picture.decisions import NO_DECISIONS, Decision, Decisions, Verdict
from accord.picture.picture import Change, Picture, PictureSettings
from accord.picture.query import Filter
from support.builders import a_point, a_report
from support.clock import START
from support.pictures import AIS

RADAR = Source(node="NZL", channel="feed:radar", speaker="radar")
EXERCISE = Context(ContextKind.EXERCISE, "TASMAN")


def decision(verdict: Verdict, uid: str, number: int = 1, **changes: Any) -> Decision:
    return Decision(
        number=number,
        context=changes.pop("context", LIVE),
        verdict=verdict,
        uid=uid,
        at=START,
        by="kiwi",
        why="seen by eye",
        **changes,
    )


def of(source: Source) -> dict[str, Any]:
    return {"channel": source.channel, "speaker": source.speaker}


def said(
    uid: str, source: Source, *, after: float = 0.0, lat: float = 0.0, **changes: Any
) -> Report:
    changes.setdefault("identity", Identity())
    return a_report(
        uid,
        at=START + timedelta(seconds=after),
        source=source,
        kind=Kind.of("a-u-S"),
        body=Position(point=a_point(lat, 170.0)),
        **changes,
    )


def playing(*reports: Report) -> Picture:
    picture = Picture(PictureSettings())
    for each in reports:
        picture.apply(each)
    return picture


def tracks(picture: Picture) -> dict[str, set[tuple[str, str]]]:
    """Every track by its id, with the uid and channel of each claim."""
    return {
        each.id: {(claim.uid, claim.source.channel) for claim in each.claims.values()}
        for each in picture.tracks(Filter(context=LIVE))
    }


def told(changes: list[Change]) -> dict[str, TrackStatus]:
    return {each.track.id: each.track.status for each in changes if each.track is not None}


JOINED = Decisions([decision(Verdict.JOIN, "A", other="B")])


def test_two_that_are_joined_are_one_track_under_the_first_and_stay_so() -> None:
    picture = playing(said("A", AIS), said("B", RADAR, lat=1.0))
    changes = picture.decide(JOINED)
    both = {("A", "feed:ais"), ("B", "feed:radar")}
    assert tracks(picture) == {"A": both}
    assert told(changes) == {"A": TrackStatus.LIVE, "B": TrackStatus.REMOVED}
    picture.apply(said("B", RADAR, after=9))
    assert tracks(picture) == {"A": both}


def test_what_comes_after_a_join_was_decided_belongs_to_it_whichever_is_first() -> None:
    for first, second in (("A", "B"), ("B", "A")):
        picture = Picture(PictureSettings(), decisions=JOINED)
        picture.apply(said(first, AIS))
        picture.apply(said(second, RADAR))
        assert list(tracks(picture)) == [first]


def test_a_join_that_is_undone_gives_two_tracks_again() -> None:
    picture = playing(said("A", AIS), said("B", RADAR))
    picture.decide(JOINED)
    changes = picture.decide(NO_DECISIONS)
    assert tracks(picture) == {"A": {("A", "feed:ais")}, "B": {("B", "feed:radar")}}
    assert told(changes) == {"A": TrackStatus.LIVE, "B": TrackStatus.LIVE}


def test_joins_go_on_from_one_to_the_next() -> None:
    decisions = Decisions(
        [decision(Verdict.JOIN, "A", other="B"), decision(Verdict.JOIN, "C", 2, other="A")]
    )
    assert {decisions.together(LIVE, each) for each in "ABC"} == {("C", "A", "B")}
    assert decisions.together(EXERCISE, "B") == ("B",)
    back = Decisions([*decisions.holding, decision(Verdict.JOIN, "B", 3, other="C")])
    assert {frozenset(back.together(LIVE, each)) for each in "ABC"} == {frozenset("ABC")}


def test_a_claim_that_is_put_apart_is_a_track_of_its_own_from_then_on() -> None:
    number = Identity(mmsi="512000001")
    picture = playing(said("A", AIS, identity=number), said("A", RADAR, identity=number))
    split = Decisions([decision(Verdict.SPLIT, "A", 7, **of(RADAR))])
    changes = picture.decide(split)
    apart = {"A": {("A", "feed:ais")}, "A~s7": {("A~s7", "feed:radar")}}
    assert tracks(picture) == apart
    assert told(changes) == {"A": TrackStatus.LIVE, "A~s7": TrackStatus.LIVE}
    change = picture.apply(said("A", RADAR, after=9, identity=number))
    assert change is not None
    assert change.report is not None
    assert change.report.uid == "A~s7"
    assert tracks(picture) == apart
    picture.decide(NO_DECISIONS)
    assert tracks(picture) == {"A": {("A", "feed:ais"), ("A", "feed:radar")}}


def test_what_is_put_apart_stays_so_where_nothing_else_is_known() -> None:
    number = Identity(mmsi="512000001")
    split = Decisions([decision(Verdict.SPLIT, "B", **of(RADAR))])
    picture = Picture(PictureSettings(), decisions=split)
    picture.apply(said("A", AIS, identity=number))
    picture.apply(said("B", RADAR, identity=number))
    assert set(tracks(picture)) == {"A", "B~s1"}


def test_the_claim_that_is_preferred_leads_while_it_is_valid() -> None:
    picture = playing(said("A", RADAR), said("A", AIS, after=9))
    before = picture.get(LIVE, "A")
    assert before is not None
    assert before.lead.source == AIS
    picture.decide(Decisions([decision(Verdict.PREFER, "A", **of(RADAR))]))
    preferred = picture.get(LIVE, "A")
    assert preferred is not None
    assert preferred.lead.source == RADAR
    picture.apply(said("A", AIS, after=200))
    still = picture.get(LIVE, "A")
    assert still is not None
    assert still.lead.source == RADAR
    picture.apply(said("A", AIS, after=301))  # the other was valid for five minutes
    over = picture.get(LIVE, "A")
    assert over is not None
    assert over.lead.source == AIS


def test_of_several_that_are_preferred_the_last_decision_counts() -> None:
    claims = {each.source: each for each in (said("A", RADAR), said("A", AIS))}
    for first, second in ((AIS, RADAR), (RADAR, AIS)):
        decisions = Decisions(
            [
                decision(Verdict.PREFER, "A", 1, **of(first)),
                decision(Verdict.PREFER, "A", 2, **of(second)),
            ]
        )
        assert decisions.lead(claims).source == second


def test_a_preference_for_another_track_changes_nothing() -> None:
    claims = {each.source: each for each in (said("A", RADAR), said("A", AIS, after=9))}
    decisions = Decisions([decision(Verdict.PREFER, "B", **of(RADAR))])
    assert decisions.lead(claims).source == AIS


def test_what_was_undone_does_not_hold() -> None:
    undone = decision(Verdict.JOIN, "A", other="B", undone=START, undone_by="kiwi")
    assert not Decisions([undone])


def test_a_decision_about_what_is_not_known_changes_nothing() -> None:
    assert playing(said("C", AIS)).decide(JOINED) == []


def ship(lat: float, after: float) -> Report:
    return said("S", AIS, after=after, lat=lat, identity=Identity(mmsi="416000000"))


def test_places_that_a_person_joined_are_one_track_that_jumps() -> None:
    picture = playing(ship(0.0, 0), ship(5.0, 10))
    assert set(tracks(picture)) == {"S", "S~2"}
    picture.decide(Decisions([decision(Verdict.JOIN, "S", other="S~2")]))
    picture.apply(ship(0.0, 20))
    change = picture.apply(ship(5.0, 30))
    assert set(tracks(picture)) == {"S"}
    assert change is not None
    assert change.report is not None
    assert Doubt.JUMP in change.report.doubts


def test_of_two_that_one_source_tells_apart_both_claims_are_kept_when_they_are_joined() -> None:
    older = said("B", AIS, after=-60, lat=1.0)
    late = a_report(
        "B", at=older.time, received=START + timedelta(seconds=5), source=AIS, body=older.body,
        identity=Identity(), kind=older.kind,
    )  # fmt: skip
    picture = playing(said("A", AIS), late)
    assert told(picture.decide(JOINED)) == {"A": TrackStatus.LIVE, "B": TrackStatus.REMOVED}
    both = {("A", "feed:ais"), ("B", "feed:ais")}
    assert tracks(picture) == {"A": both}
    joined = picture.get(LIVE, "B")
    assert joined is not None
    assert joined.lead.uid == "A"
    picture.apply(said("B", AIS, after=9))
    picture.apply(said("A", AIS, after=10))
    assert tracks(picture) == {"A": both}
    assert picture.get(LIVE, "B") == picture.get(LIVE, "A")


def test_a_join_of_two_of_one_source_that_is_undone_gives_both_again_at_once() -> None:
    picture = playing(said("A", AIS), said("B", AIS, lat=1.0))
    before = {each.id: each.lead for each in picture.everything()}
    picture.decide(JOINED)
    changes = picture.decide(NO_DECISIONS)
    assert {each.id: each.lead for each in picture.everything()} == before
    assert told(changes) == {"A": TrackStatus.LIVE, "B": TrackStatus.LIVE}
    assert all(set(each.claims) == {AIS} for each in picture.everything())


def test_what_one_source_says_of_one_number_is_one_claim_again_when_a_join_is_undone() -> None:
    number = Identity(mmsi="512000001")
    older = said("B", AIS, after=-60, identity=number)
    late = replace(older, received=START + timedelta(seconds=5))
    picture = Picture(PictureSettings(), decisions=JOINED)
    picture.apply(said("A", AIS, identity=number))
    picture.apply(late)
    assert tracks(picture) == {"A": {("A", "feed:ais"), ("B", "feed:ais")}}
    picture.decide(NO_DECISIONS)
    assert tracks(picture) == {"A": {("A", "feed:ais")}}


NUMBERS = {"A": Identity(mmsi="512800001"), "B": Identity(mmsi="512800002")}


def at_sea(uid: str, lat: float, after: float) -> Report:
    number = NUMBERS[uid.partition("~")[0]]
    return said(uid, AIS, lat=lat, after=after, identity=number)


def test_two_of_different_numbers_that_report_at_once_are_one_when_a_person_joins_them() -> None:
    picture = playing(at_sea("A", 0.0, 0), at_sea("B", 0.008, 0))  # 890 m
    assert set(tracks(picture)) == {"A", "B"}
    picture.decide(JOINED)
    both = {("A", "feed:ais"), ("B", "feed:ais")}
    assert tracks(picture) == {"A": both}
    picture.apply(at_sea("A", 0.0, 10))
    picture.apply(at_sea("B", 0.008, 10))
    assert tracks(picture) == {"A": both}
    picture.decide(NO_DECISIONS)
    apart = {each: {(each, "feed:ais")} for each in "AB"}
    assert tracks(picture) == apart
    picture.apply(at_sea("A", 0.0, 20))
    picture.apply(at_sea("B", 0.008, 20))
    assert tracks(picture) == apart


def test_another_place_of_an_identity_that_was_joined_is_a_track_under_its_own_uid() -> None:
    picture = playing(at_sea("A", 0.0, 0), at_sea("B", 0.008, 0))
    picture.decide(JOINED)
    picture.apply(at_sea("B", 5.0, 10))
    assert set(tracks(picture)) == {"A", "B~2"}
    picture.apply(at_sea("A", 9.0, 20))
    assert set(tracks(picture)) == {"A", "B~2", "A~2"}
    picture.apply(at_sea("B", 0.008, 30))
    assert tracks(picture)["A"] == {("A", "feed:ais"), ("B", "feed:ais")}


def test_a_place_that_is_left_alone_goes_to_what_its_identity_was_joined_with() -> None:
    picture = playing(at_sea("B", 0.0, 0), at_sea("B", 5.0, 10), at_sea("B", 5.0, 1_000))
    assert set(tracks(picture)) == {"B", "B~2"}
    later = 4_600  # five minutes to stale, ten to lost, an hour to removed: the first is gone
    for _ in range(3):
        picture.expire(START + timedelta(seconds=later))
    picture.apply(at_sea("A", 0.008, later))
    assert set(tracks(picture)) == {"A", "B~2"}
    picture.decide(JOINED)
    picture.apply(at_sea("B", 5.0, later + 10))
    picture.expire(START + timedelta(seconds=later + 10))
    assert tracks(picture) == {"A": {("A", "feed:ais"), ("B", "feed:ais")}}


def test_a_number_under_a_uid_that_had_none_is_held_against_the_track_of_that_uid() -> None:
    other = Decisions([decision(Verdict.JOIN, "X", other="Y")])
    picture = Picture(PictureSettings(), decisions=other)
    picture.apply(said("A", RADAR, lat=5.0))
    picture.apply(at_sea("A", 0.0, 10))
    assert set(tracks(picture)) == {"A", "A~2"}


def test_a_place_that_was_heard_before_its_identity_is_found_again() -> None:
    picture = Picture(PictureSettings(), decisions=JOINED)
    for each in (at_sea("B~2", 5.0, 0), at_sea("A", 0.0, 0), at_sea("B", 0.0, 10)):
        picture.apply(each)
    assert tracks(picture) == {
        "B~2": {("B~2", "feed:ais")},
        "A": {("A", "feed:ais"), ("B", "feed:ais")},
    }
    picture.apply(at_sea("B", 5.0, 20))
    assert set(tracks(picture)) == {"A", "B~2"}
    assert len(picture) == 2


def test_the_place_of_an_identity_that_was_joined_with_another_ship_is_that_ships() -> None:
    with_place = Decisions([decision(Verdict.JOIN, "A", other="B~2")])
    for order in ((0, 1, 2), (2, 0, 1)):
        reports = at_sea("B", 0.0, 0), at_sea("B", 5.0, 10), at_sea("A", 5.01, 10)
        picture = Picture(PictureSettings(), decisions=with_place)
        for number in order:
            picture.apply(reports[number])
        ids = tracks(picture)
        assert ids.pop("B") == {("B", "feed:ais")}
        assert list(ids.values()) == [{("A", "feed:ais"), ("B~2", "feed:ais")}]
        picture.apply(at_sea("B", 5.0, 400))
        picture.apply(at_sea("B", 5.0, 8_000))  # the first is silent, and could have come here
        assert tracks(picture).keys() - {"B"} == ids.keys()
