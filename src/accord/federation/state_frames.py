"""Makes the frames of moving objects: headers that the partner lacks, then states under them."""

from datetime import datetime
from typing import NamedTuple

from accord.core.agreement import Reason
from accord.federation.door import INEXPRESSIBLE, Leaving, Stays
from accord.federation.given import Had
from accord.federation.handles import GivenHandles
from accord.federation.making import Means, NotYet
from accord.federation.moment import Moment
from accord.federation.outgoing import Item, Outgoing
from accord.federation.room import FRAME_OVERHEAD, Room
from accord.federation.tracks import Group, Release, Track, Tracks
from accord.wire.peer import cbor, plain
from accord.wire.peer.errors import NotExpressible
from accord.wire.peer.message import Objects, Relayed, Updates
from accord.wire.peer.proof import Proved
from accord.wire.peer.protocol import NONCE, Lane
from accord.wire.peer.record import Hop, Passed, Statement
from accord.wire.peer.report import Grant, Object, Reference, Update
from accord.wire.peer.updates import write_body

MOST_ITEMS = 1_000
OBJECT_OVERHEAD = 24
"""Bytes of an entry of OBJECTS beside header and grant."""
UPDATE_OVERHEAD = 2
"""Bytes of an update beside its body: the difference to the handle before, usually one."""
PASSED_OVERHEAD = 24
"""Bytes of an update that is passed on beside its body: place, handle, salt."""
PASSED_ABOUT = 90
"""Bytes of an update that is passed on, with few exceptions."""
EVIDENCE_ABOUT = 400
"""Bytes of the evidence with which a frame's updates are passed on: signatures and tree hashes."""
TOO_LONG = "it does not fit a frame"
_NOT_YET = (Reason.NOT_DUE, Reason.TOO_YOUNG)
"""Why the newest state waits for its time alone."""


class _Ready(NamedTuple):
    track: Track
    release: Release
    given: Object
    update: Update


