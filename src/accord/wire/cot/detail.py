"""The elements of `detail` that this node understands; all others are carried as they came."""

from collections.abc import Mapping
from typing import NamedTuple

from accord.wire.cot import xml
from accord.wire.cot.message import CotEvent
from accord.wire.errors import FrameTooLarge, Malformed, Unsupported

EXERCISE = "__exercise"
"""Repeats the event's `opex`, because other servers drop that attribute between them."""

MARKING = "__marking"
"""Shows the channel's default mark on what came without one; written by this node, never read."""

EVERYONE = frozenset({"All Chat Rooms", "All Streaming", "Streaming"})
"""Conversations, and callsigns addressed, that stand for all who can be reached."""

TEAMS = frozenset(
    (
        *("White", "Yellow", "Orange", "Magenta", "Red", "Maroon", "Purple", "Dark Blue"),
        *("Blue", "Cyan", "Teal", "Green", "Dark Green", "Brown"),
    )
)
"""The team colours of `__group`."""

_DESTINATIONS = ("callsign", "publish", "uid", "mission", "mission-guid", "group")
"""The keys of `dest`, in the order in which TAK Server tests them."""

_EMPTY: Mapping[str, str] = {}
_NO_MISSIONS: frozenset[str] = frozenset()


class Announcement(NamedTuple):
    """A client's own position: who it is from now on."""

    uid: str
    callsign: str
    team: str


class Chat(NamedTuple):
    """GeoChat: `uids` are those of `chatgrp`, the sender's first; all empty where not said."""

    conversation: str
    room: str
    sender: str
    uids: tuple[str, ...]
    text: str


class Ellipse(NamedTuple):
    """Semi-axes in metres, as sent."""

    major: float
    minor: float


def announcement(event: CotEvent) -> Announcement | None:
    """Return who the client says it is, None for an event that is not its own position."""
    contact = first(event, "contact")
    if not event.type.startswith("a-") or not contact.get("endpoint"):
        return None
    team = first(event, "__group").get("name", "")
    return Announcement(event.uid, contact.get("callsign", ""), team)


def first(event: CotEvent, name: str) -> Mapping[str, str]:
    """Return the attributes of the first child of `detail` of that name, if there is one."""
    for child, attributes in event.elements:  # a generator would take twice as long
        if child == name:
            return attributes
    return _EMPTY


def linked_uid(event: CotEvent) -> str | None:
    """Return the uid that the `link` elements name. Raises Malformed where they name several.

    Which of them counts is for each receiver to choose, so one alone would be checked in vain.
    """
    uids = {a["uid"] for name, a in event.elements if name == "link" and a.get("uid")}
    if len(uids) > 1:
        raise Malformed("the links name more than one uid")
    return next(iter(uids), None)


def vertices(event: CotEvent) -> list[str]:
    """Return the `point` of each `link` that has one, `lat,lon[,hae]`, in order."""
    return [a["point"] for name, a in event.elements if name == "link" and "point" in a]


def exercise_mark(event: CotEvent) -> str | None:
    """Return the exercise mark, None where there is none. Raises Malformed where two differ."""
    marks = {a.get("opex", "") for name, a in event.elements if name == EXERCISE}
    if len(marks) > 1:
        raise Malformed("the exercise marks differ")
    mark = next(iter(marks), None)
    if mark is not None and len(mark) > xml.MAX_ATTRIBUTE:
        raise FrameTooLarge(f"the exercise mark is over {xml.MAX_ATTRIBUTE} characters")
    return mark


def destinations(event: CotEvent) -> frozenset[tuple[str, str]]:
    """Return the key and value of each `marti/dest`, by the first key that TAK Server tests.

    Raises Unsupported where a `dest` says nothing that is understood: it must not go to everyone.
    """
    found: set[tuple[str, str]] = set()
    for dest in _below(event, "marti", "dest"):
        key = next((key for key in _DESTINATIONS if dest.get(key)), None)
        if key is not None:
            found.add((key, dest[key]))
        elif dest:
            raise Unsupported(f"marti/dest with {', '.join(sorted(dest))}")
    return frozenset(found)


