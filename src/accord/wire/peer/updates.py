"""Updates as few bytes: differences to the header and to the frame's time, in varints.

A varint holds seven bits a byte, the lowest first; the top bit says that another byte follows
(LEB128, as in Protocol Buffers). A signed difference n is written as 2n, or as -2n - 1 where it is
negative. A body begins with a varint of bits that say which differences follow, in the order of
`_FIELDS` in docs/reference/peer-protocol.md; what is not said is not there.
"""

from accord.wire.errors import Malformed
from accord.wire.peer.fields import COURSE as MAX_COURSE
from accord.wire.peer.fields import DOUBTS as ALL_DOUBTS
from accord.wire.peer.fields import EARLIEST, LATEST, LATITUDE, LENGTH, LONGITUDE, ORIGINAL_FORMS
from accord.wire.peer.fields import SPEED as MAX_SPEED
from accord.wire.peer.report import Base, Original, Update

POINT, TIME, RECEIVED, COURSE, SPEED, HAE, CIRCULAR = (1 << n for n in range(7))
STALE, CLIMB, LINEAR, START, DOUBTS, ORIGINAL = (1 << n for n in range(7, 13))
_KNOWN = (1 << 13) - 1
_DIFFERENCES = _KNOWN & ~ORIGINAL

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
    n = n << 1 if n >= 0 else ~(n << 1)
    return _SHORT[n] if n < 1 << 14 else varint(n)


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
        try:
            n, at = self._data[self._at], self._at + 1
            if n > 127:
                n, at = _longer(self._data, n, at)
        except IndexError:
            raise Malformed("a number is cut off") from None
        self._at = at
        return n

    def differences(self, count: int) -> list[int]:
        """Read so many signed differences; at one go, since most updates have some seven."""
        data, at = self._data, self._at
        found: list[int] = []
        try:
            for _ in range(count):
                n = data[at]
                at += 1
                if n > 127:
                    n, at = _longer(data, n, at)
                found.append(~(n >> 1) if n & 1 else n >> 1)
        except IndexError:
            raise Malformed("a number is cut off") from None
        self._at = at
        return found

    def take(self, size: int) -> bytes:
        """Read so many bytes."""
        found = self._data[self._at : self._at + size]
        if len(found) < size:
            raise Malformed("packed updates are cut off")
        self._at += size
        return found

    def body(self, handle: int, base: Base, at: int) -> tuple[Update, bytes]:
        """Read the body of an update; return the update, and the bytes."""
        begin = self._at
        bits = self.varint()
        if bits > _KNOWN:
            raise Malformed("an update has fields that are not known")
        count = 1 + (bits & POINT) + (bits & _DIFFERENCES).bit_count()
        take = iter(self.differences(count)).__next__
        version = at + take()
        lat = lon = hae = course = speed = None
        if bits & POINT:
            lat, lon = base.lat + take(), base.lon + take()
        time = version + _other(take()) if bits & TIME else version
        usual = version if base.receipt else time
        received = version + take() if bits & RECEIVED else usual
        if bits & COURSE:
            course = base.course + take()
        if bits & SPEED:
            speed = base.speed + take()
        if bits & HAE:
            hae = base.hae + take()
        circular = _circular(take()) if bits & CIRCULAR else base.circular_error
        stale = time + base.validity + (_other(take()) if bits & STALE else 0)
        climb = take() if bits & CLIMB else None
        linear = _unsigned(take()) if bits & LINEAR else None
        start = time + _other(take()) if bits & START else time
        doubts = _unsigned(_other(take())) if bits & DOUBTS else 0
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

    def _original(self) -> Original:
        form = self.varint()
        size = self.varint()
        if size > MAX_ORIGINAL:
            raise Malformed(f"the bytes as received are over {MAX_ORIGINAL}")
        return Original(form, self.take(size))


def _longer(data: bytes, first: int, at: int) -> tuple[int, int]:
    """Return a varint of several bytes that begins with `first`, and where it ends."""
    n, byte = first & 127, first
    for shift in range(7, 7 * _LONGEST, 7):
        byte = data[at]
        at += 1
        n |= (byte & 127) << shift
        if byte < 128:
            break
    if not 0 < byte < 128:
        raise Malformed("a number is too long, or not written the shortest way")
    return n, at


def _other(n: int) -> int:
    """Take a difference that is only written where it is not nothing."""
    if not n:
        raise Malformed("an update says what is to be left out")
    return n


def _unsigned(n: int) -> int:
    """Return the number that was read as this difference."""
    return n << 1 if n >= 0 else ~(n << 1)


def _circular(n: int) -> int | None:
    error = _unsigned(n)
    return error - 1 if error else None


def check(update: Update) -> None:
    """Refuse an update with a number that cannot be. Raises Malformed."""
    (
        _, version, time, start, stale, received, lat, lon, hae, circular, linear, course, speed,
        climb, doubts, original,
    ) = update  # fmt: skip
    is_right = (
        0 <= version <= LATEST
        and EARLIEST <= time <= LATEST
        and EARLIEST <= start <= LATEST
        and EARLIEST <= stale <= LATEST
        and EARLIEST <= received <= LATEST
        and (lat is None or -LATITUDE <= lat <= LATITUDE)
        and (lon is None or -LONGITUDE <= lon <= LONGITUDE)
        and (course is None or 0 <= course <= MAX_COURSE)
        and (speed is None or -MAX_SPEED <= speed <= MAX_SPEED)
        and (hae is None or -LENGTH <= hae <= LENGTH)
        and (circular is None or 0 <= circular <= LENGTH)
    )
    if is_right and (doubts or not climb is linear is original is None):
        is_right = (
            (climb is None or -MAX_SPEED <= climb <= MAX_SPEED)
            and (linear is None or 0 <= linear <= LENGTH)
            and 0 <= doubts <= ALL_DOUBTS
            and (original is None or 0 <= original.form <= ORIGINAL_FORMS)
            and (original is None or len(original.data) <= MAX_ORIGINAL)
        )
    if not is_right:
        raise Malformed("an update says what cannot be")
