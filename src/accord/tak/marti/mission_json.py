"""Missions as TAK clients read them."""

from collections.abc import Iterable, Mapping

from accord.core.mission import (
    Invitation,
    Item,
    ItemKind,
    LogEntry,
    Mission,
    MissionChange,
    MissionRole,
    Subscription,
)
from accord.core.mission_layer import Layer, LayerKind, Layers
from accord.core.principal import Principal
from accord.tak.marti.asked import spell
from accord.tak.marti.file_json import spell_unpadded

Json = dict[str, object]

ABOUT = (
    "description", "chatRoom", "baseLayer", "bbox", "boundingPolygon", "path", "classification",
    "tool",
)  # fmt: skip
"""What clients say of a mission, and are told again."""


def mission_json(mission: Mission, items: Iterable[Item], by: Principal) -> Json:
    """Return a mission with what is in it, as far as somebody takes part in its context."""
    seen = [each for each in items if by.takes_part_in(each.context)]
    about = {"description": "", "tool": "public", **mission.about}
    return {
        "name": mission.name,
        **about,
        "keywords": list(mission.keywords),
        "creatorUid": mission.creator_uid,
        "createTime": spell(mission.made),
        "lastEdited": spell(mission.edited),
        "groups": sorted(mission.groups & (by.hears | by.speaks_in)),
        "externalData": [dict(e.details) for e in seen if e.kind is ItemKind.EXTERNAL],
        "feeds": [],
        "mapLayers": [dict(e.details) for e in seen if e.kind is ItemKind.MAP_LAYER],
        "defaultRole": role_json(mission.default_role),
        **_group_roles(mission, by),
        "inviteOnly": mission.invite_only,
        "expiration": mission.expires,
        "guid": mission.guid,
        "uids": [_item(each, each.name) for each in seen if each.kind is ItemKind.UID],
        "contents": [_item(each, each.details) for each in seen if each.kind is ItemKind.HASH],
        "passwordProtected": bool(mission.password),
    }


def _item(item: Item, data: object) -> Json:
    said: Json = {"data": data, "timestamp": spell(item.at), "creatorUid": item.creator_uid}
    if item.keywords:
        said["keywords"] = list(item.keywords)
    if item.kind is ItemKind.UID and item.details:
        said["details"] = dict(item.details)
    return said


def _group_roles(mission: Mission, by: Principal) -> Json:
    """Return the default roles of his groups that have one of their own; ours, and not TAK's."""
    his = {g: r for g, r in mission.group_roles.items() if g in by.hears | by.speaks_in}
    return {"groupRoles": {group: role_json(his[group]) for group in sorted(his)}} if his else {}


def layers_json(layers: Layers, parent: str, items: Iterable[Item], by: Principal) -> list[Json]:
    """Return the layers in a layer, with what is in them as far as somebody may see it.

    The empty parent is the mission itself. What is empty is left out, as clients expect it.
    """
    seen = {(e.kind, e.name): e for e in items if by.takes_part_in(e.context)}
    told = (each for each in layers.under(parent) if each.kind is not LayerKind.ITEM)
    return [_layer(layers, each, seen) for each in told]


def layer_json(layers: Layers, layer: Layer, items: Iterable[Item], by: Principal) -> Json:
    """Return one layer in the same way."""
    seen = {(e.kind, e.name): e for e in items if by.takes_part_in(e.context)}
    return _layer(layers, layer, seen)


_IN_LAYERS = {
    LayerKind.UID: "uids", LayerKind.CONTENTS: "contents", LayerKind.MAPLAYER: "maplayers",
}  # fmt: skip


def _layer(layers: Layers, layer: Layer, seen: Mapping[tuple[ItemKind, str], Item]) -> Json:
    said: Json = {"name": layer.name, "type": layer.kind, "uid": layer.uid}
    if layer.parent:
        said["parentUid"] = layer.parent
    inside = layers.under(layer.uid)
    holds = layer.kind.holds
    if holds is not None:
        keys = [(holds, each.uid) for each in inside if each.kind is LayerKind.ITEM]
        items = [seen[key] for key in keys if key in seen]
        told = [_item(e, e.name if holds is ItemKind.UID else dict(e.details)) for e in items]
        if told:
            said[_IN_LAYERS[layer.kind]] = told
    deeper = [_layer(layers, e, seen) for e in inside if e.kind is not LayerKind.ITEM]
    if deeper:
        said["mission_layers"] = deeper
    return said


def role_json(role: MissionRole) -> Json:
    """Return a role with what it may do."""
    return {"type": role, "permissions": list(role.permissions)}


_TOLD_AS = {
    ItemKind.HASH: "contentResource",
    ItemKind.MAP_LAYER: "mapLayer",
    ItemKind.EXTERNAL: "externalData",
}


def change_json(mission: Mission, change: MissionChange) -> Json:
    """Return something that happened to a mission."""
    said: Json = {
        "isFederatedChange": False,
        "type": change.type,
        "missionName": mission.name,
        "missionGuid": mission.guid,
        "timestamp": spell(change.at),
        "serverTime": spell(change.at),
        "creatorUid": change.creator_uid,
    }
    item = change.item
    if item is not None and item.kind in _TOLD_AS:
        said[_TOLD_AS[item.kind]] = dict(item.details)
    elif item is not None:
        said["contentUid"] = item.name
        if item.details:
            said["details"] = dict(item.details)
    return said


def changes_json(mission: Mission, changes: Iterable[MissionChange], by: Principal) -> list[Json]:
    """Return what happened to a mission, as far as somebody takes part in its context."""
    seen = (e for e in changes if e.item is None or by.takes_part_in(e.item.context))
    return [change_json(mission, each) for each in seen]


def squashed(changes: Iterable[MissionChange]) -> list[MissionChange]:
    """Return the last change of each item, in order, and all that are of none."""
    last: dict[object, MissionChange] = {}
    for each in changes:
        key = each.number if each.item is None else (each.item.kind, each.item.name)
        last.pop(key, None)
        last[key] = each
    return list(last.values())


def subscription_json(each: Subscription, token: str = "") -> Json:
    """Return who takes part, with the token where it is he who asks."""
    said: Json = {
        "clientUid": each.client_uid,
        "username": each.person,
        "createTime": spell_unpadded(each.at),
        "role": role_json(each.role),
    }
    return {"token": token, **said} if token else said


def invitation_json(mission: Mission, each: Invitation, token: str = "") -> Json:
    """Return who is invited, with the token where it is he who asks."""
    said: Json = {
        "missionName": mission.name,
        "missionGuid": mission.guid,
        "invitee": each.invitee,
        "type": each.kind,
        "creatorUid": each.creator_uid,
        "createTime": spell_unpadded(each.at),
        "role": role_json(each.role),
    }
    return {"token": token, **said} if token else said


def log_json(entry: LogEntry, names: Iterable[str]) -> Mapping[str, object]:
    """Return an entry of the logs of these missions."""
    return {
        "id": entry.id,
        "content": entry.content,
        "creatorUid": entry.creator_uid,
        "missionNames": list(names),
        "servertime": spell(entry.changed),
        "dtg": entry.happened or spell(entry.created),
        "created": spell(entry.created),
        "contentHashes": list(entry.hashes),
        "keywords": list(entry.keywords),
    }
