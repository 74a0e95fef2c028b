import argparse
import asyncio
import os
import sys
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest

from accord.cli import demo, demo_node
from accord.cli.demo_cast import AGREEMENTS, CHAIN, NZL, USA
from accord.core.errors import AccordError, UsageError
from support.demo import a_link


def said(**given: object) -> argparse.Namespace:
    """What was typed, a short demonstration of two nodes unless `given` otherwise."""
    usual = {
        "seconds": 20.0,
        "cut": None,
        "partners": 2,
        "json": False,
        "plain": True,
        "impact": False,
        "rescue": False,
    }
    return argparse.Namespace(**usual | given)


def a_node(directory: Path) -> demo.Played:
    return demo.Played(NZL, directory / "NZL", ())


def fake(monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    """Let `code` stand for a running node."""
    node = (sys.executable, "-c", f"import sys, time\n{code}")
    monkeypatch.setattr(demo_node, "ACCORD", node)


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        ({"seconds": 0.0}, "--seconds 0: give more than 0"),
        ({"cut": 3.0, "partners": 1}, "--cut: one node alone has no link"),
        ({"cut": 0.0}, "--cut 0: give more than 0"),
        ({"cut": 20.0}, "--cut 20: give more than 0, and less than --seconds"),
    ],
)
def test_times_that_cannot_be_are_refused(given: dict[str, float], fault: str) -> None:
    with pytest.raises(UsageError, match=fault):
        demo.run(said(**given))


@pytest.mark.parametrize("given", [{}, {"cut": 3.0}, {"cut": 3.0, "seconds": None}])
def test_times_that_can_be_are_taken(given: dict[str, float]) -> None:
    demo.check(said(**given))


def test_the_examples_are_found_in_a_clone_and_missed_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (demo.find_examples() / "recordings" / "SOURCES.md").is_file()
    monkeypatch.setattr(demo.accord, "__file__", str(tmp_path / "a" / "b" / "__init__.py"))
    with pytest.raises(UsageError, match="in a clone of the source"):
        demo.find_examples()


def test_each_node_of_the_chain_has_an_agreement_with_the_next(tmp_path: Path) -> None:
    played = [demo.play_of(party, tmp_path) for party in CHAIN]
    links = [demo.link_of(*each, demo.find_examples()) for each in pairwise(played)]
    for link in links:
        link.cable.close()
        assert link.agreement.is_file()
    assert [link.name for link in links] == ["-".join(each) for each in AGREEMENTS]


def test_one_client_of_each_node_speaks_protobuf_and_they_talk_to_each_other(
    tmp_path: Path,
) -> None:
    first, second = demo.play_of(NZL, tmp_path).clients
    assert (first.wants_protobuf, second.wants_protobuf) == (False, True)
    assert (first.other, second.other) == (second.name, first.name)


async def test_a_node_that_ends_by_itself_ends_the_demonstration(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake(monkeypatch, "print('ready', flush=True); print('disk gone', file=sys.stderr)")
    with pytest.raises(ExceptionGroup) as broken:
        await demo.Stage([a_node(tmp_path)], (), None).play(30.0)
    assert broken.group_contains(AccordError, match="the node stopped: disk gone")


@pytest.mark.parametrize("seconds", [0.05, None])
async def test_the_demonstration_ends_after_its_time_or_when_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seconds: float | None
) -> None:
    pid = tmp_path / "pid"
    note = f"open({str(pid)!r}, 'w').write(str(os.getpid()))"
    fake(monkeypatch, f"import os; {note}; print('ready', flush=True); time.sleep(60)")
    seen: list[str] = []

    class Once:
        """A view that, when nothing else ends the demonstration, interrupts it."""

        def show(self, scene: object) -> None:  # noqa: ARG002  the name is the protocol's
            seen.append("shown")
            if seconds is None:
                demo.signal.raise_signal(demo.signal.SIGINT)

        def close(self) -> None:
            """Nothing to leave."""

    play = demo.Stage([a_node(tmp_path)], (), Once()).play(seconds)
    # It cancels its own task when told, so it needs one to itself.
    took = await asyncio.wait_for(asyncio.get_running_loop().create_task(play), 20)
    assert took >= (seconds or 0.0)
    assert seconds is not None or "shown" in seen
    with pytest.raises(ProcessLookupError):  # its node has ended as well
        os.kill(int(pid.read_text()), 0)


