"""Who somebody is by the word of an OpenID provider (OpenID Connect Core 1.0, authorization code).

Keys and endpoints are asked for at each sign-in: these are rare, and nothing is out of date then.
"""

import base64
import hashlib
import json
import secrets
import ssl
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import IO, cast
from urllib.parse import quote, urlencode, urlsplit

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from accord.core.naming import check_person
from accord.security.vouched import GroupThere, NotVouched, Somebody

WITHIN = 8.0
"""Seconds that one answer of the provider may take."""

MAX_ANSWER = 256 << 10
"""Bytes of one answer."""

MAX_GROUPS = 1_000
"""Groups of a token that are looked at."""

LEEWAY = 60
"""Seconds by which the clocks of node and provider may differ."""

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512")
"""Signatures with a key of the provider's; never none, never one with a shared secret."""

_LOOPBACK = ("127.0.0.1", "::1", "localhost")


class OpenIdFault(NotVouched):
    """What the provider says does not do, or it cannot be asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenIdSettings:
    """Signing in to the page by an OpenID provider; off while `issuer` is empty."""

    issuer: str = field(
        default="",
        metadata={"doc": "the provider's issuer, such as https://login.example/realms/x"},
    )
    client_id: str = field(default="", metadata={"doc": "what this node is called there"})
    client_secret_file: str = field(
        default="", metadata={"doc": "a file with the client's secret, from the node's directory"}
    )
    authority_file: str = field(
        default="",
        metadata={"doc": "certificates that the provider's is trusted by, from the node's "
                  "directory; those of this machine if empty"},
    )  # fmt: skip
    page: str = field(
        default="",
        metadata={"doc": "how browsers reach the page, such as https://node.example:8443; the "
                  "provider sends them back to /api/v1/openid/back there"},
    )  # fmt: skip
    title: str = field(default="single sign-on", metadata={"doc": "what people call it"})
    name_claim: str = field(
        default="preferred_username", metadata={"doc": "the claim that names somebody"}
    )
    groups_claim: str = field(
        default="groups", metadata={"doc": "the claim with the groups that [openid_group] names"}
    )

    def __post_init__(self) -> None:
        if not self.issuer:
            return
        for name in ("issuer", "page"):
            check_address(getattr(self, name), name)
        if not self.client_id:
            raise ValueError("client_id is missing: the provider knows this node by it")

    @property
    def back(self) -> str:
        """Where the provider sends browsers back to."""
        return f"{self.page.rstrip('/')}/api/v1/openid/back"


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenIdGroup(GroupThere):
    """What a group of the provider's is here: a section [openid_group.NAME] each."""


def check_address(url: str, name: str) -> None:
    """ValueError where this is no https address; http will do on this machine."""
    parts = urlsplit(url)
    is_here = parts.scheme == "http" and parts.hostname in _LOOPBACK
    if not parts.hostname or not (parts.scheme == "https" or is_here) or parts.query:
        raise ValueError(f"{name} is an https address")


@dataclass(frozen=True, slots=True)
class Question:
    """What one sign-in is known again by: in the address, in the token, and at the end."""

    state: str
    nonce: str
    verifier: str

    @classmethod
    def new(cls) -> "Question":
        """Make one that nobody guesses."""
        return cls(*(secrets.token_urlsafe(32) for _ in range(3)))

    @property
    def challenge(self) -> str:
        """What is told of the verifier beforehand (RFC 7636, S256)."""
        digest = hashlib.sha256(self.verifier.encode()).digest()
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


