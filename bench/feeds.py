"""Recorded sentences and frames a second, from bytes to the disk: frame, decode, picture, journal.

    .venv/bin/python bench/feeds.py --ais FILE --adsb FILE
    .venv/bin/python bench/feeds.py --signalk .cache/signalk --beside FILE [FILE ...]

A recording is played several times over, each time a day later, so that nothing is superseded; its
lines are made ready before the clock starts. Beside it runs the bare decoder on the same lines in
the same minute. Figures are by CPU time of the whole process, its journal's thread included.

With `--signalk DIR` Signal K's server and the whole way here take in the same sentences, once:
those of the recordings `--beside`, each message once, of the types that both use, and 20,000 at
least if the ratio is to mean something. Printed is how many messages each of them read. Signal K is
installed into DIR where it is not there.
"""

import argparse
import gc
import gzip
import json
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import signalk
from pyais import decode as pyais_decode

from accord.core.clock import SystemClock
from accord.core.context import LIVE
from accord.core.principal import Direction, Principal
from accord.core.report import Form, Source
from accord.feeds.catalogue import FORMATS
from accord.feeds.settings import Format
from accord.live.hub import Hub
from accord.live.intake import Intake, IntakeSettings, Speaker
from accord.live.words import Words, WordsSettings
from accord.observe.log import Log
from accord.picture.picture import Picture, PictureSettings
from accord.storage.journal import Journal
from accord.storage.settings import JournalSettings
from accord.storage.sqlite import SqliteDatabase
from accord.wire.adsb import message as adsb
from accord.wire.ais.message import decode
from accord.wire.ais.stream import AisFrame, AisStream, time_of, with_time
from accord.wire.errors import WireError

DAY = 86_400.0
CHUNK = 200
"""Lines handed on at once: about what a socket gives."""

Batch = tuple[float, bytes]

ASKED = {Format.AIS: 20_000, Format.AVR: 50_000}
ASKED_OF_SIGNALK = 5
"""What the whole way has to do: sentences and frames a second, and how many times Signal K."""

ENOUGH = 20_000
"""Sentences below which a comparison says little: what begins once counts for too much."""

BOTH_USE = frozenset(b"1235BCEH")
"""First letters of payloads of types 1, 2, 3, 5, 18, 19, 21 and 24: positions, and names."""

READ = ("reports", "static")
"""What is counted here of messages that were read."""


class Way:
    """Everything that a report goes through in a node."""

    def __init__(self, directory: Path, kind: Format) -> None:
        clock = SystemClock()
        source = Source(node="NZL", channel="feed:bench", speaker="bench")
        groups = frozenset({"Watch"})
        who = Principal(name="feed:bench", groups={"Watch": Direction.IN})
        self.journal = Journal(
            SqliteDatabase(directory / "journal.sqlite", max_bytes=4 << 30),
            JournalSettings(max_bytes=4 << 30, positions_bytes=1 << 30),
            clock=clock, log=Log(clock), positions={},
        )  # fmt: skip
        self.journal.start()
        self.due: list[Callable[[], None]] = []
        hub = Hub(
            encoders={Form.COT_XML: lambda _: b""},
            words=Words(WordsSettings(), clock=clock),
            flush_interval=0, schedule=lambda _, run: self.due.append(run),
        )  # fmt: skip
        self.picture = Picture(PictureSettings())
        self.intake = Intake(IntakeSettings(), picture=self.picture, journal=self.journal, hub=hub)
        self.speaker = Speaker(principal=who, source=source)
        self.reader = FORMATS[kind].reader(source=source, groups=groups, context=LIVE)

    def take(self, at: float, data: bytes) -> None:
        received = datetime.fromtimestamp(at, UTC)
        for report in self.reader.read(data, received=received, tick=at):
            self.intake.accept(report, self.speaker)
        for run in self.due:  # a node writes to its receivers every 5 ms, which is no oftener
            run()
        self.due.clear()
        while self.journal.is_congested():
            time.sleep(0.001)


def lines(path: Path) -> list[bytes]:
    with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
        return file.read().splitlines()


def ais_batches(path: Path, rounds: int) -> Iterator[Batch]:
    said = [each for each in lines(path) if b"VDM" in each or b"VDO" in each]
    times = [time_of(each) for each in said]
    at = next((each for each in times if each is not None), 1_600_000_000.0)
    stamped: list[tuple[float, bytes]] = []
    for each, found in zip(said, times, strict=True):
        at = max(at, found) if found is not None else at + 0.01
        stamped.append((at, each))
    for number in range(rounds):
        shift = number * DAY
        for start in range(0, len(stamped), CHUNK):
            part = stamped[start : start + CHUNK]
            data = b"".join(with_time(line, when + shift) + b"\r\n" for when, line in part)
            yield part[-1][0] + shift, data


def is_of_use(frame: AisFrame) -> bool:
    """Tell whether both have a use for it.

    Signal K refuses a position report without a position, and here one is counted and no report;
    what cannot be what its type says is refused here, and there in part.
    """
    with suppress(WireError):
        if frame.payload[0] in BOTH_USE:
            position, _ = decode(frame.payload, frame.fill)
            return position is None or None not in (position.lat, position.lon)
    return False


