"""Mission tokens: JSON Web Tokens (RFC 7519, HS256) that clients hand back as they were given.

A token is good only with the certificate of the person that it was made for.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from accord.core.mission import Mission
from accord.security import json_token


class TokenKind(StrEnum):
    """What a token stands for, by TAK Server's names."""

    SUBSCRIPTION = "SUBSCRIPTION"
    INVITATION = "INVITATION"
    ACCESS = "ACCESS"


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """What a token says. `person` is empty where it is for whoever is invited.

    It ends at `until`, where that is said; `bound` is what it holds good for.
    """

    kind: TokenKind
    id: str
    guid: str
    person: str
    until: datetime | None = None
    bound: str = ""


class Tokens:
    """Makes and reads tokens of one node."""

    def __init__(self, secret: bytes, *, node: str) -> None:
        self._secret = secret
        self._node = node

    def make(self, token: Token, mission: Mission, now: datetime) -> str:
        """Return a token as text."""
        ends = {} if token.until is None else {"exp": int(token.until.timestamp())}
        bound = {"BOUND": token.bound} if token.bound else {}
        said: json_token.Claims = {
            "jti": token.id,
            "iat": int(now.timestamp()),
            "sub": token.kind,
            "iss": self._node,
            token.kind: token.id,
            "MISSION_NAME": mission.name,
            "MISSION_GUID": mission.guid,
            "PERSON": token.person,
            **ends,
            **bound,
        }
        return json_token.make(said, self._secret)

    def read(self, text: str) -> Token | None:
        """Return what a token says, None where this node did not make it."""
        said = json_token.read(text, self._secret)
        try:
            return None if said is None else Token(
                kind=TokenKind(said["sub"]),
                id=str(said["jti"]),
                guid=str(said["MISSION_GUID"]),
                person=str(said["PERSON"]),
                until=_moment(said.get("exp")),
                bound=str(said.get("BOUND", "")),
            )  # fmt: skip
        except (ValueError, KeyError):
            return None


def _moment(said: object) -> datetime | None:
    return datetime.fromtimestamp(said, UTC) if isinstance(said, int) else None
