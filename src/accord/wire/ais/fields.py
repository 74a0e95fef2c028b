"""The tables of AIS: lengths, codes, numbers of stations, and what they are called in CoT.

Affiliation. AIS is what a vessel says of itself: it names no side. Who declares a civil purpose is
neutral (`n`): its own declaration is the characteristic that MIL-STD-2525 asks for. Who declares
none, or a military one, is unknown (`u`): nobody has looked. Friend and foe are for people to say.
"""

from enum import StrEnum
from functools import cache
from typing import NamedTuple

PAYLOAD_BITS: dict[int, tuple[int, int]] = {
    1: (168, 168),
    2: (168, 168),
    3: (168, 168),
    4: (168, 168),
    5: (422, 426),  # 424, and the fill bits may be wrongly stated: what we read ends at bit 240
    9: (168, 168),
    11: (168, 168),
    18: (168, 168),
    19: (312, 312),
    21: (272, 360),
    24: (160, 168),  # part A is 160, and 168 from many transponders
    27: (96, 168),  # 96, and a full slot from many transponders
}
"""Fewest and most bits of each message type that is used here (ITU-R M.1371-5 annex 8)."""

LONGEST = 426
"""Bits of message 5 with all fill bits: of what is read here none has more letters."""

MAX_MMSI = 999_999_999

LATITUDE_NONE = 91.0
LONGITUDE_NONE = 181.0
COURSE_NONE = 360.0
HEADING_NONE = 511
SPEED_NONE = 102.3  # knots
SPEED_NONE_LONG_RANGE = 63.0  # knots, message 27
"""What stands for "not available" (ITU-R M.1371-5 annex 8)."""

ACTIVE_BEACON = 14
"""Navigational status of an AIS-SART, MOB or EPIRB device that is active; 15 is one under test."""


class Station(StrEnum):
    """What sort of station a number belongs to (ITU-R M.585-9 annexes 1 and 2)."""

    SHIP = "ship"
    COAST = "coast station"
    AIRCRAFT = "search and rescue aircraft"
    AID = "aid to navigation"
    CRAFT = "craft of a parent ship"
    HANDHELD = "handheld radio"
    SART = "AIS-SART"
    MOB = "MOB"
    EPIRB = "EPIRB-AIS"
    UNKNOWN = "unknown"

    @property
    def is_beacon(self) -> bool:
        """Tell whether it only sends when somebody is in distress, or tests it."""
        return self in (Station.SART, Station.MOB, Station.EPIRB)


class Number(NamedTuple):
    """What an MMSI says of its station; `nation` is ISO 3166-1 alpha-3, None where it says none."""

    digits: str
    station: Station
    nation: str | None


_PREFIXES = (
    ("970", Station.SART),
    ("972", Station.MOB),
    ("974", Station.EPIRB),
)
_WITH_MID = (
    ("00", Station.COAST),
    ("111", Station.AIRCRAFT),
    ("99", Station.AID),
    ("98", Station.CRAFT),
    ("8", Station.HANDHELD),
    ("", Station.SHIP),
)


def number(mmsi: int) -> Number:
    """Return what the number says. Unallocated ones, which many vessels send, are UNKNOWN."""
    digits = f"{mmsi:09d}"
    for prefix, station in _PREFIXES:
        if digits.startswith(prefix):
            return Number(digits, station, None)
    for prefix, station in _WITH_MID:
        nation = NATIONS.get(digits[len(prefix) : len(prefix) + 3])
        if digits.startswith(prefix) and nation is not None:
            return Number(digits, station, nation)
    return Number(digits, Station.UNKNOWN, None)


def _by_digits(table: str) -> dict[str, str]:
    nations: dict[str, str] = {}
    for entry in table.split():
        nation, _, digits = entry.partition(":")
        nations.update(dict.fromkeys(digits.split(","), nation))
    return nations


