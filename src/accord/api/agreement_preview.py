"""What an agreement would have let out of what a node heard in the last hours."""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain

from accord.api.partner_picture import finite, geometry_of, point_of
from accord.api.problem import Problem
from accord.api.story import onward_of
from accord.core.agreement import Situation
from accord.core.body import Position
from accord.core.principal import Principal
from accord.core.report import Report
from accord.core.rfc3339 import spell
from accord.release.access import may_see
from accord.release.fault import AgreementError
from accord.release.loaded import Loaded
from accord.release.preview import Preview, Shown, preview
from accord.storage.agreements import Agreements, proved
from accord.storage.segment import OpenSegment, Record
from accord.wire.page.translate import Given, meta_of

MAX_HOURS = 24

MAX_REPORTS = 50_000
"""Reports that are looked at; of more the newest."""

MAX_SAMPLE = 500
"""Objects that are shown, each as it would have been released last."""

LOOKED_AT = 256
"""Reports between two looks at the time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """What the node has kept. `segments` are those since a time (seconds), the newest first."""

    segments: Callable[[float], Iterable[OpenSegment]]
    report_of: Callable[[Record], Report | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Which text is tried, towards whom (empty: its first receiver), on how many hours, for whom.

    `is_late`: tells that what was read so far must do.
    """

    text: bytes
    own: str
    partner: str
    hours: int
    at: datetime
    by: Principal
    is_late: Callable[[], bool]


def previewed(question: Question, held: Agreements, past: Past) -> dict[str, object]:
    """Return counts by clause, and some of what the partner would have seen, for the page.

    AgreementError: the text does not load. Problem: it gives that partner nothing of this node.
    """
    loaded = proved(question.text, held.areas())
    partner = _partner(loaded, question)
    situation = Situation(
        own=question.own,
        partner=partner,
        synchronised=True,
        onward=onward_of(held.unproved(), question.own, question.at),
    )
    reading = _Reading(question, past, partner)
    reports = reading.oldest_first()
    found = preview(reports, loaded, situation)
    visible = reading.visible
    return {
        "ok": True,
        "id": loaded.agreement.id,
        "serial": loaded.agreement.serial,
        "partner": partner,
        "receivers": [each for each in loaded.agreement.receivers if each != question.own],
        "since": spell(reading.since),
        "until": spell(question.at),
        "complete": reading.is_complete,
        "looked_at": found.looked_at,
        "released": list(_released(found, loaded)),
        "withheld": list(_withheld(found, loaded)),
        "sample": _sample(found, visible, loaded),
    }


def faults_json(error: AgreementError) -> list[dict[str, object]]:
    """Return what is wrong with a text."""
    return [
        {"line": each.line, "clause": each.clause, "sentence": each.sentence}
        for each in error.faults
    ]


def _partner(loaded: Loaded, question: Question) -> str:
    terms = loaded.agreement
    if question.own not in terms.givers:
        raise Problem(400, f"{question.own} gives nothing by this text", parameter="text")
    others = [each for each in terms.receivers if each != question.own]
    partner = question.partner or next(iter(others), "")
    if partner not in others:
        raise Problem(400, f"that is none of its receivers: {', '.join(others)}",
                      parameter="partner")  # fmt: skip
    return partner


class _Reading:
    """Reads the newest reports back to the first hour that is wanted, as far as there is time.

    `visible` are the numbers of those, by uid and receipt, that whoever asks may see.
    """

    def __init__(self, question: Question, past: Past, partner: str) -> None:
        self.since: datetime = question.at - timedelta(hours=question.hours)
        self.is_complete = True
        self.visible: set[tuple[str, datetime]] = set()
        self._question = question
        self._past = past
        self._partner = partner

    def oldest_first(self) -> list[Report]:
        """Return the reports."""
        found: list[Report] = []
        for record in self._records():
            report = self._past.report_of(record)
            if report is None:
                continue
            found.append(report)
            if not record.to and may_see(self._question.by, record):
                self.visible.add((report.uid, report.received))
        found.sort(key=lambda each: each.received)
        if not self.is_complete and found:
            self.since = found[0].received
        return found

    def _records(self) -> Iterator[Record]:
        since = self.since.timestamp()
        rows = chain.from_iterable(map(_newest_first, self._past.segments(since)))
        taken = 0
        for looked, record in enumerate(rows):
            if taken >= MAX_REPORTS or (looked % LOOKED_AT == 0 and self._question.is_late()):
                self.is_complete = False
                return
            source = record.source
            if record.received.timestamp() < since or self._partner in (source.node, *source.hops):
                continue
            taken += 1
            yield record


def _newest_first(segment: OpenSegment) -> Iterator[Record]:
    for index in range(len(segment) - 1, -1, -1):
        yield segment.record(index)


def _titles(loaded: Loaded) -> dict[str, str]:
    return {each.number: each.title for each in loaded.agreement.clauses}


def _released(found: Preview, loaded: Loaded) -> Iterator[dict[str, object]]:
    objects: Counter[tuple[str, str]] = Counter()
    for clause, form, _ in {(each.clause, each.form, each.was.uid) for each in found.shown}:
        objects[clause, form] += 1
    titles = _titles(loaded)
    for (clause, form), reports in sorted(found.released.items()):
        yield {
            "clause": clause, "title": titles.get(clause, ""), "form": form,
            "reports": reports, "objects": objects[clause, form],
        }  # fmt: skip


def _withheld(found: Preview, loaded: Loaded) -> Iterator[dict[str, object]]:
    titles = _titles(loaded)
    for (reason, clause), reports in found.withheld.most_common():
        yield {
            "clause": clause or "", "title": titles.get(clause or "", ""), "reason": reason.name,
            "reports": reports,
        }  # fmt: skip


def _sample(
    found: Preview, visible: set[tuple[str, datetime]], loaded: Loaded
) -> dict[str, object]:
    last: dict[str, Shown] = {}
    for each in found.shown:
        if (each.was.uid, each.was.received) in visible:
            last[each.was.uid] = each
    grids = {form.name for form in loaded.agreement.forms if form.cell is not None}
    newest = sorted(last.values(), key=lambda each: each.at, reverse=True)[:MAX_SAMPLE]
    return {
        "type": "FeatureCollection",
        "features": [
            _feature(number, each, on_grid=each.form in grids)
            for number, each in enumerate(newest, start=1)
        ],
        "left_out": len(last) - len(newest),
    }


def _feature(number: int, shown: Shown, *, on_grid: bool) -> dict[str, object]:
    report, point = shown.report, point_of(shown.report)
    body = report.body
    moves = body if isinstance(body, Position) else Position(point=None)
    ttl = math.ceil((report.stale - report.time).total_seconds())
    given = Given(shown.form, on_grid=on_grid)
    meta = meta_of(report, point, given=given, hears=frozenset(), ttl=ttl, claims=1)
    return {
        "type": "Feature",
        "id": number,
        "geometry": geometry_of(report),
        "properties": finite({
            "clause": shown.clause,
            "form": shown.form,
            "happened": spell(report.time),
            "released": spell(shown.at),
            "lat": None if point is None else point.lat,
            "lon": None if point is None else point.lon,
            "course": moves.course,
            "speed": moves.speed,
            "stale": False,
            "meta": {**meta, "partner": None},
        }),
    }  # fmt: skip
