import asyncio
import json
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from websockets.asyncio.client import connect

from accord.api import stream
from accord.api.in_flight import LONG
from accord.core.clock import SystemClock
from accord.core.errors import AccordError
from accord.core.principal import Direction, Principal
from accord.core.report import Report
from accord.feeds.feed import Feed
from accord.node import feeds
from accord.node import node as node_module
from accord.security import keystore
from accord.storage.people import PeopleReader
from accord.wire.cot import translate as cot
from accord.wire.cot.tak_pb2 import TakMessage
from accord.wire.errors import Malformed
from support.in_process import InProcess, ask, running
from support.keys import rsa_key
from support.tak_client import chat, connected, event, is_refused, position


def unframed(data: bytes | str) -> bytes:
    """One message without its stream frame: BF, and a length of one or two bytes."""
    assert isinstance(data, bytes)
    assert data[0] == 0xBF
    return data[2 if data[1] < 0x80 else 3 :]


async def test_a_node_says_when_and_where_it_listens(node: InProcess) -> None:
    assert list(node.addresses) == [
        *("cot-tcp", "cot-tls", "cot-udp", "api", "enrol", "federation")
    ]
    said = json.loads((node.directory / "run" / "listeners.json").read_text())
    assert said["listeners"].keys() == node.addresses.keys()


async def test_it_leaves_no_word_of_its_listeners_and_lets_everybody_go(directory: Path) -> None:
    async with running(directory) as node:
        phone = node.add_client("kiwi-1")
        async with connected(node.addresses["cot-tls"], phone) as client:
            address = node.addresses["cot-tls"]
            node.stop()
            await client.is_cut_off()
    assert not (directory / "run" / "listeners.json").exists()
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection(*address)


async def test_clients_over_tls_and_without_hear_each_other_in_a_shared_group(
    node: InProcess,
) -> None:
    phone = node.add_client("kiwi-1", "Everyone")
    async with (
        connected(node.addresses["cot-tls"], phone) as a,
        connected(node.addresses["cot-tcp"]) as b,
    ):
        a.say(position("A", "KIWI1"))
        b.say(position("B", "KIWI2"))
        await a.hears("B")
        await b.hears("A")
        assert "A" not in a.uids


async def test_who_came_spoke_and_went_between_two_looks_is_a_source(node: InProcess) -> None:
    phone = node.add_client("kiwi-1", "Everyone")
    async with connected(node.addresses["cot-tcp"]) as b:
        async with connected(node.addresses["cot-tls"], phone) as a:
            a.say(position("A", "KIWI1"))
            await b.hears("A")
        async with connected(node.addresses["cot-tls"], node.add_client("silent")):
            pass
        await b.hears("A-gone")
    sources = {each["speaker"]: each for each in (await ask(node, "/api/status"))["sources"]}
    assert (sources["kiwi-1"]["state"], sources["kiwi-1"]["accepted"]) == ("gone", 1)
    assert sources["kiwi-1"]["last_useful"] is not None


async def test_a_datagram_reaches_clients(node: InProcess) -> None:
    transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
        asyncio.DatagramProtocol, remote_addr=node.addresses["cot-udp"]
    )
    async with connected(node.addresses["cot-tcp"]) as a:
        transport.sendto(event("SENSOR"))
        await a.hears("SENSOR")
    transport.close()


async def test_who_is_revoked_is_thrown_out(node: InProcess) -> None:
    phone = node.add_client("kiwi-1")
    async with connected(node.addresses["cot-tls"], phone) as a:
        node.people.revoke("kiwi-1", SystemClock().now())
        await a.is_cut_off()
    assert await is_refused(node.addresses["cot-tls"], phone)
    status = await ask(node, "/api/status")
    assert status["drops"]["connections ended"]["revoked"] >= 1


