"""The format of a segment: the reports of one commit and ring, in one run of bytes.

Numbers are little-endian, without padding; n is the count of reports, times are seconds since
1970 as IEEE 754 doubles, texts are UTF-8 (lone surrogates as they are, "surrogatepass").

    offset  type      what
    0       4 bytes   "ACJ1"
    4       u32       CRC-32 (zlib) of everything after this field
    8       u32       n
    12      u32       length in bytes of the table of origins
    16      lines     the table of origins, each a JSON array that ends with a line feed:
                      [form, body, context, node, channel, speaker, [hops], [groups], [doubts]]
    then columns, n values each:
            u64       sequence number, rising
            f64       received
            f64       stale
            u32       origin: which line of the table, from 0
            u32       length of the uid
            u32       length of the addressees
            u32       length of the original
    then    texts     the n uids, one after the other
            texts     the n addressees: nothing, or a JSON array of [kind, value]
            bytes     the n originals

`form` is how the original is written (`cot-xml`, ...), `body` what the report says (`position`,
`shape`, `message`, `alarm`, `removal`, `opaque`), `context` as `live` or `exercise:NAME`; doubts
are kept since a jump is only seen beside the claim before.
"""

import json
import math
import struct
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from itertools import accumulate, pairwise

from accord.core.body import Alarm, Body, Message, Opaque, Position, Removal, Shape
from accord.core.context import Context
from accord.core.principal import Group
from accord.core.report import Address, AddressKind, Doubt, Form, Original, Report, Source
from accord.storage.database import Ring, Segment

MAX_SEGMENT = 1 << 20
"""Bytes of originals in one segment, unless a single one is larger."""

BODIES: dict[type[Body], str] = {
    Position: "position",
    Shape: "shape",
    Message: "message",
    Alarm: "alarm",
    Removal: "removal",
    Opaque: "opaque",
}
"""What a report says, as it stands in the table of origins."""

_MAGIC = b"ACJ1"
_HEAD = struct.Struct("<4sIII")
_CRC_FROM = 8
_TEXT = ("utf-8", "surrogatepass")
Numbered = tuple[int, Report, Original]
"""A report with its sequence number, and its original once more, which is known to be there."""


class DamagedSegment(Exception):
    """The bytes are not, or no longer, a segment."""


def is_durable(report: Report) -> bool:
    """Tell whether it outlasts the positions: all but the positions that things report.

    What a person placed on the map is durable, as it is for the picture.
    """
    if type(report.body) is not Position or report.kind.text[:2] != "a-":
        return True
    return report.how[:2] == "h-" and report.author != report.uid


def pack(batch: Sequence[Numbered]) -> list[Segment]:
    """Pack reports into segments: one per ring, more where MAX_SEGMENT is passed."""
    parts: dict[Ring, _Part] = {}
    # Sources and contexts are few objects, shared by many reports that the batch keeps alive: to
    # compare them as objects is much cheaper, and a copy only costs a line in the table.
    places: dict[tuple[object, ...], tuple[_Part, int]] = {}
    for sequence, report, original in batch:
        source, durable = report.source, is_durable(report)
        key = (
            id(source), id(report.context), id(original.form),
            type(report.body), durable, report.groups, report.doubts,
        )  # fmt: skip
        place = places.get(key)
        if place is None:
            ring = Ring(source.channel, durable)
            part = parts.setdefault(ring, _Part(ring))
            place = places[key] = part, part.add_origin(report, original.form)
        part, origin = place
        part.rows.append((sequence, origin, report, original.data))
    last = batch[-1][0] if batch else 0
    return [segment for part in parts.values() for segment in part.segments(last)]


class _Part:
    """What comes into one ring by one commit."""

    __slots__ = ("ring", "rows", "table")

    def __init__(self, ring: Ring) -> None:
        self.ring = ring
        self.table: list[bytes] = []
        self.rows: list[tuple[int, int, Report, bytes]] = []

    def add_origin(self, report: Report, form: Form) -> int:
        self.table.append(_spell_origin(report, form))
        return len(self.table) - 1

    def segments(self, batch: int) -> Iterator[Segment]:
        begin = size = 0
        for end, row in enumerate(self.rows):
            size += len(row[3])
            if size > MAX_SEGMENT and end > begin:
                yield self._segment(batch, slice(begin, end))
                begin, size = end, len(row[3])
        yield self._segment(batch, slice(begin, len(self.rows)))

    def _segment(self, batch: int, which: slice) -> Segment:
        sequences, origins, reports, originals = zip(*self.rows[which], strict=True)
        table, origins = self._table_of(origins)
        uids = [report.uid.encode(*_TEXT) for report in reports]
        tos = [_spell_to(report.to) if report.to else b"" for report in reports]
        received = [report.received.timestamp() for report in reports]
        columns = _columns(len(reports)).pack(
            *sequences,
            *received,
            *[report.stale.timestamp() for report in reports],
            *origins,
            *map(len, uids),
            *map(len, tos),
            *map(len, originals),
        )
        head = struct.pack("<II", len(reports), len(table))
        body = b"".join((head, table, columns, *uids, *tos, *originals))
        data = b"".join((_MAGIC, struct.pack("<I", zlib.crc32(body)), body))
        return Segment(self.ring, batch, max(received), data)

    def _table_of(self, origins: tuple[int, ...]) -> tuple[bytes, tuple[int, ...]]:
        """Return the lines that these use, and which each then is; few of many, in a part."""
        if len(origins) == len(self.rows):
            return b"".join(self.table), origins
        places = {origin: place for place, origin in enumerate(dict.fromkeys(origins))}
        lines = b"".join([self.table[origin] for origin in places])
        return lines, tuple([places[origin] for origin in origins])


