"""The atom: one claim, by one source, about one object at one time."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from accord.core.body import Body
from accord.core.context import Context
from accord.core.identity import Identity
from accord.core.kind import Kind
from accord.core.label import Label
from accord.core.marking import Marking
from accord.core.principal import Group
from accord.core.value import value


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where a claim comes from: the node, the channel, who spoke, and over which nodes it came.

    `channel` is such as `tak`, `feed:ais-north`, `partner:AUS`; `speaker` is the principal's name.
    """

    node: str
    channel: str
    speaker: str
    hops: tuple[str, ...] = ()
    _hash: int = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        # Every claim is kept by its source, so this is asked for several times for every report.
        said = hash((self.node, self.channel, self.speaker, self.hops))
        object.__setattr__(self, "_hash", said)

    def __hash__(self) -> int:
        """Return what was worked out once."""
        return self._hash

    @property
    def is_partners(self) -> bool:
        """Whether it came over a link to a partner."""
        return self.channel.startswith("partner:")


class Form(StrEnum):
    """A form that bytes of a report can have, on the wire or kept as evidence."""

    COT_XML = "cot-xml"
    COT_PROTOBUF = "cot-protobuf"
    AIS = "ais"
    NMEA = "nmea"
    ADSB = "adsb"
    GEOJSON = "geojson"
    ASTERIX = "asterix"
    DIS = "dis"
    JSON = "json"
    PEER = "peer"


@dataclass(frozen=True, slots=True)
class Original:
    """The bytes exactly as received, for lossless relay and evidence."""

    form: Form
    data: bytes


class AddressKind(StrEnum):
    """What an address is compared with."""

    CALLSIGN = "callsign"
    UID = "uid"
    TEAM = "team"


@dataclass(frozen=True, slots=True)
class Address:
    """One addressee of a directed report, as CoT `marti/dest` and GeoChat name them."""

    kind: AddressKind
    value: str


class Doubt(StrEnum):
    """Why a claim is doubted. A doubted claim is marked, never discarded."""

    IMPOSSIBLE_POSITION = "impossible position"
    IMPOSSIBLE_SPEED = "impossible speed"
    JUMP = "jump"
    CLOCK = "time of the report is far from the time of receipt"
    TWO_PLACES = "same identity heard in two places at once"
    ON_LAND = "ship far inland, by a coarse coast"
    FROZEN = "position stands still while it says it moves"
    MOTION = "moves otherwise than its course and speed say"
    REBROADCAST = "another source said this earlier"
    INTERFERENCE = "many were moved to one place: interference"


@value
class Report:
    """One claim. `time` is when it happened (the source's clock), `received` when this node got it.

    `start` and `stale` bound the claim's validity. `groups` are those it was said into; `to`, when
    not empty, are the only addressees, inside those groups. `author` is the uid of the contact it
    claims to speak for (its own position, its words, its call for help), None where it claims none.
    `label` is what the marking says, None where there is none or any word of it is not understood:
    such a report never leaves the nation. `original` is dropped by anything that reduces a report.
    """

    uid: str
    context: Context
    kind: Kind
    how: str
    time: datetime
    start: datetime
    stale: datetime
    received: datetime
    body: Body
    identity: Identity
    marking: Marking
    source: Source
    groups: frozenset[Group]
    to: frozenset[Address] = frozenset()
    author: str | None = None
    doubts: frozenset[Doubt] = frozenset()
    label: Label | None = None
    original: Original | None = None
