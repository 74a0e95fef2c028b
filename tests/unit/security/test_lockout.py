import pytest

from accord.security import lockout
from accord.security.lockout import (
    ADDRESS_LOCKED,
    FORGOTTEN,
    NAME_LOCKED,
    PAIR_LOCKED,
    PER_ADDRESS,
    PER_NAME,
    Lockout,
)

SPAN = 300.0


@pytest.fixture
def locks() -> Lockout:
    return Lockout(failures=3, span=SPAN)


def fail(locks: Lockout, name: str = "moana", address: str = "192.0.2.1", *, at: float) -> float:
    return locks.attempt(name, address, at)


def test_a_name_is_locked_out_after_so_many_failures_and_free_after_the_span(
    locks: Lockout,
) -> None:
    assert [fail(locks, at=at) for at in (0.0, 1.0, 2.0)] == [0.0, 0.0, 0.0]
    assert fail(locks, at=10.0) == 2.0 + SPAN - 10.0
    assert fail(locks, at=2.0 + SPAN) == 0.0
    assert locks.counts == {PAIR_LOCKED: 1}


def test_a_name_that_is_guessed_from_many_places_is_locked_out_where_it_never_signed_in(
    locks: Lockout,
) -> None:
    for host in range(3 * PER_NAME):
        assert fail(locks, address=f"192.0.2.{host}", at=0.0) == 0.0
    assert fail(locks, address="198.51.100.1", at=1.0) > 0
    assert locks.counts == {NAME_LOCKED: 1}


def test_who_knows_a_name_does_not_lock_its_owner_out(locks: Lockout) -> None:
    assert fail(locks, address="198.51.100.7", at=0.0) == 0.0
    locks.passed("moana", "198.51.100.7")
    locks.knows("moana", "2001:db8::7")  # as after a restart
    for host in range(4 * PER_NAME):
        fail(locks, address=f"192.0.2.{host}", at=0.0)
    assert fail(locks, address="203.0.113.1", at=1.0) > 0
    assert [fail(locks, address="198.51.100.7", at=1.0) for _ in range(3)] == [0.0] * 3
    assert fail(locks, address="198.51.100.7", at=1.0) > 0  # who guesses there is as anywhere
    assert fail(locks, address="2001:db8::7", at=1.0) == 0.0


def test_what_is_refused_does_not_make_it_longer(locks: Lockout) -> None:
    for at in (0.0, 0.0, 0.0, 100.0, 200.0, 299.0):
        fail(locks, at=at)
    assert fail(locks, at=SPAN) == 0.0


def test_failures_are_forgotten_after_the_span(locks: Lockout) -> None:
    fail(locks, at=0.0)
    fail(locks, at=1.0)
    assert [fail(locks, at=1.0 + SPAN) for _ in range(3)] == [0.0, 0.0, 0.0]
    assert fail(locks, at=1.0 + SPAN) > 0


def test_the_right_password_frees_the_name(locks: Lockout) -> None:
    for _ in range(10):
        assert fail(locks, at=0.0) == 0.0
        locks.passed("moana", "192.0.2.1")


def test_an_address_that_tries_many_names_is_locked_out(locks: Lockout) -> None:
    tried = [fail(locks, f"name-{n}", at=0.0) for n in range(3 * PER_ADDRESS + 1)]
    assert tried == [*[0.0] * (3 * PER_ADDRESS), SPAN]
    assert locks.counts == {ADDRESS_LOCKED: 1}
    assert fail(locks, "name-0", "198.51.100.1", at=0.0) == 0.0


def test_an_own_account_does_not_clear_an_address_of_its_other_failures(locks: Lockout) -> None:
    """Or whoever has one account guesses others without end."""
    for n in range(3 * PER_ADDRESS - 1):
        fail(locks, f"name-{n}", at=0.0)
    assert fail(locks, "own", at=0.0) == 0.0
    locks.passed("own", "192.0.2.1")
    assert fail(locks, "one-more", at=0.0) == 0.0
    assert fail(locks, "another", at=0.0) > 0


def test_tries_at_one_moment_count_before_any_is_looked_at(locks: Lockout) -> None:
    assert [fail(locks, at=0.0) > 0 for _ in range(5)] == [False, False, False, True, True]


def test_what_was_not_looked_at_is_no_failure(locks: Lockout) -> None:
    for _ in range(10):
        assert fail(locks, at=0.0) == 0.0
        locks.take_back("moana", "192.0.2.1")
    locks.take_back("nobody", "nowhere")


def test_no_more_is_remembered_than_there_is_room_for(
    locks: Lockout, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lockout, "MAX_KEPT", 2)
    for n in range(4):
        fail(locks, f"name-{n}", f"192.0.2.{n}", at=0.0)
    assert locks.counts == {FORGOTTEN: 6}  # two names, two addresses, two pairs
    for n in range(3):
        locks.knows(f"name-{n}", "192.0.2.9")
    fail(locks, "late-1", "198.51.100.1", at=SPAN)
    fail(locks, "late-2", "198.51.100.2", at=SPAN)
    assert locks.counts == {FORGOTTEN: 6}  # what has ended is none to regret
