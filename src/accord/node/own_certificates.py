"""The node's own certificates at a start: made again, entered, and what is wrong with them said."""

from datetime import datetime
from pathlib import Path

from accord.api.selfcheck import SELF_CHECK_GROUP
from accord.config import Settings
from accord.core.errors import AccordError
from accord.core.principal import Direction, Principal, Role
from accord.observe.log import Log
from accord.security import identity, keystore, renewal
from accord.security.authority import is_address, names_in
from accord.security.own_keys import OwnKeys
from accord.storage.people import People

ADMINISTRATOR = Principal(
    name=renewal.ADMINISTRATOR_NAME,
    groups={SELF_CHECK_GROUP: Direction.BOTH},
    role=Role.ADMINISTRATOR,
)
"""Who the command line is to the node; speaks in no group but the one of the self-check."""

LOCAL = ("localhost", "127.0.0.1", "::1")
"""What every machine calls itself; server certificates are for these too."""


def own_name(directory: Path, settings: Settings, asked: str) -> str:
    """Return the name that was asked for, or else another that the server certificate is for."""
    names = names_in(keystore.read_certificates(directory / keystore.SERVER)[0])
    if asked in names:
        return asked
    elsewhere = [each for each in names if each not in LOCAL]
    chosen = [each for each in settings.certificates.names if each in names]
    addresses = [each for each in elsewhere if is_address(each)]
    return next(iter((*chosen, *addresses, *elsewhere, *names, LOCAL[0])))


def renew(directory: Path, settings: Settings, people: People, now: datetime, log: Log) -> None:
    """Make the node's own certificates again where they end soon.

    AccordError when what the node shows its clients has ended.
    """

    def enter(mark: str, ends: datetime) -> None:
        people.add_certificate(
            ADMINISTRATOR.name, mark, issued=now, ends=ends, device=renewal.ON_DEVICE
        )

    certificates = settings.certificates
    renewal.refuse_ended(directory / keystore.AUTHORITY, now)
    if people.admit(ADMINISTRATOR, now):  # without, the node cannot examine itself
        log.event("administrator entered again", name=ADMINISTRATOR.name)
    reasons = {
        "server": renewal.renew_server(directory, settings.node.id, certificates, now),
        "administrator": renewal.renew_administrator(
            directory, certificates, now, enter, people.refuses
        ),
    }
    for name in renewal.missing_names(directory, certificates):
        log.trouble("not in the server certificate", name=name, advice=renewal.HAVE_ISSUED)
    for which, why in reasons.items():
        if why:
            log.event("certificate made again", which=which, why=why)
    renewal.refuse_ended(directory / keystore.SERVER, now)
    renew_towards_partners(directory, settings, now, log)
    own = keystore.read_certificates(directory / keystore.ADMINISTRATOR)[0]
    mark = renewal.mark_of(own)
    if people.refuses(mark):
        log.trouble(
            "administrator's certificate was revoked: status and doctor cannot ask the node",
            advice=renewal.ANOTHER_ADMINISTRATOR,
        )
    if not people.knows(mark):  # somebody put it there, as where the authority's key is elsewhere
        enter(mark, own.not_valid_after_utc)
        log.event("administrator's certificate entered", ends=f"{own.not_valid_after_utc:%Y-%m-%d}")


def renew_towards_partners(directory: Path, settings: Settings, now: datetime, log: Log) -> None:
    """Make the certificate that partners see again at half of its life, where the node has one.

    What is wrong with it is said, and keeps nobody else from being served.
    """
    if not identity.is_made(directory):
        return
    federation = settings.federation
    name = federation.name_of(settings.node.id)
    try:
        # A partner that was away is met with what it knows, which must not have ended meanwhile.
        for home in (directory, *OwnKeys(directory).homes()):
            why = identity.renew(home, name, federation, now)
            if why:
                log.event("certificate made again", which="for partners", why=why)
    except AccordError as error:
        log.burst("certificate for partners", reason=str(error))
