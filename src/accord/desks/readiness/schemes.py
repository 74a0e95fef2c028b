"""National schemes of readiness as tables of rules: inputs of pillars in, a level out.

The worst pillar is the unit's level. A person may move it, a step or so as the scheme has it, with
a written reason. Levels of two schemes are never compared, and none leaves the node.
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast

from accord.core.errors import AccordError


class BadScheme(AccordError):
    """A table of rules, or what is put into it, is not right; the text says where."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pillar:
    """One pillar. `bands` are the bounds of all levels but the last, best first, by kind.

    `rises` says that more is better. A pillar without bands is said in the words of the levels.
    """

    name: str
    says: str
    rises: bool = True
    bands: Mapping[str, Sequence[float]] = field(default_factory=dict[str, Sequence[float]])

    @property
    def is_said(self) -> bool:
        """Whether its level is given as a word."""
        return not self.bands

    def level(self, value: float, kind: str = "") -> int:
        """Return the place of the level, 0 for the best. Better input never gives a worse one."""
        bounds = self.bands.get(kind)
        if bounds is None:
            there = ", ".join(sorted(each for each in self.bands if each))
            raise BadScheme(f"pillar {self.name} has no kind {kind!r}; there are {there or 'none'}")
        for place, bound in enumerate(bounds):
            if value >= bound if self.rises else value <= bound:
                return place
        return len(bounds)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scheme:
    """One scheme. `levels` are best first and `says` what they mean.

    `composite` are the greatest means of units' levels for each level but the last; none: a group
    of units has no level of its own. `confidence` and `source` say how far the table can be relied
    on, and are shown with every level.
    """

    id: str
    name: str
    confidence: str
    source: str
    levels: tuple[str, ...]
    says: tuple[str, ...]
    override_steps: int
    pillars: Mapping[str, Pillar]
    composite: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """A person's own judgement: to which level, who, and why."""

    to: str
    by: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rating:
    """How a unit stands: per pillar, as computed, and as reported, which differs where moved."""

    scheme: Scheme
    pillars: Mapping[str, str]
    computed: str
    reported: str
    override: Override | None = None

    @property
    def worst(self) -> tuple[str, ...]:
        """The pillars that decide."""
        return tuple(name for name, level in self.pillars.items() if level == self.computed)


def rate(scheme: Scheme, inputs: str, override: Override | None = None) -> Rating:
    """Return the rating of inputs such as `P 82, S 95, R aircraft 55, T 10`. Raises BadScheme."""
    found = _inputs(scheme, inputs)
    lacking = [name for name in scheme.pillars if name not in found]
    if lacking:
        raise BadScheme(f"{scheme.id}: nothing is said of pillar {', '.join(lacking)}")
    places = {name: found[name] for name in scheme.pillars}
    computed = max(places.values())
    reported = computed if override is None else _moved(scheme, computed, override)
    return Rating(
        scheme=scheme,
        pillars={name: scheme.levels[place] for name, place in places.items()},
        computed=scheme.levels[computed],
        reported=scheme.levels[reported],
        override=override,
    )


def _inputs(scheme: Scheme, inputs: str) -> dict[str, int]:
    found: dict[str, int] = {}
    for part in inputs.split(","):
        name, _, said = part.strip().partition(" ")
        pillar = scheme.pillars.get(name)
        if pillar is None:
            there = ", ".join(scheme.pillars)
            raise BadScheme(f"{scheme.id} has no pillar {name!r}; there are {there}")
        if name in found:
            raise BadScheme(f"{scheme.id}: pillar {name} is said twice")
        found[name] = _level_of(scheme, pillar, said.strip())
    return found


def _level_of(scheme: Scheme, pillar: Pillar, said: str) -> int:
    if pillar.is_said:
        return _place(scheme, said)
    kind, _, number = said.rpartition(" ")
    try:
        value = float(number)
    except ValueError:
        value = float("nan")
    if not 0.0 <= value <= 100_000.0:
        raise BadScheme(f"{scheme.id}: pillar {pillar.name} is {said!r}, which is no number")
    return pillar.level(value, kind.strip())


