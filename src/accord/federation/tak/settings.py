"""How much goes to a TAK server and comes of it."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class TakFederationSettings:
    """Limits of links to TAK servers; what is not here is as [link] and [sync] have it."""

    max_message: int = field(
        default=128 * 1024,
        metadata={"doc": "bytes of the longest message that is taken; longer ones are thrown away"},
    )
    max_waiting: int = field(
        default=5_000,
        metadata={"doc": "chat, alarms, drawings and removals that wait for one server"},
    )
    sent_again: int = field(
        default=64,
        metadata={"doc": "of those, how many of the last that were written are written again after "
                  "a cut: nothing says that they arrived"},
    )  # fmt: skip
    sent_again_within: float = field(
        default=90.0,
        metadata={
            "doc": "seconds before a cut within which those were written; it takes up to 60 "
            "until a dead connection is noticed"
        },
    )
    given_at_once: int = field(
        default=64, metadata={"doc": "reports that a guard may have and not have written yet"}
    )
