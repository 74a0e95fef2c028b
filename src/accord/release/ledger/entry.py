"""Entries of a ledger: one deterministic CBOR array each, by a closed schema.

An array rather than a map, so that there is one way to write it (RFC 8949, 4.2.1) and no key is
repeated a million times. docs/reference/ledger.md has it byte for byte.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from operator import attrgetter
from typing import cast

import cbor2

from accord.core.value import value
from accord.release.ledger.fault import LedgerFault, Unwritable
from accord.release.ledger.note import MAX_NOTE
from accord.release.merkle import HASH_BYTES

MAX_ENTRY = 24_000
"""Bytes of one entry."""

MAX_COUNTS = 256
"""Lines of one entry of refusals."""

MAX_STATEMENT = 2_000
"""Bytes of a partner's receipt."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_LATEST = 253_402_300_799_999
"""The last millisecond of the year 9999."""


@value
class Passage:
    """One version of an object that went from one node to another, and by what right.

    `digest` is that of the agreement's text, `payload` that of the bytes that went, both SHA-256;
    `version` is the epoch of the object's origin and the milliseconds that it counts in.
    """

    agreement: str
    serial: int
    digest: bytes
    clause: str
    form: str
    name: str
    version: tuple[int, int]
    payload: bytes
    marking: str
    frame: int


@value
class Release(Passage):
    """It went to the partner; `operator` is who released it by hand, None where a clause did."""

    operator: str | None = None


@value
class Received(Passage):
    """It came from the partner: the mirror of the release in the partner's ledger."""


@value
class Count:
    """So many reports were withheld. `clause` None: none decided; `sort` is the sort of track."""

    clause: str | None
    reason: str
    sort: str
    count: int


@value
class Refusals:
    """What was withheld from the partner between two moments, counted; never one by one."""

    agreement: str
    serial: int
    since: datetime
    until: datetime
    counts: tuple[Count, ...]


@value
class Recall:
    """A node takes back an object, what a clause let out, or everything under an agreement.

    `clause` and `name` both None: the agreement. `frame` carried the recall.
    """

    by: str
    agreement: str
    serial: int
    clause: str | None
    name: str | None
    reason: str
    frame: int
    operator: str | None = None


@value
class Receipt:
    """A node has confirmed something in that frame; `statement` is what it said, as it came.

    Without the signature, which covers the whole frame: that node's ledger vouches for it.
    """

    by: str
    frame: int
    statement: bytes


@value
class Suspension:
    """A party stopped an agreement; `act` is `suspend` or `withdraw`."""

    by: str
    agreement: str
    serial: int
    digest: bytes
    act: str
    reason: str


@value
class Seen:
    """A checkpoint that came from the partner, as it came: theirs, or ours that they cosigned."""

    note: bytes


@value
class Gap:
    """Frames of which this ledger has no entries, such as after a backup was restored; and why.

    `by` is the node that sent them: each counts its own.
    """

    by: str
    first: int
    last: int
    reason: str


@value
class Pruned:
    """The entries up to this number were removed, with their roots kept; and why."""

    through: int
    reason: str
    operator: str | None = None


