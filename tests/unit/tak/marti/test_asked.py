"""Parameters and bodies, within their limits, and moments as TAK clients write them."""

import asyncio
import threading
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from urllib.parse import quote

import pytest
from starlette.exceptions import HTTPException
from starlette.requests import Request

from accord.tak.marti import asked
from accord.tak.marti.asked import LONG_AGO, LONG_AT_ONCE, Door

NOW = datetime(2026, 1, 2, 3, 4, 5, 678000, tzinfo=UTC)


def request(
    query: str = "", *, headers: dict[str, str] | None = None, data: bytes = b""
) -> Request:
    given = [(k.lower().encode(), v.encode()) for k, v in (headers or {}).items()]
    scope = {"type": "http", "query_string": query.encode(), "headers": given, "method": "GET"}

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": data, "more_body": False}

    return Request(scope, receive)


def refused(status: int) -> Any:
    return pytest.raises(HTTPException, match=str(status))


def test_a_parameter_is_found_whatever_its_case_and_by_any_of_its_names() -> None:
    one = request("CreatorUid=U1&keyword=a&KEYWORD=b&Key=c")
    assert asked.parameter(one, "creatorUid") == "U1"
    assert asked.parameter(one, "tool", "key") == "c"
    with refused(400):
        asked.parameter(one, "keyword")  # which of the two would be taken is for nobody to guess
    assert asked.parameter(request("x=a&X=a&y=b"), "x", "y") == "a"
    assert asked.parameters(one, "keyword") == ["a", "b"]
    assert asked.parameter(one, "none") == ""
    with refused(400):
        asked.needed(one, "none")
    with refused(400):
        asked.parameter(request(f"x={'y' * 1025}"), "x")
    with refused(400):
        asked.parameter(request("x=%00"), "x")


def test_flags_and_numbers_are_what_they_say() -> None:
    one = request("yes=TRUE&no=false&what=1&n=-7&big=99999999999999999999")
    assert (asked.flag(one, "yes"), asked.flag(one, "no"), asked.flag(one, "none")) == (
        True, False, False,
    )  # fmt: skip
    assert asked.flag(one, "none", default=True)
    assert (asked.number(one, "n", 0), asked.number(one, "none", 5)) == (-7, 5)
    for name in ("yes", "big"):
        with refused(400):
            asked.number(one, name, 0)
    with refused(400):
        asked.flag(one, "what")


def test_a_span_is_from_start_to_end_or_so_long_ago() -> None:
    assert asked.span(request(), NOW) == asked.Span(LONG_AGO, NOW)
    assert asked.span(request("secago=60"), NOW).start == NOW - timedelta(seconds=60)
    assert asked.span(request("secago=0"), NOW, usual=timedelta(hours=1)).start == (
        NOW - timedelta(hours=1)
    )
    assert asked.span(request("secago=9007199254740991"), NOW).start == LONG_AGO
    given = "start=2026-01-02T03:00:00.000Z&end=" + quote("2026-01-02T16:04:00+13:00")
    found = asked.span(request(given), NOW)
    assert found.start == datetime(2026, 1, 2, 3, tzinfo=UTC)
    assert found.end == datetime(2026, 1, 2, 3, 4, tzinfo=UTC)
    assert asked.moment(request("t=2026-01-02T03:00:00"), "t", NOW).tzinfo is UTC
    for wrong in ("start=x", "end=2025-01-01T00:00:00Z&start=2026-01-01T00:00:00Z", "secago=x"):
        with refused(400):
            asked.span(request(wrong), NOW)


def test_moments_have_milliseconds_and_z() -> None:
    assert asked.spell(NOW) == "2026-01-02T03:04:05.678Z"
    assert asked.spell(NOW.replace(microsecond=5000)) == "2026-01-02T03:04:05.005Z"


def test_a_client_that_does_not_say_its_version_speaks_2() -> None:
    assert asked.api_version(request()) == 2
    assert asked.api_version(request(headers={"API_VERSION": "4"})) == 4
    for odd in ("x", "", "9999", "-1"):
        assert asked.api_version(request(headers={"API_VERSION": odd})) == 2


async def test_a_body_is_read_up_to_its_limit() -> None:
    assert await asked.body(request(data=b"x" * 9), 9) == b"x" * 9
    with refused(413):
        await asked.body(request(data=b"x" * 10), 9)
    assert await asked.json_body(request(data=b'["a"]')) == ["a"]
    for data in (b"", b"{", b"[" * 100_000):
        with refused(400):
            await asked.json_body(request(data=data))


def test_texts_are_a_list_of_texts() -> None:
    assert asked.texts(["a", "ā"], "x") == ["a", "ā"]
    for wrong in ("a", ["a", 1], ["\ud800"], ["a"] * 3, None, {}):
        with refused(400):
            asked.texts(wrong, "x", most=2)


async def test_a_form_is_read_with_the_query_whatever_the_case_of_its_names() -> None:
    found = await asked.form(request("Contacts=a", data=b"contacts=b&Role=x%20y"))
    assert found == [("contacts", "a"), ("contacts", "b"), ("role", "x y")]
    for data in (b"\xff=1", b"&".join([b"a=1"] * 201)):
        with refused(400):
            await asked.form(request(data=data))


async def test_long_work_is_done_a_few_pieces_at_a_time() -> None:
    nobody: Any = None
    door = Door(
        node="NZL", identify=nobody, channels=nobody, clock=nobody, is_anothers=nobody,
        host=nobody,
    )  # fmt: skip
    begun, may_end = list[int](), threading.Event()
    both_run = threading.Barrier(LONG_AT_ONCE + 1)

    def work(number: int) -> int:
        begun.append(number)
        if not may_end.is_set():
            both_run.wait()
            may_end.wait()
        return number

    async with asyncio.TaskGroup() as group:
        done = [group.create_task(door.in_turn(partial(work, n))) for n in range(10)]
        await asyncio.to_thread(both_run.wait)
        assert door.turns.locked()
        assert len(begun) == LONG_AT_ONCE
        may_end.set()
    assert [each.result() for each in done] == list(range(10))
