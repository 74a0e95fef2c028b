from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from accord.api.download import Download
from accord.api.problem import Problem, refused

DATA = b"0123456789"


class Asked:
    """A file that is answered; `done` counts what was done after it."""

    def __init__(self, path: Path) -> None:
        path.write_bytes(DATA)
        self.done = 0
        self._path = path
        application = Starlette(
            routes=[Route("/file", self._answer, methods=["GET", "HEAD"])],
            exception_handlers={Problem: refused},
        )
        transport = httpx.ASGITransport(app=application)
        self.http = httpx.AsyncClient(transport=transport, base_url="https://node.example")

    async def _answer(self, _: Request) -> Response:
        return Download(
            self._path, headers={}, media_type="text/plain", after=BackgroundTask(self._note)
        )

    def _note(self) -> None:
        self.done += 1


@pytest.fixture
def asked(tmp_path: Path) -> Asked:
    return Asked(tmp_path / "file.txt")


@pytest.mark.parametrize(
    ("said", "status", "data"),
    [
        ("", 200, DATA), ("bytes=2-4", 206, b"234"), ("bytes=8-", 206, b"89"),
        ("bytes=-3", 206, b"789"), ("bytes=8-99", 206, b"89"),
    ],
)  # fmt: skip
async def test_a_file_is_answered_whole_or_in_part(
    asked: Asked, said: str, status: int, data: bytes
) -> None:
    answer = await asked.http.get("/file", headers={"Range": said} if said else {})
    assert (answer.status_code, answer.content, asked.done) == (status, data, 1)


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ("bytes=--1", 416), ("bytes=10-", 416), ("bytes=9999-", 416), ("bytes=5-2", 400),
        ("bytes=abc", 400), ("bytes=-", 400), ("lines=1-2", 400), ("bytes", 400),
    ],
)  # fmt: skip
@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_a_range_that_cannot_be_is_a_problem_and_nothing_is_left_behind(
    asked: Asked, said: str, status: int, method: str
) -> None:
    answer = await asked.http.request(method, "/file", headers={"Range": said})
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["content-range"] == "bytes */10"
    assert asked.done == 1
    if method == "GET":
        assert answer.json()["detail"]
