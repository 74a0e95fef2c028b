import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from accord.api import accounts as accounts_file
from accord.api.accounts import CHANGED, SIGNED_OUT, WRONG, SignedIn
from accord.api.problem import Problem
from accord.security.accounts import IDLE, OLD
from accord.security.lockout import PAIR_LOCKED
from accord.security.password import NOBODYS, TooManyWait
from support.sign_in import HASH, PASSWORD, Desk, a_desk

THERE = "192.0.2.1"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = a_desk(tmp_path, failures=3)
    yield made
    made.accounts.close()


async def signed_in(desk: Desk) -> SignedIn:
    return await desk.accounts.sign_in("moana", PASSWORD, THERE)


async def refusal(desk: Desk, name: str = "moana", password: str = "wrong") -> Problem:  # noqa: S107
    with pytest.raises(Problem) as refused:
        await desk.accounts.sign_in(name, password, THERE)
    return refused.value


async def test_the_right_password_signs_in_and_the_cookie_is_known_at_once(desk: Desk) -> None:
    signed = await signed_in(desk)
    found = desk.accounts.session_of(signed.token)
    assert found == (signed.session.mark, signed.principal)
    assert signed.principal.name == "moana"


async def test_a_name_is_taken_whatever_its_case(desk: Desk) -> None:
    signed = await desk.accounts.sign_in("MOANA", PASSWORD, THERE)
    assert signed.principal.name == "moana"


async def test_a_wrong_password_an_unknown_name_and_a_locked_one_answer_alike(desk: Desk) -> None:
    desk.add("rangi")
    desk.users.lock("rangi", desk.clock.now())
    said = [
        await refusal(desk, "moana", "wrong"),
        await refusal(desk, "nobody", PASSWORD),
        await refusal(desk, "rangi", PASSWORD),
    ]
    assert {(each.status, str(each)) for each in said} == {(401, WRONG)}
    counted = {"wrong password": 1, "unknown name": 1, "locked": 1}
    assert {k: n for k, n in desk.accounts.counts.items() if n} == counted


