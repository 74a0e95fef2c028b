"""Who plays in the demonstration: nodes, their clients, and the invented ships they tell of."""

from collections.abc import Mapping
from dataclasses import dataclass, field

GROUP = "Watch"
"""The group of every client and feed, and of what partners release."""


@dataclass(frozen=True, slots=True)
class Invented:
    """A ship, aircraft or boat that exists only in the demonstration; `marks` are its own."""

    name: str
    kind: str
    marks: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """One node: `clients` and round which latitude and longitude each of them moves.

    `marking` is put on what its clients say without one; `feeds` are recordings and their marks.
    By the agreements what is called `crosses` reaches every partner's clients, and none of `stays`.
    """

    node: str
    marking: str
    clients: Mapping[str, tuple[float, float]]
    crosses: str
    stays: tuple[str, ...] = ()
    invented: tuple[Invented, ...] = ()
    feeds: Mapping[str, tuple[str, str]] = field(default_factory=dict[str, tuple[str, str]])

    def others(self, name: str) -> str:
        """Return the client that a client of this node talks to."""
        return next(each for each in self.clients if each != name)


NZL = Party(
    node="NZL",
    marking="(U//REL TO AUS, USA)",
    # The first in Wellington harbour, inside the strip that is never shown; the second north of it.
    clients={"KIWI-1": (-41.2790, 174.8060), "KIWI-2": (-40.2000, 173.8000)},
    crosses="KIWI-2",
    stays=("KIWI-1",),
    feeds={
        "ais-tasman": ("tasman-2012.nmea.gz", "(U//REL TO AUS, USA)"),
        "ais-australia": ("australia-2012.nmea.gz", "(R//REL TO FJI)"),
    },
)
USA = Party(
    node="USA",
    marking="(U//REL TO AUS, NZL)",
    clients={"EAGLE-1": (-36.0, 177.0), "EAGLE-2": (-18.0, 178.0)},
    crosses="INVENTED SHIP",
    stays=("EAGLE-2", "INVENTED AIRCRAFT", "INVENTED SUBMARINE", "INVENTED OWN"),
    invented=(
        Invented("INVENTED SHIP", "a-f-S-C"),
        Invented("INVENTED AIRCRAFT", "a-f-A-M-F"),
        Invented("INVENTED SUBMARINE", "a-f-U-S"),
        Invented("INVENTED OWN", "a-f-S", {"access": "UNCLASSIFIED", "releasableTo": "USA"}),
    ),
)
AUS = Party(
    node="AUS",
    marking="(OFFICIAL//REL TO NZL, USA)",
    clients={"ROO-1": (-35.0, 165.5), "ROO-2": (-35.2, 165.5)},
    crosses="ROO-1",
)

CHAIN = (NZL, USA, AUS)
"""Each has a link to the next."""

AGREEMENTS = {("NZL", "USA"): "nzl-usa.md", ("USA", "AUS"): "usa-aus.md"}
"""Under which agreement each link runs: a file of examples/demonstration."""
