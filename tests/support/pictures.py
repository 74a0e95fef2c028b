# pyright: reportPrivateUsage=false
# What could grow inside the picture is counted.

"""A picture by itself: what it is given, and what its tests ask of it."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from accord.core.context import LIVE, Context
from accord.core.identity import Identity
from accord.core.kind import Kind
from accord.core.report import Report, Source
from accord.core.track import Track, TrackStatus
from accord.picture.picture import Change, Picture, PictureSettings
from accord.picture.query import Filter
from support.builders import a_report

SECOND, MINUTE, HOUR, DAY = (
    timedelta(seconds=1),
    timedelta(minutes=1),
    timedelta(hours=1),
    timedelta(days=1),
)
AIS = Source(node="NZL", channel="feed:ais", speaker="ais")
EXERCISE = Context.exercise("TASMAN")


def a_picture(**settings: Any) -> Picture:
    return Picture(PictureSettings(**settings))


def applied(picture: Picture, report: Report) -> Track:
    change = picture.apply(report)
    assert change is not None
    assert change.track is not None
    return change.track


def statuses(changes: list[Change]) -> list[tuple[str, TrackStatus]]:
    return [(change.track.id, change.track.status) for change in changes if change.track]


def later(report: Report, by: timedelta, **changes: Any) -> Report:
    return replace(
        report,
        time=report.time + by,
        start=report.start + by,
        stale=report.stale + by,
        received=report.received + by,
        **changes,
    )


def ship(uid: str, mmsi: str | None = None, **changes: Any) -> Report:
    return a_report(uid, identity=Identity(mmsi=mmsi), kind=Kind.of("a-n-S-X-M"), **changes)


def uids(picture: Picture, context: Context = LIVE, **wanted: Any) -> set[str]:
    return {track.id for track in picture.tracks(Filter(context=context, **wanted))}


def sizes(picture: Picture) -> dict[str, int]:
    """Of everything inside that could grow."""
    worlds = picture._worlds.values()
    return {
        "index": sum(len(world.index) for world in worlds),
        "cells": sum(len(world.cells) for world in worlds),
        "families": sum(len(world.families) for world in worlds),
        "live": sum(len(world.live) for world in worlds),
        "quiet": sum(len(world.quiet) for world in worlds),
        "heap": len(picture._schedule),
    }
