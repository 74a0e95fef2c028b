from pathlib import Path

import pytest

from accord.core.errors import AccordError
from accord.federation import bundle_memory
from accord.federation.bundle_memory import MAX_CAME, MAX_SENT, BundleMemory, Passed, Sent
from accord.federation.by_file import State
from accord.federation.version import ObjectKey
from accord.observe.log import Log
from accord.wire.peer.protocol import Version
from support.clock import ManualClock

STATE = State(ObjectKey("NZL-A", "live", "U1"), Version(3, 500))


def passed(number: int, made: int = 0) -> Passed:
    return Passed(id=number.to_bytes(16), made=made or number, at=9_000, items=4)


def log() -> Log:
    return Log(ManualClock())


def test_a_bundle_that_came_is_known_again() -> None:
    memory = BundleMemory()
    memory.took(passed(1, made=700))
    assert "imported before" in memory.why_not((1).to_bytes(16), 700)
    assert memory.why_not((2).to_bytes(16), 600) == ""
    assert memory.last_in == passed(1, made=700)


def test_a_bundle_that_is_forgotten_is_not_taken_again_and_counted() -> None:
    memory = BundleMemory()
    for number in range(1, MAX_CAME + 2):
        memory.took(passed(number))
    assert len(memory.came) == MAX_CAME
    assert memory.forgotten == 1
    assert "older than" in memory.why_not((1).to_bytes(16), 1)
    assert memory.why_not(b"n" * 16, MAX_CAME + 5) == ""


def test_what_was_written_before_a_recall_is_void() -> None:
    memory = BundleMemory()
    memory.called_back(500)
    memory.called_back(400)
    assert "called something back" in memory.why_not(b"x" * 16, 499)
    assert memory.why_not(b"x" * 16, 500) == ""


def test_only_a_newer_word_of_the_partner_takes_the_place_of_the_last() -> None:
    memory = BundleMemory()
    assert memory.heard(b"first", 10)
    assert not memory.heard(b"older", 9)
    assert not memory.heard(b"same", 10)
    assert memory.theirs == b"first"
    assert memory.heard(b"newer", 11)


def test_what_is_answered_has_arrived_and_is_done_with() -> None:
    memory = BundleMemory()
    memory.wrote(Sent(b"a" * 16, 1, (STATE,)), 1)
    memory.wrote(Sent(b"b" * 16, 2, ()), 0)
    assert memory.answered([b"x" * 16]) == []
    assert memory.answered([b"a" * 16]) == [STATE]
    assert memory.answered([b"a" * 16]) == []
    assert memory.last_out is not None
    assert not memory.last_out.answered
    memory.answered([b"b" * 16])
    assert memory.last_out.answered


def test_of_bundles_without_an_answer_only_so_many_are_remembered() -> None:
    memory = BundleMemory()
    for number in range(MAX_SENT + 2):
        memory.wrote(Sent(number.to_bytes(16), number, (STATE,)), 1)
    assert len(memory.sent) == MAX_SENT
    assert memory.forgotten == 2
    assert memory.answered([(0).to_bytes(16)]) == []


def test_the_newest_that_came_are_answered() -> None:
    memory = BundleMemory()
    for number in (3, 1, 2):
        memory.took(passed(number))
    assert memory.answers(2) == ((2).to_bytes(16), (3).to_bytes(16))


def test_everything_outlasts_the_process(tmp_path: Path) -> None:
    memory = BundleMemory()
    memory.heard(b"hello", 10)
    memory.wrote(Sent(b"a" * 16, 1, (STATE,)), 1)
    memory.took(passed(1))
    memory.horizon, memory.forgotten = 7, 2
    memory.called_back(3)
    bundle_memory.save(tmp_path, "USA", memory)
    assert bundle_memory.load(tmp_path, "USA", log()) == memory
    assert bundle_memory.load(tmp_path, "AUS", log()) == BundleMemory()


@pytest.mark.parametrize("data", [b"\xff", b"\x80", b"\x81\x01", b"\x01", b""])
def test_what_is_spoilt_is_as_good_as_nothing_and_said(
    tmp_path: Path, data: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    place = tmp_path / bundle_memory.BUNDLES / "USA"
    place.parent.mkdir(parents=True)
    place.write_bytes(data)
    assert bundle_memory.load(tmp_path, "USA", log()) == BundleMemory()
    assert "bundles are forgotten" in caplog.text


def test_another_shape_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bundle_memory.save(tmp_path, "USA", BundleMemory(theirs=b"x"))
    monkeypatch.setattr(bundle_memory, "SHAPE", 2)
    assert bundle_memory.load(tmp_path, "USA", log()) == BundleMemory()


def test_what_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "federation").write_text("a file")
    with pytest.raises(AccordError, match="cannot write"):
        bundle_memory.save(tmp_path, "USA", BundleMemory())
