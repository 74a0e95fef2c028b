"""What the demonstration shows: a live table on a terminal, plain lines elsewhere."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from accord.cli.demo_client import EXERCISE, DemoClient, Seen
from accord.cli.demo_cut import Link
from accord.cli.demo_ledger import Way, crossing

NEWEST = 12
"""Tracks that the table shows."""

PLAIN_EVERY = 5.0
"""Seconds between plain lines."""

SILENT_AFTER = 30.0
"""Seconds without an AIS report after which the feed is called silent."""

KNOT = 1852 / 3600

NOTE = (
    f"Recorded AIS replayed, in the exercise {EXERCISE}: "
    "real traffic of 2012, given the present as its time."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """Everything there is to show. `elapsed` is seconds since the clients were started.

    `addresses` are by node and listener.
    """

    now: datetime
    elapsed: float
    addresses: Mapping[str, str]
    clients: Sequence[DemoClient]
    links: Sequence[Link] = ()


class View(Protocol):
    """Shows one scene after the other."""

    def show(self, scene: Scene) -> None:
        """Show how things stand."""
        ...

    def close(self) -> None:
        """Leave the terminal as it was."""
        ...


class _Rates:
    """Messages a second of each client since the last look."""

    def __init__(self) -> None:
        self._last: dict[str, tuple[float, int]] = {}

    def of(self, client: DemoClient, elapsed: float) -> float:
        before, events = self._last.get(client.name, (0.0, 0))
        self._last[client.name] = elapsed, client.tally.events
        return (client.tally.events - events) / max(elapsed - before, 0.001)


class PlainView:
    """A line for each client every few seconds."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._rates = _Rates()
        self._due = 0.0

    def show(self, scene: Scene) -> None:
        """Print the addresses at first, and the state when it is due."""
        if not self._due:
            self._print(NOTE)
            for name, address in scene.addresses.items():
                self._print(f"{name} on {address}")
        if scene.elapsed < self._due:
            return
        self._due = scene.elapsed + PLAIN_EVERY
        self._print(f"{scene.elapsed:.0f} s: {feed_state(scene)}")
        for client in scene.clients:
            self._print(
                f"  {client.name}: {describe(client, self._rates.of(client, scene.elapsed))}"
            )
        for seen in newest(scene, 3):
            self._print(f"    {seen.name}, {seen.kind}, {speed(seen)}")
        for link in scene.links:
            self._print(f"  link {link.name}: {link.state(scene.now)}")
            for way in link.ways:
                self._print(f"    {way.name}: {state_of(link, way, scene.now)}")
                for clause, what, told in crossing(way):
                    self._print(f"      clause {clause} {what}: {told}")

    def close(self) -> None:
        """Nothing is left to do."""

    def _print(self, line: str) -> None:
        self._console.print(line, markup=False, highlight=False, soft_wrap=True)


class LiveView:
    """A table that is drawn again and again in its place."""

    def __init__(self, console: Console) -> None:
        self._rates = _Rates()
        self._live = Live(console=console, auto_refresh=False)
        self._live.start()

    def show(self, scene: Scene) -> None:
        """Draw the tables again."""
        clients = Table(
            "Client", "What it has received", title="TAK clients, over TLS", expand=True
        )
        for client in scene.clients:
            clients.add_row(client.name, describe(client, self._rates.of(client, scene.elapsed)))
        tracks = Table("Name", "Kind", "Speed", "Age", title="Newest tracks", expand=True)
        for seen in newest(scene, NEWEST):
            age = (scene.now - seen.at).total_seconds()
            tracks.add_row(Text(seen.name), seen.kind, speed(seen), f"{age:.0f} s")
        where = ", ".join(f"{name} {address}" for name, address in scene.addresses.items())
        head = Text(f"Accord, {where}\n{NOTE}\n{scene.elapsed:.0f} s: {feed_state(scene)}")
        links = [_link_table(link, scene.now) for link in scene.links]
        self._live.update(Group(head, clients, *links, tracks), refresh=True)

    def close(self) -> None:
        """Leave the last table standing."""
        self._live.stop()


def _link_table(link: Link, now: datetime) -> Table:
    title = f"Link {link.name}: {link.state(now)}"
    table = Table("Clause", "What", "How often, and why", title=title, expand=True)
    for way in link.ways:
        table.add_row(Text(way.name, "bold"), "", state_of(link, way, now), style="bold")
        for clause, what, told in crossing(way):
            table.add_row(clause, what, told)
    return table


def state_of(link: Link, way: Way, now: datetime) -> str:
    """Say how the link stands one way, how far frames have come, and how it catches up."""
    lag = way.lag(now)
    age = "nothing yet" if lag is None else f"newest {lag:.1f} s old"
    caught = link.catch_ups.get(way.name)
    after = f"; {caught.told()}" if caught is not None and link.mended_at is not None else ""
    standing = link.standings.get(way.name)
    stands = f"{standing}; " if standing is not None else ""
    return f"{stands}{way.frames}, {age}{after}"


def describe(client: DemoClient, rate: float) -> str:
    """Return in words what a client has received."""
    tally = client.tally
    form = "protobuf" if tally.heard_protobuf else "XML"
    last = f", last: {tally.words[-1]}" if tally.words else ""
    return (
        f"{len(tally.tracks)} tracks, {rate:.0f} messages/s as {form}, "
        f"{tally.positions_of[client.other]} positions of {client.other}, "
        f"{tally.spoken_to} words{last}"
    )


def feed_state(scene: Scene) -> str:
    """Return how the AIS feed is, as a client sees it: by when the last of it came."""
    heard = [
        seen.at
        for client in scene.clients
        for uid, seen in reversed(client.tally.tracks.items())
        if uid.startswith("MMSI-")
    ]
    total = max((client.tally.ais for client in scene.clients), default=0)
    if not heard:
        return "AIS feed: nothing yet"
    age = (scene.now - max(heard)).total_seconds()
    state = f"silent for {age:.0f} s" if age > SILENT_AFTER else f"last report {age:.0f} s ago"
    return f"AIS feed: {total} reports, {state}"


def newest(scene: Scene, count: int) -> list[Seen]:
    """Return what the first client heard last, those with a name of their own first."""
    tracks = scene.clients[0].tally.tracks
    named = [s for uid, s in reversed(tracks.items()) if s.name != uid]
    rest = [s for uid, s in reversed(tracks.items()) if s.name == uid]
    return (named + rest)[:count]


def speed(seen: Seen) -> str:
    """Return the speed in knots, as those at sea have it."""
    return "" if seen.speed is None else f"{seen.speed / KNOT:.1f} kn"
