from datetime import UTC, datetime

from accord.federation.moment import Moment


def test_the_time_of_day_is_in_milliseconds_since_1970() -> None:
    # 2026-11-25T12:00:00Z is 1,795,608,000 seconds after 1970 (date -d ... +%s).
    assert Moment(datetime(2026, 11, 25, 12, tzinfo=UTC), 5.0).ms == 1_795_608_000_000
