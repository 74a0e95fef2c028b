"""`accord client import DIR FILE`: everybody of another server, from a table or its own file."""

import argparse
import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from lxml import etree

from accord.cli import reach
from accord.cli.arguments import add_directory, add_json
from accord.cli.client_enrol import Said, enrol
from accord.cli.command import Subparsers
from accord.cli.desk import (
    EVERY_EXERCISE,
    Desk,
    check_name,
    exercises_in,
    groups_in,
    print_table,
)
from accord.core.errors import UsageError
from accord.core.principal import Direction, Group, Principal, Role

MAX_FILE = 8 << 20
"""Bytes of a file that is read."""

MAX_ROWS = 50_000
"""Rows of a table, or users of a file of TAK Server's."""

KNOWN = ("name", "groups", "group", "direction", "role", "exercises")
"""Columns of a table: `name` must be there, and either `groups`, or `group` with one a row."""


def add_parsers(commands: Subparsers) -> None:
    """Add the subcommand to those of `client`."""
    parser = commands.add_parser(
        "import",
        help="let everybody of another server enrol",
        description="Enter everybody in FILE, each with a one-time token: a table (.csv) with "
        "columns name, groups (or group and direction, one a row), role and exercises, or TAK "
        "Server's UserAuthenticationFile.xml. "
        "All of them are entered, or none.",
    )
    add_directory(parser)
    parser.add_argument("file", type=Path, metavar="FILE", help=".csv or .xml")
    parser.add_argument(
        "--group",
        action="append",
        default=[],
        metavar="GROUP[:in|:out|:both]",
        help="a group of whoever has none in FILE. May be given again",
    )
    parser.add_argument("--host", help="how the clients reach this machine")
    add_json(parser)
    parser.set_defaults(run=run_import)


def run_import(arguments: argparse.Namespace) -> int:
    """Enter everybody, and show each one's token this once."""
    desk = Desk.at(arguments.directory)
    people = people_in(arguments.file, groups_in(arguments.group))
    server = reach.server(desk.directory, desk.settings, arguments.host)
    _report(enrol(desk, people, server), as_json=arguments.json)
    return 0


def _report(everybody: Sequence[Said], *, as_json: bool) -> None:
    if as_json:
        told = [
            {"name": e.name, "packages": list(map(str, e.packages)), "scan": e.scan,
             "token": e.token}
            for e in everybody
        ]  # fmt: skip
        print(json.dumps(told, indent=2, ensure_ascii=False))
        return
    rows = [(each.name, each.token, str(each.packages[0])) for each in everybody]
    print_table([("NAME", "TOKEN", "PACKAGE"), *rows])
    print(f"added {len(rows)}; each token can be used once, and is shown this once")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    """What a file says of somebody; `where` is the place in it."""

    where: str
    name: str
    groups: Sequence[str]
    role: str = ""
    exercises: Sequence[str] = ()


def people_in(file: Path, usual: Mapping[Group, Direction]) -> list[Principal]:
    """Return everybody in a file, in order; who is there several times has all those groups.

    `usual` are the groups of who has none. UsageError says what cannot be, and where.
    """
    try:
        with file.open("rb") as opened:
            data = opened.read(MAX_FILE + 1)
    except OSError as error:
        raise UsageError(f"cannot read {file}: {error.strerror}") from None
    if len(data) > MAX_FILE:
        raise UsageError(f"{file} is longer than {MAX_FILE} bytes")
    readers = {".csv": _rows, ".xml": _users}
    reader = readers.get(file.suffix.lower())
    if reader is None:
        raise UsageError(f"{file} is neither .csv nor .xml")
    found: dict[str, list[_Entry]] = {}
    for number, each in enumerate(reader(file, data), 1):
        if number > MAX_ROWS:
            raise UsageError(f"{file} has more than {MAX_ROWS} rows")
        found.setdefault(each.name, []).append(each)
    if not found:
        raise UsageError(f"there is nobody in {file}")
    return [_principal(name, entries, usual) for name, entries in found.items()]


