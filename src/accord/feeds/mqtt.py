"""A topic of an MQTT broker (3.1.1): each message is handed on as it comes, alone.

The client library reads in a thread of its own; what comes waits here, so that a broker that sends
faster than is read costs the oldest messages, and nobody else anything.
"""

import asyncio
import ssl
from collections import Counter, deque
from collections.abc import AsyncGenerator, Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from paho.mqtt.client import Client, ConnectFlags, DisconnectFlags, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from accord.feeds.feed import EMPTY, FeedError

WITHIN = 10.0
"""Seconds for a broker to answer, and to let the topic be heard."""

KEEP_ALIVE = 30
"""Seconds of silence after which the broker is asked whether it is still there."""

MAX_WAITING = 4_096
"""Messages that wait to be read; beyond, the oldest goes."""

MAX_MESSAGE = 1 << 20
"""Bytes of a message that is taken."""

MAX_PASSWORD = 1_024

DROPPED = "messages that nobody had time for"
TOO_LARGE = "too large"

_PORTS = {"mqtt": 1883, "mqtts": 8883}


@dataclass(frozen=True, slots=True)
class Topic:
    """Where to listen: the broker, whether by TLS, as whom, and for what."""

    host: str
    port: int
    is_secure: bool
    user: str
    name: str


def topic_of(address: str) -> Topic:
    """Read `mqtt://[USER@]HOST[:PORT]/TOPIC`, or `mqtts` for TLS. Raises ValueError."""
    scheme, _, rest = address.partition("://")
    where, _, name = rest.partition("/")
    try:
        parts = urlsplit(f"//{where}")
        usual = _PORTS.get(scheme, 0)
        port, host = (parts.port or usual) if usual else 0, parts.hostname or ""
    except ValueError:
        parts, port, host = urlsplit(""), 0, ""
    if not (port and host and name and name.isprintable()) or parts.password is not None:
        raise ValueError(
            f"address {address!r}: give mqtt://HOST[:PORT]/TOPIC, or mqtts://USER@HOST/TOPIC; "
            "a password goes into a file (`password_file`)"
        )
    return Topic(host, port, scheme == "mqtts", unquote(parts.username or ""), name)


class Mqtt:
    """Connects to a broker, and yields the messages of a topic until the connection breaks off."""

    is_finite = False

    def __init__(self, topic: Topic, *, is_lines: bool, password_file: Path | None = None) -> None:
        self.counts: Counter[str] = Counter()
        self._topic = topic
        self._is_lines = is_lines
        self._password_file = password_file

    async def chunks(self) -> AsyncGenerator[bytes, None]:
        """Yield an empty chunk when the topic is heard, then what comes. OSError or FeedError."""
        hearing = _Hearing(self._topic, self.counts)
        client = self._client()
        hearing.listens_to(client)
        try:
            async with asyncio.timeout(WITHIN):
                await asyncio.to_thread(
                    client.connect, self._topic.host, self._topic.port, KEEP_ALIVE
                )
                client.loop_start()
                await hearing.is_answered.wait()
            if hearing.is_subscribed:
                yield b""
            while (message := await hearing.next()) is not None:
                if not message:  # some brokers let go of what they retain with such a one
                    self.counts[EMPTY] += 1
                    continue
                yield message + b"\n" if self._is_lines else message
        except TimeoutError:
            raise FeedError(f"the broker did not answer in {WITHIN:.0f} s") from None
        finally:
            client.disconnect()
            await asyncio.shield(asyncio.to_thread(client.loop_stop))
        raise FeedError(hearing.trouble)

    def _client(self) -> Client:
        client = Client(CallbackAPIVersion.VERSION2, reconnect_on_failure=False)
        client.connect_timeout = WITHIN
        if self._topic.user:
            client.username_pw_set(self._topic.user, self._password())
        if self._topic.is_secure:
            context = ssl.create_default_context()
            client.tls_set_context(context)  # pyright: ignore[reportUnknownMemberType]  untyped
        return client

    def _password(self) -> str | None:
        if self._password_file is None:
            return None
        with self._password_file.open("rb") as file:
            said = file.read(MAX_PASSWORD)
        try:
            return said.decode().rstrip("\r\n")
        except UnicodeDecodeError:
            raise FeedError(f"{self._password_file} is not text") from None


class _Hearing:
    """What the library's thread has heard, and whoever waits for it in the loop."""

    def __init__(self, topic: Topic, counts: Counter[str]) -> None:
        self.is_answered = asyncio.Event()
        self.is_subscribed = False
        self.trouble = ""
        self._topic = topic
        self._counts = counts
        self._loop = asyncio.get_running_loop()
        self._waiting: deque[bytes] = deque()
        self._has_some = asyncio.Event()

    def listens_to(self, client: Client) -> None:
        """Be told of what comes; the library calls these in its own thread."""
        client.on_connect = self._connected
        client.on_subscribe = self._subscribed
        client.on_message = self._heard
        client.on_disconnect = self._ended

    async def next(self) -> bytes | None:
        """Return the next message, None when there will be no more."""
        while not self._waiting:
            if self.trouble:
                return None
            self._has_some.clear()
            await self._has_some.wait()
        return self._waiting.popleft()

    def _connected(
        self, client: Client, _: object, __: ConnectFlags, said: ReasonCode, ___: Properties | None
    ) -> None:
        if said.is_failure:
            self._stop(f"the broker refuses the connection: {said}")
        elif client.subscribe(self._topic.name)[0] != MQTTErrorCode.MQTT_ERR_SUCCESS:
            self._stop("the topic cannot be asked for")

    def _subscribed(
        self, _: Client, __: object, ___: int, said: list[ReasonCode], ____: Properties | None
    ) -> None:
        if any(each.is_failure for each in said):
            self._stop(f"the broker does not let topic {self._topic.name!r} be heard")
        else:
            self._tell(self._begin)

    def _heard(self, _: Client, __: object, message: MQTTMessage) -> None:
        payload = bytes(message.payload)
        if len(payload) > MAX_MESSAGE:
            self._counts[TOO_LARGE] += 1
        else:
            self._tell(lambda: self._take(payload))

    def _ended(
        self, _: Client, __: object, ___: DisconnectFlags, said: ReasonCode, ____: Properties | None
    ) -> None:
        self._stop(f"the connection to the broker broke off: {said}")

    def _begin(self) -> None:
        self.is_subscribed = True
        self.is_answered.set()

    def _take(self, payload: bytes) -> None:
        if len(self._waiting) >= MAX_WAITING:
            self._waiting.popleft()
            self._counts[DROPPED] += 1
        self._waiting.append(payload)
        self._has_some.set()

    def _stop(self, why: str) -> None:
        def stop() -> None:
            self.trouble = self.trouble or why
            self.is_answered.set()
            self._has_some.set()

        self._tell(stop)

    def _tell(self, act: Callable[[], None]) -> None:
        """Act in the loop; nothing, when the loop has ended meanwhile."""
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(act)
