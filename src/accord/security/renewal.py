"""The node's own certificates are made again when the node starts, before they end.

Only where the authority's key is on this machine; elsewhere `status` says in time that they end.
"""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from shlex import quote

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from accord.core.errors import AccordError
from accord.core.naming import spell_options
from accord.core.principal import Principal
from accord.security import keystore
from accord.security.authority import (
    Authority,
    CertificateSettings,
    Issued,
    fingerprint,
    machine_names,
    names_in,
)

ADMINISTRATOR_NAME = "administrator"

ON_DEVICE = keystore.ADMINISTRATOR.name
"""What stands in the register as the device that has the administrator's certificate."""

ANOTHER_ADMINISTRATOR = (
    f"put another certificate of {ADMINISTRATOR_NAME} and its key in their place, then start again"
)
HAVE_ISSUED = "have a server certificate issued that names it"
"""What to do where the node cannot help itself."""

Enter = Callable[[str, datetime], None]
"""Enters a certificate of the administrator in the register: its fingerprint and its end."""


def refuse_ended(path: Path, now: datetime) -> None:
    """AccordError when a certificate has ended: nobody would connect to a node that shows it."""
    ends = keystore.read_certificates(path)[0].not_valid_after_utc
    if now >= ends:
        raise AccordError(
            f"{path} ended on {ends:%Y-%m-%d}: put a new certificate and its key in their place, "
            "then start the node again"
        )


def remedy(
    directory: Path, file: Path, ends: datetime, settings: CertificateSettings, now: datetime
) -> str:
    """Say what to do when one of the node's own certificates ends, then."""
    if file != keystore.AUTHORITY and (directory / keystore.AUTHORITY_KEY).exists():
        due = ends - settings.renew_before
        if now > due:
            return "start the node again, which makes a new one"
        return f"nothing yet: the node makes a new one when it starts after {due:%Y-%m-%d}"
    with_key = "" if file == keystore.AUTHORITY else " and its key"
    return f"put a new one{with_key} in its place, then start the node again"


def remedy_of_client(
    directory: Path,
    who: Principal,
    ends: datetime,
    settings: CertificateSettings,
    now: datetime,
) -> str:
    """Say what to do when the certificate of a client ends, then."""
    if who.name == ADMINISTRATOR_NAME:
        return remedy(directory, keystore.ADMINISTRATOR, ends, settings, now)
    if (directory / keystore.AUTHORITY_KEY).exists():
        return f"accord client token DIR {quote(who.name)}: it enrols again, and keeps all it has"
    return f"revoke it, then accord client add DIR {quote(who.name)} {spell_options(who)}"


def make_good(directory: Path) -> str:
    """Say what to do when the server certificate is not for a chosen name."""
    makes_its_own = (directory / keystore.AUTHORITY_KEY).exists()
    return "start the node again, which makes a new one" if makes_its_own else HAVE_ISSUED


def missing_names(directory: Path, settings: CertificateSettings) -> list[str]:
    """Return the chosen names that the server certificate is not for."""
    certificate = keystore.read_certificates(directory / keystore.SERVER)[0]
    return [name for name in settings.names if name not in names_in(certificate)]


def server_names(settings: CertificateSettings) -> tuple[str, ...]:
    """Return the names and addresses that the server certificate is to be for."""
    return tuple(dict.fromkeys((*settings.names, *machine_names())))


def renew_server(directory: Path, node: str, settings: CertificateSettings, now: datetime) -> str:
    """Make the server certificate again where that is due; return why, or nothing.

    AccordError when the authority or the certificate cannot be read.
    """
    certificate = keystore.read_certificates(directory / keystore.SERVER)[0]
    missing = missing_names(directory, settings)
    why = f"it lacks {missing[0]}" if missing else _why_due(certificate, settings, now)
    authority = _authority(directory) if why else None
    if authority is None:
        return ""
    write_server(directory, authority, node, settings, now)
    return why


def write_server(
    directory: Path, authority: Authority, node: str, settings: CertificateSettings, now: datetime
) -> None:
    """Make the server certificate and its key."""
    names = server_names(settings)
    issued = authority.issue_server(node, names, now, settings.server_valid)
    _write(directory, (keystore.SERVER, keystore.SERVER_KEY), issued, authority)


def renew_administrator(
    directory: Path,
    settings: CertificateSettings,
    now: datetime,
    enter: Enter,
    refuses: Callable[[str], bool],
) -> str:
    """Make the administrator's certificate again where that is due; return why, or nothing.

    It is due where the register refuses it, too: the node's own checks would fail for good.
    """
    certificate = keystore.read_certificates(directory / keystore.ADMINISTRATOR)[0]
    is_refused = refuses(mark_of(certificate))
    why = "it was revoked" if is_refused else _why_due(certificate, settings, now)
    authority = _authority(directory) if why else None
    if authority is None:
        return ""
    write_administrator(directory, authority, settings, now, enter)
    return why


def write_administrator(
    directory: Path,
    authority: Authority,
    settings: CertificateSettings,
    now: datetime,
    enter: Enter,
) -> None:
    """Make the administrator's certificate and its key, and enter it."""
    issued = authority.issue_client(ADMINISTRATOR_NAME, now, settings.client_valid)
    enter(mark_of(issued.certificate), issued.certificate.not_valid_after_utc)
    files = (keystore.ADMINISTRATOR, keystore.ADMINISTRATOR_KEY)
    _write(directory, files, issued, authority)


def mark_of(certificate: x509.Certificate) -> str:
    """Return the fingerprint of a certificate."""
    return fingerprint(certificate.public_bytes(Encoding.DER))


def _why_due(certificate: x509.Certificate, settings: CertificateSettings, now: datetime) -> str:
    ends = certificate.not_valid_after_utc
    return f"it ends on {ends:%Y-%m-%d}" if ends - now < settings.renew_before else ""


def _authority(directory: Path) -> Authority | None:
    key = directory / keystore.AUTHORITY_KEY
    return Authority.load(directory / keystore.AUTHORITY, key) if key.exists() else None


def _write(directory: Path, files: tuple[Path, Path], issued: Issued, authority: Authority) -> None:
    certificate, key = files
    keystore.write_key(directory / key, issued.key)
    keystore.write_certificates(directory / certificate, issued.certificate, *authority.chain)