Body = Release | Received | Refusals | Recall | Receipt | Suspension | Seen | Gap | Pruned


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a ledger. Numbers begin at 1; `at` is in whole milliseconds, UTC."""

    number: int
    at: datetime
    partner: str
    body: Body


def milliseconds(at: datetime) -> int:
    """Return whole milliseconds since 1970."""
    return (at - _EPOCH) // _MILLISECOND


def _moment(count: int) -> datetime:
    return _EPOCH + count * _MILLISECOND


_Check = Callable[[object], bool]


def _text(limit: int) -> _Check:
    return lambda value: type(value) is str and 0 < len(value) <= limit


def _bytes(least: int, most: int) -> _Check:
    return lambda value: type(value) is bytes and least <= len(value) <= most


def _is_number(value: object) -> bool:
    return type(value) is int and 0 <= value < 1 << 63


def _is_time(value: object) -> bool:
    return type(value) is int and 0 <= value <= _LATEST


def _optional(check: _Check) -> _Check:
    return lambda value: value is None or check(value)


def _is_version(value: object) -> bool:
    if not isinstance(value, tuple):
        return False
    pair = cast("tuple[object, ...]", value)
    return len(pair) == 2 and _is_number(pair[0]) and _is_number(pair[1])


def _are_counts(value: object) -> bool:
    if not isinstance(value, tuple):
        return False
    rows = cast("tuple[object, ...]", value)
    return 0 < len(rows) <= MAX_COUNTS and all(_is_count(row) for row in rows)


def _is_count(row: object) -> bool:
    if not isinstance(row, tuple):
        return False
    columns = cast("tuple[object, ...]", row)
    return len(columns) == len(_COUNT) and all(
        check(column) for check, column in zip(_COUNT, columns, strict=True)
    )


_WORD, _WORDS, _NAME = _text(128), _text(512), _text(1_024)
_DIGEST = _bytes(HASH_BYTES, HASH_BYTES)
_COUNT = (_optional(_WORD), _WORD, _WORD, _is_number)

_FIELDS: Mapping[str, _Check] = {
    "agreement": _WORD, "serial": _is_number, "digest": _DIGEST, "clause": _WORD, "form": _WORD,
    "name": _NAME, "version": _is_version, "payload": _DIGEST, "marking": _WORDS,
    "frame": _is_number, "operator": _optional(_WORD), "since": _is_time, "until": _is_time,
    "counts": _are_counts, "by": _WORD, "reason": _NAME, "statement": _bytes(0, MAX_STATEMENT),
    "act": lambda value: value in ("suspend", "withdraw"), "note": _bytes(1, MAX_NOTE),
    "first": _is_number, "last": _is_number, "through": _is_number,
}  # fmt: skip
"""What a field of that name may hold, in every kind of entry but where `_OTHERWISE` says so."""

_OTHERWISE: Mapping[tuple[type, str], _Check] = {
    (Recall, "clause"): _optional(_WORD),
    (Recall, "name"): _optional(_NAME),
}


class _Kind:
    """How one kind of body stands in an entry: its number and its fields, in order."""

    def __init__(self, number: int, made: type[Body]) -> None:
        self.number = number
        self.made = made
        self.names = tuple(each.name for each in fields(made))
        self.checks = tuple(_OTHERWISE.get((made, name), _FIELDS[name]) for name in self.names)
        self.row = _row_of(made, self.names)

    def body(self, row: tuple[object, ...]) -> Body:
        """Return what the fields say."""
        said = dict(zip(self.names, row, strict=True))
        if self.made is Refusals:
            said |= _refusals_said(said)
        return cast("Callable[..., Body]", self.made)(**said)

    def wrong(self, row: tuple[object, ...]) -> str | None:
        """Return the name of a field that holds what it may not, or None."""
        for place, each in enumerate(row):
            if not self.checks[place](each):
                return self.names[place]
        return None


def _row_of(made: type[Body], names: Sequence[str]) -> Callable[[Body], tuple[object, ...]]:
    """Return what gives the fields as they are written."""
    if made is Refusals:
        return cast("Callable[[Body], tuple[object, ...]]", _refusals_row)
    found = attrgetter(*names)
    return found if len(names) > 1 else lambda body: (found(body),)


def _refusals_row(body: Refusals) -> tuple[object, ...]:
    counts = tuple([(c.clause, c.reason, c.sort, c.count) for c in body.counts])
    since, until = milliseconds(body.since), milliseconds(body.until)
    return body.agreement, body.serial, since, until, counts


def _refusals_said(said: Mapping[str, object]) -> dict[str, object]:
    rows = cast("tuple[tuple[str | None, str, str, int], ...]", said["counts"])
    return {
        "since": _moment(cast("int", said["since"])),
        "until": _moment(cast("int", said["until"])),
        "counts": tuple(
            Count(clause=clause, reason=reason, sort=sort, count=count)
            for clause, reason, sort, count in rows
        ),
    }


_KINDS = tuple(
    _Kind(number, made)
    for number, made in enumerate(
        (Release, Received, Refusals, Recall, Receipt, Suspension, Seen, Gap, Pruned), start=1
    )
)
_BY_NUMBER = {kind.number: kind for kind in _KINDS}
_BY_TYPE = {kind.made: kind for kind in _KINDS}
KIND_NAMES: Mapping[type[Body], str] = {kind.made: kind.made.__name__.lower() for kind in _KINDS}
"""What each kind is called where people read it."""

_HEAD = (("number", _is_number), ("time", _is_time), ("partner", _WORD))
KIND_OF_SEEN, KIND_OF_PRUNED = _BY_TYPE[Seen].number, _BY_TYPE[Pruned].number
_ARRAY = 0x80  # major type 4; up to 23 elements the count is in the same byte (RFC 8949, 3)


_AROUND: Mapping[type[Body], tuple[bytes, bytes]] = {
    kind.made: (bytes((_ARRAY + 1 + len(_HEAD) + len(kind.names), kind.number)), after)
    for kind, after in ((_BY_TYPE[Release], b"\xf6"), (_BY_TYPE[Received], b""))
}
"""What stands before the number, and after the frame: null, as nobody released it by hand."""
_A_DIGEST = b"\x58\x20"
"""What stands before 32 bytes (RFC 8949, 3)."""


@lru_cache(maxsize=1_024, typed=True)
def _beginning(
    partner: str, agreement: str, serial: int, digest: bytes, clause: str, form: str
) -> bytes | None:
    """Return what stands between the time and the name of what went or came."""
    row = agreement, serial, digest, clause, form
    if not _WORD(partner) or _BY_TYPE[Release].wrong(row) is not None:
        return None
    try:
        return b"".join(map(cbor2.dumps, (partner, *row)))
    except UnicodeEncodeError:
        return None


@lru_cache(maxsize=65_536, typed=True)
def _spelt_name(name: str) -> bytes | None:
    return _spelt_text(name) if _NAME(name) else None


@lru_cache(maxsize=1_024, typed=True)
def _spelt_marking(marking: str) -> bytes | None:
    return _spelt_text(marking) if _WORDS(marking) else None


def _spelt_text(text: str) -> bytes | None:
    try:
        return cbor2.dumps(text)
    except UnicodeEncodeError:
        return None


_BEGINNINGS = frozenset(
    bytes((_ARRAY + 1 + len(_HEAD) + len(kind.names), kind.number)) for kind in _KINDS
)


def encode(number: int, at: int, partner: str, body: Body) -> bytes:
    """Return an entry's bytes, `at` in milliseconds since 1970. Unwritable: it is no entry."""
    known = _from_parts(number, at, partner, body) if isinstance(body, Release | Received) else None
    return known or _whole(number, at, partner, body)