def _place(scheme: Scheme, level: str) -> int:
    if level not in scheme.levels:
        raise BadScheme(f"{scheme.id} has no level {level!r}; there are {', '.join(scheme.levels)}")
    return scheme.levels.index(level)


def _moved(scheme: Scheme, computed: int, override: Override) -> int:
    moved = _place(scheme, override.to)
    if not override.by.strip() or not override.reason.strip():
        raise BadScheme(f"{scheme.id}: to move a level needs who does it, and why")
    if abs(moved - computed) > scheme.override_steps:
        raise BadScheme(
            f"{scheme.id}: {scheme.levels[computed]} can be moved by {scheme.override_steps}, "
            f"not to {override.to}"
        )
    return moved


def composite(scheme: Scheme, levels: Sequence[str]) -> str | None:
    """Return the level of a group of units of one scheme; None where the scheme has none."""
    if not scheme.composite or not levels:
        return None
    mean = sum(_place(scheme, each) + 1 for each in levels) / len(levels)
    reached = (place for place, bound in enumerate(scheme.composite) if round(mean, 2) <= bound)
    return scheme.levels[next(reached, len(scheme.composite))]


def read_schemes(text: str) -> Mapping[str, Scheme]:
    """Return the schemes of a TOML text. Raises BadScheme."""
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadScheme(f"the schemes are no TOML: {error}") from None
    return {id_: _scheme(id_, table) for id_, table in tables.items()}


def _scheme(id_: str, given: object) -> Scheme:
    try:
        table = cast("dict[str, object]", given)
        levels = _texts(table["levels"])
        pillars = cast("dict[str, dict[str, object]]", table["pillar"])
        scheme = Scheme(
            id=id_,
            name=str(table["name"]),
            confidence=str(table["confidence"]),
            source=str(table["source"]),
            levels=levels,
            says=_texts(table["says"]),
            override_steps=int(str(table["override_steps"])),
            pillars={name: _pillar(name, each) for name, each in pillars.items()},
            composite=_numbers(table.get("composite", [])),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise BadScheme(f"scheme {id_}: {error} is missing or not of its sort") from None
    _check(scheme)
    return scheme


def _texts(given: object) -> tuple[str, ...]:
    return tuple(map(str, cast("list[object]", given)))


def _numbers(given: object) -> tuple[float, ...]:
    return tuple(float(str(each)) for each in cast("list[object]", given))


def _pillar(name: str, table: dict[str, object]) -> Pillar:
    says = str(table["says"])
    if table.get("said") is True:
        return Pillar(name=name, says=says)
    rises = "at_least" in table
    kinds = cast("dict[str, object]", table.get("kinds", {}))
    bands = {"": table["at_least" if rises else "at_most"], **kinds}
    return Pillar(
        name=name,
        says=says,
        rises=rises,
        bands={kind: _numbers(each) for kind, each in bands.items()},
    )


def _check(scheme: Scheme) -> None:
    """Hold the tables to their shape: without it a level could get worse by better input."""
    wanted = len(scheme.levels) - 1
    if wanted < 1 or len(scheme.says) != len(scheme.levels):
        raise BadScheme(f"scheme {scheme.id}: two levels or more, and words for each")
    for pillar in scheme.pillars.values():
        for kind, bounds in pillar.bands.items():
            ordered = sorted(bounds, reverse=pillar.rises)
            if len(bounds) != wanted or list(bounds) != ordered:
                what = f"pillar {pillar.name} {kind}".strip()
                raise BadScheme(f"scheme {scheme.id}: {what} has no {wanted} bounds, best first")
    if scheme.composite and len(scheme.composite) != wanted:
        raise BadScheme(f"scheme {scheme.id}: composite has no {wanted} bounds")
