"""What is said of a feed in the settings: a section [feed.NAME] each."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import urlsplit

from accord.core.context import LIVE, Context
from accord.core.marking import UNNAMED_EXERCISE
from accord.feeds.mqtt import topic_of
from accord.live.marking import MARKING, check_marking
from accord.storage.settings import LEAST_RING
from accord.wire.adsb.cpr import Place
from accord.wire.adsb.squitters import read_reference
from accord.wire.asterix.polar import Site
from accord.wire.asterix.translate import read_site
from accord.wire.dis.translate import exercise_of
from accord.wire.errors import Malformed
from accord.wire.json.message import paths
from accord.wire.json.translate import THING, is_type_of_thing

MAX_EVERY = 3600.0
"""Seconds between two looks at a document, at most."""


MAX_SCAN = 60.0
"""Seconds of one look of a sensor, at most."""

MAX_ERROR = 10_000.0
"""Metres of error of a plot, at most."""


class Format(StrEnum):
    """What a feed speaks."""

    AIS = "ais"
    NMEA = "nmea"
    BEAST = "beast"
    AVR = "avr"
    SBS = "sbs"
    READSB = "readsb"
    GEOJSON = "geojson"
    GPX = "gpx"
    KML = "kml"
    GDACS = "gdacs"
    CAP = "cap"
    JSON = "json"
    ASTERIX = "asterix"
    DIS = "dis"
    PLOTS = "plots"

    @property
    def is_document(self) -> bool:
        """Whether each look gives all of it anew, and not what came since."""
        return self in _DOCUMENTS

    @property
    def is_binary(self) -> bool:
        """Whether its frames are not lines."""
        return self in (Format.BEAST, Format.ASTERIX, Format.DIS)


_DOCUMENTS = frozenset({
    Format.READSB, Format.GEOJSON, Format.GPX, Format.KML, Format.JSON, Format.GDACS,
    Format.CAP,
})  # fmt: skip


class Seen(StrEnum):
    """What a sensor without names looks at."""

    SEA = "sea"
    AIR = "air"
    LAND = "land"


class Transport(StrEnum):
    """How a feed's bytes come."""

    FILE = "file"
    TCP = "tcp"
    TCP_SERVER = "tcp-server"
    UDP = "udp"
    SERIAL = "serial"
    HTTP = "http"
    MQTT = "mqtt"


_OF_DOCUMENTS = frozenset({Transport.FILE, Transport.HTTP, Transport.MQTT})
_WITH_PORT = frozenset({Transport.TCP, Transport.TCP_SERVER, Transport.UDP})
_NOT_REPLAYED = frozenset({Format.BEAST, Format.AVR, Format.ASTERIX})

