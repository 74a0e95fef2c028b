"""Missions as the running node has them: who takes part, what is said into them, who is told of it.

What is said over a stream is let in like everything else, and sent to who takes part and nobody
else; then it is kept, in a thread, and they are told that it is there.
"""

import asyncio
import re
from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import TypeVar
from weakref import WeakSet

from accord.core.errors import AccordError
from accord.core.mission import (
    Item,
    ItemKind,
    Mission,
    MissionChange,
    Permission,
    Subscription,
    key_of,
)
from accord.core.mission_layer import Layer, LayerFault, LayerKind
from accord.core.principal import Principal
from accord.core.report import Address, AddressKind, Report, Source
from accord.storage.mission_layers import LayerStore
from accord.storage.missions import MissionStore
from accord.tak.data_feeds import DataFeeds
from accord.tak.mission_notices import CHANGES_AT_ONCE, CHANNEL, Notices, to_only
from accord.tak.session import Bridge, TakSession
from accord.wire.cot import detail, splice, xml
from accord.wire.cot.message import CotEvent
from accord.wire.cot.translate import to_report, to_xml

MAX_WAITING = 10_000
"""Events that wait to be kept; beyond, what is said into missions is refused."""

KEPT_AT_ONCE = 500

MAX_HUSHED = 10_000
"""Clients, of each mission, that are told no more of it while they are connected as they are."""

MAX_ATTACHED = 100
"""Files that go with one thing, of which a mission's list tells."""

_HASH = re.compile(r"[0-9a-f]{64}")

_NO_ITEMS = ("b-t-f", "t-", "y-")
"""Types of what is said to who takes part and is nothing in it: words, receipts, tasks."""

_DELETES = "t-x-d-d"

D = TypeVar("D")
T = TypeVar("T")

Still = Callable[[], object]
"""Raises where somebody may no more do what he asked for; asked when the turn of that has come."""


def by_the_node() -> None:
    """Stand for a right that nobody needs: what was let in on a stream, and what has ended."""


Checked = Callable[[], object]
"""Raises where what is kept already stands against a change; asked in the thread of that."""


def unchecked() -> None:
    """Look at nothing."""


LetGo = Callable[[Iterable[str]], None]
"""Is told, in a thread, the hashes of files that missions held, and that this one does no more."""


def _nothing(_: Iterable[str]) -> None: ...


class NoMission(AccordError):
    """The mission was deleted, or has ended."""


class MissionExists(AccordError):
    """There is a mission of that name already for whoever makes one."""


@dataclass(frozen=True, slots=True)
class _Waiting:
    """An item to be kept in a mission, or taken out of it."""

    guid: str
    item: Item
    is_removal: bool = False
    filing: detail.Filing | None = None

    @property
    def turn(self) -> tuple[object, ...]:
        """What is kept together with others of which this is the same."""
        return (self.guid, self.is_removal, self.filing)