MISSIONS = frozenset({"mission", "mission-guid"})
"""The keys of `dest` that name missions: by name, by guid."""


def missions_named(event: CotEvent) -> frozenset[str]:
    """Return the names and guids of the missions that an event is for. Raises as `destinations`."""
    if all(name != "marti" for name, _ in event.elements):
        return _NO_MISSIONS
    return frozenset(value for key, value in destinations(event) if key in MISSIONS)


class Filing(NamedTuple):
    """The layer of a mission that something is to stand in, and after what there, if it is said."""

    layer: str
    after: str


def filed_in(event: CotEvent) -> Mapping[str, Filing]:
    """Return the `path` and `after` of each `dest` that names a mission and has a path, by name."""
    found: dict[str, Filing] = {}
    for dest in _below(event, "marti", "dest"):
        key = next((key for key in _DESTINATIONS if dest.get(key)), None)
        if key in MISSIONS and dest.get("path"):
            found[dest[key]] = Filing(dest["path"], dest.get("after", ""))
    return found


def chat(event: CotEvent) -> Chat:
    """Return the words of a `b-t-f` event; one without `__chat` is remarks to everyone.

    Raises Malformed where it says more than once who speaks, or to whom.
    """
    about = first(event, "__chat")
    groups = _below(event, "__chat", "chatgrp")
    if len(groups) > 1 or sum(name == "__chat" for name, _ in event.elements) > 1:
        raise Malformed("the words have more than one __chat or chatgrp")
    group = next(iter(groups), _EMPTY)
    numbered = sorted((int(k[3:]), v) for k, v in group.items() if _is_numbered(k) and v)
    return Chat(
        about.get("id", ""),
        about.get("chatroom", ""),
        about.get("senderCallsign", ""),
        tuple(uid for _, uid in numbered),
        "".join(_inside(event, "remarks").text),
    )


def ellipse(event: CotEvent) -> Ellipse | None:
    """Return the first `shape/ellipse`, None where there is none with two numbers."""
    axes = next(iter(_below(event, "shape", "ellipse")), _EMPTY)
    try:
        return Ellipse(float(axes["major"]), float(axes["minor"]))
    except (KeyError, ValueError):
        return None


def requested_version(event: CotEvent) -> str | None:
    """Return the version in `TakControl/TakRequest`, None where it is not exactly one."""
    requests = [request.get("version") for request in _below(event, "TakControl", "TakRequest")]
    return requests[0] if len(requests) == 1 else None


def _is_numbered(key: str) -> bool:
    number = key.removeprefix("uid")
    return number != key and len(number) < 10 and number.isascii() and number.isdigit()


class _Inside(NamedTuple):
    """The children and the text of every child of `detail` of one name."""

    children: list[tuple[str, Mapping[str, str]]]
    text: list[str]


def _below(event: CotEvent, parent: str, child: str) -> list[Mapping[str, str]]:
    return [attributes for name, attributes in _inside(event, parent).children if name == child]


def _inside(event: CotEvent, name: str) -> _Inside:
    """Read the event once more, for what stands deeper than its `elements`; never in vain."""
    found = _Inside([], [])
    if all(child != name for child, _ in event.elements):
        return found
    parser = xml.parser()
    way = ("event", "detail", name)
    path: list[bool] = []  # for each level, whether it is on the way, or inside what is looked for

    def started(child: str, attributes: Mapping[str, str]) -> None:
        if len(path) < len(way):
            path.append(all(path) and xml.raw(child) == way[len(path)])
            return
        if len(path) == len(way) and path[-1]:
            found.children.append((xml.raw(child), attributes))
        path.append(path[-1])

    def ended(_: str) -> None:
        path.pop()

    def said(words: str) -> None:
        if len(path) >= len(way) and path[-1]:
            found.text.append(words)

    parser.StartElementHandler, parser.EndElementHandler = started, ended
    parser.CharacterDataHandler = said
    xml.parse(parser, event.xml)
    return found
