"""`accord mission import DIR FILE`: a mission of an archive, into a node that does not run."""

import argparse
import json
import sys
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from accord.cli.arguments import add_directory, add_json
from accord.cli.command import Subparsers
from accord.cli.desk import Desk
from accord.core.clock import SystemClock
from accord.core.errors import AccordError, UsageError
from accord.core.mission import Item, ItemKind, Mission, MissionRole, key_of
from accord.core.principal import Principal
from accord.node.data_feeds import data_feeds
from accord.node.directory import held
from accord.security import password
from accord.storage.files import FILES, FileStore
from accord.storage.mission_layers import LayerStore
from accord.storage.missions import MissionStore
from accord.storage.tak_file import TAK, TakFile
from accord.tak.data_feeds import DataFeeds
from accord.tak.marti.feed_said import items_of
from accord.tak.marti.mission_description import Description
from accord.tak.marti.mission_import import Packages, Taken, fill
from accord.tak.marti.mission_package import BadPackage
from accord.tak.marti.missions import name_fault

SAID = 10
"""How many of what is not there are named."""


def add_parser(subparsers: Subparsers) -> None:
    """Add `mission` with its subcommands."""
    parser = subparsers.add_parser(
        "mission",
        help="take in a mission of another server",
        description="Missions of TAK clients (Data Sync), by file.",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND", title="commands")
    taking = commands.add_parser(
        "import",
        help="make a mission of an archive",
        description="Make a mission with everything in FILE, the archive of a mission of this or "
        "another server: points, drawings, files, how it was described, who saw it, and the layers "
        "that an archive of Accord says. All of it, or nothing. The node must not run.",
    )
    add_directory(taking)
    taking.add_argument(
        "file",
        type=Path,
        metavar="FILE",
        help="the archive, .zip, or a folder with what was fetched of the mission: mission.json, "
        "cot.xml, log.json, and its files",
    )
    taking.add_argument("--owner", required=True, metavar="CLIENT", help="whose it is from then on")
    taking.add_argument(
        "--name", metavar="NAME", help="its name; if not given, as the archive has it, or FILE"
    )
    taking.add_argument(
        "--group",
        action="append",
        default=[],
        metavar="GROUP",
        help="a group that is to see it; if not given, those that saw it and in which CLIENT "
        "speaks. May be given again",
    )
    secret = taking.add_mutually_exclusive_group()
    secret.add_argument(
        "--password-stdin", action="store_true", help="read its password from standard input"
    )
    secret.add_argument(
        "--no-password", action="store_true", help="let it have none, where it had one"
    )
    taking.add_argument(
        "--leave-out",
        action="store_true",
        help="make it without what the folder has not, though the mission had it",
    )
    add_json(taking)
    taking.set_defaults(run=run_import)


def run_import(arguments: argparse.Namespace) -> int:
    """Make a mission of an archive."""
    desk = Desk.at(arguments.directory)
    owner = _owner(desk, arguments.owner)
    wish = _Wish.of(arguments)
    strange = wish.groups - owner.speaks_in
    if strange or not owner.speaks_in:
        raise UsageError(f"--group: {owner.name} does not speak in {', '.join(sorted(strange))}")
    file: Path = arguments.file
    if not file.exists():
        raise UsageError(f"there is no file {file}")
    with held(desk.directory):
        made, taken = _Shelf.at(desk).make(file, owner, wish)
    _report(made, taken, as_json=arguments.json)
    return 0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wish:
    """What was asked for beside the file; `password` is None where nothing was said of one."""

    name: str
    groups: frozenset[str]
    password: str | None
    leaves_out: bool

    @classmethod
    def of(cls, arguments: argparse.Namespace) -> "_Wish":
        given = "" if arguments.no_password else None
        if arguments.password_stdin:
            given = sys.stdin.readline().rstrip("\r\n")
            if not given:
                raise UsageError("--password-stdin: there is no password on standard input")
        return cls(
            name=arguments.name or "",
            groups=frozenset(arguments.group),
            password=given,
            leaves_out=arguments.leave_out,
        )


def _owner(desk: Desk, name: str) -> Principal:
    for each in desk.people.memberships(SystemClock().now()):
        if each.principal.name == name and each.revoked is None:
            return each.principal
    raise UsageError(f"--owner: there is no client {name}; accord client list shows them")


@dataclass(frozen=True, slots=True)
class _Shelf:
    """What a node keeps of missions, while nobody else has it open."""

    missions: MissionStore
    layers: LayerStore
    packages: Packages
    feeds: DataFeeds

    @classmethod
    def at(cls, desk: Desk) -> "_Shelf":
        file = TakFile(desk.directory / TAK)
        file.prepare()
        files = FileStore(file, desk.directory / FILES, desk.settings.files)
        files.prepare()
        missions = MissionStore(file, desk.settings.missions)
        packages = Packages(files, desk.settings.node.id, lambda _by, _uid: False)
        return cls(missions, LayerStore(file, missions), packages, data_feeds(desk.settings))

    def make(self, file: Path, owner: Principal, wish: _Wish) -> tuple[Mission, Taken]:
        """Make the mission with everything that is in the archive, or nothing."""
        now = SystemClock().now()
        taken = self.packages.take(file, owner, owner.name, now)
        guid = str(uuid.uuid4())
        told = taken.description
        try:
            _require_whole(taken, leaves_out=wish.leaves_out)
            mission = Mission(
                guid=guid,
                name=self._free(wish.name or told.name or file.stem, owner),
                creator=owner.name,
                creator_uid=owner.name,
                groups=wish.groups or _groups(told, owner),
                keywords=told.keywords,
                about=told.about,
                password=_kept(told, wish.password),
                default_role=told.role or MissionRole.SUBSCRIBER,
                invite_only=told.invite_only,
                expires=told.expires_after(now),
                made=now,
                edited=now,
            )
            self.missions.create(mission)
            feeds = items_of(told.feeds, self.feeds, owner, guid, now, by_uid=owner.name)
            taken = taken.about(feeds)
            taken = replace(taken, left_out=[*taken.left_out, *_feeds_left(told, feeds)])
            fill(self.missions, self.layers, guid, taken)
        except AccordError:
            self.missions.forget(guid)
            raise
        finally:
            self.packages.release(taken)
        return mission, taken

    def _free(self, name: str, owner: Principal) -> str:
        """Return a name that nobody who sees the mission has for another. UsageError."""
        fault = name_fault(name)
        if fault:
            raise UsageError(f"{name[:80]!r}: {fault}; give another with --name")
        for each in self.missions.all():
            if key_of(each.name) == key_of(name) and each.is_seen_by(owner):
                raise UsageError(f"there is a mission {name} already; give another with --name")
        return name.strip()


def _require_whole(taken: Taken, *, leaves_out: bool) -> None:
    """UsageError where something of the mission is not there, and nobody said to do without."""
    if taken.missing and not leaves_out:
        named = ", ".join(taken.missing[:SAID]) + (", ..." if len(taken.missing) > SAID else "")
        raise UsageError(
            f"{len(taken.missing)} things of the mission are not in the folder: {named}; fetch "
            "them, or --leave-out"
        )


def _groups(told: Description, owner: Principal) -> frozenset[str]:
    try:
        return told.groups_for(owner)
    except BadPackage as error:
        raise UsageError(f"{error}; say with --group who is to see it") from None


def _kept(told: Description, given: str | None) -> str:
    """Return what is kept of a password: one that was there is not let go without a word."""
    if told.has_password and given is None:
        raise UsageError(
            "it had a password, which is not in FILE: give it one with --password-stdin, or none "
            "with --no-password"
        )
    try:
        return password.hashed(given) if given else ""
    except ValueError as error:
        raise UsageError(f"--password-stdin: {error}") from None


def _feeds_left(told: Description, feeds: Sequence[Item]) -> list[str]:
    there = {each.details["dataFeedUid"] for each in feeds}
    lost = dict.fromkeys(e.data_feed for e in told.feeds if e.data_feed not in there)
    return [f"the data feed {each!r}: none of this node's that its owner hears" for each in lost]


def _report(mission: Mission, taken: Taken, *, as_json: bool) -> None:
    kinds = (ItemKind.UID, ItemKind.HASH, ItemKind.FEED)
    things, files, feeds = (_count(taken, kind) for kind in kinds)
    layers, left_out = len(taken.description.layers), [*taken.missing, *taken.left_out]
    if as_json:
        said = {"name": mission.name, "guid": mission.guid, "groups": sorted(mission.groups)}
        counts = {
            "things": things, "files": files, "layers": layers, "entries": len(taken.log),
            "feeds": feeds,
        }  # fmt: skip
        print(json.dumps({**said, **counts, "left_out": left_out}, ensure_ascii=False))
        return
    print(
        f"made {mission.name}: {things} things, {files} files, {layers} layers, "
        f"{len(taken.log)} entries of its log"
    )
    told = len(taken.description.feeds)
    if told:
        print(f"about {feeds} of {told} data feeds: those of this node that its owner hears")
    for each in left_out[:SAID]:
        print(f"left out: {each}")
    if len(left_out) > SAID:
        print(f"left out: {len(left_out) - SAID} more; --json names them all")
    print(f"seen by {', '.join(sorted(mission.groups))}; {mission.creator} owns it")


def _count(taken: Taken, kind: ItemKind) -> int:
    items = [*taken.items, *taken.beside]
    names: Sequence[str] = [each.name for each in items if each.kind is kind]
    return len(set(names))
