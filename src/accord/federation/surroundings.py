"""What a link is given by its node."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from accord.core.clock import Clock
from accord.core.partner import NodeName, Profile
from accord.federation.effect import Effect
from accord.federation.link_settings import LinkSettings
from accord.federation.settings import SyncSettings
from accord.observe.log import Log
from accord.wire.peer.message import Held


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What every link of a node is given alike. `random` gives so many bytes, `chance` 0 to 1."""

    directory: Path
    own: NodeName
    profile: Profile
    settings: LinkSettings
    sync: SyncSettings
    clock: Clock
    log: Log
    random: Callable[[int], bytes]
    chance: Callable[[], float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """What a link asks of its node.

    `carry_out`: an effect of a frame. `agreements`: those in force by which it gives, and takes.
    `content`: what a digest stands for that goes out in chunks. `is_congested`: more cannot be
    taken in now. `keep`: write to the disk what the link must remember. `note`: write what happened
    since, before anything goes to the partner. `restored`: the partner remembers more than this
    node, of that epoch; the link must begin in another (epoch.py).
    """

    carry_out: Callable[[Effect], None]
    agreements: Callable[[], tuple[Sequence[Held], Sequence[Held]]]
    content: Callable[[bytes], bytes | None]
    is_congested: Callable[[], bool]
    keep: Callable[[], None]
    note: Callable[[], None]
    restored: Callable[[int], None]
