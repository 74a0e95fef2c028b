"""`accord federation keys DIR`: the keys of this node towards partners, and successors of them."""

import argparse
import json
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509

from accord.cli.arguments import add_directory, add_json
from accord.cli.command import Subparsers
from accord.cli.partner_exchange import YES, Desk
from accord.core.clock import SystemClock
from accord.core.errors import AccordError, UsageError
from accord.core.partner import KeyOf, Partner
from accord.observe.health import as_json
from accord.security.authority import SKEW
from accord.security.own_keys import Made, OwnKeys, ourselves
from accord.storage.partners import UnknownPartner

_FOR = {
    KeyOf.AUTHORITY: "issues the certificate that partners see",
    KeyOf.RELEASE: "signs what is released",
    KeyOf.LEDGER: "signs the ledger, and cosigns the partners'",
}


@dataclass(frozen=True, slots=True)
class _Shown:
    """One key as it is shown; `since` None: as long as the node has had its identity.

    `public` is as `accord partner show` has it, of the authority the SHA-256 of its certificate.
    """

    key: str
    purpose: str
    since: datetime | None
    public: str
    acknowledged: tuple[str, ...]
    waits: tuple[str, ...]


def add_parser(commands: Subparsers) -> None:
    """Add `keys`."""
    parser = commands.add_parser(
        "keys",
        help="show this node's keys towards partners, or replace one",
        description="Show what each key of the node in DIR is for, since when, and which partners "
        "have taken it; or replace one. A successor is signed by the key before it, told to every "
        "partner over the link, and used towards each as soon as it has taken it.",
    )
    add_directory(parser)
    parser.add_argument(
        "--replace", metavar="KEY", choices=[*map(str, KeyOf)],
        help="authority, release or ledger: make a key that succeeds it",
    )  # fmt: skip
    parser.add_argument(
        "--stolen", action="store_true",
        help="with --replace: the key is not trusted any more, and signs nothing; partners "
        "compare a new invitation",
    )  # fmt: skip
    parser.add_argument(
        "--met", metavar="PARTNER",
        help="that partner has compared a newer invitation, and need not be told",
    )  # fmt: skip
    parser.add_argument("--yes", action="store_true", help="do not ask")
    add_json(parser)
    parser.set_defaults(run=run_keys)


def run_keys(arguments: argparse.Namespace) -> int:
    """Show the keys; with --replace make one anew before."""
    desk, now = Desk.at(arguments.directory), SystemClock().now()
    keys = OwnKeys(desk.directory)
    keys.finish()
    if arguments.stolen and arguments.replace is None:
        raise UsageError("say with --replace which key was stolen")
    if arguments.met is not None:
        _meet(keys, desk, arguments.met, now)
    if arguments.replace is not None:
        _replace(keys, desk, KeyOf(arguments.replace), arguments, now)
    shown = list(_shown(keys, desk))
    if arguments.json:
        print(json.dumps(as_json(tuple(shown)), indent=2))
        return 0
    for each in shown:
        print("\n".join(_lines(each)))
    return 0


def _replace(
    keys: OwnKeys, desk: Desk, of: KeyOf, arguments: argparse.Namespace, now: datetime
) -> None:
    federation = desk.settings.federation
    partners = [each.node for each in desk.partners.trusted().partners]
    if not arguments.yes:
        _ask(of, partners, is_stolen=arguments.stolen)
    if arguments.stolen:
        keys.begin_anew(of, desk.name, federation, now)
        print(
            f"The {of} key is new, and nobody is told over the link: have every partner compare a "
            "new invitation (accord partner invite)",
            file=sys.stderr,
        )
        return
    party_key = desk.ourselves(desk.own_party_key(None), now).party_key
    keys.replace(of, desk.name, federation, party_key=party_key, partners=partners, now=now)


def _ask(of: KeyOf, partners: Iterable[str], *, is_stolen: bool) -> None:
    if not sys.stdin.isatty():
        raise UsageError("nobody is here to ask; say --yes")
    told = ", ".join(partners) or "nobody, as there are no partners"
    said = [f"The {of} key is replaced. Told over the link: {told}."]
    if is_stolen:
        said = [f"The {of} key is replaced, and no partner takes this node for itself any more",
                "until its people have compared a new invitation."]  # fmt: skip
    print(*said, f"Type {YES}: ", sep="\n", end="", file=sys.stderr, flush=True)
    if sys.stdin.readline().strip().lower() != YES:
        raise AccordError("nothing was changed")


def _meet(keys: OwnKeys, desk: Desk, node: str, now: datetime) -> None:
    if desk.partners.trusted().partner(node) is None:
        raise UnknownPartner(node)
    for made in keys.all():
        if node in made.waits:
            keys.taken(made.number, node, now)


def _shown(keys: OwnKeys, desk: Desk) -> Iterable[_Shown]:
    party = desk.agreements.known_key(desk.name.node)
    now = SystemClock().now()
    us = ourselves(desk.directory, desk.name, "", now)
    made = keys.all()
    for of in KeyOf:
        own = [each for each in made if each.said.of is of]
        yield _of(of, us, own)
    if party is not None:
        key = desk.ourselves(party, now).party_key
        yield _Shown("party", "people's: signs agreements; not on the node", None,
                     key, (), ())  # fmt: skip


def _of(of: KeyOf, us: Partner, made: list[Made]) -> _Shown:
    last = made[-1] if made else None
    since = None if last is None else last.at
    if of is KeyOf.AUTHORITY:
        since = x509.load_der_x509_certificate(us.authority).not_valid_before_utc + SKEW
    return _Shown(
        key=str(of),
        purpose=_FOR[of],
        since=since,
        public=us.key(of),
        acknowledged=() if last is None else tuple(node for node, _ in last.taken),
        waits=tuple(sorted({node for each in made for node in each.waits})),
    )


def _lines(it: _Shown) -> Iterable[str]:
    since = "the beginning" if it.since is None else f"{it.since:%Y-%m-%d %H:%MZ}"
    yield f"{it.key}: {it.purpose}; since {since}"
    yield f"  {'SHA-256 ' if it.key == KeyOf.AUTHORITY else ''}{it.public}"
    if it.acknowledged:
        yield f"  taken by {', '.join(it.acknowledged)}"
    if it.waits:
        yield f"  not taken yet by {', '.join(it.waits)}: towards them the key before it is used"