async def test_who_may_not_look_any_more_is_cut_off_within_2_s_by_how_often_that_is_looked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    waits: list[float] = []
    did: list[str] = []

    async def sleep(seconds: float) -> None:
        if len(waits) == 4:
            raise asyncio.CancelledError
        waits.append(seconds)

    class Looking:
        """What a node does again and again, as far as people are concerned."""

        _bridge = SimpleNamespace(sessions=())
        _admission = SimpleNamespace(look=lambda: did.append("certificates"))
        _browsers = SimpleNamespace(
            accounts=SimpleNamespace(look=lambda: did.append("accounts")),
            stream=SimpleNamespace(throw_out=lambda: did.append("throw out")),
        )
        _staging = SimpleNamespace(throw_out=lambda: did.append("replay"))
        _in_flight = SimpleNamespace(throw_out=lambda: did.append("in flight"))
        _picture = SimpleNamespace(expire=lambda _: ())
        _log = SimpleNamespace(sweep=lambda: None)
        _clock = SimpleNamespace(now=lambda: None, monotonic=lambda: -1.0)
        _throw_out = node_module.Node._throw_out
        _correlating = SimpleNamespace(look=lambda: None)
        _look_at_the_clock = staticmethod(lambda: None)
        _feeds = SimpleNamespace(plots=frozenset[str]())

    monkeypatch.setattr(node_module, "asyncio", SimpleNamespace(sleep=sleep))
    with pytest.raises(asyncio.CancelledError):
        await node_module.Node._look_after(Looking())  # type: ignore[arg-type]
    assert did == ["certificates", "accounts", "throw out", "replay", "in flight"] * 4
    assert max(waits) + LONG <= 2.0  # a request that is on its way
    # Once it is seen, a page that does not read may take so long to be let go (api/stream.py).
    assert max(waits) + stream.CLOSE_WITHIN <= 2.0


async def test_picture_and_words_are_there_again_after_a_restart(directory: Path) -> None:
    async with running(directory) as node, connected(node.addresses["cot-tcp"]) as a:
        a.say(position("A", "KIWI1"), chat("hello", sender="A"))
        await a.is_taken_in()
    async with running(directory) as node, connected(node.addresses["cot-tcp"]) as b:
        await b.hears("A")
        words = await b.hears(lambda each: each.get("type") == "b-t-f")
        assert words.findtext("detail/remarks") == "hello"
        assert b.uids.index("A") < b.uids.index(words.get("uid", ""))


async def test_a_message_passes_or_it_is_said_why_not(directory: Path) -> None:
    async with running(directory) as node:
        assert await ask(node, "/readyz") == "ok\n"
        assert await ask(node, "/healthz") == "ok\n"
    async with running(directory, **{"listen.cot_tls": "off"}) as node:
        with pytest.raises(AccordError, match="cot-tls is off: no message can be passed"):
            await ask(node, "/readyz")


async def test_what_a_node_says_to_itself_is_not_kept(node: InProcess) -> None:
    await ask(node, "/readyz")
    totals = {each["what"]: each for each in (await ask(node, "/api/status"))["rates"]}
    assert totals["accepted"]["total"] >= 1
    assert totals["kept"]["total"] == 0


async def test_a_handshake_that_fails_is_counted_with_its_reason(node: InProcess) -> None:
    assert await is_refused(node.addresses["cot-tls"], node.trusted())
    status = await ask(node, "/api/status")
    # OpenSSL's name for it, ssl/err.h: SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE.
    reason = "TLS handshake: PEER_DID_NOT_RETURN_A_CERTIFICATE"
    assert status["drops"]["failures"] == {reason: 1}


async def test_a_client_over_a_websocket_is_who_its_certificate_says(node: InProcess) -> None:
    host, port = node.addresses["api"]
    at = f"wss://{host}:{port}/takproto/1"
    async with connected(node.addresses["cot-tcp"]) as a:
        a.say(position("A", "KIWI1"))
        await a.is_taken_in()
        async with connect(at, ssl=node.add_client("kiwi-1", "Everyone")) as socket:
            first = TakMessage.FromString(unframed(await socket.recv()))
            assert first.cot_event.uid == "A"
            status = await ask(node, "/api/status")
            over = {each["name"]: each["channel"] for each in status["clients"]}
            assert over["kiwi-1"] == "cot-websocket"


