"""CoT as a client writes it, made without the code under test."""

from lxml import etree

TIME = "2026-01-02T03:04:05.678Z"
STALE = "2026-01-02T03:09:05.678Z"
UNKNOWN = 'hae="9999999.0" ce="9999999.0" le="9999999.0"'
POINT = f'<point lat="-41.28" lon="174.77" {UNKNOWN}/>'
CONTACT = '<contact callsign="KIWI1" endpoint="*:-1:stcp"/>'


def cot_xml(
    uid: str = "U1",
    type_: str = "a-f-G-U-C",
    detail: str | None = "",
    *,
    point: str = POINT,
    how: str = "m-g",
    time: str = TIME,
    start: str = TIME,
    stale: str = STALE,
    more: str = "",
) -> bytes:
    """One event; `more` are further attributes of it, `detail` None leaves that out."""
    inside = "" if detail is None else f"<detail>{detail}</detail>"
    return (
        f'<event version="2.0" uid="{uid}" type="{type_}" how="{how}" time="{time}" '
        f'start="{start}" stale="{stale}"{more and " " + more}>{point}{inside}</event>'
    ).encode()


def varint(value: int) -> bytes:
    """The unsigned LEB128 of a number, as protocol buffers define it."""
    digits = bytearray()
    while value > 0x7F:
        digits.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*digits, value])


def stream_frame(message: bytes) -> bytes:
    return b"\xbf" + varint(len(message)) + message


def mesh_frame(message: bytes) -> bytes:
    return b"\xbf\x01\xbf" + message


def text_of(frame: bytes) -> str:
    """All the text in a document, as another parser reads it."""
    return etree.tostring(etree.fromstring(frame), method="text", encoding="unicode")
