"""What the node tells clients by CoT of missions (`t-x-m-...`) and their channels (`t-x-g-c`)."""

import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import cast

from accord.core.context import Context, ContextKind
from accord.core.mission import Item, ItemKind, Mission, MissionChange, MissionRole
from accord.core.mission_layer import Layer
from accord.core.principal import Group
from accord.core.report import Address, Report, Source
from accord.storage.files import Stored
from accord.tak.data_feeds import told
from accord.wire.cot import xml
from accord.wire.cot.message import UNKNOWN, CotPoint
from accord.wire.cot.translate import to_report

CHANNEL = "mission"
"""The channel of what is said into missions, and of what the node says of them."""

STALE = timedelta(seconds=20)
"""As TAK Server has it for its own notices."""

CHANGES_AT_ONCE = 50
"""Changes in one notice: ATAK takes no event of more than 64 KiB."""

_NOWHERE = CotPoint(0.0, 0.0, UNKNOWN, UNKNOWN, UNKNOWN)


class Notices:
    """Writes notices of one node."""

    def __init__(self, node: str) -> None:
        self._source = Source(node=node, channel=CHANNEL, speaker=node)

    def channels_changed(self, by_uid: str, groups: Iterable[Group], now: datetime) -> Report:
        """Return that a client's channels are others now: it asks for them again.

        `by_uid` is which client has switched them, where that is known; it ends the event's uid, as
        TAK Server has it (5.7, public source: DistributedSubscriptionManager).
        """
        uid = ".".join(filter(None, (secrets.token_hex(4), by_uid)))
        return self._report("t-x-g-c", uid, "", frozenset(groups), now)

    def made(self, mission: Mission, now: datetime) -> Report:
        """Return that there is a mission, for its groups."""
        return self._of(mission, "t-x-m-n", "CREATE", mission.creator_uid, "", now)

    def deleted(self, mission: Mission, by_uid: str, now: datetime) -> Report:
        """Return that a mission was deleted, for its groups."""
        return self._of(mission, "t-x-m-d", "DELETE", by_uid, "", now)

    def changed(
        self, mission: Mission, changes: Sequence[MissionChange], now: datetime
    ) -> Iterator[Report]:
        """Yield what changed in a mission, each context by itself, and external data too."""
        for type_, context in dict.fromkeys((_type(each), _context(each)) for each in changes):
            mine = [e for e in changes if (_type(e), _context(e)) == (type_, context)]
            for turn in range(0, len(mine), CHANGES_AT_ONCE):
                part = mine[turn : turn + CHANGES_AT_ONCE]
                inside = "".join(_change(mission, each) for each in part)
                yield self._of(
                    mission, type_, "CHANGE", part[-1].creator_uid,
                    f"<MissionChanges>{inside}</MissionChanges>", now, context=context,
                )  # fmt: skip

    def layer_changed(self, mission: Mission, layer: Layer, by_uid: str, now: datetime) -> Report:
        """Return that a layer of a mission, or what is in it, is another now, or gone."""
        said = {
            "name": layer.name, "parentUid": layer.parent, "type": layer.kind, "uid": layer.uid,
        }  # fmt: skip
        inside = "".join(xml.element(name, {}, value) for name, value in said.items() if value)
        return self._of(
            mission, "t-x-m-c-h", "CHANGE", by_uid, f"<missionLayer>{inside}</missionLayer>", now
        )

    def look_again(self, mission: Mission, what: str, by_uid: str, now: datetime) -> Report:
        """Return that something of a mission is another now.

        Its log (`l`), keywords (`k`) or description (`m`), the keywords of a thing (`k-u`) or of a
        file (`k-c`) in it: by TAK Server's types.
        """
        return self._of(mission, f"t-x-m-c-{what}", "CHANGE", by_uid, "", now)

    def invited(
        self, mission: Mission, role: MissionRole, token: str, by_uid: str, now: datetime
    ) -> Report:
        """Return that somebody is invited."""
        return self._of(mission, "t-x-m-i", "INVITE", by_uid, _role(role), now, token=token)

    def role_changed(
        self, mission: Mission, role: MissionRole, token: str, now: datetime
    ) -> Report:
        """Return that somebody is in another role now."""
        uid = mission.creator_uid
        return self._of(mission, "t-x-m-r", "INVITE", uid, _role(role), now, token=token)

    def offered(self, file: Stored, url: str, by_uid: str, by: str, now: datetime) -> Report:
        """Return that a file is to be had, as a client offers one; it asks for no answer."""
        said = {
            "filename": file.about.name,
            "name": file.about.name,
            "senderUrl": url,
            "sizeInBytes": str(file.size),
            "sha256": file.hash,
            "senderUid": by_uid,
            "senderCallsign": by,
        }
        share = xml.element("fileshare", said)
        return self._report("b-f-t-r", secrets.token_hex(16), share, frozenset(), now)

    def _of(  # noqa: PLR0913  one argument for each thing that a notice has
        self,
        mission: Mission,
        type_: str,
        what: str,
        by_uid: str,
        inside: str,
        now: datetime,
        *,
        token: str = "",
        context: Context | None = None,
    ) -> Report:
        said = {
            "type": what,
            "tool": mission.about.get("tool", "public"),
            "name": mission.name,
            "guid": mission.guid,
            "authorUid": by_uid,
            "token": token,
        }
        given = xml.written({name: value for name, value in said.items() if value})
        detail = f"<mission{given}>{inside}</mission>"
        return self._report(
            type_, secrets.token_hex(16), detail, mission.groups, now, context=context
        )

    def _report(
        self,
        type_: str,
        uid: str,
        detail: str,
        groups: frozenset[Group],
        now: datetime,
        *,
        context: Context | None = None,
    ) -> Report:
        is_exercise = context is not None and context.kind is ContextKind.EXERCISE
        event = xml.compose(
            uid=uid[: xml.MAX_UID],
            type=type_,
            how="h-g-i-g-o",
            time=now,
            start=now,
            stale=now + STALE,
            point=_NOWHERE,
            detail=detail,
            marks={"opex": f"e-{context.name}"} if context is not None and is_exercise else {},
        )
        return to_report(xml.read_again(event), source=self._source, groups=groups, received=now)


