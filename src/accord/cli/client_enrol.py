"""How clients are entered who make their own keys: a one-time token, and a package to trust by."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509

from accord.cli.desk import Desk
from accord.core.clock import SystemClock
from accord.core.enrolment import scan_text
from accord.core.errors import AccordError, UsageError
from accord.core.principal import Principal
from accord.security import keystore
from accord.security.authority import Authority
from accord.security.pkcs12 import trust_store
from accord.storage.people import People
from accord.tak.packages import PACKAGE_PASSWORD, KeyStore, Server, enrolment_package

CLIENTS = Path("clients")


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What is told to whoever adds a client; `scan` is the text of a QR code."""

    name: str
    lines: tuple[str, ...]
    packages: tuple[Path, ...] = ()
    scan: str = ""
    token: str = ""


def enrol(desk: Desk, principals: Sequence[Principal], server: Server) -> list[Said]:
    """Enter people, each with a one-time token and a package; all of them or none."""
    if desk.settings.listen.enrol is None:
        raise UsageError("the listener enrol is off in accord.toml: no client could enrol")
    store = trusted(authority_of(desk.directory).chain)
    written: list[Path] = []
    try:
        with desk.people.together() as people:
            for each in principals:
                people.add(each, SystemClock().now())
            return [_enrolled(desk, people, each, server, store, written) for each in principals]
    except AccordError:
        for path in written:
            path.unlink(missing_ok=True)
        raise


def _enrolled(
    desk: Desk,
    people: People,
    principal: Principal,
    server: Server,
    store: KeyStore,
    written: list[Path],
) -> Said:
    now, valid = SystemClock().now(), desk.settings.certificates.token_valid
    token = people.issue_token(principal.name, now=now, valid=valid)
    trust = enrolment_package(server, username=principal.name, truststore=store)
    path = write_package(desk.directory, f"{principal.name}-trust.zip", trust)
    written.append(path)
    return Said(
        name=principal.name,
        lines=(
            f"added {principal.name}",
            f"token {token} can be used once, until {now + valid:%Y-%m-%d %H:%M} UTC",
            f"wrote {path}: import it first, so that the phone trusts this node",
            "Then scan the code with the phone's camera (ATAK 5), or type name and token.",
        ),
        packages=(path,),
        scan=scan_text(server.host, server.enrolment_port, username=principal.name, token=token),
        token=token,
    )


def authority_of(directory: Path) -> Authority:
    """Return the authority of a node. UsageError where its key is kept elsewhere."""
    key = directory / keystore.AUTHORITY_KEY
    if not key.exists():
        raise UsageError(
            f"there is no {key}: issue the certificate where the authority's key is, then give it "
            "with --certificate"
        )
    return Authority.load(directory / keystore.AUTHORITY, key)


def trusted(chain: Sequence[x509.Certificate]) -> KeyStore:
    """Return the store by which clients trust a node."""
    return KeyStore(
        file="truststore.p12", data=trust_store(chain, PACKAGE_PASSWORD), password=PACKAGE_PASSWORD
    )


def write_package(directory: Path, name: str, data: bytes) -> Path:
    """Write a package into the node's directory, and return where."""
    path = directory / CLIENTS / name
    keystore.write_private(path, data)
    return path
