"""What the journal's settings are; their parts are read in journal, retention and restore."""

from dataclasses import dataclass, field
from datetime import timedelta

LEAST_RING = 16 << 20
"""Bytes that a ring must be able to hold, which is more than what comes at once."""

LEAST_JOURNAL = 64 << 20
"""Bytes of a journal that holds the rings of a few channels, with its log."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalSettings:
    """What is kept on disk. Raises ValueError where a part does not fit the whole."""

    max_bytes: int = field(
        default=2 << 30,
        metadata={
            "doc": "bytes the journal may take on disk, with its log",
            "least": LEAST_JOURNAL,
        },
    )
    queue_bytes: int = field(
        default=16 << 20, metadata={"doc": "bytes that may wait to be written; beyond, not kept"}
    )
    queue_reports: int = field(
        default=20_000, metadata={"doc": "reports that may wait to be written; beyond, not kept"}
    )
    positions_bytes: int = field(
        default=256 << 20,
        metadata={
            "doc": "bytes of positions kept of one channel; beyond, the oldest go",
            "least": LEAST_RING,
        },
    )
    positions_age: timedelta = field(
        default=timedelta(days=2), metadata={"doc": "age at which positions go"}
    )
    durable_bytes: int = field(
        default=512 << 20,
        metadata={
            "doc": "bytes of everything else (chat, shapes, markers, alarms, removals) kept of one "
            "channel; beyond, the oldest goes",
            "least": LEAST_RING,
        },
    )
    durable_age: timedelta = field(
        default=timedelta(days=30), metadata={"doc": "age at which everything else goes"}
    )
    restored_claims: int = field(
        default=200_000, metadata={"doc": "claims read back after a restart, the newest"}
    )
    restored_bytes: int = field(
        default=256 << 20, metadata={"doc": "bytes read back after a restart, the newest"}
    )
    restored_messages: int = field(
        default=1_000, metadata={"doc": "chat messages read back after a restart, the newest"}
    )
    restored_removals: int = field(
        default=100_000, metadata={"doc": "removals read back after a restart, the newest"}
    )

    def __post_init__(self) -> None:
        if not 1 <= self.queue_bytes <= 16 << 20:
            raise ValueError("queue_bytes is not between 1 and 16 MiB")
        if self.max_bytes < LEAST_JOURNAL:
            raise ValueError("max_bytes is less than 64 MiB")
