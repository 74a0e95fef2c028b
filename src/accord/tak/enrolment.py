"""The enrolment port: a phone fetches its certificate with a username and a one-time token.

The paths, the answers and their spelling are TAK Server's, as ATAK, iTAK, PyTAK and node-tak read
them. The client makes its own key; what it sends is a certificate signing request.
"""

import asyncio
import base64
import binascii
import re
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from lxml import etree
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from accord.core.errors import AccordError
from accord.core.principal import Principal
from accord.observe.log import Log
from accord.security.accept import source_of
from accord.security.pkcs12 import certificate_store
from accord.tak.marti.profiles import ENROLLMENT, PROFILES, profile, tool_files

MAX_BODY = 16 * 1024
"""Bytes of a request; one for an RSA key of 4096 bits takes 2 KiB."""

KEY_STORE_PASSWORD = "atakatak"  # noqa: S105  TAK's own, and there is no key in it
"""What TAK clients open the key store of `signClient` with."""

NOT_ACCEPTED = "username or one-time token not accepted"
UNKNOWN = "unknown user or token"
"""What `check` says where neither is known."""

MIN_RSA_BITS = 2048
CURVES = frozenset({"secp256r1", "secp384r1"})

_ARMOUR = re.compile(
    rb"-----BEGIN (?:NEW )?CERTIFICATE REQUEST-----(.*?)-----END ", re.DOTALL
).search
_DER_SEQUENCE = b"\x30"
_CONFIG, _ENTRIES = "com.bbn.marti.config", "http://bbn.com/marti/xml/config"

Check = Callable[[str, str], str | None]
"""Given username and token, says in a few words why they are refused; the token stays unused."""

MAX_DEVICE = 128
"""Characters of what a device calls itself; ATAK's is 24."""

Sign = Callable[[str, str, x509.CertificateSigningRequest, str], x509.Certificate]
"""Given username, token, request and the device if it says which, uses the token up."""


@dataclass(frozen=True, slots=True)
class Vouched:
    """Somebody whom a directory knows, with what is kept of who he is there."""

    principal: Principal
    kept: str


Vouch = Callable[[str, str, str], Awaitable[Vouched]]
"""Given username, password and address, says who a directory says that is; Refused: nobody."""

SignVouched = Callable[[Vouched, x509.CertificateSigningRequest, str], x509.Certificate]
"""Signs a request of somebody whom a directory knows, on that device if it says which."""