def _from_parts(number: int, at: int, partner: str, body: Release | Received) -> bytes | None:
    """Return the bytes of what went or came, of whose parts most were written before; else None.

    One object after the other goes by the same clause, and is named and marked as it was. What is
    not as it has to be, or was released by hand, is for `_whole` to write, or to refuse.
    """
    head, after = _AROUND[type(body)]
    payload, version, frame = body.payload, body.version, body.frame
    if type(payload) is not bytes or len(payload) != HASH_BYTES:
        return None
    try:
        beginning = _beginning(
            partner, body.agreement, body.serial, body.digest, body.clause, body.form
        )
        name, marking = _spelt_name(body.name), _spelt_marking(body.marking)
    except TypeError:  # it cannot be remembered, so it is no text
        return None
    is_right = _is_number(number) and _is_time(at) and _is_version(version) and _is_number(frame)
    if beginning is None or name is None or marking is None or not is_right:
        return None
    if isinstance(body, Release) and body.operator is not None:
        return None
    return b"".join(
        (
            head, _spelt(number), _spelt(at), beginning, name, b"\x82", _spelt(version[0]),
            _spelt(version[1]), _A_DIGEST, payload, marking, _spelt(frame), after,
        )
    )  # fmt: skip


def _whole(number: int, at: int, partner: str, body: Body) -> bytes:
    kind = _BY_TYPE[type(body)]
    row = kind.row(body)
    wrong = _wrong_head((number, at, partner)) or kind.wrong(row)
    if wrong is not None:
        raise Unwritable(f"entry {number}: a {KIND_NAMES[kind.made]} with such a {wrong} is none")
    try:
        data = cbor2.dumps((kind.number, number, at, partner, *row))
    except (cbor2.CBOREncodeError, UnicodeEncodeError):
        raise Unwritable(f"entry {number}: it has text that cannot be written") from None
    if len(data) > MAX_ENTRY:
        raise Unwritable(f"entry {number} has {len(data)} bytes; {MAX_ENTRY} is the limit")
    return data


