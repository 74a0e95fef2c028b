from accord.federation.coalition import ENOUGH, Coalition
from accord.federation.version import ObjectKey
from accord.wire.peer.protocol import Version

A, B, C = "AUS-A", "NZL-B", "USA-C"
KEY = ObjectKey(A, "live", "T")


def fed_twice(coalition: Coalition, times: int) -> None:
    """The origin feeds; the neighbour gives the same after it."""
    for ms in range(times):
        assert coalition.state_came(A, KEY, Version(1, ms), 0)
        assert not coalition.state_came(B, KEY, Version(1, ms), 0)


def a_coalition() -> Coalition:
    coalition = Coalition(limit=10, silent_after=60)
    coalition.heard(A, 0)
    coalition.heard(B, 0)
    return coalition


def test_who_gives_the_same_again_is_pruned_after_some_times() -> None:
    coalition = a_coalition()
    fed_twice(coalition, ENOUGH - 1)
    assert coalition.pruned(B, 1) == frozenset()
    fed_twice(a_coalition(), 1)
    assert not coalition.state_came(B, KEY, Version(1, 0), 0)
    assert coalition.pruned(B, 1) == {A}
    assert coalition.pruned(A, 1) == frozenset()


def test_nobody_is_pruned_who_gives_what_the_feeder_does_not() -> None:
    coalition = a_coalition()
    assert coalition.state_came(B, KEY._replace(uid="other"), Version(1, 0), 0)
    fed_twice(coalition, ENOUGH + 1)
    assert coalition.pruned(B, 1) == frozenset()


def test_a_new_object_of_a_pruned_neighbour_ends_the_prune() -> None:
    coalition = a_coalition()
    fed_twice(coalition, ENOUGH)
    assert coalition.pruned(B, 1) == {A}
    assert coalition.state_came(B, KEY._replace(uid="other"), Version(1, 0), 0)
    assert coalition.pruned(B, 1) == frozenset()


def test_a_feeder_without_a_link_feeds_nothing_more() -> None:
    coalition = a_coalition()
    fed_twice(coalition, ENOUGH)
    coalition.gone(A)
    assert coalition.pruned(B, 1) == frozenset()
    assert coalition.state_came(B, KEY, Version(2, 0), 0)


def test_a_feeder_that_is_silent_feeds_nothing_more() -> None:
    coalition = a_coalition()
    fed_twice(coalition, ENOUGH)
    coalition.heard(B, 60)
    assert coalition.pruned(B, 60) == {A}
    assert coalition.pruned(B, 61) == frozenset()


def test_an_origin_that_is_a_neighbour_itself_becomes_the_feeder() -> None:
    coalition = a_coalition()
    assert coalition.state_came(B, KEY, Version(1, 0), 0)
    assert coalition.state_came(A, KEY, Version(1, 1), 0)
    for _ in range(ENOUGH):
        assert not coalition.state_came(B, KEY, Version(1, 1), 0)
    assert coalition.pruned(B, 1) == {A}


def test_how_many_objects_of_a_neighbour_are_remembered_has_a_limit() -> None:
    coalition = Coalition(limit=2, silent_after=60)
    for n in range(5):
        assert coalition.state_came(C, KEY._replace(uid=str(n)), Version(1, 0), 0)
    assert len(coalition.versions) == 2
