"""The node's sockets, by the names that the settings, `ready` and `status` give them."""

import socket
import ssl
from collections.abc import Generator, Mapping
from contextlib import contextmanager

from accord.config import Endpoint
from accord.config.settings import ListenSettings
from accord.core.errors import AccordError
from accord.tak.server import bind_datagram, bind_stream

COT_TCP, COT_TLS, COT_UDP, API, ENROL = "cot-tcp", "cot-tls", "cot-udp", "api", "enrol"
FEDERATION = "federation"
AIS = "ais"
REPLAY = "replay"
CERTIFICATES: Mapping[str, ssl.VerifyMode] = {
    COT_TLS: ssl.CERT_REQUIRED,
    REPLAY: ssl.CERT_REQUIRED,
    # Whoever asks how the node is from the same machine needs no certificate.
    API: ssl.CERT_OPTIONAL,
    # A phone comes here because it has none yet.
    ENROL: ssl.CERT_NONE,
}
"""What each listener with TLS wants of its clients."""

Sockets = Mapping[str, socket.socket]

_REACHED_AT = {"::": "::1", "0.0.0.0": "127.0.0.1"}  # noqa: S104  what listens everywhere


@contextmanager
def bound(settings: ListenSettings) -> Generator[Sockets, None, None]:
    """Bind every listener that is not off. AccordError says which cannot be had, and why."""
    wanted = {
        COT_TCP: settings.cot_tcp,
        COT_TLS: settings.cot_tls,
        COT_UDP: settings.cot_udp,
        API: settings.api,
        ENROL: settings.enrol,
        AIS: settings.ais,
        REPLAY: settings.replay,
        FEDERATION: settings.federation,
    }
    sockets: dict[str, socket.socket] = {}
    try:
        for name, endpoint in wanted.items():
            if endpoint is not None:
                sockets[name] = _bind(name, endpoint)
        yield sockets
    finally:
        for each in sockets.values():
            each.close()


def _bind(name: str, endpoint: Endpoint) -> socket.socket:
    bind = bind_datagram if name == COT_UDP else bind_stream
    try:
        return bind(endpoint.host, endpoint.port)
    except AccordError as error:
        key = name.replace("-", "_")
        raise AccordError(
            f"listener {name}: {error}. Its address is {key} in [listen] of accord.toml, or option "
            f"--{name}"
        ) from None


def address(of: socket.socket) -> Endpoint:
    """Return where a socket is bound."""
    host, port = of.getsockname()[:2]
    return Endpoint(host, port)


def reached_at(of: socket.socket) -> Endpoint:
    """Return where this machine reaches a socket."""
    bound_to = address(of)
    return Endpoint(_REACHED_AT.get(bound_to.host, bound_to.host), bound_to.port)
