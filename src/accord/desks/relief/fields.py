"""What records there are of an incident, and which fields each of them has.

One table that the commands, the API, the page, the spreadsheets and the reading of what partners
say all go by. HXL hashtags are those of the standard (hxlstandard.org, 1.1), with its attributes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from accord.desks.relief import reading
from accord.desks.relief.line import NotTaken
from accord.desks.relief.reading import MAX_TEXT, Read, one_of
from accord.wire.cap.area import MOST_LETTERS
from accord.wire.cap.message import CATEGORIES, CERTAINTIES, SEVERITIES, URGENCIES

PRIORITIES = ("critical", "high", "medium", "low")

TRIAGE = ("immediate", "delayed", "minor")
"""Who is hurt, by how soon he has to be treated; MIMMS calls them P1, P2 and P3."""

STATES = ("unhurt", "injured", "dead", "missing")

SECTORS = (
    "camp management", "early recovery", "education", "emergency telecommunications",
    "food security", "health", "logistics", "nutrition", "protection", "shelter",
    "water sanitation hygiene", "search and rescue", "coordination", "other",
)  # fmt: skip
"""The clusters of the IASC, and three words for what is in none of them."""


PRECEDENCES = ("urgent", "urgent_surgical", "priority", "routine", "convenience")
"""Line 3 of a request for evacuation: how many of each."""

WHO = ("own_civilian", "other_civilian", "own_military", "other_military", "detained")
"""Line 8: of the nation that asks, and of others; how many of each."""

CAP: Mapping[str, tuple[str, ...]] = MappingProxyType({
    "category": CATEGORIES, "urgency": URGENCIES, "severity": SEVERITIES, "certainty": CERTAINTIES,
})  # fmt: skip
"""What CAP asks of every alert."""

KINDS = ("Alert", "Update", "Cancel")


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field. `tag` is its column's HXL hashtag, `heads` what people write over that column.

    What is in a personal field names somebody, and stays here unless names are shared.
    """

    name: str
    read: Read = reading.words
    tag: str = ""
    heads: tuple[str, ...] = ()
    is_required: bool = False
    is_personal: bool = False
    choices: tuple[str, ...] = ()
    most: int = MAX_TEXT
    """Letters at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sort:
    """What a record is. `letter` begins the names of these; `kind` ends their CoT type.

    `status` is what a record is where nobody says.
    """

    key: str
    letter: str
    kind: str
    fields: Mapping[str, Field]
    status: str = ""


def _sort(key: str, letter: str, kind: str, *fields: Field, status: str = "") -> Sort:
    return Sort(
        key=key, letter=letter, kind=kind, status=status,
        fields=MappingProxyType({each.name: each for each in fields}),
    )  # fmt: skip


def _status(*known: str) -> Field:
    return _choice("status", *known, tag="#status", heads=("state",))


def _choice(name: str, *known: str, tag: str = "", heads: tuple[str, ...] = ()) -> Field:
    return Field(name=name, read=one_of(*known), tag=tag, heads=heads, choices=known)


def _count(name: str, tag: str = "", *heads: str) -> Field:
    return Field(name=name, read=reading.persons, tag=tag, heads=heads)


def _time(name: str, tag: str, *heads: str) -> Field:
    return Field(name=name, read=reading.time, tag=tag, heads=heads)


def _needed(name: str, read: Read = reading.words) -> Field:
    return Field(name=name, read=read, is_required=True)


_ITEM = Field(
    name="what", tag="#item+name", heads=("item", "need", "offer", "goods"), is_required=True
)
_QUANTITY = Field(
    name="quantity", read=reading.quantity, tag="#item+num", heads=("amount", "number", "qty")
)
_UNIT = Field(name="unit", tag="#item+unit", heads=("units", "measure"))
_SECTOR = _choice("sector", *SECTORS, tag="#sector", heads=("cluster",))
_WHERE = Field(
    name="where", tag="#loc+name", heads=("place", "location", "site", "village"), is_required=True
)
_AREAS = (
    Field(name="adm1", tag="#adm1+name", heads=("province", "region", "admin1", "island")),
    Field(name="adm2", tag="#adm2+name", heads=("district", "admin2", "area council")),
    Field(name="pcode", tag="#loc+code", heads=("p-code", "code")),
    Field(name="position", read=reading.position, tag="#geo", heads=("coordinates", "gps")),
)
_POSITION = _AREAS[-1]
_OUTLINE = Field(name="outline", read=reading.outline, most=MOST_LETTERS)
"""What the map shows as the area, as CAP writes polygons."""
_ORG = Field(
    name="org", tag="#org", heads=("who", "organisation", "organization", "agency", "partner")
)
_FOR_WHOM = Field(name="for_whom", tag="#beneficiary", heads=("for whom", "beneficiaries"))
_REMARKS = Field(
    name="remarks", read=reading.prose, tag="#description", heads=("comments", "notes", "note")
)
_CONTACT = Field(
    name="contact", tag="#contact", heads=("contact person", "focal point"), is_personal=True
)
_TRIAGED = tuple(_count(each) for each in TRIAGE)


def _required(field: Field, *heads: str, tag: str = "") -> Field:
    return Field(
        name=field.name, read=field.read, tag=tag or field.tag, heads=heads or field.heads,
        is_required=True, choices=field.choices,
    )  # fmt: skip


SORTS: Mapping[str, Sort] = MappingProxyType({
    each.key: each
    for each in (
        _sort(
            "incident", "", "",
            _needed("title"), Field(name="hazard"), Field(name="event", read=reading.identifier),
            Field(name="source"), Field(name="where"), _POSITION, _OUTLINE,
            _time("began", ""),
            Field(name="summary", read=reading.prose), _status("open", "closed"),
            Field(name="shared"),
            status="open",
        ),
        _sort(
            "need", "N", "-n",
            _ITEM, _QUANTITY, _UNIT, _SECTOR, _WHERE, *_AREAS,
            _time("by", "#date+needed", "needed by", "deadline", "when"),
            _choice("priority", *PRIORITIES, tag="#severity", heads=("urgency",)),
            _ORG, _FOR_WHOM, _count("inneed", "#inneed", "people in need", "persons"),
            _status("open", "withdrawn"), _REMARKS, _CONTACT,
            status="open",
        ),
        _sort(
            "offer", "F", "-o",
            _ITEM, _QUANTITY, _UNIT, _SECTOR, _required(_ORG),
            Field(name="where", tag="#loc+name", heads=_WHERE.heads), *_AREAS,
            _time("from", "#date+start", "available from", "start", "when"),
            _time("until", "#date+end", "available until", "end"),
            _status("open", "withdrawn"), _REMARKS, _CONTACT,
            status="open",
        ),
        _sort(
            "match", "M", "-m",
            _needed("need", reading.identifier), _needed("offer", reading.identifier),
            Field(name="quantity", read=reading.quantity, is_required=True),
            _status("promised", "delivered", "withdrawn"), _REMARKS,
            status="promised",
        ),
        _sort(
            "activity", "A", "-a",
            _required(_ORG), _required(_ITEM, "activity", "what", tag="#activity"), _SECTOR, _WHERE,
            *_AREAS, _time("from", "#date+start", "start", "start date", "when"),
            _time("until", "#date+end", "end", "end date"),
            _status("planned", "ongoing", "completed", "suspended"), _FOR_WHOM,
            _count("targeted", "#targeted", "people targeted", "target"),
            _count("reached", "#reached", "people reached"), _REMARKS, _CONTACT,
            status="planned",
        ),
        _sort(
            "movement", "V", "-v",
            _ITEM, _QUANTITY, _UNIT, _ORG,
            Field(name="carrier", tag="#delivery+carrier", heads=("vehicle", "vessel", "flight")),
            Field(name="from_place", tag="#loc+origin", heads=("from", "origin"), is_required=True),
            Field(name="from_position", read=reading.position, tag="#geo+origin"),
            Field(name="to_place", tag="#loc+dest", heads=("to", "destination"), is_required=True),
            Field(name="to_position", read=reading.position, tag="#geo+dest"),
            _time("departs", "#date+start", "departure", "etd"),
            _time("arrives", "#date+end", "arrival", "eta"),
            _status("planned", "under way", "arrived", "cancelled"),
            Field(name="match", read=reading.identifier, tag="#meta+match"), _REMARKS, _CONTACT,
            status="planned",
        ),
        _sort(
            "account", "C", "-c",
            _needed("what"), Field(name="where"), _POSITION, _count("aboard"),
            *map(_count, STATES), *_TRIAGED, Field(name="moved_to"), _REMARKS,
        ),
        _sort(
            "person", "P", "-p",
            Field(name="name", is_required=True, is_personal=True),
            Field(name="account", read=reading.identifier, is_personal=True),
            Field(
                name="state", read=one_of(*STATES), choices=STATES, is_required=True,
                is_personal=True,
            ),
            Field(name="triage", read=one_of(*TRIAGE), choices=TRIAGE, is_personal=True),
            Field(name="where", is_personal=True), Field(name="moved_by", is_personal=True),
            Field(name="remarks", read=reading.prose, is_personal=True),
        ),
        _sort(
            "methane", "T", "-f",
            _required(_choice("major", "declared", "standby")),
            _needed("position", reading.position), Field(name="where"),
            _needed("type"), _needed("hazards"), _needed("access"),
            *_TRIAGED, _count("dead"), _needed("present"), _needed("required"),
            Field(name="callsign"),
        ),
        _sort(
            "medevac", "E", "-f",
            _needed("position", reading.position), Field(name="where"),
            _needed("frequency"), _needed("callsign"), *map(_count, PRECEDENCES),
            _needed("equipment", reading.letters("ABCD")), _count("litter"), _count("ambulatory"),
            _required(_choice("security", "N", "P", "E", "X")),
            _needed("marking", reading.letters("ABCDE")), Field(name="marking_detail"),
            *map(_count, WHO), _count("child"), _needed("terrain"), Field(name="obstacles"),
            Field(name="injuries", read=reading.prose),
        ),
        _sort(
            "alert", "", "-l",
            _needed("event"), Field(name="headline"), Field(name="description", read=reading.prose),
            Field(name="instruction", read=reading.prose),
            *(_required(_choice(name, *known)) for name, known in CAP.items()),
            Field(name="area", is_required=True), Field(name="position", read=reading.position),
            Field(name="radius", read=reading.quantity), _OUTLINE,
            Field(name="expires", read=reading.time),
            Field(name="sent", read=reading.time), Field(name="kind", read=one_of(*KINDS)),
            Field(name="references"), Field(name="groups", read=reading.prose),
        ),
    )
})  # fmt: skip
"""By key, in the order in which they are shown."""


def read_fields(sort: Sort, said: Mapping[str, str]) -> dict[str, str]:
    """Return fields as they are kept, empty for one that is taken back. Raises NotTaken."""
    return {name: _read(sort, name, text) for name, text in said.items()}


def _read(sort: Sort, name: str, text: str) -> str:
    field = sort.fields.get(name)
    if field is None:
        known = ", ".join(sort.fields)
        raise NotTaken(f"{sort.key} has no field {name[:40]!r}; it has {known}", name[:40])
    if len(text) > field.most:
        raise NotTaken(f"{name}: at most {field.most} letters", name)
    if not text.strip():
        return ""
    try:
        return field.read(text)
    except NotTaken as error:
        raise NotTaken(f"{name}: {error}", name) from None


def is_kept(sort: Sort, fields: Mapping[str, str]) -> bool:
    """Tell whether fields are as this desk keeps them, which what a partner says may not be."""
    try:
        return read_fields(sort, fields) == dict(fields)
    except NotTaken:
        return False


def lacking(sort: Sort, texts: Mapping[str, str]) -> tuple[str, ...]:
    """Return the fields that a record needs and does not have."""
    return tuple(n for n, each in sort.fields.items() if each.is_required and not texts.get(n))