class Missions:
    """The missions of a running node. `run` keeps what is said into them."""

    def __init__(
        self,
        store: MissionStore,
        layers: LayerStore,
        bridge: Bridge,
        *,
        feeds: DataFeeds,
        let_go: LetGo = _nothing,
    ) -> None:
        self.store = store
        self.layers = layers
        self.feeds = feeds
        self.counts: Counter[str] = Counter()
        self.notices = Notices(bridge.node)
        self._bridge = bridge
        self._let_go = let_go
        self._by_guid = {each.guid: each for each in store.all()}
        self._by_key: dict[str, list[str]] = {}
        for each in sorted(self._by_guid.values(), key=lambda each: each.made):
            self._by_key.setdefault(key_of(each.name), []).append(each.guid)
        self._deleted = store.deleted()
        self._hushed: dict[tuple[str, str], WeakSet[TakSession]] = {}
        self._holders: dict[str, set[str]] = {}
        for sha256, guid in store.hashes():
            self._holders.setdefault(sha256, set()).add(guid)
        self._waiting: deque[_Waiting] = deque()
        self._has_some = asyncio.Event()
        self._changing = asyncio.Lock()
        self._telling = asyncio.Lock()

    def all(self) -> list[Mission]:
        """Return every mission that has not ended, by name."""
        now = self._bridge.clock.now()
        found = [each for each in self._by_guid.values() if not each.has_ended(now)]
        return sorted(found, key=lambda each: key_of(each.name))

    def ended(self) -> list[Mission]:
        """Return the missions whose time is over, and which were not deleted yet."""
        now = self._bridge.clock.now()
        return [each for each in self._by_guid.values() if each.has_ended(now)]

    def find(self, guid: str) -> Mission | None:
        """Return the mission of that guid, None where there is none or it has ended."""
        found = self._by_guid.get(guid)
        return None if found is None or found.has_ended(self._bridge.clock.now()) else found

    def named(self, by: Principal, name: str) -> Mission | None:
        """Return the mission of that name or guid that somebody sees, None where he sees none.

        Of several of one name it is the one that he takes part in, then the oldest.
        """
        now = self._bridge.clock.now()
        seen = [each for each in self._seen(by, name) if not each.has_ended(now)]
        his = (each for each in seen if each.subscribed_role(by) is not None)
        return next(his, seen[0] if seen else None)

    def _seen(self, by: Principal, name: str) -> list[Mission]:
        guids = [*self._by_key.get(key_of(name), ()), _guid(name)]
        found = (self._by_guid.get(guid) for guid in guids)
        return [each for each in found if each is not None and each.is_seen_by(by)]

    def was_deleted(self, by: Principal, name: str) -> bool:
        """Tell whether somebody saw a mission of that name or guid that is none any more."""
        if self._seen(by, name):
            return True
        groups = self._deleted.get(_guid(name)) or self._deleted.get(key_of(name), frozenset())
        return not groups.isdisjoint(by.hears)

    def with_file(self, sha256: str) -> list[Mission]:
        """Return the missions that hold the file with a hash."""
        guids = self._holders.get(sha256, ())
        found = (self._by_guid.get(guid) for guid in guids)
        return [each for each in found if each is not None and self.find(each.guid) is not None]

    async def change(self, guid: str, decide: Callable[[], D], work: Callable[[D], T]) -> T:
        """Do work in a thread that changes a mission in the store, and note what it is then.

        One change is made after the other. `decide` sees the missions as they are when the turn has
        come, and raises where it is not to be; `work` is given what it returns. What was decided
        before that may be so no more: a role lost, a password set, an owner gone.
        """
        async with self._changing:
            result = await asyncio.to_thread(work, decide())
            fresh = await asyncio.to_thread(self.store.one, guid)
            gone = self._note(guid, fresh)
        if gone:
            await asyncio.to_thread(self._let_go, gone)
        return result

    def _note(self, guid: str, fresh: Mission | None) -> list[str]:
        """Note what a mission is now; return the hashes of the files of one that is deleted."""
        before = self._by_guid.pop(guid, None)
        if fresh is not None:
            self._by_guid[guid] = fresh
            guids = self._by_key.setdefault(key_of(fresh.name), [])
            guids += [guid] if guid not in guids else []
        elif before is not None:
            key = key_of(before.name)
            self._by_key[key].remove(guid)
            for name in (guid, key):
                self._deleted[name] = self._deleted.get(name, frozenset()) | before.groups
            held = [each for each, guids in self._holders.items() if guid in guids]
            for each in held:
                self._holders[each].discard(guid)
            return held
        return []

    async def begin(
        self,
        by: Principal,
        mission: Mission,
        owner: Subscription,
        fill: Callable[[], None],
        *,
        still: Still,
    ) -> None:
        """Keep a new mission, its owner and what `fill` puts into it, all or none; tell its groups.

        MissionExists, Full, and what `fill` raises.
        """

        def decide() -> None:
            still()
            if self.named(by, mission.name) is not None:  # made meanwhile
                raise MissionExists(f"there is a mission {mission.name} already")

        def work(_: None) -> list[str]:
            self.store.create(mission)
            try:
                self.store.subscribe(mission.guid, owner)
                fill()
            except AccordError:
                self.store.forget(mission.guid)
                raise
            items = self.store.items(mission.guid)
            return [each.name for each in items if each.kind == ItemKind.HASH]

        for sha256 in await self.change(mission.guid, decide, work):
            self._holders.setdefault(sha256, set()).add(mission.guid)
        self.tell_groups(self.notices.made(mission, mission.made))

    async def put(
        self, guid: str, items: Sequence[Item], *, still: Still, checked: Checked = unchecked
    ) -> list[MissionChange]:
        """Keep items in a mission, and tell who takes part. Full where they are too many.

        `checked` looks at what is in the mission, in the thread, before anything is kept.
        """

        def work(_: object) -> list[MissionChange]:
            checked()
            return self.store.put(guid, items)

        changes = await self.change(guid, still, work)
        await self._put(guid, items, changes)
        return changes

    async def _put(
        self, guid: str, items: Sequence[Item], changes: Sequence[MissionChange]
    ) -> None:
        for item in items:
            if item.kind is ItemKind.HASH:
                self._holders.setdefault(item.name, set()).add(guid)
        await self.tell(guid, changes)

    async def exchange(
        self,
        guid: str,
        items: Sequence[Item],
        gone: Sequence[tuple[ItemKind, str]],
        by_uid: str,
        *,
        still: Still,
        checked: Checked,
    ) -> None:
        """Keep items in a mission and take others out, with nothing of anybody's between."""
        now = self._bridge.clock.now()

        def work(_: object) -> tuple[list[MissionChange], list[MissionChange]]:
            checked()
            new = self.store.put(guid, items) if items else []
            return new, self.store.remove(guid, gone, by_uid, now)

        new, old = await self.change(guid, still, work)
        await self._put(guid, items, new)
        await self._removed(guid, old)

    async def remove(
        self,
        guid: str,
        which: Iterable[tuple[ItemKind, str]],
        by_uid: str,
        *,
        still: Still,
        said: Mapping[str, object] | None = None,
    ) -> list[MissionChange]:
        """Take items out of a mission, and tell who takes part, and what is said of that."""
        now, gone = self._bridge.clock.now(), list(which)
        changes = await self.change(
            guid, still, lambda _: self.store.remove(guid, gone, by_uid, now, said=said)
        )
        await self._removed(guid, changes)
        return changes

    async def _removed(self, guid: str, changes: Sequence[MissionChange]) -> None:
        items = [each.item for each in changes if each.item is not None]
        gone = [each.name for each in items if each.kind is ItemKind.HASH]
        for sha256 in gone:
            self._holders.get(sha256, set()).discard(guid)
        await self.tell(guid, changes)
        if gone:
            await asyncio.to_thread(self._let_go, gone)

    # Layers

    async def change_layers(
        self, guid: str, work: Callable[[LayerStore], Sequence[Layer]], by_uid: str, *, still: Still
    ) -> Sequence[Layer]:
        """Do work in a thread that changes layers of a mission, and tell who takes part."""
        changed = await self.change(guid, still, lambda _: work(self.layers))
        await self._tell_layers(guid, changed, by_uid)
        return changed

    async def file(
        self,
        guid: str,
        filing: detail.Filing,
        items: Sequence[tuple[ItemKind, str]],
        by_uid: str,
        *,
        still: Still,
    ) -> None:
        """Let items of a mission stand in one of its layers. LayerFault where they cannot."""

        def work(layers: LayerStore) -> list[Layer]:
            found = layers.file(guid, filing.layer, items, filing.after)
            return [] if found is None else [found]

        await self.change_layers(guid, work, by_uid, still=still)

    async def remove_layers(
        self,
        guid: str,
        uids: Sequence[str],
        by: Principal,
        by_uid: str,
        *,
        still: Still,
        checked: Checked = unchecked,
    ) -> None:
        """Take layers out, and of what is in them out of the mission what he sees; tell of it."""
        now = self._bridge.clock.now()

        def work(_: object) -> tuple[list[Layer], list[MissionChange]]:
            checked()
            return self.layers.remove(guid, uids, by_uid, now, sees=by.takes_part_in)

        gone, changes = await self.change(guid, still, work)
        await self._removed(guid, changes)
        await self._tell_layers(guid, gone, by_uid)

    async def _tell_layers(self, guid: str, layers: Sequence[Layer], by_uid: str) -> None:
        """Tell of layers; of an item, which not everybody may know of, the layer it stands in."""
        told = [each for each in layers if each.kind is not LayerKind.ITEM]
        if len(told) < len(layers):
            there = await asyncio.to_thread(self.layers.all, guid)
            parents = dict.fromkeys(e.parent for e in layers if e.kind is LayerKind.ITEM)
            told += [each for each in map(there.find, parents) if each is not None]
        mission, now = self._by_guid.get(guid), self._bridge.clock.now()
        if mission is not None:
            for each in told:
                self.tell_members(mission, self.notices.layer_changed(mission, each, by_uid, now))

    # Who is told

    async def tell(self, guid: str, changes: Sequence[MissionChange]) -> None:
        """Tell who takes part what changed in a mission, one change after the other.

        What is long is written in a thread and told notice by notice: live traffic goes between.
        """
        now = self._bridge.clock.now()
        async with self._telling:
            mission = self._by_guid.get(guid)
            if mission is None:
                return
            for each in changes:
                self._tell_of_feed(mission, each, now)
            changes = [each for each in changes if not _is_feed(each)]
            if len(changes) <= CHANGES_AT_ONCE:
                self._tell_each(mission, self.notices.changed(mission, changes, now))
                return
            notices = await asyncio.to_thread(
                lambda: list(self.notices.changed(mission, changes, now))
            )
            for each in notices:
                self._tell_each(mission, [each])
                await asyncio.sleep(0)

    def _tell_each(self, mission: Mission, notices: Iterable[Report]) -> None:
        for each in notices:
            self.tell_members(mission, each)

    def _tell_of_feed(self, mission: Mission, change: MissionChange, now: datetime) -> None:
        """Tell of a data feed those who take part and hear it, and nobody else."""
        item = change.item
        if item is None or not _is_feed(change):
            return
        to = frozenset(e for e in self._members(mission) if self._hears(e.value, item))
        if to:
            for notice in self.notices.changed(mission, [change], now):
                self._bridge.hub.publish(to_only(notice, to))

    def _hears(self, uid: str, feed: Item) -> bool:
        """Tell whether every client of a uid may know of a feed, and there is one."""
        here = [each.speaker.principal for each in self._connections(uid)]
        return bool(here) and all(self.feeds.knows(by, feed) for by in here)

    def tell_members(self, mission: Mission, notice: Report) -> None:
        """Send a notice to who takes part in a mission."""
        to = self._members(mission)
        if to:
            self._bridge.hub.publish(to_only(notice, to))

    def tell_groups(self, notice: Report) -> None:
        """Send a notice to everybody who hears a group of the mission."""
        self._bridge.hub.publish(notice)

    def tell_address(self, notice: Report, kind: AddressKind, value: str) -> None:
        """Send a notice to one addressee."""
        self._bridge.hub.publish(to_only(notice, frozenset({Address(kind, value)})))

    def hush(self, guid: str, uid: str) -> None:
        """Tell a client no more of a mission that it takes part in, until it connects again.

        Beyond MAX_HUSHED it is told all the same, counted.
        """
        here = self._connections(uid)
        if len(self._hushed) >= MAX_HUSHED:
            for key in tuple(self._hushed):
                self._is_hushed(*key)
        if len(self._hushed) >= MAX_HUSHED:
            self.counts["clients that would hear no more of a mission, and do"] += 1
        elif here:
            self._hushed[guid, uid] = here

    def heard(self, guid: str, uid: str) -> None:
        """Tell a client of a mission again."""
        self._hushed.pop((guid, uid), None)

    def _connections(self, uid: str) -> WeakSet[TakSession]:
        return WeakSet(each for each in self._bridge.sessions if each.uid == uid)

    def _is_hushed(self, guid: str, uid: str) -> bool:
        """Tell whether a client wants to hear no more; one that connects again does.

        It may do so before its connection of before is noticed to be dead.
        """
        at = self._hushed.get((guid, uid))
        if at is None:
            return False
        here = self._connections(uid)
        if not here or not here <= at:
            self._hushed.pop((guid, uid))
            return False
        return True

    def _members(self, mission: Mission) -> frozenset[Address]:
        """Return whom to send to; a uid that another has now, of a group of it, is left out."""
        found: set[Address] = set()
        for each in mission.subscriptions:
            address = Address(AddressKind.UID, each.client_uid)
            if self._hushed and self._is_hushed(mission.guid, each.client_uid):
                continue
            if self._bridge.hub.reached(address, mission.groups) <= {each.person}:
                found.add(address)
        return frozenset(found)

    # What is said into missions over a stream

    def take(self, session: TakSession, event: CotEvent, names: frozenset[str]) -> None:
        """Let in what a client says into missions, and send it to who takes part. Raises WireError.

        A mission in which he may not write is passed over, counted.
        """
        acting = session.speaker.principal
        filings = detail.filed_in(event)
        into = [
            (each, filings.get(name))
            for name in names
            for each in self._writable(session, acting, name)
        ]
        if not into:
            return
        missions = [each for each, _ in into]
        if len(self._waiting) >= MAX_WAITING:
            self._refuse(session, "what is said into missions waits to be kept")
            return
        report = self._report(session, event, missions)
        if self._bridge.intake.accept(report, session.speaker) is not None:
            return
        for mission, filing in into:
            self._keep(session, event, report, mission, filing)

    def _writable(self, session: TakSession, acting: Principal, name: str) -> list[Mission]:
        mission = self.named(acting, name)
        if mission is None:
            self._refuse(session, "said into no mission that there is for the sender")
            return []
        role = mission.subscribed_role(session.principal)
        if role is None or Permission.WRITE not in role.permissions:
            self._refuse(session, "said into a mission in which the sender may not write")
            return []
        return [mission]

    def _refuse(self, session: TakSession, reason: str) -> None:
        self._bridge.intake.refused[reason] += 1
        session.speaker.refused[reason] += 1
        self._bridge.log.burst("refused", client=session.principal.name, reason=reason)

    def _report(self, session: TakSession, event: CotEvent, missions: Sequence[Mission]) -> Report:
        """Return what was said, to who takes part and whoever else it names."""
        acting = session.speaker.principal
        alone = xml.read_again(splice.without(event.xml, "marti"))
        groups = frozenset(group for each in missions for group in each.groups)
        to = {each for mission in missions for each in self._members(mission)}
        for key, value in detail.destinations(event):
            if key in ("uid", "callsign"):
                to.add(Address(AddressKind(key), value))
        said = to_report(
            alone,
            source=Source(node=self._bridge.node, channel=CHANNEL, speaker=session.principal.name),
            groups=groups & acting.speaks_in,
            received=self._bridge.clock.now(),
        )
        # Never empty, which would be everybody: he takes part himself.
        himself = Address(AddressKind.UID, session.uid or alone.uid)
        return replace(said, to=frozenset(to | {himself}), groups=groups & acting.speaks_in)

    def _keep(
        self,
        session: TakSession,
        event: CotEvent,
        report: Report,
        mission: Mission,
        filing: detail.Filing | None,
    ) -> None:
        is_removal = event.type == _DELETES
        name = detail.linked_uid(event) if is_removal else report.uid
        if name is None or not (is_removal or is_item(event)):
            return
        item = Item(
            kind=ItemKind.UID,
            name=name,
            at=report.received,
            creator_uid=session.uid or report.uid,
            details=details(event),
            context=report.context,
            event=to_xml(self._bridge.intake.marked(report)),
            time=report.time.timestamp(),
        )
        self._waiting.append(_Waiting(mission.guid, item, is_removal, filing))
        self._has_some.set()

    async def run(self) -> None:
        """Keep what is said into missions, until cancelled."""
        while True:
            await self._has_some.wait()
            await self.keep_waiting()

    async def keep_waiting(self) -> None:
        """Keep what waits, in order, as many of one mission as follow each other at once."""
        self._has_some.clear()
        while self._waiting:
            first = self._waiting[0]
            turn: list[_Waiting] = []
            while self._waiting and len(turn) < KEPT_AT_ONCE:
                if self._waiting[0].turn != first.turn:
                    break
                turn.append(self._waiting.popleft())
            await self._keep_turn(first, [each.item for each in turn])

    async def _keep_turn(self, first: _Waiting, items: Sequence[Item]) -> None:
        guid, by_uid = first.guid, items[0].creator_uid
        which = [(each.kind, each.name) for each in items]
        try:
            if first.is_removal:
                await self.remove(guid, which, by_uid, still=by_the_node)
            elif self.find(guid) is not None:
                await self.put(guid, items, still=partial(self._require, guid))
                await self._file_turn(first, which, by_uid)
        except AccordError as error:
            self.counts["said into a mission and not kept"] += len(items)
            self._bridge.log.burst("mission not kept", mission=guid, reason=str(error))

    def _require(self, guid: str) -> None:
        if self.find(guid) is None:
            raise NoMission("the mission was deleted, or has ended")

    async def _file_turn(
        self, first: _Waiting, which: Sequence[tuple[ItemKind, str]], by_uid: str
    ) -> None:
        """Let what was kept stand in the layer that was said; in none where it cannot."""
        if first.filing is None:
            return
        try:
            await self.file(first.guid, first.filing, which, by_uid, still=by_the_node)
        except LayerFault as fault:
            self.counts["said into a layer and not filed there"] += len(which)
            self._bridge.log.burst("mission layer", mission=first.guid, reason=str(fault))


