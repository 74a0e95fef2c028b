import asyncio
import re
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from accord.security.password import (
    MAX_PASSWORD,
    NOBODYS,
    PasswordThread,
    TooManyWait,
    check,
    generated,
    hashed,
    is_right,
)

FROM_ELSEWHERE = (
    "$argon2id$v=19$m=65536,t=3,p=4$MIIRqgvgQbgj220jfp0MPA"
    "$YfwJSVjtjSU0zzV/P3S9nnQ/USre2wvJMjfCIjrTQbg"
)
"""Of `correct horse battery staple`, as the manual of argon2-cffi shows it."""


def test_what_another_library_keeps_of_a_password_is_understood() -> None:
    assert is_right("correct horse battery staple", FROM_ELSEWHERE)
    assert not is_right("correct horse battery stable", FROM_ELSEWHERE)


def test_what_is_kept_says_the_parameters_of_rfc_9106_and_is_never_the_same() -> None:
    one, other = hashed("a password"), hashed("a password")
    # RFC 9106, section 4, second choice: t=3, p=4, m=2^16 KiB, 128-bit salt, 256-bit tag
    assert re.fullmatch(r"\$argon2id\$v=19\$m=65536,t=3,p=4\$[\w+/]{22}\$[\w+/]{43}", one)
    assert one != other
    assert is_right("a password", one)
    assert not is_right("A password", one)


def test_nobodys_costs_what_any_other_does_and_is_no_passwords() -> None:
    assert NOBODYS.split("$")[:4] == hashed("x").split("$")[:4]
    assert [len(each) for each in NOBODYS.split("$")] == [len(e) for e in hashed("x").split("$")]
    assert not is_right("", NOBODYS)


def test_a_letter_may_be_composed_in_either_way() -> None:
    assert is_right("Ra\u0304wiri", hashed("R\u0101wiri"))


@pytest.mark.parametrize("kept", ["", "plain", "$argon2id$v=19$m=0,t=0,p=0$AA$AA"])
def test_what_is_no_hash_is_nobodys_password(kept: str) -> None:
    assert not is_right("plain", kept)


def test_a_password_that_cannot_be_is_not_right() -> None:
    assert not is_right("a" * (MAX_PASSWORD + 1), NOBODYS)
    assert not is_right("\ud800", NOBODYS)


def test_a_new_password_has_a_least_length_in_letters() -> None:
    check("p\u0101ssw0rd", 8)
    with pytest.raises(ValueError, match="give 9 characters or more"):
        check("p\u0101ssw0rd", 9)
    with pytest.raises(ValueError, match="too short"):
        check("a\u0304" * 5, 6)  # five letters, ten characters
    with pytest.raises(ValueError, match="longer than 1024 bytes"):
        check("a" * (MAX_PASSWORD + 1), 8)


def test_a_made_password_is_of_letters_that_cannot_be_taken_for_others() -> None:
    made = {generated() for _ in range(50)}
    assert len(made) == 50
    assert all(re.fullmatch(r"[a-hj-kmnp-z2-9]{5}(-[a-hj-kmnp-z2-9]{5}){3}", each) for each in made)


def test_two_at_once_are_both_looked_at() -> None:
    # Derived at once, cryptography's lanes waited for each other for ever.
    kept = hashed("kererū")
    with ThreadPoolExecutor(4) as threads:
        found = [threads.submit(is_right, each, kept) for each in ("kererū", "kea") * 2]
        assert [each.result(timeout=60) for each in found] == [True, False] * 2


async def test_more_than_may_wait_are_refused_and_counted() -> None:
    begun, goes_on = Event(), Event()
    thread = PasswordThread(waiting=1)

    def slow() -> bool:
        begun.set()
        return goes_on.wait(60)

    first = asyncio.ensure_future(thread.run(slow))  # noqa: TID251  awaited below
    second = asyncio.ensure_future(thread.run(lambda: True))  # noqa: TID251  awaited below
    await asyncio.to_thread(begun.wait, 60)
    with pytest.raises(TooManyWait, match="try again"):
        await thread.run(lambda: True)
    assert thread.refused == 1
    goes_on.set()
    assert await asyncio.gather(first, second) == [True, True]
    assert await thread.run(lambda: False) is False
    thread.close()
