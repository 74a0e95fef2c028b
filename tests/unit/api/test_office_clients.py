"""Clients, tokens, certificates and groups, as administrators look at and change them."""

from collections.abc import AsyncGenerator
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from accord.core.principal import Direction, Principal, Role
from accord.security import keystore
from support.clock import START
from support.office import BLUE, BOSS, PATH, AtDesk, at_desk, described
from support.page import AROHA


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncGenerator[AtDesk]:
    async with at_desk(tmp_path) as made:
        yield made


def of(desk: AtDesk, name: str) -> Principal:
    (found,) = [e for e in desk.people.memberships(desk.clock.now()) if e.principal.name == name]
    return found.principal


async def test_a_client_is_entered_with_a_token_to_scan_and_enrols_by_it(desk: AtDesk) -> None:
    said = {"name": "kea", "groups": {"Blue": "in"}, "role": "read-only", "every_exercise": True}
    given = await desk.does("POST", "clients", said, 201)
    assert described(given, "post", "clients", 201) == []
    scan = urlsplit(given["scan"])
    assert (scan.scheme, scan.netloc, scan.path) == ("tak", "com.atakmap.app", "/enroll")
    assert parse_qs(scan.query) == {
        "host": ["node.example.known"], "username": ["kea"], "token": [given["token"]],
    }  # fmt: skip
    assert given["qr"].startswith("data:image/svg+xml")
    assert desk.people.check_token("kea", given["token"], desk.clock.now()) is None
    assert given["until"] == "2026-01-03T03:04:05.678000Z"
    kea = of(desk, "kea")
    assert (kea.role, kea.groups) == (Role.READ_ONLY, {"Blue": Direction.IN})
    assert kea.every_exercise
    listed = await desk.get("clients")
    assert described(listed, "get", "clients") == []
    assert [(e["name"], e["has_token"], e["certificates"]) for e in listed["clients"]] == [
        ("kea", True, 0), ("kiwi", False, 1),
    ]  # fmt: skip
    tokens = await desk.get("tokens")
    assert described(tokens, "get", "tokens") == []
    assert tokens["tokens"] == [{"name": "kea", "ends": given["until"]}]
    assert given["token"] not in str(desk.noted())
    assert [e.detail for e in desk.noted()] == ["role read-only; groups Blue:in"]


async def test_a_token_is_made_anew_and_withdrawn(desk: AtDesk) -> None:
    first = await desk.does("POST", "clients/kiwi/token", {}, 201)
    second = await desk.does("POST", "clients/kiwi/token", {}, 201)
    now = desk.clock.now()
    assert desk.people.check_token("kiwi", first["token"], now) == "unknown user or token"
    assert desk.people.check_token("kiwi", second["token"], now) is None
    await desk.does("DELETE", "clients/kiwi/token")
    assert desk.people.check_token("kiwi", second["token"], now) == "unknown user or token"
    await desk.does("DELETE", "clients/kiwi/token", {}, 404)
    assert [each.what for each in desk.noted()] == ["token issue"] * 2 + ["token withdraw"]


async def test_a_client_is_changed_and_thrown_out(desk: AtDesk) -> None:
    await desk.does("PUT", "clients/kiwi", {"groups": {"Red": "out"}, "exercises": ["TASMAN"]})
    await desk.does("PUT", "clients/kiwi", {"role": "administrator"})
    kiwi = of(desk, "kiwi")
    assert (kiwi.groups, kiwi.role) == ({"Red": Direction.OUT}, Role.ADMINISTRATOR)
    assert kiwi.exercises == {"TASMAN"}
    await desk.does("DELETE", "clients/kiwi")
    assert desk.people.credentials()[0].revoked == desk.clock.now()
    await desk.does("PUT", "clients/kiwi", {"role": "member"}, 409)  # he was revoked
    assert [(each.what, each.whom) for each in desk.noted()] == [
        ("client set", "kiwi"), ("client set", "kiwi"), ("client revoke", "kiwi"),
    ]  # fmt: skip


