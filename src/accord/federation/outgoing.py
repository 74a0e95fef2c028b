"""What the sync core hands to whoever sends: a frame to be made, and what it releases."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from accord.core.value import value
from accord.release.decide import Released
from accord.wire.peer.message import PeerMessage
from accord.wire.peer.protocol import Lane, Version
from accord.wire.peer.record import Statement
from accord.wire.peer.report import Grant


@value
class Item:
    """One release in a frame: at which place, of what, in which state, by which grant.

    `place` counts the frame's objects, updates or records from 0. `name` is the uid as released,
    `origin` the node whose object it is. `passed_on`: in its maker's own words and with its proof,
    `grant` then being that by which this node passes it on. `released` is what was decided; its
    report is what the frame says, but for the rounding of the wire.
    """

    place: int
    origin: str
    context: str
    name: str
    version: Version
    grant: Grant
    released: Released
    passed_on: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """The next frame: its number, lane, time (ms) and message, and about how long it will be.

    `items` are what is released in it: of OBJECTS each header, of UPDATES and RELAYED each update,
    of RECORDS each record that has a report, of CHUNK the file or report they are of. In each
    Evidence the last hop is this node's with an empty signature: `hops` has, by place (0 in
    RELAYED), the statement that it is to be signed over (wire/peer/proof.py hop_bytes).
    `resent`: all of it has been sent before, in a session that ended before it was acknowledged.
    """

    number: int
    lane: Lane
    at: int
    message: PeerMessage
    size: int
    items: tuple[Item, ...] = ()
    hops: Mapping[int, Statement] = field(default_factory=dict[int, Statement])
    resent: bool = False
