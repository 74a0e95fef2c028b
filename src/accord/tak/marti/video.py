"""Where videos are to be had: as ATAK reads the list in XML, and newer clients in JSON."""

import asyncio
import uuid
from collections.abc import Mapping, Sequence
from typing import cast
from urllib.parse import SplitResult, urlsplit

from lxml import etree
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from accord.core.principal import Group, Principal, Role
from accord.storage.tak_file import Full
from accord.storage.videos import Video, Videos
from accord.tak.marti.asked import (
    Door,
    body,
    flag,
    json_body,
    needed,
    parameter,
    parameters,
    refuse,
    text,
)
from accord.tak.marti.files import groups_said

MAX_FEEDS = 100
"""Feeds of one connection, and connections in one request."""

_TEXTS = ("macAddress", "roverPort", "ignoreEmbeddedKLV", "networkTimeout", "bufferTime",
          "rtspReliable")  # fmt: skip
_TEXTS_OR_NONE = ("source", "thumbnail", "classification", "latitude", "longitude", "fov",
                  "heading", "range")  # fmt: skip
_PLACES = ("thumbnail", "classification", "latitude", "longitude", "fov", "heading", "range")
"""What is told of a feed in XML only where it is said."""

_NUMBERS_OR_NONE = ("order", "width", "height", "bitrate")

_Json = dict[str, object]


class VideoApi:
    """Answers where videos are to be had."""

    def __init__(self, door: Door, videos: Videos) -> None:
        self._door = door
        self._videos = videos

    def routes(self) -> Sequence[BaseRoute]:
        """Return the routes."""
        return [
            Route("/Marti/vcm", self.as_xml, methods=["GET"]),
            Route("/Marti/vcm", self.create_from_xml, methods=["POST"]),
            Route("/Marti/vcm", self.delete_one, methods=["DELETE"]),
            Route("/Marti/api/video", self.every, methods=["GET"]),
            Route("/Marti/api/video", self.create, methods=["POST"]),
            Route("/Marti/api/video/{uuid}", self.one, methods=["GET"]),
            Route("/Marti/api/video/{uuid}", self.update, methods=["PUT"]),
            Route("/Marti/api/video/{uuid}", self.delete, methods=["DELETE"]),
        ]

    async def _visible(self, by: Principal) -> list[Video]:
        found = await asyncio.to_thread(self._videos.all)
        return [v for v in found if v.owner == by.name or not v.groups.isdisjoint(by.hears)]

    async def _named(self, request: Request, by: Principal) -> Video:
        return await self._of_uuid(by, request.path_params["uuid"])

    async def _owned(self, by: Principal, uuid_: str) -> Video:
        """Return a video that somebody may forget. 403 where it is another's."""
        video = await self._of_uuid(by, uuid_)
        if video.owner != by.name and by.role is not Role.ADMINISTRATOR:
            refuse(403, "the video is another's")
        return video

    async def _of_uuid(self, by: Principal, wanted: str) -> Video:
        found = [each for each in await self._visible(by) if each.uuid == wanted]
        if found:  # his own, where he sees another's of that uuid too
            return next((each for each in found if each.owner == by.name), found[0])
        return refuse(404, "there is no such video for you to see")

    async def as_xml(self, request: Request) -> Response:
        """Answer with every feed, as ATAK reads them."""
        root = etree.Element("videoConnections")
        for video in await self._visible(self._door.require(request)):
            for feed in cast("list[_Json]", video.connection["feeds"]):
                _add_feed(root, feed)
        return Response(
            etree.tostring(root, encoding="UTF-8", xml_declaration=True),
            media_type="application/xml",
        )

    async def create_from_xml(self, request: Request) -> Response:
        """Keep feeds that come as ATAK writes them, each a connection of its own under its uid.

        One that the caller keeps already is kept as it is now. With `action` of setActive: switch
        the one of the uid `id` on or off (`active`).
        """
        by = self._door.require_speaker(request)
        if parameter(request, "action") == "setActive":
            return await self._set_active(request, by)
        groups = groups_said(by, parameters(request, "group"))
        for each in [_connection(_of_xml(feed)) for feed in _feeds(await body(request))]:
            await self._keep(by, each, groups)
        return Response()

    async def _set_active(self, request: Request, by: Principal) -> Response:
        video, active = await self._of_uuid(by, needed(request, "id")), flag(request, "active")
        if video.owner != by.name:
            refuse(403, "the video is another's")
        feeds = cast("list[_Json]", video.connection["feeds"])
        now = {**video.connection, "feeds": [{**each, "active": active} for each in feeds]}
        await self._keep(by, {**now, "active": active}, video.groups)
        return Response()

    async def delete_one(self, request: Request) -> Response:
        """Forget the connection that the parameter `id` names by its uid."""
        by = self._door.require_speaker(request)
        video = await self._owned(by, needed(request, "id"))
        await asyncio.to_thread(self._videos.forget, video.uuid, video.owner)
        return Response()

    async def every(self, request: Request) -> Response:
        """Answer with every connection; with `protocol`, those that have a feed by that."""
        protocol = parameter(request, "protocol").lower()
        found = await self._visible(self._door.require(request))
        told = [dict(v.connection) for v in found if not protocol or protocol in _protocols(v)]
        return JSONResponse({"videoConnections": told})

    async def create(self, request: Request) -> Response:
        """Keep connections that are new, for the groups that are named, or all of the caller's."""
        by = self._door.require_speaker(request)
        groups = groups_said(by, parameters(request, "group"))
        said = await json_body(request)
        found = cast("_Json", said).get("videoConnections") if isinstance(said, dict) else None
        if not isinstance(found, list) or not 0 < len(cast("list[object]", found)) <= MAX_FEEDS:
            refuse(400, "the body is an object with a list videoConnections")
        for each in [_connection(each) for each in cast("list[object]", found)]:
            await self._keep(by, each, groups)
        return Response()

    async def _keep(self, by: Principal, connection: _Json, groups: frozenset[Group]) -> None:
        wanted = str(connection["uuid"])
        # What he does not see takes no uuid from him: to say so would tell that it is there.
        for each in await self._visible(by):
            if each.uuid == wanted and each.owner != by.name:
                refuse(409, "there is another video with that uuid")
        video = Video(uuid=wanted, owner=by.name, groups=groups, connection=connection)
        try:
            await asyncio.to_thread(self._videos.keep, video)
        except Full as full:
            refuse(507, str(full))

    async def one(self, request: Request) -> Response:
        """Answer with one connection."""
        video = await self._named(request, self._door.require(request))
        return JSONResponse(dict(video.connection))

    async def update(self, request: Request) -> Response:
        """Keep a connection as it is now."""
        by = self._door.require_speaker(request)
        video = await self._named(request, by)
        if video.owner != by.name:
            refuse(403, "the video is another's")
        said = _connection(await json_body(request))
        await self._keep(by, {**said, "uuid": video.uuid}, video.groups)
        return Response()

    async def delete(self, request: Request) -> Response:
        """Forget a connection."""
        by = self._door.require_speaker(request)
        video = await self._owned(by, request.path_params["uuid"])
        await asyncio.to_thread(self._videos.forget, video.uuid, video.owner)
        return Response()


