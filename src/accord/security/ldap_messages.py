"""Messages of LDAP version 3 (RFC 4511): the few that a sign-in takes, to bytes and from them.

pyasn1 writes and reads BER; a filter is built, never written as text, so that no name can change
what is asked.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pyasn1.codec.ber import decoder, encoder
from pyasn1.error import PyAsn1Error
from pyasn1_modules import rfc2251

START_TLS = "1.3.6.1.4.1.1466.20037"  # RFC 4511, 4.14.1

MAX_MESSAGE = 1 << 20
"""Bytes of one message; an entry of which a few attributes are asked for takes some hundred."""

SUCCESS = 0  # RFC 4511, appendix A, as all these
SIZE_LIMIT_EXCEEDED = 4
NOT_ADMITTED = frozenset({19, 48, 49, 50, 53})
"""What a directory answers to a bind that it does not take: of whose password is wrong (49), or who
may not sign in (constraintViolation, inappropriateAuthentication, insufficientAccessRights,
unwillingToPerform)."""

_SUBTREE, _NEVER = 2, 0
_SEQUENCE = 0x30


class LdapGarbled(ValueError):
    """Bytes that are no message of LDAP."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a directory says. `kind` is RFC 4511's name of it; `attributes` are of an entry."""

    number: int
    kind: str
    code: int = SUCCESS
    text: str = ""
    dn: str = ""
    attributes: Mapping[str, tuple[bytes, ...]] = field(
        default_factory=dict[str, tuple[bytes, ...]]
    )


def bind(number: int, dn: str, password: str) -> bytes:
    """Ask to be known by a password (4.2). ValueError: there is none, which binds as nobody."""
    if not password:
        raise ValueError("a bind without a password proves nothing (RFC 4513, 5.1.2)")
    request: Any = rfc2251.BindRequest()
    request["version"] = 3
    request["name"] = dn.encode()
    request["authentication"]["simple"] = password.encode()
    return _written(number, "bindRequest", request)


def start_tls(number: int) -> bytes:
    """Ask for TLS on this connection (4.14)."""
    request: Any = rfc2251.ExtendedRequest()
    request["requestName"] = START_TLS.encode()
    return _written(number, "extendedReq", request)


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """What is looked for under `base`: entries of which `attribute` equals `value`."""

    base: str
    attribute: str
    value: str
    wanted: Sequence[str]
    most: int
    seconds: int


def search(number: int, asked: Search) -> bytes:
    """Ask for entries (4.5.1)."""
    request: Any = rfc2251.SearchRequest()
    request["baseObject"] = asked.base.encode()
    request["scope"], request["derefAliases"] = _SUBTREE, _NEVER
    request["sizeLimit"], request["timeLimit"] = asked.most, asked.seconds
    request["typesOnly"] = False
    request["filter"]["equalityMatch"]["attributeDesc"] = asked.attribute.encode()
    request["filter"]["equalityMatch"]["assertionValue"] = asked.value.encode()
    for place, name in enumerate(asked.wanted):
        request["attributes"][place] = name.encode()
    return _written(number, "searchRequest", request)


def _written(number: int, kind: str, request: object) -> bytes:
    message: Any = rfc2251.LDAPMessage()
    message["messageID"] = number
    message["protocolOp"][kind] = request
    return encoder.encode(message)


def length_of(begun: bytes) -> int | None:
    """Return how many bytes a message has, by its first; None while too few of them are here.

    LdapGarbled: no message begins so, or it is longer than MAX_MESSAGE.
    """
    if begun[:1] not in (b"", bytes([_SEQUENCE])):
        raise LdapGarbled("that is no LDAP message")
    if len(begun) < 2:
        return None
    first = begun[1]
    if first < 0x80:
        return 2 + first
    octets = first & 0x7F
    if not 1 <= octets <= 4:  # 5.1: only definite lengths
        raise LdapGarbled("the length of an LDAP message is no length")
    if len(begun) < 2 + octets:
        return None
    length = 2 + octets + int.from_bytes(begun[2 : 2 + octets], "big")
    if length > MAX_MESSAGE:
        raise LdapGarbled(f"an LDAP message is longer than {MAX_MESSAGE} bytes")
    return length


def read(data: bytes) -> Answer:
    """Return what one whole message says. LdapGarbled where it says nothing."""
    try:
        message, rest = decoder.decode(data, asn1Spec=rfc2251.LDAPMessage())
        if rest:
            raise LdapGarbled("bytes are left after an LDAP message")
        return _answer(message)
    except (PyAsn1Error, ValueError, RecursionError) as error:
        raise LdapGarbled(f"an LDAP message cannot be read: {type(error).__name__}") from None


def _answer(message: Any) -> Answer:
    number, operation = int(message["messageID"]), message["protocolOp"]
    kind, said = str(operation.getName()), operation.getComponent()
    if kind == "searchResEntry":
        attributes = {
            str(each["type"]).lower(): tuple(bytes(value) for value in each["vals"])
            for each in said["attributes"]
        }
        dn = bytes(said["objectName"]).decode()
        return Answer(number=number, kind=kind, dn=dn, attributes=attributes)
    if kind in ("bindResponse", "searchResDone", "extendedResp"):
        text = bytes(said["errorMessage"]).decode("utf-8", "replace")[:200]
        return Answer(number=number, kind=kind, code=int(said["resultCode"]), text=text)
    return Answer(number=number, kind=kind)
