"""The body of a request, read as JSON within a limit."""

import json
from typing import cast

from starlette.requests import Request

from accord.api.problem import Problem


async def read_bytes(request: Request, *, limit: int) -> bytes:
    """Return a body as it is. Problem 413 beyond the limit."""
    parts: list[bytes] = []
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > limit:
            raise Problem(413, f"the body is longer than {limit} bytes")
        parts.append(part)
    return b"".join(parts)


async def read_object(request: Request, *, limit: int) -> dict[str, object]:
    """Return the object in a body. Problem 413 beyond the limit, 400 where there is no object."""
    data = await read_bytes(request, limit=limit)
    try:
        said: object = json.loads(data)
    except (ValueError, RecursionError):
        raise Problem(400, "the body is no JSON") from None
    if not isinstance(said, dict):
        raise Problem(400, "the body is no JSON object")
    return cast("dict[str, object]", said)


def text_in(said: dict[str, object], key: str, *, most: int) -> str:
    """Return a text of an object. Problem 400 where it is missing, too long, or half a letter."""
    value = said.get(key)
    if not isinstance(value, str):
        raise Problem(400, f"{key} is missing or no text", parameter=key)
    if len(value) > most:
        raise Problem(400, f"{key} is longer than {most} characters", parameter=key)
    if any("\ud800" <= letter <= "\udfff" for letter in value):
        raise Problem(400, f"{key} has half a character in it", parameter=key)
    return value


def number_in(said: dict[str, object], key: str, *, least: int, most: int, default: int) -> int:
    """Return a whole number of an object. Problem 400 where it is none, or out of bounds."""
    value = said.get(key, default)
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise Problem(400, f"{key} is a whole number from {least} to {most}", parameter=key)
    return value


def list_in(said: dict[str, object], key: str, *, most: int, longest: int) -> list[str]:
    """Return a list of texts of an object, empty where there is none. Problem 400 otherwise."""
    found = said.get(key, [])
    texts = cast("list[object]", found) if isinstance(found, list) else None
    if texts is None or len(texts) > most:
        raise Problem(400, f"{key} is a list of at most {most} texts", parameter=key)
    return [text_in({key: each}, key, most=longest) for each in texts]
