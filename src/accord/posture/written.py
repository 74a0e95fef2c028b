"""Values as bytes and back, by the types that they declare; the same value has the same bytes.

What is read back equals what was written to the last bit: numbers are written as Python writes
them, which is the shortest text that reads as the same number.
"""

import json
import types
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import date
from enum import Enum
from functools import cache
from hashlib import sha256
from typing import Any, TypeVar, Union, cast, get_args, get_origin, get_type_hints

import numpy as np

T = TypeVar("T")

_NONE = type(None)

Reader = Callable[[Any], Any]
"""Makes a value of what JSON holds; TypeError or ValueError where that is none."""


def write(value: object) -> bytes:
    """Return a value as bytes."""
    return json.dumps(_plain(value, named=False), separators=(",", ":")).encode()


def digest(value: object) -> str:
    """Return what two values share only if they are equal; how a mapping is ordered is no matter.

    The same in every process and on every machine.
    """
    text = json.dumps(_plain(value, named=True), separators=(",", ":"))
    return sha256(text.encode()).hexdigest()


def read(kind: type[T], data: bytes) -> T:
    """Return the value of a type that bytes hold. ValueError where they hold none."""
    try:
        return cast("T", _reader(kind)(json.loads(data)))
    except (TypeError, RecursionError) as error:
        raise ValueError(f"these bytes hold no {kind}: {error}") from None


def _plain(value: object, *, named: bool) -> object:
    """Return a value as JSON has it; `named` with the names of types, and mappings sorted."""

    def plain(each: object) -> object:
        return _plain(each, named=named)

    match value:
        case Enum():
            return value.value
        case date():
            return value.isoformat()
        case np.ndarray():
            return cast("object", value.tolist())
        case _:
            return _several(value, plain, is_sorted=named)


def _several(value: object, plain: Callable[[object], object], *, is_sorted: bool) -> object:
    match value:
        case frozenset():
            return sorted(map(plain, cast("frozenset[object]", value)), key=repr)
        case tuple() | list():
            return [plain(each) for each in cast("Sequence[object]", value)]
        case dict():
            pairs = cast("Mapping[object, object]", value).items()
            found = [[plain(key), plain(each)] for key, each in pairs]
            return sorted(found, key=repr) if is_sorted else found
        case _:
            return _record(value, named=is_sorted)


def _record(value: object, *, named: bool) -> object:
    if not is_dataclass(value):
        return value
    parts = [_plain(getattr(value, each.name), named=named) for each in fields(value)]
    return [type(value).__name__, *parts] if named else parts


@cache
def _reader(kind: Any) -> Reader:
    """Return what reads a value of a type; how, is found out once."""
    origin = get_origin(kind)
    if origin in (Union, types.UnionType):
        (sort,) = (each for each in get_args(kind) if each is not _NONE)
        inner = _reader(sort)
        return lambda plain: None if plain is None else inner(plain)
    if origin is tuple:
        return _row(get_args(kind))
    if origin is dict:
        of_key, of_value = map(_reader, get_args(kind))
        return lambda plain: {of_key(key): of_value(each) for key, each in plain}
    if origin is np.ndarray:
        sort = get_args(get_args(kind)[1])[0]
        return lambda plain: np.array(plain, dtype=sort)
    return _maker(kind) if is_dataclass(kind) else _single(kind)


def _row(sorts: tuple[Any, ...]) -> Reader:
    if sorts[-1] is Ellipsis:
        inner = _reader(sorts[0])
        return lambda plain: tuple(inner(each) for each in plain)
    inners = [_reader(each) for each in sorts]
    return lambda plain: tuple(inner(each) for inner, each in zip(inners, plain, strict=True))


def _maker(kind: Any) -> Reader:
    hints = get_type_hints(kind)
    parts = [(each.name, _reader(hints[each.name])) for each in fields(kind)]
    return lambda plain: kind(
        **{name: inner(each) for (name, inner), each in zip(parts, plain, strict=True)}
    )


def _single(kind: Any) -> Reader:
    if kind is date:
        return date.fromisoformat
    if issubclass(kind, Enum):
        return kind
    # A whole number is a number too, and stays whole.
    wanted = {int, float} if kind is float else {kind}

    def read_one(plain: Any) -> object:
        if type(plain) not in wanted:
            raise TypeError(f"{plain!r} is no {kind}")
        return plain

    return read_one
