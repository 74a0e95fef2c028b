from dataclasses import replace
from datetime import UTC, datetime, timedelta

from accord.core.form import Kept, Naming, ReleaseForm
from accord.federation.version import HybridClock, ObjectKey, Versions, as_released, id_of, key_of
from accord.wire.peer.protocol import Version
from support.peer import a_subject

AT = datetime(2026, 11, 25, 12, 0, 7, 5_000, tzinfo=UTC)
MS = 1_795_608_007_005
KEY = ObjectKey("NZL-A", "live", "U")
COARSE = ReleaseForm(
    name="coarse", cadence=timedelta(seconds=10), identity=Naming.PSEUDONYM, keep=frozenset()
)


def test_a_version_is_the_time_in_milliseconds() -> None:
    assert HybridClock(3, limit=2).version("x", AT) == Version(3, MS)


def test_versions_of_one_object_rise_though_the_clock_stands_or_goes_back() -> None:
    clock = HybridClock(1, limit=2)
    first = clock.version("x", AT)
    assert clock.version("x", AT) == Version(1, first.ms + 1)
    assert clock.version("x", AT - timedelta(hours=1)) == Version(1, first.ms + 2)
    assert clock.version("y", AT) == first


def test_a_clock_goes_on_from_what_an_object_had_before_a_restart() -> None:
    clock = HybridClock(1, limit=1)
    clock.had("x", Version(1, MS + 50))
    clock.had("x", Version(1, MS + 20))
    clock.had("x", Version(0, MS + 90))
    assert clock.version("x", AT).ms == MS + 51
    clock.version("y", AT)
    assert clock.version("x", AT).ms == MS


def test_a_form_that_keeps_the_time_keeps_the_version() -> None:
    exact = replace(COARSE, keep=frozenset({Kept.TIME}))
    assert as_released(Version(1, MS), exact, Version(1, MS + 9)) == Version(1, MS)


def test_another_forms_version_is_rounded_down_to_its_cadence() -> None:
    assert as_released(Version(1, MS), COARSE, None) == Version(1, MS - 7_005)


def test_two_versions_in_one_cadence_rise_by_one() -> None:
    after = Version(1, MS - 7_005)
    assert as_released(Version(1, MS), COARSE, after) == Version(1, MS - 7_004)


def test_after_a_form_that_told_the_time_the_next_cadence_must_come_first() -> None:
    exact = Version(1, MS)
    assert as_released(Version(1, MS + 100), COARSE, exact) is None
    assert as_released(Version(1, MS + 2_995), COARSE, exact) == Version(1, MS + 2_995)


def test_a_version_that_is_no_newer_is_not_taken() -> None:
    versions = Versions(limit=1)
    assert versions.take(KEY, Version(1, 5), 0)
    assert not versions.take(KEY, Version(1, 5), 0)
    assert not versions.take(KEY, Version(1, 4), 0)
    assert versions.take(KEY, Version(2, 1), 0)
    assert versions.get(KEY) == Version(2, 1)


def test_what_was_not_heard_of_for_longest_makes_room() -> None:
    versions = Versions(limit=1)
    versions.take(KEY, Version(1, 5), 0)
    versions.take(KEY._replace(uid="V"), Version(1, 5), 0)
    assert (len(versions), versions.forgotten, versions.get(KEY)) == (1, 1, None)


def test_what_is_buried_comes_back_only_newer_or_later() -> None:
    versions = Versions(limit=1)
    versions.bury(KEY, Version(1, 5), 100)
    versions.bury(KEY, Version(1, 3), 100)
    assert not versions.take(KEY, Version(1, 5), 99)
    assert versions.buried() == ((KEY, Version(1, 5), 100),)
    assert versions.take(KEY, Version(1, 6), 99)
    versions.bury(KEY, Version(1, 9), 100)
    assert versions.take(KEY, Version(1, 7), 100)
    versions.bury(KEY, Version(1, 9), 100)
    versions.bury(KEY._replace(uid="V"), Version(1, 9), 100)
    assert versions.forgotten == 1


def test_an_id_is_of_one_state_of_one_object() -> None:
    key = key_of(a_subject(origin="NZL-A", uid="U"))
    assert key == KEY
    ids = {id_of(key, Version(1, 5)), id_of(key, Version(1, 6)), id_of(key, Version(2, 5)),
           id_of(key._replace(uid="U2"), Version(1, 5))}  # fmt: skip
    assert len(ids) == 4
    assert {len(each) for each in ids} == {12}
