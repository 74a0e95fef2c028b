"""Times the ledger on disk and prints what it takes, all from one run on one core.

- lines a second that are on the disk when `append` returns, 20 and 200 to a call, beside what the
  disk takes for a bare flush
- verifying a ledger of 1,000,000 lines, with a checkpoint every 10,000
- a start, a proof and an export of that ledger

Wall-clock seconds, since the disk is part of it. Exit code 1 when a goal is missed.
"""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from accord.core.partner import NodeName
from accord.release.ledger.audit import Audited, audit
from accord.release.ledger.checkpoint import cosign, cosigner_name, origin_of, read_checkpoint
from accord.release.ledger.entry import Release
from accord.release.ledger.note import Signer, read_note
from accord.storage.ledger import Ledger
from accord.storage.ledger_reader import LedgerReader, Owner, path_of

OWN, PARTNER = NodeName("pac.example", "USA-PAC"), NodeName("jfnz.example", "NZL-JFNZ")
ORIGIN = origin_of(OWN, PARTNER.node)
AUTHOR = Signer(ORIGIN, Ed25519PrivateKey.from_private_bytes(sha256(b"own").digest()))
WITNESS = Signer(
    cosigner_name(PARTNER), Ed25519PrivateKey.from_private_bytes(sha256(b"partner").digest())
)
KEYS = [AUTHOR.key, WITNESS.cosigner_key]
AT = datetime(2026, 12, 1, 6, tzinfo=UTC)
DIGEST = sha256(b"agreement").digest()
FLUSHES = 200
PER_CALL = 200
PER_CHECKPOINT = 10_000


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table; `met` None where nothing is asked."""

    title: str
    value: str
    met: bool | None = None


def releases(first: int, count: int) -> list[Release]:
    return [
        Release(
            agreement="USA-NZL-2026-01",
            serial=3,
            digest=DIGEST,
            clause=f"{number % 9}.1",
            form="grid-1nm",
            name=f"P-{number % 9973:032x}",
            version=(7, 1_764_000_000_000 + number),
            payload=sha256(b"%d" % number).digest(),
            marking="(R//REL TO NZL)",
            frame=number // 20,
        )
        for number in range(first, first + count)
    ]


def seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def ledger_in(directory: Path) -> Ledger:
    return Ledger(path_of(directory, PARTNER.node), Owner(ORIGIN, OWN.node, PARTNER.node), KEYS)


def flushes(directory: Path) -> Iterator[Line]:
    """Time a page written at the end of a file and flushed: what the disk takes for one call."""
    with (directory / "bare").open("wb") as file:

        def flush() -> None:
            for _ in range(FLUSHES):
                file.write(bytes(4096))
                file.flush()
                os.fsync(file.fileno())

        took = seconds(flush) / FLUSHES
    yield Line("a bare flush of one page", f"{took * 1e6:,.0f} us")


def appends(directory: Path, per_call: int, count: int) -> Iterator[Line]:
    with closing(ledger_in(directory / str(per_call))) as ledger:
        batches = [releases(first, per_call) for first in range(0, count, per_call)]

        def append() -> None:
            for batch in batches:
                ledger.append(batch, AT)

        busy = time.process_time()
        took = seconds(append)
        busy = time.process_time() - busy
    yield Line(f"lines a second on the disk, {per_call} to a call", f"{count / took:,.0f}")
    yield Line("  one call", f"{took / len(batches) * 1e6:,.0f} us")
    yield Line("  one line, of the processor", f"{busy / count * 1e6:.1f} us")


def fill(directory: Path, count: int) -> None:
    with closing(ledger_in(directory)) as ledger:
        for first in range(0, count, PER_CALL):
            ledger.append(releases(first, min(PER_CALL, count - first)), AT)
            if (first + PER_CALL) % PER_CHECKPOINT == 0:
                ledger.keep(cosign(ledger.sign(AUTHOR), WITNESS, int(AT.timestamp())), KEYS)


def large(directory: Path, count: int) -> Iterator[Line]:
    """Time what is done with a large ledger; it is read from the system's cache."""
    took = seconds(lambda: fill(directory, count))
    path = path_of(directory, PARTNER.node)
    yield Line(f"{count:,} lines written, {PER_CALL} to a call", f"{took:.1f} s")
    yield Line("  bytes of the file for each", f"{path.stat().st_size / count:.0f}")
    yield Line("start", f"{seconds(lambda: ledger_in(directory).close()) * 1e3:.0f} ms")
    with closing(LedgerReader(path)) as reader:
        found: list[Audited] = []
        busy = time.process_time()
        took = seconds(lambda: found.append(audit(reader, ORIGIN, KEYS)))
        busy = time.process_time() - busy
        (said,) = found
        right = said.is_right and (said.size, said.cosigned) == (count, said.signed)
        yield Line(f"{count:,} lines verified (under 10 s)", f"{took:.1f} s", took < 10 and right)
        yield Line("  each, of the processor", f"{busy / count * 1e6:.2f} us")
        yield Line("  checkpoints held against it", f"{said.checkpoints}")
        size = read_checkpoint(read_note(reader.note()).text).size
        proofs = seconds(lambda: [reader.inclusion(n, size) for n in range(1, size, size // 20)])
        yield Line("a proof", f"{proofs / 20 * 1e3:.1f} ms")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=1_000_000)
    parser.add_argument("--appended", type=int, default=40_000)
    parser.add_argument("--directory", type=Path, help="where to write; else where files go")
    options = parser.parse_args()
    lines: list[Line] = []
    with tempfile.TemporaryDirectory(dir=options.directory) as name:
        directory = Path(name)
        for part in (
            flushes(directory),
            appends(directory, 20, options.appended),
            appends(directory, 200, options.appended),
            large(directory, options.lines),
        ):
            for line in part:
                lines.append(line)
                print(f"{line.title:56} {line.value:>12} {MET[line.met]}", flush=True)
    return 1 if any(line.met is False for line in lines) else 0


MET = {None: "", True: "met", False: "MISSED"}

if __name__ == "__main__":
    sys.exit(main())
