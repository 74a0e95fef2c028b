from collections.abc import Iterable

import pytest
from starlette.requests import Request
from starlette.types import Message

from accord.api.body import read_object, text_in
from accord.api.problem import Problem


def a_request(parts: Iterable[bytes]) -> tuple[Request, list[bytes]]:
    """A request that sends its body in parts, and those that have not been taken yet."""
    left = list(parts)

    async def receive() -> Message:
        body = left.pop(0)
        return {"type": "http.request", "body": body, "more_body": bool(left)}

    return Request({"type": "http", "method": "POST", "headers": []}, receive), left


async def test_an_object_is_read_in_whatever_parts_it_comes() -> None:
    request, _ = a_request([b'{"na', b'me": "m', b'oana"}'])
    assert await read_object(request, limit=100) == {"name": "moana"}


async def test_no_more_is_taken_than_the_limit() -> None:
    request, left = a_request([b"x" * 60] * 10)
    with pytest.raises(Problem, match="longer than 100 bytes") as refused:
        await read_object(request, limit=100)
    assert refused.value.status == 413
    assert len(left) == 8


@pytest.mark.parametrize(
    "body", [b"", b"nothing", b"[]", b'"text"', b"\xff\xfe", b"[" * 5000, b'{"a":' * 3000]
)
async def test_what_is_no_object_is_refused(body: bytes) -> None:
    request, _ = a_request([body])
    with pytest.raises(Problem, match="no JSON") as refused:
        await read_object(request, limit=100_000)
    assert refused.value.status == 400


def test_a_text_is_given_as_it_came() -> None:
    assert text_in({"name": "R\u0101wiri"}, "name", most=6) == "R\u0101wiri"


@pytest.mark.parametrize(
    ("value", "why"),
    [
        (None, "missing or no text"),
        (7, "missing or no text"),
        (["a"], "missing or no text"),
        ("a" * 7, "longer than 6"),
        ("\ud83d", "half a character"),
    ],
)
def test_what_is_no_text_is_refused_by_name(value: object, why: str) -> None:
    with pytest.raises(Problem, match=why) as refused:
        text_in({"name": value}, "name", most=6)
    assert (refused.value.status, refused.value.parameter) == (400, "name")
