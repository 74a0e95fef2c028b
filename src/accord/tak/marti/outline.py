"""Outlines, as TAK clients say them."""

from collections.abc import Sequence


def polygon(points: Sequence[str]) -> str:
    """Return points, each `A,B`, as TAK Server writes an outline: `A B`, by commas, and closed.

    Empty for what is none: fewer than three, or one that is no two numbers.
    """
    found: list[str] = []
    for each in points:
        pair = each.replace(" ", "").split(",")
        try:
            _ = [float(number) for number in pair]
        except ValueError:
            return ""
        if len(pair) != 2:
            return ""
        found.append(" ".join(pair))
    if len(found) < 3:
        return ""
    return ",".join(found if found[0] == found[-1] else [*found, found[0]])
