"""YAML read strictly: every key is asked for by name and sort, with its line, and none is left.

Of YAML only what a scenario needs is taken: no anchors and aliases, which could make a tree that
contains itself, no tags, no key twice.
"""

import math
from collections.abc import Callable, Mapping
from datetime import date
from typing import TypeVar

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from accord.posture.fault import ScenarioError, refuse

T = TypeVar("T")

MAX_CHARACTERS = 1_000_000
"""Of a scenario: some fifty times as much as the one for the Pacific."""

YEARS = range(1900, 2200)
"""Of days: a plan looks a year ahead of any of them."""

_SCALARS = frozenset(
    f"tag:yaml.org,2002:{word}" for word in ("str", "int", "float", "bool", "timestamp")
)
_NULL = "tag:yaml.org,2002:null"


_LOADER = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader
"""libyaml reads a scenario fourteen times as fast."""


def _line(mark: object) -> int:
    line = getattr(mark, "line", 0)
    return int(line) + 1


def read_tree(text: str) -> "Entry":
    """Return the mapping that the text is. ScenarioError says on which line it is none."""
    if len(text) > MAX_CHARACTERS:
        raise refuse(1, f"it has {len(text)} characters; at most {MAX_CHARACTERS} are read")
    try:
        root = yaml.compose(text, Loader=_LOADER)
    except yaml.MarkedYAMLError as error:
        raise refuse(_line(error.problem_mark), f"it is not YAML: {error.problem}") from None
    except yaml.YAMLError as error:
        raise refuse(1, f"it is not YAML: {error}") from None
    except RecursionError:
        raise refuse(1, "it is nested too deep") from None
    if not isinstance(root, MappingNode):
        raise refuse(1, "give keys and values, such as partners: [...]")
    _refuse_aliases(root)
    return Entry(root, "")


def _refuse_aliases(root: Node) -> None:
    """Refuse a node that is there twice: an alias may make a tree endless, or very large."""
    seen: set[int] = set()
    ahead: list[Node] = [root]
    while ahead:
        node = ahead.pop()
        if id(node) in seen:
            raise refuse(_line(node.start_mark), "an alias (*) to this is not taken")
        seen.add(id(node))
        if isinstance(node, MappingNode):
            ahead += [part for pair in node.value for part in pair]
        elif isinstance(node, SequenceNode):
            ahead += node.value