def _connection(said: object) -> _Json:
    """Return a connection with every key that clients look for. 400 where it is none."""
    if not isinstance(said, dict):
        refuse(400, "a video connection is an object")
    given = cast("_Json", said)
    feeds = given.get("feeds")
    if not isinstance(feeds, list) or len(cast("list[object]", feeds)) > MAX_FEEDS:
        refuse(400, f"feeds is a list of at most {MAX_FEEDS}")
    return {
        "uuid": text(given.get("uuid") or str(uuid.uuid4()), "uuid", most=128),
        "active": given.get("active") is not False,
        "alias": text(given.get("alias"), "alias"),
        "thumbnail": _text_or_none(given, "thumbnail"),
        "classification": _text_or_none(given, "classification"),
        "feeds": [_feed(each) for each in cast("list[object]", feeds)],
    }


def _feed(said: object) -> _Json:
    given = cast("_Json", said) if isinstance(said, dict) else {}
    url = text(given.get("url"), "url")
    try:
        has_scheme = bool(urlsplit(url).scheme)
    except ValueError:
        has_scheme = False
    if not has_scheme:
        refuse(400, "url is where the video is, such as rtsp://host:554/path")
    numbers = {key: given.get(key) for key in _NUMBERS_OR_NONE}
    return {
        "uuid": text(given.get("uuid") or str(uuid.uuid4()), "uuid", most=128),
        "active": given.get("active") is not False,
        "alias": text(given.get("alias"), "alias"),
        "url": url,
        **{key: _text_or_none(given, key) or "" for key in _TEXTS},
        **{key: _text_or_none(given, key) for key in _TEXTS_OR_NONE},
        **{key: value if isinstance(value, int) else None for key, value in numbers.items()},
    }


