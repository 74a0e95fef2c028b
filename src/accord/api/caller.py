"""Who makes a request: known from his cookie, or from the certificate that the server saw."""

import ipaddress
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection

from accord.api.accounts import Accounts
from accord.api.problem import Problem
from accord.core.principal import Principal, Role
from accord.core.user import UserRole
from accord.observe.health import as_json

Admit = Callable[[bytes], Principal | str]
"""Who a certificate (DER) belongs to, or in a few words why it is refused."""

PEER_CERTIFICATE = "peer_certificate"
"""The key of `scope["state"]` with the client's certificate (DER); `api.server` puts it there."""


END_CONNECTION = "end_connection"
"""The key of `scope["state"]` with what ends the connection at once, and is told why."""

STEP_FORWARD = "step_forward"
"""The key of `scope["state"]` with what is called when more of an answer went out, as it may."""


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


class Via(StrEnum):
    """How somebody is known."""

    PASSWORD = "password"  # noqa: S105  the way, not one
    CERTIFICATE = "certificate"


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who asks, and what he may do on the page. `session` is the mark of it, where there is one."""

    principal: Principal
    role: UserRole
    via: Via
    session: str = ""


class Callers:
    """Knows who makes a request, or opens a WebSocket, of the page.

    `why_gone` tells of somebody known by a certificate.
    """

    def __init__(
        self,
        accounts: Accounts,
        *,
        node: str,
        admit: Admit,
        why_gone: Callable[[Principal], str | None],
    ) -> None:
        self.cookie: str = f"accord_session_{node}"
        self._accounts = accounts
        self._admit = admit
        self._why_gone = why_gone

    def identify(self, connection: HTTPConnection) -> Caller | str:
        """Return who asks, or in a few words why nobody we know.

        Who has signed in is that user, whatever certificate his browser has.
        """
        token = connection.cookies.get(self.cookie)
        found = None if token is None else self._accounts.session_of(token)
        if isinstance(found, tuple):
            return caller_of(found[1], Via.PASSWORD, found[0])
        principal = identify(connection, self._admit)
        if isinstance(principal, Principal):
            return caller_of(principal, Via.CERTIFICATE)
        return principal if found is None else found

    def why_gone(self, caller: Caller) -> str | None:
        """Return why somebody who was known is not any more, None where he still is.

        To ask this of an open page is to use its session.
        """
        if caller.via is Via.CERTIFICATE:
            return self._why_gone(caller.principal)
        return self._accounts.why_gone(caller.session, caller.principal)

    def require(self, connection: HTTPConnection) -> Caller:
        """Return who asks. Problem 401 for nobody we know."""
        caller = self.identify(connection)
        if isinstance(caller, str):
            raise Problem(401, f"not admitted: {caller}")
        return caller


def caller_of(principal: Principal, via: Via, session: str = "") -> Caller:
    """Return that somebody known in that way asks."""
    role = UserRole.of(principal.role)
    return Caller(principal=principal, role=role, via=via, session=session)


def user_json(caller: Caller) -> dict[str, object]:
    """Return a user as the page is told of him."""
    return {
        "name": caller.principal.name,
        "role": caller.role.value,
        "groups": as_json(caller.principal.groups),
        "via": caller.via.value,
    }


def is_from_here(connection: HTTPConnection) -> bool:
    """Tell whether no browser asks, or one that shows a page of ours.

    A browser presents its user's certificate whatever page asks it to connect (RFC 6455, 10.2).
    """
    return "origin" not in connection.headers or _is_of_this_host(connection)


JSON = "application/json"
FILE = "application/octet-stream"
"""What a page of ours sends: nearly always JSON, and a file as it is."""


def require_own_page(connection: HTTPConnection, sends: str = JSON) -> None:
    """Let through a change that a page of ours asks for, in its type. Problem 403 or 415 otherwise.

    A form of another site can send neither that type nor our origin, and no browser leaves out the
    origin of what changes something (Fetch standard, 3.2).
    """
    if not _is_of_this_host(connection):
        raise Problem(403, "asked for by no page of this node: Origin is missing or another's")
    kind = connection.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != sends:
        raise Problem(415, f"send it as Content-Type: {sends}")


def _is_of_this_host(connection: HTTPConnection) -> bool:
    try:
        origin = urlsplit(connection.headers.get("origin", ""))
    except ValueError:  # no browser writes such a thing
        return False
    return origin.scheme == "https" and origin.netloc == connection.headers.get("host")