class Entry:
    """One mapping of a scenario; what is wrong in it is refused with its line."""

    def __init__(self, node: MappingNode, name: str) -> None:
        self.line = _line(node.start_mark)
        self.name = name
        self._nodes: dict[str, Node] = {}
        self._lines: dict[str, int] = {}
        for key, value in node.value:
            word = self._key(key)
            self._nodes[word], self._lines[word] = value, _line(key.start_mark)

    def __contains__(self, key: str) -> bool:
        return key in self._nodes

    def _key(self, node: Node) -> str:
        line = _line(node.start_mark)
        if not isinstance(node, ScalarNode):
            raise refuse(line, "a key is a word")
        if node.value in self._nodes:
            raise refuse(line, f"{self._path(node.value)} is there twice")
        return str(node.value)

    def _path(self, key: str) -> str:
        return f"{self.name}.{key}" if self.name else key

    def wrong(self, key: str, sentence: str) -> ScenarioError:
        """Return the refusal of what a key says."""
        return refuse(self._lines.get(key, self.line), f"{self._path(key)}: {sentence}")

    def finish(self) -> None:
        """Refuse what nobody asked for."""
        for key, node in self._nodes.items():
            comma = "; a text with a comma stands in quotes" if node.tag == _NULL else ""
            raise refuse(self._lines[key], f"no such key: {self._path(key)}{comma}")

    def discard(self, key: str) -> None:
        """Leave a key out, whatever it says."""
        self._nodes.pop(key, None)

    def text(self, key: str, default: str | None = None) -> str:
        """Return a text that can be seen; without a default it must be there."""
        if key not in self._nodes and default is not None:
            return default
        text = self._scalar(key, self._take(key))
        if not text.isprintable():
            raise self.wrong(key, "it holds a character that cannot be seen")
        return text

    def number(self, key: str, low: float, high: float) -> float:
        """Return a number between two, which must be there."""
        return self._number(key, self._scalar(key, self._take(key)), low, high)

    def number_if_there(self, key: str, low: float, high: float) -> float | None:
        """Return a number between two, None when it is not there."""
        return self.number(key, low, high) if key in self._nodes else None

    def whole(self, key: str, low: int, high: int, default: int | None = None) -> int:
        """Return a whole number between two; without a default it must be there."""
        if key not in self._nodes and default is not None:
            return default
        number = self.number(key, low, high)
        if number != int(number):
            raise self.wrong(key, f"{number:g} is not a whole number")
        return int(number)

    def date_if_there(self, key: str) -> date | None:
        """Return a day such as 2026-11-01, None when it is not there."""
        return self.read(key, _day) if key in self._nodes else None

    def read(self, key: str, reader: Callable[[str], T]) -> T:
        """Return what the reader makes of a text; its ValueError is the refusal."""
        text = self.text(key)
        try:
            return reader(text)
        except ValueError as error:
            raise self.wrong(key, str(error)) from None

    def choice(self, key: str, options: Mapping[str, T]) -> T:
        """Return what a word stands for; the refusal names all that there are."""
        word = self.text(key)
        if word not in options:
            raise self.wrong(key, f"{word} is none of {', '.join(options)}")
        return options[word]

    def texts(self, key: str) -> tuple[str, ...]:
        """Return a list of texts, empty when it is not there; none twice."""
        found = tuple(self._scalar(key, node) for node in self._list(key))
        if len(set(found)) < len(found):
            raise self.wrong(key, "it says one thing twice")
        return found

    def numbers(self, key: str, low: float, high: float) -> tuple[float, ...]:
        """Return a list of numbers between two, empty when it is not there."""
        return tuple(
            self._number(key, self._scalar(key, node), low, high) for node in self._list(key)
        )

    def pairs(self, key: str) -> tuple[tuple[float, float], ...]:
        """Return a list of places, each latitude and longitude."""
        return tuple(self._pair(key, node) for node in self._list(key))

    def entries(self, key: str, name: str | None = None) -> "list[Entry]":
        """Return a list of mappings, empty when it is not there."""
        found: list[Entry] = []
        for node in self._list(key):
            if not isinstance(node, MappingNode):
                raise refuse(_line(node.start_mark), f"{self._path(key)}: give keys and values")
            found.append(Entry(node, name or key))
        return found

    def _take(self, key: str) -> Node:
        if key not in self._nodes:
            raise self.wrong(key, "it is missing")
        return self._nodes.pop(key)

    def _list(self, key: str) -> list[Node]:
        if key not in self._nodes:
            return []
        node = self._take(key)
        if not isinstance(node, SequenceNode):
            raise self.wrong(key, "give a list")
        return list(node.value)

    def _scalar(self, key: str, node: Node) -> str:
        if not isinstance(node, ScalarNode) or node.tag not in _SCALARS:
            raise self.wrong(key, "give one value")
        return str(node.value)

    def _number(self, key: str, text: str, low: float, high: float) -> float:
        try:
            number = float(text)
        except ValueError:
            raise self.wrong(key, f"{text!r} is not a number") from None
        if not low <= number <= high or math.isnan(number):
            raise self.wrong(key, f"{text} is not between {low:g} and {high:g}")
        return number

    def _pair(self, key: str, node: Node) -> tuple[float, float]:
        if not isinstance(node, SequenceNode) or len(node.value) != 2:
            raise self.wrong(key, "give places, each as [latitude, longitude]")
        lat, lon = (self._scalar(key, each) for each in node.value)
        return self._number(key, lat, -90.0, 90.0), self._number(key, lon, -180.0, 360.0)


def _day(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text} is not a day such as 2026-11-01") from None
    if day.year not in YEARS:
        raise ValueError(f"{text} is not in the years from {YEARS.start} to {YEARS.stop - 1}")
    return day
