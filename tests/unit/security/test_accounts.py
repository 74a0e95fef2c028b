from datetime import timedelta

import pytest

from accord.core.user import Session
from accord.security.accounts import (
    IDLE,
    MAX_TOKEN,
    OLD,
    AccountSettings,
    mark_of,
    new_token,
    why_ended,
)
from support.clock import START

SETTINGS = AccountSettings(session_idle=timedelta(minutes=30), session_longest=timedelta(hours=16))


def a_session(*, begun: timedelta, used: timedelta) -> Session:
    return Session(mark="m", key="k", begun=START + begun, used=START + used, address="192.0.2.1")


@pytest.mark.parametrize(
    ("used", "now", "why"),
    [
        (timedelta(0), timedelta(minutes=30) - timedelta(seconds=1), None),
        (timedelta(0), timedelta(minutes=30), IDLE),
        (timedelta(hours=15, minutes=59), timedelta(hours=16) - timedelta(seconds=1), None),
        (timedelta(hours=15, minutes=59), timedelta(hours=16), OLD),
    ],
)
def test_a_session_ends_unused_or_old(used: timedelta, now: timedelta, why: str | None) -> None:
    session = a_session(begun=timedelta(0), used=used)
    assert why_ended(session, START + now, SETTINGS) == why


def test_no_two_cookies_are_alike_and_each_is_of_256_bits() -> None:
    tokens = {new_token() for _ in range(100)}
    assert len(tokens) == 100
    assert all(len(each) == 43 for each in tokens)  # 32 bytes in base64url


def test_the_mark_of_a_cookie_is_its_sha_256() -> None:
    # FIPS 180-4: SHA-256 of "abc"
    assert mark_of("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_a_cookie_of_any_length_and_letters_has_a_mark() -> None:
    assert mark_of("a" * MAX_TOKEN) == mark_of("a" * 10 * MAX_TOKEN)
    assert len(mark_of("\ud800")) == 64


def test_settings_that_would_be_of_no_use_are_refused() -> None:
    with pytest.raises(ValueError, match="password_length is below 8"):
        AccountSettings(password_length=7)  # NIST SP 800-63B, 5.1.1.1
    with pytest.raises(ValueError, match="nobody could sign in"):
        AccountSettings(failures=0)
