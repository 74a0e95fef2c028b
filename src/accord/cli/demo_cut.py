"""One link of the demonstration as it is now, and how it catches up after a cut."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from accord.cli.demo_ledger import FRAMES, Way, ways_between
from accord.cli.demo_link import Cable
from accord.cli.demo_standing import Standing, standing


@dataclass(slots=True)
class CatchUp:
    """One direction after the cut; None: not yet. `lag` is the longest since the cut, in seconds.

    `waiting`: the most that was. `again`: from the mend until something arrived. `whole`: until all
    that was sent had arrived, something newer than the mend among it.
    """

    received: int
    frame: int
    lag: float = 0.0
    again: timedelta | None = None
    whole: timedelta | None = None
    versions: int = 0
    waiting: int = 0
    last: int = 0

    def look(self, way: Way, mended: datetime | None, now: datetime) -> None:
        """Take note of how things are."""
        if self.whole is not None:
            return
        self.lag = max(self.lag, way.lag(now) or 0.0)
        there = way.receiver
        if mended is None or there.frame_received <= self.frame:
            return
        if self.again is None:
            self.again = now - mended
        is_new = there.newest is not None and there.newest >= mended
        if is_new and there.frame_received >= way.giver.frame_sent:
            self.whole = now - mended
            self.versions = there.received.total() - self.received
            self.last = there.frame_received % FRAMES

    def told(self) -> str:
        """Say how it went."""
        if self.again is None:
            return "nothing has crossed since the cut"
        again = f"crosses again {self.again.total_seconds():.1f} s after the mend"
        if self.whole is None:
            return f"{again}, not caught up yet"
        return (
            f"{again}, caught up after {self.whole.total_seconds():.1f} s: "
            f"{self.versions} newer states up to frame {self.last} of a new session; "
            f"up to {self.waiting} were waiting, the newest there was up to {self.lag:.1f} s old"
        )


@dataclass(slots=True)
class Link:
    """A cable, both ways over it, and when it was cut and mended."""

    first: Path
    second: Path
    agreement: Path
    cable: Cable
    ways: tuple[Way, Way]
    cut_at: datetime | None = None
    mended_at: datetime | None = None
    catch_ups: Mapping[str, CatchUp] = field(default_factory=dict[str, CatchUp])
    standings: dict[str, Standing] = field(default_factory=dict[str, Standing])
    """By way, as its giver says."""

    @classmethod
    def between(cls, first: Path, second: Path, agreement: Path) -> "Link":
        """Return the link between two nodes under an agreement, on a cable with an address."""
        return cls(first, second, agreement, Cable(), ways_between(first, second, agreement))

    @property
    def name(self) -> str:
        """Return who is linked."""
        return f"{self.first.name}-{self.second.name}"

    def look(self, now: datetime) -> None:
        """Read what is new in the ledgers, and take note of how the link catches up."""
        for way in self.ways:
            way.look()
            if way.name in self.catch_ups:
                self.catch_ups[way.name].look(way, self.mended_at, now)

    def ask(self) -> None:
        """Ask both nodes how the link stands."""
        for way in self.ways:
            found = standing(way.giver.directory, way.giver.partner)
            if found is None:
                continue
            self.standings[way.name] = found
            if way.name in self.catch_ups:
                catch_up = self.catch_ups[way.name]
                catch_up.waiting = max(catch_up.waiting, found.waiting)

    def cut(self, now: datetime) -> None:
        """Cut the cable."""
        self.look(now)
        self.cable.cut()
        self.cut_at = now
        self.catch_ups = {
            way.name: CatchUp(way.receiver.received.total(), way.receiver.frame_received)
            for way in self.ways
        }

    def mend(self, now: datetime) -> None:
        """Mend the cable."""
        self.cable.mend()
        self.mended_at = now

    def state(self, now: datetime) -> str:
        """Say in words how the cable is."""
        if self.mended_at is not None:
            return f"mended {(now - self.mended_at).total_seconds():.0f} s ago"
        if self.cut_at is not None:
            return f"CUT for {(now - self.cut_at).total_seconds():.0f} s"
        return "not cut"