async def test_a_feed_whose_code_fails_is_begun_again_and_ends_nothing(
    directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs: list[str] = []
    again = asyncio.Event()

    async def run(feed: Feed) -> None:
        runs.append(feed.name)
        if len(runs) == 1:
            raise ZeroDivisionError("a bug")
        again.set()

    monkeypatch.setattr(Feed, "run", run)
    monkeypatch.setattr(feeds, "AGAIN_AFTER", 0.0)
    settings = directory / "accord.toml"
    settings.write_text(
        settings.read_text("utf-8")
        + '[feed.ships]\nformat = "ais"\ntransport = "tcp"\naddress = "127.0.0.1:9"\n'
        'groups = ["Everyone"]\n',
        "utf-8",
    )
    async with running(directory) as node:
        await asyncio.wait_for(again.wait(), 10)
        assert runs == ["ships", "ships"]
        assert await ask(node, "/healthz") == "ok\n"


async def test_a_register_of_a_newer_version_is_said_before_anything_is_changed(
    directory: Path,
) -> None:
    with closing(sqlite3.connect(directory / "people.sqlite")) as file:
        file.execute("PRAGMA user_version = 99")
    settings = directory / "accord.toml"
    text = settings.read_text("utf-8").replace("#names = []", 'names = ["new.example"]')
    settings.write_text(text, "utf-8")
    before = (directory / keystore.SERVER).read_bytes()
    with pytest.raises(AccordError, match=r"people\.sqlite is of version 99"):
        async with running(directory):
            pytest.fail("it runs")
    assert (directory / keystore.SERVER).read_bytes() == before


async def test_a_register_that_cannot_be_read_is_said_before_anybody_is_let_in(
    directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_reader: PeopleReader) -> None:
        raise sqlite3.OperationalError("database is locked")

    monkeypatch.setattr(PeopleReader, "_read_changed", fail)
    with pytest.raises(AccordError, match=r"people\.sqlite cannot be read: database is locked"):
        async with running(directory):
            pytest.fail("it runs")


async def test_a_node_listens_only_where_it_is_told_to(directory: Path) -> None:
    off = {
        f"listen.{name}": "off" for name in ("cot_tcp", "cot_tls", "cot_udp", "enrol", "federation")
    }
    async with running(directory, **off) as node:
        assert list(node.addresses) == ["api"]
        status = await ask(node, "/api/status")
        assert [each["name"] for each in status["listeners"]] == ["api"]


async def test_what_goes_wrong_outside_of_every_task_is_logged_and_a_broken_connection_is_not(
    node: InProcess, caplog: pytest.LogCaptureFixture
) -> None:
    loop = asyncio.get_running_loop()
    loop.call_exception_handler({"message": "in a callback", "exception": ConnectionResetError()})
    loop.call_exception_handler({"message": "in a callback", "exception": ZeroDivisionError()})
    logged = [each for each in caplog.messages if each.startswith("unexpected failure")]
    assert logged == ['unexpected failure reason="in a callback" error="ZeroDivisionError()"']
    assert await ask(node, "/healthz") == "ok\n"


async def test_a_report_that_cannot_be_written_keeps_no_other_from_being_sent(
    directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = cot.to_xml

    def fail_at_one(report: Report, more: bytes) -> bytes:
        if report.uid == "BAD":
            raise Malformed("no such letter in XML")
        return write(report, more)

    monkeypatch.setattr(cot, "to_xml", fail_at_one)
    async with running(directory) as node:
        async with (
            connected(node.addresses["cot-tcp"]) as a,
            connected(node.addresses["cot-tcp"]) as b,
        ):
            a.say(event("BAD"), event("GOOD"))
            await b.hears("GOOD")
            assert "BAD" not in b.uids
        status = await ask(node, "/api/status")
        assert status["drops"]["failures"] == {"reports that cannot be written": 1}


def a_request(name: str) -> bytes:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    builder = x509.CertificateSigningRequestBuilder().subject_name(subject)
    return builder.sign(rsa_key(), hashes.SHA256()).public_bytes(Encoding.PEM)


async def test_a_phone_gets_a_certificate_for_its_token_once(node: InProcess) -> None:
    now = SystemClock().now()
    node.people.add(Principal(name="kiwi-2", groups={"Everyone": Direction.BOTH}), now)
    token = node.people.issue_token("kiwi-2", now=now, valid=timedelta(days=1))
    host, port = node.addresses["enrol"]
    async with httpx.AsyncClient(
        verify=node.trusted(),
        base_url=f"https://{host}:{port}/Marti/api/tls",
        auth=("kiwi-2", token),
    ) as phone:
        signed = await phone.post("/signClient/v2", content=a_request("kiwi-2"))
        assert signed.status_code == 200
        again = await phone.post("/signClient/v2", content=a_request("kiwi-2"))
        assert (again.status_code, again.text) == (403, "the token was used before\n")
    body = signed.json()["signedCert"]
    own = node.directory / "kiwi-2.pem"
    own.write_text(f"-----BEGIN CERTIFICATE-----\n{body}-----END CERTIFICATE-----\n")
    keystore.write_key(own.with_suffix(".key"), rsa_key())
    tls = node.trusted()
    tls.load_cert_chain(own, own.with_suffix(".key"))
    async with connected(node.addresses["cot-tls"], tls) as client:
        await client.is_taken_in()
