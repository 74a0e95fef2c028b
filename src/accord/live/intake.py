"""The one door in. Whatever the picture believes came through `Intake.accept`, past every check."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Protocol

from accord.core.body import Alarm, Message, Position, Removal, Shape
from accord.core.context import Context
from accord.core.geometry import Polyline
from accord.core.principal import Principal
from accord.core.report import Address, AddressKind, Report, Source
from accord.core.track import TrackStatus
from accord.live.devices import Devices
from accord.live.hub import Hub, Receiver
from accord.live.marking import DefaultMarkings
from accord.picture.picture import Change, Picture
from accord.release.access import may_say

_LONGEST_DAYS = 3650


@dataclass(frozen=True, slots=True, kw_only=True)
class IntakeSettings:
    """What one report may be. Raises ValueError where uids are to be kept beyond ten years."""

    max_points: int = field(
        default=10_000, metadata={"doc": "points of one shape; beyond, the report is refused"}
    )
    max_contacts_per_connection: int = field(
        default=1_000, metadata={"doc": "different contacts that one connection may speak for"}
    )
    max_contexts_per_connection: int = field(
        default=16, metadata={"doc": "different exercises that one connection may speak in"}
    )
    max_devices_per_person: int = field(
        default=16,
        metadata={
            "doc": "uids of one person that stay his when he is not connected; beyond, a new one "
            "is his only while he is"
        },
    )
    device_kept_days: int = field(
        default=7,
        metadata={
            "doc": "days for which a uid stays the person's who was last heard under it, so that "
            "nobody of his groups takes it meanwhile; 0: only while he is connected"
        },
    )

    def __post_init__(self) -> None:
        """Raise ValueError for a span that cannot be."""
        if not 0 <= self.device_kept_days <= _LONGEST_DAYS:
            raise ValueError(f"device_kept_days is 0 to {_LONGEST_DAYS}")


@dataclass(slots=True, eq=False, kw_only=True)
class Speaker:
    """Whoever says something over one connection or feed, and what became of it.

    `max_contacts` is for how many contacts it may speak, where that is not the settings' number.
    """

    principal: Principal
    source: Source
    receiver: Receiver | None = None
    contacts: set[str] = field(default_factory=set[str])
    contexts: set[Context] = field(default_factory=set[Context])
    accepted: int = 0
    refused: Counter[str] = field(default_factory=Counter[str])
    max_contacts: int | None = None
    last_useful: datetime | None = None


class Keeper(Protocol):
    """Keeps accepted reports: the journal."""

    def append(self, sequence: int, report: Report) -> bool:
        """Keep a report; False when the queue is full and it was not."""
        ...


Offer = Callable[[int, Report, bool], None]
"""Told the number of what was accepted, the report, and whether the journal is to keep it."""


def offer_to_nobody(_sequence: int, _report: Report, _kept: bool) -> None:  # noqa: FBT001  as Offer
    """Have no partners."""


Check = Callable[["Intake", Speaker, Report], str | None]
"""Gives None, or in a few words why the report is refused."""


def speaks_for_itself(intake: "Intake", speaker: Speaker, report: Report) -> str | None:
    """Refuse the uid, or words in the name, of another client, or another person's device."""
    at = report.received
    if not intake.is_free(report.uid, speaker, at):
        return "speaks under another client's uid"
    if isinstance(report.body, Removal) and not intake.is_free(report.body.target, speaker, at):
        return "removes another client"
    if report.author is not None and not intake.is_free(report.author, speaker, at):
        is_heard = _calls_for_help(report) and intake.is_a_strangers(report, speaker)
        return None if is_heard else "speaks in another client's name"
    if report.author is not None and report.author not in speaker.contacts:
        return intake.take_contact(speaker, report)
    return None


def _calls_for_help(report: Report) -> bool:
    return isinstance(report.body, Alarm) and not report.body.cancels


def signs_its_words(intake: "Intake", speaker: Speaker, report: Report) -> str | None:
    """Refuse words under another's callsign, or under any but one's own that name no author."""
    if not isinstance(report.body, Message) or not report.body.sender:
        return None
    bearers = intake.bearers(report.body.sender)
    if speaker.principal.name in bearers:
        return None
    if bearers:
        return "speaks under another client's callsign"
    return "words without an author" if report.author is None else None


def is_in_few_contexts(intake: "Intake", speaker: Speaker, report: Report) -> str | None:
    """Keep one connection from taking up every context that the picture can hold."""
    contexts, limit = speaker.contexts, intake.settings.max_contexts_per_connection
    if report.context in contexts:
        return None
    if len(contexts) >= limit:
        return "speaks in too many exercises"
    contexts.add(report.context)
    return None


