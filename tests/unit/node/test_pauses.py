from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from accord.core.errors import AccordError
from accord.federation.moment import Moment
from accord.node.pauses import Paused, Pauses
from accord.observe.log import Log
from accord.storage.agreements import AGREEMENTS, Agreements, Pause
from support.clock import START, ManualClock
from support.small_agreement import FILES, GIVER, ID, KEYS, RECEIVER, signed, small

THIRD = "TON-C"


class FakeSync:
    """Does as it is told."""

    def __init__(self) -> None:
        self.suspended: dict[bytes, str] = {}
        self.told: list[tuple[str, Moment]] = []

    def suspend(self, agreement: bytes, reason: str, now: Moment) -> tuple[str, ...]:
        self.suspended[agreement] = reason
        self.told.append((reason, now))
        return ("in flight", "too")


@dataclass
class Desk:
    directory: Path
    own: str

    def __post_init__(self) -> None:
        self.clock = ManualClock()
        self.syncs = {RECEIVER: FakeSync(), GIVER: FakeSync(), THIRD: FakeSync()}
        del self.syncs[self.own]
        self.changed: list[str] = []
        ties: Any = {node: SimpleNamespace(sync=sync) for node, sync in self.syncs.items()}
        self.pauses = Pauses(
            self.directory, self.own, ties,
            clock=self.clock, changed=self.changed.append, log=Log(self.clock),
        )  # fmt: skip

    @property
    def held(self) -> Agreements:
        return Agreements(self.directory / AGREEMENTS)


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    held = Agreements(tmp_path / AGREEMENTS)
    (tmp_path / AGREEMENTS).mkdir()
    held.activate(small(), FILES, signed(small()), trusted=KEYS)
    return tmp_path


@pytest.mark.parametrize(("own", "other"), [(GIVER, RECEIVER), (RECEIVER, GIVER)])
def test_a_pause_holds_on_disk_and_stops_what_flows_either_way(
    directory: Path, own: str, other: str
) -> None:
    desk = Desk(directory, own)
    found = desk.pauses.pause(ID, "boss", "wrong area")
    assert found == Paused(partners=(other,), in_flight=2)
    assert desk.syncs[other].told == [("paused: wrong area", Moment(START, desk.clock.monotonic()))]
    assert desk.changed == [other]
    assert desk.syncs[THIRD].told == []
    ((terms, pause),) = desk.held.paused()
    assert pause == Pause(by="boss", at=START, reason="wrong area")
    assert desk.pauses.prefixes() == {bytes.fromhex(terms.digest)[:8]}


def test_a_pause_of_a_command_is_seen_at_a_look_and_told_once(directory: Path) -> None:
    desk = Desk(directory, GIVER)
    desk.pauses.look()
    assert desk.syncs[RECEIVER].told == []
    desk.held.pause(ID, Pause(by="root", at=START - timedelta(hours=1), reason="x"))
    desk.pauses.look()
    desk.pauses.look()
    assert [reason for reason, _ in desk.syncs[RECEIVER].told] == ["paused: x"]


def test_it_goes_on_when_somebody_says_so(directory: Path) -> None:
    desk = Desk(directory, GIVER)
    desk.pauses.pause(ID, "boss", "x")
    desk.pauses.go_on(ID, "boss")
    assert desk.held.paused() == []
    assert desk.pauses.prefixes() == frozenset()
    with pytest.raises(AccordError, match="not paused"):
        desk.pauses.go_on(ID, "boss")


def test_what_is_not_held_or_cannot_be_written_is_said(
    directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = Desk(directory, GIVER)
    with pytest.raises(AccordError, match="holds no agreement"):
        desk.pauses.pause("OTHER", "boss", "x")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("accord.storage.agreements._write", full)
    with pytest.raises(AccordError, match="No space left"):
        desk.pauses.pause(ID, "boss", "x")
    assert desk.syncs[RECEIVER].told == []


def test_a_disk_that_fails_ends_no_look(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk(directory, GIVER)

    def fails(_: Agreements) -> list[Any]:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(Agreements, "paused", fails)
    desk.pauses.look()
