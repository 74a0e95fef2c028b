"""The values a key may have: how each type is read from TOML, and written for people.

Numbers must be more than 0 unless the field's `metadata["least"]` says otherwise. An int whose
`metadata["doc"]` starts with "bytes" may be given as a size.
"""

import ipaddress
import json
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import Field, dataclass, replace
from datetime import timedelta
from enum import Enum
from pathlib import Path
from types import UnionType
from typing import Any, Union, cast, get_args, get_origin

from accord.core.quantity import read_duration, read_size, spell_duration, spell_size

OFF = "off"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An IP address and a port to listen on."""

    host: str
    port: int

    @classmethod
    def parse(cls, text: str) -> "Endpoint":
        """Read `127.0.0.1:8087`, `[::]:8089` or `localhost:0`. ValueError says what is allowed."""
        match = re.fullmatch(r"(?:\[([^\]]+)\]|([^\[\]:]+)):(\d{1,5})", text)
        problem = "give ADDRESS:PORT, such as 127.0.0.1:8087 or [::]:8089, or off"
        if match is None:
            raise ValueError(problem)
        host, port = match[1] or match[2], int(match[3])
        host = "127.0.0.1" if host == "localhost" else host
        try:
            ipaddress.ip_address(host)
        except ValueError:
            raise ValueError(f"{problem}; {host} is no IP address") from None
        if port > 65535:
            raise ValueError(f"{problem}; ports end at 65535")
        return cls(host, port)

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can reach it."""
        return ipaddress.ip_address(self.host).is_loopback

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class ValueType:
    """How the values of one key are read and written; `name` says what is allowed."""

    name: str
    read: Callable[[Any], Any]
    write: Callable[[Any], str]


def value_type(hint: Any, entry: "Field[Any]") -> ValueType:
    """Return how the values of a field are read and written."""
    if get_origin(hint) in (Union, UnionType):
        inner = next(each for each in get_args(hint) if each is not type(None))
        return _ENDPOINT if inner is Endpoint else value_type(inner, entry)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return _choice(hint)
    if hint is int and str(entry.metadata.get("doc", "")).startswith("bytes"):
        return _at_least(_SIZE, entry)
    return _at_least(_TYPES[hint], entry)


def _at_least(kind: ValueType, entry: "Field[Any]") -> ValueType:
    """Hold numbers to their lower bound."""
    if kind not in (_TYPES[int], _TYPES[float], _TYPES[timedelta], _SIZE):
        return kind
    least: float | None = entry.metadata.get("least")
    name = f"{kind.name}, at least {_spelt(kind, least)}" if least else kind.name

    def read_bounded(value: Any) -> Any:
        read = kind.read(value)
        number = read.total_seconds() if isinstance(read, timedelta) else read
        if least is not None and number < least:
            raise ValueError(f"give {kind.name}, at least {_spelt(kind, least)}")
        if least is None and number <= 0:
            raise ValueError(f"give {kind.name}, more than 0")
        return read

    return replace(kind, name=name, read=read_bounded)


def _spelt(kind: ValueType, number: float) -> str:
    """Return a lower bound in the unit in which people give such a value."""
    return spell_size(int(number)) if kind is _SIZE and number else f"{number:g}"


def _plain(kind: type[Any], name: str, write: Callable[[Any], str]) -> ValueType:
    def read_plain(value: Any) -> Any:
        if type(value) is not kind:
            raise ValueError(f"give {name}")
        return value

    return ValueType(name, read_plain, write)


def _number(value: Any) -> float:
    if type(value) not in (int, float) or not math.isfinite(value):
        raise ValueError("give a number")
    return float(value)


def _duration(value: Any) -> timedelta:
    return read_duration(value if isinstance(value, str) else f"{_number(value):.6f} s")


def _size(value: Any) -> int:
    return value if type(value) is int else read_size(str(value))


def _texts(value: Any) -> tuple[str, ...]:
    if isinstance(value, list):
        texts = cast("list[Any]", value)
        if all(isinstance(each, str) for each in texts):
            return tuple(texts)
    raise ValueError("give a list of texts")


def _endpoint(value: Any) -> Endpoint | None:
    return None if value == OFF else Endpoint.parse(str(value))


def _choice(kind: type[Enum]) -> ValueType:
    names = " or ".join(f'"{each.value}"' for each in kind)

    def read_choice(value: Any) -> Any:
        try:
            return kind(value)
        except ValueError:
            raise ValueError(f"give {names}") from None

    return ValueType(names, read_choice, lambda value: json.dumps(value.value))


_TEXT = _plain(str, "text", json.dumps)
_SIZE = ValueType("bytes or a size", _size, lambda value: f'"{spell_size(value)}"')
_ENDPOINT = ValueType('address or "off"', _endpoint, lambda value: f'"{value or OFF}"')
_TYPES: Mapping[Any, ValueType] = {
    bool: _plain(bool, "true or false", lambda value: str(value).lower()),
    int: _plain(int, "a whole number", str),
    float: ValueType("a number", _number, str),
    timedelta: ValueType("seconds or a duration", _duration, lambda v: f'"{spell_duration(v)}"'),
    str: _TEXT,
    Path: ValueType("a path", lambda value: Path(_TEXT.read(value)), lambda v: json.dumps(str(v))),
    tuple[str, ...]: ValueType("a list of texts", _texts, lambda value: json.dumps(list(value))),
}
