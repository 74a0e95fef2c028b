"""How a client reaches the node: what stands in its connection package."""

import sys
from collections.abc import Sequence
from pathlib import Path

from accord.cli.running import find
from accord.config import Settings
from accord.core.errors import AccordError, UsageError
from accord.security import keystore, renewal
from accord.security.authority import is_address, names_in
from accord.tak.packages import API_PORT, ENROLMENT_PORT, Server


def server(directory: Path, settings: Settings, host: str | None) -> Server:
    """Return how a client finds the node. UsageError when it would not trust what it finds."""
    listen, node = settings.listen, settings.node
    host = _host(directory, settings.certificates.names, host)
    if listen.cot_tls is None:
        raise UsageError(
            "the listener cot_tls is off in accord.toml, so nobody could connect: give it an "
            "address in [listen], and start the node again"
        )
    _warn_of_another_port(directory, listen.cot_tls.port)
    return Server(
        description=node.name or node.id,
        host=host,
        port=listen.cot_tls.port,
        api_port=listen.api.port if listen.api else API_PORT,
        enrolment_port=listen.enrol.port if listen.enrol else ENROLMENT_PORT,
    )


def _host(directory: Path, chosen: Sequence[str], host: str | None) -> str:
    """Return the name that a client is given: `host`, if the certificate is for it, or soon is."""
    names = names_in(keystore.read_certificates(directory / keystore.SERVER)[0])
    makes_its_own = (directory / keystore.AUTHORITY_KEY).exists()
    if makes_its_own:  # what is chosen and missing comes in at the next start
        names = tuple(dict.fromkeys((*chosen, *names)))
    if not names:
        raise UsageError(
            f"{keystore.SERVER} names no host and no address (subjectAltName), so no client would "
            f"trust it: {renewal.HAVE_ISSUED}"
        )
    if host is None:
        return _best_for_phones([name for name in chosen if name in names], names)
    if host not in names:
        advice = (
            f"add {host} to names in [certificates] of accord.toml, then start the node again"
            if makes_its_own
            else f"{renewal.HAVE_ISSUED}, and put it in {keystore.SERVER.parent}/"
        )
        raise UsageError(
            f"--host {host}: the server certificate is for {', '.join(names)}; {advice}"
        )
    return host


def _best_for_phones(chosen: Sequence[str], names: Sequence[str]) -> str:
    """Return a name that somebody chose, else an address, since phones resolve few names."""
    elsewhere = [name for name in names if name not in ("localhost", "127.0.0.1", "::1")]
    addresses = [name for name in elsewhere if is_address(name)]
    return next(iter((*chosen, *addresses, *elsewhere, *names)))


def _warn_of_another_port(directory: Path, port: int) -> None:
    try:
        bound = find(directory).listeners.get("cot-tls")
    except AccordError:
        return  # it does not run
    if bound is None:
        print(
            f"accord: the package says port {port}, as accord.toml does, but the running node has "
            "cot_tls off: nobody can connect before it is started again without --cot-tls off",
            file=sys.stderr,
        )
    elif bound.port != port:
        print(
            f"accord: the package says port {port}, as accord.toml does, but the running node "
            f"listens for cot_tls on port {bound.port}: start it again without --cot-tls; or set "
            f"cot_tls in [listen] of accord.toml to port {bound.port}, and add the client again",
            file=sys.stderr,
        )
