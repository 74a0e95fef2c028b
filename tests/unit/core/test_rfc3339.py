from datetime import UTC, datetime, timedelta, timezone

import pytest

from accord.core.rfc3339 import spell, spell_if_known


# The same moments as the examples of RFC 3339, 5.8.
@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (datetime(1985, 4, 12, 23, 20, 50, 520_000, UTC), "1985-04-12T23:20:50.520000Z"),
        (
            datetime(1996, 12, 19, 16, 39, 57, tzinfo=timezone(timedelta(hours=-8))),
            "1996-12-20T00:39:57Z",
        ),
    ],
)
def test_a_time_is_written_in_utc_whatever_its_zone(moment: datetime, text: str) -> None:
    assert spell(moment) == text
    assert datetime.fromisoformat(text) == moment


def test_a_time_that_is_not_known_is_none() -> None:
    assert spell_if_known(None) is None
    assert spell_if_known(datetime(1985, 4, 12, tzinfo=UTC)) == "1985-04-12T00:00:00Z"