def once_each(paths: Sequence[Path]) -> list[Batch]:
    """Every message of the recordings that both use, once: all of its sentences one after another.

    Of parts that came mixed up with those of others, no two programs make the same.
    """
    known: set[bytes] = set()
    found: list[Batch] = []
    for path in paths:
        stream, at, part = AisStream(), 0.0, list[bytes]()
        for number, line in enumerate(lines(path)):
            for frame in stream.receive(line + b"\n", number / 100):
                if frame.payload in known or not is_of_use(frame):
                    continue
                known.add(frame.payload)
                at = max(at, frame.time or 0.0) or 1_600_000_000.0
                said = [each for each in frame.data.split(b"\n") if b"!" in each]  # no wrappers
                part += [with_time(each, at) for each in said]
            if len(part) >= CHUNK:
                found.append((at, b"".join(each + b"\r\n" for each in part)))
                part.clear()
        if part:
            found.append((at, b"".join(each + b"\r\n" for each in part)))
    return found


def beside_signalk(directory: Path, paths: Sequence[Path]) -> None:
    batches = once_each(paths)
    count = sum(data.count(b"\n") for _, data in batches)
    few = "" if count >= ENOUGH else f"; too few: give recordings of {ENOUGH:,}"
    print(f"both: {count} sentences of {', '.join(each.name for each in paths)}{few}")
    here, counts = whole(Format.AIS, batches, count, "AIS sentences that both use")
    read = sum(counts[each] for each in READ)
    other = signalk.rate(directory, [data for _, data in batches])
    print(f"    messages read: {read} here, {other.decoded} by Signal K, of {count} sentences each")
    if read != other.decoded:
        print(f"    NOT the same: {abs(read - other.decoded)} more by one of them")
    print(f"    {here / other.rate:.1f} times Signal K's server; asked are {ASKED_OF_SIGNALK}")


def adsb_batches(path: Path, rounds: int) -> Iterator[Batch]:
    said = [json.loads(each) for each in lines(path)]
    for number in range(rounds):
        for start in range(0, len(said), CHUNK):
            part = said[start : start + CHUNK]
            data = b"".join(b"*%b;\n" % each["frame"].encode() for each in part)
            yield part[-1]["timestamp"] + number * DAY, data


def timed(name: str, count: int, work: Callable[[], object]) -> float:
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    print(
        f"{name:44} {count / cpu:10,.0f}/s by CPU {1e6 * cpu / count:8.1f} us each"
        f" {count / wall:10,.0f}/s by the clock",
        flush=True,
    )
    return count / cpu


def whole(
    kind: Format, batches: Sequence[Batch], count: int, name: str
) -> tuple[float, Counter[str]]:
    with tempfile.TemporaryDirectory() as directory:
        way = Way(Path(directory), kind)

        def run() -> None:
            for at, data in batches:
                way.take(at, data)
            way.journal.stop()

        rate = timed(name, count, run)
        kept = way.journal.status().kept
        print(f"    {way.intake.accepted} reports, {len(way.picture)} tracks, {kept} kept on disk")
        print(f"    {dict(way.reader.counts)}")
        return rate, way.reader.counts


def bare_ais(batches: Sequence[Batch]) -> None:
    """What pyais makes of single sentences; of those of many parts, nothing."""
    for _, data in batches:
        for line in data.split(b"\r\n"):
            sentence = line[line.find(b"!") :]
            if sentence[6:11] == b",1,1,":
                with suppress(Exception):
                    pyais_decode(sentence).asdict()


def bare_adsb(batches: Sequence[Batch]) -> None:
    for _, data in batches:
        for line in data.split(b"\n"):
            if line:
                adsb.read(bytes.fromhex(line[1:-1].decode()))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    golden = Path(__file__).parents[1] / "tests" / "golden"
    parser.add_argument("--ais", type=Path, default=golden / "ais" / "gpsd_ait250.log")
    parser.add_argument("--adsb", type=Path, default=golden / "adsb" / "jet1090.jsonl.gz")
    parser.add_argument("--sentences", type=int, default=100_000)
    parser.add_argument("--signalk", type=Path, metavar="DIR", help="where Signal K is, or will be")
    parser.add_argument(
        "--beside", type=Path, nargs="+", metavar="FILE", help="recordings that both take in"
    )
    given = parser.parse_args()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)  # as `accord serve` does
    for name, kind, make, bare in (
        ("AIS sentences", Format.AIS, ais_batches, bare_ais),
        ("Mode S frames", Format.AVR, adsb_batches, bare_adsb),
    ):
        path = given.ais if kind is Format.AIS else given.adsb
        once = sum(data.count(b"\n") for _, data in make(path, 1))
        batches = list(make(path, max(1, given.sentences // once)))
        count = sum(data.count(b"\n") for _, data in batches)
        print(f"{path.name}: {once} lines, {count} in all")
        rate, _ = whole(kind, batches, count, f"{name}, bytes to the disk")
        alone = timed(f"{name}, the bare decoder", count, lambda b=bare, d=batches: b(d))
        print(f"    the whole way costs {alone / rate:.1f} times the bare decoder")
        asked = ASKED[kind]
        print(f"    {rate / asked:.2f} of the {asked:,} a second that are asked of one core")
    if given.signalk is not None:
        beside_signalk(given.signalk, given.beside or [given.ais])


if __name__ == "__main__":
    main()
