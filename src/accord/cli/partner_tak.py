"""The part of `accord partner` that deals with TAK servers."""

import argparse
import json
from collections.abc import Callable, Iterator, Mapping
from hashlib import sha256
from pathlib import Path

from cryptography import x509

from accord.cli.partner_exchange import Desk
from accord.core.clock import SystemClock
from accord.core.errors import AccordError, UsageError
from accord.core.nation import check_nation, check_node
from accord.core.partner import check_address
from accord.core.tak_partner import (
    LEAST_HOPS,
    TakPartner,
    TakVersion,
    check_fingerprint,
    check_max_hops,
)
from accord.security import identity
from accord.storage.partners import PARTNERS
from accord.storage.release_secrets import make_secret
from accord.storage.tak_partners import KnownTak, TakPartners, read_authorities

MAX_FILE = 1 << 20
"""Bytes of a file of certificates that are read."""
MAX_GROUPS = 64


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `add-tak` takes."""
    parser.add_argument(
        "--name", required=True, metavar="NODE",
        help="what it is called here: NATION-NAME, such as AUS-TAK",
    )  # fmt: skip
    parser.add_argument(
        "--ca", required=True, type=Path, metavar="FILE",
        help="PEM: the authority, or authorities, of its certificate",
    )  # fmt: skip
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument(
        "--fingerprint", metavar="HEX", help="the SHA-256 of its certificate; no other counts"
    )
    which.add_argument(
        "--any-certificate", action="store_true",
        help="every certificate of that authority counts: those of its users too, if it has any",
    )  # fmt: skip
    way = parser.add_mutually_exclusive_group(required=True)
    way.add_argument("--dial", metavar="HOST:PORT", help="where this node calls it")
    way.add_argument("--listen", metavar="ADDRESS:PORT", help="where it calls this node")
    parser.add_argument(
        "--protocol", type=int, choices=[each.value for each in TakVersion], default=2,
        help="of TAK federation; 2 if left out",
    )  # fmt: skip
    parser.add_argument(
        "--group", action="append", default=[], metavar="NAME",
        help="a group into which what it says is said; [federation] groups if left out. "
        "May be given again",
    )  # fmt: skip
    parser.add_argument(
        "--map", action="append", default=[], metavar="THERE=HERE", dest="mapping",
        help="a group there whose reports are said into one here. May be given again",
    )  # fmt: skip
    parser.add_argument(
        "--max-hops", type=int, default=LEAST_HOPS, metavar="N",
        help=f"over how many servers what goes there may go: {LEAST_HOPS}, if left out, is its "
        "own alone, 3 what is behind a hub, -1 any number",
    )  # fmt: skip


def run_add(arguments: argparse.Namespace) -> int:
    """Pin a TAK server."""
    desk = Desk.at(arguments.directory)
    partner = _partner(arguments, desk)
    TakPartners(desk.directory / PARTNERS).add(partner)
    make_secret(desk.directory, partner.node)
    if arguments.json:
        print(json.dumps({**told(partner, KnownTak((partner,))), "state": "added"}))
        return 0
    way = f"is called at {partner.dial}" if partner.dial else f"calls at {partner.listen}"
    print(f"added: {partner.node}, a TAK server, which {way}, protocol {partner.version.value}")
    print(f"Its people need {desk.directory / identity.AUTHORITY}, the authority of this node.")
    if not partner.fingerprint:
        print("Whoever has a certificate of that authority can speak as it: pin one where you can.")
    print('Nothing goes to it before an agreement in which its key is "none" is activated.')
    return 0


def _partner(arguments: argparse.Namespace, desk: Desk) -> TakPartner:
    said: dict[str, list[str]] = {"group": arguments.group, "map": arguments.mapping}
    for option, values in said.items():
        if len(values) > MAX_GROUPS:
            raise UsageError(f"option --{option}: give at most {MAX_GROUPS}")
    name: str = arguments.name
    try:
        check_node(name, check_nation(name[:3]))
    except ValueError as error:
        raise UsageError(f"option --name: {error}") from None
    if name == desk.name.node:
        raise UsageError(f"option --name: {name} is this node itself")
    return TakPartner(
        node=name,
        authorities=_authorities(arguments.ca),
        fingerprint=_checked("fingerprint", check_fingerprint, arguments.fingerprint),
        version=TakVersion(arguments.protocol),
        made=SystemClock().now().replace(microsecond=0),
        dial=_checked("dial", check_address, arguments.dial),
        listen=_checked("listen", check_address, arguments.listen),
        groups=tuple(arguments.group) or _usual(arguments, desk),
        mapping=tuple(map(_pair, arguments.mapping)),
        max_hops=_hops(arguments.max_hops),
    )


def _usual(arguments: argparse.Namespace, desk: Desk) -> tuple[str, ...]:
    """Return the groups of all partners; where groups are mapped, what is in none stays out."""
    return () if arguments.mapping else desk.settings.federation.groups


def _checked(option: str, check: Callable[[str], str], value: str | None) -> str:
    if value is None:
        return ""
    try:
        return check(value)
    except ValueError as error:
        raise UsageError(f"option --{option}: {error}") from None


def _hops(hops: int) -> int:
    try:
        return check_max_hops(hops)
    except ValueError as error:
        raise UsageError(f"option --max-hops: {error}") from None


def _pair(text: str) -> tuple[str, str]:
    there, sign, here = text.partition("=")
    if not (there and sign and here):
        raise UsageError(f"option --map: {text!r}: give THERE=HERE, such as Maritime=Sea")
    return there, here


def _authorities(path: Path) -> tuple[bytes, ...]:
    try:
        with path.open("rb") as file:
            return tuple(read_authorities(file.read(MAX_FILE)))
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}") from None
    except AccordError as error:
        raise UsageError(f"option --ca: {path}: {error}") from None


def known_at(desk: Desk) -> KnownTak:
    """Return which TAK servers are partners of the node."""
    return TakPartners(desk.directory / PARTNERS).known()


def told(partner: TakPartner, known: KnownTak) -> Mapping[str, object]:
    """Return all that is pinned of a TAK server."""
    return {
        "node": partner.node,
        "nation": partner.nation,
        "kind": "tak",
        "state": "refused" if partner.node in known.denied else "trusted",
        "protocol": partner.version.value,
        "dial": partner.dial,
        "listen": partner.listen,
        "authorities_sha256": tuple(sha256(each).hexdigest() for each in partner.authorities),
        "authority_ends": min(_ends(each) for each in partner.authorities),
        "fingerprint": partner.fingerprint or "any of those authorities",
        "groups": partner.groups,
        "map": tuple(f"{there}={here}" for there, here in partner.mapping),
        "max_hops": partner.max_hops,
        "made": f"{partner.made:%Y-%m-%dT%H:%M:%SZ}",
    }


def _ends(authority: bytes) -> str:
    ends = x509.load_der_x509_certificate(authority).not_valid_after_utc
    return f"{ends:%Y-%m-%dT%H:%M:%SZ}"


def lines(known: KnownTak) -> Iterator[tuple[str, str]]:
    """Yield for each TAK server its name, and a line for the list."""
    for each in known.partners:
        state = "refused" if each.node in known.denied else "trusted"
        way = f"called at {each.dial}" if each.dial else f"calls at {each.listen}"
        yield each.node, f"{each.node}: {state}; TAK server, protocol {each.version.value}; {way}"
