"""A TAK client on a real connection: says what it is given, and collects what it hears."""

import asyncio
import ssl
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta

from lxml import etree

HEAR_WITHIN = 30.0
NOTED_WITHIN = 30.0
_END = b"</event>"
_HOUSEKEEPING = ("t-x-takp-v", "t-x-c-t-r")

Event = etree._Element  # pyright: ignore[reportPrivateUsage]  lxml has no other name for it


def moment(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def event(uid: str, type_: str = "a-f-G-U-C", detail: str = "", *, more: str = "") -> bytes:
    """An event of now, stale in five minutes; `more` are further attributes of it."""
    now = datetime.now(UTC)  # noqa: TID251  a client has a clock of its own
    time, stale = moment(now), moment(now + timedelta(minutes=5))
    return (
        f'<event version="2.0" uid="{uid}" type="{type_}" how="m-g" time="{time}" start="{time}" '
        f'stale="{stale}"{more and " " + more}>'
        '<point lat="-41.28" lon="174.77" hae="10" ce="5" le="5"/>'
        f"<detail>{detail}</detail></event>"
    ).encode()


def position(uid: str, callsign: str, detail: str = "") -> bytes:
    """What a client says of itself."""
    contact = f'<contact callsign="{callsign}" endpoint="*:-1:stcp"/>'
    return event(uid, detail=f'{contact}<__group name="Cyan" role="Team Member"/>{detail}')


def chat(
    words: str, *, sender: str, to: str = "All Chat Rooms", to_uid: str = "", number: str = "1"
) -> bytes:
    """GeoChat as ATAK writes it: to a room, or to one by callsign and uid."""
    room = to_uid or to
    people = f'uid0="{sender}" uid1="{room}"'
    marti = f'<marti><dest callsign="{to}"/></marti>' if to_uid else ""
    detail = (
        f'<__chat parent="RootContactGroup" groupOwner="false" messageId="{number}" '
        f'chatroom="{to}" id="{room}" senderCallsign="{sender}">'
        f'<chatgrp {people} id="{room}"/></__chat>'
        f'<link uid="{sender}" type="a-f-G-U-C" relation="p-p"/>'
        f'<remarks source="BAO.F.ATAK.{sender}" to="{room}">{words}</remarks>{marti}'
    )
    return event(f"GeoChat.{sender}.{room}.{number}", "b-t-f", detail)


class TakClient:
    """Speaks XML. `heard` is every event in order, but the node's offers and answers to pings."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._rest = b""
        self._answers = 0
        self.heard: list[Event] = []

    def say(self, *events: bytes) -> None:
        self._writer.write(b"".join(events))

    async def hears(self, wanted: str | Callable[[Event], bool]) -> Event:
        """Wait for an event of that uid, or of which that is true; it may have come before."""

        def matches(each: Event) -> bool:
            return each.get("uid") == wanted if isinstance(wanted, str) else wanted(each)

        seen = 0
        async with asyncio.timeout(HEAR_WITHIN):
            while True:
                for each in self.heard[seen:]:
                    if matches(each):
                        return each
                seen = len(self.heard)
                await self._read()

    async def _read(self) -> None:
        data = await self._reader.read(1 << 16)
        if not data:
            raise ConnectionError("the node closed the connection")
        *whole, self._rest = (self._rest + data).split(_END)
        events = [etree.fromstring(each + _END) for each in whole]
        self._answers += sum(each.get("type") == "t-x-c-t-r" for each in events)
        self.heard += [each for each in events if each.get("type") not in _HOUSEKEEPING]

    async def is_cut_off(self) -> None:
        """Wait until the node ends the connection."""
        async with asyncio.timeout(HEAR_WITHIN):
            with suppress(ConnectionError, ssl.SSLError):
                while True:
                    await self._read()

    @property
    def uids(self) -> list[str]:
        return [each.get("uid", "") for each in self.heard]

    async def is_taken_in(self) -> "TakClient":
        """Wait until the node has read everything said so far, and all it sent before is heard."""
        before = self._answers
        self.say(event("ping", "t-x-c-t"))
        async with asyncio.timeout(HEAR_WITHIN):
            while self._answers == before:
                await self._read()
        return self

    def abort(self) -> None:
        """Break the connection off, without a word."""
        self._writer.transport.abort()

    async def close(self) -> None:
        self._writer.close()
        with suppress(OSError):
            await self._writer.wait_closed()


@asynccontextmanager
async def connected(
    address: tuple[str, int], tls: ssl.SSLContext | None = None
) -> AsyncGenerator[TakClient]:
    """Connect a client, and wait until it has been taken in.

    It tries again for as long as a node may take to note a change of its register.
    """
    async with asyncio.timeout(NOTED_WITHIN):
        client = await _taken_in(address, tls)
        while client is None:
            await asyncio.sleep(0.05)
            client = await _taken_in(address, tls)
    try:
        yield client
    finally:
        await client.close()


async def _taken_in(address: tuple[str, int], tls: ssl.SSLContext | None) -> TakClient | None:
    reader, writer = await asyncio.open_connection(*address, ssl=tls)
    client = TakClient(reader, writer)
    try:
        return await client.is_taken_in()
    except (ConnectionError, ssl.SSLError):
        await client.close()
        return None


async def is_refused(address: tuple[str, int], tls: ssl.SSLContext | None) -> bool:
    """Tell whether the node closes the connection of a client without an answer."""
    try:
        client = await _taken_in(address, tls)
    except (ConnectionError, ssl.SSLError):
        return True
    if client is not None:
        await client.close()
    return client is None
