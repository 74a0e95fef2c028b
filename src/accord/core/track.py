"""An object on the picture: every current claim about it, and which one leads."""

from collections.abc import Mapping
from enum import StrEnum

from accord.core.context import Context
from accord.core.report import Report, Source
from accord.core.value import value


class TrackStatus(StrEnum):
    """How current a track is: live -> stale -> lost -> removed."""

    LIVE = "live"
    STALE = "stale"
    LOST = "lost"
    REMOVED = "removed"


Said = Source | tuple[Source, str]
"""What a claim is kept by: its source; and its uid as well, where people decided that things are
one which a source tells apart."""


@value
class Track:
    """The newest claim of each source about one object, in one context.

    `id` is unique within the context; `lead` is one of the claims, the one shown.
    """

    id: str
    context: Context
    claims: Mapping[Said, Report]
    lead: Report
    status: TrackStatus