def decode(data: bytes) -> Entry:
    """Read an entry. LedgerFault: it is none, or not written in the one way there is."""
    if len(data) > MAX_ENTRY:
        raise LedgerFault(f"an entry has at most {MAX_ENTRY} bytes")
    row = _loaded(data)
    kind = _BY_NUMBER.get(row[0]) if row and isinstance(row[0], int) else None
    if kind is None:
        raise LedgerFault("it is no entry of a kind that is known")
    head, rest = row[1:4], row[4:]
    if len(head) != len(_HEAD) or len(rest) != len(kind.names):
        raise LedgerFault(f"a {KIND_NAMES[kind.made]} has other fields")
    wrong = _wrong_head(head) or kind.wrong(rest)
    if wrong is not None:
        raise LedgerFault(f"a {KIND_NAMES[kind.made]} has no such {wrong}")
    number, at, partner = cast("tuple[int, int, str]", head)
    if cbor2.dumps(row) != data:
        raise LedgerFault(f"entry {number} is not written as entries are")
    return Entry(number, _moment(at), partner, kind.body(rest))


KIND_OF_RELEASE, KIND_OF_REFUSALS = _BY_TYPE[Release].number, _BY_TYPE[Refusals].number
GLANCED = {name: place for place, name in enumerate(_BY_TYPE[Release].names, start=1 + len(_HEAD))}
"""Where `glance` has what in a release."""


def glance(data: bytes) -> tuple[object, ...]:
    """Return what a release says, by `GLANCED`; nothing but its length is held to the schema.

    A third of the cost of `decode`, for whoever goes through many. LedgerFault: it is none.
    """
    row = _loaded(data)
    if row[:1] != (KIND_OF_RELEASE,) or len(row) != 1 + len(_HEAD) + len(GLANCED):
        raise LedgerFault("it is no release")
    return row


def skim(data: bytes) -> tuple[bytes, bytes] | None:
    """Return name and version of a release as they are written; None where they are not found.

    Only their places are read: a tenth of the cost of `decode`. Of two versions the later has the
    higher bytes, as whole numbers in deterministic CBOR do (RFC 8949, 4.2.1).
    """
    try:
        at = 2 + _NUMBER_SIZES[data[2]]
        at += _NUMBER_SIZES[data[at]]
        at = _past(data, _past(data, at))
        at += _NUMBER_SIZES[data[at]]
        name = _past(data, _past(data, _past(data, at)))
        end = _past(data, name)
        epoch = end + 1
        ms = epoch + _NUMBER_SIZES[data[epoch]]
        version = data[epoch : ms + _NUMBER_SIZES[data[ms]]]
    except IndexError:
        return None
    return data[name:end], version


_NUMBER_SIZES = (*([1] * 24), 2, 3, 5, 9)
"""Bytes of a whole number by its first (RFC 8949, 3)."""


def _past(data: bytes, at: int) -> int:
    """Return where the text or the bytes that begin there end; none have 65,536 or more."""
    size = data[at] & 31
    if size < 24:
        return at + 1 + size
    if size == 24:
        return at + 2 + data[at + 1]
    return at + 3 + (data[at + 1] << 8) + data[at + 2]


def _loaded(data: bytes) -> tuple[object, ...]:
    try:
        found: object = cbor2.loads(
            data, max_depth=4, allow_indefinite=False, allow_duplicate_keys=False, immutable=True
        )
    except (cbor2.CBORError, ValueError, OverflowError, RecursionError):
        raise LedgerFault("it is not CBOR") from None
    return cast("tuple[object, ...]", found) if isinstance(found, tuple) else ()


def _wrong_head(head: tuple[object, ...]) -> str | None:
    for (name, check), each in zip(_HEAD, head, strict=True):
        if not check(each):
            return name
    return None


def begins_as(data: bytes, number: int) -> bool:
    """Tell whether the bytes begin as those of an entry of that number; the rest is not read."""
    return data[:2] in _BEGINNINGS and data.startswith(_spelt(number), 2)


def moment_of(data: bytes, number: int) -> int:
    """Return the milliseconds of an entry of that number, without reading it; 0 where it is none.

    Also 0 in the first seven weeks of 1970, which are written shorter.
    """
    spelt = _spelt(number)
    place = 2 + len(spelt)
    if data[:2] not in _BEGINNINGS or not data.startswith(spelt + b"\x1b", 2):
        return 0
    return int.from_bytes(data[place + 1 : place + 9], "big")


def _spelt(number: int) -> bytes:
    """Return an unsigned integer in CBOR (RFC 8949, 3.1); cheaper here than in the library."""
    if number < 24:
        return bytes((number,))
    if number < 1 << 8:
        return bytes((24, number))
    if number < 1 << 16:
        return b"\x19" + number.to_bytes(2, "big")
    if number < 1 << 32:
        return b"\x1a" + number.to_bytes(4, "big")
    return b"\x1b" + number.to_bytes(8, "big")
