"""What this node believes now: every track of every context, with the newest claim of each source.

Synchronous, in memory, and bounded in tracks, bytes, claims and contexts.
"""

from collections import Counter, OrderedDict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import islice
from typing import assert_never

from accord.core.body import Alarm, Message, Opaque, Position, Removal, Shape
from accord.core.context import Context
from accord.core.report import Doubt, Report
from accord.core.track import Said, Track, TrackStatus
from accord.core.value import value
from accord.picture.claims import bytes_of, is_superseded, point_of, set_back, with_claim
from accord.picture.correlate import Index, is_named_alike
from accord.picture.decisions import NO_DECISIONS, Decisions
from accord.picture.doubting import Doubting
from accord.picture.land import NO_LAND, Land
from accord.picture.memory import Memory
from accord.picture.places import Family, Place, base_of, is_broadcast, may_be_one, own_claims
from accord.picture.query import Cells, Filter, cell_of
from accord.picture.staleness import Schedule, standing

_LONGEST = timedelta(days=3650)


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureSettings:
    """How much the picture holds, and for how long. Raises ValueError beyond ten years."""

    max_tracks: int = field(
        default=100_000,
        metadata={"doc": "tracks; beyond, one of the largest context goes, stale ones first"},
    )
    max_bytes: int = field(
        default=512 << 20,
        metadata={
            "doc": "bytes of what was said of the tracks; beyond, some of the largest context go, "
            "stale ones first"
        },
    )
    max_claims: int = field(
        default=64, metadata={"doc": "claims about one track; beyond, the last in rank goes"}
    )
    max_contexts: int = field(
        default=64, metadata={"doc": "contexts; beyond, reports of a new one stay off the picture"}
    )
    lost_after: timedelta = field(
        default=timedelta(minutes=10), metadata={"doc": "time from stale to lost"}
    )
    removed_after: timedelta = field(
        default=timedelta(hours=1), metadata={"doc": "time from lost to removed"}
    )
    inland_waters: bool = field(
        default=False,
        metadata={
            "doc": "`true` where ships sail lakes and rivers more than half a degree from the "
            "sea: then none is doubted for being on land"
        },
    )
    max_age: timedelta = field(
        default=timedelta(hours=24),
        metadata={"doc": "time after its last report that a thing or an alarm goes in any case"},
    )

    def __post_init__(self) -> None:
        for name in ("lost_after", "removed_after", "max_age"):
            if getattr(self, name) > _LONGEST:
                raise ValueError(f"{name} is longer than {_LONGEST.days} days")


@value
class Change:
    """What one report, or time alone (`report` is None), did to the picture.

    `report` carries the doubts that the picture added. `track` is None for what is not about a
    track that is kept: words, what is addressed, and the removal of what is not known.
    """

    sequence: int
    report: Report | None
    track: Track | None = None
    before: Track | None = None


class _Entry:
    """A track, how large it is, where it lies, and when it is to be looked at again."""

    __slots__ = ("bytes", "cell", "due", "families", "is_over", "memory", "ticket", "track")

    def __init__(self, track: Track) -> None:
        self.track = track
        self.families: tuple[Family[_Entry], ...] = ()  # several where identities were joined
        self.is_over = False
        self.memory: Memory | None = None
        self.bytes = 0
        self.cell: int | None = None
        self.due = track.lead.stale
        self.ticket = -1


