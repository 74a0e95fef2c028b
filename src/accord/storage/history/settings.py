"""What the history's settings are."""

from dataclasses import dataclass, field
from datetime import timedelta

from accord.storage.history.shared.address import Address

LEAST_BUDGET = 16 << 20
"""Bytes of a budget that holds at least some hours of a busy feed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HistorySettings:
    """Every position beyond what the journal has, on disk within budgets."""

    keep: bool = field(
        default=False, metadata={"doc": "keep it: a process of its own takes in the journal"}
    )
    store: str = field(
        default="",
        metadata={
            "doc": "a PostgreSQL database with PostGIS that nodes of one owner share, such as "
            "postgresql://accord@db.example.org/history; empty: files in the node's directory"
        },
    )
    password_file: str = field(
        default="",
        metadata={
            "doc": "of `store`: the file with its password, from the node's directory; without it, "
            "what ACCORD_HISTORY_PASSWORD says in the environment"
        },
    )
    max_bytes: int = field(
        default=20 << 30,
        metadata={"doc": "bytes it may take on disk, with evidence", "least": LEAST_BUDGET},
    )
    channel_bytes: int = field(
        default=4 << 30,
        metadata={
            "doc": "bytes of one channel, where its feed says no `history_bytes` of its own; "
            "beyond, the oldest go",
            "least": LEAST_BUDGET,
        },
    )
    age: timedelta = field(
        default=timedelta(days=365), metadata={"doc": "age at which positions go"}
    )
    every: timedelta = field(
        default=timedelta(seconds=5),
        metadata={"doc": "how often the journal is taken in; until then it answers itself"},
    )
    memory: int = field(
        default=512 << 20,
        metadata={
            "doc": "bytes of memory of DuckDB, for each that merges or asks it, beside some 250 MB "
            "of the process that keeps it; beyond, it uses the disk",
            "least": 128 << 20,
        },
    )
    before: timedelta = field(
        default=timedelta(hours=6),
        metadata={"doc": "what was before an alert or a case is evidence too, for so long"},
    )
    evidence_age: timedelta = field(
        default=timedelta(days=365),
        metadata={"doc": "how long evidence of an alert or a case is kept after it is over"},
    )

    def __post_init__(self) -> None:
        if self.store:
            try:
                Address.parse(self.store)
            except ValueError as error:
                raise ValueError(f"store: {error}") from None
        elif self.password_file:
            raise ValueError("password_file: it is of `store`, which says nothing")
