import gzip
from contextlib import aclosing
from pathlib import Path

import pytest

from accord.feeds import file
from accord.feeds.feed import EMPTY, FeedError
from accord.feeds.file import MAX_LINES_AT_ONCE, MAX_UNTIMED, Document, Replay, Stamps
from support.clock import START, ManualClock


def time_of(line: bytes) -> float | None:
    number = line.partition(b"@")[2]
    return float(number) if number else None


def with_time(line: bytes, time: float) -> bytes:
    return b"%b at %.1f" % (line.partition(b"@")[0], time - START.timestamp())


STAMPS = Stamps(time_of, with_time)


class Player:
    """Replays a file on a clock of its own, and notes when each line came."""

    def __init__(self, path: Path, *, rounds: int = 1, **settings: object) -> None:
        self.clock = ManualClock()
        self.naps: list[float] = []
        self._left = rounds
        self.replay = Replay(
            path,
            STAMPS,
            clock=self.clock,
            sleep=self.sleep,
            **settings,  # type: ignore[arg-type]  # values are a test's
        )

    async def sleep(self, seconds: float) -> None:
        self.naps.append(seconds)
        self.clock.advance(seconds=seconds)

    async def lines(self, limit: int = 1000) -> list[str]:
        heard: list[str] = []
        async for data in self.replay.chunks():
            heard += data.decode().splitlines()
            if len(heard) >= limit:
                break
        return heard


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    path = tmp_path / "recording"
    path.write_bytes(b"head\r\na@100\nb\nc@102.5\nd@101\ne@110\n")
    return path


async def test_lines_come_at_the_pace_of_the_recording_with_the_present_as_their_time(
    recording: Path,
) -> None:
    assert await Player(recording).lines() == [
        "head at 0.0",
        "a at 0.0",
        "b at 0.0",
        "c at 2.5",
        "d at 2.5",
        "e at 10.0",
    ]


async def test_the_pace_can_be_raised(recording: Path) -> None:
    heard = await Player(recording, speed=4.0).lines()
    assert heard[-1] == "e at 2.5"


async def test_a_gzipped_recording_is_the_same(recording: Path, tmp_path: Path) -> None:
    packed = tmp_path / "packed"
    packed.write_bytes(gzip.compress(b"head\r\na@100\nb\nc@102.5\nd@101\ne@110\n"))
    assert await Player(packed).lines() == await Player(recording).lines()


async def test_a_looped_recording_starts_again(recording: Path) -> None:
    heard = await Player(recording, loop=True).lines(limit=12)
    assert heard[6:8] == ["head at 11.0", "a at 11.0"]


async def test_what_is_due_at_once_is_handed_on_in_parts(tmp_path: Path) -> None:
    path = tmp_path / "recording"
    path.write_bytes(b"a@100\n" * (2 * MAX_LINES_AT_ONCE + 1))
    sizes = [data.count(b"\n") async for data in Player(path).replay.chunks()]
    assert sizes == [MAX_LINES_AT_ONCE, MAX_LINES_AT_ONCE, 1]


@pytest.mark.parametrize("lines", [0, 3, MAX_UNTIMED + 10])
async def test_a_recording_without_times_is_refused(tmp_path: Path, lines: int) -> None:
    path = tmp_path / "recording"
    path.write_bytes(b"a\n" * lines)
    with pytest.raises(FeedError, match="its pace is not known"):
        await Player(path).lines(limit=10_000)


async def test_a_recording_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        await Player(tmp_path / "none").lines()


@pytest.mark.parametrize("damage", [lambda data: data[:-12], lambda data: data[:12] + b"\xff" * 20])
async def test_a_damaged_recording_says_so(tmp_path: Path, damage: object) -> None:
    path = tmp_path / "packed"
    path.write_bytes(damage(gzip.compress(b"a@100\n" * 50)))  # type: ignore[operator]  # a function
    with pytest.raises(FeedError, match="cut short or damaged"):
        await Player(path).lines()


async def test_a_document_is_read_whole_and_again_when_it_has_changed(tmp_path: Path) -> None:
    path = tmp_path / "route.gpx"
    path.write_bytes(b"one")
    looks = 0

    async def sleep(_: float) -> None:
        nonlocal looks
        looks += 1
        if looks == 2:
            path.write_bytes(b"other")

    async with aclosing(Document(path, every=5.0, sleep=sleep).chunks()) as chunks:
        assert [await anext(chunks) for _ in range(3)] == [b"one", b"", b"other"]


async def test_a_document_that_is_too_large_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file, "MAX_DOCUMENT", 3)
    (tmp_path / "x").write_bytes(b"four")
    with pytest.raises(FeedError, match="larger"):
        await anext(Document(tmp_path / "x", every=5.0).chunks())


async def test_an_empty_document_is_counted_and_said(tmp_path: Path) -> None:
    (tmp_path / "x").touch()
    document = Document(tmp_path / "x", every=5.0)
    with pytest.raises(FeedError, match="is empty"):
        await anext(document.chunks())
    assert document.counts == {EMPTY: 1}
