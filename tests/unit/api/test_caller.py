from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.requests import HTTPConnection

from accord.api.caller import (
    PEER_CERTIFICATE,
    Caller,
    Via,
    identify,
    is_from_here,
    require_own_page,
    user_json,
)
from accord.api.problem import Problem
from accord.core.principal import Principal
from accord.core.user import UserRole
from support.sign_in import CHIEF, PASSWORD, REVOKED, SCREEN, Desk, a_desk
from support.sign_in import KIWI as KIWI_CERTIFICATE

KIWI = Principal(name="kiwi-1")


def _connection(**state: object) -> HTTPConnection:
    return HTTPConnection({"type": "websocket", "state": state})


def _admit(certificate: bytes) -> Principal | str:
    return KIWI if certificate == b"kiwi" else "unknown certificate"


def test_who_connects_is_told_by_the_certificate() -> None:
    assert identify(_connection(**{PEER_CERTIFICATE: b"kiwi"}), _admit) is KIWI
    assert identify(_connection(**{PEER_CERTIFICATE: b"moa"}), _admit) == "unknown certificate"


def test_nobody_is_anybody_without_a_certificate() -> None:
    assert identify(_connection(**{PEER_CERTIFICATE: None}), _admit) == "no client certificate"
    assert identify(_connection(), _admit) == "no client certificate"
    bare = HTTPConnection({"type": "websocket"})
    assert identify(bare, _admit) == "no client certificate"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = a_desk(tmp_path)
    yield made
    made.accounts.close()


def a_caller(desk: Desk, *, certificate: bytes | None = None, **cookies: str) -> Caller | str:
    cookie = "; ".join(f"{name.replace('__', '-')}={value}" for name, value in cookies.items())
    scope = {
        "type": "websocket",
        "state": {PEER_CERTIFICATE: certificate},
        "headers": [(b"cookie", cookie.encode())],
    }
    return desk.callers.identify(HTTPConnection(scope))


async def test_a_cookie_tells_who_asks(desk: Desk) -> None:
    signed = await desk.accounts.sign_in("moana", PASSWORD, "192.0.2.1")
    caller = a_caller(desk, accord_session_NZL__X=signed.token)
    assert caller == Caller(
        principal=signed.principal,
        role=UserRole.WATCH,
        via=Via.PASSWORD,
        session=signed.session.mark,
    )


@pytest.mark.parametrize(
    ("certificate", "name", "role"),
    [
        (CHIEF, "chief", UserRole.ADMINISTRATOR),
        (KIWI_CERTIFICATE, "kiwi-1", UserRole.WATCH),
        (SCREEN, "screen", UserRole.VIEWER),
    ],
)
def test_a_certificate_tells_who_asks(
    desk: Desk, certificate: bytes, name: str, role: UserRole
) -> None:
    caller = a_caller(desk, certificate=certificate)
    assert isinstance(caller, Caller)
    assert (caller.principal.name, caller.role, caller.via) == (name, role, Via.CERTIFICATE)
    assert caller.session == ""


async def test_who_has_signed_in_is_that_user_whatever_his_certificate(desk: Desk) -> None:
    signed = await desk.accounts.sign_in("moana", PASSWORD, "192.0.2.1")
    for certificate in (CHIEF, REVOKED):
        caller = a_caller(desk, certificate=certificate, accord_session_NZL__X=signed.token)
        assert isinstance(caller, Caller)
        assert caller.principal.name == "moana"


async def test_a_cookie_that_has_ended_hides_no_certificate(desk: Desk) -> None:
    caller = a_caller(desk, certificate=CHIEF, accord_session_NZL__X="ended")
    assert isinstance(caller, Caller)
    assert caller.principal.name == "chief"


async def test_nobody_we_know_is_told_why(desk: Desk) -> None:
    signed = await desk.accounts.sign_in("moana", PASSWORD, "192.0.2.1")
    of_another_node = a_caller(desk, accord_session_USA__X=signed.token)
    assert of_another_node == a_caller(desk) == "no client certificate"
    assert a_caller(desk, certificate=REVOKED) == "revoked"
    ended = a_caller(desk, accord_session_NZL__X="x")
    assert ended == "not signed in, or signed out meanwhile"
    desk.clock.advance(hours=16)
    assert "longest time" in str(a_caller(desk, accord_session_NZL__X=signed.token))


async def test_who_was_known_is_asked_after_where_he_is_known(desk: Desk) -> None:
    signed = await desk.accounts.sign_in("moana", PASSWORD, "192.0.2.1")
    user = a_caller(desk, accord_session_NZL__X=signed.token)
    assert isinstance(user, Caller)
    assert desk.callers.why_gone(user) is None
    await desk.accounts.sign_out(user.session)
    assert desk.callers.why_gone(user) is not None
    kiwi, chief = (a_caller(desk, certificate=each) for each in (KIWI_CERTIFICATE, CHIEF))
    assert isinstance(kiwi, Caller)
    assert isinstance(chief, Caller)
    assert (desk.callers.why_gone(kiwi), desk.callers.why_gone(chief)) == ("revoked", None)


def test_the_page_is_told_who_somebody_is_and_no_secret(desk: Desk) -> None:
    caller = a_caller(desk, certificate=KIWI_CERTIFICATE)
    assert isinstance(caller, Caller)
    assert user_json(caller) == {
        "name": "kiwi-1",
        "role": "watch",
        "groups": {"Blue": "both"},
        "via": "certificate",
    }


def _asks(**headers: str) -> HTTPConnection:
    given = {"host": "node:8443", **headers}
    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in given.items()]
    return HTTPConnection({"type": "http", "headers": raw})


@pytest.mark.parametrize(
    ("headers", "is_ours"),
    [
        ({}, True),
        ({"origin": "https://node:8443"}, True),
        ({"origin": "https://node"}, False),
        ({"origin": "http://node:8443"}, False),
        ({"origin": "https://evil.example"}, False),
        ({"origin": "https://node:8443.evil.example"}, False),
        ({"origin": "null"}, False),
        ({"origin": ""}, False),
        ({"origin": "https://[node:8443"}, False),
    ],
)
def test_a_page_of_ours_is_known_by_its_origin(headers: dict[str, str], is_ours: bool) -> None:
    assert is_from_here(_asks(**headers)) is is_ours


JSON = "application/json"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"content_type": JSON}, 403),  # what changes something has an origin
        ({"content_type": JSON, "origin": "https://evil.example"}, 403),
        ({"origin": "https://node:8443"}, 415),
        ({"origin": "https://node:8443", "content_type": "text/plain"}, 415),
        ({"origin": "https://node:8443", "content_type": f"text/plain; {JSON}"}, 415),
        ({"origin": "https://node:8443", "content_type": "application/x-www-form-urlencoded"}, 415),
    ],
)
def test_what_another_sites_form_can_send_changes_nothing(
    headers: dict[str, str], status: int
) -> None:
    with pytest.raises(Problem) as refused:
        require_own_page(_asks(**headers))
    assert refused.value.status == status


def test_a_page_of_ours_may_change_something() -> None:
    for kind in (JSON, "Application/JSON; charset=utf-8"):
        require_own_page(_asks(origin="https://node:8443", content_type=kind))
