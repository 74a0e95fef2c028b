"""`accord partner ...`: which nodes this one links to, and whether it may."""

import argparse
import json
import sys
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import cast

from cryptography import x509

from accord.cli import partner_exchange, partner_tak
from accord.cli.arguments import add_directory, add_json
from accord.cli.command import Run, Subparsers
from accord.cli.linkage import Linkage, linkage
from accord.cli.partner_exchange import Desk
from accord.core.clock import SystemClock
from accord.core.errors import AccordError, UsageError
from accord.core.partner import WHOLE, KeyOf, Partner, Trusted, spell_serial
from accord.federation.latch import Latch
from accord.observe.health import as_json
from accord.security import identity, keystore
from accord.security.invitation import fingerprint
from accord.storage.partners import PARTNERS, UnknownPartner
from accord.storage.tak_partners import TakPartners


def add_parser(subparsers: Subparsers) -> None:
    """Add `partner` with its subcommands."""
    parser = subparsers.add_parser(
        "partner",
        help="which nodes and TAK servers this one links to: invite, add, add-tak, list, show, "
        "deny, allow, clear, remove",
        description="The partners of the node in DIR. Two nodes exchange invitations, two people "
        "compare them by voice. A running node takes note within a second.",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND", title="commands")
    _add_exchange(commands)
    tak = _command(
        commands, "add-tak", "federate with a TAK server or a federation hub", partner_tak.run_add
    )
    partner_tak.add_arguments(tak)
    _command(commands, "list", "the partners, and how links and agreements stand", run_list)
    show = _command(
        commands, "show", "all that is known of a partner, or others know of this node", run_show
    )
    show.add_argument("node", metavar="NODE", help="the partner's node id, or this node's own")
    for name, does, run in (
        ("deny", "refuse a partner and cut its link at once; allow undoes it", run_deny),
        ("allow", "refuse no longer what was refused with deny", run_allow),
    ):
        below = _command(commands, name, does, run)
        below.add_argument("node", metavar="NODE", help="the partner's node id")
        below.add_argument(
            "--serial", metavar="HEX", help="only the certificate with that serial number"
        )
    clear = _command(
        commands, "clear", "let the link run again that the guard stopped; somebody has looked",
        run_clear,
    )  # fmt: skip
    clear.add_argument("node", metavar="NODE", help="the partner's node id")
    clear.add_argument(
        "--looked", action="store_true", help="do not ask: somebody knows why, and it is mended"
    )
    remove = _command(
        commands,
        "remove",
        "forget a partner and refuse it; only a comparison undoes it",
        run_remove,
    )
    remove.add_argument("node", metavar="NODE", help="the partner's node id")


def _add_exchange(commands: Subparsers) -> None:
    invite = _command(
        commands,
        "invite",
        "write this node's invitation, and the words to read out",
        partner_exchange.invite,
    )
    invite.add_argument("file", type=Path, metavar="FILE", help="where to write it")
    invite.add_argument(
        "--address",
        action="append",
        default=[],
        metavar="HOST:PORT",
        help="where partners reach this node; none where it only calls. May be given again",
    )
    invite.add_argument(
        "--party-key", metavar="KEY", help="the public key that signs agreements; once is enough"
    )
    invite.add_argument(
        "--replace", action="store_true",
        help="with --party-key: the people have another key than is known; partners compare again",
    )  # fmt: skip
    add = _command(
        commands, "add", "take in a partner's invitation, after a comparison", partner_exchange.add
    )
    add.add_argument("file", type=Path, metavar="FILE", help="the invitation that they sent")
    add.add_argument(
        "--expect",
        metavar="WORDS",
        help="the nine words or the digits that they read to you; without it you are asked",
    )
    add.add_argument(
        "--replace",
        action="store_true",
        help="take other keys than are known, or take back who was removed; compares again",
    )


def _command(commands: Subparsers, name: str, does: str, run: Run) -> argparse.ArgumentParser:
    parser = commands.add_parser(name, help=does, description=f"{does[0].upper()}{does[1:]}.")
    add_directory(parser)
    add_json(parser)
    parser.set_defaults(run=run)
    return parser


def run_list(arguments: argparse.Namespace) -> int:
    """Print every partner."""
    directory: Path = arguments.directory
    desk, now = Desk.at(directory), SystemClock().now()
    trusted, tak = desk.partners.trusted(), partner_tak.known_at(desk)
    links = linkage(directory)
    if arguments.json:
        told = (
            *(_told(each, trusted, now, links) for each in trusted.partners),
            *(partner_tak.told(each, tak) for each in tak.partners),
        )
        print(json.dumps(as_json(told), indent=2))
        return 0
    for each in trusted.partners:
        days, where = _days(_ends(each), now), ", ".join(each.addresses) or "no address, it calls"
        print(f"{each.node}: {_state(each, trusted)}; its authority ends in {days} days; {where}")
        if trusted.denied(each.name):
            print(f"  refused here, so nothing flows: accord partner allow {directory} {each.node}")
            continue
        print("".join(f"  {line}\n" for line in _links_of(each.node, links)), end="")
    for node, line in partner_tak.lines(tak):
        print(line)
        print("".join(f"  {line}\n" for line in _links_of(node, links)), end="")
    if not trusted.partners and not tak.partners:
        print(
            f"no partners yet: write them an invitation with accord partner invite {directory} "
            f"FILE, and take in theirs with accord partner add {directory} FILE"
        )
    return 0


def _links_of(node: str, links: Linkage | None) -> Iterator[str]:
    """Yield what the running node says of its link to a partner; nothing where none runs."""
    if links is None or node not in links.states:
        return
    yield f"link {links.states[node]}{links.down.get(node, '')}"
    stand = links.of(node)
    for it in stand:
        yield it.sentence
    if not stand:
        yield "no agreement with it is activated here: nothing flows"


def _ends(partner: Partner) -> datetime:
    return x509.load_der_x509_certificate(partner.authority).not_valid_after_utc


def _days(ends: datetime, now: datetime) -> int:
    return (ends - now) // timedelta(days=1)


def _state(partner: Partner, trusted: Trusted) -> str:
    return "refused" if trusted.denied(partner.name) else "trusted"


def _told(
    partner: Partner, trusted: Trusted, now: datetime, links: Linkage | None
) -> dict[str, object]:
    refused = (each for each in trusted.denials if each.name == partner.name and each.serial)
    return {
        "node": partner.node,
        "nation": partner.nation,
        "trust_domain": partner.trust_domain,
        "profile": partner.profile.value,
        "state": _state(partner, trusted),
        "addresses": partner.addresses,
        "authority_ends": _ends(partner),
        "days": _days(_ends(partner), now),
        "refused_certificates": tuple(each.serial for each in refused),
        "link": None if links is None else links.states.get(partner.node),
        "agreements": () if links is None else tuple(it.sentence for it in links.of(partner.node)),
    }


def run_show(arguments: argparse.Namespace) -> int:
    """Print all that is pinned of a partner, or what others pin of this node."""
    desk, now = Desk.at(arguments.directory), SystemClock().now()
    node: str = arguments.node
    trusted, tak = desk.partners.trusted(), partner_tak.known_at(desk)
    server = tak.partner(node)
    if server is not None:
        stopped = {"stopped": Latch.of(desk.directory, node).why()}
        return _show({**partner_tak.told(server, tak), **stopped}, arguments)
    if node == desk.name.node:
        partner = desk.ourselves(desk.own_party_key(None), now)
    else:
        partner = _partner(trusted, node)
    told = {**_told(partner, trusted, now, linkage(desk.directory)), **_pinned(partner)}
    told["stopped"] = Latch.of(desk.directory, node).why()
    if node == desk.name.node:
        certificate = keystore.read_certificates(desk.directory / identity.NODE)[0]
        told["certificate_ends"] = certificate.not_valid_after_utc
    return _show(told, arguments)


def _show(told: Mapping[str, object], arguments: argparse.Namespace) -> int:
    if arguments.json:
        print(json.dumps(as_json(told), indent=2))
        return 0
    for key, value in told.items():
        print(f"{key.replace('_', ' '):<21} {_spell(value)}".rstrip())
    return 0


def _pinned(partner: Partner) -> Mapping[str, object]:
    spoken = fingerprint(partner)
    return {
        "authority_sha256": partner.key(KeyOf.AUTHORITY),
        "party_key": partner.party_key,
        "release_key": partner.release_key,
        "ledger_key": partner.ledger_key,
        "made": partner.made,
        "ledger": partner.ledger,
        "former_keys": tuple(
            f"{it.of} {it.key}, succeeded {it.succeeded:%Y-%m-%d %H:%MZ}, counts until "
            f"{it.until:%Y-%m-%d %H:%MZ}"
            for it in partner.history
        ),
        "words": spoken.words,
        "digits": spoken.digits,
    }


def _spell(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(map(str, cast("tuple[object, ...]", value)))
    if value is None:
        return "not known: the node does not run, or has no such link"
    return f"{value:%Y-%m-%d %H:%MZ}" if isinstance(value, datetime) else str(value)


def _partner(trusted: Trusted, node: str) -> Partner:
    for each in trusted.partners:
        if each.node == node:
            return each
    raise UnknownPartner(node)


def run_deny(arguments: argparse.Namespace) -> int:
    """Refuse a partner, or one certificate of it, from now on."""
    serial, desk = _serial(arguments.serial), Desk.at(arguments.directory)
    servers = _servers(desk, arguments.node, serial)
    if servers is not None:
        servers.deny(arguments.node)
    else:
        desk.partners.deny(arguments.node, serial, SystemClock().now())
    _say(arguments, "refused from now on", serial)
    return 0


def _servers(desk: Desk, node: str, serial: str = WHOLE) -> TakPartners | None:
    """Return where TAK servers are pinned, if that is one; None: it is a node, or nothing."""
    if partner_tak.known_at(desk).partner(node) is None:
        return None
    if serial:
        raise UsageError(f"option --serial: {node} is a TAK server: pin its certificate instead")
    return TakPartners(desk.directory / PARTNERS)


def run_allow(arguments: argparse.Namespace) -> int:
    """Refuse it no longer."""
    serial, desk = _serial(arguments.serial), Desk.at(arguments.directory)
    servers = _servers(desk, arguments.node, serial)
    if servers is not None:
        servers.allow(arguments.node)
    else:
        desk.partners.allow(arguments.node, serial)
    _say(arguments, "refused no longer", serial)
    return 0


def run_clear(arguments: argparse.Namespace) -> int:
    """Show why the guard stopped the link to a partner, and let it run again."""
    directory: Path = arguments.directory
    desk, node = Desk.at(directory), cast("str", arguments.node)
    if _servers(desk, node) is None:
        node = _partner(desk.partners.trusted(), node).node
    latch = Latch.of(directory, node)
    why = latch.why()
    if why and not arguments.looked:
        _ask(node, why)
    latch.open()
    state = "runs again" if why else "was not stopped"
    if arguments.json:
        print(json.dumps({"node": node, "state": state, "stopped": why}))
    else:
        print(f"{state}: the link to {node}" + (f"; it was stopped: {why}" if why else ""))
    return 0


def _ask(node: str, why: str) -> None:
    if not sys.stdin.isatty():
        raise UsageError(f"nobody is here to ask; say --looked. The guard stopped it: {why}")
    said = [
        f"The guard stopped the link to {node}: {why}",
        "A release was to leave that it would not let out. Until that is understood, the next is",
        f"refused again. Is it mended? Type {partner_exchange.YES}: ",
    ]
    print("\n".join(said), end="", file=sys.stderr, flush=True)
    if sys.stdin.readline().strip().lower() != partner_exchange.YES:
        raise AccordError("it stays stopped")


def run_remove(arguments: argparse.Namespace) -> int:
    """Forget a partner and refuse it."""
    desk = Desk.at(arguments.directory)
    servers = _servers(desk, arguments.node)
    if servers is not None:
        servers.remove(arguments.node)
    else:
        desk.partners.remove(arguments.node, SystemClock().now())
    _say(arguments, "removed, and refused from now on", WHOLE)
    return 0


def _say(arguments: argparse.Namespace, what: str, serial: str) -> None:
    if arguments.json:
        print(json.dumps({"node": arguments.node, "state": what, "serial": serial}))
    else:
        which = f"certificate {serial} of " if serial else ""
        print(f"{what}: {which}{arguments.node}")


def _serial(text: str | None) -> str:
    if text is None:
        return WHOLE
    try:
        serial = int(text.replace(":", ""), 16)
    except ValueError:
        raise UsageError(f"option --serial: {text!r} is no hexadecimal number") from None
    return spell_serial(serial)
