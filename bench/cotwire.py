"""CoT events as bytes: templates, TAK protobuf framing, TLS of a client.

It shares no code with the product, so that a mistake in a codec cannot hide behind the same
mistake here.
"""

import math
import ssl
import struct
from datetime import UTC, datetime, timedelta

TOKEN = b"CLD|"
"""Once in every load event, in its remarks: to count it is to count deliveries, in either form."""

TEAMS = ("Cyan", "Red", "Green", "Blue", "Yellow", "Orange", "Magenta", "White")
ROLES = ("Team Member", "Team Lead", "HQ", "Medic", "RTO", "Forward Observer")
VALID_S = 75.0
"""An SA event of ATAK is valid for 75 s when the phone moves."""

CLOCK_STEP_S = 0.02
"""Times in events are this old at most: to format them for every event costs more than the rest."""


def iso(offset_s: float = 0.0) -> str:
    """The time now, plus an offset, as CoT writes it."""
    now = datetime.now(UTC) + timedelta(seconds=offset_s)
    return now.strftime("%Y-%m-%dT%H:%M:%S.") + f"{now.microsecond // 1000:03d}Z"


def stamp(client: int, number: int, sent_ns: int) -> str:
    """What a receiver needs to know of an event: who, which one, when (monotonic clock)."""
    return f"CLD|{client}|{number}|{sent_ns}|"


def control(uid: str, type_: str, detail: str = "<detail/>", valid_s: float = 60.0) -> bytes:
    """An event of the protocol itself, such as a ping."""
    now = iso()
    return (
        f'<event version="2.0" uid="{uid}" type="{type_}" how="m-g" time="{now}" start="{now}" '
        f'stale="{iso(valid_s)}"><point lat="0" lon="0" hae="0" ce="999999" le="999999"/>'
        f"{detail}</event>"
    ).encode()


def ping(uid: str) -> bytes:
    return control(f"{uid}-ping", "t-x-c-t")


def protocol_request(uid: str) -> bytes:
    """The client's half of the change from XML to protobuf."""
    detail = '<detail><TakControl><TakRequest version="1"/></TakControl></detail>'
    return control(f"{uid}-takp", "t-x-takp-q", detail)


class Emitter:
    """One client's identity and its slowly circling position; makes its events.

    `size` is the wanted length of the XML event in bytes, reached by padding the remarks; 0 leaves
    the natural length of about 650.
    """

    def __init__(self, client: int, run: str, size: int = 0) -> None:
        self.client = client
        self.uid = f"ANDROID-{run}-{client:05d}"
        self.callsign = f"CL-{run}-{client:05d}"
        self.number = 0
        self._team = TEAMS[client % len(TEAMS)]
        self._role = ROLES[client % len(ROLES)]
        self._middle = (48.0 + (client % 100) * 0.01, 11.0 + (client // 100) * 0.01)
        self._padding = ""
        self._times = ("", "", 0)
        if size:
            self._padding = "x" * max(0, size - len(self.xml(10**12)))
            self.number = 0

    def _position(self) -> tuple[float, float, float, float]:
        """lat, lon, course, speed: new in every event."""
        angle = self.number * 0.01
        lat, lon = self._middle
        return (
            lat + 0.002 * math.sin(angle),
            lon + 0.002 * math.cos(angle),
            math.degrees(angle) % 360.0,
            1.4,
        )

    def _time_and_stale(self, now_ns: int) -> tuple[str, str]:
        time, stale, made_ns = self._times
        if not time or now_ns - made_ns > CLOCK_STEP_S * 1e9:
            time, stale = iso(), iso(VALID_S)
            self._times = (time, stale, now_ns)
        return time, stale

    def _remarks(self, sent_ns: int) -> str:
        remarks = stamp(self.client, self.number, sent_ns) + self._padding
        self.number += 1
        return remarks

    def hello(self) -> bytes:
        """The unstamped position that a client opens with."""
        return self._xml("", iso(), iso(VALID_S))

    def xml(self, sent_ns: int) -> bytes:
        return self._xml(self._remarks(sent_ns), *self._time_and_stale(sent_ns))

    def _xml(self, remarks: str, time: str, stale: str) -> bytes:
        lat, lon, course, speed = self._position()
        return (
            f'<event version="2.0" uid="{self.uid}" type="a-f-G-U-C" how="m-g" '
            f'time="{time}" start="{time}" stale="{stale}">'
            f'<point lat="{lat:.7f}" lon="{lon:.7f}" hae="520.1" ce="9.9" le="9999999.0"/>'
            '<detail><takv device="SM-G998B" platform="ATAK-CIV" os="34" version="4.10.0.5"/>'
            f'<contact endpoint="*:-1:stcp" phone="+15550100" callsign="{self.callsign}"/>'
            f'<uid Droid="{self.callsign}"/>'
            '<precisionlocation altsrc="GPS" geopointsrc="GPS"/>'
            f'<__group role="{self._role}" name="{self._team}"/>'
            '<status battery="87"/>'
            f'<track course="{course:.5f}" speed="{speed:.5f}"/>'
            f"<remarks>{remarks}</remarks></detail></event>"
        ).encode()

    def protobuf(self, sent_ns: int) -> bytes:
        """The same event as one framed message of TAK protocol version 1."""
        lat, lon, course, speed = self._position()
        now_ms = int(datetime.now(UTC).timestamp() * 1000)
        rest = f'<uid Droid="{self.callsign}"/><remarks>{self._remarks(sent_ns)}</remarks>'
        detail = (
            _text(1, rest)
            + _message(2, _texts("*:-1:stcp", self.callsign))
            + _message(3, _texts(self._team, self._role))
            + _message(4, _texts("GPS", "GPS"))
            + _message(5, _uint(1, 87))
            + _message(6, _texts("SM-G998B", "ATAK-CIV", "34", "4.10.0.5"))
            + _message(7, _double(1, speed) + _double(2, course))
        )
        times = _uint(6, now_ms) + _uint(7, now_ms) + _uint(8, now_ms + int(VALID_S * 1000))
        point = b"".join(map(_double, range(10, 15), (lat, lon, 520.1, 9.9, 9999999.0)))
        kind = _text(1, "a-f-G-U-C") + _text(5, self.uid)
        event = kind + times + _text(9, "m-g") + point + _message(15, detail)
        return frame(_message(2, event))


# Protobuf by hand: five kinds of field do not justify a dependency.


def varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def _message(field: int, body: bytes) -> bytes:
    return varint(field << 3 | 2) + varint(len(body)) + body


def _text(field: int, text: str) -> bytes:
    return _message(field, text.encode())


def _texts(*texts: str) -> bytes:
    return b"".join(map(_text, range(1, len(texts) + 1), texts))


def _uint(field: int, value: int) -> bytes:
    return varint(field << 3) + varint(value)


def _double(field: int, value: float) -> bytes:
    return varint(field << 3 | 1) + struct.pack("<d", value)


def frame(message: bytes) -> bytes:
    """Framing on a stream: 0xBF, length as varint, message."""
    return b"\xbf" + varint(len(message)) + message


def client_tls(ca: str = "", cert: str = "", key: str = "") -> ssl.SSLContext:
    """A client's TLS. The host name is not checked: test certificates have other names."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    if ca:
        context.load_verify_locations(ca)
    else:
        context.verify_mode = ssl.CERT_NONE
    if cert:
        context.load_cert_chain(cert, key or None)
    return context
