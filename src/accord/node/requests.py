"""What the command line asks of a node, on disk: one file for each request, one for its answer.

A request is never changed. Its answer is written anew when more is known. Both outlast a restart,
so that what is asked of a node that does not run is done when it does.
"""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import cast

from accord.core.errors import AccordError
from accord.security import keystore

REQUESTS = Path("federation/requests")
ANSWER = ".answer"
MAX_FILE = 16_384
"""Bytes of a request."""
MAX_REASON = 500
"""Characters of a reason, which stands in the ledgers of both nodes."""
MAX_OPEN = 1_000
"""Requests that may wait for a node."""
MAX_KEPT = 1_000
"""Requests that stay on disk with their answers; the oldest goes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecallWanted:
    """Call back of a partner: an object, or what an agreement or one clause of it let out."""

    partner: str
    uid: str = ""
    agreement: str = ""
    clause: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SuspensionWanted:
    """Release nothing more by an agreement; `record` is what a party signed to stop it."""

    agreement: str
    serial: int
    record: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportWanted:
    """Write a bundle for a partner; somebody waits for it, so that it is soon or not at all."""

    partner: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportWanted:
    """Take in the bundle of a partner that was put into `federation/bundles/in` by that name."""

    partner: str
    file: str


Wanted = RecallWanted | SuspensionWanted | ExportWanted | ImportWanted


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What somebody asks for, when and why; `by` is the account that it was typed in."""

    number: int
    at: datetime
    by: str
    reason: str
    wanted: Wanted


@dataclass(slots=True, kw_only=True)
class Told:
    """One recall as a partner was told it; `outcome` is empty until the partner answers."""

    partner: str
    digest: str
    agreement: str
    clause: str
    name: str
    outcome: str = ""
    objects: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class InFlight:
    """What was released and not acknowledged: the partner may or may not get it."""

    partner: str
    name: str
    agreement: str
    clause: str
    form: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BundleTold:
    """A bundle that was written, or taken in; `made` in ms by the clock of who made it.

    `file`: where one that was written lies, in `federation/bundles/out`. `is_known`, `is_whole`:
    as the node wrote it (federation/carrier.py). `fresh`: how much of one that came was new.
    """

    partner: str
    id: str
    made: int
    items: int
    bytes: int
    file: str = ""
    is_known: bool = True
    is_whole: bool = True
    fresh: int = 0


@dataclass(slots=True, kw_only=True)
class Answer:
    """What became of a request; `refused` says why nothing did. `partners` were told."""

    refused: str = ""
    partners: list[str] = field(default_factory=list[str])
    recalls: list[Told] = field(default_factory=list[Told])
    in_flight: list[InFlight] = field(default_factory=list[InFlight])
    bundle: BundleTold | None = None

    @property
    def is_complete(self) -> bool:
        """Whether no partner has to answer any more."""
        return all(told.outcome for told in self.recalls)


def put(
    directory: Path,
    wanted: Wanted,
    *,
    reason: str,
    by: str,
    at: datetime,
) -> Request:
    """Ask the node of a directory for something. AccordError when that cannot be written."""
    place = directory / REQUESTS
    try:
        place.mkdir(parents=True, exist_ok=True, mode=0o700)
        known = sorted(numbers(directory))
        if len(known) - sum(_answer_of(place, each).exists() for each in known) >= MAX_OPEN:
            raise AccordError(f"{MAX_OPEN} requests wait in {place} already: start the node")
        return _put(place, max(known, default=0), wanted, reason=reason, by=by, at=at)
    except OSError as error:
        raise AccordError(f"cannot write {place}: {error.strerror}") from None


def _put(
    place: Path,
    last: int,
    wanted: Wanted,
    *,
    reason: str,
    by: str,
    at: datetime,
) -> Request:
    """Write a request whole under the next number that nobody else takes meanwhile."""
    while True:
        last += 1
        request = Request(number=last, at=at, by=by, reason=reason, wanted=wanted)
        with NamedTemporaryFile(dir=place, prefix=".new-") as file:
            file.write(_spell(request))
            file.flush()
            os.fsync(file.fileno())
            try:
                (place / str(last)).hardlink_to(file.name)
            except FileExistsError:
                continue
        return request


