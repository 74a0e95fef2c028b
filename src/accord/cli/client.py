"""`accord client add|list|revoke DIR`: who may connect; `client_change` has the others."""

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from shlex import quote

import segno
from cryptography import x509

from accord.cli import client_change, client_import, reach
from accord.cli.arguments import add_directory, add_json
from accord.cli.client_enrol import CLIENTS, Said, authority_of, enrol, trusted, write_package
from accord.cli.command import Subparsers
from accord.cli.desk import (
    EVERY_EXERCISE,
    Desk,
    check_name,
    exercises_in,
    groups_in,
    print_table,
)
from accord.core.clock import SystemClock
from accord.core.errors import AccordError, UsageError
from accord.core.naming import spell_groups, spell_names, spell_options
from accord.core.principal import Principal, Role
from accord.core.user import key_of
from accord.observe.health import as_json
from accord.security import keystore, renewal
from accord.security.authority import check_current, is_issued_by
from accord.security.pkcs12 import client_store
from accord.storage.people import Membership, People, PeopleFault
from accord.storage.users import Users
from accord.tak.packages import (
    PACKAGE_PASSWORD,
    KeyStore,
    Server,
    atak_package,
    itak_package,
)

PACKAGES = (".zip", "-itak.zip", "-trust.zip")


def add_parser(subparsers: Subparsers) -> None:
    """Add `client` with its subcommands."""
    parser = subparsers.add_parser(
        "client",
        help="who may connect: add, list, set, token, withdraw, revoke",
        description="The people and devices that may connect to the node in DIR. A running node "
        "takes note within a second.",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND", title="commands")
    _add_add(commands)
    listing = commands.add_parser("list", help="who may connect", description="List everybody.")
    add_directory(listing)
    add_json(listing)
    listing.set_defaults(run=run_list)
    client_change.add_parsers(commands)
    client_import.add_parsers(commands)
    revoke = commands.add_parser(
        "revoke",
        help="throw somebody out at once",
        description="Refuse every certificate of NAME from now on, and cut what is connected.",
    )
    add_directory(revoke)
    revoke.add_argument("name", metavar="NAME")
    add_json(revoke)
    revoke.set_defaults(run=run_revoke)


def _add_add(commands: Subparsers) -> None:
    parser = commands.add_parser(
        "add",
        help="let somebody connect",
        description="Enter NAME, issue a certificate, and write a connection package for ATAK, "
        "WinTAK or iTAK; or, with --enrol, show a QR code with a one-time token.",
    )
    add_directory(parser)
    parser.add_argument("name", metavar="NAME", help="becomes the certificate's common name")
    parser.add_argument(
        "--group",
        action="append",
        required=True,
        metavar="GROUP[:in|:out|:both]",
        help="a group; in: speaks in it only, out: hears it only. May be given again",
    )
    parser.add_argument(
        "--exercise",
        action="append",
        default=[],
        metavar="NAME",
        help=f"an exercise that it takes part in, or {EVERY_EXERCISE}. May be given again",
    )
    parser.add_argument("--role", choices=[each.value for each in Role], default=Role.MEMBER.value)
    parser.add_argument("--host", help="how the client reaches this machine")
    parser.add_argument("--itak", action="store_true", help="write a package for iTAK as well")
    parser.add_argument("--enrol", action="store_true", help="let the client make its own key")
    parser.add_argument(
        "--certificate", type=Path, metavar="FILE", help="enter a certificate issued elsewhere"
    )
    parser.add_argument("--json", action="store_true", help="for machines; no QR code")
    parser.set_defaults(run=run_add)


def run_add(arguments: argparse.Namespace) -> int:
    """Enter somebody, and say how he connects."""
    desk = Desk.at(arguments.directory)
    check_name(arguments.name)
    if arguments.enrol and arguments.certificate is not None:
        raise UsageError("--enrol and --certificate: give one of them")
    server = reach.server(desk.directory, desk.settings, arguments.host)
    principal = _principal(arguments)
    if arguments.certificate is not None:
        said = _add_known(desk, principal, arguments.certificate)
    elif arguments.enrol:
        said = enrol(desk, [principal], server)[0]
    else:
        said = _add_issued(desk, principal, server, for_itak=arguments.itak)
    _report(said, as_json=arguments.json)
    return 0


def _principal(arguments: argparse.Namespace) -> Principal:
    exercises = exercises_in(arguments.exercise)
    return Principal(
        name=arguments.name,
        groups=groups_in(arguments.group),
        role=Role(arguments.role),
        exercises=exercises - {EVERY_EXERCISE},
        every_exercise=EVERY_EXERCISE in exercises,
    )


def _add_issued(desk: Desk, principal: Principal, server: Server, *, for_itak: bool) -> Said:
    authority = authority_of(desk.directory)
    now, valid = SystemClock().now(), desk.settings.certificates.client_valid
    issued = authority.issue_client(principal.name, now, valid)
    own = client_store(principal.name, issued, authority, PACKAGE_PASSWORD)
    stores = {
        "truststore": trusted(authority.chain),
        "client": KeyStore(file=f"{principal.name}.p12", data=own, password=PACKAGE_PASSWORD),
    }
    files = {f"{principal.name}.zip": atak_package(server, username=principal.name, **stores)}
    if for_itak:
        files[f"{principal.name}-itak.zip"] = itak_package(
            server, username=principal.name, **stores
        )
    with desk.people.together() as people:
        people.add(principal, now)
        _enter(people, principal.name, issued.certificate)
        written = [write_package(desk.directory, name, data) for name, data in files.items()]
    return Said(
        name=principal.name,
        lines=(
            f"added {principal.name}; its certificate ends on {_ends(issued.certificate)}",
            *(f"wrote {path}" for path in written),
            "Bring it by a channel you trust: whoever has it can connect. ATAK: Import > Local SD.",
            f"The code adds the server to iTAK ({server.connect_string}).",
        ),
        packages=tuple(written),
        scan=f"{server.description.replace(',', ' ')},{server.host},{server.port},ssl",
    )


def _add_known(desk: Desk, principal: Principal, file: Path) -> Said:
    certificate = keystore.read_certificates(file)[0]
    chain = keystore.read_certificates(desk.directory / keystore.AUTHORITY)
    if not is_issued_by(certificate, chain):
        raise UsageError(f"{file} was not issued by {desk.directory / keystore.AUTHORITY}")
    now = SystemClock().now()
    check_current(certificate, str(file), now)
    with desk.people.together() as people:
        people.add(principal, now)
        _enter(people, principal.name, certificate)
    said = f"added {principal.name}; {file} ends on {_ends(certificate)}"
    return Said(name=principal.name, lines=(said,))


def _ends(certificate: x509.Certificate) -> str:
    return f"{certificate.not_valid_after_utc:%Y-%m-%d}"


def _enter(people: People, name: str, certificate: x509.Certificate) -> None:
    people.add_certificate(
        name,
        renewal.mark_of(certificate),
        issued=SystemClock().now(),
        ends=certificate.not_valid_after_utc,
    )


def _report(said: Said, *, as_json: bool) -> None:
    if as_json:
        packages = [str(path) for path in said.packages]
        print(
            json.dumps(
                {"name": said.name, "packages": packages, "scan": said.scan, "token": said.token}
            )
        )
        return
    if said.scan:
        segno.make(said.scan, error="m").terminal(compact=True)
        print(said.scan)
    print("\n".join(said.lines))


def run_list(arguments: argparse.Namespace) -> int:
    """Print everybody."""
    desk = Desk.at(arguments.directory)
    everybody = desk.people.memberships(SystemClock().now())
    if arguments.json:
        print(json.dumps([_as_json(each) for each in everybody], indent=2, ensure_ascii=False))
        return 0
    rows = [("NAME", "ROLE", "GROUPS", "EXERCISES", "STATE", "ENDS"), *map(_row, everybody)]
    print_table(rows)
    return 0


def _row(each: Membership) -> tuple[str, ...]:
    who = each.principal
    exercises = EVERY_EXERCISE if who.every_exercise else spell_names(who.exercises)
    ends = "-" if each.ends is None else f"{each.ends:%Y-%m-%d}"
    return who.name, who.role.value, spell_groups(who.groups), exercises, _state(each), ends


def _state(each: Membership) -> str:
    if each.revoked is not None:
        return f"revoked {each.revoked:%Y-%m-%d}"
    if each.certificates:
        return "may connect"
    return "is to enrol" if each.has_open_token else "has no certificate"


def _as_json(each: Membership) -> object:
    who = each.principal
    return {
        "name": who.name,
        "role": who.role.value,
        "groups": as_json(who.groups),
        "exercises": sorted(who.exercises),
        "every_exercise": who.every_exercise,
        "state": _state(each),
        "added": as_json(each.added),
        "revoked": as_json(each.revoked),
        "certificates": each.certificates,
        "ends": as_json(each.ends),
    }


def run_revoke(arguments: argparse.Namespace) -> int:
    """Throw somebody out."""
    desk = Desk.at(arguments.directory)
    name: str = arguments.name
    before = _as_it_is(desk, name)
    try:
        count = desk.people.revoke(name, SystemClock().now())
    except PeopleFault as fault:
        raise AccordError(f"{name} is NOT revoked: {fault}, or stop the node") from None
    removed = list(_remove_packages(desk.directory, name))
    if arguments.json:
        print(json.dumps({"name": name, "certificates": count}))
        return 0
    certificates = "1 certificate" if count == 1 else f"{count} certificates"
    print(f"revoked {name}: {certificates} refused from now on")
    for path in removed:
        print(f"removed {path}")
    if name == renewal.ADMINISTRATOR_NAME:
        print("status and doctor ask as it: start the node again, which makes it a new certificate")
    elif before is not None:
        options = spell_options(before)
        print(f"as it was again: accord client add {desk.directory} {quote(name)} {options}")
    if key_of(name) in Users(desk.people.path).roll().accounts:
        print(f"{name} can still sign in with a password: accord user lock {desk.directory} {name}")
    return 0


def _as_it_is(desk: Desk, name: str) -> Principal | None:
    """Return a client as the register has it, None where it has none or cannot be read."""
    try:
        found = desk.people.memberships(SystemClock().now())
    except PeopleFault:
        return None
    return next((each.principal for each in found if each.principal.name == name), None)


def _remove_packages(directory: Path, name: str) -> Iterator[Path]:
    """Remove what the client was given, which is of no use to anybody now."""
    for end in PACKAGES:
        path = directory / CLIENTS / f"{name}{end}"
        try:
            path.unlink()
        except FileNotFoundError:
            continue
        except OSError as error:
            print(f"accord: cannot remove {path}: {error.strerror}", file=sys.stderr)
        else:
            yield path
