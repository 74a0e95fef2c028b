"""Paths, answers and their spelling as TAK Server's clients have them (ATAK 4 and 5, iTAK, PyTAK,
node-tak)."""

import base64
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, pkcs12
from cryptography.x509.oid import NameOID
from lxml import etree
from starlette.types import Message

from accord.core.errors import AccordError
from accord.core.principal import Principal
from accord.observe.log import Log
from accord.tak.enrolment import Enrolment, Refused, Vouched, app, basic_credentials
from support.clock import START, ManualClock

Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey
KEY = ec.generate_private_key(ec.SECP256R1())
WEAK = rsa.generate_private_key(65537, 1024)  # noqa: S505  that is the point
V2 = "/Marti/api/tls/signClient/v2?clientUid=U1&version=5.2"
V1 = "/Marti/api/tls/signClient?clientUid=U1"
CONFIG = "/Marti/api/tls/config"
PROFILE = "/Marti/api/tls/profile/enrollment?clientUid=U1"
KIWI = ("kiwi-1", "token: one")


def _request(name: str | None = "kiwi-1", key: Key = KEY) -> x509.CertificateSigningRequest:
    names = [x509.NameAttribute(NameOID.ORGANIZATION_NAME, "New Zealand")]
    if name is not None:
        names.append(x509.NameAttribute(NameOID.COMMON_NAME, name))
    builder = x509.CertificateSigningRequestBuilder().subject_name(x509.Name(names))
    return builder.sign(
        key, None if isinstance(key, ed25519.Ed25519PrivateKey) else hashes.SHA256()
    )


def _certificate(name: str) -> x509.Certificate:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    end = START + timedelta(days=1)
    builder = x509.CertificateBuilder(subject, subject, KEY.public_key(), 4711, START, end)
    return builder.sign(KEY, hashes.SHA256())


PEM = _request().public_bytes(Encoding.PEM)
ISSUER, ROOT, MINE = _certificate("issuer"), _certificate("root"), _certificate("kiwi-1")


@dataclass
class Register:
    """One person with one token, as the enrolment port sees the register of people."""

    token: str | None = KIWI[1]
    devices: list[str] = field(default_factory=list[str])
    signed: list[x509.CertificateSigningRequest] = field(
        default_factory=list[x509.CertificateSigningRequest]
    )

    def check(self, username: str, token: str) -> str | None:
        return (
            None if (username.lower(), token) == ("kiwi-1", self.token) else "unknown user or token"
        )

    def sign(
        self, _username: str, _token: str, wanted: x509.CertificateSigningRequest, device: str
    ) -> x509.Certificate:
        if self.token is None:
            raise AccordError("the token was used before")
        self.token = None
        self.devices.append(device)
        self.signed.append(wanted)
        return MINE


@pytest.fixture
def register() -> Register:
    return Register()


@pytest.fixture
def enrolment(register: Register) -> Enrolment:
    return Enrolment(
        check=register.check,
        sign=register.sign,
        authorities=[ISSUER, ROOT],
        organisation="NZL & friends",
        unit="NZL-NORTH",
        log=Log(ManualClock()),
    )


def _client(enrolment: Enrolment) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app(enrolment), raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="https://node")


@pytest.fixture
async def client(enrolment: Enrolment) -> AsyncIterator[httpx.AsyncClient]:
    async with _client(enrolment) as asking:
        yield asking


def _from_bare(text: str) -> x509.Certificate:
    """Read as node-tak and PyTAK do: the first and the last line put back."""
    assert text.endswith("\n")
    assert all(len(line) <= 64 for line in text.splitlines())
    assert "-" not in text
    return x509.load_pem_x509_certificate(
        f"-----BEGIN CERTIFICATE-----\n{text}-----END CERTIFICATE-----".encode()
    )