class StateFrames:
    """Makes frames of what waits in `tracks`.

    Of the nodes that are `pruned` only objects go that the partner was never given: it has the
    others from another neighbour.
    """

    def __init__(self, means: Means, tracks: Tracks, handles: GivenHandles) -> None:
        self._means = means
        self._door = means.door
        self._given = means.given
        self._tracks = tracks
        self._handles = handles
        self.pruned: set[str] = set()

    def next(self, lane: Lane, room: Room, number: int, now: Moment) -> Outgoing | None:
        """Return the next frame of a lane under that number, as decided now; None for nothing."""
        groups = self._tracks.groups(lane, now.seconds)
        for group in groups:
            if not self._is_worth_its_evidence(group, room):
                continue
            found = self._of_group(group, room, number, now)
            if found is not None:
                return found
        own = lane, None
        # What another node said, and is decided to leave in own words, has only now joined these.
        return self._of_group(own, room, number, now)

    def _of_group(self, group: Group, room: Room, number: int, now: Moment) -> Outgoing | None:
        size = FRAME_OVERHEAD
        passed_on = FRAME_OVERHEAD + EVIDENCE_ABOUT
        ready: list[_Ready] = []
        fresh: list[tuple[Track, Release]] = []
        for track in self._tracks.ready(group):
            release = self._decided(track, now)
            if release is None or track.source != group[1]:
                continue
            given = self._handles.known(release.header, _onward(release))
            if (given is None and ready) or (given is not None and fresh):
                # Headers and states go in frames of their own, so these wait for the next.
                continue
            cost = self._cost(release, given, now, proof=not ready)
            if not room.fits_ever(cost) and not (ready or fresh):
                self._means.counts[TOO_LONG] += 1
                self._tracks.idle(track)
                continue
            # The partner is to be able to pass on in one frame what came in one.
            passed_on += cost + PASSED_OVERHEAD
            is_full = bool(ready) and group[1] is None and passed_on > room.ever
            if is_full or not room.takes(size + cost, is_first=not (ready or fresh)):
                break
            size += cost
            if given is None:
                fresh.append((track, release))
            else:
                update = Update(given.handle, *release.update[1:])
                ready.append(_Ready(track, release, given, update))
            if len(ready) + len(fresh) == MOST_ITEMS:
                break
        if fresh:
            return self._objects(group[0], fresh, size, number, now)
        return self._states(group, ready, size, number, now) if ready else None

    def _is_worth_its_evidence(self, group: Group, room: Room) -> bool:
        """Tell whether what waits of another's frame fits now, or as much as ever will."""
        if group[1] is None or room.alone:
            return True
        count = len(self._tracks.ready(group))
        about = FRAME_OVERHEAD + EVIDENCE_ABOUT + count * PASSED_ABOUT
        return room.now >= min(about, room.ever)

    def _decided(self, track: Track, now: Moment) -> Release | None:
        """Return what leaves of an object now; where nothing does, put it where it waits."""
        if track.key.origin in self.pruned and self._given.of_own(track.key):
            self._tracks.idle(track)
            return None
        if self._is_on_its_way(track):
            self._tracks.done(track)
            return None
        answer = self._asked(track, now.at)
        if isinstance(answer, Release):
            return self._unless_there(track, answer)
        if answer is None or answer.reason in _NOT_YET:
            again = self._once_more(track, answer)
            if again is not None:
                return again
        if answer is None or answer.may_change:
            self._tracks.later(track, now.seconds)
        else:
            self._tracks.idle(track)
        return None

    def _is_on_its_way(self, track: Track) -> bool:
        """Tell whether the newest state has been sent, and not lost."""
        last = track.last
        if last is None or last.source != track.newest:
            return False
        return track.flies(last) or self._given.has(last.key, last.version)

    def _asked(self, track: Track, at: datetime) -> Release | Stays | None:
        """Decide about the newest state that is old enough; None where none is newer than sent."""
        answer: Release | Stays | None = None
        for place in list(track.to_try(at)):
            candidate = track.candidates[place]
            if track.last is not None and candidate.version < track.last.source:
                return answer
            said = self._door.ask(candidate.report, at)
            if isinstance(said, Leaving):
                return self._made(track, place, said)
            answer = said
            if said.reason != Reason.TOO_YOUNG:
                return answer
            track.was_too_young(place, at)
        return answer

    def _made(self, track: Track, place: int, leaving: Leaving) -> Release | Stays:
        candidate = track.candidates[place]
        try:
            release = self._means.maker.release(candidate, leaving, track.last)
        except NotExpressible:
            return self._door.stays(candidate.report, INEXPRESSIBLE)
        except NotYet:
            return self._door.stays(candidate.report, Reason.NOT_DUE.value)
        track.only_after(place)
        track.last = release
        track.needs_age = len(track.candidates) > 1
        if release.carried is None and track.source is not None:
            # Of another's words this node made its own: they go with its own.
            self._tracks.regroup(track, None)
        return release

    def _unless_there(self, track: Track, release: Release) -> Release | None:
        if not self._given.has(release.key, release.version):
            return release
        self._tracks.done(track)
        return None

    def _once_more(self, track: Track, answer: Stays | None) -> Release | None:
        """Return what was made before and did not arrive, where the same grant still holds.

        A form's cadence counts what was released: sending the same again tells nothing more. What
        is newer may be too young for hours; the partner is not to lack this one until then.
        """
        last = track.last
        if last is None or track.flies(last) or self._given.has(last.key, last.version):
            return None
        grant = last.leaving.grant
        is_same = answer is not None and answer.clause == grant.clause
        return last if is_same and self._door.is_in_force(grant) else None

    def _cost(self, release: Release, given: Object | None, now: Moment, *, proof: bool) -> int:
        if given is None:
            onward = len(cbor.write(plain.grant(release.leaving.grant))) if release.carried else 0
            return len(cbor.write(plain.header(release.header))) + OBJECT_OVERHEAD + onward
        header = release.header if isinstance(given.header, Reference) else given.header
        at = now.ms if release.carried is None else release.carried.proof.statement.at
        size = len(write_body(release.update, header.base, at)) + UPDATE_OVERHEAD
        if release.carried is None:
            return size
        evidence = _size_of_proof(release.carried.proof) if proof else 0
        return size + PASSED_OVERHEAD + evidence

    def _objects(
        self, lane: Lane, fresh: list[tuple[Track, Release]], size: int, number: int, now: Moment
    ) -> Outgoing:
        # In the order of their names: that in which they waited tells of reports that stayed here.
        fresh.sort(key=lambda each: each[1].key)
        objects = tuple(
            self._handles.give(release.header, _onward(release)) for _, release in fresh
        )
        return Outgoing(
            number=number,
            lane=lane,
            at=now.ms,
            message=Objects(objects),
            size=size,
            items=tuple(
                item_of_release(place, release) for place, (_, release) in enumerate(fresh)
            ),
        )

    def _states(
        self, group: Group, ready: list[_Ready], size: int, number: int, now: Moment
    ) -> Outgoing:
        lane, source = group
        if source is None:
            ready.sort(key=lambda each: each.given.handle)
            salt = self._means.random(NONCE) if len(ready) > 1 else None
            message = Updates(tuple(each.update for each in ready), salt)
            hops = {}
        else:
            ready.sort(key=lambda each: _carried(each.release)[1])
            message, hops = self._relayed(ready)
        for each in ready:
            release = each.release
            had = Had(each.track.key, release.leaving.grant, durable=False)
            self._given.sent(release.key, had)
            self._tracks.sent(each.track, release, number, now.seconds)
        return Outgoing(
            number=number,
            lane=lane,
            at=now.ms,
            message=message,
            size=size,
            items=tuple(item_of_release(place, each.release) for place, each in enumerate(ready)),
            hops=hops,
        )

    def _relayed(self, ready: list[_Ready]) -> tuple[Relayed, dict[int, Statement]]:
        proof = _carried(ready[0].release)[0]
        places = [_carried(each.release)[1] for each in ready]
        is_whole = len(places) == proof.statement.leaves
        passed = tuple(
            Passed(place, each.update, None if is_whole else proof.item_salt(place))
            for place, each in zip(places, ready, strict=True)
        )
        evidence = proof.evidence(places, Hop(self._means.own, b""))
        return Relayed(evidence, passed), {0: proof.statement}


def _carried(release: Release) -> tuple[Proved, int]:
    carried = release.carried
    assert carried is not None  # noqa: S101
    return carried.proof, carried.place


def _onward(release: Release) -> Grant | None:
    return None if release.carried is None else release.leaving.grant


def _size_of_proof(proof: Proved) -> int:
    """Return about how many bytes a proof takes: statement, signatures, hashes along one path."""
    hops = sum(len(hop.node) + len(hop.signature) + 8 for hop in proof.hops)
    return 120 + 2 * len(proof.signature) + hops + 34 * proof.statement.leaves.bit_length()


def item_of_release(place: int, release: Release) -> Item:
    """Return what a state releases."""
    return Item(
        place=place,
        origin=release.key.origin,
        context=release.key.context,
        name=release.key.uid,
        version=release.version,
        grant=release.leaving.grant,
        released=release.leaving.released,
        passed_on=release.carried is not None,
    )
