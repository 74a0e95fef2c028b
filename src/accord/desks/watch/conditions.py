"""What is the case now that needs attention: in a change of the picture, and in the node's status.

Pure. A condition's key stays the same while it is the same matter, so that it is one alert.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from accord.core.body import Alarm
from accord.core.context import LIVE
from accord.core.principal import Principal
from accord.core.report import Report
from accord.core.track import Track, TrackStatus
from accord.desks.watch.alert import Condition, Entry, Kind, Priority
from accord.observe.health import SourceState, SourceStatus, Status
from accord.observe.partner_health import LinkState, PartnerStatus
from accord.picture.picture import Change

MAX_TEXT = 200
"""Characters of an alert's text."""


@dataclass(frozen=True, slots=True)
class Over:
    """The condition with this key is the case no more."""

    key: str


def of_change(change: Change) -> Sequence[Condition | Over]:
    """Return what a change of the picture means to the watch: somebody calls, or no longer does."""
    before, now = _calls(change.before), _calls(change.track)
    if not (before or now):
        return ()
    over = [Over(key) for key in before if key not in now]
    new = [each for key, each in now.items() if before.get(key) != each]
    return [*over, *new]


def of_picture(tracks: Iterable[Track]) -> Iterator[Condition]:
    """Yield every call for help that stands on a picture."""
    for track in tracks:
        yield from _calls(track).values()


_NO_CALLS: Mapping[str, Condition] = {}


def _calls(track: Track | None) -> Mapping[str, Condition]:
    """Return the calls of a track by their keys: one for all who heard the same claims.

    Not only of the claim that leads: it may be one that others hear, who neither raise nor end
    what is a call to those who heard it.
    """
    if track is None or track.status is TrackStatus.REMOVED:
        return _NO_CALLS
    calls = [each for each in track.claims.values() if isinstance(each.body, Alarm)]
    if not calls:
        return _NO_CALLS
    return {each.key: each for each in map(emergency, sorted(calls, key=lambda c: c.received))}


def emergency(report: Report) -> Condition:
    """Return the condition that somebody calls for help. Of an exercise, it is a caution."""
    assert isinstance(report.body, Alarm)  # noqa: S101  only such are given
    is_live = report.context == LIVE
    who = report.identity.name or report.identity.callsign or report.uid
    where = "" if is_live else f" [{report.context}]"
    return Condition(
        key=_emergency_key(report),
        kind=Kind.EMERGENCY,
        priority=Priority.ALARM if is_live else Priority.CAUTION,
        text=short(f"{who}: {report.body.category}{where}"),
        uid=report.uid,
        context=report.context,
        groups=report.groups,
    )


def _emergency_key(report: Report) -> str:
    return f"{Kind.EMERGENCY} {report.context} {report.uid} {sorted(report.groups)}"


def of_status(status: Status) -> Iterator[Condition]:
    """Yield what is wrong with the node, its feeds and its links; each matter once."""
    if status.journal.trouble:
        yield _node("journal", f"journal: {status.journal.trouble}", Priority.WARNING)
    for partner in status.partners:
        yield from _of_partner(partner)
    for source in status.sources:
        yield from _of_feed(source)
    for service in status.services:
        if service.trouble:
            text = f"the {service.what} {service.address} cannot be asked: {service.trouble}"
            yield _node(f"service {service.what}", text, Priority.WARNING)
    for each in status.budgets:
        if each.used > each.budget:
            text = f"{each.what}: more is used than its budget"
            yield _node(f"budget {each.what}", text, Priority.WARNING)


def _node(about: str, text: str, priority: Priority) -> Condition:
    return Condition(
        key=f"{Kind.NODE} {about}", kind=Kind.NODE, priority=priority, text=short(text)
    )


def _of_partner(partner: PartnerStatus) -> Iterator[Condition]:
    """Yield a link that is down or silent as a caution, one that its guard stopped as a warning.

    What a partner gave is then missing, not absent: the sea is not empty.
    """
    said = {
        LinkState.STOPPED: (Priority.WARNING, f"stopped: {partner.trouble}"),
        LinkState.DOWN: (Priority.CAUTION, "the link is down; its reports are missing"),
        LinkState.SILENT: (Priority.CAUTION, "the link is silent; its reports are missing"),
    }.get(partner.state)
    if said is None:
        return
    priority, text = said
    yield Condition(
        key=f"{Kind.LINK} {partner.node}",
        kind=Kind.LINK,
        priority=priority,
        text=short(f"{partner.node}: {text}"),
    )


def _of_feed(source: SourceStatus) -> Iterator[Condition]:
    if not source.channel.startswith("feed:"):
        return
    said = {
        SourceState.DOWN: f"is not connected: {source.trouble}",
        SourceState.SILENT: "is connected and silent",
    }.get(source.state)
    if said is not None:
        yield Condition(
            key=f"{Kind.FEED} {source.channel}",
            kind=Kind.FEED,
            priority=Priority.CAUTION,
            text=short(f"{source.speaker} {said}"),
        )


def may_know(principal: Principal, of: Condition | Entry) -> bool:
    """Tell whether somebody may know of it: whoever may see the object; all, of the node itself."""
    if not principal.takes_part_in(of.context):
        return False
    return of.groups is None or not of.groups.isdisjoint(principal.hears)


def short(text: str) -> str:
    """Return the text of an alert, not longer than one has."""
    return text if len(text) <= MAX_TEXT else f"{text[: MAX_TEXT - 1]}…"
