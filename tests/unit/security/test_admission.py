from dataclasses import replace
from datetime import timedelta

import pytest

from accord.core.principal import Credential, Direction, Principal
from accord.security.admission import (
    CHANGED,
    ENDED,
    LOOK_EVERY,
    REVOKED,
    UNKNOWN,
    Admission,
)
from accord.security.authority import fingerprint
from support.clock import START, ManualClock

DER = b"the certificate of kiwi-1"
KIWI = Principal(
    name="kiwi-1",
    groups={"Blue": Direction.BOTH},
    credential=fingerprint(DER),
    until=START + timedelta(days=1),
)
ANONYMOUS = Principal(name="cot-tcp@192.0.2.1:40000", groups={"Everyone": Direction.BOTH})


class Register:
    """What the register holds; None once it was read, until it changes."""

    def __init__(self, *credentials: Credential) -> None:
        self._found: list[Credential] | None = list(credentials)
        self.reads = 0

    def become(self, *credentials: Credential) -> None:
        self._found = list(credentials)

    def read(self) -> list[Credential] | None:
        self.reads += 1
        found, self._found = self._found, None
        return found


@pytest.fixture
def register() -> Register:
    return Register(Credential(principal=KIWI))


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def admission(register: Register, clock: ManualClock) -> Admission:
    return Admission(register.read, clock=clock)


def test_who_is_in_the_register_is_admitted_as_who_he_is(admission: Admission) -> None:
    assert admission.admit(DER) is KIWI
    assert admission.why_gone(KIWI) is None
    assert [each.principal for each in admission.credentials()] == [KIWI]


def test_a_member_has_a_certificate_that_is_not_revoked(register: Register) -> None:
    admission = Admission(register.read, clock=ManualClock())
    assert [admission.is_member(each) for each in ("kiwi-1", "moa")] == [True, False]
    register.become(Credential(principal=KIWI, revoked=START))
    admission.look()
    assert not admission.is_member("kiwi-1")


def test_a_certificate_that_is_not_in_the_register_is_refused(admission: Admission) -> None:
    assert admission.admit(b"another of the same authority") == UNKNOWN


def test_a_certificate_signed_since_the_last_look_is_admitted_at_once(register: Register) -> None:
    register.become()
    admission = Admission(register.read, clock=ManualClock())
    register.become(Credential(principal=KIWI))
    assert admission.admit(DER) is KIWI
    assert admission.admit(DER) is KIWI
    assert register.reads == 2


def test_nobody_is_admitted_while_the_register_cannot_be_read(clock: ManualClock) -> None:
    assert Admission(lambda: None, clock=clock).admit(DER) == UNKNOWN


def test_who_was_admitted_stays_while_the_register_does_not_change(
    admission: Admission, register: Register
) -> None:
    admission.look()
    assert register.reads == 2
    assert admission.admit(DER) is KIWI


def test_who_is_revoked_is_thrown_out_and_refused_from_the_next_look(
    admission: Admission, register: Register
) -> None:
    register.become(Credential(principal=KIWI, revoked=START))
    assert admission.why_gone(KIWI) is None
    admission.look()
    assert admission.why_gone(KIWI) == REVOKED
    assert admission.admit(DER) == REVOKED


def test_who_is_not_in_the_register_any_more_is_thrown_out(
    admission: Admission, register: Register
) -> None:
    register.become()
    admission.look()
    assert admission.why_gone(KIWI) == UNKNOWN


def test_who_gets_other_groups_is_thrown_out_and_admitted_with_them(
    admission: Admission, register: Register
) -> None:
    moved = replace(KIWI, groups={"Red": Direction.BOTH})
    register.become(Credential(principal=moved))
    admission.look()
    assert admission.why_gone(KIWI) == CHANGED
    assert admission.admit(DER) is moved


def test_a_certificate_that_ends_ends_the_connection(
    admission: Admission, clock: ManualClock
) -> None:
    clock.advance(hours=23, minutes=59)
    assert admission.why_gone(KIWI) is None
    clock.advance(minutes=1)
    assert admission.why_gone(KIWI) == ENDED
    assert admission.admit(DER) == ENDED


def test_that_it_was_revoked_is_said_before_that_it_has_ended(
    admission: Admission, register: Register, clock: ManualClock
) -> None:
    register.become(Credential(principal=KIWI, revoked=START))
    admission.look()
    clock.advance(hours=48)
    assert admission.admit(DER) == REVOKED


def test_who_needed_no_certificate_is_not_thrown_out_for_having_none(
    admission: Admission, register: Register
) -> None:
    register.become()
    admission.look()
    assert admission.why_gone(ANONYMOUS) is None


def test_a_certificate_without_an_end_does_not_end(clock: ManualClock) -> None:
    for_ever = Credential(principal=replace(KIWI, until=None))
    admission = Admission(Register(for_ever).read, clock=clock)
    clock.advance(hours=1_000_000)
    assert admission.admit(DER) == for_ever.principal


def test_looks_are_often_enough_to_throw_out_whoever_is_revoked_within_two_seconds() -> None:
    assert LOOK_EVERY <= 1.0
