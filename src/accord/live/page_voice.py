"""What users of the page say: reports like any client's, by the one door in."""

import secrets
from collections import Counter, OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

from accord.core.body import Message, Opaque, Position, Removal, Shape
from accord.core.clock import Clock
from accord.core.context import LIVE, Context, ContextKind
from accord.core.errors import AccordError
from accord.core.identity import UNKNOWN_IDENTITY, Identity
from accord.core.kind import Kind
from accord.core.marking import UNMARKED, Marking, Opex, OpexKind
from accord.core.principal import Group, Principal
from accord.core.report import Address, AddressKind, Form, Original, Report, Source
from accord.live.intake import Intake, Speaker

CHANNEL = "page"

WORDS_VALID = timedelta(days=1)
"""As ATAK has it for GeoChat."""

EVERYBODY = "All Chat Rooms"
"""The room that TAK clients call so."""

Write = Callable[[Report], bytes]
"""Writes a report as CoT XML, which is kept as its original."""


REMOVAL_VALID = timedelta(seconds=20)
"""As TAK Server has it for its own notices."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """Something drawn: a CoT type, a name to show, what it is, and for how long it is valid.

    `uid` is of what it is drawn instead of, empty for something new. `groups` are those of his that
    it is said into, None for all.
    """

    kind: str
    name: str
    body: Position | Shape
    valid: timedelta
    uid: str = ""
    groups: frozenset[Group] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Handed:
    """Something shown to one person: what it is, its name, where, its mark, and for how long."""

    kind: str
    name: str
    body: Position | Shape
    valid: timedelta
    marking: Marking = UNMARKED


class NotSaid(AccordError):
    """It was not let in; the text says why."""


class PageVoice:
    """Says what users of the page want to say. `counts` says how often a speaker was forgotten."""

    def __init__(
        self, intake: Intake, *, node: str, write: Write, clock: Clock, max_speakers: int = 1_000
    ) -> None:
        self.counts: Counter[str] = Counter()
        self._intake = intake
        self._node = node
        self._write = write
        self._clock = clock
        self._max_speakers = max_speakers
        self._speakers: OrderedDict[str, Speaker] = OrderedDict()

    def uid_of(self, principal: Principal) -> str:
        """Return the uid that a user speaks under, and is spoken to."""
        return f"{self._node}.{principal.name}"

    def say(
        self, who: Principal, text: str, *, room: str = EVERYBODY, to: str = "",
        context: Context = LIVE,
    ) -> Report:  # fmt: skip
        """Say words in a room, or `to` the uid of one person, whose callsign is `room` then.

        Raises NotSaid.
        """
        blank = self._blank(who, context, WORDS_VALID)
        uid = f"GeoChat.{self.uid_of(who)}.{to or room}.{secrets.token_hex(16)}"
        words = replace(
            blank,
            uid=uid,
            kind=Kind.of("b-t-f"),
            body=Message(text=text, sender=who.name, room=room),
            to=frozenset({Address(AddressKind.UID, to)}) if to else frozenset[Address](),
            author=self.uid_of(who),
        )
        return self._let_in(who, words)

    def draw(self, who: Principal, drawing: Drawing, *, context: Context = LIVE) -> Report:
        """Draw something on the picture, or again what has its uid. Raises NotSaid."""
        blank = self._blank(who, context, drawing.valid)
        drawn = replace(
            blank,
            uid=drawing.uid or f"{self.uid_of(who)}.{secrets.token_hex(8)}",
            kind=Kind.of(drawing.kind),
            how="h-e",
            body=drawing.body,
            identity=Identity(callsign=drawing.name or None),
            groups=blank.groups if drawing.groups is None else blank.groups & drawing.groups,
        )
        return self._let_in(who, drawn)

    def hand(self, who: Principal, handed: Handed, *, to: str, context: Context = LIVE) -> Report:
        """Show something to the one person who has that uid, under one's own name. NotSaid.

        It is a mark of its own beside whatever it is made from, and on nobody else's picture.
        """
        blank = self._blank(who, context, handed.valid)
        shown = replace(
            blank,
            uid=f"{self.uid_of(who)}.{secrets.token_hex(8)}",
            kind=Kind.of(handed.kind),
            how="h-e",
            body=handed.body,
            identity=Identity(callsign=f"{handed.name} ({who.name})"),
            marking=replace(handed.marking, opex=blank.marking.opex, by_default=False),
            to=frozenset({Address(AddressKind.UID, to)}),
        )
        return self._let_in(who, shown)

    def remove(self, who: Principal, uid: str, *, context: Context = LIVE) -> Report:
        """Take from the picture what has that uid, as far as he can. Raises NotSaid."""
        blank = self._blank(who, context, REMOVAL_VALID)
        gone = replace(
            blank,
            uid=f"{uid}.removed",
            kind=Kind.of("t-x-d-d"),
            body=Removal(target=uid),
        )
        return self._let_in(who, gone)

    def _blank(self, who: Principal, context: Context, valid: timedelta) -> Report:
        """Return what all that somebody says now has in common."""
        now = self._clock.now()
        return Report(
            uid="",
            context=context,
            kind=Kind.of("t"),
            how="h-g-i-g-o",
            time=now,
            start=now,
            stale=now + valid,
            received=now,
            body=Opaque(),
            identity=UNKNOWN_IDENTITY,
            marking=replace(UNMARKED, opex=_opex(context)),
            source=self._speaker(who).source,
            groups=who.speaks_in,
        )

    def _let_in(self, who: Principal, said: Report) -> Report:
        report = replace(said, original=Original(Form.COT_XML, self._write(said)))
        refused = self._intake.accept(report, self._speaker(who))
        if refused is not None:
            raise NotSaid(refused)
        return report

    def _speaker(self, who: Principal) -> Speaker:
        known = self._speakers.pop(who.name, None)
        if known is None or known.principal != who:
            source = Source(node=self._node, channel=CHANNEL, speaker=who.name)
            known = Speaker(principal=who, source=source)
        self._speakers[who.name] = known
        if len(self._speakers) > self._max_speakers:
            _, gone = self._speakers.popitem(last=False)
            self._intake.forget(gone)
            self.counts["speakers forgotten"] += 1
        return known


def _opex(context: Context) -> Opex | None:
    is_exercise = context.kind is ContextKind.EXERCISE
    return Opex(OpexKind.EXERCISE, context.name) if is_exercise else None
