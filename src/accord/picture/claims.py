"""Which claim about an object is current, which one leads, and where it puts the object."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TypeVar

from accord.core.body import Alarm, Position, Shape
from accord.core.geometry import Circle, Point, Polyline
from accord.core.report import Report
from accord.core.track import Said

K = TypeVar("K")

BYTES_OF_POINT = 128
"""Memory that one point of a shape takes (measured); it may come as seven bytes of text."""

CLOCK_AHEAD = timedelta(seconds=30)
"""A report from further in the future than this came from a clock that was wrong."""


def is_superseded(report: Report, claim: Report) -> bool:
    """Tell whether the claim, of the same source, is to stay in place of the report.

    The newer by the source's own clock wins; of equal times the later received. Where that clock
    was ahead of ours for either, only the order of receipt counts, so that a clock that was set
    right is believed at once. Equal in both: the report wins, since it is the later applied.
    """
    if report.time > claim.time and report.received > claim.received:
        return False
    if report.time == claim.time or _is_ahead(report) or _is_ahead(claim):
        return report.received < claim.received
    return report.time < claim.time


def set_back(claim: Report, now: datetime) -> Report:
    """Return a claim received later than `now` as if it were received now.

    It came while this node's clock was ahead. What it says of its own time goes back by as much,
    unless that is not ahead: then the source has a clock of its own.
    """
    by = claim.received - now
    if by <= timedelta(0):
        return claim
    if claim.time <= now + CLOCK_AHEAD:
        return replace(claim, received=now)
    return replace(
        claim,
        received=now,
        time=claim.time - by,
        start=claim.start - by,
        stale=claim.stale - by,
    )


def _is_ahead(report: Report) -> bool:
    return report.time - report.received > CLOCK_AHEAD


def lead_of(claims: Mapping[K, Report]) -> Report:
    """Return the claim that is shown; the order in which claims came does not matter.

    Undoubted before doubted; then the newest, where none counts as newer than its receipt; then
    this node's own before a partner's; then the last received; then by the name of the source.
    """
    return max(claims.values(), key=_rank)


def with_claim(
    claims: Mapping[Said, Report], said: Said, report: Report, *, limit: int
) -> dict[Said, Report]:
    """Return the claims with this one, kept by `said`; beyond `limit` the last in rank goes."""
    together = {**claims, said: report}
    if len(together) > limit:
        del together[min(together, key=lambda each: _rank(together[each]))]
    return together


def _rank(claim: Report) -> tuple[bool, datetime, bool, datetime, tuple[str, ...]]:
    source = claim.source
    return (
        not claim.doubts,
        min(claim.time, claim.received),
        not source.hops,
        claim.received,
        (source.node, source.channel, source.speaker, *source.hops),
    )


def bytes_of(report: Report) -> int:
    """Return about how much memory a report takes because of its length: what came, and points."""
    size = 0 if report.original is None else len(report.original.data)
    body = report.body
    if isinstance(body, Shape) and isinstance(body.outline, Polyline):
        size += BYTES_OF_POINT * len(body.outline.points)
    return size


def point_of(report: Report) -> Point | None:
    """Return where a report is on the map, None where it is nowhere.

    A shape is at its anchor; without one, at its centre or its first point.
    """
    body = report.body
    if isinstance(body, Position | Alarm):
        return body.point
    if not isinstance(body, Shape):
        return None
    if body.anchor is not None:
        return body.anchor
    outline = body.outline
    return outline.centre if isinstance(outline, Circle) else next(iter(outline.points), None)