NATIONS = _by_digits(
    """
    ALB:201 AND:202 AUT:203 PRT:204,255,263 BEL:205 BLR:206 BGR:207 VAT:208 CYP:209,210,212
    DEU:211,218 GEO:213 MDA:214 MLT:215,229,248,249,256 ARM:216 DNK:219,220 ESP:224,225
    FRA:226,227,228 FIN:230 FRO:231 GBR:232,233,234,235 GIB:236 GRC:237,239,240,241 HRV:238
    MAR:242 HUN:243 NLD:244,245,246,306 ITA:247 IRL:250 ISL:251 LIE:252 LUX:253 MCO:254
    NOR:257,258,259 POL:261 MNE:262 ROU:264 SWE:265,266 SVK:267 SMR:268 CHE:269 CZE:270 TUR:271
    UKR:272 RUS:273 MKD:274 LVA:275 EST:276 LTU:277 SVN:278 SRB:279
    AIA:301 USA:303,338,366,367,368,369 ATG:304,305 ABW:307 BHS:308,309,311 BMU:310
    BLZ:312 BRB:314 CAN:316 CYM:319 CRI:321 CUB:323 DMA:325 DOM:327 GLP:329 GRD:330 GRL:331
    GTM:332 HND:334 HTI:336 JAM:339 KNA:341 LCA:343 MEX:345 MTQ:347 MSR:348 NIC:350
    PAN:351,352,353,354,355,356,357,370,371,372,373,374 PRI:358 SLV:359 SPM:361 TTO:362 TCA:364
    VCT:375,376,377 VGB:378 VIR:379
    AFG:401 SAU:403 BGD:405 BHR:408 BTN:410 CHN:412,413,414 TWN:416 LKA:417 IND:419 IRN:422
    AZE:423 IRQ:425 ISR:428 JPN:431,432 TKM:434 KAZ:436 UZB:437 JOR:438 KOR:440,441 PSE:443
    PRK:445 KWT:447 LBN:450 KGZ:451 MAC:453 MDV:455 MNG:457 NPL:459 OMN:461 PAK:463 QAT:466
    SYR:468 ARE:470,471 TJK:472 YEM:473,475 HKG:477 BIH:478
    ATF:501,607,618,635 AUS:503 MMR:506 BRN:508 FSM:510 PLW:511 NZL:512 KHM:514,515 CXR:516
    COK:518 FJI:520 CCK:523 IDN:525 KIR:529 LAO:531 MYS:533 MNP:536 MHL:538 NCL:540 NIU:542
    NRU:544 PYF:546 PHL:548 TLS:550 PNG:553 PCN:555 SLB:557 ASM:559 WSM:561
    SGP:563,564,565,566 THA:567 TON:570 TUV:572 VNM:574 VUT:576,577 WLF:578
    ZAF:601 AGO:603 DZA:605 SHN:608,665 BDI:609 BEN:610 BWA:611 CAF:612 CMR:613 COG:615
    COM:616,620 CPV:617 CIV:619 DJI:621 EGY:622 ETH:624 ERI:625 GAB:626 GHA:627 GMB:629 GNB:630
    GNQ:631 GIN:632 BFA:633 KEN:634 LBR:636,637 SSD:638 LBY:642 LSO:644 MUS:645 MDG:647 MLI:649
    MOZ:650 MRT:654 MWI:655 NER:656 NGA:657 NAM:659 REU:660 RWA:661 SDN:662 SEN:663 SYC:664
    SOM:666 SLE:667 STP:668 SWZ:669 TCD:670 TGO:671 TUN:672 TZA:674,677 UGA:675 COD:676 ZMB:678
    ZWE:679
    ARG:701 BRA:710 BOL:720 CHL:725 COL:730 ECU:735 FLK:740 GUF:745 GUY:750 PRY:755 PER:760
    SUR:765 URY:770 VEN:775
    """
)
"""Maritime identification digits (ITU table), by digits.

306 serves Curaçao, Sint Maarten and the Caribbean Netherlands alike: the Kingdom stands for them.
"""

_SHIP_TYPES = {
    20: "a-n-S-X",  # wing in ground
    30: "a-n-S-X-F",  # fishing
    31: "a-n-S-X-M-T-O",  # towing
    32: "a-n-S-X-M-T-O",
    33: "a-n-S-X-M",  # dredging or underwater operations
    34: "a-n-S-X",  # diving
    35: "a-u-S",  # military
    36: "a-n-S-X-R",  # sailing
    37: "a-n-S-X-R",  # pleasure craft
    40: "a-n-S-X",  # high-speed craft
    50: "a-n-S-X",  # pilot
    51: "a-n-S-X",  # search and rescue
    52: "a-n-S-X-M-T-U",  # tug
    53: "a-n-S-X",  # port tender
    54: "a-n-S-X",  # anti-pollution
    55: "a-n-S-X-L",  # law enforcement
    58: "a-n-S-X",  # medical transport
    59: "a-n-S-X",  # of a State that is not party to an armed conflict
    60: "a-n-S-X-M-P",  # passenger
    70: "a-n-S-X-M-C",  # cargo
    80: "a-n-S-X-M-O",  # tanker
    90: "a-n-S-X",  # other
}
"""Ship type (ITU-R M.1371-5 table 53) to CoT type (the letters of MIL-STD-2525B).

In the tens other than 30 and 50 the last digit says how hazardous the cargo is.
"""

_STATIONS = {
    Station.COAST: "a-n-G-I-U-T",  # installation, telecommunications
    Station.AID: "a-n-G-I-T",  # installation, transport: 2525B has no aids to navigation
    Station.AIRCRAFT: "a-n-A-C",
    Station.CRAFT: "a-n-S-X",
}

_MESSAGES = {4: Station.COAST, 9: Station.AIRCRAFT, 21: Station.AID}
"""Messages that only one sort of station sends; they settle it when the number does not."""

BEACON_TYPE = "b-a-o-tbl"
"""The CoT type of a call for help that every TAK client shows as one."""


@cache
def cot_type(message: int, station: Station, ship_type: int) -> str:
    """Return the CoT type of a station; `ship_type` is 0 where it is not known."""
    sort = _MESSAGES.get(message, station)
    if sort in _STATIONS:
        return _STATIONS[sort]
    tens = ship_type if 30 <= ship_type < 40 or 50 <= ship_type < 60 else ship_type // 10 * 10
    return _SHIP_TYPES.get(tens, "a-u-S")


_MINUTES_3 = 180.0
_SLOW_A = 3.0  # knots
_SLOW_B = 2.0  # knots
_AT_REST = frozenset({1, 5})  # navigational status: at anchor, moored


def interval(message: int, speed: float | None, status: int | None) -> float:
    """Return the seconds after which this station reports again.

    ITU-R M.1371-5 annex 1, tables 1 and 2, less the shorter interval of a class A that turns. A
    speed that is not known counts as slow: nothing is called stale too early.
    """
    if message in (1, 2, 3):
        return _interval_class_a(speed, status)
    if message in (18, 19):
        return _MINUTES_3 if speed is None or speed <= _SLOW_B else 30.0
    if message in (4, 9, 11):
        return 10.0
    return _MINUTES_3  # 21: aid to navigation; 27: long range


def _interval_class_a(speed: float | None, status: int | None) -> float:
    if speed is None or (status in _AT_REST and speed <= _SLOW_A):
        return _MINUTES_3
    if speed > 23.0:
        return 2.0
    return 10.0 if speed <= 14.0 else 6.0


BEACON_INTERVAL = 60.0
"""Seconds: an active beacon sends eight messages in every minute (ITU-R M.1371-5 annex 9)."""
