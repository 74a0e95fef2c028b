"""Reads a scenario from YAML: every row with its origin, or everything that is wrong by line."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from types import MappingProxyType
from typing import TypeVar

from accord.posture import cells
from accord.posture.checks import Finding, find_faults
from accord.posture.entry import Entry, read_tree
from accord.posture.fault import Fault, ScenarioError, attempt, refuse
from accord.posture.model import (
    Area,
    AreaKind,
    Base,
    Commitment,
    Deployment,
    Domain,
    Grouping,
    Origin,
    Partner,
    Place,
    PlatformClass,
    Scenario,
    Stated,
    Unit,
)
from accord.posture.undertaking import (
    GRADES,
    MAX_COUNT,
    graded,
    read_availability,
    read_effects,
    read_notice,
    read_season,
)

T = TypeVar("T")

Zones = Mapping[str, frozenset[int]]
"""Named sets of cells that areas can be made of."""

SCHEMAS = ("accord-scenario/1", "posture-demo/0.1")
MAX_ROWS = 2000
"""Of one section."""

_BACKGROUND = ("dcp2025", "exercises", "events")
"""Sections that say what is known besides and change no number: they are not looked into."""
_SERVES = {
    "port": frozenset({Domain.SEA}),
    "air": frozenset({Domain.AIR}),
    "both": frozenset({Domain.AIR, Domain.SEA}),
}
_DOMAINS = {domain.value: domain for domain in Domain}
_KINDS = {kind.value: kind for kind in AreaKind}
_HIGHEST = 1e9


def read_scenario(text: str, *, name: str, zones: Zones = MappingProxyType({})) -> Scenario:
    """Return the scenario that a text describes. ScenarioError says everything that is wrong.

    `name` is who said what has no source of its own.
    """
    tree = read_tree(text)
    return _Reader(tree, name, zones).scenario()


class _Reader:
    """Reads one tree; gathers the faults of all its rows, and where each row stands."""

    def __init__(self, tree: Entry, name: str, zones: Zones) -> None:
        self._tree = tree
        self._name = name
        self._zones = zones
        self._faults: list[Fault] = []
        self._lines: dict[tuple[str, str], int] = {}
        self._count: dict[str, int] = {}
        schema = tree.text("schema")
        if schema not in SCHEMAS:
            raise tree.wrong("schema", f"{schema} is none of {', '.join(SCHEMAS)}")
        as_of = tree.date_if_there("asof")
        if as_of is None:
            raise tree.wrong("asof", "it is missing")
        self._as_of: date = as_of

    def scenario(self) -> Scenario:
        """Return all of it, checked as a whole."""
        for section in _BACKGROUND:
            self._tree.discard(section)
        scenario = Scenario(
            name=self._tree.text("name", self._name),
            as_of=self._as_of,
            partners=self._rows("partners", self._partner),
            groupings=self._rows("groups", self._grouping),
            bases=self._rows("bases", self._base),
            classes=self._rows("platform_classes", self._class),
            units=self._units(),
            deployments=tuple(
                self._rows("deployments", lambda row, _: self._deployment(row)).values()
            ),
            areas=self._areas(),
            commitments=self._rows("commitments", self._commitment),
            places=tuple(self._rows("places", self._place).values()),
        )
        self._attempt(self._tree.finish)
        self._faults += self._told(find_faults(scenario))
        if self._faults:
            raise ScenarioError(self._faults)
        return scenario

    def _told(self, findings: Iterable[Finding]) -> Iterator[Fault]:
        """Yield each mistake once, though a line of the fleet is many units."""
        alike: dict[tuple[int, str, str], list[str]] = {}
        for each in findings:
            line = self._lines.get((each.section, each.id), self._tree.line)
            alike.setdefault((line, each.section, each.sentence), []).append(each.id)
        for (line, section, sentence), ids in alike.items():
            others = f" and {len(ids) - 1} more" if len(ids) > 1 else ""
            yield Fault(line, f"{section} {ids[0]}{others}: {sentence}")

    def _attempt(self, action: Callable[[], T]) -> T | None:
        return attempt(action, self._faults)

    def _rows(self, section: str, reader: Callable[[Entry, str], T]) -> dict[str, T]:
        """Return what the reader makes of each row, by its id."""
        found: dict[str, T] = {}
        for row in self._entries(section):
            value = self._attempt(lambda row=row: self._row(section, row, reader))
            if value is not None:
                found[value[0]] = value[1]
        return found

    def _entries(self, section: str) -> list[Entry]:
        rows = self._attempt(lambda: self._tree.entries(section)) or []
        if len(rows) > MAX_ROWS:
            self._faults.append(
                Fault(rows[0].line, f"{section}: {len(rows)} rows; at most {MAX_ROWS} are read")
            )
            return []
        return rows

    def _row(self, section: str, row: Entry, reader: Callable[[Entry, str], T]) -> tuple[str, T]:
        self._count[section] = self._count.get(section, 0) + 1
        name = row.text("id", "") or str(self._count[section])
        self._place_row(section, name, row)
        try:
            value = reader(row, name)
        except ValueError as error:
            raise refuse(row.line, f"{section} {name}: {error}") from None
        row.finish()
        return name, value

    def _place_row(self, section: str, name: str, row: Entry) -> None:
        before = self._lines.setdefault((section, name), row.line)
        if before != row.line:
            raise refuse(row.line, f"{section}: {name} is on line {before} already")

    def _origin(self, row: Entry) -> Origin:
        return Origin(
            grade=row.choice("conf", GRADES),
            who=row.text("source", self._name),
            as_of=row.date_if_there("asof") or self._as_of,
            valid_until=row.date_if_there("valid_until"),
        )

    def _partner(self, row: Entry, name: str) -> Partner:
        return Partner(id=name, name=row.text("name"), origin=self._origin(row))

    def _grouping(self, row: Entry, name: str) -> Grouping:
        row.discard("note")
        return Grouping(
            id=name,
            name=row.text("name"),
            members=row.texts("members"),
            origin=self._origin(row),
        )

    def _base(self, row: Entry, name: str) -> Base:
        return Base(
            id=name,
            name=row.text("name"),
            country=row.text("country"),
            serves=row.choice("role", _SERVES),
            lat=row.number("lat", -90.0, 90.0),
            lon=row.number("lon", -180.0, 180.0),
            icao=row.text("icao", "") or None,
            open_to=frozenset(row.texts("open_to")) if "open_to" in row else None,
            origin=self._origin(row),
        )

    def _place(self, row: Entry, name: str) -> Place:
        return Place(
            name=row.text("name", name),
            lat=row.number("lat", -90.0, 90.0),
            lon=row.number("lon", -180.0, 180.0),
            origin=self._origin(row),
        )

    def _class(self, row: Entry, name: str) -> PlatformClass:
        origin = self._origin(row)
        swath = row.number_if_there("swath_half_nm", 0.0, _HIGHEST)
        return PlatformClass(
            id=name,
            name=row.text("name"),
            domain=row.choice("domain", _DOMAINS),
            cruise=row.number("cruise_kt", 0.0, _HIGHEST),
            sprint=row.number_if_there("sprint_kt", 0.0, _HIGHEST),
            search=row.number_if_there("search_kt", 0.0, _HIGHEST),
            radius=row.number_if_there("radius_nm", 0.0, _HIGHEST),
            reach=row.number_if_there("range_nm", 0.0, _HIGHEST),
            endurance=row.number_if_there("endurance_h", 0.0, _HIGHEST),
            swath=None if swath is None else Stated(swath, graded(row, "swath_conf", origin)),
            notice=read_notice(row, origin),
            roles=frozenset(row.texts("roles")),
            crew=row.whole("crew", 1, 10_000, 0) or None,
            lift=row.number_if_there("lift_t", 0.0, _HIGHEST),
            origin=origin,
        )

    def _units(self) -> dict[str, Unit]:
        """Return the units of the fleet's lines, and those that stand by themselves."""
        found = self._rows("units", self._one_unit)
        for line in self._rows("fleet", lambda row, _: self._fleet_line(row)).values():
            twice = [unit.id for unit in line if unit.id in found]
            if twice:
                self._faults.append(self._twice(twice[0]))
            found |= {unit.id: unit for unit in line}
        return found

    def _twice(self, unit: str) -> Fault:
        line = self._lines["units", unit]
        return Fault(line, f"fleet: {unit} is there twice; say the count on one line")

    def _fleet_line(self, row: Entry) -> list[Unit]:
        first = self._one_unit(row, "")
        count = row.whole("count", 1, MAX_COUNT)
        line = f"{first.partner}-{first.platform}-{first.home}"
        units = [replace(first, id=f"{line}-{n}") for n in range(1, count + 1)]
        for unit in units:
            self._lines["units", unit.id] = row.line
        return units

    def _one_unit(self, row: Entry, name: str) -> Unit:
        origin = self._origin(row)
        own = "notice_h" in row
        return Unit(
            id=name,
            partner=row.text("partner"),
            platform=row.text("class"),
            home=row.text("base"),
            availability=read_availability(row, origin),
            notice=read_notice(row, origin) if own else None,
            note=row.text("note", ""),
            origin=origin,
        )

    def _deployment(self, row: Entry) -> Deployment:
        return Deployment(
            unit=row.text("unit"),
            base=row.text("base", "") or None,
            season=read_season(row),
            origin=self._origin(row),
        )

    def _commitment(self, row: Entry, name: str) -> Commitment:
        origin = self._origin(row)
        return Commitment(
            id=name, text=row.text("text"), effects=read_effects(row, origin), origin=origin
        )

    def _areas(self) -> dict[str, Area]:
        """Return the areas, those made of others with the cells of these."""
        parts: dict[str, tuple[str, ...]] = {}

        def read(row: Entry, name: str) -> Area:
            parts[name] = row.texts("areas")
            return self._area(row, name)

        areas = self._rows("areas", read)
        done: dict[str, Area] = {}
        # What is wrong with these has been told; what is made of them is not wrong by that.
        unread = parts.keys() - areas.keys()
        while ready := [
            name for name in areas if name not in done and done.keys() | unread >= set(parts[name])
        ]:
            for name in ready:
                below = (done[part].cells for part in parts[name] if part in done)
                done[name] = replace(areas[name], cells=areas[name].cells.union(*below))
        self._faults += [self._unfounded(name, parts) for name in areas if name not in done]
        return {name: done[name] for name in areas if name in done}

    def _unfounded(self, name: str, parts: Mapping[str, tuple[str, ...]]) -> Fault:
        """Say why an area cannot be put together: a part is not there, or it contains itself."""
        line = self._lines["areas", name]
        gone = [part for part in parts[name] if part not in parts]
        if gone:
            return Fault(line, f"areas {name}: there is no area {gone[0]}")
        return Fault(line, f"areas {name}: a cycle: it is made of {', '.join(parts[name])}")

    def _area(self, row: Entry, name: str) -> Area:
        return Area(
            id=name,
            name=row.text("name"),
            kind=row.choice("kind", _KINDS),
            published_km2=row.number_if_there("published_area_km2", 0.0, _HIGHEST),
            cells=self._ground(row),
            note=row.text("note", ""),
            origin=self._origin(row),
        )

    def _ground(self, row: Entry) -> frozenset[int]:
        """Return the cells of everything that the row says an area is made of."""
        found = cells.of_mixed(row.texts("cells"))
        if "polygon_latlon" in row:
            found |= cells.in_outline(row.pairs("polygon_latlon"))
        for circle in row.entries("circles"):
            lat, lon = circle.number("lat", -90.0, 90.0), circle.number("lon", -180.0, 180.0)
            found |= cells.within(lat, lon, circle.number("radius_nm", 0.0, 5400.0))
            circle.finish()
        for box in row.entries("boxes"):
            south, north = box.number("south", -90.0, 90.0), box.number("north", -90.0, 90.0)
            west, east = box.number("west", -180.0, 180.0), box.number("east", -180.0, 180.0)
            found |= cells.in_box(south, west, north, east)
            box.finish()
        for zone in row.texts("zones"):
            if zone not in self._zones:
                raise row.wrong("zones", f"no zone {zone} is known")
            found |= self._zones[zone]
        return found
