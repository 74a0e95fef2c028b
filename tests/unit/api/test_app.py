import logging
from collections.abc import Awaitable, Callable

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from accord.api.app import Api, app
from accord.core.errors import AccordError
from accord.core.principal import Principal, Role
from support.health import a_status

ADMINISTRATOR, MEMBER, REVOKED = b"administrator", b"member", b"revoked"
HERE, AWAY = ("127.0.0.1", 40000), ("192.0.2.1", 40000)


def _admit(certificate: bytes) -> Principal | str:
    if certificate == ADMINISTRATOR:
        return Principal(name="chief", role=Role.ADMINISTRATOR)
    return Principal(name="kiwi-1") if certificate == MEMBER else "certificate was revoked"


async def _passes() -> None:
    return None


async def _fails() -> None:
    raise AccordError("no connection to 127.0.0.1 port 8089: refused")


async def _broken(_request: Request) -> Response:
    raise RuntimeError("secret detail")


async def _body(request: Request) -> Response:
    return PlainTextResponse(str(len(await request.body())))


def _app(self_check: Callable[[], Awaitable[None]] = _passes) -> ASGIApp:
    api = Api(admit=_admit, status=a_status, self_check=self_check)
    return app(api, more=[Route("/broken", _broken), Route("/body", _body, methods=["POST"])])


class _Connection:
    """Puts into the scope what the server knows of a client."""

    def __init__(self, served: ASGIApp, certificate: bytes | None) -> None:
        self._served = served
        self._certificate = certificate

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope["state"] = {"peer_certificate": self._certificate}
        await self._served(scope, receive, send)


async def _get(
    path: str,
    *,
    certificate: bytes | None = None,
    client: tuple[str, int] = HERE,
    served: ASGIApp | None = None,
    accept: str = "application/json",
) -> httpx.Response:
    transport = httpx.ASGITransport(
        _Connection(served or _app(), certificate), client=client, raise_app_exceptions=False
    )
    async with httpx.AsyncClient(transport=transport, base_url="https://node") as asking:
        return await asking.get(path, headers={"accept": accept})


def _is_problem(response: httpx.Response, status: int, detail: str) -> bool:
    # RFC 9457, 3.1: members; 4.2.1: the title of about:blank is the status's phrase
    body = response.json()
    return (
        response.headers["content-type"] == "application/problem+json"
        and response.status_code == body["status"] == status
        and body["type"] == "about:blank"
        and bool(body["title"])
        and detail in body["detail"]
    )


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
async def test_this_machine_may_ask_how_the_node_is(path: str) -> None:
    assert (await _get(path)).status_code == 200
    assert (await _get(path, client=("::1", 1))).status_code == 200
    assert (await _get(path, client=("::ffff:127.0.0.1", 1))).status_code == 200


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
async def test_other_machines_need_a_certificate_that_is_admitted(path: str) -> None:
    assert (await _get(path, client=AWAY, certificate=MEMBER)).status_code == 200
    refused = await _get(path, client=AWAY)
    assert _is_problem(refused, 401, "no client certificate")
    revoked = await _get(path, client=AWAY, certificate=REVOKED)
    assert _is_problem(revoked, 401, "certificate was revoked")
    nameless = await _get(path, client=("unix", 0))
    assert _is_problem(nameless, 401, "no client certificate")


async def test_the_status_is_for_administrators_also_on_this_machine() -> None:
    assert _is_problem(await _get("/api/status"), 401, "no client certificate")
    assert _is_problem(await _get("/api/status", certificate=MEMBER), 403, "kiwi-1")
    answer = await _get("/api/status", certificate=ADMINISTRATOR, client=AWAY)
    assert answer.json()["node"]["id"] == "NZL-X"


async def test_the_status_is_text_where_text_is_asked_for() -> None:
    answer = await _get("/api/status", certificate=ADMINISTRATOR, accept="text/plain")
    assert answer.headers["content-type"].startswith("text/plain")
    assert answer.text.startswith("NZL-X Test node")


async def test_a_node_that_passes_no_message_is_not_ready_and_says_why() -> None:
    answer = await _get("/readyz", served=_app(_fails))
    assert _is_problem(answer, 503, "no connection to 127.0.0.1 port 8089: refused")
    assert (await _get("/healthz", served=_app(_fails))).status_code == 200


async def test_metrics_are_in_the_form_of_prometheus() -> None:
    answer = await _get("/metrics")
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert "accord_tracks 5\n" in answer.text


async def test_what_is_not_there_is_a_problem_document_too() -> None:
    assert _is_problem(await _get("/nothing"), 404, "Not Found")


async def test_a_failure_of_ours_says_nothing_about_our_insides() -> None:
    answer = await _get("/broken")
    assert _is_problem(answer, 500, "its log says where")
    assert "secret" not in answer.text


async def test_a_method_there_is_not_says_which_there_are() -> None:
    transport = httpx.ASGITransport(_Connection(_app(), None), client=HERE)
    async with httpx.AsyncClient(transport=transport, base_url="https://node") as asking:
        answer = await asking.post("/healthz")
    assert _is_problem(answer, 405, "Method Not Allowed")
    assert "GET" in answer.headers["allow"]


async def test_routes_of_other_parts_are_served() -> None:
    async def more(_request: Request) -> Response:
        return PlainTextResponse("more")

    api = Api(admit=_admit, status=a_status, self_check=_passes)
    answer = await _get("/more", served=app(api, more=[Route("/more", more)]))
    assert answer.text == "more"


async def test_a_client_that_breaks_off_its_body_is_an_event_and_no_error(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    parts: list[Message] = [
        {"type": "http.request", "body": b"half", "more_body": True}, {"type": "http.disconnect"},
    ]  # fmt: skip
    scope = {"type": "http", "method": "POST", "path": "/body", "headers": [], "query_string": b""}

    async def receive() -> Message:
        return parts.pop(0)

    async def send(_message: Message) -> None: ...

    await _app()(scope, receive, send)  # nothing is raised: uvicorn would call it an error
    assert [(each.levelname, each.getMessage()) for each in caplog.records] == [
        ("INFO", "request broken off by its client path=/body")
    ]