class _World:
    """Everything in one context. `live` and `quiet` are each in order of update, oldest first.

    `families` are the identities that are in several places, by uid; each has a track.
    """

    __slots__ = ("bytes", "cells", "families", "index", "live", "quiet")

    def __init__(self) -> None:
        self.bytes = 0
        self.index: Index[_Entry] = Index()
        self.cells: Cells[_Entry] = Cells()
        self.families: dict[str, Family[_Entry]] = {}
        self.live: OrderedDict[str, _Entry] = OrderedDict()
        self.quiet: OrderedDict[str, _Entry] = OrderedDict()

    def size(self) -> int:
        """Return how many tracks there are."""
        return len(self.live) + len(self.quiet)

    def weight(self) -> int:
        """Return how many bytes its tracks are."""
        return self.bytes

    def entries(self) -> list[_Entry]:
        return [*self.quiet.values(), *self.live.values()]

    def place(self, entry: _Entry) -> None:
        """Note that the entry's track was updated, and where it lies now."""
        track = entry.track
        is_live = track.status is TrackStatus.LIVE
        shelf, other = (self.live, self.quiet) if is_live else (self.quiet, self.live)
        if track.id not in shelf:
            other.pop(track.id, None)
            shelf[track.id] = entry
        shelf.move_to_end(track.id)
        point = point_of(track.lead)
        cell = None if point is None else cell_of(point)
        if cell != entry.cell:
            self.cells.move(entry, entry.cell, cell)
            entry.cell = cell

    def family(self, entry: _Entry, name: str) -> Family[_Entry]:
        """Return the family of an identity, new, whose first place bears the name."""
        family = Family(entry, name)
        self.families[family.base] = family
        entry.families = *entry.families, family
        return family

    def silence(self, entry: _Entry) -> None:
        """Note that the entry's track is live no more."""
        if self.live.pop(entry.track.id, None) is not None:
            self.quiet[entry.track.id] = entry

    def forget(self, entry: _Entry) -> None:
        """Take the entry out of everything."""
        self.bytes -= entry.bytes
        self.index.discard(entry)
        self.cells.move(entry, entry.cell, None)
        self.live.pop(entry.track.id, None)
        self.quiet.pop(entry.track.id, None)

    def longest_silent(self) -> _Entry:
        """Return the entry updated longest ago; among those not live where there are any."""
        shelf = self.quiet or self.live
        return next(iter(shelf.values()))


