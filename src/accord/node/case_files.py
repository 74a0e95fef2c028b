"""The cases of a node's directory, and what its journal tells of units: the node runs or not."""

import heapq
import math
from collections.abc import Generator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from accord.config import load
from accord.core.clock import SystemClock
from accord.core.context import LIVE, Context
from accord.core.errors import AccordError
from accord.core.principal import Principal
from accord.core.report import Report
from accord.core.track import Track
from accord.desks.sar.cases import Cases
from accord.desks.sar.covered import own_speaker, speaker_of
from accord.desks.sar.facts import Known
from accord.desks.sar.store import CASES
from accord.feeds.settings import Format
from accord.live.asked import Asked
from accord.live.long_ago import LongAgo
from accord.live.past import Past, spelt
from accord.node import kept
from accord.node.directory import JOURNAL
from accord.node.history_reading import archive_of
from accord.picture.picture import Picture
from accord.picture.query import Filter
from accord.storage import charts
from accord.storage.database import Reader, StorageFault
from accord.storage.partners import PARTNERS, Partners
from accord.storage.restore import Restoration
from accord.storage.segment import DamagedSegment, OpenSegment, Origin
from accord.wire.geojson.translate import uid_of as feature_uid

_PLACES = frozenset({"position", "alarm"})
_HAZARDS = frozenset({"position", "shape"})

_OF_HAZARDS = (Format.GDACS, Format.CAP)

POINTS = 5_000
"""Positions of one unit that one question is answered with; more are thinned evenly."""

_DAY = 86_400.0

FORCING = Path("sar-forcing")
"""The folder of files of wind and current that cases refer to."""


def known(directory: Path) -> Known:
    """Return what cases of a node's directory are worked out with."""
    return Known(
        objects=charts.leeway(),
        sweeps=charts.sweep_widths(),
        sea=charts.sea_mask(),
        forcing=directory / FORCING,
    )


def cases_of(directory: Path) -> Cases:
    """Return the cases of a node's directory. AccordError where there is no node."""
    settings = load(directory)
    cases = Cases(
        directory / CASES, node=settings.node.id, known=known(directory),
        partners=lambda: partners(directory),
    )  # fmt: skip
    cases.store.prepare()
    return cases


def _asked_by_owner(context: Context, since: float, until: float) -> Asked:
    return Asked(
        by=Principal(name="owner"), context=context, since=since, until=until, parts=POINTS,
        is_owner=True,
    )  # fmt: skip


@contextmanager
def _past(directory: Path) -> Generator[Past, None, None]:
    """Open what the journal holds of the past, and the history where the node keeps one."""
    settings = load(directory)
    defaults = settings.default_markings()
    archive = archive_of(directory, settings, SystemClock())
    beyond = LongAgo(archive, defaults) if settings.history.keep else None
    try:
        yield kept.past(directory, defaults, beyond)
    except StorageFault as fault:
        raise AccordError(f"the journal of {directory} cannot be read: {fault}") from None
    finally:
        archive.close()


def courses(
    directory: Path, uids: frozenset[str], context: Context, since: datetime, until: datetime
) -> Mapping[str, Sequence[Report]]:
    """Return where units were, for the command line: by the journal, and the history beyond it."""
    if not (directory / JOURNAL).is_file():
        return {}
    with _past(directory) as past:
        asked = _asked_by_owner(context, since.timestamp(), until.timestamp())
        return past.said(asked, uids)


