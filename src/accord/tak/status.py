"""What TAK clients look like in the node's status."""

from collections import Counter
from collections.abc import Iterator

from accord.observe.health import ClientStatus, Heard
from accord.tak.session import Bridge, TakSession


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
    for session in _in_order(bridge):
        yield Heard(
            channel=session.channel,
            speaker=session.principal.name,
            since=session.opened,
            accepted=session.speaker.accepted,
            last_useful=session.speaker.last_useful,
        )


def connections(bridge: Bridge) -> Counter[str]:
    """Return how many connections each channel has."""
    return Counter(session.channel for session in bridge.sessions)


def _in_order(bridge: Bridge) -> list[TakSession]:
    return sorted(bridge.sessions, key=lambda session: (session.principal.name, session.address))
