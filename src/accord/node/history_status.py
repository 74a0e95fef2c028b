"""How a node's history is, whether it runs or not: what it holds, since when, what is wrong."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from accord.config import Settings
from accord.node.history_process import HISTORY, set_aside_in
from accord.node.history_stores import register_of
from accord.storage.history.pieces import Tier
from accord.storage.history.question import Hold
from accord.storage.history.shelf import Progress, Went


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelStatus:
    """What the history has of one channel."""

    channel: str
    positions: int
    bytes: int
    oldest: datetime
    newest: datetime
    evidence: int
    """Bytes of it that are evidence, and go by no budget."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryStatus:
    """The history. `problems` are sentences for whoever looks after the node."""

    progress: Progress
    bytes: int
    budget: int
    channels: tuple[ChannelStatus, ...]
    holds: tuple[Hold, ...]
    went: tuple[Went, ...]
    problems: tuple[str, ...]

    @property
    def evidence(self) -> int:
        """Bytes of evidence beyond the budgets' reach."""
        return sum(each.evidence for each in self.channels)


def status_of(directory: Path, settings: Settings) -> HistoryStatus | None:
    """Return how it is, None where there is none. HistoryFault where it cannot be read."""
    register = register_of(directory, settings)
    if not register.exists:
        return None
    pieces, progress = register.pieces(), register.progress()
    of: defaultdict[str, list[ChannelStatus]] = defaultdict(list)
    for each in pieces:
        of[each.channel or "not sorted yet"].append(
            ChannelStatus(
                channel=each.channel,
                positions=each.rows,
                bytes=each.bytes,
                oldest=datetime.fromtimestamp(each.since, UTC),
                newest=datetime.fromtimestamp(each.until, UTC),
                evidence=each.bytes if each.tier is Tier.HELD else 0,
            )
        )
    channels = tuple(_together(name, found) for name, found in sorted(of.items()))
    size = sum(each.bytes for each in channels)
    return HistoryStatus(
        progress=progress,
        bytes=size,
        budget=settings.history.max_bytes,
        channels=channels,
        holds=tuple(register.holds()),
        went=tuple(register.went()),
        problems=tuple(_problems(directory, settings, progress, channels)),
    )


def _together(name: str, found: list[ChannelStatus]) -> ChannelStatus:
    return ChannelStatus(
        channel=name,
        positions=sum(each.positions for each in found),
        bytes=sum(each.bytes for each in found),
        oldest=min(each.oldest for each in found),
        newest=max(each.newest for each in found),
        evidence=sum(each.evidence for each in found),
    )


def _problems(
    directory: Path, settings: Settings, progress: Progress, channels: tuple[ChannelStatus, ...]
) -> list[str]:
    said: list[str] = []
    if progress.trouble:
        since = datetime.fromtimestamp(progress.since, UTC)
        said.append(
            f"the history takes nothing in since {since:%Y-%m-%d %H:%M:%SZ}: {progress.trouble}"
        )
    evidence = sum(each.evidence for each in channels)
    if evidence > settings.history.max_bytes // 2:
        said.append(
            f"evidence takes {evidence >> 20} MiB, more than half of what the history may have: "
            "let some go with `accord history release`, or make [history] max_bytes larger"
        )
    place = directory / HISTORY
    said += [
        "the history was damaged and begun anew from the journal; what there was lies in "
        f"{aside}: remove that when nobody needs it"
        for aside in set_aside_in(directory)
        if aside.is_dir() and any(aside.iterdir())
    ]
    damaged = len(list(place.glob("*.damaged")))
    if damaged:
        said.append(
            f"{damaged} files of the history were damaged and made anew as far as the journal "
            f"reaches ({place}/*.damaged): look at the disk, then remove them"
        )
    return said