class Picture:
    """Takes reports one at a time and says what each changed.

    `counts` says how often a limit was met. `sequence` is the number of the last change made by a
    picture before this one. `evicted` is told of each track that had to make room.
    """

    def __init__(
        self,
        settings: PictureSettings,
        *,
        sequence: int = 0,
        evicted: Callable[[Track], object] | None = None,
        land: Land = NO_LAND,
        decisions: Decisions = NO_DECISIONS,
    ) -> None:
        self.settings = settings
        self.counts: Counter[str] = Counter()
        self.decisions = decisions
        self._doubting = Doubting(land)
        self.sequence = sequence
        self._evicted = evicted
        self._worlds: dict[Context, _World] = {}
        self._schedule: Schedule[tuple[_World, _Entry]] = Schedule()
        self._size = 0
        self._bytes = 0

    def __len__(self) -> int:
        """Return how many tracks there are, in all contexts."""
        return self._size

    def apply(self, report: Report) -> Change | None:
        """Let a report change the picture; None when its source is known to have said newer.

        An addressed report is for its addressees only, and stays off the picture.
        """
        if report.to:
            return self._change(report)
        match report.body:
            case Position() | Shape() | Alarm(cancels=False):
                return self._claim(report)
            case Alarm():
                return self._cancel(report)
            case Removal(target=target):
                return self._remove(report, self._find(report.context, target))
            case Message() | Opaque():
                return self._change(report)
            case _ as never:
                assert_never(never)

    def _claim(self, report: Report) -> Change | None:
        world = self._worlds.get(report.context) or self._new_world(report.context)
        if world is None:
            return self._change(report)
        if self.decisions:
            report = self.decisions.named(report)
        entry = self._known(world, report)
        if entry is not None and is_broadcast(report):
            report, entry, family = self._placed(world, entry, report)
            if entry is None:
                return self._begin(world, report, family)
        if entry is None:
            return self._begin(world, report)
        before = entry.track
        said = self.decisions.said(report)
        claim = before.claims.get(said)
        if claim is not None and is_superseded(report, claim):
            self.counts["superseded"] += 1
            return None
        report = self._marked(entry, report, claim)
        if claim is not None and len(before.claims) == 1:
            track = self._track(before.id, {said: report}, report)
        else:
            track = self._updated(before, said, report)
        if claim is not None and is_named_alike(report, claim):
            entry.track = track
        else:
            world.index.discard(entry)
            entry.track = track
            world.index.add(entry)
        self._settle(world, entry)
        return self._change(report, track, before)

    def _known(self, world: _World, report: Report) -> _Entry | None:
        """Return what the report belongs to by its names, and by what people decided of these."""
        decisions = self.decisions
        if not decisions:
            return world.index.find(report)[0]
        if decisions.is_apart(report):
            return world.index.by_uid(report.uid)
        return self._joined(world, report, report.uid) or world.index.find(report)[0]

    def _placed(
        self, world: _World, entry: _Entry, report: Report
    ) -> tuple[Report, _Entry | None, Family[_Entry] | None]:
        """Return the report and what it belongs to among the places of its identity.

        No entry: it is from a new place, and already bears its uid.
        """
        name, is_new = self._name_at(entry, report)
        family = world.families.get(base_of(name)) if is_new or entry.families else None
        if family is None:
            if is_new or may_be_one(entry.track, report):
                return report, entry, None
            family = world.family(entry, name)
        place = family.nearest(report)
        if place is None and not family.is_full:
            return self._begins_place(world, family, entry, report)
        if place is None:
            self.counts["places beyond the limit"] += 1
            place = family.quietest()
        is_alone = place.name == place.what.track.id and not self._is_joined(report, place.name)
        if is_alone and family.has_moved(place, report):
            return self._rejoined(world, family, place, report)
        place.heard += 1
        if family.is_elsewhere(place, report):
            report = replace(report, doubts=report.doubts | {Doubt.TWO_PLACES})
        return family.named(place, report), place.what, family

    def _name_at(self, entry: _Entry, report: Report) -> tuple[str, bool]:
        """Return the uid that the report's identity has in the track, and whether it is new there.

        It is the track's id but where a person joined several identities. That goes before what
        places say: of each identity that was joined, the first that is heard is in the track.
        """
        track = entry.track
        if not self.decisions:
            return track.id, False
        own = [each.uid for each in own_claims(track, report)]
        if own:
            is_first = base_of(track.id) in map(base_of, own)
            return track.id if is_first else own[0], False
        if self._is_joined(report, report.uid):
            return report.uid, True
        return track.id, False

    def _begins_place(
        self, world: _World, family: Family[_Entry], entry: _Entry, report: Report
    ) -> tuple[Report, _Entry | None, Family[_Entry] | None]:
        """Return a report from a new place under its name: a track, or what that is joined with."""
        name = family.next_name()
        together = self.decisions.together(report.context, name)
        if family.base in together and name != family.base:
            return report, entry, family  # its places were joined: one that jumps
        known = self._joined(world, report, name)
        if known is not None and (len(together) > 1 or known.track.id == name):
            family.add(known, report.time, name)
            known.families = *known.families, family
            return replace(report, uid=name), known, family
        self.counts["places of one identity"] += 1
        doubts = report.doubts | {Doubt.JUMP}
        return replace(report, uid=name, doubts=doubts), None, family

    def _joined(self, world: _World, report: Report, uid: str) -> _Entry | None:
        """Return what is known by one of the uids that were joined with this."""
        together = self.decisions.together(report.context, uid)
        return next(filter(None, map(world.index.by_uid, together)), None)

    def _is_joined(self, report: Report, uid: str) -> bool:
        return len(self.decisions.together(report.context, uid)) > 1

    def _rejoined(
        self, world: _World, family: Family[_Entry], place: Place[_Entry], report: Report
    ) -> tuple[Report, _Entry | None, Family[_Entry] | None]:
        """Let a place that proves to be where the first has gone be the first again."""
        self.counts["places that proved to be one"] += 1
        gone, first = place.what, family.first()
        self._part(world, gone)
        gone.is_over = True
        self._schedule.drop(gone.ticket)
        self._put(world, gone, report.received)
        report = replace(report, uid=family.base)
        if first is None:
            return report, self._joined(world, report, family.base), None
        return report, first.what, None

    def _begin(self, world: _World, report: Report, family: Family[_Entry] | None = None) -> Change:
        if self._size >= self.settings.max_tracks:
            self._evict(_World.size, "evicted")
        report, _ = self._doubting.marked(report, None, None, of_many=False)
        claims = {self.decisions.said(report): report}
        entry = _Entry(self._track(report.uid, claims, report))
        if family is not None:
            family.add(entry, report.time)
            entry.families = (family,)
            world.families[family.base] = family
        world.index.add(entry)
        self._size += 1
        self._settle(world, entry)
        return self._change(report, entry.track)

    def _part(self, world: _World, entry: _Entry) -> None:
        """Let no name and no place lead to an entry any more."""
        world.index.discard(entry)
        families, entry.families = entry.families, ()
        for family in families:
            family.drop(entry)
            for place in family:  # the number that they share leads to one that is left
                world.index.add(place.what)
            if not family and world.families.get(family.base) is family:
                del world.families[family.base]

    def _marked(self, entry: _Entry, report: Report, before: Report | None) -> Report:
        report, entry.memory = self._doubting.marked(
            report, before, entry.memory, of_many=len(entry.track.claims) > 1
        )
        return report

    def decide(self, decisions: Decisions) -> list[Change]:
        """Let people's decisions hold from now on, for what stands on the picture as well."""
        before, self.decisions = self.decisions, decisions
        said: list[Report] = []
        gone: list[Track] = []
        for each in set(before.holding) ^ set(decisions.holding):
            for uid in each.uids():
                found = self._find(each.context, uid)
                if found is None:
                    continue
                world, entry = found
                self._forget(world, entry)
                gone.append(entry.track)
                said += map(before.unnamed, entry.track.claims.values())
        changes = [self._change(None, replace(t, status=TrackStatus.REMOVED), t) for t in gone]
        for report in sorted(said, key=lambda each: (each.received, each.time)):
            change = self._claim(report)
            if change is not None:
                changes.append(replace(change, report=None))
        return changes

    def set_back(self, now: datetime) -> list[Change]:
        """Take what was received later than `now` for received now: the clock was ahead.

        Else each source would be taken for older than what it said itself until that time comes.
        """
        changes: list[Change] = []
        for world in self._worlds.values():
            for entry in world.entries():
                before = entry.track
                if _last_receipt(before.claims) <= now:
                    continue
                claims = {said: set_back(each, now) for said, each in before.claims.items()}
                entry.track = self._track(before.id, claims, self.decisions.lead(claims))
                entry.memory = None
                self._schedule.drop(entry.ticket)
                entry.ticket = -1
                self._settle(world, entry)
                changes.append(self._change(None, entry.track, before))
        return changes

    def _updated(self, before: Track, said: Said, report: Report) -> Track:
        claims = before.claims
        together = with_claim(claims, said, report, limit=self.settings.max_claims)
        if len(together) == len(claims) and said not in claims:
            self.counts["claims forgotten"] += 1
        return self._track(before.id, together, self.decisions.lead(together))

    def _track(self, track_id: str, claims: Mapping[Said, Report], lead: Report) -> Track:
        updated = lead.received if len(claims) == 1 else _last_receipt(claims)
        status = TrackStatus.LIVE
        if updated >= lead.stale:
            status, _ = self._standing(lead, updated, updated)
            if status is TrackStatus.REMOVED:  # only time removes; `expire` does so next
                status = TrackStatus.LOST
        return Track(id=track_id, context=lead.context, claims=claims, lead=lead, status=status)

    def _standing(
        self, lead: Report, updated: datetime, now: datetime
    ) -> tuple[TrackStatus, datetime]:
        settings = self.settings
        return standing(
            lead, updated, now,
            lost_after=settings.lost_after,
            removed_after=settings.removed_after,
            max_age=settings.max_age,
        )  # fmt: skip

    def _settle(self, world: _World, entry: _Entry) -> None:
        """Index where the track is and how large, and see that it is looked at in time.

        A later due time costs nothing: `expire` comes at the earlier one and looks again. It comes
        within `max_age` in any case, so that no claim waits on the stale time of one before it.
        """
        world.place(entry)
        if entry.ticket < 0 or entry.track.lead.stale < entry.due:
            self._schedule.drop(entry.ticket)
            updated = _last_receipt(entry.track.claims)
            _, due = self._standing(entry.track.lead, updated, updated)
            self._put(world, entry, min(due, updated + self.settings.max_age))
        track = entry.track
        if len(track.claims) == 1:
            size = bytes_of(track.lead)
        else:
            size = sum(map(bytes_of, track.claims.values()))
        if size != entry.bytes:
            self._resize(world, entry, size)

    def _resize(self, world: _World, entry: _Entry, size: int) -> None:
        """Note how large a track is, and hold to the limit; one that is beyond it goes itself."""
        world.bytes += size - entry.bytes
        self._bytes += size - entry.bytes
        entry.bytes = size
        while self._bytes > self.settings.max_bytes:
            self._evict(_World.weight, "evicted for bytes")

    def _put(self, world: _World, entry: _Entry, due: datetime) -> None:
        entry.due = due
        entry.ticket = self._schedule.put((world, entry), due)

    def expire(self, now: datetime, *, limit: int = 10_000) -> list[Change]:
        """Let time pass: tracks go stale, lost and are removed; at most `limit` are looked at."""
        changes: list[Change] = []
        for _ in range(limit):
            due = self._schedule.take(now)
            if due is None:
                break
            world, entry = due
            before = entry.track
            if entry.is_over:
                self._forget(world, entry)
                gone = replace(before, status=TrackStatus.REMOVED)
                changes.append(self._change(None, gone, before))
                continue
            status, again = self._standing(before.lead, _last_receipt(before.claims), now)
            if status is not before.status:
                entry.track = replace(before, status=status)
                changes.append(self._change(None, entry.track, before))
            if status is TrackStatus.REMOVED:
                self._forget(world, entry)
                continue
            if status is not TrackStatus.LIVE:
                world.silence(entry)
            self._put(world, entry, min(again, now + self.settings.max_age))
        return changes

    def _find(self, context: Context, uid: str) -> tuple[_World, _Entry] | None:
        world = self._worlds.get(context)
        entry = None if world is None else world.index.by_uid(uid)
        return None if world is None or entry is None else (world, entry)

    def _cancel(self, report: Report) -> Change:
        found = self._find(report.context, report.uid)
        if found is not None and not isinstance(found[1].track.lead.body, Alarm):
            found = None
        return self._remove(report, found)

    def _remove(self, report: Report, found: tuple[_World, _Entry] | None) -> Change:
        """Let go of the claims said into a group that the removal is said into, and of no others.

        Whoever speaks in one group ends nothing that only another was told; a partner ends only
        what came of it.
        """
        if found is None:
            return self._change(report)
        world, entry = found
        before = entry.track
        kept = {s: c for s, c in before.claims.items() if not _ends(report, c)}
        if len(kept) == len(before.claims):
            return self._change(report)
        if kept:
            world.index.discard(entry)
            entry.track = self._track(before.id, kept, self.decisions.lead(kept))
            world.index.add(entry)
            self._settle(world, entry)
            return self._change(report, entry.track, before)
        self._forget(world, entry)
        gone = replace(before, status=TrackStatus.REMOVED)
        return self._change(report, gone, before)

    def _forget(self, world: _World, entry: _Entry) -> None:
        self._part(world, entry)
        world.forget(entry)
        self._schedule.drop(entry.ticket)
        self._size -= 1
        self._bytes -= entry.bytes

    def _evict(self, size: Callable[[_World], int], why: str) -> None:
        """Make room. The largest context gives way, so that no exercise crowds out the live one."""
        world = max(self._worlds.values(), key=size)
        entry = world.longest_silent()
        self._forget(world, entry)
        self.counts[why] += 1
        if self._evicted is not None:
            self._evicted(entry.track)

    def _new_world(self, context: Context) -> _World | None:
        if len(self._worlds) >= self.settings.max_contexts:
            empty = next((known for known, world in self._worlds.items() if not world.size()), None)
            if empty is None:
                self.counts["contexts refused"] += 1
                return None
            del self._worlds[empty]
        world = self._worlds[context] = _World()
        return world

    def _change(
        self, report: Report | None, track: Track | None = None, before: Track | None = None
    ) -> Change:
        self.sequence += 1
        return Change(sequence=self.sequence, report=report, track=track, before=before)

    def get(self, context: Context, uid: str) -> Track | None:
        """Return the track that goes by this id, or that a claim gives this uid."""
        found = self._find(context, uid)
        return None if found is None else found[1].track

    def tracks(self, wanted: Filter) -> Iterator[Track]:
        """Yield the tracks that match, in no order, as they were when this was called."""
        world = self._worlds.get(wanted.context)
        if world is None:
            return iter(())
        near = world.entries() if wanted.area is None else world.cells.near(wanted.area)
        tracks = [entry.track for entry in near]
        return islice(filter(wanted.matches, tracks), wanted.limit)

    def everything(self) -> list[Track]:
        """Return every track of every context."""
        return [entry.track for world in self._worlds.values() for entry in world.entries()]

    @property
    def bytes(self) -> int:
        """How many bytes all tracks are, as `max_bytes` counts them."""
        return self._bytes

    @property
    def contexts(self) -> dict[Context, int]:
        """How many tracks there are in each context."""
        return {context: world.size() for context, world in self._worlds.items()}


def _last_receipt(claims: Mapping[Said, Report]) -> datetime:
    return max(claim.received for claim in claims.values())


def _ends(removal: Report, claim: Report) -> bool:
    if removal.source.is_partners and removal.source.channel != claim.source.channel:
        return False
    return not claim.groups.isdisjoint(removal.groups)
