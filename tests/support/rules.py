"""Watch rules, held against a picture of the test's own."""

from datetime import datetime, timedelta
from typing import Any

from accord.core.body import Position
from accord.core.geometry import Point
from accord.core.kind import Kind
from accord.core.report import Report, Source
from accord.desks.watch.conditions import Over
from accord.desks.watch.rules.judge import Judge
from accord.desks.watch.rules.text import KNOT, read
from accord.picture.picture import Picture, PictureSettings
from support.builders import a_report
from support.clock import START

SHIPS = Source(node="NZL", channel="feed:harbour", speaker="harbour")


class Watched:
    """A picture, and what rules say of it, in order: `+` and a key's last words, or `-`."""

    def __init__(self, text: str) -> None:
        self.judge = Judge(read(text, file="watch.rules"))
        self.picture = Picture(PictureSettings())
        self.now = START
        self.said: list[str] = []
        self.texts: list[str] = []

    def _note(self, found: Any) -> None:
        for each in found:
            sign = "-" if isinstance(each, Over) else "+"
            self.said.append(sign + each.key.rpartition("live ")[2])
            if not isinstance(each, Over):
                self.texts.append(each.text)

    def hears(self, uid: str, lat: float, lon: float, **more: Any) -> None:
        """A ship is there now; `speed` in knots."""
        self.takes(a_ship(uid, lat, lon, self.now, **more))

    def takes(self, report: Report) -> None:
        change = self.picture.apply(report)
        assert change is not None
        self._note(self.judge.see(change))

    def passes(self, *, minutes: float) -> None:
        """Time goes by, and the picture grows old with it."""
        self.now += timedelta(minutes=minutes)
        for change in self.picture.expire(self.now):
            self._note(self.judge.see(change))
        self._note(self.judge.look(self.now))

    def take(self) -> list[str]:
        """What was said since this was last asked."""
        said, self.said = self.said, []
        return said


def a_ship(
    uid: str,
    lat: float,
    lon: float,
    at: datetime = START,
    *,
    speed: float | None = None,
    course: float | None = None,
    **more: Any,
) -> Report:
    body = Position(
        point=Point(lat=lat, lon=lon), course=course, speed=None if speed is None else speed * KNOT
    )
    given = {
        "at": at, "stale": at + timedelta(minutes=6), "received": at, "body": body,
        "kind": Kind.of("a-n-S-X"), "source": SHIPS, **more,
    }  # fmt: skip
    return a_report(uid, **{**given, "time": at, "start": at})
