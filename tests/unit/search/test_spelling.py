from datetime import UTC, datetime, timedelta, timezone

from accord.search.spelling import spell_time


def test_a_time_is_a_date_time_group_of_the_nearest_minute_in_utc() -> None:
    when = datetime(2026, 11, 26, 3, 4, 29, tzinfo=UTC)
    assert spell_time(when) == "260304Z NOV 2026"
    assert spell_time(when + timedelta(seconds=1)) == "260305Z NOV 2026"
    there = when.astimezone(timezone(timedelta(hours=13)))
    assert spell_time(there) == "260304Z NOV 2026"
