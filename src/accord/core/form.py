"""Release forms: how much of a report a partner is given. `release/reduce.py` applies them.

A form with a cell tells where an object is to within a square. Rounding alone is undone by whoever
fits a track to the times at which cells are crossed, so such a form also has a cadence and a secret
offset, and keeps nothing by which the position could be worked out again.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class Kept(StrEnum):
    """What a form can keep of a report; what it does not keep is removed."""

    TIME = "time"
    """The times to the full; else they are rounded to the cadence."""
    TYPE_DETAIL = "type-detail"
    """The whole type, and the category of an alarm; else only the sort of thing and its side."""
    HOW = "how"
    """How the position was come by; else only whether a person or a machine gave it."""
    HEIGHT = "height"
    COURSE = "course"
    SPEED = "speed"
    CLIMB = "climb"
    CALLSIGN = "callsign"
    NAME = "name"
    MMSI = "mmsi"
    IMO = "imo"
    ICAO = "icao"
    NATION = "nation"
    REMARKS = "remarks"
    """Free text: the words of a message and the name of its room."""
    ADDRESSEES = "addressees"
    GROUPS = "groups"
    SOURCE = "source"


EVERYTHING = frozenset(Kept)
REGISTERED = frozenset({Kept.MMSI, Kept.IMO, Kept.ICAO})
"""Numbers that the uid of a ship or an aircraft is made of."""
NAMING = REGISTERED | {Kept.CALLSIGN, Kept.NAME, Kept.REMARKS, Kept.ADDRESSEES, Kept.SOURCE}
"""What says which object it is, so that a pseudonym beside it hides nothing."""
PINPOINTING = frozenset(
    {Kept.TIME, Kept.HEIGHT, Kept.COURSE, Kept.SPEED, Kept.CLIMB, Kept.REMARKS, Kept.SOURCE}
)
"""What a position can be worked out from, or may be written in, however coarse the grid."""

MIN_CELL = 10.0
"""Metres; below, a cell is no coarser than a fix."""
MAX_CELL = 1_000_000.0
"""Metres; a tenth of the way from the equator to a pole."""
MIN_OFFSET = 0.4
MAX_OFFSET = 0.5
"""Parts of a cell; with less, a fitted track would come closer than a quarter of the cell."""
MIN_CADENCE = timedelta(seconds=1)
MAX_DELAY = timedelta(days=366)
"""What a cadence and a minimum age can be at most."""


class Naming(StrEnum):
    """Under which uid an object is released."""

    KEPT = "kept"
    PSEUDONYM = "pseudonym"
    """One per partner and object, which tells nothing of the uid."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseForm:
    """One rung of the ladder. Raises ValueError, in a sentence, for one that would not hold.

    `exact` is everything, the bytes as received included. `cell` is the side of a grid square in
    metres; `offset` the secret shift per track, in cells, along the axis that it is longer on.
    `cadence` is the least time between two releases of one object. `min_age` is the least age of
    what is released. `presence_only` tells that there is such an object, and not where.
    """

    name: str
    exact: bool = False
    cell: float | None = None
    offset: float = 0.0
    cadence: timedelta | None = None
    min_age: timedelta = timedelta(0)
    keep: frozenset[Kept] = frozenset()
    identity: Naming = Naming.KEPT
    presence_only: bool = False

    def __post_init__(self) -> None:
        for fault in _faults(self):
            raise ValueError(f"form {self.name!r} {fault}")


def _faults(form: ReleaseForm) -> Iterator[str]:
    if not form.name:
        yield "has no name"
    if form.cadence is not None and not MIN_CADENCE <= form.cadence <= MAX_DELAY:
        yield "has a cadence that is not between a second and a year"
    if not timedelta(0) <= form.min_age <= MAX_DELAY:
        yield "has a minimum age that is not between nothing and a year"
    if form.exact:
        yield from _faults_of_exact(form)
        return
    yield from _faults_of_place(form)
    yield from _faults_of_naming(form)
    if Kept.TIME not in form.keep and form.cadence is None:
        yield "does not keep the time, so it needs a cadence to round it to"


def _faults_of_exact(form: ReleaseForm) -> Iterator[str]:
    if form.keep != EVERYTHING:
        yield "is exact, so it keeps everything"
    if form.cell is not None or form.offset or form.presence_only:
        yield "is exact, so it has no cell, no offset and a position"
    if form.identity is not Naming.KEPT:
        yield "is exact, so it keeps the identity"


def _faults_of_place(form: ReleaseForm) -> Iterator[str]:
    sharp = form.keep & PINPOINTING
    if form.presence_only and (form.cell is not None or form.offset):
        yield "tells presence only, so it has no cell and no offset"
    if sharp and (form.presence_only or form.cell is not None):
        yield f"cannot keep {_listed(sharp)}: the position could be worked out from it"
    if form.cell is None:
        if form.offset:
            yield "has an offset, so it needs a cell"
        return
    if not MIN_CELL <= form.cell <= MAX_CELL:
        yield f"has a cell of {form.cell:g} m, which is not in {MIN_CELL:g} to {MAX_CELL:g} m"
    if form.cadence is None:
        yield "has a cell, so it needs a cadence: rounding alone is undone by fitting a track"
    if not MIN_OFFSET <= form.offset <= MAX_OFFSET:
        yield (
            f"has a cell, so it needs an offset of {MIN_OFFSET:g} to {MAX_OFFSET:g} cells: "
            "rounding alone is undone by fitting a track"
        )


def _faults_of_naming(form: ReleaseForm) -> Iterator[str]:
    if form.identity is Naming.PSEUDONYM:
        if names := form.keep & NAMING:
            yield f"replaces the identity, so it cannot keep {_listed(names)}"
    elif lacking := REGISTERED - form.keep:
        yield (
            f"keeps the identity but not {_listed(lacking)}, which the uid of a ship or an "
            "aircraft is made of: keep them, or replace the identity"
        )


def _listed(words: Iterable[Kept]) -> str:
    return ", ".join(sorted(words))


def check_ladder(forms: tuple[ReleaseForm, ...]) -> None:
    """Raise ValueError, in a sentence, unless the forms can stand in this order, best first.

    Names are used once, and none gives all that one before it gives, and more.
    """
    for place, form in enumerate(forms):
        for before in forms[:place]:
            if before.name == form.name:
                raise ValueError(f"two forms are called {form.name!r}")
            if gives_at_least(form, before) and not gives_at_least(before, form):
                raise ValueError(
                    f"form {form.name!r} gives more than {before.name!r}, so it stands before it"
                )


def gives_at_least(form: ReleaseForm, other: ReleaseForm) -> bool:
    """Tell whether `form` gives in every respect as much as `other`."""
    return (
        form.exact >= other.exact
        and _coarseness(form) <= _coarseness(other)
        and (form.cadence or timedelta(0)) <= (other.cadence or timedelta(0))
        and form.min_age <= other.min_age
        and form.keep >= other.keep
        and (form.identity is Naming.KEPT or other.identity is Naming.PSEUDONYM)
    )


def _coarseness(form: ReleaseForm) -> float:
    return float("inf") if form.presence_only else form.cell or 0.0
