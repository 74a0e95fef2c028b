"""Whatever a TAK server sends, TAK federation gives messages, reports or WireErrors, in its limits.

Every input is read as messages of version 1 and of gRPC in two divisions, as a FederatedEvent, and
as HTTP/2 at either end. An event that is taken is never live without a mark, and can be said again.
"""

import sys
from contextlib import suppress
from datetime import UTC, datetime

import atheris

with atheris.instrument_imports(include=["accord"]):
    from accord.core.context import LIVE
    from accord.core.report import Report
    from accord.core.tak_partner import TakPartner, TakVersion
    from accord.federation.tak import inflow
    from accord.federation.tak.version2 import Version2Called, Version2Caller
    from accord.wire.cot import federate, federated, xml
    from accord.wire.cot.prefixed import Prefixed
    from accord.wire.cot.translate import to_xml
    from accord.wire.errors import WireError

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
LIMIT = 1_024
SERVER = TakPartner(
    node="AUS-TAK", authorities=(b"",), fingerprint="", version=TakVersion.V2, made=NOW,
    dial="x:1", groups=("Blue",),
)  # fmt: skip
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"


class Broken(Exception):
    """A promise that was not kept."""


def cut(data: bytes, step: int, *, is_grpc: bool) -> tuple[list[bytes], int, bool]:
    incoming = Prefixed(limit=LIMIT, is_grpc=is_grpc)
    found: list[bytes] = []
    for at in range(0, len(data), step):
        try:
            found += incoming.receive(data[at : at + step])
        except WireError:
            return found, incoming.skipped, True
        if len(incoming._rest) > LIMIT + 5 + step:  # noqa: SLF001  nothing else tells what it holds
            raise Broken("more is held than the limit")
    return found, incoming.skipped, False


def message(data: bytes) -> None:
    taken = inflow.take(data, SERVER, own="USA-PAC", hop_limit=4, received=NOW)
    if not isinstance(taken, Report):
        return
    if taken.context is LIVE and b'opex="o-' not in data:
        raise Broken("something without a mark is live")
    try:
        event = xml.read_again(to_xml(taken))
        again = federated.read(federate.event_message(event)).event
    except WireError as fault:
        raise Broken("what was taken cannot be said") from fault
    if again is None or again.uid != event.uid:
        raise Broken("what is said is not what was taken")


def http(data: bytes) -> None:
    called = Version2Called(own="USA-PAC", limit=LIMIT)
    caller = Version2Caller(own="USA-PAC", authority="x", limit=LIMIT)
    for end, said in ((called, PREFACE + data), (called, data), (caller, data)):
        with suppress(WireError):
            end.receive(said, 0.0)
            end.to_write()


def one_input(data: bytes) -> None:
    for is_grpc in (False, True):
        whole = cut(data, max(1, len(data)), is_grpc=is_grpc)
        step = 1 + len(data) * (sum(data[-2:]) % 16) // 32
        parts = cut(data, step, is_grpc=is_grpc)
        if not whole[2] and parts != whole:
            raise Broken(f"what is heard depends on chunking, by {step}")
        for each in whole[0]:
            message(each)
    message(data)
    http(data)


if __name__ == "__main__":
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()
