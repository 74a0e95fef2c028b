"""Partners that run a TAK server or a federation hub: what is pinned of each."""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum

_FINGERPRINT = re.compile(r"[0-9a-f]{64}", re.ASCII)

UNLIMITED = -1
"""Hops without a limit, as TAK servers write it."""

LEAST_HOPS = 2
"""The first server that it comes to is the first hop, and takes nothing that may go no further."""

MOST_HOPS = 16


class TakVersion(IntEnum):
    """Which of the two protocols of TAK federation is spoken."""

    V1 = 1
    """Messages behind their length, over TLS."""
    V2 = 2
    """gRPC."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TakPartner:
    """All that this node has pinned of a TAK server, and how it is linked to.

    `node` is what this node calls it, `authorities` whose certificates it shows (DER), and
    `fingerprint` the SHA-256 of the one that counts, empty for every one of those authorities.
    Either this node calls it at `dial`, or it is called at `listen`, ADDRESS:PORT. What comes is
    said into `groups`; where `mapping` has pairs of a group there and a group here, what comes with
    groups is said into those instead, and where none is among them into `groups`. What goes may go
    over `max_hops` servers.
    """

    node: str
    authorities: tuple[bytes, ...]
    fingerprint: str
    version: TakVersion
    made: datetime
    dial: str = ""
    listen: str = ""
    groups: tuple[str, ...] = ()
    mapping: tuple[tuple[str, str], ...] = ()
    max_hops: int = LEAST_HOPS

    @property
    def nation(self) -> str:
        """Whose server it is, ISO 3166-1 alpha-3."""
        return self.node[:3]

    @property
    def channel(self) -> str:
        """The channel of what comes of it."""
        return f"partner:{self.node}"

    def groups_for(self, theirs: tuple[str, ...]) -> frozenset[str]:
        """Return into which groups here something is said that came with those of the partner."""
        mapped = frozenset(here for there, here in self.mapping if there in theirs)
        return mapped or frozenset(self.groups)


def check_fingerprint(text: str) -> str:
    """Return a SHA-256 in small hexadecimal digits. ValueError says what it is not."""
    plain = text.replace(":", "").lower()
    if _FINGERPRINT.fullmatch(plain) is None:
        raise ValueError(
            f"{text[:80]!r} is no SHA-256: give 64 hexadecimal digits, with or without colons, as "
            "openssl x509 -fingerprint -sha256 prints them"
        )
    return plain


def check_max_hops(hops: int) -> int:
    """Return the number of servers. ValueError says what is allowed."""
    if hops != UNLIMITED and not LEAST_HOPS <= hops <= MOST_HOPS:
        raise ValueError(
            f"{hops} hops: give {LEAST_HOPS}, which is the partner's server alone, to {MOST_HOPS}, "
            f"or {UNLIMITED} for no limit"
        )
    return hops