class Refused(AccordError):
    """A request that gets no certificate; `reason` is the same few words for all of its kind."""

    def __init__(self, status: int, reason: str, said: str) -> None:
        super().__init__(said)
        self.status = status
        self.reason = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolment:
    """What the routes answer from. `sign` raises AccordError; it and `check` run in a thread.

    `authorities` are the certificates to trust, the issuer first; `organisation` and `unit` are
    what a client is told to write into the name of its certificate. `profiles` is the folder of
    device profiles. With `vouch` and `sign_vouched` a name and password that a directory knows do
    as well as a token.
    """

    check: Check
    sign: Sign
    authorities: Sequence[x509.Certificate]
    organisation: str
    unit: str
    log: Log
    profiles: Path = PROFILES
    refused: Counter[str] = field(default_factory=Counter[str])
    vouch: Vouch | None = None
    sign_vouched: SignVouched | None = None

    async def config(self, request: Request) -> Response:
        """Answer which names a certificate request must carry."""
        await self._credentials(request)
        return Response(_config(self.organisation, self.unit), media_type="application/xml")

    async def sign_json_or_xml(self, request: Request) -> Response:
        """Sign, and answer as JSON or XML."""
        write = _writer(request)
        return write(_chain(await self._signed(request), self.authorities))

    async def sign_key_store(self, request: Request) -> Response:
        """Sign, and answer with a PKCS#12 key store, as ATAK 4 reads it."""
        chain = _chain(await self._signed(request), self.authorities)
        return Response(
            certificate_store(chain, KEY_STORE_PASSWORD), media_type="application/x-pkcs12"
        )

    async def profile(self, request: Request) -> Response:
        """Answer with the profile; `check` must know a token that was used just now."""
        await self._credentials(request)
        return await asyncio.to_thread(profile, self.profiles, ENROLLMENT)

    async def tool_files(self, request: Request) -> Response:
        """Answer with files of a tool's profile, to whoever has enrolled just now."""
        await self._credentials(request)
        return await tool_files(self.profiles, request)

    async def refuse(self, request: Request, error: Exception) -> Response:
        """Answer, count and log a refusal."""
        assert isinstance(error, Refused)  # noqa: S101  registered for this one only
        self.refused[error.reason] += 1
        address = request.client.host if request.client is not None else "unknown"
        self.log.burst("enrolment refused", address=address, reason=error.reason, said=str(error))
        # Latin-1 is all that a header holds, and there is nothing to say beyond the scheme.
        headers = {"WWW-Authenticate": 'Basic realm="enrolment"'} if error.status == 401 else None
        return PlainTextResponse(f"{error}\n", status_code=error.status, headers=headers)

    async def fail(self, _request: Request, error: Exception) -> Response:
        """Answer a request that we failed at, without saying anything about our insides."""
        self.log.trouble("enrolment failed", error=f"{type(error).__name__}: {error}")
        return PlainTextResponse("this node failed; its log says where\n", status_code=500)

    async def _credentials(self, request: Request) -> tuple[str, str, Vouched | None]:
        """Return username, token, and whom a directory knows by them. Refused: neither does."""
        given = basic_credentials(request.headers.get("authorization", ""))
        if given is None:
            raise Refused(401, "no username and token", NOT_ACCEPTED)
        why = await asyncio.to_thread(self.check, *given)
        if why is None:
            return (*given, None)
        if self.vouch is None or why != UNKNOWN:  # a name or token that is known is this node's
            raise Refused(401, why, NOT_ACCEPTED)
        address = "" if request.client is None else source_of(request.client)
        return (*given, await self.vouch(*given, address))

    async def _signed(self, request: Request) -> x509.Certificate:
        username, token, vouched = await self._credentials(request)
        wanted = read_signing_request(await _body(request), username)
        device = _device(request.query_params.get("clientUid", ""))
        try:
            if vouched is not None and self.sign_vouched is not None:
                signed = await asyncio.to_thread(self.sign_vouched, vouched, wanted, device)
                username = vouched.principal.name
            else:
                signed = await asyncio.to_thread(self.sign, username, token, wanted, device)
        except AccordError as error:
            raise Refused(403, "not signed", str(error)) from None
        by = "a token" if vouched is None else "the directory"
        serial = f"{signed.serial_number:x}"
        self.log.event("client enrolled", client=username, serial=serial, by=by)
        return signed


def _device(said: str) -> str:
    """Return what a device calls itself where that is worth keeping, or nothing."""
    return said if len(said) <= MAX_DEVICE and said.isprintable() else ""


def app(enrolment: Enrolment) -> Starlette:
    """Return the application of the enrolment port: every route of it, in one list."""
    tls = "/Marti/api/tls"
    return Starlette(
        routes=[
            Route(f"{tls}/config", enrolment.config),
            Route(f"{tls}/signClient/v2", enrolment.sign_json_or_xml, methods=["POST"]),
            Route(f"{tls}/signClient", enrolment.sign_key_store, methods=["POST"]),
            Route(f"{tls}/profile/enrollment", enrolment.profile),
            Route(f"{tls}/profile/tool/{{tool}}/file", enrolment.tool_files),
        ],
        exception_handlers={Refused: enrolment.refuse, Exception: enrolment.fail},
    )


def basic_credentials(header: str) -> tuple[str, str] | None:
    """Return username and password of an `Authorization` header, None where it has none."""
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        username, colon, password = (
            base64.b64decode(encoded.strip(), validate=True).decode().partition(":")
        )
    except ValueError:
        return None
    return (username, password) if username and colon else None


async def _body(request: Request) -> bytes:
    body = bytearray()
    try:
        async for part in request.stream():
            body += part
            if len(body) > MAX_BODY:
                raise Refused(413, "too large", f"a request is over {MAX_BODY} bytes")
    except ClientDisconnect:
        raise Refused(400, "broken off", "the request did not come whole") from None
    return bytes(body)


