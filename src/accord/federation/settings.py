"""How a link to a partner is used, and how much is kept for one."""

from dataclasses import dataclass, field

DAY = 86_400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncSettings:
    """How much goes to one partner at once, how often, and how much waits for it."""

    window_bytes: int = field(
        default=64 * 1024,
        metadata={"doc": "bytes on their way to a partner at once, at most; a slow link gets less"},
    )
    window_least: int = field(
        default=700,
        metadata={"doc": "bytes on their way to a partner at once, at least"},
    )
    window_seconds: float = field(
        default=0.5,
        metadata={"doc": "seconds that what is on its way may wait in buffers of the link"},
    )
    budget_per_second: int = field(
        default=0,
        metadata={
            "doc": "bytes to one partner in a second, on average; 0 for no limit",
            "least": 0,
        },
    )
    budget_per_day: int = field(
        default=0,
        metadata={"doc": "bytes to one partner in a day (UTC); 0 for no limit", "least": 0},
    )
    budget_reserve: float = field(
        default=0.1,
        metadata={"doc": "part of the day's bytes that only emergencies and control may use"},
    )
    frame_bytes: int = field(
        default=16 * 1024, metadata={"doc": "bytes of the longest frame that is made and taken"}
    )
    file_bytes: int = field(
        default=64 * 1024 * 1024, metadata={"doc": "bytes of the largest file that is taken"}
    )
    content_bytes: int = field(
        default=1024 * 1024,
        metadata={"doc": "bytes of the longest report or document that is taken in parts"},
    )
    chunk_bytes: int = field(
        default=2048, metadata={"doc": "bytes of a file in one frame, from 1024 to 4096"}
    )
    originals: bool = field(
        default=False,
        metadata={"doc": "whether positions in an exact form take the bytes along as received"},
    )
    chat_originals: bool = field(
        default=True,
        metadata={
            "doc": "whether chat and alarms take the bytes along as received; without, a slow link "
            "carries about four times as many"
        },
    )
    linger: float = field(
        default=0.25, metadata={"doc": "seconds that positions wait to share one frame"}
    )
    retry: float = field(
        default=5.0,
        metadata={"doc": "seconds until what was too young or not due is decided again"},
    )
    keepalive: float = field(
        default=20.0, metadata={"doc": "seconds of silence after which a sign of life is sent"}
    )
    silent_after: float = field(
        default=60.0, metadata={"doc": "seconds of silence after which a partner counts as silent"}
    )
    clock_tolerance: float = field(
        default=60.0, metadata={"doc": "seconds that a partner's clock may differ"}
    )
    hop_limit: int = field(
        default=4, metadata={"doc": "nodes that a report may come over, its origin included"}
    )
    tombstone_days: int = field(
        default=90, metadata={"doc": "days for which what was called back or removed is refused"}
    )
    max_objects: int = field(
        default=50_000, metadata={"doc": "moving objects per partner that are kept track of"}
    )
    max_log_entries: int = field(
        default=20_000,
        metadata={
            "doc": "entries per lane that wait for a partner or are kept in case it lost them"
        },
    )
    max_log_bytes: int = field(
        default=64 * 1024 * 1024, metadata={"doc": "bytes of such entries per lane"}
    )
    max_waiting: int = field(
        default=32,
        metadata={"doc": "reports of one object kept until they are as old as a form demands"},
    )
    max_contents: int = field(
        default=256, metadata={"doc": "files and long contents that are sent or received at once"}
    )
