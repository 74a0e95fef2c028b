"""A track as one person may see it: made of the claims that he may see, and of no others."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from accord.core.principal import Principal
from accord.core.report import Report
from accord.core.track import Said, Track, TrackStatus
from accord.picture.claims import lead_of
from accord.picture.picture import PictureSettings
from accord.picture.staleness import standing
from accord.release.access import may_see


def seen(track: Track, by: Principal, now: datetime, settings: PictureSettings) -> Track | None:
    """Return what somebody may see of a track, None where that is nothing.

    Its lead, its id and how current it is are those of what he may see.
    """
    if len(track.claims) == 1:
        return _named(track) if may_see(by, track.lead) else None
    claims = {source: each for source, each in track.claims.items() if may_see(by, each)}
    if not claims:
        return None
    if len(claims) == len(track.claims):
        return _named(track)
    lead = lead_of(claims)
    status = _status(lead, claims, now, settings)
    if status is TrackStatus.REMOVED:
        return None
    return replace(track, id=lead.uid, claims=claims, lead=lead, status=status)


def _named(track: Track) -> Track:
    return track if track.id == track.lead.uid else replace(track, id=track.lead.uid)


def _status(
    lead: Report, claims: Mapping[Said, Report], now: datetime, settings: PictureSettings
) -> TrackStatus:
    status, _ = standing(
        lead,
        max(each.received for each in claims.values()),
        now,
        lost_after=settings.lost_after,
        removed_after=settings.removed_after,
        max_age=settings.max_age,
    )
    return status
