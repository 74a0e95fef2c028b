"""Who makes a request: known from the client certificate, which the server puts into the scope."""

import ipaddress
from collections.abc import Callable

from starlette.requests import HTTPConnection

from accord.api.problem import Problem
from accord.core.principal import Principal, Role

Admit = Callable[[bytes], Principal | str]
"""Who a certificate (DER) belongs to, or in a few words why it is refused."""

PEER_CERTIFICATE = "peer_certificate"
"""The key of `scope["state"]` with the client's certificate (DER); `api.server` puts it there."""


def identify(connection: HTTPConnection, admit: Admit) -> Principal | str:
    """Return who makes a request or opens a WebSocket, or in a few words why nobody we know."""
    certificate: bytes | None = connection.scope.get("state", {}).get(PEER_CERTIFICATE)
    return "no client certificate" if certificate is None else admit(certificate)


def require_administrator(connection: HTTPConnection, admit: Admit) -> Principal:
    """Return the administrator who asks. Problem 401 or 403 for anyone else."""
    principal = _require(connection, admit)
    if principal.role is not Role.ADMINISTRATOR:
        raise Problem(403, f"{principal.name} is no administrator of this node")
    return principal


def require_neighbour(connection: HTTPConnection, admit: Admit) -> None:
    """Let through what asks from this machine, or with a certificate. Problem 401 otherwise."""
    client = connection.client
    if client is None or not _is_loopback(client.host):
        _require(connection, admit)


def _require(connection: HTTPConnection, admit: Admit) -> Principal:
    principal = identify(connection, admit)
    if isinstance(principal, str):
        raise Problem(401, f"not admitted: {principal}")
    return principal


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host.removeprefix("::ffff:")).is_loopback
    except ValueError:
        return False
