"""Whatever the bytes, the protocol between nodes gives frames or WireErrors, within its limits.

Every input is read as a stream in two divisions, as a frame under handles that are known, as a
HELLO, and as content that a reference stood for. What is accepted is written as it was read;
signatures are taken to hold.
"""

import sys
from contextlib import suppress

import atheris

with atheris.instrument_imports(include=["accord"]):
    from accord.wire.errors import WireError
    from accord.wire.peer import cbor, contents
    from accord.wire.peer.decode import Decoder, decode_hello
    from accord.wire.peer.encode import Encoder
    from accord.wire.peer.frame import Frame, Handles, Known
    from accord.wire.peer.message import Hello, Records, Updates
    from accord.wire.peer.plain import content_bytes
    from accord.wire.peer.record import UnknownContent
    from accord.wire.peer.report import Base, Grant, Header, PeerReport, Subject
    from accord.wire.peer.stream import PeerStream
    from accord.wire.peer.translate import report_of, report_of_update

LIMIT = 1024
NZL, USA, AUS = "NZL-JFNZ", "USA-7FLT", "AUS-HQJOC"
SHIP = Header(
    subject=Subject(origin=NZL, uid="U1", context="live", kind="a-f-S", how="m"),
    epoch=3,
    grant=Grant(bytes(8), "2.1", "exact"),
    base=Base(-412_800_000, 1_747_700_000, validity=300_000),
)


class Broken(Exception):
    """A promise that was not kept."""


def handles() -> Handles:
    known = Handles(limit=16)
    known.put(dict.fromkeys((0, 5, 9), Known(SHIP, bytes(32))))
    return known


def cut(data: bytes, step: int) -> tuple[list[bytes], str]:
    stream = PeerStream(limit=LIMIT)
    frames: list[bytes] = []
    for at in range(0, len(data), step):
        frames += stream.receive(data[at : at + step])
    return frames, str(stream.fault)


def read(data: bytes, sender: str, receiver: str) -> None:
    ends = {"session": bytes(16), "sender": sender, "receiver": receiver}
    decoder = Decoder(**ends, verify=lambda *_: True, handles=handles())
    try:
        frame = decoder.decode(data)
    except WireError:
        return
    if frame is not None:
        made = Encoder(**ends, sign=lambda _: bytes(64), handles=handles())
        write(frame, made, data)


def write(frame: Frame, encoder: Encoder, data: bytes) -> None:
    message = frame.message
    if isinstance(message, Records) and any(
        isinstance(each.content, UnknownContent) for each in message.records
    ):
        return
    at, lane = frame.at or 0, frame.lane
    again = encoder.encode(message, number=frame.number, lane=lane, at=at)[2:]
    # All but the signature, which nobody made.
    if again != data and (frame.at is None or again[:-66] != data[: len(again) - 66]):
        raise Broken("what was accepted is written in another way")
    if isinstance(message, Updates):
        for update in message.updates:
            report_of_update(SHIP, update)


def read_content(data: bytes) -> None:
    try:
        content = contents.read_content(data)
    except WireError:
        return
    if content_bytes(content) != data:
        raise Broken("content that was accepted is written in another way")
    if isinstance(content, PeerReport):
        with suppress(WireError):
            report_of(content)


def one_input(data: bytes) -> None:
    if cut(data, max(1, len(data))) != cut(data, 1 + len(data) // 7):
        raise Broken("frames depend on chunking")
    read(data, NZL, USA)
    read(data, USA, AUS)
    read_content(data)
    with suppress(WireError):
        contents.read_header(data)
    with suppress(WireError):
        hello = decode_hello(data, sender=NZL, receiver=USA, verify=lambda *_: True)
        if not isinstance(hello, Hello) or cbor.write(cbor.read(data)) != data:
            raise Broken("a HELLO is none")


if __name__ == "__main__":
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()
