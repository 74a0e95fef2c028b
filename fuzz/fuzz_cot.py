"""Whatever the bytes, the CoT wire gives events or WireErrors, within its limits.

Every input is read as a stream, as a datagram, as one event of XML and as one TakMessage; what is
accepted anywhere is then sent on in every form, as a node would.
"""

import sys
from contextlib import suppress
from datetime import UTC, datetime

import atheris

with atheris.instrument_imports(include=["accord"]):
    from accord.core.report import Source
    from accord.wire.cot import protobuf, xml
    from accord.wire.cot.message import CotEvent
    from accord.wire.cot.splice import Detail, with_child, without
    from accord.wire.cot.stream import CotStream, read_datagram
    from accord.wire.cot.translate import from_original, to_protobuf, to_report, to_xml
    from accord.wire.errors import WireError

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
SOURCE = Source(node="NZL", channel="fuzz", speaker="fuzz")
LIMIT = 1024
DEPTH = 8
# What a stream may hold: an event within its limit, or what stands before one; and one write.
HELD = LIMIT + 16


class Broken(Exception):
    """A promise that was not kept."""


def heard(data: bytes, step: int) -> tuple[list[CotEvent], list[str], bytes, bool]:
    stream = CotStream(max_event_bytes=LIMIT, max_depth=DEPTH)
    events: list[CotEvent] = []
    faults: list[str] = []
    for at in range(0, len(data), step):
        events += stream.receive(data[at : at + step], NOW)
        faults += [str(fault) for fault in stream.take_faults()]
        if len(stream._buffer) > HELD + step:  # noqa: SLF001  nothing else tells what it holds
            raise Broken("a stream holds more than its limit")
    return events, faults, stream.take_replies(), stream.is_lost


def relay(event: CotEvent) -> None:
    try:
        report = to_report(event, source=SOURCE, groups=frozenset({"Blue"}), received=NOW)
    except WireError:
        return
    try:
        sent = xml.read_again(to_xml(report))
        message = to_protobuf(report)
        again = protobuf.read(message, len(message))
        kept = from_original(report.original)
    except WireError as fault:
        raise Broken("what was accepted cannot be sent") from fault
    if again is None or not sent.uid == again.uid == kept.uid == event.uid:
        raise Broken("what is sent is not what was accepted")


def read_alone(data: bytes) -> None:
    for read in (read_datagram, xml.read, protobuf.read):
        try:
            event = read(data)
        except WireError:
            continue
        if event is not None:
            relay(event)
    with suppress(WireError):
        Detail.of(with_child(without(data, "marti"), b"<x/>")).inside(leaving_out={0, 2})


def one_input(data: bytes) -> None:
    whole = heard(data, max(1, len(data)))
    if len(data) <= LIMIT and len(whole[1]) < 256:  # no more faults are kept of one write
        step = 1 + len(data) * (sum(data[-2:]) % 16) // 32
        if heard(data, step) != whole:
            raise Broken(f"what is heard depends on chunking, by {step}")
    for event in whole[0]:
        relay(event)
    read_alone(data)


if __name__ == "__main__":
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()
