from dataclasses import replace
from pathlib import Path

from accord.core.body import Position
from accord.core.context import LIVE
from accord.core.identity import Identity
from accord.core.report import Source
from accord.core.track import TrackStatus
from accord.node.correlation import Correlating
from accord.observe.log import Log
from accord.picture.decisions import Decision, Verdict
from accord.picture.picture import Change, Picture, PictureSettings
from accord.storage.correlation import CORRELATION, Correlation
from support.builders import a_point, a_report
from support.clock import START, ManualClock

AIS = Source(node="NZL", channel="feed:ais", speaker="ais")
RADAR = Source(node="NZL", channel="feed:radar", speaker="radar")


def a_join() -> Decision:
    return Decision(
        number=0, context=LIVE, verdict=Verdict.JOIN, uid="A", other="B", at=START, by="kiwi",
        why="seen by eye",
    )  # fmt: skip


def test_a_decision_by_command_holds_on_the_picture_after_a_look_and_after_a_restart(
    tmp_path: Path,
) -> None:
    picture, told = Picture(PictureSettings()), list[Change]()
    clock = ManualClock()
    correlating = Correlating(
        tmp_path, picture=picture, clock=clock, log=Log(clock), told=told.append
    )
    for uid, source in (("A", AIS), ("B", RADAR)):
        picture.apply(a_report(uid, source=source, identity=Identity()))
    correlating.look()
    assert told == []
    Correlation(tmp_path / CORRELATION).keep(a_join())
    correlating.look()
    assert [(each.track.id, each.track.status) for each in told if each.track][-1] == (
        "A", TrackStatus.LIVE,
    )  # fmt: skip
    assert len(picture) == 1
    correlating.close()

    again = Picture(PictureSettings())
    Correlating(tmp_path, picture=again, clock=clock, log=Log(clock), told=told.append).close()
    for uid, source in (("A", AIS), ("B", RADAR)):
        again.apply(a_report(uid, source=source, identity=Identity()))
    assert len(again) == 1


def test_what_was_decided_still_holds_while_the_register_cannot_be_read(
    tmp_path: Path, capsys: object
) -> None:
    picture, clock = Picture(PictureSettings()), ManualClock()
    correlating = Correlating(tmp_path, picture=picture, clock=clock, log=Log(clock), told=print)
    Correlation(tmp_path / CORRELATION).keep(a_join())
    correlating.look()
    held = picture.decisions
    (tmp_path / CORRELATION).unlink()
    for _ in range(2):
        correlating.look()
    assert picture.decisions is held
    assert held
    correlating.close()


NUMBER = Identity(mmsi="512000001")


class Sea:
    """A picture with a ship that a receiver hears and a radar sees."""

    def __init__(self, directory: Path) -> None:
        self.clock = ManualClock()
        self.picture = Picture(PictureSettings())
        self.correlating = Correlating(
            directory,
            picture=self.picture,
            clock=self.clock,
            log=Log(self.clock),
            told=lambda _: None,
        )

    def look(self, times: int = 1, *, apart: float = 0.0) -> None:
        for _ in range(times):
            self.clock.advance(seconds=5)
            now = self.clock.now()
            for uid, source, identity, lat in (
                ("MMSI-512000001", AIS, NUMBER, 0.0),
                ("GEO-radar-1", RADAR, Identity(), apart),
            ):
                body = Position(point=a_point(lat, 170.0))
                self.picture.apply(
                    a_report(uid, at=now, source=source, identity=identity, body=body)
                )
            self.correlating.associate(frozenset({"feed:radar"}))


def test_what_a_radar_sees_where_a_ship_is_heard_is_one_track_led_by_the_ship(
    tmp_path: Path,
) -> None:
    sea = Sea(tmp_path)
    sea.look(5, apart=0.001)
    assert len(sea.picture) == 2
    sea.look(2, apart=0.001)
    assert len(sea.picture) == 1
    track = sea.picture.get(LIVE, "GEO-radar-1")
    assert track is not None
    assert track.lead.identity == NUMBER
    sea.look(7, apart=1.0)  # the first is a jump, and doubted
    assert len(sea.picture) == 2
    sea.correlating.close()


def test_what_a_person_put_apart_is_not_joined_again(tmp_path: Path) -> None:
    sea = Sea(tmp_path)
    sea.look(7)
    assert len(sea.picture) == 1
    Correlation(tmp_path / CORRELATION).keep(
        replace(
            a_join(), verdict=Verdict.SPLIT, uid="GEO-radar-1", other="", channel="feed:radar",
            speaker="radar",
        )
    )  # fmt: skip
    sea.correlating.look()
    sea.look(20)
    assert len(sea.picture) == 2
    sea.correlating.close()


def test_what_has_no_place_goes_with_nothing(tmp_path: Path) -> None:
    sea = Sea(tmp_path)
    nowhere = a_report("GEO-radar-2", source=RADAR, body=Position(point=None))
    sea.picture.apply(nowhere)
    sea.picture.apply(a_report("phone", identity=Identity()))
    sea.correlating.associate(frozenset({"feed:radar"}))
    assert len(sea.picture) == 2
    sea.correlating.close()