def tracks(directory: Path, context: Context, now: datetime) -> list[Track]:
    """Return the picture of a context by the journal, of all groups: for the directory's owner.

    AccordError where the node keeps no journal, or it cannot be read: then nothing is known.
    """
    settings = load(directory)
    past = kept.past(directory, settings.default_markings())
    if not (directory / JOURNAL).is_file():
        raise AccordError(f"{directory} has no journal, so nothing is known of who is where")
    limits = settings.picture
    found = Restoration(
        settings.journal, now=now, max_age=limits.max_age,
        max_stale=limits.lost_after + limits.removed_after,
        wanted=lambda origin: origin.context == context and origin.body != "message",
    )  # fmt: skip
    picture = Picture(limits)
    try:
        with closing(past.reader()) as reader:
            _look(found, reader)
            recalled = past.recalls(reader)
    except StorageFault as fault:
        raise AccordError(f"the journal of {directory} cannot be read: {fault}") from None
    for record in found.records():
        report = past.report_of(record)
        hidden = recalled.hides(record.source.channel, record.uid, record.sequence)
        if report is not None and not hidden:
            picture.apply(report)
    while picture.expire(now):
        pass
    return list(picture.tracks(Filter(context=context)))


def _look(found: Restoration, reader: Reader) -> None:
    for each in reader.newest_first(found.since):
        if found.is_full():
            return
        with suppress(DamagedSegment):
            found.look(OpenSegment(each.data, each.newest), is_durable=each.is_durable)


def newest(
    directory: Path,
    uid: str,
    context: Context | None = None,
    *,
    bodies: frozenset[str] = _PLACES,
) -> Report:
    """Return the newest that the journal has of where an object is, in a context where one is said.

    Of what its own speaker said: what others say of it does not count. AccordError: it has nothing.
    """
    defaults, name = load(directory).default_markings(), spelt(uid)
    found = [
        segment.record(index)
        for segment in kept.segments(directory, holding=name)
        for index, each in enumerate(segment.uids())
        if each == name and _is_one(segment.table[segment.origins[index]], bodies, context)
    ]
    last = heapq.nlargest(POINTS, found, key=lambda each: each.received)
    reports = [report for each in last if (report := kept.report_of(each, defaults)) is not None]
    speaker = own_speaker(reports)
    for report in reports:
        if speaker_of(report) == speaker:
            return report
    beyond = _newest_beyond(directory, uid, context) if "position" in bodies else None
    if beyond is not None:
        return beyond
    raise AccordError(f"the journal of {directory} has no position of {uid}")


def _newest_beyond(directory: Path, uid: str, context: Context | None) -> Report | None:
    """Return the newest that the history has of an object which the journal does not know.

    By whoever says the most of it in its last day: the history does not say who spoke as it.
    """
    if not (directory / JOURNAL).is_file():
        return None
    with _past(directory) as past:
        if past.beyond is None:
            return None
        ever = _asked_by_owner(context or LIVE, 0.0, math.inf)
        last = past.beyond.newest(ever, {uid}).get(uid)
        if last is None:
            return None
        until = last.received.timestamp()
        asked = replace(ever, since=until - _DAY, until=until)
        reports = past.beyond.courses(asked, {uid})[uid].reports
    speaker = own_speaker(reports)
    return [each for each in reports if speaker_of(each) == speaker][-1]


def hazard(directory: Path, name: str) -> Report:
    """Return the newest that the journal has of a hazard, by GDACS or in an alert by CAP.

    Of several feeds that tell of it the last counts. AccordError: it has nothing.
    """
    feeds = [feed for feed, each in load(directory).feed.items() if each.format in _OF_HAZARDS]
    found: list[Report] = []
    for feed in feeds:
        for spelling in {name, name.upper()}:
            with suppress(AccordError):
                uid = feature_uid(feed, spelling)
                found.append(newest(directory, uid, bodies=_HAZARDS))
    if not found:
        told = (
            f"of the feeds {', '.join(feeds)}" if feeds else "and no feed of GDACS or CAP is set up"
        )
        raise AccordError(f"the journal of {directory} has no hazard {name}, {told}")
    return max(found, key=lambda each: each.received)


def _is_one(origin: Origin, bodies: frozenset[str], context: Context | None) -> bool:
    return origin.body in bodies and context in (None, origin.context)


def partners(directory: Path) -> frozenset[str]:
    """Return the node ids of the partners of a node."""
    path = directory / PARTNERS
    if not path.is_file():
        return frozenset()
    return frozenset(each.node for each in Partners(path).trusted().partners)
