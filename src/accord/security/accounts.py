"""What holds for people who sign in with a password; and when a session of one has ended."""

import hashlib
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from accord.core.user import Session

TOKEN_BYTES = 32
"""Random bytes of a cookie."""

MAX_TOKEN = 100
"""Characters of a cookie that are looked at."""

IDLE, OLD = "signed out after a time without use", "signed out after the longest time"

_SHORTEST_PASSWORD = 8  # NIST SP 800-63B, 5.1.1.1: memorized secrets have at least 8 characters


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountSettings:
    """How people sign in to the page. Raises ValueError for passwords that may be too short."""

    password_length: int = field(
        default=12, metadata={"doc": "characters that a new password has at least; 8 or more"}
    )
    session_idle: timedelta = field(
        default=timedelta(hours=1),
        metadata={"doc": "time without use after which one is signed out; an open page is in use"},
    )
    session_longest: timedelta = field(
        default=timedelta(hours=16), metadata={"doc": "time after which one signs in anew anyway"}
    )
    failures: int = field(
        default=5,
        metadata={"doc": "wrong passwords in a row for one name from one address that lock it out "
                  "there for a while; four times as many from one address lock that out, ten times "
                  "as many for one name lock it out from where it has not signed in before"},
    )  # fmt: skip
    lockout: timedelta = field(
        default=timedelta(minutes=5),
        metadata={"doc": "how long that while is, and how long failures are remembered"},
    )

    def __post_init__(self) -> None:
        if self.password_length < _SHORTEST_PASSWORD:
            raise ValueError(f"password_length is below {_SHORTEST_PASSWORD}")
        if self.failures < 1:
            raise ValueError("failures is below 1: nobody could sign in")


def new_token() -> str:
    """Return what a browser is to send as its cookie."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def mark_of(token: str) -> str:
    """Return what is kept of a cookie, by which it is known again."""
    return hashlib.sha256(token[:MAX_TOKEN].encode("utf-8", "replace")).hexdigest()


def why_ended(session: Session, now: datetime, settings: AccountSettings) -> str | None:
    """Return in a few words why a session is over, None while it is not."""
    if now >= session.begun + settings.session_longest:
        return OLD
    return IDLE if now >= session.used + settings.session_idle else None