async def test_the_calendar_warns_and_one_certificate_is_refused_alone(desk: AtDesk) -> None:
    for mark, days in (("c", 400), ("d", 25), ("e", 5), ("f", 0)):
        ends = START + timedelta(days=days)
        desk.people.add_certificate("kiwi", mark * 64, issued=START, ends=ends)
    said = await desk.get("certificates")
    assert described(said, "get", "certificates") == []
    assert [(e["fingerprint"][0], e["warning"]) for e in said["certificates"]] == [
        ("f", "ended"), ("e", "7 days"), ("d", "30 days"), ("a", "90 days"), ("c", "later"),
    ]  # fmt: skip
    await desk.does("DELETE", f"certificates/{'D' * 64}")
    assert "d" not in [
        each["fingerprint"][0] for each in (await desk.get("certificates"))["certificates"]
    ]
    revoked = {each.principal.credential[0] for each in desk.people.credentials() if each.revoked}
    assert revoked == {"d"}
    await desk.does("DELETE", f"certificates/{'d' * 64}", {}, 404)
    await desk.does("DELETE", f"certificates/{BOSS.credential}", {}, 409)  # his own
    assert [(each.what, each.whom) for each in desk.noted()] == [("certificate revoke", "d" * 64)]


async def test_groups_are_told_with_who_is_in_them(desk: AtDesk) -> None:
    said = await desk.get("groups")
    assert described(said, "get", "groups") == []
    assert said["groups"] == [
        {"name": "Blue", "clients": {"kiwi": "both"}, "users": {}},
        {"name": "Red", "clients": {}, "users": {"boss": "out", "moana": "out"}},
    ]
    await desk.does("DELETE", "clients/kiwi")
    assert [each["name"] for each in (await desk.get("groups"))["groups"]] == ["Red"]


async def test_the_package_that_a_phone_takes_in_first_is_a_known_clients(desk: AtDesk) -> None:
    answer = await desk.page.get(f"{PATH}/clients/kiwi/package", BOSS)
    assert (answer.status_code, answer.content) == (200, b"kiwi at node.example.known")
    assert answer.headers["content-type"] == "application/zip"
    await desk.get("clients/nobody/package", 404)


@pytest.mark.parametrize(
    ("method", "path", "said", "status"),
    [
        ("POST", "clients", {"name": "kiwi", "groups": BLUE}, 409),
        ("POST", "clients", {"name": "-x", "groups": BLUE}, 400),
        ("POST", "clients", {"name": "x"}, 400),
        ("POST", "clients", {"name": "x", "groups": BLUE, "role": "watch"}, 400),
        ("PUT", "clients/kiwi", {}, 400),
        ("PUT", "clients/nobody", {"role": "member"}, 404),
        ("DELETE", "clients/nobody", {}, 404),
        ("POST", "clients/nobody/token", {}, 404),
    ],
)
async def test_what_cannot_be_done_is_refused_and_leaves_no_act(
    desk: AtDesk, method: str, path: str, said: object, status: int
) -> None:
    before = desk.people.memberships(desk.clock.now())
    await desk.does(method, path, said, status)
    assert desk.people.memberships(desk.clock.now()) == before
    assert desk.noted() == []


async def test_nobody_enrols_where_the_node_could_sign_nothing(tmp_path: Path) -> None:
    said = {"name": "kea", "groups": BLUE}
    async with at_desk(tmp_path, port=None) as desk:
        problem = await desk.does("POST", "clients", said, 409)
        assert "enrol is off" in problem["detail"]
    (tmp_path / "people.sqlite").unlink()
    (tmp_path / keystore.AUTHORITY_KEY).unlink()
    (tmp_path / "authority").rmdir()
    async with at_desk(tmp_path) as desk:
        (tmp_path / keystore.AUTHORITY_KEY).unlink()
        problem = await desk.does("POST", "clients", said, 409)
        assert "authority's key" in problem["detail"]
        await desk.does("POST", "clients/kiwi/token", {}, 409)


async def test_nobody_but_an_administrator_sees_or_changes_any_of_it(desk: AtDesk) -> None:
    for path in ("clients", "tokens", "certificates", "groups", "clients/kiwi/package", "acts"):
        await desk.get(path, 403, AROHA)
    for method, path in (
        ("POST", "clients"), ("PUT", "clients/kiwi"), ("DELETE", "clients/kiwi"),
        ("POST", "clients/kiwi/token"), ("DELETE", "clients/kiwi/token"),
        ("DELETE", f"certificates/{'a' * 64}"),
    ):  # fmt: skip
        await desk.does(method, path, {}, 403, AROHA)
    assert desk.noted() == []