def _columns(count: int) -> struct.Struct:
    return struct.Struct(f"<{count}Q{2 * count}d{4 * count}I")


def _spell_origin(report: Report, form: Form) -> bytes:
    source = report.source
    line = [
        form, BODIES[type(report.body)], str(report.context),
        source.node, source.channel, source.speaker, source.hops, sorted(report.groups),
        sorted(report.doubts),
    ]  # fmt: skip
    return json.dumps(line).encode() + b"\n"


def _spell_to(to: frozenset[Address]) -> bytes:
    return json.dumps(sorted((address.kind, address.value) for address in to)).encode()


@dataclass(frozen=True, slots=True)
class Origin:
    """What reports of a segment have in common."""

    form: Form
    body: str
    context: Context
    source: Source
    groups: frozenset[Group]
    doubts: frozenset[Doubt]


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A kept report, not yet read: its header and its original. `stale` is seconds since 1970."""

    sequence: int
    uid: str
    body: str
    context: Context
    source: Source
    groups: frozenset[Group]
    doubts: frozenset[Doubt]
    to: frozenset[Address]
    received: datetime
    stale: float
    original: Original


@lru_cache(maxsize=16_384)
def _read_origin(line: bytes) -> Origin:
    form, body, context, node, channel, speaker, hops, groups, doubts = json.loads(line)
    return Origin(
        Form(form),
        body,
        Context.parse(context),
        Source(node=node, channel=channel, speaker=speaker, hops=tuple(hops)),
        frozenset(groups),
        frozenset(map(Doubt, doubts)),
    )


def _read_to(text: bytes) -> frozenset[Address]:
    return frozenset(Address(AddressKind(kind), value) for kind, value in json.loads(text))


class OpenSegment:
    """A segment whose columns are read, the reports in order of sequence number.

    None counts as received later than `latest`. Raises DamagedSegment for what is none.
    """

    __slots__ = (
        "_data", "_originals", "_tos", "_uids",
        "origins", "received", "sequences", "stale", "table",
    )  # fmt: skip

    def __init__(self, data: bytes, latest: float = math.inf) -> None:
        try:
            self._read(data)
        except (struct.error, ValueError, TypeError) as error:
            raise DamagedSegment(f"not a segment: {error}") from None
        if latest < max(self.received, default=latest):
            self.received = tuple(min(each, latest) for each in self.received)

    def _read(self, data: bytes) -> None:
        magic, crc, n, table = _HEAD.unpack_from(data)
        if magic != _MAGIC:
            raise DamagedSegment("it does not begin as a segment does")
        if zlib.crc32(memoryview(data)[_CRC_FROM:]) != crc:
            raise DamagedSegment("its checksum does not match")
        begin = _HEAD.size + table
        layout = _columns(n)
        columns = layout.unpack_from(data, begin)
        self._data = data
        self.table = [_read_origin(line) for line in data[_HEAD.size : begin].splitlines()]
        self.sequences: tuple[int, ...] = columns[:n]
        self.received: tuple[float, ...] = columns[n : 2 * n]
        self.stale: tuple[float, ...] = columns[2 * n : 3 * n]
        self.origins: tuple[int, ...] = columns[3 * n : 4 * n]
        ends = list(accumulate(columns[4 * n :], initial=begin + layout.size))
        self._uids, self._tos, self._originals = ends[: n + 1], ends[n : 2 * n + 1], ends[2 * n :]
        if ends[-1] != len(data) or max(self.origins, default=-1) >= len(self.table):
            raise DamagedSegment("its lengths or origins do not fit")

    def __len__(self) -> int:
        """Return how many reports there are."""
        return len(self.sequences)

    def uids(self) -> list[bytes]:
        """Return the uid of each report, as it is written."""
        return [self._data[begin:end] for begin, end in pairwise(self._uids)]

    def record(self, index: int) -> Record:
        """Return one report's header and original. Raises DamagedSegment."""
        data, origin = self._data, self.table[self.origins[index]]
        try:
            uid = data[self._uids[index] : self._uids[index + 1]].decode(*_TEXT)
            to = data[self._tos[index] : self._tos[index + 1]]
            return Record(
                sequence=self.sequences[index],
                uid=uid,
                body=origin.body,
                context=origin.context,
                source=origin.source,
                groups=origin.groups,
                doubts=origin.doubts,
                to=_read_to(to) if to else frozenset(),
                received=datetime.fromtimestamp(self.received[index], UTC),
                stale=self.stale[index],
                original=Original(
                    origin.form, data[self._originals[index] : self._originals[index + 1]]
                ),
            )
        except (ValueError, TypeError, OverflowError) as error:
            raise DamagedSegment(f"report {index} cannot be read: {error}") from None

    def is_addressed(self, index: int) -> bool:
        """Tell whether a report has addressees."""
        return self._tos[index] != self._tos[index + 1]
