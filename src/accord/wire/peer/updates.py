"""Updates as few bytes: differences to the header and to the frame's time, in varints.

A varint holds seven bits a byte, the lowest first; the top bit says that another byte follows
(LEB128, as in Protocol Buffers). A signed difference n is written as 2n, or as -2n - 1 where it is
negative. A body begins with a varint of bits that say which differences follow, in the order of
`_FIELDS` in docs/reference/peer-protocol.md; what is not said is not there.
"""

from accord.wire.errors import Malformed
from accord.wire.peer import fields
from accord.wire.peer.message import Base, Original, Update

POINT, TIME, RECEIVED, COURSE, SPEED, HAE, CIRCULAR = (1 << n for n in range(7))
STALE, CLIMB, LINEAR, START, DOUBTS, ORIGINAL = (1 << n for n in range(7, 13))
_KNOWN = (1 << 13) - 1

MAX_ORIGINAL = 60_000
"""Bytes as received that go along with an update; what has more goes as a record."""
_LONGEST = 9
"""Bytes of the longest varint: 63 bits."""

_SHORT = [bytes([n]) for n in range(128)] + [
    bytes([n & 127 | 128, n >> 7]) for n in range(128, 1 << 14)
]


def varint(n: int) -> bytes:
    """Return a whole number that is not negative as a varint."""
    if n < 1 << 14:
        return _SHORT[n]
    if n < 1 << 21:
        return bytes((n & 127 | 128, n >> 7 & 127 | 128, n >> 14))
    out = bytearray()
    while n > 127:
        out.append(n & 127 | 128)
        n >>= 7
    out.append(n)
    return bytes(out)


def _signed(n: int) -> bytes:
    return varint(n << 1 if n >= 0 else ~(n << 1))


def write_body(update: Update, base: Base, at: int) -> bytes:
    """Return the body of an update: what its leaf holds beside the header and the frame's time."""
    (_, version, time, start, stale, received, lat, lon, hae, circular, linear, course, speed,
     climb, doubts, original) = update  # fmt: skip
    bits, parts = 0, [b"", _signed(version - at)]
    add = parts.append
    if lat is not None and lon is not None:
        bits |= POINT
        add(_signed(lat - base.lat))
        add(_signed(lon - base.lon))
    if time != version:
        bits |= TIME
        add(_signed(time - version))
    if received != (version if base.receipt else time):
        bits |= RECEIVED
        add(_signed(received - version))
    if course is not None:
        bits |= COURSE
        add(_signed(course - base.course))
    if speed is not None:
        bits |= SPEED
        add(_signed(speed - base.speed))
    if hae is not None:
        bits |= HAE
        add(_signed(hae - base.hae))
    if circular != base.circular_error:
        bits |= CIRCULAR
        add(varint(0 if circular is None else circular + 1))
    if (
        stale - time != base.validity or climb is not None or linear is not None
        or start != time or doubts or original is not None
    ):  # fmt: skip
        bits |= _write_rest(update, base, parts)
    parts[0] = varint(bits)
    return b"".join(parts)


def _write_rest(update: Update, base: Base, parts: list[bytes]) -> int:
    """Write what most updates do not have; return its bits."""
    bits = 0
    validity = update.stale - update.time - base.validity
    if validity:
        bits |= STALE
        parts.append(_signed(validity))
    if update.climb is not None:
        bits |= CLIMB
        parts.append(_signed(update.climb))
    if update.linear_error is not None:
        bits |= LINEAR
        parts.append(varint(update.linear_error))
    if update.start != update.time:
        bits |= START
        parts.append(_signed(update.start - update.time))
    if update.doubts:
        bits |= DOUBTS
        parts.append(varint(update.doubts))
    if update.original is not None:
        bits |= ORIGINAL
        form, data = update.original
        parts += (varint(form), varint(len(data)), data)
    return bits