def is_bounded(intake: "Intake", _speaker: Speaker, report: Report) -> str | None:
    """Limit the number of points; lengths and depths were limited where the bytes were read."""
    body = report.body
    if isinstance(body, Shape) and isinstance(body.outline, Polyline):
        limit = intake.settings.max_points
        return "shape with too many points" if len(body.outline.points) > limit else None
    return None


def is_timely(_intake: "Intake", _speaker: Speaker, report: Report) -> str | None:
    """Refuse what ends before it begins; other oddities of clocks are marked by the picture."""
    return "stale before it starts" if report.stale < report.start else None


def has_group(_intake: "Intake", _speaker: Speaker, report: Report) -> str | None:
    """Refuse what is said to nobody: an empty list of groups releases nothing."""
    return None if report.groups else "said into no group that the sender speaks in"


def speaker_may_say(_intake: "Intake", speaker: Speaker, report: Report) -> str | None:
    """Hold to role and group direction; who is not in an exercise says nothing in it."""
    return may_say(speaker.principal, report)


READINESS = "t-x-readiness"
"""The type of a statement of readiness."""

READINESS_DESK = "desk:readiness"
"""The channel of the desk that makes them."""


SAR = "t-x-sar"
"""The type of a line of a case of search and rescue."""

SAR_DESK = "desk:sar"
"""The channel of the desk that says them."""

RELIEF = "t-x-relief"
"""The type of a line of an incident of relief, and what the types of its records begin with."""

RELIEF_DESK = "desk:relief"
"""The channel of the desk that says them."""

_SAID_AT = {
    READINESS: (READINESS_DESK, "states readiness elsewhere than at its desk"),
    SAR: (SAR_DESK, "writes into a case elsewhere than at its desk"),
    RELIEF: (RELIEF_DESK, "writes into an incident elsewhere than at its desk"),
}

_SAID = tuple(_SAID_AT)


def states_at_the_desk(_intake: "Intake", speaker: Speaker, report: Report) -> str | None:
    """Refuse what only a desk says where a client made it: partners take it for the nation's."""
    kind = report.kind.text
    if not kind.startswith(_SAID):
        return None
    # Three atoms name the desk; what is below is a sort of what it says.
    said_at = _SAID_AT.get("-".join(kind.split("-", 3)[:3]))
    if said_at is None or speaker.source.is_partners:
        return None
    desk, why = said_at
    return None if speaker.source.channel == desk else why


CHECKS: tuple[Check, ...] = (
    has_group,
    speaker_may_say,
    states_at_the_desk,
    speaks_for_itself,
    signs_its_words,
    is_in_few_contexts,
    is_bounded,
    is_timely,
)
"""Every check, in order. Implausible positions are marked by the picture, never refused."""

NO_DEFAULTS = DefaultMarkings()
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


