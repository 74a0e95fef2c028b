import asyncio
import socket
from contextlib import aclosing
from pathlib import Path

import pytest

from accord.feeds import mqtt
from accord.feeds.feed import EMPTY, FeedError
from accord.feeds.mqtt import Mqtt, Topic, topic_of
from support.mqtt import BAD_PASSWORD, REFUSED, Broker, publish


def feed(
    broker: Broker, *, is_lines: bool = False, user: str = "", secret: Path | None = None
) -> Mqtt:
    topic = Topic("127.0.0.1", broker.port, is_secure=False, user=user, name="vans/#")
    return Mqtt(topic, is_lines=is_lines, password_file=secret)


async def all_of(it: Mqtt, found: list[bytes]) -> None:
    async with aclosing(it.chunks()) as chunks:
        async for each in chunks:
            found.append(each)  # noqa: PERF401  what came counts though it ends with an error


async def test_each_message_comes_alone_and_then_why_there_are_no_more() -> None:
    sends = publish("vans/1", b'{"id":1}') + publish("vans/2", b'{"id":\n2}')
    found: list[bytes] = []
    async with Broker(sends=sends, hangs_up=True) as broker:
        with pytest.raises(FeedError, match="broke off"):
            await all_of(feed(broker), found)
        assert b"vans/#" in broker.heard[1]
    assert found == [b"", b'{"id":1}', b'{"id":\n2}']


async def test_of_lines_the_end_of_a_message_is_the_end_of_one() -> None:
    found: list[bytes] = []
    async with Broker(sends=publish("ais", b"!AIVDM"), hangs_up=True) as broker:
        with pytest.raises(FeedError):
            await all_of(feed(broker, is_lines=True), found)
    assert found == [b"", b"!AIVDM\n"]


async def test_an_empty_message_is_counted_and_no_document() -> None:
    found: list[bytes] = []
    async with Broker(sends=publish("a", b"") + publish("a", b"{}"), hangs_up=True) as broker:
        it = feed(broker)
        with pytest.raises(FeedError, match="broke off"):
            await all_of(it, found)
    assert found == [b"", b"{}"]
    assert it.counts == {EMPTY: 1}


async def test_user_and_password_are_said(tmp_path: Path) -> None:
    secret = tmp_path / "password"
    secret.write_text("tūī\n")
    async with Broker(hangs_up=True) as broker:
        with pytest.raises(FeedError):
            await all_of(feed(broker, user="kiwi", secret=secret), [])
        assert broker.heard[0].endswith(b"\x00\x04kiwi\x00\x05" + "tūī".encode())


async def test_a_password_that_is_no_text_is_said(tmp_path: Path) -> None:
    secret = tmp_path / "password"
    secret.write_bytes(b"\xff")
    with pytest.raises(FeedError, match="not text"):
        await all_of(feed(Broker(port=1), user="kiwi", secret=secret), [])


@pytest.mark.parametrize(
    ("broker", "why"),
    [
        (Broker(connack=BAD_PASSWORD, hangs_up=True), "refuses the connection"),
        (Broker(suback=REFUSED), r"does not let topic 'vans/#' be heard"),
    ],
)
async def test_a_broker_that_refuses_is_said_with_its_reason(broker: Broker, why: str) -> None:
    found: list[bytes] = []
    async with broker:
        with pytest.raises(FeedError, match=why):
            await all_of(feed(broker), found)
    assert found == []


async def test_where_nobody_listens_it_cannot_be_had() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(OSError, match=r"refused|Connect"):
        await all_of(feed(Broker(port=port)), [])


async def test_a_broker_that_does_not_answer_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(mqtt, "WITHIN", 0.05)
    with (
        socket.create_server(("127.0.0.1", 0)) as mute,
        pytest.raises(FeedError, match="did not answer"),
    ):
        await all_of(feed(Broker(port=mute.getsockname()[1])), [])


async def test_what_is_too_much_or_too_large_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mqtt, "MAX_WAITING", 1)
    monkeypatch.setattr(mqtt, "MAX_MESSAGE", 3)
    sends = b"".join(publish("a", each) for each in (b"old", b"large", b"new"))
    async with Broker(sends=sends) as broker:
        it = feed(broker)
        async with asyncio.timeout(30), aclosing(it.chunks()) as chunks:
            assert await anext(chunks) == b""
            # The library's thread hands on in order: once this is there, all before it was.
            while not (it.counts[mqtt.DROPPED] and it.counts[mqtt.TOO_LARGE]):  # noqa: ASYNC110
                await asyncio.sleep(0.01)
            assert await anext(chunks) == b"new"
    assert it.counts == {mqtt.DROPPED: 1, mqtt.TOO_LARGE: 1}


@pytest.mark.parametrize(
    ("address", "topic"),
    [
        ("mqtt://broker.example/vans/#", Topic("broker.example", 1883, False, "", "vans/#")),
        ("mqtts://broker.example/+/a?b", Topic("broker.example", 8883, True, "", "+/a?b")),
        ("mqtt://k%40w@[2001:db8::1]:18/a", Topic("2001:db8::1", 18, False, "k@w", "a")),
    ],
)
def test_an_address_says_where_as_whom_and_for_what(address: str, topic: Topic) -> None:
    assert topic_of(address) == topic


@pytest.mark.parametrize(
    "address",
    ["broker/vans", "http://broker/vans", "mqtt://broker", "mqtt:///vans", "mqtt://broker:x/vans",
     "mqtt://user:secret@broker/vans", "mqtt://broker:0x/v", "mqtt://[bad/vans"],
)  # fmt: skip
def test_an_address_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match="mqtt://HOST"):
        topic_of(address)
