"""`accord mission import DIR FILE`: a mission of an archive, into a node that does not run."""

import argparse
import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from accord.cli.command import Subparsers
from accord.cli.desk import Desk
from accord.core.clock import SystemClock
from accord.core.errors import AccordError, UsageError
from accord.core.mission import ItemKind, Mission, MissionRole, key_of
from accord.core.principal import Principal
from accord.node.directory import held
from accord.storage.files import FILES, FileStore
from accord.storage.mission_layers import LayerStore
from accord.storage.missions import MissionStore
from accord.storage.tak_file import TAK, TakFile
from accord.tak.marti.mission_import import Packages, Taken, fill
from accord.tak.marti.missions import name_fault


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
        "another server: points, drawings, files, and the layers that an archive of Accord says. "
        "All of it, or nothing. The node must not run.",
    )
    taking.add_argument("directory", type=Path, metavar="DIR", help="the node's directory")
    taking.add_argument("file", type=Path, metavar="FILE", help="the archive, .zip")
    taking.add_argument("--owner", required=True, metavar="CLIENT", help="whose it is from then on")
    taking.add_argument(
        "--name", metavar="NAME", help="its name; if not given, as the archive has it, or FILE"
    )
    taking.add_argument(
        "--group",
        action="append",
        default=[],
        metavar="GROUP",
        help="a group that is to see it; if not given, all in which CLIENT speaks. May be given "
        "again",
    )
    taking.add_argument("--json", action="store_true", help="for machines")
    taking.set_defaults(run=run_import)


def run_import(arguments: argparse.Namespace) -> int:
    """Make a mission of an archive."""
    desk = Desk.at(arguments.directory)
    owner = _owner(desk, arguments.owner)
    groups = frozenset(arguments.group) or owner.speaks_in
    strange = groups - owner.speaks_in
    if strange or not groups:
        raise UsageError(f"--group: {owner.name} does not speak in {', '.join(sorted(strange))}")
    file: Path = arguments.file
    if not file.is_file():
        raise UsageError(f"there is no file {file}")
    with held(desk.directory):
        shelf = _Shelf.at(desk)
        made, taken = shelf.make(file, owner, groups, arguments.name)
    _report(made, taken, as_json=arguments.json)
    return 0


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

    @classmethod
    def at(cls, desk: Desk) -> "_Shelf":
        file = TakFile(desk.directory / TAK)
        file.prepare()
        files = FileStore(file, desk.directory / FILES, desk.settings.files)
        files.prepare()
        missions = MissionStore(file, desk.settings.missions)
        packages = Packages(files, desk.settings.node.id, lambda _by, _uid: False)
        return cls(missions, LayerStore(file, missions), packages)

    def make(
        self, file: Path, owner: Principal, groups: frozenset[str], name: str | None
    ) -> tuple[Mission, Taken]:
        """Make the mission with everything that is in the archive, or nothing."""
        now = SystemClock().now()
        taken = self.packages.take(file, owner, owner.name, now)
        guid = str(uuid.uuid4())
        try:
            mission = Mission(
                guid=guid,
                name=self._free(name or taken.description.name or file.stem, owner),
                creator=owner.name,
                creator_uid=owner.name,
                groups=groups,
                keywords=taken.description.keywords,
                about=taken.description.about,
                default_role=MissionRole.SUBSCRIBER,
                made=now,
                edited=now,
            )
            self.missions.create(mission)
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


def _report(mission: Mission, taken: Taken, *, as_json: bool) -> None:
    things, files = (_count(taken, kind) for kind in (ItemKind.UID, ItemKind.HASH))
    layers = len(taken.description.layers)
    if as_json:
        said = {"name": mission.name, "guid": mission.guid, "groups": sorted(mission.groups)}
        print(json.dumps({**said, "things": things, "files": files, "layers": layers}))
        return
    print(f"made {mission.name}: {things} things, {files} files, {layers} layers")
    print(f"seen by {', '.join(sorted(mission.groups))}; {mission.creator} owns it")


def _count(taken: Taken, kind: ItemKind) -> int:
    names: Sequence[str] = [each.name for each in taken.items if each.kind is kind]
    return len(set(names))
