from dataclasses import dataclass, field, fields
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any, get_type_hints

import pytest

from accord.config.values import Endpoint, ValueType, value_type


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


@dataclass
class Every:
    yes: bool = field(metadata={"doc": "whether"})
    count: int = field(metadata={"doc": "how many"})
    spare: int = field(metadata={"doc": "how many", "least": 0})
    size: int = field(metadata={"doc": "bytes of it"})
    ring: int = field(metadata={"doc": "bytes of it", "least": 16 << 20})
    rate: float = field(metadata={"doc": "per second"})
    wait: timedelta = field(metadata={"doc": "how long"})
    text: str = field(metadata={"doc": "words"})
    path: Path = field(metadata={"doc": "where"})
    texts: tuple[str, ...] = field(metadata={"doc": "words"})
    colour: Colour = field(metadata={"doc": "which"})
    maybe: str | None = field(metadata={"doc": "words"})
    endpoint: Endpoint | None = field(metadata={"doc": "where"})


def _type(name: str) -> ValueType:
    entry = next(each for each in fields(Every) if each.name == name)
    return value_type(get_type_hints(Every)[name], entry)


@pytest.mark.parametrize(
    ("name", "given", "read"),
    [
        ("yes", True, True),
        ("count", 7, 7),
        ("spare", 0, 0),
        ("size", 4096, 4096),
        ("size", "4 KiB", 4096),
        ("rate", 2, 2.0),
        ("rate", 0.5, 0.5),
        ("wait", 90, timedelta(seconds=90)),
        ("wait", 0.5, timedelta(milliseconds=500)),
        ("wait", 1e-05, timedelta(microseconds=10)),
        ("wait", "10 min", timedelta(minutes=10)),
        ("text", "a", "a"),
        ("path", "a/b", Path("a/b")),
        ("texts", ["a", "b"], ("a", "b")),
        ("colour", "red", Colour.RED),
        ("maybe", "a", "a"),
        ("endpoint", "off", None),
        ("endpoint", "[::1]:80", Endpoint("::1", 80)),
    ],
)
def test_a_value_is_read_by_the_type_of_its_field(name: str, given: Any, read: Any) -> None:
    assert _type(name).read(given) == read


@pytest.mark.parametrize(
    ("name", "given", "allowed"),
    [
        ("yes", 1, "true or false"),
        ("yes", "true", "true or false"),
        ("count", True, "a whole number"),
        ("count", 1.0, "a whole number"),
        ("count", 0, "more than 0"),
        ("spare", -1, "at least 0"),
        ("size", "4 kib", "KiB"),
        ("size", 4.0, "bytes"),
        ("size", True, "bytes"),
        ("size", 0, "more than 0"),
        ("ring", "8 MiB", "at least 16 MiB$"),
        ("rate", "2", "a number"),
        ("rate", float("inf"), "a number"),
        ("rate", float("nan"), "a number"),
        ("wait", "soon", "10 min"),
        ("wait", -1, "10 min"),
        ("wait", 0, "more than 0"),
        ("wait", True, "a number"),
        ("wait", 1e300, "duration"),
        ("text", 1, "text"),
        ("path", 1, "text"),
        ("texts", "a", "a list of texts"),
        ("texts", [1], "a list of texts"),
        ("colour", "green", '"red" or "blue"'),
        ("colour", [], '"red" or "blue"'),
        ("maybe", 1, "text"),
        ("endpoint", 80, "ADDRESS:PORT"),
    ],
)
def test_any_other_value_is_refused_with_what_is_allowed(
    name: str, given: Any, allowed: str
) -> None:
    with pytest.raises(ValueError, match=allowed):
        _type(name).read(given)


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("127.0.0.1:8087", "127.0.0.1", 8087),
        ("[::]:8089", "::", 8089),
        ("localhost:0", "127.0.0.1", 0),
        ("[fe80::1]:65535", "fe80::1", 65535),
        ("239.2.3.1:6969", "239.2.3.1", 6969),
    ],
)
def test_an_endpoint_is_an_address_and_a_port(text: str, host: str, port: int) -> None:
    assert Endpoint.parse(text) == Endpoint(host, port)


@pytest.mark.parametrize(
    "text",
    ["", "8087", ":8087", "::1:8087", "[::1]", "127.0.0.1:", "127.0.0.1:65536", "nzl.example:1",
     "[127.0.0.1:80", "OFF", "1.2.3:80", "127.0.0.1:-1"],
)  # fmt: skip
def test_anything_else_is_no_endpoint(text: str) -> None:
    with pytest.raises(ValueError, match="ADDRESS:PORT"):
        Endpoint.parse(text)


@pytest.mark.parametrize("text", ["127.0.0.1:8087", "[::1]:8087"])
def test_an_endpoint_is_written_as_it_is_read(text: str) -> None:
    assert str(Endpoint.parse(text)) == text


def test_only_loopback_is_only_for_this_machine() -> None:
    assert Endpoint("127.8.9.1", 1).is_loopback
    assert Endpoint("::1", 1).is_loopback
    assert not Endpoint("0.0.0.0", 1).is_loopback  # noqa: S104  a value, not bound
    assert not Endpoint("::", 1).is_loopback
    assert not Endpoint("192.0.2.1", 1).is_loopback


@pytest.mark.parametrize(
    ("name", "value", "written"),
    [
        ("yes", False, "false"),
        ("count", 100_000, "100000"),
        ("size", 1 << 20, '"1 MiB"'),
        ("rate", 0.005, "0.005"),
        ("wait", timedelta(hours=1), '"1 h"'),
        ("text", 'say "a"', '"say \\"a\\""'),
        ("path", Path("a/b"), '"a/b"'),
        ("texts", ("a", "b"), '["a", "b"]'),
        ("colour", Colour.BLUE, '"blue"'),
        ("endpoint", None, '"off"'),
        ("endpoint", Endpoint("::", 8089), '"[::]:8089"'),
    ],
)
def test_a_default_is_written_as_it_would_stand_in_the_file(
    name: str, value: Any, written: str
) -> None:
    assert _type(name).write(value) == written


def test_what_is_allowed_names_the_least_in_the_unit_that_people_give() -> None:
    assert _type("ring").name == f"{_type('size').name}, at least 16 MiB"
    assert _type("spare").name == _type("count").name