_OF_XML = {
    "alias": "alias", "preferredMacAddress": "macAddress", "roverPort": "roverPort",
    "ignoreEmbeddedKLV": "ignoreEmbeddedKLV", "source": "source", "timeout": "networkTimeout",
    "buffer": "bufferTime", "rtspReliable": "rtspReliable", "thumbnail": "thumbnail",
    "classification": "classification", "latitude": "latitude", "longitude": "longitude",
    "fov": "fov", "heading": "heading", "range": "range",
}  # fmt: skip
"""Elements of a feed, and how newer clients call the same (TAK Server 5.7, public source: Feed)."""


def _feeds(data: bytes) -> list[dict[str, str]]:
    """Return the feeds in a document of videoConnections, each by its elements. 400: it is none."""
    try:
        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError:
        refuse(400, "the body is no XML")
    found = root.findall("feed") if root.tag == "videoConnections" else []
    if not 0 < len(found) <= MAX_FEEDS:
        refuse(400, f"the body is a document videoConnections of 1 to {MAX_FEEDS} feeds")
    return [{str(part.tag): (part.text or "").strip() for part in each} for each in found]


def _of_xml(feed: Mapping[str, str]) -> _Json:
    """Return a connection with one feed, as newer clients would write it."""
    host, protocol = feed.get("address", ""), feed.get("protocol", "").lower()
    if not (host and protocol and feed.get("alias")):
        refuse(400, "a feed has an alias, a protocol and an address")
    port, path = feed.get("port", ""), feed.get("path", "")
    where = f"{host}:{port}" if port.isascii() and port.isdigit() else host
    slash = "" if not path or path.startswith("/") else "/"
    known = {new: feed[old] for old, new in _OF_XML.items() if feed.get(old)}
    uid, active = feed.get("uid") or str(uuid.uuid4()), feed.get("active") != "false"
    one: _Json = {
        **known, "uuid": uid, "active": active, "url": f"{protocol}://{where}{slash}{path}",
    }  # fmt: skip
    return {
        "uuid": uid,
        "active": active,
        "alias": feed["alias"],
        "thumbnail": feed.get("thumbnail"),
        "classification": feed.get("classification"),
        "feeds": [one],
    }


def _text_or_none(given: Mapping[str, object], key: str) -> str | None:
    value = given.get(key)
    return None if value is None else text(value, key)


def _protocols(video: Video) -> set[str]:
    feeds = cast("list[_Json]", video.connection["feeds"])
    return {urlsplit(str(each["url"])).scheme.lower() for each in feeds}


def _address(url: SplitResult) -> str:
    """Return the host, behind the user and password that a camera asks for, as ATAK reads them."""
    user, mark, _ = url.netloc.rpartition("@")
    return f"{user}{mark}{url.hostname or ''}"


def _add_feed(root: etree._Element, feed: Mapping[str, object]) -> None:  # pyright: ignore[reportPrivateUsage]  lxml has no other name for it
    url = urlsplit(str(feed["url"]))
    element = etree.SubElement(root, "feed")
    try:
        port = url.port
    except ValueError:
        port = None
    # What follows `#` is of the path for ATAK, which writes them one after the other again.
    path = url.path + (url.query and f"?{url.query}") + (url.fragment and f"#{url.fragment}")
    said = {
        "protocol": url.scheme,
        "alias": feed["alias"],
        "uid": feed["uuid"],
        "address": _address(url),
        "port": -1 if port is None else port,
        "roverPort": feed["roverPort"] or -1,
        "ignoreEmbeddedKLV": feed["ignoreEmbeddedKLV"] or "false",
        "path": path,
        "buffer": feed["bufferTime"] or -1,
        "timeout": feed["networkTimeout"] or 5000,
        "rtspReliable": feed["rtspReliable"] or 0,
        "active": str(feed["active"]).lower(),
    }
    said |= {key: feed[key] for key in _PLACES if feed.get(key)}
    for key, value in said.items():
        etree.SubElement(element, key).text = str(value)
