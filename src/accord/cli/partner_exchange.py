"""The half of `accord partner` that exchanges invitations."""

import argparse
import json
import sys
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding

from accord.cli.agreement_signing import AGREEMENTS
from accord.config import Settings, load
from accord.core.clock import SystemClock
from accord.core.errors import AccordError, UsageError
from accord.core.partner import (
    MAX_ADDRESSES,
    NodeName,
    Partner,
    Trusted,
    check_address,
)
from accord.release.frontmatter import read_key, spell_key
from accord.security import identity
from accord.security.invitation import (
    MAX_INVITATION,
    fingerprint,
    read_invitation,
    write_invitation,
)
from accord.security.signing import SigningKey
from accord.security.spoken import Spoken
from accord.storage.agreements import Agreements
from accord.storage.partners import PARTNERS, Partners
from accord.storage.release_secrets import make_secret

YES = "yes"


@dataclass(frozen=True, slots=True)
class Desk:
    """Where partners are dealt with: a node's directory, its name, its registers."""

    directory: Path
    settings: Settings
    name: NodeName
    partners: Partners
    agreements: Agreements

    @classmethod
    def at(cls, directory: Path) -> "Desk":
        """Open a node's desk, and make its identity where it has none yet.

        UsageError when there is no node in the directory.
        """
        settings = load(directory)
        name = settings.federation.name_of(settings.node.id)
        identity.prepare(directory, name, settings.federation, SystemClock().now())
        partners = Partners(directory / PARTNERS)
        partners.prepare()
        return cls(directory, settings, name, partners, Agreements(directory / AGREEMENTS))

    def ourselves(self, party_key: bytes, now: datetime) -> Partner:
        """Return how others are to know this node."""
        authority = identity.load_authority(self.directory, self.name)
        release, ledger = (
            SigningKey.load(self.directory / file).public
            for file in (identity.RELEASE_KEY, identity.LEDGER_KEY)
        )
        return Partner(
            node=self.name.node,
            trust_domain=self.name.trust_domain,
            profile=authority.profile,
            authority=authority.certificate.public_bytes(Encoding.DER),
            party_key=spell_key(party_key),
            release_key=str(release),
            ledger_key=str(ledger),
            made=now.replace(microsecond=0),
        )

    def own_party_key(self, given: str | None) -> bytes:
        """Return the public key with which people sign agreements for this node.

        UsageError when nobody has said it yet, or another is known.
        """
        known = self.agreements.known_key(self.name.node)
        if given is None:
            if known is None:
                raise UsageError(
                    "say --party-key, as `accord agreement key FILE` prints it: with that key "
                    f"{self.name.node} signs agreements"
                )
            return known
        try:
            key = read_key(given)
        except ValueError as error:
            raise UsageError(f"option --party-key: {error}") from None
        if known not in (None, key):
            raise UsageError(
                f"option --party-key: the agreements of {self.name.node} are signed with "
                f"{spell_key(known)}"
            )
        return key


def invite(arguments: argparse.Namespace) -> int:
    """Write the invitation by which others know this node, and show its fingerprint."""
    desk = Desk.at(arguments.directory)
    addresses: list[str] = arguments.address
    try:
        for each in addresses:
            check_address(each)
    except ValueError as error:
        raise UsageError(f"option --address: {error}") from None
    if len(addresses) > MAX_ADDRESSES:
        raise UsageError(f"option --address: give at most {MAX_ADDRESSES}")
    party_key = desk.own_party_key(arguments.party_key)
    ourselves = desk.ourselves(party_key, SystemClock().now())
    ourselves = replace(ourselves, addresses=tuple(addresses))
    text = write_invitation(ourselves, identity.load_authority(desk.directory, desk.name))
    try:
        arguments.file.write_text(text, "ascii")
    except OSError as error:
        raise UsageError(f"cannot write {arguments.file}: {error.strerror}") from None
    desk.agreements.know(desk.name.node, party_key)
    spoken = fingerprint(ourselves)
    if arguments.json:
        said = {"file": str(arguments.file), "words": spoken.words, "digits": spoken.digits}
        print(json.dumps(said))
        return 0
    print(f"wrote {arguments.file}, the invitation of {desk.name.node}")
    print("Send it in any way. Read this to them by voice, over a channel where you know them:")
    print("\n".join(_lines(spoken)))
    return 0


