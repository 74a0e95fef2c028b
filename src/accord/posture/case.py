"""One case of an answer: what stands first in it, and the parts that are worked out for it."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import h3.api.basic_int as h3
import numpy as np

from accord.posture import cells
from accord.posture.answer import (
    Bar,
    Case,
    Figures,
    Line,
    Place,
    Seen,
    Share,
    Shown,
    WhileKept,
)
from accord.posture.applied import Applied, apply
from accord.posture.covering import best_sites
from accord.posture.feasibility import feasibility
from accord.posture.fragility import Loss, fragility, who_meets
from accord.posture.known import Known, Part
from accord.posture.model import Area, Capability, Deploy, Domain, Scenario
from accord.posture.patrols import surveillance
from accord.posture.presence import presence
from accord.posture.response import (
    THRESHOLDS,
    Change,
    Measured,
    Transit,
    by_cell,
    compare,
    measure,
    respond,
)
from accord.posture.sensitivity import bars
from accord.posture.share import shares_of_service
from accord.posture.spell import SMALL_SHARE
from accord.posture.stations import Flags, Post
from accord.posture.view import SEARCH_ROLE, View
from accord.posture.written import digest

SHARE_HOURS = {Domain.AIR: (24, 72), Domain.SEA: (72, 120)}
"""The two thresholds at which the sharing of the load is told: it hangs on them."""

MORE_UNITS = (1, 2)
"""For so many more units the best places are sought."""

MUCH_SERVICE = 0.05
"""Of places and draws: so much more that is served, or is not, weighs more than any hours."""

Bars = tuple[Bar, ...]
Places = tuple[Place, ...]


class Ground:
    """What all cases of an answer share: the scenario, its main area, the posture without."""

    def __init__(self, scenario: Scenario, area: Area, without: View, days: int) -> None:
        self.scenario = scenario
        self.area = area
        self.without = without
        self.days = days
        self.cells = tuple(sorted(area.cells))
        self.sizes = np.array([cells.size_km2([each]) for each in self.cells])

    def seen(self, view: View, known: Known) -> Part[Seen]:
        """Return how likely a place of the main area is seen."""
        key = f"seen {view.mark(Capability(SEARCH_ROLE))}"
        return known.part(Seen, key, lambda: self._seen(view))

    def _seen(self, view: View) -> Seen:
        transit = view.transit(self.cells)
        return surveillance(view.applied.scenario, view.posts, transit, self.sizes, days=self.days)

    def cells_of(self, name: str) -> tuple[int, ...]:
        """Return the cells of an area, or that of a named place."""
        area = self.scenario.areas.get(name)
        if area is not None:
            return tuple(sorted(area.cells))
        place = next(each for each in self.scenario.places if each.name == name)
        return (h3.latlng_to_cell(place.lat, place.lon, cells.RESOLUTION),)


class Draft:
    """One case: its `parts` are worked out before it is asked for the case."""

    def __init__(self, ground: Ground, view: View, lines: Sequence[Line], known: Known) -> None:
        self._ground = ground
        self._view = view
        self._lines = tuple(lines)
        headline = _headline(lines, ground.area.id, lambda each: len(view.able(each)))
        cost = _cost([each for each in lines if each.area in ground.scenario.areas])
        self._seen = ground.seen(view, known) if view.searches else None
        self._told = None if headline is None else _Told(ground, view, (headline, cost), known)
        self._headline, self._cost = headline, cost

    @property
    def parts(self) -> "Iterator[Part[Any]]":
        """What is to be worked out for it."""
        if self._seen is not None:
            yield self._seen
        if self._told is not None:
            yield from self._told.parts()

    def find_ways(self) -> None:
        """Look for the ways that its parts want, before many work on them at once."""
        if self._told is not None:
            self._told.find_ways()

    def case(self) -> Case:
        """Return the case, of parts that were worked out."""
        applied, told, headline = self._view.applied, self._told, self._headline
        figures = None if told is None else told.figures.value
        return Case(
            commitments=self._view.names,
            applied=applied,
            lines=self._lines,
            headline=headline,
            most=_most(self._lines, self._ground.area.id, headline),
            cost=self._cost,
            while_kept=told.kept.value if told is not None and told.kept is not None else None,
            presence=presence(applied.scenario),
            seen=None if self._seen is None else self._seen.value,
            shares=() if figures is None else figures.shares,
            losses=() if figures is None else figures.losses,
            feasibility=tuple(feasibility(applied)),
            bars=() if told is None else told.bars.value,
            places=() if told is None or told.places is None else told.places.value,
            shown=None if figures is None else figures.shown,
        )


class _Told:
    """What is told of a headline: of its capability in the main area, and what it rests on."""

    def __init__(
        self, ground: Ground, view: View, first: tuple[Line, Line | None], known: Known
    ) -> None:
        self._ground = ground
        self._view = view
        self._headline, self._cost = first
        self._capability = self._headline.capability
        self.figures = known.part(Figures, self._key("figures", ground.area.id), self._figures)
        doing = digest(view.doing(self._capability))
        self.bars = known.part(Bars, self._key("bars", self._headline.area, doing), self._bars)
        self._moved = self._first_moved()
        self.places = self._places(known)
        self.kept = self._while_kept(known)

    def parts(self) -> "Iterator[Part[Any]]":
        """Yield what is to be worked out."""
        yield self.figures
        yield self.bars
        if self.places is not None:
            yield self.places
        if self.kept is not None:
            yield self.kept

    def _key(self, *words: str) -> str:
        return " ".join((*words, str(self._capability), self._view.mark(self._capability)))

    def _figures(self) -> Figures:
        return Figures(
            shares=tuple(self._shares()), losses=tuple(self._losses()), shown=self._shown()
        )

    def _shares(self) -> Iterator[Share]:
        view, size = self._view, len(self._ground.cells)
        weights = np.full(size, 1.0 / size)
        for hours in _hours(self._capability):
            transit = view.transit(self._ground.cells)
            meets = who_meets(view.able(self._capability), transit, hours=hours)
            parts = shares_of_service(meets, weights)
            yield Share(capability=self._capability, hours=hours, parts=parts)

    def _losses(self) -> list[Loss]:
        return fragility(
            self._view.able(self._capability),
            self._view.transit(self._ground.cells),
            hours=_hours(self._capability)[-1],
            shape=(self._view.draws, len(self._ground.cells)),
        )

    def _shown(self) -> Shown:
        """Return the maps within those hours at which most changes."""
        before = self._ground.without.hours(self._capability, self._ground.cells)
        after = self._view.hours(self._capability, self._ground.cells)
        usual = _hours(self._capability)[0]
        at = {limit: (by_cell(before, limit), by_cell(after, limit)) for limit in THRESHOLDS}
        hours = max(
            THRESHOLDS,
            key=lambda each: (float(np.abs(at[each][1] - at[each][0]).sum()), each == usual),
        )
        then, now = at[hours]
        return Shown(capability=self._capability, hours=hours, before=then, after=now)

    def _bars(self) -> Bars:
        movers = self._view.movers_of(self._capability)
        places = self._ground.cells_of(self._headline.area)

        def figure(scenario: Scenario, change: Callable[[Transit], Transit]) -> float | None:
            then = self._response(Applied(scenario=scenario), places, change)
            now = self._response(apply(scenario, self._view.commitments), places, change)
            found = compare(then, now).difference
            return None if found is None else found.mean

        return bars(self._ground.scenario, figure, movers, self._capability)

    def _response(
        self, applied: Applied, places: tuple[int, ...], change: Callable[[Transit], Transit]
    ) -> Measured:
        view = self._view.of(applied)
        able, transit = view.able(self._capability), change(view.transit(places))
        return measure(respond(able, transit, len(places), view.draws))

    def find_ways(self) -> None:
        """Look for the ways that its parts want."""
        moved, places = self._moved, self.places
        if moved is not None and places is not None and not places.is_known:
            transit = self._view.transit(self._ground.cells)
            for each in self._sites(moved):
                transit(each)

    def _first_moved(self) -> Deploy | None:
        """Return what is moved first, if it has the capability."""
        moves = (each for each in self._view.effects if isinstance(each, Deploy))
        effect, classes = next(moves, None), self._ground.scenario.classes
        is_told = effect is not None and classes[effect.platform].can(self._capability)
        return effect if is_told else None

    def _sites(self, moved: Deploy) -> list[Post]:
        """Return from where one more of what is moved could work."""
        domain = self._ground.scenario.classes[moved.platform].domain
        return [
            Post(moved.partner, moved.platform, each.id)
            for each in self._view.applied.scenario.bases.values()
            if domain in each.serves and each.is_open_to(moved.partner)
        ]

    def _places(self, known: Known) -> Part[Places] | None:
        moved = self._moved
        if moved is None:
            return None
        key = self._key("places", self._ground.area.id, moved.partner, moved.platform)
        return known.part(Places, key, lambda: tuple(self._best(moved)))

    def _best(self, moved: Deploy) -> Iterator[Place]:
        view, ground, sites = self._view, self._ground, self._sites(moved)
        platform = ground.scenario.classes[moved.platform]
        hours = _hours(self._capability)[0]
        transit, notice = view.transit(ground.cells), platform.notice.value.likely
        covers: Flags = np.array([transit(each) + notice <= hours for each in sites])
        late = view.hours(self._capability, ground.cells) > hours
        unserved = late.mean(axis=0) / len(ground.cells)
        for count in MORE_UNITS:
            found = best_sites(covers, unserved, count=count)
            if len(found.sites) < count or found.gain < SMALL_SHARE:
                break  # one more adds next to nothing, wherever it stands
            yield Place(
                platform=platform.id,
                capability=self._capability,
                hours=hours,
                bases=tuple(sites[each].base for each in found.sites),
                gain=found.gain,
                gap=found.gap,
            )

    def _while_kept(self, known: Known) -> Part[WhileKept] | None:
        """Return headline and cost on the days of one commitment alone, where these are not all."""
        kept = self._view.kept
        if len(self._view.commitments) > 1 or kept.all() or not kept.any():
            return None
        lines = [each for each in (self._headline, self._cost) if each is not None]
        about = [f"{each.area} {self._view.mark(each.capability)}" for each in lines]
        key = self._key("while kept", *about, digest(kept))
        return known.part(WhileKept, key, lambda: self._on(kept))

    def _on(self, kept: Flags) -> WhileKept:
        cost = self._cost
        return WhileKept(
            share=float(kept.mean()),
            headline=self._then(self._headline, kept),
            cost=None if cost is None else self._then(cost, kept),
        )

    def _then(self, line: Line, kept: Flags) -> Change:
        places = self._ground.cells_of(line.area)
        before, after = (
            measure(each.hours(line.capability, places)[kept])
            for each in (self._ground.without, self._view)
        )
        return compare(before, after)


def _hours(capability: Capability) -> tuple[int, int]:
    return SHARE_HOURS[capability.domain or Domain.SEA]


def _headline(lines: Sequence[Line], main: str, posts: Callable[[Capability], int]) -> Line | None:
    """Return the line of what most posts can do: what few can do says little of partners."""
    there = [each for each in lines if each.area == main] or list(lines)
    return max(there, key=lambda each: (posts(each.capability), _size(each)), default=None)


def _most(lines: Sequence[Line], main: str, headline: Line | None) -> Line | None:
    """Return what changes more than the headline where that is told of, and most of all."""
    if headline is None:
        return None
    there = [each for each in lines if each.area == headline.area == main]
    served = max(there, key=_service, default=headline)
    if _service(served) >= _service(headline) + MUCH_SERVICE:
        return served
    most = max(there, key=_size, default=headline)
    return most if _size(most) > _size(headline) else None


def _service(line: Line) -> float:
    return abs(line.change.after.served - line.change.before.served)


def _size(line: Line) -> tuple[float, float]:
    by = line.change.difference
    return (abs(by.mean) if by else 0.0, _service(line))


def _cost(lines: Sequence[Line]) -> Line | None:
    later = [each for each in lines if each.change.difference and each.change.difference.low > 0]
    if later:
        return max(later, key=_size)
    fewer = [each for each in lines if each.change.after.served < each.change.before.served]
    return max(
        fewer, key=lambda each: each.change.before.served - each.change.after.served, default=None
    )
