"""A posture with commitments: which units move by which clause, and what cannot be done."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from accord.posture.model import (
    AddUnits,
    Base,
    Commitment,
    Deploy,
    Deployment,
    Effect,
    Origin,
    Promise,
    Scenario,
    Season,
    SetAccess,
    SetAvailability,
    SetNotice,
    Unit,
    Withdraw,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClauseRef:
    """One clause of a commitment, counted from 1."""

    commitment: str
    number: int

    def __str__(self) -> str:
        return f"{self.commitment}.{self.number}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """A unit that a clause takes from its home, to a base or out of use."""

    clause: ClauseRef
    unit: str
    source: str
    base: str | None
    season: Season


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """What a clause wants of the units of one class: so many, in a season; `found` are there."""

    clause: ClauseRef
    partner: str
    platform: str
    wanted: int
    found: int
    season: Season


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """A scenario in which commitments are kept as far as they can be."""

    scenario: Scenario
    moves: tuple[Move, ...] = ()
    demands: tuple[Demand, ...] = ()
    promises: tuple[tuple[ClauseRef, Promise], ...] = ()
    refused: tuple[tuple[ClauseRef, str], ...] = ()
    """Clauses that cannot be done at all, and why."""


def apply(scenario: Scenario, commitments: Sequence[Commitment]) -> Applied:
    """Return the scenario with the commitments; their order among themselves does not matter."""
    applied = Applied(scenario=scenario)
    for commitment in sorted(commitments, key=lambda each: each.id):
        for number, effect in commitment.clauses:
            clause = ClauseRef(commitment=commitment.id, number=number)
            applied = _with_effect(applied, clause, effect, commitment.origin)
    return applied


def _with_effect(applied: Applied, clause: ClauseRef, effect: Effect, origin: Origin) -> Applied:
    missing = _missing(applied.scenario, effect)
    if missing:
        return replace(applied, refused=(*applied.refused, (clause, missing)))
    match effect:
        case Deploy() | Withdraw():
            return _with_move(applied, clause, effect, origin)
        case AddUnits():
            return _with_units(applied, clause, effect, origin)
        case SetAvailability() | SetNotice():
            return _with_state(applied, effect)
        case SetAccess():
            return _with_access(applied, effect)
        case _:
            return replace(applied, promises=(*applied.promises, (clause, effect)))


def _missing(scenario: Scenario, effect: Effect) -> str:
    """Return what an effect names that the scenario does not have, empty where it has all.

    A statement is kept apart from what it is asked of, and may know more than that.
    """
    named = {"base": scenario.bases, "source": scenario.bases, "platform": scenario.classes}
    for attribute, known in named.items():
        name: str | None = getattr(effect, attribute, None)
        if name is not None and name not in known:
            what = "class" if attribute == "platform" else "base"
            return f"there is no {what} {name} in {scenario.name}"
    return ""


def _with_move(
    applied: Applied, clause: ClauseRef, effect: Deploy | Withdraw, origin: Origin
) -> Applied:
    scenario = applied.scenario
    base = effect.base if isinstance(effect, Deploy) else None
    source = effect.source if isinstance(effect, Deploy) else effect.base
    if base is not None and not scenario.bases[base].is_open_to(effect.partner):
        why = f"{scenario.bases[base].name} is not open to {effect.partner}"
        return replace(applied, refused=(*applied.refused, (clause, why)))
    free = [
        each
        for each in _pool(scenario, effect.partner, effect.platform, source)
        if not any(_clashes(each, other, effect.season) for other in scenario.deployments)
    ]
    taken = free[-effect.count :]
    demand = Demand(
        clause=clause,
        partner=effect.partner,
        platform=effect.platform,
        wanted=effect.count,
        found=len(taken),
        season=effect.season,
    )
    moves = tuple(
        Move(clause=clause, unit=each.id, source=each.home, base=base, season=effect.season)
        for each in taken
    )
    deployments = tuple(
        Deployment(
            unit=each.unit, base=base, season=each.season, origin=origin, because=str(clause)
        )
        for each in moves
    )
    return replace(
        applied,
        scenario=replace(scenario, deployments=scenario.deployments + deployments),
        moves=applied.moves + moves,
        # What is laid up need not be usable.
        demands=applied.demands if base is None else (*applied.demands, demand),
    )


def _pool(scenario: Scenario, partner: str, platform: str, home: str | None) -> list[Unit]:
    return sorted(
        (
            each
            for each in scenario.units.values()
            if each.partner == partner and each.platform == platform and home in (None, each.home)
        ),
        key=lambda each: each.id,
    )


def _clashes(unit: Unit, other: Deployment, season: Season) -> bool:
    return other.unit == unit.id and overlap(other.season, season)


def overlap(one: Season, other: Season) -> bool:
    """Tell whether two seasons can both hold on one day."""
    first = max((each for each in (one.first, other.first) if each), default=None)
    last = min((each for each in (one.last, other.last) if each), default=None)
    if first is not None and last is not None and last < first:
        return False
    return not one.months or not other.months or bool(one.months & other.months)


def _with_units(applied: Applied, clause: ClauseRef, effect: AddUnits, origin: Origin) -> Applied:
    new = (
        Unit(
            id=f"{effect.partner}-{effect.platform}-{effect.base}-{clause}-{number}",
            partner=effect.partner,
            platform=effect.platform,
            home=effect.base,
            availability=effect.availability,
            origin=origin,
        )
        for number in range(1, effect.count + 1)
    )
    units = applied.scenario.units | {each.id: each for each in new}
    return replace(applied, scenario=replace(applied.scenario, units=units))


def _with_state(applied: Applied, effect: SetAvailability | SetNotice) -> Applied:
    scenario = applied.scenario
    changed = {
        each.id: replace(each, availability=effect.availability)
        if isinstance(effect, SetAvailability)
        else replace(each, notice=effect.notice)
        for each in _pool(scenario, effect.partner, effect.platform, effect.base)
    }
    return replace(applied, scenario=replace(scenario, units=scenario.units | changed))


def _with_access(applied: Applied, effect: SetAccess) -> Applied:
    """Open or close a base; what the partner had there goes home when it is closed."""
    scenario = applied.scenario
    base = _opened(scenario, scenario.bases[effect.base], effect)
    gone = () if effect.is_open else tuple(_guests(scenario, effect))
    return replace(
        applied,
        scenario=replace(
            scenario,
            bases=scenario.bases | {base.id: base},
            deployments=tuple(each for each in scenario.deployments if each not in gone),
        ),
        moves=tuple(
            each
            for each in applied.moves
            if effect.is_open
            or each.base != effect.base
            or scenario.units[each.unit].partner != effect.partner
        ),
    )


def _opened(scenario: Scenario, base: Base, effect: SetAccess) -> Base:
    admitted = frozenset(scenario.partners) if base.open_to is None else base.open_to
    if effect.is_open:
        return base if base.open_to is None else replace(base, open_to=admitted | {effect.partner})
    return replace(base, open_to=admitted - {effect.partner})


def _guests(scenario: Scenario, effect: SetAccess) -> Iterator[Deployment]:
    for each in scenario.deployments:
        is_theirs = scenario.units[each.unit].partner == effect.partner
        if each.base == effect.base and is_theirs:
            yield each
