import asyncio
import ssl
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from zipfile import ZipFile

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    pkcs12,
)
from cryptography.x509.oid import NameOID

from accord.cli import demo_client
from accord.cli.demo_cast import Invented
from accord.cli.demo_client import DemoClient, tls_context
from accord.core.clock import SystemClock
from accord.core.errors import AccordError
from accord.wire.cot import detail, protobuf, xml
from accord.wire.cot.message import CotEvent, CotPoint
from accord.wire.cot.stream import CotStream, frame
from support.clock import START, ManualClock

SECRET = b"atakatak"
PREFERENCES = """<?xml version="1.0"?><preferences><preference version="1" name="cot_streams">
<entry key="caLocation0" class="class java.lang.String">cert/truststore.p12</entry>
<entry key="caPassword0" class="class java.lang.String">atakatak</entry>
<entry key="certificateLocation0" class="class java.lang.String">cert/KIWI-1.p12</entry>
<entry key="clientPassword0" class="class java.lang.String">atakatak</entry>
</preference></preferences>"""


class Authority:
    """A certificate authority of one test."""

    def __init__(self) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.certificate = self.sign("test authority", self.key, is_ca=True)

    def sign(
        self, name: str, key: ec.EllipticCurvePrivateKey, *, is_ca: bool = False
    ) -> x509.Certificate:
        issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test authority")])
        now = SystemClock().now()
        return (
            x509.CertificateBuilder()
            .issuer_name(issuer)
            .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(hours=1))
            .not_valid_after(now + timedelta(hours=1))
            .add_extension(x509.BasicConstraints(ca=is_ca, path_length=None), critical=True)
            .sign(self.key, hashes.SHA256())
        )

    def server_context(self, folder: Path) -> ssl.SSLContext:
        key = ec.generate_private_key(ec.SECP256R1())
        chain = folder / "server.pem"
        chain.write_bytes(
            self.sign("node", key).public_bytes(Encoding.PEM)
            + key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(chain)
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(cadata=self.certificate.public_bytes(Encoding.PEM).decode())
        return context

    def package(self, folder: Path, *, trusts: bool = True) -> Path:
        key = ec.generate_private_key(ec.SECP256R1())
        encryption = BestAvailableEncryption(SECRET)
        own = pkcs12.serialize_key_and_certificates(
            b"KIWI-1", key, self.sign("KIWI-1", key), None, encryption
        )
        trusted = pkcs12.serialize_key_and_certificates(
            b"trust", None, None, [self.certificate], encryption
        )
        path = folder / "KIWI-1.zip"
        with ZipFile(path, "w") as content:
            content.writestr("certs/config.pref", PREFERENCES)
            content.writestr("certs/truststore.p12", trusted if trusts else own)
            content.writestr("certs/KIWI-1.p12", own)
        return path


@pytest.fixture
def authority() -> Authority:
    return Authority()


def an_event(uid: str, kind: str = "a-n-S-X-M", inside: str = "") -> bytes:
    return xml.compose(
        uid=uid,
        type=kind,
        how="m-g",
        time=START,
        start=START,
        stale=START,
        point=CotPoint(-41.3, 174.8, 0.0, 10.0, 10.0),
        detail=inside,
    )


SHIP = an_event(
    "MMSI-512000001", inside='<contact callsign="ARAHURA"/><track speed="8.5" course="1"/>'
)
OTHER = an_event("DEMO-KIWI-2", "a-f-S", '<contact callsign="KIWI-2"/>')
WORDS = an_event(
    "GeoChat.1",
    "b-t-f",
    '<__chat chatroom="KIWI-1" id="DEMO-KIWI-1" senderCallsign="KIWI-2">'
    '<chatgrp uid0="DEMO-KIWI-2"/></__chat><remarks>kia ora</remarks>',
)


class Server:
    """A node's end of one connection: sends what it is told, and keeps what it hears."""

    def __init__(self, *say: bytes, until: Callable[[list[CotEvent]], bool]) -> None:
        self.heard: list[CotEvent] = []
        self.said = asyncio.Event()
        self._say = say
        self._until = until

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        stream = CotStream()
        while not self._until(self.heard):
            data = await reader.read(4096)
            if not data:
                break
            self.heard += stream.receive(data, START)
            writer.write(stream.take_replies())
            if stream.speaks_protobuf or not self.said.is_set():
                for event in self._say:
                    message = protobuf.write(xml.read(event))
                    writer.write(frame(message) if stream.speaks_protobuf else event)
                self.said.set()
        writer.close()


async def meet(client: DemoClient, server: Server, authority: Authority, folder: Path) -> None:
    """Let the client talk to the server until the server has heard enough and leaves."""
    tls = authority.server_context(folder)
    async with await asyncio.start_server(server.talk, "127.0.0.1", 0, ssl=tls) as listener:
        address = listener.sockets[0].getsockname()[:2]
        with pytest.raises(ExceptionGroup) as broken:
            await client.run(address, tls_context(authority.package(folder)))
    assert broken.group_contains(AccordError, match="closed the connection of KIWI-1")


def has_chat(heard: list[CotEvent]) -> bool:
    return any(event.type == "b-t-f" for event in heard)


async def test_it_tells_where_it_is_talks_and_notes_what_it_receives(
    authority: Authority, tmp_path: Path
) -> None:
    client = DemoClient("KIWI-1", "KIWI-2", wants_protobuf=False, clock=ManualClock())
    server = Server(SHIP, OTHER, WORDS, until=has_chat)
    await meet(client, server, authority, tmp_path)
    tally = client.tally
    assert (tally.ais, tally.positions_of["KIWI-2"], tally.spoken_to) == (1, 1, 1)
    assert tally.tracks["MMSI-512000001"].name == "ARAHURA"
    assert tally.tracks["MMSI-512000001"].speed == 8.5
    assert tally.words == ["KIWI-2: kia ora"]
    assert not tally.heard_protobuf
    position, words = server.heard[:2]
    assert position.opex == words.opex == "e-DEMO"
    assert detail.announcement(position) is not None
    assert detail.destinations(words) == {("callsign", "KIWI-2")}


async def test_it_speaks_protobuf_once_the_node_does(authority: Authority, tmp_path: Path) -> None:
    client = DemoClient("KIWI-1", "KIWI-2", wants_protobuf=True, clock=ManualClock())
    server = Server(SHIP, until=has_chat)
    await meet(client, server, authority, tmp_path)
    assert client.tally.heard_protobuf
    assert server.heard
    assert all(event.protobuf is not None for event in server.heard)


async def test_what_it_keeps_of_tracks_is_bounded(
    authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demo_client, "MAX_TRACKS", 1)
    client = DemoClient("KIWI-1", "KIWI-2", wants_protobuf=False, clock=ManualClock())
    await meet(client, Server(SHIP, OTHER, until=has_chat), authority, tmp_path)
    assert list(client.tally.tracks) == ["DEMO-KIWI-2"]


async def test_a_node_that_is_not_there_is_said_in_a_sentence(
    authority: Authority, tmp_path: Path
) -> None:
    client = DemoClient("KIWI-1", "KIWI-2", wants_protobuf=False, clock=ManualClock())
    context = tls_context(authority.package(tmp_path))
    with pytest.raises(AccordError, match="KIWI-1 lost the node"):
        await client.run(("127.0.0.1", 1), context)


def test_a_package_without_an_authority_is_refused(authority: Authority, tmp_path: Path) -> None:
    with pytest.raises(AccordError, match="lacks a key or a certificate"):
        tls_context(authority.package(tmp_path, trusts=False))


async def test_what_is_invented_is_told_of_near_the_client_with_marks_of_its_own(
    authority: Authority, tmp_path: Path
) -> None:
    own = {"access": "UNCLASSIFIED", "releasableTo": "USA"}
    client = DemoClient(
        "KIWI-1", "KIWI-2", wants_protobuf=False, clock=ManualClock(), centre=(-36.0, 177.0),
        invented=(Invented("INVENTED OWN", "a-f-S", own), Invented("AIR", "a-f-A")),
    )  # fmt: skip
    server = Server(SHIP, until=has_chat)
    await meet(client, server, authority, tmp_path)
    position, own_ship, aircraft = server.heard[:3]
    assert (own_ship.uid, own_ship.type) == ("DEMO-INVENTED-OWN", "a-f-S")
    assert (own_ship.access, own_ship.releasable_to) == ("UNCLASSIFIED", "USA")
    assert (aircraft.uid, aircraft.type, aircraft.releasable_to) == ("DEMO-AIR", "a-f-A", None)
    assert {each.opex for each in server.heard[:3]} == {"e-DEMO"}
    for each, north in ((position, 0.0), (own_ship, 0.1), (aircraft, 0.2)):
        assert each.point.lat == pytest.approx(-36.0 + north, abs=0.01)
        assert each.point.lon == pytest.approx(177.0, abs=0.01)