def _is_feed(change: MissionChange) -> bool:
    return change.item is not None and change.item.kind is ItemKind.FEED


def _guid(name: str) -> str:
    return name.strip("{}").lower()


def is_item(event: CotEvent) -> bool:
    """Tell whether what is said into a mission is a thing in it, however it comes there."""
    return not event.type.startswith(_NO_ITEMS)


def details(event: CotEvent) -> dict[str, object]:
    """Return what a mission's list says of a thing: its type, name, place and look.

    By the names, and from the elements, that TAK Server has them of (5.7, public source,
    UidDetails and MissionServiceDefaultImpl).
    """
    first = partial(detail.first, event)
    color, icon, title = first("color"), first("usericon"), first("title").get("title", "")
    model = first("model" if event.type == "u-d-v-m" else "")
    said: dict[str, object] = {
        "type": event.type,
        "callsign": first("_medevac_").get("title") or first("contact").get("callsign") or title,
        "title": title,
        "iconsetPath": icon.get("iconsetpath") or icon.get("iconsetPath", ""),
        "color": color.get("argb")
        or color.get("value")
        or first("strokeColor").get("value")
        or first("link_attr").get("color", ""),
        "attachments": _attached(first("attachment_list").get("hashes", "")),
        "name": model.get("name", ""),
        "category": model.get("category", ""),
        "location": {"lat": event.point.lat, "lon": event.point.lon},
    }
    return {key: value for key, value in said.items() if value}


def _attached(said: str) -> list[str]:
    """Return the hashes of files that go with a thing, as its CoT lists them."""
    return _HASH.findall(said.lower())[:MAX_ATTACHED]