class Intake:
    """Checks a report, applies it to the picture, journals it and publishes it, in one call.

    `latest` is the latest moment at which anything was received.
    """

    def __init__(
        self,
        settings: IntakeSettings,
        *,
        picture: Picture,
        journal: Keeper,
        hub: Hub,
        defaults: DefaultMarkings = NO_DEFAULTS,
        offer: Offer = offer_to_nobody,
    ) -> None:
        self.settings = settings
        self.refused: Counter[str] = Counter()
        self.accepted = 0
        self.superseded = 0
        self.latest = _LONG_AGO
        self.not_kept = 0
        self._picture = picture
        self._journal = journal
        self._hub = hub
        self._defaults = defaults
        self._offer = offer
        self._watch: Callable[[Change], None] | None = None
        # Whoever shares no group with another may have the same uid: neither hears of the other.
        self._owners: dict[str, dict[Speaker, Context]] = {}
        self.devices = Devices(
            each=settings.max_devices_per_person,
            kept=timedelta(days=settings.device_kept_days),
            counts=hub.counts,
        )
        hub.devices = self.devices

    def accept(self, report: Report, speaker: Speaker) -> str | None:
        """Let a report in. Return None, or why it was refused; only its sender is affected.

        What passes every check and came without a mark is given the default of its channel.
        """
        for check in CHECKS:
            reason = check(self, speaker, report)
            if reason is not None:
                speaker.refused[reason] += 1
                self.refused[reason] += 1
                return reason
        self.accepted += 1
        speaker.accepted += 1
        self.latest = max(self.latest, report.received)
        if report.received < report.stale:
            speaker.last_useful = report.received
        report = self._defaults.marked(report)
        change = self._picture.apply(report)
        if change is None:
            self.superseded += 1
            return None
        if self._watch is not None:
            self._watch(change)
        accepted = report if change.report is None else change.report
        kept = self._journal.append(change.sequence, accepted)
        self.not_kept += not kept
        for told in _told(accepted, change):
            self._hub.publish(told, sender=speaker.receiver)
        self._offer(change.sequence, accepted, kept)
        return None

    def marked(self, report: Report) -> Report:
        """Return a report as it is let in: with its channel's default mark, if it has none."""
        return self._defaults.marked(report)

    def watched_by(self, watch: Callable[[Change], None]) -> None:
        """Tell this of every change from now on, instead of whoever was told before."""
        self._watch = watch

    def is_free(self, uid: str, speaker: Speaker, at: datetime) -> bool:
        """Tell whether this uid is the speaker's, or nobody's who shares a group with him.

        The same principal may take over from itself: a phone that comes back over a new network
        is not locked out by its own dead connection. (Connections without a certificate each have
        a principal of their own.) Whose device it is comes in whoever says its uid meanwhile. What
        has no certificate, such as the same phone over the mesh, and partners may speak of a device
        that is not connected.
        """
        name = speaker.principal.name
        if self.devices.person(uid) == name:
            return True
        is_a_persons = speaker.principal.credential and not speaker.source.is_partners
        if is_a_persons and self.devices.is_anothers(uid, speaker.principal, at):
            return False
        for each in self._owners.get(uid, ()):
            if each.principal.name == name:  # who came after him has to give way, not he
                return True
            if _meet(each, speaker):
                return False
        return True

    def is_a_strangers(self, report: Report, speaker: Speaker) -> bool:
        """Tell whether who owns the author's uid has it in no group of the speaker's, or elsewhere.

        Nobody is to keep a call for help from those who would hear it by taking its uid in a group
        or a context of his own; the speaker may be its true bearer.
        """
        owners = self._owners.get(report.author or "", {})
        return not any(
            taken_in == report.context and _meet(each, speaker) for each, taken_in in owners.items()
        )

    def bearers(self, callsign: str) -> set[str]:
        """Return the names of the principals that are connected under this callsign."""
        return self._hub.reached(Address(AddressKind.CALLSIGN, callsign))

    def knows_listener(self, speaker: Speaker, report: Report) -> bool:
        """Note who somebody is who may say nothing, so that he can be addressed; nobody hears it.

        False where the uid is another's, or he has said too many.
        """
        is_free = self.is_free(report.uid, speaker, report.received)
        return is_free and self.take_contact(speaker, report) is None

    def take_contact(self, speaker: Speaker, report: Report) -> str | None:
        """Note that this speaker is that contact; only a contact's own position makes it so."""
        if report.author != report.uid or not isinstance(report.body, Position):
            return None
        limit = speaker.max_contacts or self.settings.max_contacts_per_connection
        if len(speaker.contacts) >= limit:
            return "speaks for too many contacts"
        self._note_device(report.uid, speaker, report.received)
        owners = self._owners.setdefault(report.uid, {})
        for each in [each for each in owners if _meet(each, speaker)]:
            del owners[each]
            each.contacts.discard(report.uid)
        owners[speaker] = report.context
        speaker.contacts.add(report.uid)
        return None

    def _note_device(self, uid: str, speaker: Speaker, at: datetime) -> None:
        """Note whose device it is; while he is connected under it, it is nobody else's."""
        if speaker.source.is_partners:
            return
        person, name = self.devices.person(uid), speaker.principal.name
        here = {each.principal.name for each in self._owners.get(uid, ())}
        if person == name or person not in here:
            self.devices.note(uid, speaker.principal, at)

    def forget(self, speaker: Speaker) -> None:
        """Free the uids of a speaker who has gone; those of his devices stay his for a while."""
        at = speaker.last_useful
        for uid in speaker.contacts:
            if at is not None and self.devices.person(uid) == speaker.principal.name:
                self.devices.note(uid, speaker.principal, at)
            owners = self._owners[uid]
            del owners[speaker]
            if not owners:
                del self._owners[uid]
        speaker.contacts.clear()


def _meet(one: Speaker, other: Speaker) -> bool:
    """Tell whether two speakers are the same person, or share a group."""
    if one.principal.name == other.principal.name:
        return True
    return not one.principal.groups.keys().isdisjoint(other.principal.groups)


def _told(accepted: Report, change: Change) -> Sequence[Report]:
    """Return what receivers are told: of a removal that ends one claim only, the one that leads.

    Some who heard the claim that ended may not hear that one. They are told of the removal, and
    everybody then of what is left for him, the leading claim last.
    """
    track = change.track
    if not isinstance(accepted.body, Removal) or track is None:
        return (accepted,)
    if track.status is TrackStatus.REMOVED:
        return (accepted,)
    lead = track.lead
    if accepted.groups <= lead.groups:
        return (lead,)
    others = (each for each in track.claims.values() if not each.groups <= lead.groups)
    return accepted, *sorted(others, key=lambda each: each.received), lead
