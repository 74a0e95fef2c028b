"""What is in data packages, taken into missions: things, files, and how a mission was described.

Everything in a package is somebody else's word. What cannot be is refused with what and where.
"""

import hashlib
import json
import mimetypes
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from starlette.exceptions import HTTPException

from accord.core.body import Removal
from accord.core.errors import AccordError
from accord.core.mission import Item, ItemKind, LogEntry
from accord.core.principal import Principal
from accord.core.report import Report, Source
from accord.storage.files import PRIVATE, About, FileStore
from accord.storage.mission_layers import LayerStore
from accord.storage.missions import MissionStore
from accord.tak.marti import file_json
from accord.tak.marti.files import file_name
from accord.tak.marti.mission_beside import Beside, read_answer, read_beside, read_log
from accord.tak.marti.mission_description import (
    Description,
    of_answer,
    of_manifest,
    read_description,
)
from accord.tak.marti.mission_gathered import LOG, Answered, gather
from accord.tak.marti.mission_json import entry_of
from accord.tak.marti.mission_package import (
    LOG_LINES,
    Archived,
    Attached,
    BadPackage,
    Described,
    Entry,
    Logged,
    Thing,
    unpack,
)
from accord.tak.mission_notices import CHANNEL
from accord.tak.missions import details, is_item
from accord.wire.cot.message import CotEvent
from accord.wire.cot.translate import to_report, to_xml
from accord.wire.errors import WireError


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What was in a package; the hashes of its files are `claimed` until they are let go.

    `missing` is what a server said is in the mission and what did not come with it, `left_out` what
    cannot be taken. `beside` is in the mission, and the package has no entry for it.
    """

    items: Sequence[Item]
    claimed: Sequence[str]
    description: Description
    log: Sequence[LogEntry] = ()
    missing: Sequence[str] = ()
    beside: Sequence[Item] = ()
    left_out: Sequence[str] = ()

    def about(self, feeds: Sequence[Item]) -> "Taken":
        """Return the same with the data feeds that the mission is about here."""
        return replace(self, items=[*self.items, *feeds])


class Packages:
    """Takes what is in packages. Its methods are for threads."""

    def __init__(
        self, files: FileStore, node: str, is_anothers: Callable[[Principal, str], bool]
    ) -> None:
        self.files = files
        self._node = node
        self._is_anothers = is_anothers

    def take(self, package: Path, by: Principal, by_uid: str, now: datetime) -> Taken:
        """Return everything in a package, its files kept under who brings it; all or nothing.

        A folder is what was fetched of a mission of a server that makes no packages. `release` it
        when it is in a mission, or in none. BadPackage, and Full where there is no room for a file.
        """
        places: list[Path] = []
        claimed: list[str] = []

        def place() -> Path:
            places.append(self.files.incoming())
            return places[-1]

        try:
            opened = gather if package.is_dir() else unpack
            found = list(opened(package, place, limit=self.files.settings.max_file))
            events = [each.event for each in found if isinstance(each, Thing)]
            things = [self.thing(by, each, by_uid, now) for each in events]
            items = [each for each in things if each is not None]
            files = [
                replace(each, name=_named(each)) for each in found if isinstance(each, Attached)
            ]
            answered = next((each for each in found if isinstance(each, Answered)), None)
            description = _description(found)
            beside = _beside(found, {each.name for each in items}, by_uid, now)
            description, lost = _without_lost(description, beside.items)
            log = self._log(found, by, now)
            items += [self.file(each, by, by_uid, now, claimed) for each in files]
            return Taken(
                items=[beside.labelled(each) for each in items],
                claimed=claimed,
                description=description,
                log=log,
                missing=answered.missing if answered else (),
                beside=beside.items,
                left_out=[*beside.left_out, *lost],
            )
        except AccordError:
            self.files.release(claimed)
            raise
        finally:
            for each in places:
                each.unlink(missing_ok=True)

    def _log(
        self, found: Sequence[Entry | Answered], by: Principal, now: datetime
    ) -> list[LogEntry]:
        """Return what stood in the log of a mission, each as it was written, brought by somebody.

        Not in the name of another person's client.
        """
        entries: list[LogEntry] = []
        for each in found:
            if isinstance(each, Answered):
                entries += _entries(each.log, LOG, by, now)
            elif isinstance(each, Logged):
                entries += _entries(read_log(each.data), LOG_LINES, by, now)
        return [
            replace(each, creator_uid=by.name) if self._is_anothers(by, each.creator_uid) else each
            for each in entries
        ]

    def release(self, taken: Taken) -> None:
        """Keep the files that came with a package as long as a mission holds them."""
        self.files.release(taken.claimed)

    def file(
        self, file: Attached, by: Principal, by_uid: str, now: datetime, claimed: list[str]
    ) -> Item:
        """Return an item for a file, claimed, and kept unless he has it."""
        name = file.name
        with file.path.open("rb") as data:
            sha256 = hashlib.file_digest(data, "sha256").hexdigest()
        self.files.claim([sha256])
        claimed.append(sha256)
        for known in self.files.all(now, sha256=sha256):
            if (known.about.name, known.about.submitter) == (name, by.name):
                said = file_json.resource(known)
                break
        else:
            about = About(
                name=name,
                mime=file.mime or mimetypes.guess_type(name)[0] or "application/octet-stream",
                tool=PRIVATE,  # it is found in the mission
                keywords=file.keywords,
                submitter=by.name,
                creator_uid=by_uid,
                groups=frozenset(),  # who may read the mission has it, and nobody else
            )
            stored = self.files.keep(file.path, sha256, about, now)
            said = file_json.resource(stored)
        return Item(kind=ItemKind.HASH, name=sha256, at=now, creator_uid=by_uid, details=said)

    def thing(self, by: Principal, event: CotEvent, by_uid: str, now: datetime) -> Item | None:
        """Return an item for an event, None for what is nothing in a mission, as on the stream.

        BadPackage where it is of an exercise that is not his, or said by another's client.
        """
        source = Source(node=self._node, channel=CHANNEL, speaker=by.name)
        try:
            report = to_report(event, source=source, groups=by.speaks_in, received=now)
            written = to_xml(report)
        except WireError as error:
            raise BadPackage(f"{event.uid!r} cannot be taken: {error}") from None
        self._require_own(by, report)
        if not by.takes_part_in(report.context):
            raise BadPackage(
                f"{event.uid!r} is of {report.context}, in which {by.name} takes no part"
            )
        if not is_item(event):
            return None
        return Item(
            kind=ItemKind.UID,
            name=report.uid,
            at=now,
            creator_uid=by_uid,
            details=details(event),
            context=report.context,
            event=written,
            time=report.time.timestamp(),
        )

    def _require_own(self, by: Principal, report: Report) -> None:
        """BadPackage for what speaks as another's client, or ends it, as on the stream."""
        target = report.body.target if isinstance(report.body, Removal) else None
        for uid in (report.uid, report.author, target):
            if uid is not None and self._is_anothers(by, uid):
                raise BadPackage(f"{report.uid!r} is said in the name of another person's client")


