import io
from dataclasses import replace

import pytest
from rich.console import Console

from accord.cli.demo_client import DemoClient, Seen
from accord.cli.demo_standing import Standing
from accord.cli.demo_view import LiveView, PlainView, Scene, describe, feed_state, newest, speed
from support.clock import START, ManualClock
from support.demo import a_link


def a_client(name: str = "KIWI-1", other: str = "KIWI-2") -> DemoClient:
    client = DemoClient(name, other, wants_protobuf=False, clock=ManualClock())
    client.tally.events = 120
    client.tally.ais = 100
    client.tally.tracks = {
        "MMSI-512000001": Seen("ARAHURA", "a-n-S-X-M-P", 10.0, START),
        "MMSI-512000002": Seen("MMSI-512000002", "a-u-S", None, START),
    }
    client.tally.positions_of[other] = 3
    client.tally.spoken_to = 1
    client.tally.words = [f"{other}: message 1"]
    return client


def a_scene(*clients: DemoClient, elapsed: float = 2.0, later: float = 0.0) -> Scene:
    clock = ManualClock()
    clock.advance(seconds=later)
    return Scene(
        now=clock.now(),
        elapsed=elapsed,
        addresses={"node NZL: cot-tls": "127.0.0.1:40001"},
        clients=clients or (a_client(),),
    )


def test_a_client_is_described_by_what_it_received() -> None:
    assert describe(a_client(), 60.0) == (
        "2 tracks, 60 messages/s as XML, 3 positions of KIWI-2, 1 words, last: KIWI-2: message 1"
    )


def test_a_feed_that_fell_silent_is_called_so() -> None:
    assert feed_state(a_scene(later=4)) == "AIS feed: 100 reports, last report 4 s ago"
    assert feed_state(a_scene(later=31)) == "AIS feed: 100 reports, silent for 31 s"


def test_a_feed_of_which_nothing_came_is_not_called_anything_else() -> None:
    nothing = DemoClient("KIWI-1", "KIWI-2", wants_protobuf=False, clock=ManualClock())
    assert feed_state(a_scene(nothing)) == "AIS feed: nothing yet"


def test_tracks_with_a_name_come_first() -> None:
    assert [seen.name for seen in newest(a_scene(), 5)] == ["ARAHURA", "MMSI-512000002"]
    assert len(newest(a_scene(), 1)) == 1


def test_speed_is_shown_in_knots() -> None:
    assert speed(Seen("A", "a-n-S", 1852 / 3600 * 12.3, START)) == "12.3 kn"
    assert speed(Seen("A", "a-n-S", None, START)) == ""


def test_plain_lines_say_that_the_traffic_is_recorded_and_come_every_few_seconds() -> None:
    out = io.StringIO()
    view = PlainView(Console(file=out, width=80))
    for elapsed in (0.0, 1.0, 4.9, 5.0):
        view.show(a_scene(elapsed=elapsed))
    view.close()
    said = out.getvalue()
    assert said.startswith("Recorded AIS replayed, in the exercise DEMO")
    assert said.count("AIS feed") == 2
    assert "cot-tls on 127.0.0.1:40001" in said


@pytest.mark.parametrize("name", ["ARAHURA", "[red]X[/red]", "MMSI-512000002"])
def test_the_table_shows_the_tracks_as_they_are_called(name: str) -> None:
    client = a_client()
    client.tally.tracks = {"MMSI-1": Seen(name, "a-n-S", 1.0, START)}
    out = io.StringIO()
    view = LiveView(Console(file=out, width=120, force_terminal=True))
    view.show(a_scene(client))
    view.close()
    assert name in out.getvalue()
    assert "cot-tls 127.0.0.1:40001" in out.getvalue()


@pytest.mark.parametrize("is_live", [True, False])
def test_each_link_is_shown_clause_by_clause_with_how_it_catches_up(*, is_live: bool) -> None:
    out = io.StringIO()
    console = Console(file=out, width=200, force_terminal=is_live)
    view = LiveView(console) if is_live else PlainView(console)
    with a_link() as link:
        one, other = link.ways
        one.giver.released["1"], one.receiver.received["1"] = 7, 6
        other.giver.withheld["0.2", "FORBIDDEN"] = 3
        link.standings = {one.name: Standing("down", 4, 2.0)}
        link.cut(START)
        link.mend(START)
        view.show(replace(a_scene(), links=(link,)))
    view.close()
    said = out.getvalue()
    for part in (
        "NZL-USA: mended 0 s ago",
        "down, 4 waiting, the oldest 2.0 s; frame 0 sent, 0 arrived",
        "nothing has crossed since the cut",
        "1 Surface picture", "7 sent, 6 arrived",
        "0.2 Marking", "3: a clause forbids it",
    ):  # fmt: skip
        assert part in said
