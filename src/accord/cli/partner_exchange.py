"""The half of `accord partner` that exchanges invitations."""

import argparse
import json
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

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
from accord.security import identity, own_keys
from accord.security.invitation import (
    MAX_INVITATION,
    InvitationError,
    fingerprint,
    read_invitation,
    write_invitation,
)
from accord.security.spoken import Spoken
from accord.storage.agreements import AGREEMENTS, Agreements
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
        return own_keys.ourselves(self.directory, self.name, spell_key(party_key), now)

    def own_party_key(self, given: str | None, *, replace: bool = False) -> bytes:
        """Return the public key with which people sign agreements for this node.

        UsageError when nobody has said it yet, or another is known and is not to be replaced.
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
        if known not in (None, key) and not replace:
            raise UsageError(
                f"option --party-key: the agreements of {self.name.node} are signed with "
                f"{spell_key(known)}; if its people have another key now, say --replace"
            )
        return key

    def to_renew(self, node: str, key: bytes) -> list[str]:
        """Return the agreements here that name another key of that party, by id and serial."""
        return [
            f"{each.id} serial {each.serial}"
            for each in self.agreements.unproved()
            if each.terms is not None
            and any(party.node == node and party.key != key for party in each.terms.parties)
        ]


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
    if arguments.replace and arguments.party_key is None:
        raise UsageError("say with --party-key which key takes the place of the one before")
    former = desk.agreements.known_key(desk.name.node)
    party_key = desk.own_party_key(arguments.party_key, replace=arguments.replace)
    ourselves = desk.ourselves(party_key, SystemClock().now())
    ourselves = replace(ourselves, addresses=tuple(addresses))
    text = write_invitation(ourselves, identity.load_authority(desk.directory, desk.name))
    try:
        arguments.file.write_text(text, "ascii")
    except OSError as error:
        raise UsageError(f"cannot write {arguments.file}: {error.strerror}") from None
    desk.agreements.know(desk.name.node, party_key)
    spoken, renew = fingerprint(ourselves), desk.to_renew(desk.name.node, party_key)
    if arguments.json:
        said = {
            "file": str(arguments.file), "words": spoken.words, "digits": spoken.digits,
            "renew": renew,
        }  # fmt: skip
        print(json.dumps(said))
        return 0
    print(f"wrote {arguments.file}, the invitation of {desk.name.node}")
    print("Send it in any way. Read this to them by voice, over a channel where you know them:")
    print("\n".join(_lines(spoken)))
    if former not in (None, party_key):
        print("The key of your people is another than before: partners add this with --replace")
    print("".join(f"{line}\n" for line in _about(renew, desk.name.node)), end="")
    return 0


def add(arguments: argparse.Namespace) -> int:
    """Pin the partner of an invitation, once two people have compared its fingerprint."""
    desk, now = Desk.at(arguments.directory), SystemClock().now()
    partner = _invitation(arguments.file, now)
    _check_other(partner, desk)
    spoken = fingerprint(partner)
    known = _known(partner, desk.partners.trusted())
    if known is not None and fingerprint(known) == spoken:
        said = _take_again(desk, known, partner, now)
    else:
        said = _take(desk, known, partner, arguments)
    make_secret(desk.directory, partner.node)
    renew = desk.to_renew(partner.node, read_key(partner.party_key))
    if arguments.json:
        state, _, _ = said.partition(",")
        told = {
            "node": partner.node, "state": state, "words": spoken.words, "digits": spoken.digits,
            "renew": renew,
        }  # fmt: skip
        print(json.dumps(told))
        return 0
    print(f"{said}: {partner.node}, trust domain {partner.trust_domain}")
    print("".join(f"{line}\n" for line in _about(renew, partner.node)), end="")
    return 0


def _invitation(file: Path, now: datetime) -> Partner:
    try:
        return read_invitation(_read(file), now)
    except InvitationError as error:
        raise AccordError(f"{file}: {error}") from None


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
    kept = replace(
        partner,
        former=known.former,
        former_until=known.former_until,
        history=known.history,
        ledger=known.ledger,
    )
    desk.partners.succeed(kept, now)
    return "known already"


def _take(
    desk: Desk, known: Partner | None, partner: Partner, arguments: argparse.Namespace
) -> str:
    """Pin what two people have compared. AccordError where they have not, or it was known else."""
    key = read_key(partner.party_key)
    if not arguments.replace:
        _refuse_changes(desk, known, partner, key)
    changes = "" if known is None else _changes(known, partner)
    _compare(partner, arguments.expect, changes)
    now = SystemClock().now()
    desk.agreements.know(partner.node, key)
    desk.partners.add(partner if known is None else known.replaced(partner, now), now)
    return "added" if known is None else f"replaced, {changes}"


def _changes(known: Partner, partner: Partner) -> str:
    """Return in words what is not as it is pinned."""
    others = (
        ("key of its people", known.party_key == partner.party_key),
        ("trust domain", known.trust_domain == partner.trust_domain),
        ("profile", known.profile is partner.profile),
    )
    changed = [f"{of} key" for of in sorted(known.changed(partner))]
    changed += [name for name, is_same in others if not is_same]
    return f"with another {', another '.join(changed)}"


def _refuse_changes(desk: Desk, known: Partner | None, partner: Partner, key: bytes) -> None:
    node = partner.node
    if known is not None:
        raise AccordError(
            f"{node} is known, and this invitation comes {_changes(known, partner)}. If its people "
            "say that they changed that, compare again and say --replace; if not, somebody else "
            "wrote this"
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


def _compare(partner: Partner, expected: str | None, changes: str) -> None:
    """AccordError when this is not what the other side reads out."""
    spoken = fingerprint(partner)
    if expected is None:
        _ask(partner, spoken, changes)
        return
    try:
        is_same = Spoken.parse(expected) == spoken
    except ValueError as error:
        raise UsageError(f"option --expect: {error}") from None
    if not is_same:
        raise AccordError(
            "what they read to you is not the fingerprint of this invitation: nothing was changed. "
            f"Either {partner.node} read that of another, or this is not what they sent. Have them "
            "send it again, compare every word, and do not add it as long as one differs"
        )


def _ask(partner: Partner, spoken: Spoken, changes: str) -> None:
    if not sys.stdin.isatty():
        raise UsageError("nobody is here to compare: give what they read to you with --expect")
    said = [
        f"{partner.node} ({partner.nation}), trust domain {partner.trust_domain}",
        *([f"It is known, and comes {changes}: have them say so, and why."] if changes else []),
        "Call them, over a channel where you know them, and have them read theirs to you:",
        *_lines(spoken),
        f"Is it the same, every word? Type {YES}: ",
    ]
    print("\n".join(said), end="", file=sys.stderr, flush=True)
    if sys.stdin.readline().strip().lower() != YES:
        raise AccordError("not compared; nothing was changed")


def _about(renew: Iterable[str], node: str) -> Iterator[str]:
    """Yield what follows for each agreement that names a former key of a party."""
    for each in renew:
        yield (
            f"{each} names the former key of {node}: where the new one is pinned nothing flows by "
            "it. Have all parties sign the next serial, with the new key in it, and activate that"
        )


def _lines(spoken: Spoken) -> tuple[str, str]:
    return f"  {spoken.words}", f"  {spoken.digits}"
