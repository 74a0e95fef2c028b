"""Mission tokens: JSON Web Tokens (RFC 7519, HS256) that clients hand back as they were given.

A token is good only with the certificate of the person that it was made for.
"""

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from accord.core.mission import Mission


class TokenKind(StrEnum):
    """What a token stands for, by TAK Server's names."""

    SUBSCRIPTION = "SUBSCRIPTION"
    INVITATION = "INVITATION"
    ACCESS = "ACCESS"


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """What a token says. `person` is empty where it is for whoever is invited."""

    kind: TokenKind
    id: str
    guid: str
    person: str


class Tokens:
    """Makes and reads tokens of one node."""

    def __init__(self, secret: bytes, *, node: str) -> None:
        self._secret = secret
        self._node = node

    def make(self, token: Token, mission: Mission, now: datetime) -> str:
        """Return a token as text."""
        head = {"alg": "HS256", "typ": "JWT"}
        said = {
            "jti": token.id,
            "iat": int(now.timestamp()),
            "sub": token.kind,
            "iss": self._node,
            token.kind: token.id,
            "MISSION_NAME": mission.name,
            "MISSION_GUID": mission.guid,
            "PERSON": token.person,
        }
        signed = f"{_spell(json.dumps(head).encode())}.{_spell(json.dumps(said).encode())}"
        return f"{signed}.{_spell(self._mark(signed))}"

    def read(self, text: str) -> Token | None:
        """Return what a token says, None where this node did not make it."""
        signed, _, mark = text.rpartition(".")
        try:
            if not hmac.compare_digest(_read(mark), self._mark(signed)):
                return None
            said = json.loads(_read(signed.partition(".")[2]))
            return Token(
                kind=TokenKind(said["sub"]),
                id=said["jti"],
                guid=said["MISSION_GUID"],
                person=said["PERSON"],
            )
        except (ValueError, KeyError):
            return None

    def _mark(self, signed: str) -> bytes:
        return hmac.digest(self._secret, signed.encode(), hashlib.sha256)


def _spell(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _read(text: str) -> bytes:
    return base64.urlsafe_b64decode(text.encode() + b"=" * (-len(text) % 4))
