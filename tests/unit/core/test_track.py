from accord.core.track import TrackStatus


def test_the_statuses_are_the_words_of_the_field_in_the_order_of_their_passing() -> None:
    assert [status.value for status in TrackStatus] == ["live", "stale", "lost", "removed"]