def to_only(report: Report, to: frozenset[Address]) -> Report:
    """Return a notice for these addressees."""
    return replace(report, to=to)


def _type(change: MissionChange) -> str:
    is_external = change.item is not None and change.item.kind is ItemKind.EXTERNAL
    return "t-x-m-c-e" if is_external else "t-x-m-c"


def _context(change: MissionChange) -> Context | None:
    return None if change.item is None else change.item.context


def _role(role: MissionRole) -> str:
    inside = "".join(xml.element("permissions", {"type": each}) for each in role.permissions)
    return f"<role{xml.written({'type': role})}>{inside}</role>"


def _change(mission: Mission, change: MissionChange) -> str:
    said = {
        "type": change.type,
        "missionName": mission.name,
        "missionGuid": mission.guid,
        "timestamp": xml.instant(change.at),
        "creatorUid": change.creator_uid,
        "isFederatedChange": "false",
    }
    inside = "".join(xml.element(name, {}, value) for name, value in said.items() if value)
    if change.item is not None:
        inside += _item(change.item)
    return f"<MissionChange>{inside}</MissionChange>"


_FIELDS = {
    ItemKind.HASH: "contentResource",
    ItemKind.MAP_LAYER: "mapLayer",
    ItemKind.EXTERNAL: "externalData",
    ItemKind.FEED: "missionFeed",
}


def _item(item: Item) -> str:
    if item.kind in _FIELDS:
        element = _FIELDS[item.kind]
        said = told(item.details) if item.kind is ItemKind.FEED else item.details
        return f"<{element}>{_fields(said)}</{element}>"
    uid = xml.element("contentUid", {}, item.name)
    if not item.details:
        return uid
    plain = {k: str(v) for k, v in item.details.items() if k not in ("location", "attachments")}
    location, attached = item.details.get("location"), item.details.get("attachments")
    inside = ""
    if isinstance(attached, list):
        files = cast("list[object]", attached)
        inside = "".join(xml.element("attachment", {}, str(each)) for each in files)
    if isinstance(location, dict):
        where = cast("dict[str, object]", location)
        inside += xml.element("location", {k: str(v) for k, v in where.items()})
    return f"{uid}<details{xml.written(plain)}>{inside}</details>"


def _fields(details: Mapping[str, object]) -> str:
    found: list[str] = []
    for name, value in details.items():
        values = value if isinstance(value, list) else [value]  # pyright: ignore[reportUnknownVariableType]
        found += [xml.element(name, {}, str(each)) for each in values if each not in (None, "")]  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    return "".join(found)
