from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from accord.core.body import Message, Opaque
from accord.core.context import LIVE, Context
from accord.core.geometry import Box
from accord.core.principal import Role
from accord.core.report import Form, Report
from accord.live.player import LONGEST_STEP, Player, Wanted, context_named, watching
from accord.picture.claims import point_of
from accord.picture.picture import PictureSettings
from accord.release.access import may_see
from accord.storage.segment import Origin
from support.past import blue, ends
from support.released import after, heard

REPLAY = context_named("R1")
DRILL = Context.exercise("TASMAN")


class Script:
    """What is played, of memory."""

    def __init__(self, *reports: Report) -> None:
        self.whole = True
        self.reports = list(reports)

    def begin(self, at: datetime) -> Sequence[Report]:
        return self.next(at)[0]

    def next(self, to: datetime) -> tuple[Sequence[Report], datetime]:
        told = [each for each in self.reports if each.received <= to]
        self.reports = self.reports[len(told) :]
        return told, to


def a_player(*reports: Report, wanted: Wanted | None = None) -> Player:
    return Player(
        Script(*reports), PictureSettings(), REPLAY, wanted=wanted or Wanted(LIVE)
    )  # fmt: skip


def lats(player: Player) -> dict[str, float]:
    placed = ((t.id, point_of(t.lead)) for t in player.picture.everything())
    return {uid: point.lat for uid, point in placed if point is not None}


def test_everything_that_is_played_is_of_the_replays_own_context() -> None:
    player = a_player(heard("S1", 0, at=(-17, 178)), heard("S1", 10, at=(-18, 178)))
    player.begin(after(5))
    assert [str(t.context) for t in player.picture.everything()] == ["replay:R1"]
    assert lats(player) == {"S1": -17.0}
    news = player.show(*player.fetch(after(10)))
    assert [(each.uid, each.context) for each in news] == [("S1", REPLAY)]
    assert (lats(player), player.at, player.whole) == ({"S1": -18.0}, after(10), True)


def test_what_was_removed_goes_and_what_is_over_goes_by_its_own_time() -> None:
    player = a_player(heard("S1", 0), heard("S2", 0), ends("S1", 5))
    player.begin(after(1))
    player.show(*player.fetch(after(6)))
    assert set(lats(player)) == {"S2"}
    at = 600 + 600 + 3600 + 10  # stale, lost after ten minutes, gone after an hour
    for seconds in range(606, at + 600, 600):
        player.show(*player.fetch(after(seconds)))
    assert lats(player) == {}


def test_no_step_is_longer_than_the_longest() -> None:
    player = a_player()
    player.begin(after(0))
    _, reached = player.fetch(after(100_000))
    assert reached == after(0) + LONGEST_STEP


def test_nobody_takes_part_in_a_replay_but_who_watches_it_and_he_says_nothing() -> None:
    report = replace(heard("S1", 0), context=REPLAY)
    assert not may_see(blue(), report)
    viewer = watching(blue(), "R1", LIVE)
    assert not isinstance(viewer, str)
    assert may_see(viewer, report)
    assert not may_see(viewer, replace(report, context=context_named("R2")))
    assert not may_see(viewer, replace(report, groups=frozenset({"Red"})))
    assert viewer.role is Role.READ_ONLY
    assert viewer.only_hears


def test_a_replay_of_an_exercise_is_only_for_who_takes_part_in_it() -> None:
    assert watching(blue(), "R1", DRILL) == "takes no part in exercise:TASMAN"
    assert not isinstance(watching(blue(exercises=frozenset({"TASMAN"})), "R1", DRILL), str)


def test_only_what_is_asked_for_is_played() -> None:
    here, away = heard("S1", 0, at=(-17, 178)), heard("S2", 0, at=(10, 10))
    box = Box(south=-20, west=177, north=-15, east=179)
    wanted = Wanted(LIVE, area=box, groups=frozenset({"Blue"}))
    assert wanted(here)
    assert not wanted(away)
    assert not wanted(replace(here, groups=frozenset({"Red"})))
    assert not wanted(replace(here, context=DRILL))
    assert wanted(replace(ends("S2", 1), groups=frozenset({"Red"})))
    for body in (Opaque(), Message(text="x", sender="y", room="z")):
        assert not Wanted(LIVE)(replace(here, body=body))


def test_origins_that_cannot_be_wanted_are_not_read() -> None:
    report = heard("S1", 0)
    form = Form.COT_XML

    def origin(body: str, groups: str = "Blue", context: Context = LIVE) -> Origin:
        return Origin(form, body, context, report.source, frozenset({groups}), frozenset())

    wanted = Wanted(LIVE, groups=frozenset({"Blue"}))
    assert wanted.of_origin(origin("position"))
    assert not wanted.of_origin(origin("position", "Red"))
    assert wanted.of_origin(origin("removal", "Red"))
    assert not wanted.of_origin(origin("position", context=DRILL))