def _principal(name: str, entries: Sequence[_Entry], usual: Mapping[Group, Direction]) -> Principal:
    groups: dict[Group, Direction] = {}
    exercises: set[str] = set()
    roles: set[str] = set()
    for each in entries:
        try:
            check_name(name)
            for said in each.groups:
                for group, direction in groups_in([said]).items():
                    groups[group] = groups.get(group, direction) | direction
            exercises |= exercises_in(each.exercises)
            roles |= {_role(each.role)} if each.role else set()
        except UsageError as error:
            raise UsageError(f"{each.where}: {error}") from None
    if len(roles) > 1 or not (groups or usual):
        why = "has several roles" if groups or usual else "is in no group: --group says in which"
        raise UsageError(f"{entries[-1].where}: {name} {why}")
    return Principal(
        name=name,
        groups=groups or usual,
        role=Role(next(iter(roles), Role.MEMBER)),
        exercises=frozenset(exercises - {EVERY_EXERCISE}),
        every_exercise=EVERY_EXERCISE in exercises,
    )


def _role(said: str) -> Role:
    if said not in list(Role):
        raise UsageError(f"there is no role {said[:80]!r}; there are {', '.join(Role)}")
    return Role(said)


def _rows(file: Path, data: bytes) -> Iterator[_Entry]:
    """Yield the rows of a table (RFC 4180)."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(f"{file} is not UTF-8, at byte {error.start}") from None
    table = csv.reader(io.StringIO(text, newline=""), strict=True)
    head = ()
    try:
        for row in table:
            if not any(cell.strip() for cell in row):
                continue
            if not head:
                head = _head(file, row)
                continue
            where = f"{file}, line {table.line_num}"
            if len(row) > len(head):
                raise UsageError(f"{where}: {len(row)} cells, and {len(head)} columns")
            said = dict(zip(head, (cell.strip() for cell in row), strict=False))
            yield _Entry(
                where=where,
                name=said.get("name", ""),
                groups=_several(said.get("groups", "")) or _one(said, where),
                role=said.get("role", ""),
                exercises=_several(said.get("exercises", "")),
            )
    except csv.Error as error:
        raise UsageError(f"{file}, line {table.line_num}: {error}") from None


def _head(file: Path, row: Sequence[str]) -> tuple[str, ...]:
    head = tuple(cell.strip().lower() for cell in row)
    names = set(head)
    groups = names & {"groups", "group", "direction"}
    is_one = groups in ({"groups"}, {"group"}, {"group", "direction"})
    if "name" not in names or not is_one or names - set(KNOWN) or len(names) < len(head):
        raise UsageError(
            f"{file}: the first row names columns: name, groups (or group, and perhaps "
            f"direction), and perhaps role, exercises, each once; it has {', '.join(head)[:200]}"
        )
    return head


def _one(said: Mapping[str, str], where: str) -> list[str]:
    """Return the one group of a row, whatever is in its name, with its direction."""
    group, direction = said.get("group", ""), said.get("direction", "").lower()
    if direction and not group:
        raise UsageError(f"{where}: a direction, and no group")
    return [f"{group}:{direction or 'both'}"] if group else []


def _several(cell: str) -> list[str]:
    return [each.strip() for each in cell.split(";") if each.strip()]


_DIRECTIONS = {"groupList": "", "groupListIN": ":in", "groupListOUT": ":out"}
_ROLES = {"ROLE_ADMIN": Role.ADMINISTRATOR, "ROLE_READONLY": Role.READ_ONLY}


def _users(file: Path, data: bytes) -> Iterator[_Entry]:
    """Yield the users of TAK Server's own file; passwords and fingerprints are not looked at."""
    # Neither entities nor the network: the file is somebody else's.
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise UsageError(f"{file} is not well-formed: {error}") from None
    if etree.QName(root).localname != "UserAuthenticationFile":
        raise UsageError(f"{file} is no UserAuthenticationFile of TAK Server")
    for user in root.iter("{*}User"):
        yield _Entry(
            where=f"{file}, line {user.sourceline}",
            name=user.get("identifier", "").strip(),
            groups=[
                f"{(each.text or '').strip()}{_DIRECTIONS[name]}"
                for each in user.iterchildren("{*}*")
                if (name := etree.QName(each).localname) in _DIRECTIONS
            ],
            role=_ROLES.get(user.get("role", ""), Role.MEMBER),
        )
