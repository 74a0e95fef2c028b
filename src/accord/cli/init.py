"""`accord init DIR`: makes a node's directory, with its authority and its first administrator."""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509

from accord.cli.command import Subparsers
from accord.cli.template import settings_text
from accord.config import SETTINGS_FILE, load
from accord.config.settings import NodeSettings
from accord.core.clock import SystemClock
from accord.core.errors import AccordError, UsageError
from accord.node.own_certificates import ADMINISTRATOR
from accord.security import identity, keystore, renewal
from accord.security.authority import (
    Authority,
    check_authority,
    check_current,
    leads_to,
    names_in,
)
from accord.security.keystore import PrivateKey
from accord.storage.people import PEOPLE, People


@dataclass(frozen=True, slots=True)
class Pair:
    """A certificate, with those above it that came along, and its key."""

    certificates: Sequence[x509.Certificate]
    key: PrivateKey


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedElsewhere:
    """What the node itself needs, from an authority whose key is not here; all of it checked."""

    chain: Sequence[x509.Certificate]
    server: Pair
    administrator: Pair


def add_parser(subparsers: Subparsers) -> None:
    """Add `init`."""
    parser = subparsers.add_parser(
        "init",
        help="make a new node",
        description="Make the directory of a new node: settings file accord.toml, certificate "
        "authority, first administrator, register of people. Refuses a directory that is not "
        "empty.",
    )
    parser.add_argument("directory", type=Path, metavar="DIR", help="a new or empty directory")
    parser.add_argument("--node", required=True, help="its id, NATION or NATION-NAME: NZL-JFNZ")
    parser.add_argument("--nation", required=True, help="its owner, ISO 3166-1 alpha-3: NZL")
    parser.add_argument("--name", default="", metavar="TEXT", help="what people call it")
    own = parser.add_argument_group(
        "an authority of your own",
        "PEM files. Without its key, this machine can issue nothing: bring the certificates of the "
        "server and of the administrator as well, each file with its key.",
    )
    own.add_argument("--authority", type=Path, metavar="FILE", help="certificate, with its chain")
    own.add_argument("--authority-key", type=Path, metavar="FILE", help="the authority's key")
    own.add_argument("--server", type=Path, metavar="FILE", help="server certificate and key")
    own.add_argument("--administrator", type=Path, metavar="FILE", help="certificate and key")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Make the node."""
    directory: Path = arguments.directory
    try:
        node = NodeSettings(id=arguments.node, nation=arguments.nation, name=arguments.name)
    except ValueError as error:
        raise UsageError(f"--node {arguments.node} --nation {arguments.nation}: {error}") from None
    authority = _brought(arguments) or Authority.create(node.id, SystemClock().now())
    make_directory(directory)
    text = settings_text(node=node.id, nation=node.nation, name=node.name)
    keystore.write_private(directory / SETTINGS_FILE, text.encode())
    people = People(directory / PEOPLE)
    people.create()
    people.add(ADMINISTRATOR, SystemClock().now())
    if isinstance(authority, Authority):
        _issue(directory, authority, node.id, people)
    else:
        _take(directory, authority, people)
    federation = load(directory).federation
    identity.prepare(directory, federation.name_of(node.id), federation, SystemClock().now())
    print(f"made node {node.id} in {directory}")
    print(f"  settings        {directory / SETTINGS_FILE}")
    print(f"  authority       {directory / keystore.AUTHORITY}")
    server = keystore.read_certificates(directory / keystore.SERVER)[0]
    print(f"  reached under   {', '.join(names_in(server))}")
    print(f"next: accord client add {directory} NAME --group GROUP; accord serve {directory}")
    return 0


def make_directory(directory: Path) -> None:
    """Make a directory for its owner only. UsageError when there is something in it."""
    try:
        directory.mkdir(parents=True, exist_ok=True)
        if any(directory.iterdir()):
            raise UsageError(f"{directory} is not empty; name a directory that is new or empty")
        directory.chmod(0o700)
    except OSError as error:
        raise UsageError(f"cannot make {directory}: {error.strerror}") from None


def _brought(arguments: argparse.Namespace) -> Authority | IssuedElsewhere | None:
    """Read and check what was brought along, before anything is made; None where that is nothing.

    UsageError when it is half of what is needed, AccordError when it does not fit together.
    """
    authority: Path | None = arguments.authority
    key: Path | None = arguments.authority_key
    server: Path | None = arguments.server
    administrator: Path | None = arguments.administrator
    if authority is None:
        if key or server or administrator:
            raise UsageError("--authority is missing: the certificate of your own authority")
        return None
    if key and not (server or administrator):
        return Authority.load(authority, key)
    if key or not (server and administrator):
        raise UsageError(
            "with --authority give either --authority-key, or --server and --administrator"
        )
    chain = keystore.read_certificates(authority)
    check_authority(chain[0], str(authority))
    check_current(chain[0], str(authority), SystemClock().now())
    issued = IssuedElsewhere(
        chain=chain,
        server=_pair(server, authority, chain),
        administrator=_pair(administrator, authority, chain),
    )
    if not names_in(issued.server.certificates[0]):
        raise AccordError(
            f"{server} names no host and no address (subjectAltName), so no client would trust it: "
            "have one issued that does"
        )
    return issued


def _pair(file: Path, authority: Path, chain: Sequence[x509.Certificate]) -> Pair:
    own, key = keystore.read_certificates(file), keystore.read_key(file)
    if own[0].public_key() != key.public_key():
        raise AccordError(f"{file}: the key does not belong to the first certificate")
    if not leads_to(chain, own):
        raise AccordError(f"{file} was not issued by {authority}")
    check_current(own[0], str(file), SystemClock().now())
    return Pair(own, key)


def _issue(directory: Path, authority: Authority, node: str, people: People) -> None:
    """Write the authority, and issue what the node itself needs."""
    now, settings = SystemClock().now(), load(directory).certificates
    keystore.write_key(directory / keystore.AUTHORITY_KEY, authority.key)
    keystore.write_certificates(directory / keystore.AUTHORITY, *authority.chain)
    renewal.write_server(directory, authority, node, settings, now)
    renewal.write_administrator(
        directory,
        authority,
        settings,
        now,
        lambda mark, ends: people.add_certificate(
            ADMINISTRATOR.name, mark, issued=now, ends=ends, device=renewal.ON_DEVICE
        ),
    )


def _take(directory: Path, issued: IssuedElsewhere, people: People) -> None:
    """Take certificates that were issued elsewhere."""
    keystore.write_certificates(directory / keystore.AUTHORITY, *issued.chain)
    for pair, certificate, key in (
        (issued.server, keystore.SERVER, keystore.SERVER_KEY),
        (issued.administrator, keystore.ADMINISTRATOR, keystore.ADMINISTRATOR_KEY),
    ):
        keystore.write_key(directory / key, pair.key)
        keystore.write_certificates(directory / certificate, *pair.certificates)
    own = issued.administrator.certificates[0]
    people.add_certificate(
        ADMINISTRATOR.name,
        renewal.mark_of(own),
        issued=SystemClock().now(),
        ends=own.not_valid_after_utc,
        device=renewal.ON_DEVICE,
    )
