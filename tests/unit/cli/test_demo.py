import argparse
import asyncio
import json
import sys
import tomllib
from pathlib import Path

import pytest

from accord.cli import demo
from accord.cli.demo_client import DemoClient, Tally
from accord.core.errors import AccordError, UsageError
from support.clock import ManualClock


def a_client(name: str, other: str, *, wants_protobuf: bool = False) -> DemoClient:
    client = DemoClient(name, other, wants_protobuf=wants_protobuf, clock=ManualClock())
    client.tally = Tally(events=120, ais=100, spoken_to=2, heard_protobuf=wants_protobuf)
    client.tally.positions_of[other] = 9
    return client


def both() -> tuple[DemoClient, DemoClient]:
    return a_client("KIWI-1", "KIWI-2"), a_client("KIWI-2", "KIWI-1", wants_protobuf=True)


def test_nothing_is_missing_when_everything_was_received() -> None:
    assert demo.shortfalls(both()) == []


def test_each_thing_that_was_not_received_is_named() -> None:
    one, two = both()
    one.tally, two.tally = Tally(), Tally()
    assert demo.shortfalls((one, two)) == [
        "KIWI-1 received no AIS track",
        "KIWI-1 received no position of KIWI-2",
        "KIWI-1 received no words of KIWI-2",
        "KIWI-2 received no AIS track",
        "KIWI-2 received no position of KIWI-1",
        "KIWI-2 received no words of KIWI-1",
        "KIWI-2 received no protobuf",
    ]


def test_the_summary_is_for_people_or_for_machines(capsys: pytest.CaptureFixture[str]) -> None:
    demo.report(both(), 20.0, [], as_json=True)
    said = json.loads(capsys.readouterr().out)
    assert said["missing"] == []
    assert [client["form"] for client in said["clients"]] == ["xml", "protobuf"]
    demo.report(both(), 20.0, ["KIWI-1 received no AIS track"], as_json=False)
    out = capsys.readouterr().out
    assert "missing: KIWI-1 received no AIS track" in out
    assert "accord client add" in out


def test_the_recordings_are_found_in_a_clone_and_missed_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (demo.find_recordings() / "SOURCES.md").is_file()
    monkeypatch.setattr(demo.accord, "__file__", str(tmp_path / "a" / "b" / "__init__.py"))
    with pytest.raises(UsageError, match="in a clone of the source"):
        demo.find_recordings()


def test_seconds_must_be_more_than_none() -> None:
    arguments = argparse.Namespace(seconds=0.0, json=False, plain=True)
    with pytest.raises(UsageError, match="--seconds 0: give more than 0"):
        demo.run(arguments)


def fake(monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    """Let `code` stand for accord; its arguments are in sys.argv[1:]."""
    monkeypatch.setattr(demo, "ACCORD", (sys.executable, "-c", f"import sys, time\n{code}"))


def test_the_node_is_made_by_the_commands_anybody_would_type(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake(monkeypatch, f"open({str(tmp_path / 'log')!r}, 'a').write(' '.join(sys.argv[1:]) + '\\n')")
    demo.prepare(tmp_path, tmp_path / "recordings")
    assert (tmp_path / "log").read_text("utf-8").splitlines() == [
        f"init {tmp_path} --node NZL --nation NZL --name Demonstration",
        f"client add {tmp_path} KIWI-1 --group Watch --exercise DEMO",
        f"client add {tmp_path} KIWI-2 --group Watch --exercise DEMO",
    ]
    feeds = tomllib.loads((tmp_path / "accord.toml").read_text("utf-8"))["feed"]
    assert {feed["exercise"] for feed in feeds.values()} == {"DEMO"}
    assert set(feeds) == {"ais-tasman", "ais-australia"}


def test_a_command_that_fails_is_passed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    fake(monkeypatch, "sys.exit('accord: no room')")
    with pytest.raises(AccordError, match="accord init failed: accord: no room"):
        demo.accord_command("init")


async def test_the_node_says_where_it_listens_and_is_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake(
        monkeypatch,
        "print('ready cot-tls=[::1]:40001 api=127.0.0.1:40002', flush=True); time.sleep(60)",
    )
    async with demo.running_node(tmp_path / "NZL") as node:
        assert node.address("cot-tls") == ("::1", 40001)
        assert node.addresses["api"] == "127.0.0.1:40002"
        assert node.process.returncode is None
    assert node.process.returncode is not None


async def test_a_node_that_ignores_being_told_is_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake(
        monkeypatch,
        "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "print('ready', flush=True); time.sleep(60)",
    )
    monkeypatch.setattr(demo, "END_WITHIN", 0.05)
    async with demo.running_node(tmp_path / "NZL") as node:
        pass
    assert node.process.returncode == -9


async def test_a_node_that_does_not_start_is_said_with_its_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake(monkeypatch, "print('port in use\\n', file=sys.stderr)")
    with pytest.raises(AccordError, match="did not start: port in use"):
        async with demo.running_node(tmp_path / "NZL"):
            pytest.fail("it is not running")


async def test_a_node_that_is_never_ready_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake(monkeypatch, "time.sleep(60)")
    monkeypatch.setattr(demo, "READY_WITHIN", 0.05)
    with pytest.raises(AccordError, match="was not ready"):
        async with demo.running_node(tmp_path / "NZL"):
            pytest.fail("it is not running")


async def test_a_node_that_ends_by_itself_ends_the_demonstration(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake(monkeypatch, "print('ready', flush=True); print('disk gone', file=sys.stderr)")
    with pytest.raises(ExceptionGroup) as broken:
        await demo.Stage(tmp_path / "NZL", (), None).play(30.0)
    assert broken.group_contains(AccordError, match="the node stopped: disk gone")


@pytest.mark.parametrize("seconds", [0.05, None])
async def test_the_demonstration_ends_after_its_time_or_when_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seconds: float | None
) -> None:
    fake(monkeypatch, "print('ready', flush=True); time.sleep(60)")

    class Once:
        """A view that, when nothing else ends the demonstration, interrupts it."""

        def show(self, scene: object) -> None:  # noqa: ARG002  the name is the protocol's
            if seconds is None:
                demo.signal.raise_signal(demo.signal.SIGINT)

        def close(self) -> None:
            """Nothing to leave."""

    play = demo.Stage(tmp_path / "NZL", (), Once()).play(seconds)
    # It cancels its own task when told, so it needs one to itself.
    await asyncio.wait_for(asyncio.get_running_loop().create_task(play), 20)


def test_a_terminal_gets_a_table_unless_lines_are_asked_for() -> None:
    assert isinstance(demo.make_view(plain=True), demo.PlainView)


def test_a_log_without_a_line_is_said_to_be_empty(tmp_path: Path) -> None:
    (tmp_path / "log").write_text("\n\n", "utf-8")
    assert demo.last_line(tmp_path / "log") == "its log is empty"
