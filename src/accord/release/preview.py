"""What an agreement would have let out of a recording, before anybody signs it."""

import heapq
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from accord.core.agreement import Reason, Situation
from accord.core.body import Alarm, Position, Shape
from accord.core.geometry import Circle, Point
from accord.core.report import Report
from accord.release.cadence import Cadence
from accord.release.judge import judge
from accord.release.loaded import Loaded
from accord.release.reduce import reduce

PREVIEW_KEY = b"preview: not the key of any link"
"""A partner's real key stays with the link, so names and shifts in a preview are others."""

MAX_OBJECTS = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One report as the partner would have got it, and what it was."""

    report: Report
    was: Report
    form: str
    clause: str
    at: datetime


@dataclass(slots=True, kw_only=True)
class Preview:
    """Counts and what would have been shown; `samples` are the first few of each clause and form.

    `looked_at` counts reports, `shown` what the partner would have got of them. `withheld` counts
    the others by reason and clause.
    """

    partner: str
    looked_at: int = 0
    released: Counter[tuple[str, str]] = field(default_factory=Counter[tuple[str, str]])
    withheld: Counter[tuple[Reason, str | None]] = field(
        default_factory=Counter[tuple[Reason, str | None]]
    )
    shown: list[Shown] = field(default_factory=list[Shown])

    def samples(self, count: int) -> Iterator[Shown]:
        """Yield the first few of each clause and form."""
        seen: Counter[tuple[str, str]] = Counter()
        for each in self.shown:
            seen[each.clause, each.form] += 1
            if seen[each.clause, each.form] <= count:
                yield each


def preview(reports: Iterable[Report], loaded: Loaded, situation: Situation) -> Preview:
    """Return what the partner would have got, had each report been decided when it was received.

    What is too young for the form it may leave in is looked at again when it is old enough; of each
    object one report waits at a time, as the cadence of such a form lets no more out.
    """
    play = _Play(loaded, situation)
    for report in reports:
        play.until(report.received)
        play.look_at(report, report.received)
    play.until(None)
    return play.result


def features(found: Preview) -> Iterator[dict[str, object]]:
    """Yield what would have been shown as GeoJSON features (RFC 7946)."""
    for each in found.shown:
        point = _point(each.report)
        yield {
            "type": "Feature",
            "geometry": None if point is None else {
                "type": "Point", "coordinates": [point.lon, point.lat],
            },
            "properties": {
                "uid": each.report.uid,
                "kind": str(each.report.kind),
                "time": each.report.time.isoformat(),
                "error_m": None if point is None else point.circular_error,
                "form": each.form,
                "clause": each.clause,
            },
        }  # fmt: skip


def geojson(found: Preview) -> str:
    """Return all features as one GeoJSON document."""
    collection = {"type": "FeatureCollection", "features": list(features(found))}
    return json.dumps(collection, indent=1)


class _Play:
    """A recording on its way past an agreement."""

    def __init__(self, loaded: Loaded, situation: Situation) -> None:
        self.result = Preview(partner=situation.partner)
        self._loaded = loaded
        self._situation = situation
        self._memory = Cadence(limit=MAX_OBJECTS)
        self._waiting: list[tuple[datetime, int, Report]] = []
        self._waits: set[str] = set()

    def look_at(self, report: Report, at: datetime) -> None:
        self.result.looked_at += 1
        self._decide(report, at)

    def until(self, now: datetime | None) -> None:
        """Look again at what has become old enough by now; None: at all that waits."""
        while self._waiting and (now is None or self._waiting[0][0] <= now):
            due, _, report = heapq.heappop(self._waiting)
            self._waits.discard(report.uid)
            self._decide(report, due)

    def _decide(self, report: Report, at: datetime) -> None:
        said = judge(report, self._loaded, at, self._situation)
        if said.form is None or said.clause is None:
            reason = said.reason or Reason.NOT_PERMITTED
            if reason is Reason.TOO_YOUNG and self._wait(report, at):
                return
            self.result.withheld[reason, said.clause] += 1
            return
        reduced = reduce(report, said.form, partner_key=PREVIEW_KEY, at=at, memory=self._memory)
        if isinstance(reduced, Reason):
            self.result.withheld[reduced, said.clause] += 1
            return
        self.result.released[said.clause, said.form.name] += 1
        self.result.shown.append(
            Shown(report=reduced, was=report, form=said.form.name, clause=said.clause, at=at)
        )

    def _wait(self, report: Report, at: datetime) -> bool:
        born = max(report.time, report.received)
        ages = (form.min_age for form in self._loaded.agreement.forms)
        due = min((born + age for age in ages if born + age > at), default=None)
        if due is None or report.uid in self._waits:
            return False
        self._waits.add(report.uid)
        heapq.heappush(self._waiting, (due, self.result.looked_at, report))
        return True


def _point(report: Report) -> Point | None:
    match report.body:
        case Position(point=point) | Alarm(point=point):
            return point
        case Shape(outline=Circle(centre=centre)):
            return centre
        case Shape(anchor=anchor):
            return anchor
        case _:
            return None
