from collections import Counter
from pathlib import Path

import pytest

from accord.core.agreement import Reason, Withheld
from accord.core.errors import AccordError
from accord.federation import link_memory
from accord.federation.coalition import Coalition
from accord.federation.link_memory import LINKS, LinkMemory
from accord.federation.moment import Moment
from accord.federation.settings import SyncSettings
from accord.federation.sync import Pair, PartnerSync
from accord.observe.log import Log
from accord.wire.peer.record import Outcome
from support.clock import START, ManualClock

NOW = Moment(START, 1000.0)


def a_sync() -> PartnerSync:
    return PartnerSync(
        Pair(own="NZL", partner="USA", epoch=7),
        SyncSettings(),
        decide=lambda _report, _at: Withheld(reason=Reason.NOT_PARTY),
        coalition=Coalition(limit=10, silent_after=60.0),
        random=bytes,
        counts=Counter(),
    )


def test_what_is_kept_of_a_link_is_the_same_when_it_is_recalled(tmp_path: Path) -> None:
    sync = a_sync()
    sync.suspend(bytes(8), "a mistake", NOW)
    LinkMemory(tmp_path, "USA", sync).keep()
    again = a_sync()
    LinkMemory(tmp_path, "USA", again).recall(NOW, Log(ManualClock()))
    assert again.held() == sync.held()
    assert (tmp_path / LINKS / "USA").stat().st_mode & 0o077 == 0


def test_a_link_that_has_kept_nothing_begins_anew_without_a_word(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    LinkMemory(tmp_path, "USA", a_sync()).recall(NOW, Log(ManualClock()))
    assert caplog.records == []


@pytest.mark.parametrize("spoilt", [b"", b"\xff", b"\x80", b"\x9f", b"\xa0"])
def test_what_is_spoilt_is_said_and_as_good_as_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, spoilt: bytes
) -> None:
    (tmp_path / LINKS).mkdir(parents=True)
    (tmp_path / LINKS / "USA").write_bytes(spoilt)
    sync = a_sync()
    LinkMemory(tmp_path, "USA", sync).recall(NOW, Log(ManualClock()))
    assert sync.held() == a_sync().held()
    assert "link has forgotten" in caplog.text


def test_where_nothing_can_be_kept_that_is_said(tmp_path: Path) -> None:
    (tmp_path / "federation").write_text("in the way")
    with pytest.raises(AccordError, match="cannot write"):
        LinkMemory(tmp_path, "USA", a_sync()).keep()


def memory(directory: Path, sync: PartnerSync) -> LinkMemory:
    return LinkMemory(directory, "USA", sync)


def waiting(directory: Path) -> tuple[int, ...]:
    """How many entries of each lane a link has to tell that goes on from there."""
    again = a_sync()
    memory(directory, again).recall(NOW, Log(ManualClock()))
    return tuple(len(log.entries) for log in again.held().logs)


def test_what_happened_since_is_there_as_well(tmp_path: Path) -> None:
    sync = a_sync()
    kept = memory(tmp_path, sync)
    kept.keep()
    before = (tmp_path / LINKS / "USA").read_bytes()
    sync.answer(bytes(32), Outcome.DROPPED, 1, NOW)
    kept.note()
    kept.note()
    assert (tmp_path / LINKS / "USA").read_bytes() == before
    assert waiting(tmp_path) == (0, 1, 0, 0)
    assert (tmp_path / LINKS / "USA.since").stat().st_mode & 0o077 == 0


def test_what_happened_before_all_was_written_does_not_count_again(tmp_path: Path) -> None:
    sync = a_sync()
    kept = memory(tmp_path, sync)
    kept.keep()
    sync.answer(bytes(32), Outcome.DROPPED, 1, NOW)
    kept.note()
    old = (tmp_path / LINKS / "USA.since").read_bytes()
    kept.keep()
    (tmp_path / LINKS / "USA.since").write_bytes(old)  # as if it had died between the two files
    assert waiting(tmp_path) == (0, 1, 0, 0)
    (tmp_path / LINKS / "USA.since").unlink()
    assert waiting(tmp_path) == (0, 1, 0, 0)


def test_of_what_was_cut_off_what_came_before_counts(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    sync = a_sync()
    kept = memory(tmp_path, sync)
    kept.note()  # the first is whole
    for number in range(2):
        sync.answer(bytes([number] * 32), Outcome.DROPPED, 1, NOW)
        kept.note()
    since = tmp_path / LINKS / "USA.since"
    since.write_bytes(since.read_bytes()[:-1])
    assert waiting(tmp_path) == (0, 1, 0, 0)
    assert "link has forgotten" in caplog.text


def test_what_happened_since_has_a_limit_and_is_then_written_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(link_memory, "MOST_SINCE", 40)
    sync = a_sync()
    kept = memory(tmp_path, sync)
    kept.keep()
    sync.answer(bytes(32), Outcome.DROPPED, 1, NOW)
    kept.note()
    assert (tmp_path / LINKS / "USA.since").stat().st_size == link_memory.DIGEST
    assert waiting(tmp_path) == (0, 1, 0, 0)


def test_what_could_not_be_added_is_written_whole_the_next_time(tmp_path: Path) -> None:
    sync = a_sync()
    kept = memory(tmp_path, sync)
    kept.keep()
    since = tmp_path / LINKS / "USA.since"
    since.unlink()
    since.mkdir()
    sync.answer(bytes(32), Outcome.DROPPED, 1, NOW)
    with pytest.raises(AccordError, match=r"cannot write .*USA\.since"):
        kept.note()
    since.rmdir()
    kept.note()
    assert waiting(tmp_path) == (0, 1, 0, 0)


def test_what_the_disk_takes_only_part_of_is_written_whole_the_next_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sync = a_sync()
    kept = memory(tmp_path, sync)
    kept.keep()
    sync.answer(bytes(32), Outcome.DROPPED, 1, NOW)
    with monkeypatch.context() as patch:
        patch.setattr(link_memory.os, "write", lambda _file, data: len(data) - 1)
        with pytest.raises(AccordError, match="only part of it"):
            kept.note()
    kept.note()
    assert waiting(tmp_path) == (0, 1, 0, 0)
