from dataclasses import FrozenInstanceError

import pytest

from accord.core.context import LIVE
from accord.core.track import Track, TrackStatus
from support.builders import a_report


def test_a_track_cannot_be_changed_under_whoever_holds_it() -> None:
    report = a_report()
    track = Track(
        id="U1",
        context=LIVE,
        claims={report.source: report},
        lead=report,
        status=TrackStatus.LIVE,
    )
    with pytest.raises(FrozenInstanceError):
        track.status = TrackStatus.STALE  # type: ignore[misc]  # that is the test


def test_the_statuses_are_the_words_of_the_field_in_the_order_of_their_passing() -> None:
    assert [status.value for status in TrackStatus] == ["live", "stale", "lost", "removed"]