class Packed:
    """Reads packed updates from front to back."""

    __slots__ = ("_at", "_data")

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    @property
    def is_empty(self) -> bool:
        """Whether all has been read."""
        return self._at == len(self._data)

    def varint(self) -> int:
        """Read a varint. Raises Malformed for one that is cut off, too long or not the shortest."""
        data, at = self._data, self._at
        if at < len(data) and (first := data[at]) < 128:
            self._at = at + 1
            return first
        found = 0
        for shift, byte in enumerate(data[at : at + _LONGEST]):
            found |= (byte & 127) << 7 * shift
            if byte < 128:
                if not byte:
                    raise Malformed("a number is not written the shortest way")
                self._at = at + shift + 1
                return found
        raise Malformed("a number is cut off or too long")

    def signed(self) -> int:
        """Read a signed difference."""
        data, at = self._data, self._at
        if at < len(data) and (n := data[at]) < 128:
            self._at = at + 1
        else:
            n = self.varint()
        return ~(n >> 1) if n & 1 else n >> 1

    def take(self, size: int) -> bytes:
        """Read so many bytes."""
        found = self._data[self._at : self._at + size]
        if len(found) < size:
            raise Malformed("packed updates are cut off")
        self._at += size
        return found

    def body(self, handle: int, base: Base, at: int) -> tuple[Update, bytes]:
        """Read the body of an update; return the update, and the bytes."""
        begin, signed = self._at, self.signed
        bits = self.varint()
        if bits > _KNOWN:
            raise Malformed("an update has fields that are not known")
        version = at + signed()
        lat = lon = hae = course = speed = None
        if bits & POINT:
            lat, lon = base.lat + signed(), base.lon + signed()
        time = version + self._other() if bits & TIME else version
        usual = version if base.receipt else time
        received = version + signed() if bits & RECEIVED else usual
        if bits & COURSE:
            course = base.course + signed()
        if bits & SPEED:
            speed = base.speed + signed()
        if bits & HAE:
            hae = base.hae + signed()
        circular = self._circular() if bits & CIRCULAR else base.circular_error
        stale = time + base.validity + (self._other() if bits & STALE else 0)
        climb = signed() if bits & CLIMB else None
        linear = self.varint() if bits & LINEAR else None
        start = time + self._other() if bits & START else time
        doubts = self._nonzero() if bits & DOUBTS else 0
        original = self._original() if bits & ORIGINAL else None
        update = Update(
            handle, version, time, start, stale, received, lat, lon, hae, circular, linear,
            course, speed, climb, doubts, original,
        )  # fmt: skip
        check(update)
        says_usual = bits & RECEIVED and received == usual
        if says_usual or (bits & CIRCULAR and circular == base.circular_error):
            raise Malformed("an update says what is to be left out")
        return update, self._data[begin : self._at]

    def _other(self) -> int:
        """Read a difference that is only written where it is not nothing."""
        n = self._nonzero()
        return ~(n >> 1) if n & 1 else n >> 1

    def _nonzero(self) -> int:
        found = self.varint()
        if not found:
            raise Malformed("an update says what is to be left out")
        return found

    def _circular(self) -> int | None:
        n = self.varint()
        return n - 1 if n else None

    def _original(self) -> Original:
        form = self.varint()
        size = self.varint()
        if size > MAX_ORIGINAL:
            raise Malformed(f"the bytes as received are over {MAX_ORIGINAL}")
        return Original(form, self.take(size))


def check(update: Update) -> None:
    """Refuse an update with a number that cannot be. Raises Malformed."""
    (
        _, version, time, start, stale, received, lat, lon, hae, circular, linear, course, speed,
        climb, doubts, original,
    ) = update  # fmt: skip
    is_right = (
        0 <= version <= fields.LATEST
        and min(time, start, stale, received) >= fields.EARLIEST
        and max(time, start, stale, received) <= fields.LATEST
        and (lat is None or -fields.LATITUDE <= lat <= fields.LATITUDE)
        and (lon is None or -fields.LONGITUDE <= lon <= fields.LONGITUDE)
        and (course is None or 0 <= course <= fields.COURSE)
        and (speed is None or -fields.SPEED <= speed <= fields.SPEED)
        and (hae is None or -fields.LENGTH <= hae <= fields.LENGTH)
        and (circular is None or 0 <= circular <= fields.LENGTH)
    )
    if is_right and (doubts or not climb is linear is original is None):
        is_right = (
            (climb is None or -fields.SPEED <= climb <= fields.SPEED)
            and (linear is None or 0 <= linear <= fields.LENGTH)
            and 0 <= doubts <= fields.DOUBTS
            and (original is None or 0 <= original.form <= fields.ORIGINAL_FORMS)
            and (original is None or len(original.data) <= MAX_ORIGINAL)
        )
    if not is_right:
        raise Malformed("an update says what cannot be")