async def test_the_configuration_has_the_prefix_of_node_tak_and_the_namespace_of_atak(
    client: httpx.AsyncClient,
) -> None:
    answer = await client.get(CONFIG, auth=KIWI)
    assert answer.status_code == 200
    assert "<ns2:certificateConfig " in answer.text
    root = etree.fromstring(answer.content)
    assert root.tag == "{com.bbn.marti.config}certificateConfig"
    entries = root.findall(
        "{http://bbn.com/marti/xml/config}nameEntries/{http://bbn.com/marti/xml/config}nameEntry"
    )
    said = [(entry.get("name"), entry.get("value")) for entry in entries]
    assert said == [("O", "NZL & friends"), ("OU", "NZL-NORTH")]
    assert "<nameEntry" in answer.text


@pytest.mark.parametrize(
    "accept", ["*/*", "application/json", "text/html, */*; q=.2", "application/*", None]
)
async def test_json_is_the_answer_unless_something_else_is_asked_for(
    client: httpx.AsyncClient, accept: str | None
) -> None:
    del client.headers["accept"]
    headers = {} if accept is None else {"accept": accept}
    answer = await client.post(V2, content=PEM, auth=KIWI, headers=headers)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"  # and not a letter more
    said = answer.json()
    assert set(said) == {"signedCert", "ca0", "ca1"}
    assert _from_bare(said["signedCert"]) == MINE
    assert (_from_bare(said["ca0"]), _from_bare(said["ca1"])) == (ISSUER, ROOT)


async def test_itak_asks_for_text_and_gets_json(client: httpx.AsyncClient) -> None:
    answer = await client.post(V2, content=PEM, auth=KIWI, headers={"accept": "text/plain"})
    assert answer.headers["content-type"].startswith("text/plain")
    assert _from_bare(answer.json()["ca0"]) == ISSUER


async def test_xml_is_the_answer_where_it_is_asked_for(client: httpx.AsyncClient) -> None:
    headers = {"accept": "application/xml"}
    answer = await client.post(V2, content=PEM, auth=KIWI, headers=headers)
    assert answer.headers["content-type"] == "application/xml"
    root = etree.fromstring(answer.content)
    assert [(root.tag, child.tag) for child in root] == [
        ("enrollment", "signedCert"),
        ("enrollment", "ca"),
        ("enrollment", "ca"),
    ]
    assert [_from_bare(child.text or "") for child in root][1:] == [ISSUER, ROOT]


async def test_an_answer_that_nobody_writes_costs_no_token(
    client: httpx.AsyncClient, register: Register
) -> None:
    answer = await client.post(V2, content=PEM, auth=KIWI, headers={"accept": "image/png"})
    assert answer.status_code == 400
    assert register.token is not None


async def test_the_only_authority_is_named_twice(enrolment: Enrolment) -> None:
    only = replace(enrolment, authorities=[ISSUER])
    async with _client(only) as client:
        said = (await client.post(V2, content=PEM, auth=KIWI)).json()
    assert said["ca0"] == said["ca1"]


async def test_atak_4_gets_a_key_store_with_the_names_it_looks_for(
    client: httpx.AsyncClient,
) -> None:
    bare = b"".join(PEM.splitlines(keepends=True)[1:-1])  # as ATAK 4 sends it
    answer = await client.post(V1, content=bare, auth=KIWI)
    assert answer.status_code == 200
    store = pkcs12.load_pkcs12(answer.content, b"atakatak")
    assert store.key is None
    names = {each.friendly_name: each.certificate for each in store.additional_certs}
    assert set(names) == {b"signedCert", b"ca0", b"ca1"}
    assert (names[b"ca0"], names[b"ca1"]) == (ISSUER, ROOT)
    # RFC 7292, appendix C: pbeWithSHAAnd3-KeyTripleDES-CBC, all that ATAK 4 reads
    assert bytes.fromhex("060a2a864886f70d010c0103") in answer.content


