"""What TAK clients look like in the node's status."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

from accord.core.quantity import about_duration
from accord.observe.health import ClientStatus, Heard
from accord.tak.session import Bridge, TakSession

WRONG_CLOCK = timedelta(minutes=10)
"""Between the time of a client's own position and its receipt; beyond, its clock is wrong."""

MAX_WRONG_CLOCKS = 10
"""Clients that are named for their clocks; beyond, they are counted."""


def clients(bridge: Bridge) -> Iterator[ClientStatus]:
    """Yield every connection, in order of name."""
    for session in _in_order(bridge):
        speaker, outbox = session.speaker, session.receiver.outbox
        yield ClientStatus(
            name=session.principal.name,
            address=session.address,
            channel=session.channel,
            form="protobuf" if session.speaks_protobuf else "xml",
            since=session.opened,
            uid=session.uid,
            callsign=session.callsign,
            groups=session.principal.groups,
            accepted=speaker.accepted,
            refused=dict(speaker.refused),
            sent=outbox.sent,
            replaced=outbox.replaced,
            waiting=outbox.depth,
            waiting_bytes=outbox.bytes_held,
        )


def heard(bridge: Bridge) -> Iterator[Heard]:
    """Yield every connection as a source."""
    yield from map(heard_of, _in_order(bridge))


def heard_of(session: TakSession) -> Heard:
    """Return one connection as a source."""
    return Heard(
        channel=session.channel,
        speaker=session.principal.name,
        since=session.opened,
        accepted=session.speaker.accepted,
        last_useful=session.speaker.last_useful,
    )


def connections(bridge: Bridge) -> Counter[str]:
    """Return how many connections each channel has."""
    return Counter(session.channel for session in bridge.sessions)


def wrong_clocks(bridge: Bridge) -> Iterator[str]:
    """Yield a sentence for each client whose clock is wrong, at most MAX_WRONG_CLOCKS and one."""
    wrong = [each for each in _in_order(bridge) if abs(each.clock_ahead) > WRONG_CLOCK]
    for session in wrong[:MAX_WRONG_CLOCKS]:
        off = about_duration(abs(session.clock_ahead))
        side = "ahead" if session.clock_ahead > timedelta(0) else "behind"
        name = f"{session.principal.name} ({session.callsign or session.uid})"
        yield f"the clock of {name} is {off} {side}; set it"
    if len(wrong) > MAX_WRONG_CLOCKS:
        yield f"the clocks of {len(wrong) - MAX_WRONG_CLOCKS} more clients are wrong"


def _in_order(bridge: Bridge) -> list[TakSession]:
    return sorted(bridge.sessions, key=lambda session: (session.principal.name, session.address))