BAUD_RATES = (4800, 9600, 19200, 38400, 57600, 115200, 230400)
"""Speeds of a serial line: 4800 of NMEA 0183, 38400 of AIS (IEC 61162-1 and -2), and faster."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedSettings:
    """One machine feed: a section [feed.NAME] each."""

    format: Format = field(metadata={"doc": "what it speaks"})
    transport: Transport = field(
        metadata={
            "doc": "how it comes: a file, a connection made to it, one that it makes to this node, "
            "datagrams, a serial line, asked for by HTTP, or a topic of an MQTT broker"
        }
    )
    address: str = field(
        metadata={
            "doc": "file: the path, from the node's directory; tcp: HOST:PORT; tcp-server, udp: "
            "ADDRESS:PORT of this machine, or for udp a multicast address; serial: the device; "
            "http: the URL; mqtt: mqtt://USER@HOST:PORT/TOPIC, or mqtts"
        }
    )
    groups: tuple[str, ...] = field(metadata={"doc": "the groups that it is said into"})
    marking: str = field(default="", metadata={"doc": MARKING})
    exercise: str = field(
        default="",
        metadata={
            "doc": "the exercise that it belongs to; empty: it is live, but dis, which never is: "
            f"that belongs to the exercise {UNNAMED_EXERCISE}"
        },
    )
    speed: float = field(
        default=1.0, metadata={"doc": "of a replay: 1 is the pace of the recording"}
    )
    loop: bool = field(
        default=False, metadata={"doc": "of a replay: start again at the end of the recording"}
    )
    baud: int = field(default=38_400, metadata={"doc": "of a serial line: bits a second"})
    every: float = field(
        default=5.0, metadata={"doc": "of a document: seconds between two looks at it"}
    )
    own_ship: str = field(
        default="",
        metadata={"doc": "of nmea: the name or the MMSI of the ship that carries the receiver"},
    )
    radars: tuple[str, ...] = field(
        default=(),
        metadata={
            "doc": "of asterix: where the radars of category 048 stand, each SAC/SIC LATITUDE "
            "LONGITUDE HEIGHT, the height in metres above the ellipsoid"
        },
    )
    stands_at: str = field(
        default="",
        metadata={
            "doc": "of beast and avr: LATITUDE LONGITUDE of the receiver; without it, what is on "
            "the ground is placed only if it was heard in the air a minute before"
        },
    )
    exercise_number: int = field(
        default=0, metadata={"doc": "of dis: the exercise whose entities are taken; 0: all"}
    )
    fields: tuple[str, ...] = field(
        default=(),
        metadata={
            "doc": "of json: which field means what, each OURS = THEIRS, such as "
            "lat = position.latitude; what is not said has the usual names"
        },
    )
    kind: str = field(
        default=THING, metadata={"doc": "of json: the CoT type of what says none itself"}
    )
    password_file: str = field(
        default="",
        metadata={"doc": "of mqtt: the file with the password, from the node's directory"},
    )
    plots_of: Seen = field(default=Seen.SEA, metadata={"doc": "of plots: what the sensor looks at"})
    scan: float = field(
        default=3.0, metadata={"doc": "of plots: seconds of one look of the sensor"}
    )
    error: float = field(
        default=50.0,
        metadata={
            "doc": "of plots: one standard deviation in metres, where a plot says none",
        },
    )
    max_rate: float = field(
        default=5_000.0,
        metadata={"doc": "reports a second that are let in, in bursts of ten times as many"},
    )
    named: bool = field(
        default=False,
        metadata={
            "doc": "whether each event that TAK clients are sent of it says by which feed it came, "
            "so that they can tell what a mission is about; some 85 bytes more for each"
        },
    )
    positions_bytes: int = field(
        default=256 << 20,
        metadata={
            "doc": "bytes of its positions kept on disk; beyond, the oldest go",
            "least": LEAST_RING,
        },
    )

    history_bytes: int = field(
        default=0,
        metadata={
            "doc": "bytes of its positions in the history; 0: what [history] says of a channel",
            "least": 0,
        },
    )

    def __post_init__(self) -> None:
        if not self.groups:
            raise ValueError("a feed without groups is heard by nobody: name at least one")
        check_marking(self.marking)
        self._check_pair()
        self._check_address()
        self._check_format()
        if self.baud not in BAUD_RATES:
            raise ValueError(f"baud {self.baud}: give one of {', '.join(map(str, BAUD_RATES))}")
        if self.every > MAX_EVERY:
            raise ValueError(f"every {self.every:g}: give at most {MAX_EVERY:g} seconds")
        if not 0.1 <= self.scan <= MAX_SCAN:
            raise ValueError(f"scan {self.scan:g}: give 0.1 to {MAX_SCAN:g} seconds")
        if not 0.1 <= self.error <= MAX_ERROR:
            raise ValueError(f"error {self.error:g}: give 0.1 to {MAX_ERROR:g} metres")

    def _check_pair(self) -> None:
        form, way = self.format, self.transport
        if form.is_document and way not in _OF_DOCUMENTS:
            raise ValueError(f"{form} is a document: it comes by file, http or mqtt, not by {way}")
        if way is Transport.HTTP and not form.is_document:
            raise ValueError(f"{form} is a stream, which does not come by http")
        if form is Format.DIS and way is not Transport.UDP:
            raise ValueError(f"dis comes in datagrams: by udp, not by {way}")
        if way is Transport.FILE and form in _NOT_REPLAYED:
            raise ValueError(
                f"a recording of {form} bears no times that give it a pace, so it cannot be "
                "replayed; `accord feed test` reads one"
            )

    def _check_address(self) -> None:
        if self.transport in _WITH_PORT:
            split_address(self.address)
        elif self.transport is Transport.HTTP:
            check_url(self.address)
        elif self.transport is Transport.MQTT:
            topic_of(self.address)

    def _check_format(self) -> None:
        sites(self.radars)
        place_of(self.stands_at)
        paths(self.fields)
        if not is_type_of_thing(self.kind):
            raise ValueError(f"kind {self.kind!r}: give the CoT type of a thing, such as a-u-G")
        if not 0 <= self.exercise_number <= MAX_EXERCISE:
            raise ValueError(f"exercise_number: give one up to {MAX_EXERCISE}, or 0 for all")

    @property
    def context(self) -> Context:
        """The context that the feed's reports belong to; a simulation's is never live."""
        if self.format is Format.DIS:
            return exercise_of(self.exercise)
        return Context.exercise(self.exercise) if self.exercise else LIVE


MAX_EXERCISE = 255
"""The number of an exercise is one byte (IEEE 1278.1-2012, 6.2.66)."""

_STATION = r"(25[0-5]|2[0-4]\d|1\d\d|\d?\d)"
_RADAR = re.compile(rf"{_STATION}/{_STATION}((?:\s+-?\d+(?:\.\d+)?){{3}})", re.ASCII).fullmatch


def sites(radars: Sequence[str]) -> dict[tuple[int, int], Site]:
    """Return where radars stand, by SAC and SIC. ValueError says how it is written."""
    return dict(map(_site, radars))


def _site(text: str) -> tuple[tuple[int, int], Site]:
    match = _RADAR(text.strip())
    if match is None:
        raise ValueError(
            f"radar {text!r}: give SAC/SIC LATITUDE LONGITUDE HEIGHT, such as "
            '"25/201 45.90 15.53 1030", the height in metres above the ellipsoid'
        )
    try:
        return (int(match[1]), int(match[2])), read_site(match[3])
    except ValueError as error:
        raise ValueError(f"radar {text!r}: {error}") from None


def place_of(text: str) -> Place | None:
    """Return the place of `LATITUDE LONGITUDE`, None of nothing. ValueError for anything else."""
    if not text:
        return None
    try:
        return read_reference(text.encode("ascii"))
    except (ValueError, Malformed):
        raise ValueError(
            f"stands_at {text!r}: give LATITUDE LONGITUDE, such as -41.29 174.78"
        ) from None


def split_address(address: str) -> tuple[str, int]:
    """Return host and port. ValueError says what is allowed."""
    host, _, port = address.rpartition(":")
    if not (host and port.isascii() and port.isdecimal() and 0 < int(port) < 65536):
        raise ValueError(f"address {address!r}: give HOST:PORT, such as 192.0.2.1:10110")
    return host.removeprefix("[").removesuffix("]"), int(port)


_SCHEMES: Mapping[str, int] = {"http": 80, "https": 443}


def check_url(url: str) -> None:
    """ValueError for what is no plain URL of a document."""
    try:
        parts = urlsplit(url)
        fits = parts.scheme in _SCHEMES and bool(parts.hostname) and parts.port != 0
    except ValueError:
        fits = False
    if not fits or re.search(r"[\x00-\x20\x7f]", url):
        raise ValueError(f"address {url!r}: give a URL, such as http://192.0.2.1/aircraft.json")