@pytest.mark.parametrize(
    "content",
    [
        PEM,
        PEM.replace(b" CERTIFICATE REQUEST", b" NEW CERTIFICATE REQUEST"),
        b"Certificate Request:\n    Data:\n" + PEM,
        b"".join(PEM.splitlines(keepends=True)[1:-1]),
        b"".join(PEM.splitlines()[1:-1]),
        PEM.replace(b"\n", b"\r\n"),
        _request().public_bytes(Encoding.DER),
    ],
    ids=["pem", "new-pem", "text-before", "base64-lines", "base64", "crlf", "der"],
)
async def test_a_request_may_come_in_any_armour(client: httpx.AsyncClient, content: bytes) -> None:
    assert (await client.post(V2, content=content, auth=KIWI)).status_code == 200


@pytest.mark.parametrize(
    ("asked", "device"),
    [("?clientUid=U1&version=5", "U1"), ("", ""), ("?clientUid=" + "U" * 129, ""),
     ("?clientUid=U%0A1", "")],
)  # fmt: skip
async def test_which_device_has_it_is_told_where_the_device_says_so_in_few_words(
    client: httpx.AsyncClient, register: Register, asked: str, device: str
) -> None:
    path = V2.partition("?")[0] + asked
    assert (await client.post(path, content=PEM, auth=KIWI)).status_code == 200
    assert register.devices == [device]


@pytest.mark.parametrize("name", ["kiwi-1", "KIWI-1", "Kiwi-1"])
async def test_the_common_name_is_the_username_in_any_case(
    client: httpx.AsyncClient, register: Register, name: str
) -> None:
    content = _request(name).public_bytes(Encoding.PEM)
    assert (await client.post(V2, content=content, auth=KIWI)).status_code == 200
    register.token = KIWI[1]
    shouted = ("KIWI-1", KIWI[1])
    assert (await client.post(V2, content=content, auth=shouted)).status_code == 200


@pytest.mark.parametrize(
    "key",
    [
        rsa.generate_private_key(65537, 2048),
        ec.generate_private_key(ec.SECP256R1()),
        ec.generate_private_key(ec.SECP384R1()),
    ],
    ids=["rsa-2048", "p-256", "p-384"],
)
async def test_strong_keys_are_signed(client: httpx.AsyncClient, key: Key) -> None:
    content = _request(key=key).public_bytes(Encoding.PEM)
    assert (await client.post(V2, content=content, auth=KIWI)).status_code == 200


def _signed_with_another_key() -> bytes:
    """A request that carries a key which did not sign it."""
    der = _request().public_bytes(Encoding.DER)
    other = ec.generate_private_key(ec.SECP256R1())
    mine, theirs = (
        key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        for key in (KEY, other)
    )
    assert mine in der
    return der.replace(mine, theirs)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "no certificate signing request"),
        (b"\x30\x03\x02\x01\x00", "no certificate signing request"),
        (b"not base64 at all!", "no certificate signing request"),
        (b"QUJD", "no certificate signing request"),
        (_request("kiwi-2").public_bytes(Encoding.PEM), "common name"),
        (_request(None).public_bytes(Encoding.PEM), "common name"),
        (_request(key=WEAK).public_bytes(Encoding.PEM), "key"),
        (_request(key=ec.generate_private_key(ec.SECP521R1())).public_bytes(Encoding.PEM), "key"),
        (_request(key=ed25519.Ed25519PrivateKey.generate()).public_bytes(Encoding.PEM), "key"),
        (_signed_with_another_key(), "its own key"),
    ],
    ids=[
        "empty", "other-der", "text", "other-base64", "other-name", "no-name", "rsa-1024", "p-521",
        "ed25519", "not-its-key",
    ],
)  # fmt: skip
async def test_a_bad_request_is_refused_and_costs_no_token(
    client: httpx.AsyncClient,
    register: Register,
    enrolment: Enrolment,
    content: bytes,
    why: str,
) -> None:
    answer = await client.post(V2, content=content, auth=KIWI)
    assert answer.status_code == 400
    assert why in answer.text
    assert register.token is not None
    assert enrolment.refused == {"bad certificate signing request": 1}
    assert (await client.post(V2, content=PEM, auth=KIWI)).status_code == 200


