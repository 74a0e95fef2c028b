"""When certificates end: the node's own, and those of everybody who may connect."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from accord.core.errors import AccordError
from accord.observe.ending import Ending, ending
from accord.security import identity, keystore, renewal
from accord.security.authority import CertificateSettings
from accord.storage.people import Certificate, People

OWN = (keystore.AUTHORITY, keystore.SERVER)
"""Files of the node's directory. The administrator's certificate is in the register, and the one
towards partners is made again by the running node at half of its life."""


_REMEDIES = {
    identity.AUTHORITY: "accord federation keys DIR --replace authority",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Dated:
    """A certificate that is good now or was until it ended. `fingerprint` is empty for a file."""

    of: str
    """A file of the node's directory, or the client's name."""
    fingerprint: str
    issued: datetime
    ends: datetime
    warning: Ending
    remedy: str


def calendar(
    directory: Path, people: People, settings: CertificateSettings, now: datetime
) -> list[Dated]:
    """Return every certificate that is good and has no later one in its place, by its end."""
    everybody = {each.principal.name: each.principal for each in people.memberships(now)}
    clients = (
        _of_client(
            each,
            renewal.remedy_of_client(directory, everybody[each.name], each.ends, settings, now),
            now,
        )
        for each in people.certificates()
        if each.revoked is None and not each.is_replaced
    )
    own = _own(directory, settings, now)
    return sorted([*own, *clients], key=lambda each: (each.ends, each.of))


def _own(directory: Path, settings: CertificateSettings, now: datetime) -> Iterator[Dated]:
    files = (*OWN, *((identity.AUTHORITY,) if identity.is_made(directory) else ()))
    for file in files:
        try:
            certificate = keystore.read_certificates(directory / file)[0]
        except AccordError:
            continue  # the status says what is wrong with the file
        ends = certificate.not_valid_after_utc
        yield Dated(
            of=str(file),
            fingerprint="",
            issued=certificate.not_valid_before_utc,
            ends=ends,
            warning=ending(ends, now),
            remedy=_REMEDIES.get(file) or renewal.remedy(directory, file, ends, settings, now),
        )


def _of_client(of: Certificate, remedy: str, now: datetime) -> Dated:
    return Dated(
        of=of.name,
        fingerprint=of.fingerprint,
        issued=of.issued,
        ends=of.ends,
        warning=ending(of.ends, now),
        remedy=remedy,
    )
