import asyncio
import itertools
from collections.abc import Sequence

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from accord.api.caller import STEP_FORWARD
from accord.api.in_turns import PART, InTurns


def _answering(*messages: Message) -> ASGIApp:
    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        for each in messages:
            await send(each)

    return app


def _body(data: bytes, *, more: bool = False) -> Message:
    return {"type": "http.response.body", "body": data, "more_body": more}


def _asked(steps: list[str] | None = None) -> Scope:
    """A question; what is sent of its answer is noted."""
    told = [] if steps is None else steps
    return {"type": "http", "state": {STEP_FORWARD: lambda: told.append("step")}}


async def _never() -> Message:
    raise AssertionError("nobody reads the question")


async def _said(app: ASGIApp, scope: Scope | None = None) -> list[Message]:
    said: list[Message] = []

    async def send(message: Message) -> None:
        said.append(message)

    await app(_asked() if scope is None else scope, _never, send)
    return said


def _joined(said: Sequence[Message]) -> bytes:
    return b"".join(each["body"] for each in said)


async def test_a_short_answer_is_sent_as_it_is() -> None:
    start = {"type": "http.response.start", "status": 200, "headers": []}
    short = (start, _body(b"a", more=True), _body(b"b" * (PART // 2)))
    assert await _said(InTurns(_answering(*short))) == list(short)


async def test_a_long_answer_arrives_whole_and_ends_once() -> None:
    long = bytes(range(256)) * (PART * 5 // 512)
    said = await _said(InTurns(_answering(_body(long, more=True), _body(long))))
    assert _joined(said) == long + long
    assert max(len(each["body"]) for each in said) == PART
    assert [each["more_body"] for each in said].index(False) == len(said) - 1


async def test_what_is_no_request_is_left_alone() -> None:
    long = _body(bytes(3 * PART))
    assert await _said(InTurns(_answering(long)), {"type": "websocket"}) == [long]


async def test_long_answers_take_turns_and_others_go_on_between_any_two_parts() -> None:
    order: list[str] = []
    app = InTurns(_answering(_body(bytes(4 * PART))))

    async def download(name: str) -> None:
        async def send(message: Message) -> None:
            if message["body"]:
                order.append(name)

        await app(_asked(), _never, send)

    async def live() -> None:
        while True:
            order.append("live")
            await asyncio.sleep(0)

    async with asyncio.TaskGroup() as tasks:
        living = tasks.create_task(live())
        await asyncio.gather(download("a"), download("b"))
        living.cancel()
    assert [each for each in order if each != "live"] == ["a", "b"] * 4
    assert all("live" in pair for pair in itertools.pairwise(order))


async def test_a_client_that_does_not_read_keeps_no_turn() -> None:
    reads = asyncio.Event()
    app = InTurns(_answering(_body(bytes(4 * PART))))

    said = {True: 0, False: 0}

    async def download(*, is_slow: bool) -> None:
        async def send(message: Message) -> None:
            if is_slow and said[is_slow]:
                await reads.wait()
            said[is_slow] += len(message["body"])

        await app(_asked(), _never, send)

    async with asyncio.TaskGroup() as tasks, asyncio.timeout(20):
        tasks.create_task(download(is_slow=True))
        await asyncio.sleep(0)
        await download(is_slow=False)
        assert said[False] == 4 * PART
        assert said[True] < 4 * PART
        reads.set()
    assert said[True] == 4 * PART


async def test_every_part_that_a_client_takes_is_a_step_forward() -> None:
    taken: list[str] = []
    app = InTurns(_answering(_body(b"short", more=True), _body(bytes(3 * PART))))

    async def send(message: Message) -> None:
        if message["body"]:
            taken.append("part")

    await app(_asked(taken), _never, send)
    assert taken.count("part") == 4
    assert ("part", "part") not in itertools.pairwise(taken)
    assert taken[-1] == "step"