class Provider:
    """One OpenID provider. It waits for the network: for threads."""

    def __init__(self, settings: OpenIdSettings, *, secret: str, tls: ssl.SSLContext) -> None:
        self._settings = settings
        self._secret = secret
        handlers = (urllib.request.HTTPSHandler(context=tls), _NoRedirects())
        self._opener = urllib.request.build_opener(*handlers)

    def address(self, question: Question) -> str:
        """Return where a browser is sent to sign in. OpenIdFault: the provider cannot be asked."""
        asked = {
            "response_type": "code",
            "scope": "openid profile",
            "client_id": self._settings.client_id,
            "redirect_uri": self._settings.back,
            "state": question.state,
            "nonce": question.nonce,
            "code_challenge": question.challenge,
            "code_challenge_method": "S256",
        }
        return f"{self._endpoint(self._about(), 'authorization_endpoint')}?{urlencode(asked)}"

    def somebody(self, code: str, question: Question, now: datetime) -> Somebody:
        """Return who signed in there. OpenIdFault where that is not proved."""
        about = self._about()
        said = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._settings.back,
            "client_id": self._settings.client_id,
            "code_verifier": question.verifier,
        }
        answer = self._ask(self._endpoint(about, "token_endpoint"), said)
        token = answer.get("id_token")
        if not isinstance(token, str):
            raise OpenIdFault("the provider gave no id_token")
        keys = self._ask(self._endpoint(about, "jwks_uri"))
        return read_token(token, keys, self._settings, nonce=question.nonce, now=now)

    def _about(self) -> Mapping[str, object]:
        """Return the provider's own description (OpenID Connect Discovery 1.0, 4)."""
        issuer = self._settings.issuer
        found = self._ask(f"{issuer.rstrip('/')}/.well-known/openid-configuration")
        if found.get("issuer") != issuer:
            raise OpenIdFault(f"the provider calls itself otherwise than issuer, {issuer}")
        return found

    def _endpoint(self, about: Mapping[str, object], name: str) -> str:
        url = about.get(name)
        try:
            check_address(url if isinstance(url, str) else "", name)
        except ValueError:
            raise OpenIdFault(f"the provider's {name} is no https address") from None
        return str(url)

    def _ask(self, url: str, said: Mapping[str, str] | None = None) -> Mapping[str, object]:
        data = None if said is None else urlencode(said).encode()
        headers = {"Accept": "application/json"}
        if said is not None and self._secret:
            pair = f"{quote(self._settings.client_id, safe='')}:{quote(self._secret, safe='')}"
            headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
        request = urllib.request.Request(url, data=data, headers=headers)  # noqa: S310  checked
        try:
            with self._opener.open(request, timeout=WITHIN) as answer:
                return _object(answer)
        except (OSError, ValueError) as error:
            host = urlsplit(url).hostname
            raise OpenIdFault(f"the provider, {host}, cannot be asked: {error}") from None


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object, **__: object) -> None:
        """Follow none: a secret would be sent elsewhere."""


def _object(answer: IO[bytes]) -> Mapping[str, object]:
    data = answer.read(MAX_ANSWER + 1)
    if len(data) > MAX_ANSWER:
        raise ValueError(f"its answer is longer than {MAX_ANSWER} bytes")
    found = json.loads(data)
    if isinstance(found, dict):
        return cast("Mapping[str, object]", found)
    raise ValueError("its answer is no JSON object")


def read_token(
    text: str, keys: Mapping[str, object], settings: OpenIdSettings, *, nonce: str, now: datetime
) -> Somebody:
    """Return who an ID token is of (Core 1.0, 3.1.3.7). OpenIdFault where anything is wrong."""
    registry = jwt.JWTClaimsRegistry(
        now=int(now.timestamp()),
        leeway=LEEWAY,
        iss={"essential": True, "value": settings.issuer},
        aud={"essential": True, "value": settings.client_id},
        exp={"essential": True},
        iat={"essential": True},
        sub={"essential": True},
        nonce={"essential": True, "value": nonce},
    )
    try:
        known = KeySet.import_key_set(keys)  # pyright: ignore[reportArgumentType]  it checks them
        claims = jwt.decode(text, known, algorithms=list(ALGORITHMS)).claims
        registry.validate(claims)
    except (JoseError, ValueError, KeyError, TypeError) as error:
        raise OpenIdFault(f"the provider's token does not hold: {error}") from None
    if claims.get("azp", settings.client_id) != settings.client_id:
        raise OpenIdFault("the provider's token does not hold: it was made for another client")
    return _somebody(claims, settings)


def _somebody(claims: Mapping[str, object], settings: OpenIdSettings) -> Somebody:
    name, subject = claims.get(settings.name_claim), claims.get("sub")
    if not isinstance(name, str) or not isinstance(subject, str) or not subject:
        raise OpenIdFault(f"the provider's token names nobody under {settings.name_claim}")
    try:
        check_person(name)
    except ValueError as error:
        raise OpenIdFault(f"the provider's {settings.name_claim} cannot be used: {error}") from None
    said = claims.get(settings.groups_claim)
    groups = cast("list[object]", said) if isinstance(said, list) else []
    texts = tuple(each for each in groups[:MAX_GROUPS] if isinstance(each, str))
    return Somebody(subject=subject, name=name, groups=texts)
