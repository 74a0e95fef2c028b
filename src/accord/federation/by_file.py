"""What goes to a partner by file where there is no line, and what comes so. No I/O.

The same logs, states and decisions as over the line. A file is a session of its own: its handles
mean something in it alone, nobody acknowledges a frame, and what is not known to have arrived goes
again with the next. So it does not matter in which order files come, or how often.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from accord.federation.door import Door
from accord.federation.effect import CheckpointCame, Effect
from accord.federation.inflow import Headers, Inflow
from accord.federation.moment import Moment
from accord.federation.outflow import Outflow
from accord.federation.outgoing import Outgoing
from accord.federation.version import ObjectKey
from accord.wire.peer.frame import Frame
from accord.wire.peer.message import (
    Checkpoint,
    Cosignature,
    Forwarded,
    Hello,
    Objects,
    Records,
    Relayed,
    Updates,
)
from accord.wire.peer.protocol import Lane, Profile, Version
from accord.wire.peer.record import Document, FileOffer
from accord.wire.peer.report import Grant, PeerReport, Reference

CARRIED = (Objects, Updates, Relayed, Records, Forwarded, Checkpoint, Cosignature)
"""What a file has: all else is between two nodes that hear each other."""


class State(NamedTuple):
    """One state that left in a file, by the name that the partner knows."""

    key: ObjectKey
    version: Version


class ByFile:
    """The sessions by file of one link. One is written at a time, and only without a line."""

    def __init__(self, out: Outflow, inflow: Inflow, *, epoch: int, profile: Profile) -> None:
        self._out = out
        self._in = inflow
        self._epoch = epoch
        self._profile = profile

    @property
    def _door(self) -> Door:
        return self._out.door

    # What goes.

    @property
    def has_line(self) -> bool:
        """Tell whether there is a session over a line, so that no file can be written."""
        return self._out.connected and not self._out.by_file

    @property
    def is_writing(self) -> bool:
        """Tell whether a file is being written; a line that comes up ends that."""
        return self._out.by_file

    def begin(self, theirs: Hello, now: Moment) -> None:
        """Begin a file for a partner that said this last; `PartnerSync.disconnected` ends it."""
        self._door.compare(theirs.gives, theirs.takes)
        self._out.begin_file(now)

    def next(self, now: Moment) -> Outgoing | None:
        """Return the next frame of the file, None where all that may leave now is in it."""
        return self._out.next(now)

    def arrived(self, states: Iterable[State]) -> None:
        """Take in that the partner has what was in a file."""
        for state in states:
            self._out.given.arrived(state.key, state.version)

    def told(self, theirs: Hello, now: Moment) -> None:
        """Take in how far the partner says it holds the logs; only without a line.

        Where that is less than it acknowledged, it may have lost anything: all goes once more.
        """
        knows = theirs.resumes == self._epoch
        marks = {mark.lane: mark.number for mark in theirs.resume} if knows else {}
        has_lost = not knows and bool(self._out.given.all())
        for lane, log in self._out.logs.items():
            mark = marks.get(lane)
            has_lost |= (mark or 0) < log.acked
            if mark is not None:
                self._out.log_arrived(lane, mark)
            log.begin(mark)
        if has_lost:
            self._out.tracks.again(self._out.given.in_doubt(), now.seconds)

    # What comes.

    def why_not(self, theirs: Hello, frames: Sequence[Frame]) -> str:
        """Return why nothing of a file is taken, in a sentence; empty where all is."""
        if theirs.profile is not self._profile:
            return f"it is of the profile {theirs.profile.name}, not {self._profile.name}"
        if theirs.epoch < self._in.epoch:
            return "it was made before the partner began anew: have it export another"
        if theirs.epoch != self._in.epoch and self.has_line:
            return "it is of another life of the partner than the link that is up"
        with self._door.as_with(theirs.gives, theirs.takes):
            for frame in frames:
                why = self._why_not_frame(frame)
                if why:
                    return why
        return self._why_not_logs(theirs, frames)

    def _why_not_frame(self, frame: Frame) -> str:
        message = frame.message
        if not isinstance(message, CARRIED):
            return f"it has a frame that belongs on a line only ({frame.type.name})"
        if isinstance(message, Objects) and any(
            isinstance(each.header, Reference) for each in message.objects
        ):
            return "it has a header that is longer than a frame"
        strange = next((it for it in _grants(message) if not self._door.expects(it)), None)
        if strange is None:
            return ""
        return (
            f"it has a release by an agreement ({strange.agreement.hex()}) that is not in force "
            "here as the partner held it"
        )

    def _why_not_logs(self, theirs: Hello, frames: Sequence[Frame]) -> str:
        is_new = theirs.epoch != self._in.epoch
        marks: dict[Lane, int] = {} if is_new else dict(self._in.marks)
        for frame in frames:
            for number in _numbers(frame.message):
                mark = marks.get(frame.lane)
                if mark is not None and number > mark + 1:
                    return (
                        "something that was to come before it is not here any more: export a "
                        "bundle for the partner, and have it answer"
                    )
                marks[frame.lane] = max(mark or 0, number)
        return ""

    def begun(self, theirs: Hello) -> None:
        """Begin to take a file in that `why_not` said nothing against."""
        if theirs.epoch != self._in.epoch:
            self._in.new_epoch(theirs.epoch)

    def received(
        self, frame: Frame, theirs: Hello, now: Moment, headers: Headers,
        unknown: frozenset[str] = frozenset(),
    ) -> list[Effect]:  # fmt: skip
        """Take in a frame of a file; `headers` are the file's, and begin empty.

        `unknown` are nodes whose words in it nobody here can verify.
        """
        if isinstance(frame.message, Checkpoint | Cosignature):
            return [CheckpointCame(message=frame.message)]
        with self._door.as_with(theirs.gives, theirs.takes):
            return self._in.content_of_file(frame, now, headers, unknown)

    def taken(self) -> None:
        """End a file that was carried out: what it only referred to is asked for on a line."""
        self._in.settling.placed()
        if not self._out.connected:
            self._out.wanted.clear()


def states_of(outgoing: Outgoing) -> Iterable[State]:
    """Return the states that leave in a frame."""
    if not isinstance(outgoing.message, Updates | Relayed):
        return ()
    return (
        State(ObjectKey(item.origin, item.context, item.name), item.version)
        for item in outgoing.items
    )


def why_not_now(made: int, now: Moment, *, oldest: float, tolerance: float) -> str:
    """Hold the time that a file states against the clock; seconds. Empty where it is right."""
    age = (now.ms - made) / 1_000
    if age > oldest:
        return f"it was made {age / 86_400:.1f} days ago, and {oldest / 86_400:g} is the most"
    if age < -tolerance:
        return f"it was made {-age:.0f} s from now, by this node's clock: compare the clocks"
    return ""


def _grants(message: object) -> Iterable[Grant]:
    """Return by what the things in a frame were released; states go by their headers'."""
    match message:
        case Objects(objects=objects):
            found = [
                each.onward or each.header.grant
                for each in objects
                if not isinstance(each.header, Reference)
            ]
        case Records(records=records):
            contents = [each.content for each in records]
            found = [
                each.grant
                for each in contents
                if isinstance(each, PeerReport | FileOffer | Document)
            ]
        case Forwarded(passed=passed):
            found = [each.grant for each in passed]
        case _:
            found = []
    return (grant for grant in found if grant is not None)


def _numbers(message: object) -> Iterable[int]:
    """Return the numbers in its lane's log of all that a frame has."""
    if isinstance(message, Records):
        return (record.number for record in message.records)
    if isinstance(message, Forwarded):
        return range(message.first, message.first + len(message.passed))
    return ()