class Shown:
    """A view that keeps what it was shown."""

    def __init__(self) -> None:
        self.scenes: list[demo.Scene] = []
        self.is_closed = False

    def show(self, scene: demo.Scene) -> None:
        self.scenes.append(scene)

    def close(self) -> None:
        self.is_closed = True


@pytest.mark.parametrize("seconds", [1.0, None])
async def test_the_first_link_is_cut_and_mended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seconds: float | None
) -> None:
    fake(monkeypatch, "print('ready federation=127.0.0.1:1', flush=True); time.sleep(60)")
    monkeypatch.setattr(demo, "CUT_AFTER", 0.01)
    played = [demo.Played(party, tmp_path / party.node, ()) for party in (NZL, USA)]
    view = Shown()
    with a_link(tmp_path) as link:
        stage = demo.Stage(played, [link], view, cut=0.01)
        if seconds is None:
            interrupt = demo.signal.raise_signal
            monkeypatch.setattr(demo.Link, "mend", lambda *_: interrupt(demo.signal.SIGINT))
        play = asyncio.get_running_loop().create_task(stage.play(seconds))
        await asyncio.wait_for(play, 20)
        assert link.cut_at is not None
        assert (link.mended_at is None) is (seconds is None)
        assert link.cable.is_cut
    assert set(view.scenes[0].addresses) == {"node NZL: federation", "node USA: federation"}
    assert view.scenes[0].links == [link]


def test_all_nodes_know_each_other_and_neighbours_agree(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[tuple[str, ...]] = []

    def note(what: str) -> Callable[..., None]:
        return lambda *given: done.append(
            (what, *(each.name if isinstance(each, Path) else str(each) for each in given))
        )

    for name in ("prepare", "acquaint", "agree"):
        monkeypatch.setattr(demo, name, note(name))
    played = [demo.Played(party, tmp_path / party.node, ()) for party in CHAIN]
    with a_link(tmp_path) as link:
        demo.set_up(played, [link], tmp_path / "recordings", tmp_path / "work")
        address = link.cable.address
    assert [each[1] for each in done if each[0] == "prepare"] == ["NZL", "USA", "AUS"]
    assert [each[1:] for each in done if each[0] == "acquaint"] == [
        ("NZL", "USA", "work", address),
        ("NZL", "AUS", "work", "None"),
        ("USA", "AUS", "work", "None"),
    ]
    assert [each[1:] for each in done if each[0] == "agree"] == [
        ("NZL", "USA", "nzl-usa.md", "work")
    ]


@pytest.mark.parametrize("missing", [[], ["the ledgers of NZL and USA differ"]])
def test_its_exit_code_says_whether_anything_is_missing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], missing: list[str]
) -> None:
    async def play(_stage: demo.Stage, _seconds: float) -> float:
        return 1.0

    view = Shown()
    monkeypatch.setattr(demo, "set_up", lambda *_: None)
    monkeypatch.setattr(demo.Stage, "play", play)
    monkeypatch.setattr(demo, "make_view", lambda **_: view)
    monkeypatch.setattr(demo, "shortfalls", lambda *_: missing)
    assert demo.run(said()) == len(missing)
    # No node ran, so there is no ledger.
    assert "the ledgers of NZL and USA DIFFER" in capsys.readouterr().out
    assert view.is_closed


def test_a_terminal_gets_a_table_unless_lines_are_asked_for() -> None:
    assert isinstance(demo.make_view(plain=True), demo.PlainView)
