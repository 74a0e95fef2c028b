"""Reads published distances by sea between ports, which the router is held to."""

import csv
from dataclasses import dataclass

Position = tuple[float, float]
"""Latitude and longitude."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """What a table says of two ports, in nautical miles; `doubt` says why it may be wrong."""

    names: tuple[str, str]
    places: tuple[Position, Position]
    least: float
    most: float
    doubt: str

    @property
    def mean(self) -> float:
        """Half-way between what the table says in one direction and in the other."""
        return (self.least + self.most) / 2.0


def read_published(text: str) -> tuple[Published, ...]:
    """Return the pairs of a table. ValueError names a row that is none."""
    found: list[Published] = []
    for number, row in enumerate(csv.DictReader(text.splitlines()), 2):
        try:
            found.append(_pair(row))
        except (KeyError, ValueError, TypeError) as error:
            raise ValueError(f"row {number} of the published distances: {error}") from None
    return tuple(found)


def _pair(row: dict[str, str]) -> Published:
    return Published(
        names=(row["port_a"], row["port_b"]),
        places=(
            (float(row["lat_a"]), float(row["lon_a"])),
            (float(row["lat_b"]), float(row["lon_b"])),
        ),
        least=float(row["nm_min"]),
        most=float(row["nm_max"]),
        doubt=row["flag"],
    )
