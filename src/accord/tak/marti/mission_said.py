"""What a request says of a mission: in its parameters, and in a body of JSON, which comes first.

TAK Server 5.7, public source, MissionApi: a body of that type is a mission as the server writes
one, and what it has stands in place of the parameters.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import cast

from starlette.requests import Request

from accord.core.mission import MissionRole
from accord.tak.marti.asked import (
    body,
    flag,
    json_in,
    number,
    parameter,
    parameters,
    refuse,
    text,
    texts,
)
from accord.tak.marti.feed_said import FeedSaid, feeds_in_json
from accord.tak.marti.outline import polygon

ABOUT = (
    "description", "chatRoom", "baseLayer", "bbox", "boundingPolygon", "path", "classification",
    "tool",
)  # fmt: skip
"""What clients say of a mission, and are told again."""

_OUTLINE = "boundingPolygon"
"""The only one of these that may be said several times: a point each."""

MAX_ABOUT = 16_384
"""Characters of one of these."""

MAX_GROUPS = 1_000
MAX_KEYWORDS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What is said of a mission; None, or nothing, where it is not said."""

    about: Mapping[str, str] = field(default_factory=dict[str, str])
    groups: tuple[str, ...] = ()
    role: MissionRole | None = None
    invite_only: bool | None = None
    expires: int | None = None
    keywords: tuple[str, ...] | None = None
    feeds: tuple[FeedSaid, ...] | None = None
    password: str = ""
    has_password: bool = False
    """Whether it is said that there is one, which may be one that is not said."""


def is_json(request: Request) -> bool:
    """Tell whether the body is said to be JSON."""
    return "json" in request.headers.get("content-type", "").lower()


def is_package(request: Request) -> bool:
    """Tell whether the body is said to be a data package."""
    return "zip" in request.headers.get("content-type", "").lower()


def is_object(data: bytes) -> bool:
    """Tell whether a body looks like an object, or a list, of JSON.

    Clients leave out its type, or a library of theirs says another; nothing else that is sent there
    begins so.
    """
    return data.lstrip()[:1] in (b"{", b"[")


async def said_of(request: Request) -> Said:
    """Return what a request says of a mission. 400 where a part of it cannot be read."""
    given = await _given(request)
    about = _about(request)
    for key in ABOUT:
        if given.get(key) is not None:
            about[key] = text(given[key], key, most=MAX_ABOUT)
    groups, keywords = given.get("groups"), given.get("keywords")
    return Said(
        about=about,
        groups=tuple(
            parameters(request, "group")
            if groups is None
            else texts(groups, "groups", most=MAX_GROUPS)
        ),
        role=role_in_json(given.get("defaultRole"), "defaultRole")
        or role_said(request, "defaultRole"),
        invite_only=_invite_only(request, given.get("inviteOnly")),
        expires=_expires(request, given.get("expiration")),
        keywords=None
        if keywords is None
        else tuple(texts(keywords, "keywords", most=MAX_KEYWORDS)),
        feeds=None if given.get("feeds") is None else feeds_in_json(given["feeds"]),
        password=text(given.get("password") or "", "password") or parameter(request, "password"),
        has_password=bool(_flag(given.get("passwordProtected"), "passwordProtected")),
    )


async def _given(request: Request) -> Mapping[str, object]:
    """Return the mission in a body of JSON, nothing where there is none."""
    if is_package(request):
        return {}
    data = await body(request)
    if not data or not (is_json(request) or is_object(data)):
        return {}
    found = json_in(data)
    if not isinstance(found, dict):
        refuse(400, "the body is no mission: a JSON object")
    return cast("dict[str, object]", found)


def _about(request: Request) -> dict[str, str]:
    names = {name.lower() for name in request.query_params}
    points = parameters(request, _OUTLINE)
    if len(points) > 1:
        names.remove(_OUTLINE.lower())
    said = {key: parameter(request, key, most=MAX_ABOUT) for key in ABOUT if key.lower() in names}
    return {**said, _OUTLINE: polygon(points)} if len(points) > 1 else said


def _invite_only(request: Request, said: object) -> bool | None:
    if said is None and parameter(request, "inviteOnly"):
        return flag(request, "inviteOnly")
    return _flag(said, "inviteOnly")


def _flag(said: object, name: str) -> bool | None:
    if said is not None and not isinstance(said, bool):
        refuse(400, f"{name} is true or false")
    return said


def _expires(request: Request, said: object) -> int | None:
    if said is None:
        return number(request, "expiration", 0) if parameter(request, "expiration") else None
    if type(said) is not int or not -(1 << 53) < said < 1 << 53:
        refuse(400, "expiration is a whole number")
    return said


def role_said(request: Request, name: str) -> MissionRole | None:
    """Return the role that a parameter names. 400 where there is no such role."""
    said = parameter(request, name)
    return _role(said, name) if said else None


def role_in_json(said: object, name: str) -> MissionRole | None:
    """Return the role that JSON names, alone or as the `type` of an object. 400 for no role."""
    found = cast("dict[str, object]", said).get("type") if isinstance(said, dict) else said
    return None if found is None else _role(found, name)


def _role(said: object, name: str) -> MissionRole:
    if said not in list(MissionRole):
        refuse(400, f"{name} is one of {', '.join(MissionRole)}, or an object with it as type")
    return MissionRole(str(said))