async def test_whatever_the_name_one_password_is_looked_at(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The time of an answer tells nobody which names there are."""
    looked_at: list[str] = []

    def look(_password: str, kept: str) -> bool:
        looked_at.append(kept)
        return False

    monkeypatch.setattr(accounts_file, "is_right", look)
    desk.add("rangi")
    desk.users.lock("rangi", desk.clock.now())
    for name in ("moana", "nobody", "rangi"):
        await refusal(desk, name)
    assert looked_at == [HASH, NOBODYS, HASH]


async def test_after_so_many_failures_no_password_is_looked_at_for_a_while(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        assert (await refusal(desk)).status == 401
    with monkeypatch.context() as patch:
        patch.setattr(accounts_file, "is_right", None)  # to call it would fail
        locked = await refusal(desk, "moana", PASSWORD)
    assert (locked.status, locked.headers["Retry-After"]) == (429, "300")
    assert desk.accounts.counts[PAIR_LOCKED] == 1
    desk.clock.advance(minutes=5)
    assert (await signed_in(desk)).principal.name == "moana"


async def test_an_unknown_name_is_locked_out_like_one_that_is_there(desk: Desk) -> None:
    said = [(await refusal(desk, "nobody")).status for _ in range(4)]
    assert said == [401, 401, 401, 429]


async def test_to_be_turned_away_because_too_many_come_is_no_failure(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def busy(_work: Any) -> bool:
        raise TooManyWait("too many passwords wait")

    with monkeypatch.context() as patch:
        patch.setattr(desk.accounts._passwords, "run", busy)
        assert [(await refusal(desk)).status for _ in range(10)] == [503] * 10
    assert (await signed_in(desk)).principal.name == "moana"


async def test_signing_out_ends_that_session_and_no_other(desk: Desk) -> None:
    one, other = await signed_in(desk), await signed_in(desk)
    await desk.accounts.sign_out(one.session.mark)
    assert desk.accounts.session_of(one.token) == SIGNED_OUT
    assert desk.accounts.session_of(other.token) == (other.session.mark, other.principal)


async def test_another_password_locking_and_removal_end_sessions_at_the_next_look(
    desk: Desk,
) -> None:
    for change in (
        lambda: desk.users.set_password("moana", HASH),
        lambda: desk.users.lock("moana", desk.clock.now()),
        lambda: desk.users.remove("moana"),
    ):
        signed = await signed_in(desk)
        change()
        desk.accounts.look()
        assert desk.accounts.session_of(signed.token) == SIGNED_OUT
        assert desk.accounts.why_gone(signed.session.mark, signed.principal) == SIGNED_OUT
        if desk.users.roll().accounts:
            desk.users.unlock("moana")


async def test_an_unused_session_ends_and_use_keeps_it(desk: Desk) -> None:
    signed = await signed_in(desk)
    for _ in range(3):
        desk.clock.advance(minutes=59)
        assert desk.accounts.session_of(signed.token) == (signed.session.mark, signed.principal)
    desk.clock.advance(minutes=60)
    assert desk.accounts.session_of(signed.token) == IDLE


async def test_an_open_page_is_use_and_ends_at_the_longest_time_all_the_same(desk: Desk) -> None:
    signed = await signed_in(desk)
    for _ in range(31):
        desk.clock.advance(minutes=30)
        assert desk.accounts.why_gone(signed.session.mark, signed.principal) is None
    desk.clock.advance(minutes=30)
    assert desk.accounts.why_gone(signed.session.mark, signed.principal) == OLD


async def test_whose_groups_have_changed_is_not_who_he_was(desk: Desk) -> None:
    signed = await signed_in(desk)
    before = replace(signed.principal, groups={})
    assert desk.accounts.why_gone(signed.session.mark, before) == CHANGED


async def test_a_restart_signs_nobody_out_and_forgets_no_use(tmp_path: Path) -> None:
    before = a_desk(tmp_path)
    signed = await signed_in(before)
    before.clock.advance(minutes=50)
    assert before.accounts.session_of(signed.token) != IDLE
    before.accounts.close()
    after = a_desk(tmp_path)
    after.clock.advance(minutes=100)
    assert after.accounts.session_of(signed.token) == (signed.session.mark, signed.principal)
    after.accounts.close()


async def test_what_is_over_is_forgotten_in_the_register_too(desk: Desk) -> None:
    await signed_in(desk)
    desk.clock.advance(hours=16)
    desk.accounts.close()
    assert dict(desk.users.roll().sessions) == {}


async def test_uses_are_noted_while_the_node_runs(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    signed = await signed_in(desk)
    desk.clock.advance(minutes=10)
    desk.accounts.session_of(signed.token)
    monkeypatch.setattr(accounts_file, "NOTE_EVERY", 0.0)
    noting = asyncio.ensure_future(desk.accounts.keep_noting())  # noqa: TID251  ended below
    async with asyncio.timeout(10):
        while desk.users.roll().sessions[signed.session.mark].used != desk.clock.now():  # noqa: ASYNC110
            await asyncio.sleep(0)
    noting.cancel()


async def test_a_register_that_cannot_be_written_lets_nobody_in_and_says_so(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    signed = await signed_in(desk)
    desk.clock.advance(minutes=1)
    desk.accounts.session_of(signed.token)
    with closing(sqlite3.connect(desk.users.path, isolation_level=None)) as file:
        file.execute("ALTER TABLE session RENAME TO gone")
        assert (await refusal(desk, "moana", PASSWORD)).status == 503
        with pytest.raises(Problem) as refused:
            await desk.accounts.sign_out(signed.session.mark)
        assert refused.value.status == 503
        desk.accounts._note(*desk.accounts._to_note())  # says so, and fails not
        file.execute("ALTER TABLE gone RENAME TO session")


def test_who_may_sign_in_is_known_by_exactly_his_name(desk: Desk) -> None:
    assert [desk.accounts.knows(name) for name in ("moana", "Moana", "nobody")] == [
        True,
        False,
        False,
    ]