async def test_a_request_too_large_is_refused_and_costs_no_token(
    client: httpx.AsyncClient, register: Register, enrolment: Enrolment
) -> None:
    answer = await client.post(V2, content=b" " * (16 * 1024 + 1), auth=KIWI)
    assert answer.status_code == 413
    assert register.token is not None
    assert enrolment.refused == {"too large": 1}
    padded = PEM + b"\n" * (16 * 1024 - len(PEM))
    assert (await client.post(V2, content=padded, auth=KIWI)).status_code == 200


async def test_a_request_that_its_client_breaks_off_is_counted_and_costs_no_token(
    register: Register, enrolment: Enrolment
) -> None:
    path, _, query = V2.partition("?")
    given = base64.b64encode(":".join(KIWI).encode())
    scope = {
        "type": "http", "method": "POST", "path": path, "query_string": query.encode(),
        "headers": [(b"authorization", b"Basic " + given)], "client": ("192.0.2.1", 1),
    }  # fmt: skip
    parts: list[Message] = [
        {"type": "http.request", "body": PEM[:40], "more_body": True}, {"type": "http.disconnect"},
    ]  # fmt: skip

    async def receive() -> Message:
        return parts.pop(0)

    async def send(_message: Message) -> None: ...

    await app(enrolment)(scope, receive, send)
    assert enrolment.refused == {"broken off": 1}
    assert register.token is not None


@pytest.mark.parametrize(
    ("method", "path"), [("GET", CONFIG), ("POST", V1), ("POST", V2), ("GET", PROFILE)]
)
@pytest.mark.parametrize("auth", [None, ("kiwi-1", "wrong"), ("kiwi-2", KIWI[1]), ("", KIWI[1])])
async def test_whoever_has_not_the_token_is_told_to_say_who_he_is(
    client: httpx.AsyncClient,
    enrolment: Enrolment,
    register: Register,
    method: str,
    path: str,
    auth: tuple[str, str] | None,
) -> None:
    answer = await client.request(method, path, content=PEM, auth=auth or httpx.Auth())
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Basic realm=")
    assert "kiwi" not in answer.text
    assert sum(enrolment.refused.values()) == 1
    assert register.signed == []


@pytest.mark.parametrize(
    "header",
    ["", "Bearer a2l3aQ==", "Basic !", "Basic Yf86Yg==", "Basic a2l3aQ==", "Basic OmFiYw=="],
)
def test_a_header_without_username_and_password_holds_no_credentials(header: str) -> None:
    # not given; another scheme; no base64; not UTF-8; "kiwi", no colon; ":abc", no name
    assert basic_credentials(header) is None


def test_a_password_may_hold_colons_and_letters_of_any_script() -> None:
    # RFC 7617, 2: user-id ends at the first colon; 2.1: UTF-8
    encoded = base64.b64encode("Māori:a:b £".encode()).decode()
    assert basic_credentials(f"basic {encoded}") == ("Māori", "a:b £")


async def test_a_token_signs_once(client: httpx.AsyncClient, register: Register) -> None:
    assert (await client.post(V2, content=PEM, auth=KIWI)).status_code == 200
    assert (await client.post(V2, content=PEM, auth=KIWI)).status_code == 401
    assert len(register.signed) == 1


async def test_who_loses_the_race_for_a_token_is_told_so(
    register: Register, enrolment: Enrolment
) -> None:
    def takes_it_away(username: str, token: str) -> str | None:
        register.token = None
        return None

    late = replace(enrolment, check=takes_it_away)
    async with _client(late) as second:
        answer = await second.post(V2, content=PEM, auth=KIWI)
    assert answer.status_code == 403
    assert answer.text == "the token was used before\n"
    assert late.refused == {"not signed": 1}


async def test_there_is_no_profile(client: httpx.AsyncClient) -> None:
    answer = await client.get(PROFILE, auth=KIWI)
    assert answer.status_code == 204
    assert answer.content == b""


