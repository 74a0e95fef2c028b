"""Users, as administrators change them by the page."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from accord.core.principal import Direction
from accord.core.user import UserRole
from accord.security.password import is_right
from support.office import BLUE, BOSS, AtDesk, at_desk, described
from support.page import AROHA


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncGenerator[AtDesk]:
    async with at_desk(tmp_path) as made:
        yield made


async def test_an_administrator_lets_somebody_sign_in_and_reads_his_password_once(
    desk: AtDesk,
) -> None:
    said = {"name": "tahi", "role": "viewer", "groups": {"Blue": "out"}, "exercises": ["TASMAN"]}
    given = await desk.does("POST", "users", said, 201)
    assert described(given, "post", "users", 201) == []
    account = desk.users.roll().accounts["tahi"]
    assert is_right(given["password"], account.hash)
    assert account.user.role is UserRole.VIEWER
    assert account.user.groups == {"Blue": Direction.OUT}
    assert account.user.exercises == {"TASMAN"}
    listed = await desk.get("users")
    assert described(listed, "get", "users") == []
    assert [each["name"] for each in listed["users"]] == ["boss", "moana", "tahi"]
    assert given["password"] not in str(listed)
    (act,) = desk.noted()
    assert (act.who, act.via, act.what, act.whom) == ("boss", "password", "user add", "tahi")
    assert (act.at, act.whence) == (desk.clock.now(), "127.0.0.1")
    assert act.detail == "role viewer; groups Blue:out"
    assert given["password"] not in str(act)


async def test_a_user_is_changed_locked_given_a_password_and_forgotten(desk: AtDesk) -> None:
    await desk.does("PUT", "users/Moana", {"role": "administrator"})
    await desk.does("PUT", "users/moana", {"groups": BLUE, "exercises": []})
    await desk.does("PUT", "users/moana", {"exercises": [], "every_exercise": True})
    user = desk.users.roll().accounts["moana"].user
    assert (user.role, user.groups) == (UserRole.ADMINISTRATOR, {"Blue": Direction.BOTH})
    assert user.every_exercise
    given = await desk.does("POST", "users/moana/password", {"password": "kereru in the tree"}, 201)
    assert given == {"name": "moana", "password": "kereru in the tree"}
    assert is_right("kereru in the tree", desk.users.roll().accounts["moana"].hash)
    await desk.does("POST", "users/moana/lock")
    assert desk.users.roll().accounts["moana"].user.locked is not None
    await desk.does("POST", "users/moana/unlock")
    assert desk.users.roll().accounts["moana"].user.locked is None
    await desk.does("DELETE", "users/moana")
    assert "moana" not in desk.users.roll().accounts
    assert [each.what for each in desk.noted()] == [
        "user set", "user set", "user set", "user password", "user lock", "user unlock",
        "user remove",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("method", "path", "said", "status", "about"),
    [
        ("POST", "users", {"name": "x/y", "groups": BLUE}, 400, "name"),
        ("POST", "users", {"name": "x"}, 400, "groups"),
        ("POST", "users", {"name": "x", "groups": {}}, 400, "groups"),
        ("POST", "users", {"name": "x", "groups": {"Blue": "up"}}, 400, "groups"),
        ("POST", "users", {"name": "x", "groups": {" ": "in"}}, 400, "groups"),
        ("POST", "users", {"name": "x", "groups": {"A:in": "both"}}, 400, "groups"),
        ("POST", "users", {"name": "x", "groups": BLUE, "roll": "viewer"}, 400, "roll"),
        ("PUT", "users/moana", {"groups": BLUE, "zzz": 1, "a": 2}, 400, "a, zzz"),
        ("POST", "users/moana/lock", {"why": "x"}, 400, "why"),
        ("POST", "users", {"name": "x", "groups": BLUE, "role": "boss"}, 400, "role"),
        ("POST", "users", {"name": "x", "groups": BLUE, "password": "short"}, 400, "password"),
        ("POST", "users", {"name": "x", "groups": BLUE, "exercises": [""]}, 400, "exercises"),
        ("POST", "users", {"name": "x", "groups": BLUE, "every_exercise": 1}, 400,
         "every_exercise"),
        ("POST", "users", {"name": "MOANA", "groups": BLUE}, 409, None),
        ("PUT", "users/moana", {}, 400, None),
        ("PUT", "users/nobody", {"role": "watch"}, 404, None),
        ("POST", "users/nobody/lock", {}, 404, None),
        ("POST", "users/nobody/unlock", {}, 404, None),
        ("DELETE", "users/nobody", {}, 404, None),
        ("POST", "users/nobody/password", {}, 404, None),
        # Nobody shuts himself out.
        ("POST", "users/boss/lock", {}, 409, None),
        ("DELETE", "users/BOSS", {}, 409, None),
        ("PUT", "users/boss", {"role": "watch"}, 409, None),
    ],
)  # fmt: skip
async def test_what_cannot_be_done_is_refused_and_leaves_no_act(
    desk: AtDesk, method: str, path: str, said: object, status: int, about: str | None
) -> None:
    before = desk.users.roll()
    problem = await desk.does(method, path, said, status)
    assert problem.get("parameter") == about
    assert problem["detail"]
    assert desk.users.roll() == before
    assert desk.noted() == []


async def test_an_administrator_changes_his_own_groups(desk: AtDesk) -> None:
    await desk.does("PUT", "users/boss", {"groups": BLUE})
    await desk.does("PUT", "users/boss", {"role": "administrator"})
    (boss,) = (a.user for a in desk.users.roll().accounts.values() if a.user.name == "boss")
    assert (boss.role, boss.groups) == (UserRole.ADMINISTRATOR, {"Blue": Direction.BOTH})


async def test_nobody_but_an_administrator_sees_or_changes_users(desk: AtDesk) -> None:
    said = {"name": "tahi", "groups": BLUE}
    for who, status in ((AROHA, 403), (None, 401)):
        await desk.get("users", status, who)
        await desk.does("POST", "users", said, status, who)
        await desk.does("DELETE", "users/moana", {}, status, who)
    answer = await desk.page.send("/api/v1/admin/users", said, BOSS, own=False)
    assert answer.status_code == 403  # another site's page
    assert "tahi" not in desk.users.roll().accounts


async def test_a_register_that_cannot_be_read_is_said(desk: AtDesk) -> None:
    desk.users.path.unlink()
    problem = await desk.get("users", 503)
    assert "people.sqlite" in problem["detail"]