def _named(each: Attached) -> str:
    try:
        return file_name(each.name)
    except HTTPException as error:
        raise BadPackage(f"{each.name[:200]!r}: {error.detail}") from None


def _description(found: Sequence[Entry | Answered]) -> Description:
    """Return what is said of the mission: by Accord, where it is said by both."""
    said = Description()
    for each in found:
        if isinstance(each, Described):
            return read_description(each.data)
        if isinstance(each, Answered):
            said = of_answer(each.mission)
        elif isinstance(each, Archived):
            said = of_manifest(each)
    return said


def _beside(
    found: Sequence[Entry | Answered], known: Collection[str], by_uid: str, now: datetime
) -> Beside:
    """Return what is said to be in the mission and has no entry: by Accord, or in an answer."""
    for each in found:
        if isinstance(each, Described):  # a JSON object, as was seen
            return read_beside(json.loads(each.data), known, by_uid, now)
        if isinstance(each, Answered):
            return read_answer(each.mission, by_uid, now)
    return Beside()


def _without_lost(said: Description, items: Sequence[Item]) -> tuple[Description, list[str]]:
    """Return what is said of a mission without map layers that are not there, and those.

    Archives made before map layers were in them name them in folders.
    """
    maps = {each.name for each in items if each.kind is ItemKind.MAP_LAYER}
    within, lost = dict(said.within), list[str]()
    for layer in said.layers:
        if layer.kind.holds is ItemKind.MAP_LAYER:
            lost += [each for each in within[layer.uid] if each not in maps]
            within[layer.uid] = tuple(each for each in within[layer.uid] if each in maps)
    return replace(said, within=within), [f"the map layer {each!r}" for each in lost]


def _entries(
    log: Sequence[dict[str, object]], what: str, by: Principal, now: datetime
) -> list[LogEntry]:
    entries: list[LogEntry] = []
    for number, each in enumerate(log):
        came = now + timedelta(microseconds=number)  # in the order in which they stood there
        try:
            entry = entry_of(each, by, came)
        except HTTPException as error:
            raise BadPackage(f"{what}: entry {number + 1}: {error.detail}") from None
        entries.append(entry)
    return entries


def fill(store: MissionStore, layers: LayerStore, guid: str, taken: Taken) -> None:
    """Put everything that was taken into a new mission, in its layers, and into its log.

    Full, LayerFault.
    """
    store.put(guid, [*taken.items, *taken.beside])
    described = taken.description
    if described.layers:
        layers.begin(guid, described.layers, described.within)
    for each in taken.log:
        store.write([guid], each)