def read_signing_request(data: bytes, username: str) -> x509.CertificateSigningRequest:
    """Return a request that may be signed for `username`, whatever armour it comes in.

    Refused says why it may not.
    """
    try:
        request = x509.load_der_x509_csr(_der(data))
        subject, key, proved = request.subject, request.public_key(), request.is_signature_valid
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise _bad("this is no certificate signing request") from None
    if not proved:
        raise _bad("the certificate signing request is not signed with its own key")
    names = [str(each.value) for each in subject.get_attributes_for_oid(NameOID.COMMON_NAME)]
    if [name.casefold() for name in names] != [username.casefold()]:
        raise _bad("the common name must be the username")
    if not _is_strong(key):
        raise _bad("the key must be RSA of 2048 bits or more, or EC P-256 or P-384")
    return request


def _bad(said: str) -> Refused:
    return Refused(400, "bad certificate signing request", said)


def _der(data: bytes) -> bytes:
    """Return the request without armour. ATAK 4 sends base64 only; others PEM, or bare DER."""
    if data.startswith(_DER_SEQUENCE):
        return data
    armoured = _ARMOUR(data)
    text = armoured[1] if armoured else data
    try:
        return base64.b64decode(b"".join(text.split()), validate=True)
    except binascii.Error as error:
        raise ValueError(str(error)) from None


def _is_strong(key: object) -> bool:
    if isinstance(key, rsa.RSAPublicKey):
        return key.key_size >= MIN_RSA_BITS
    return isinstance(key, ec.EllipticCurvePublicKey) and key.curve.name in CURVES


_Chain = Mapping[str, x509.Certificate]


def _chain(signed: x509.Certificate, authorities: Sequence[x509.Certificate]) -> _Chain:
    """Return the certificates by TAK's names; `ca1` too where there is one authority only.

    iTAK and node-tak look for both.
    """
    both = authorities if len(authorities) > 1 else [*authorities, *authorities]
    return {"signedCert": signed, **{f"ca{number}": each for number, each in enumerate(both)}}


def _config(organisation: str, unit: str) -> bytes:
    # node-tak wants this prefix and at least two entries, ATAK the namespace of the entries.
    namespaces = {None: _ENTRIES, "ns2": _CONFIG}
    root = etree.Element(
        f"{{{_CONFIG}}}certificateConfig",
        nsmap=namespaces,  # pyright: ignore[reportArgumentType]  the stubs know no default one
    )
    entries = etree.SubElement(root, f"{{{_ENTRIES}}}nameEntries")
    for name, value in (("O", organisation), ("OU", unit)):
        etree.SubElement(entries, f"{{{_ENTRIES}}}nameEntry", name=name, value=value)
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True)


def _bare(certificate: x509.Certificate) -> str:
    """Return PEM without its first and last line: base64 in lines of 64."""
    lines = certificate.public_bytes(Encoding.PEM).decode().splitlines(keepends=True)
    return "".join(lines[1:-1])


def _json(chain: _Chain) -> Response:
    return JSONResponse({name: _bare(each) for name, each in chain.items()})


def _json_as_text(chain: _Chain) -> Response:
    response = _json(chain)
    response.headers["content-type"] = "text/plain"
    return response


def _xml(chain: _Chain) -> Response:
    root = etree.Element("enrollment")
    for name, certificate in chain.items():
        element = etree.SubElement(root, "ca" if name.startswith("ca") else name)
        element.text = _bare(certificate)
    text = etree.tostring(root, encoding="UTF-8", xml_declaration=True)
    return Response(text, media_type="application/xml")


_WRITERS: Mapping[str, Callable[[_Chain], Response]] = {
    "*/*": _json,
    "application/*": _json,
    "application/json": _json,
    "application/xml": _xml,
    "text/plain": _json_as_text,  # iTAK
}


def _writer(request: Request) -> Callable[[_Chain], Response]:
    """Return how to write what the client accepts; asked before its token is used up."""
    accepted = request.headers.get("accept", "*/*").lower().split(",")
    for kind in (each.partition(";")[0].strip() for each in accepted):
        if kind in _WRITERS:
            return _WRITERS[kind]
    raise Refused(400, "not acceptable", "accept application/json, application/xml or text/plain")