def numbers(directory: Path) -> Iterator[int]:
    """Yield the numbers of all requests, in no order."""
    with os.scandir(directory / REQUESTS) as found:
        yield from (int(each.name) for each in found if each.name.isascii() and each.name.isdigit())


def read(directory: Path, number: int) -> Request:
    """Return a request. AccordError says why it cannot be read."""
    path = directory / REQUESTS / str(number)
    try:
        with path.open("rb") as file:
            row = cast("dict[str, object]", json.loads(file.read(MAX_FILE)))
        return _request(number, row)
    except OSError as error:
        raise AccordError(f"cannot read {path}: {error.strerror}") from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise AccordError(f"{path} is no request") from None


def answered(directory: Path, number: int) -> Answer | None:
    """Return what became of a request so far, None where the node has not looked at it yet."""
    path = _answer_of(directory / REQUESTS, number)
    try:
        row = json.loads(path.read_bytes())
        return Answer(
            refused=row["refused"],
            partners=row["partners"],
            recalls=[Told(**each) for each in row["recalls"]],
            in_flight=[InFlight(**each) for each in row["in_flight"]],
            bundle=None if row.get("bundle") is None else BundleTold(**row["bundle"]),
        )
    except FileNotFoundError:
        return None
    except OSError as error:
        raise AccordError(f"cannot read {path}: {error.strerror}") from None
    except (ValueError, KeyError, TypeError):
        raise AccordError(f"{path} is no answer") from None


def recalls(directory: Path) -> Iterator[tuple[Request, Answer | None]]:
    """Yield what was asked to be called back and what became of it, the oldest first.

    What cannot be read is left out: the node says so where it is asked to do it.
    """
    try:
        known = sorted(numbers(directory))
    except FileNotFoundError:
        return
    for number in known:
        with suppress(AccordError):
            request = read(directory, number)
            if isinstance(request.wanted, RecallWanted):
                yield request, answered(directory, number)


def answer(directory: Path, number: int, said: Answer) -> None:
    """Write down what became of a request. AccordError when that cannot be done."""
    data = json.dumps(asdict(said), ensure_ascii=False).encode()
    keystore.write_private(_answer_of(directory / REQUESTS, number), data)


def forget_old(directory: Path) -> None:
    """Remove the oldest requests that are answered, where there are too many."""
    place = directory / REQUESTS
    for number in sorted(numbers(directory))[:-MAX_KEPT]:
        path = _answer_of(place, number)
        if path.exists():
            (place / str(number)).unlink()
            path.unlink()


def _answer_of(place: Path, number: int) -> Path:
    return place / f"{number}{ANSWER}"


_ASKED: dict[type, str] = {
    RecallWanted: "recall", SuspensionWanted: "suspend", ExportWanted: "export",
    ImportWanted: "import",
}  # fmt: skip


def _spell(request: Request) -> bytes:
    said = {
        "at": request.at.isoformat(),
        "by": request.by,
        "reason": request.reason,
        "ask": _ASKED[type(request.wanted)],
        **asdict(request.wanted),
    }
    return json.dumps(said, indent=1, ensure_ascii=False).encode()


def _request(number: int, row: Mapping[str, object]) -> Request:
    wanted = _wanted(row)
    at, reason = datetime.fromisoformat(_text(row, "at")), _text(row, "reason")
    if len(reason) > MAX_REASON or at.tzinfo is None:
        raise ValueError(reason)
    return Request(number=number, at=at, by=_text(row, "by"), reason=reason, wanted=wanted)


def _wanted(row: Mapping[str, object]) -> Wanted:
    match row["ask"]:
        case "recall":
            words = {key: _text(row, key) for key in ("partner", "uid", "agreement", "clause")}
            return RecallWanted(**words)
        case "suspend" if isinstance(serial := row["serial"], int):
            return SuspensionWanted(
                agreement=_text(row, "agreement"), serial=serial, record=_text(row, "record")
            )
        case "export":
            return ExportWanted(partner=_text(row, "partner"))
        case "import":
            return ImportWanted(partner=_text(row, "partner"), file=_text(row, "file"))
        case asked:
            raise ValueError(asked)


def _text(row: Mapping[str, object], key: str) -> str:
    text = row[key]
    if not isinstance(text, str):
        raise TypeError(key)
    return text