async def test_a_file_of_a_tools_profile_is_for_who_has_a_token(
    enrolment: Enrolment, tmp_path: Path
) -> None:
    """TAK Server 5.7, public source: ProfileAPI has the path at both ports."""
    (tmp_path / "tool/charts").mkdir(parents=True)
    (tmp_path / "tool/charts/bay.txt").write_bytes(b"bay")
    path = "/Marti/api/tls/profile/tool/charts/file?relativePath=/bay.txt"
    async with _client(replace(enrolment, profiles=tmp_path)) as client:
        answer = await client.get(path, auth=KIWI)
        assert (answer.status_code, answer.content) == (200, b"bay")
        assert (await client.get(path)).status_code == 401
        assert (await client.get(f"{path}.gone", auth=KIWI)).status_code == 404


async def test_a_failure_of_ours_says_nothing_about_our_insides(enrolment: Enrolment) -> None:
    def breaks(username: str, token: str) -> str | None:
        raise RuntimeError("secret detail")

    async with _client(replace(enrolment, check=breaks)) as client:
        answer = await client.get(CONFIG, auth=KIWI)
    assert answer.status_code == 500
    assert "secret" not in answer.text


MOANA = ("moana", "kelp and sand")


@pytest.fixture
async def by_directory(register: Register) -> AsyncIterator[httpx.AsyncClient]:
    """A port at which moana enrols by her password in a directory."""

    async def vouch(username: str, password: str, address: str) -> Vouched:
        if (username, password) != MOANA:
            raise Refused(401, "not known by the directory", f"nobody from {address}")
        return Vouched(Principal(name="moana", groups={}), "ldap moana")

    def sign(
        somebody: Vouched, wanted: x509.CertificateSigningRequest, device: str
    ) -> x509.Certificate:
        register.signed.append(wanted)
        register.devices.append(f"moana on {device}")
        return _certificate(somebody.principal.name)

    made = Enrolment(
        check=register.check, sign=register.sign, authorities=[ISSUER, ROOT], organisation="NZL",
        unit="NZL-X", log=Log(ManualClock()), vouch=vouch, sign_vouched=sign,
    )  # fmt: skip
    async with _client(made) as asking:
        yield asking


async def test_a_password_that_a_directory_knows_does_as_well_as_a_token(
    by_directory: httpx.AsyncClient, register: Register
) -> None:
    pem = _request("moana").public_bytes(Encoding.PEM)
    assert (await by_directory.get(CONFIG, auth=MOANA)).status_code == 200
    signed = await by_directory.post(V2, content=pem, auth=MOANA)
    assert _from_bare(signed.json()["signedCert"]).subject == _certificate("moana").subject
    assert len(register.signed) == 1
    assert register.devices == ["moana on U1"]


async def test_a_token_goes_to_no_directory_and_what_none_knows_is_refused(
    by_directory: httpx.AsyncClient, register: Register
) -> None:
    assert (await by_directory.post(V2, content=PEM, auth=KIWI)).status_code == 200
    assert register.devices == ["U1"]
    refused = await by_directory.get(CONFIG, auth=("moana", "wrong"))
    assert (refused.status_code, refused.text) == (401, "nobody from 127.0.0.1\n")


async def test_a_request_in_anothers_name_is_not_signed_by_the_directory(
    by_directory: httpx.AsyncClient, register: Register
) -> None:
    assert (await by_directory.post(V2, content=PEM, auth=MOANA)).status_code == 400
    assert register.signed == []


async def test_a_used_token_is_no_password(register: Register) -> None:
    async def vouch(*_: str) -> Vouched:
        raise AssertionError("a token that was used is told to nobody")

    made = Enrolment(
        check=lambda *_: "the token was used before", sign=register.sign, authorities=[ISSUER],
        organisation="NZL", unit="NZL-X", log=Log(ManualClock()), vouch=vouch,
    )  # fmt: skip
    async with _client(made) as asking:
        assert (await asking.get(CONFIG, auth=KIWI)).status_code == 401