def add(arguments: argparse.Namespace) -> int:
    """Pin the partner of an invitation, once two people have compared its fingerprint."""
    desk, now = Desk.at(arguments.directory), SystemClock().now()
    partner = read_invitation(_read(arguments.file), now)
    _check_other(partner, desk)
    spoken = fingerprint(partner)
    known = _known(partner, desk.partners.trusted())
    if known is not None and fingerprint(known) == spoken:
        said = _take_again(desk, known, partner, now)
    else:
        said = _take(desk, known, partner, arguments)
    make_secret(desk.directory, partner.node)
    if arguments.json:
        told = {"node": partner.node, "state": said, "words": spoken.words, "digits": spoken.digits}
        print(json.dumps(told))
    else:
        print(f"{said}: {partner.node}, trust domain {partner.trust_domain}")
    return 0


def _read(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            return opened.read(MAX_INVITATION + 1)
    except OSError as error:
        raise UsageError(f"cannot read {file}: {error.strerror}") from None


def _check_other(partner: Partner, desk: Desk) -> None:
    if partner.node == desk.name.node:
        raise AccordError(f"this is an invitation of {partner.node}, which is this node itself")
    if partner.trust_domain == desk.name.trust_domain:
        raise AccordError(f"{partner.node} has the trust domain of this node; one must change it")
    ours = desk.settings.federation.profile
    if partner.profile is not ours:
        raise AccordError(
            f"{partner.node} has the profile {partner.profile} and this node {ours}: both ends of "
            "a link have the same"
        )


def _known(partner: Partner, trusted: Trusted) -> Partner | None:
    return next((each for each in trusted.partners if each.node == partner.node), None)


def _take_again(desk: Desk, known: Partner, partner: Partner, now: datetime) -> str:
    """Take a newer invitation with the same keys, in which at most addresses differ."""
    if partner.made < known.made:
        raise AccordError(f"a newer invitation of {partner.node} is known")
    kept = replace(partner, former=known.former, former_until=known.former_until)
    desk.partners.succeed(kept, now)
    return "known already"


def _take(
    desk: Desk, known: Partner | None, partner: Partner, arguments: argparse.Namespace
) -> str:
    """Pin what two people have compared. AccordError where they have not, or it was known else."""
    key = read_key(partner.party_key)
    if not arguments.replace:
        _refuse_changes(desk, known, partner, key)
    _compare(partner, arguments.expect)
    desk.agreements.know(partner.node, key)
    desk.partners.add(partner, SystemClock().now())
    return "added" if known is None else "replaced"


def _refuse_changes(desk: Desk, known: Partner | None, partner: Partner, key: bytes) -> None:
    node = partner.node
    if known is not None:
        raise AccordError(
            f"{node} is known with other keys than these. If its people say that they changed "
            "them, compare again and say --replace; if not, somebody else wrote this"
        )
    if any(desk.partners.trusted().of_node(node)):
        raise AccordError(
            f"{node} was removed, and is refused. To take it back, compare again and say --replace"
        )
    if desk.agreements.known_key(node) not in (None, key):
        raise AccordError(
            f"the agreements here know another key of {node} than this invitation. If its people "
            "say that they changed it, compare again and say --replace"
        )


def _compare(partner: Partner, expected: str | None) -> None:
    """AccordError when this is not what the other side reads out."""
    spoken = fingerprint(partner)
    if expected is None:
        _ask(partner, spoken)
        return
    try:
        is_same = Spoken.parse(expected) == spoken
    except ValueError as error:
        raise UsageError(f"option --expect: {error}") from None
    if not is_same:
        raise AccordError(
            "this invitation has another fingerprint than they read to you: it was not "
            f"{partner.node} who wrote it, or not this one. Nothing was changed"
        )


def _ask(partner: Partner, spoken: Spoken) -> None:
    if not sys.stdin.isatty():
        raise UsageError("nobody is here to compare: give what they read to you with --expect")
    said = [
        f"{partner.node} ({partner.nation}), trust domain {partner.trust_domain}",
        "Call them, over a channel where you know them, and have them read theirs to you:",
        *_lines(spoken),
        f"Is it the same, every word? Type {YES}: ",
    ]
    print("\n".join(said), end="", file=sys.stderr, flush=True)
    if sys.stdin.readline().strip().lower() != YES:
        raise AccordError("not compared; nothing was changed")


def _lines(spoken: Spoken) -> tuple[str, str]:
    return f"  {spoken.words}", f"  {spoken.digits}"
