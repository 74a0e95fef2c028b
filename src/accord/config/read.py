"""Tables of TOML -> dataclasses. What is not understood is refused, with key, value and line."""

import inspect
import json
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import MISSING, Field, dataclass, fields, is_dataclass
from difflib import get_close_matches
from typing import Any, TypeVar, cast, get_args, get_origin, get_type_hints

from accord.config.values import Endpoint, value_type
from accord.core.errors import UsageError

T = TypeVar("T")
Path = tuple[str, ...]
"""Where a value stands: section, key."""

MAX_SHOWN = 80
"""Characters of a wrong value that an error shows."""


class BadSetting(ValueError):
    """One key of a section cannot be as it is, seen together with the others."""

    def __init__(self, key: str, problem: str) -> None:
        super().__init__(problem)
        self.key = key


def read(kind: type[T], text: str, *, file: str, overrides: Mapping[str, str]) -> T:
    """Read a dataclass of sections from the text of a settings file.

    `overrides` maps `section.key` to text from the command line, which comes before the file.
    UsageError says what is wrong, with key, value and line.
    """
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{file}: {_twice(text) or f'this is not TOML: {error}'}") from None
    reader = _Reader(text, file)
    for name, value in overrides.items():
        reader.override(table, name, value)
    return reader.section(kind, table, ())


class _Reader:
    """Turns the tables of one file into dataclasses, and says where what is wrong stands."""

    def __init__(self, text: str, file: str) -> None:
        self._lines = _key_lines(text)
        self._file = file
        self._options: set[Path] = set()

    def override(self, table: dict[str, Any], name: str, value: str) -> None:
        """Put a value from the command line into the table."""
        path = tuple(name.split("."))
        self._options.add(path)
        section = table.setdefault(path[0], {})
        if isinstance(section, dict):
            section[path[1]] = value

    def section(self, kind: type[Any], table: object, path: Path) -> Any:
        """Return the dataclass that a table stands for; `path` is where the table stands."""
        if not isinstance(table, dict):
            raise self._error(path, table, f"write it as a section, [{'.'.join(path)}]")
        given = cast("dict[str, Any]", table)
        found: dict[str, Any] = {}
        known = {entry.name: entry for entry in fields(kind)}
        hints = get_type_hints(kind)
        for key, value in given.items():
            if key not in known:
                raise self._unknown((*path, key), value, known)
            found[key] = self._entry(hints[key], value, known[key], (*path, key))
        for name, entry in known.items():
            if name not in found and _is_required(entry):
                raise self._missing(entry, (*path, name))
        try:
            return kind(**found)
        except BadSetting as error:
            raise self._error((*path, error.key), given.get(error.key), str(error)) from None
        except ValueError as error:
            raise self._error(path, None, str(error)) from None

    def _entry(self, hint: Any, value: Any, entry: "Field[Any]", path: Path) -> Any:
        if _is_section(hint):
            return self.section(hint, value, path)
        if get_origin(hint) is Mapping:
            inner = get_args(hint)[1]
            if not isinstance(value, dict):
                raise self._error(path, value, f"write each as a section, [{'.'.join(path)}.NAME]")
            tables = cast("dict[str, Any]", value)
            return {name: self.section(inner, each, (*path, name)) for name, each in tables.items()}
        try:
            return value_type(hint, entry).read(value)
        except ValueError as error:
            raise self._error(path, value, str(error)) from None

    def _where(self, path: Path) -> str:
        if path in self._options:
            return f"option --{path[-1].replace('_', '-')}"
        for length in range(len(path), 0, -1):
            line = self._lines.get(path[:length])
            if line is not None:
                return f"{self._file} line {line}"
        return self._file

    def _error(self, path: Path, value: object, problem: str) -> UsageError:
        return UsageError(f"{self._where(path)}: {_spell(path, value)}: {problem}")

    def _unknown(self, path: Path, value: object, known: Iterable[str]) -> UsageError:
        near = get_close_matches(path[-1], known, n=1)
        hint = f"did you mean {near[0]}? " if near else ""
        what = "key" if path[1:] else "section"
        return self._error(
            path, value, f"there is no such {what}; {hint}There are: {', '.join(known)}"
        )

    def _missing(self, entry: "Field[Any]", path: Path) -> UsageError:
        doc = entry.metadata.get("doc", "")
        return UsageError(f"{self._where(path[:-1])}: {_spell(path, None)} is missing: {doc}")


def _is_required(entry: "Field[Any]") -> bool:
    return entry.default is MISSING and entry.default_factory is MISSING


def _spell(path: Path, value: object) -> str:
    """Write a key as it stands in the file: `[listen] api = 8443`."""
    *section, key = path
    said = f"{key} = {_toml(value)}" if not isinstance(value, dict | None) else key
    return f"[{'.'.join(section)}] {said}" if section else f"[{said}]"


def _toml(value: object) -> str:
    text = str(value).lower() if isinstance(value, bool) else json.dumps(value, default=str)
    return text if len(text) <= MAX_SHOWN else f"{text[:MAX_SHOWN]}..."


_NAME = r"""(?:[A-Za-z0-9_-]+|"(?:[^"\\]|\\.)*"|'[^']*')"""
_DOTTED = rf"{_NAME}(?:\s*\.\s*{_NAME})*"
_HEADER = re.compile(rf"\s*\[\[?\s*({_DOTTED})\s*\]")
_KEY = re.compile(rf"\s*({_DOTTED})\s*=")


def _key_lines(text: str) -> dict[Path, int]:
    """Return the line on which each section and key is first named; tomllib does not tell."""
    lines: dict[Path, int] = {}
    for number, path, _ in _named(text):
        lines.setdefault(path, number)
    return lines


def _named(text: str) -> Iterator[tuple[int, Path, bool]]:
    """Yield the line of each section and key, its path, and whether it is a section's."""
    section: Path = ()
    for number, line in enumerate(text.splitlines(), 1):
        if header := _HEADER.match(line):
            section = _path(header[1])
            yield number, section, True
        elif key := _KEY.match(line):
            yield number, (*section, *_path(key[1])), False


def _twice(text: str) -> str:
    """Say which section or key stands twice, as where a block was pasted; nothing for none."""
    known: dict[Path, int] = {}
    for number, path, is_section in _named(text):
        first = known.setdefault(path, number)
        if first != number:
            where = f"stands twice, at lines {first} and {number}"
            if is_section:
                return f"[{'.'.join(path)}] {where}: put what is below both below one of them"
            return f"{path[-1]} in [{'.'.join(path[:-1])}] {where}: leave one of them out"
    return ""


def _path(dotted: str) -> Path:
    path: list[str] = []
    table: Any = tomllib.loads(f"{dotted} = 0")
    while isinstance(table, dict):
        ((name, table),) = cast("dict[str, Any]", table).items()
        path.append(name)
    return tuple(path)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One key, for its documentation. `default` is None for a key that must be given."""

    key: str
    allowed: str
    default: str | None
    doc: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One section, for its documentation; `name` is the path, such as `feed.NAME`."""

    name: str
    doc: str
    entries: tuple[Entry, ...]


def describe(kind: type[Any], path: Path = ()) -> Iterator[Section]:
    """Yield every section that a dataclass of sections has."""
    hints = get_type_hints(kind)
    entries: list[Entry] = []
    for each in fields(kind):
        hint = hints[each.name]
        if get_origin(hint) is Mapping:
            yield from describe(get_args(hint)[1], (*path, each.name, "NAME"))
        elif _is_section(hint):
            yield from describe(hint, (*path, each.name))
        else:
            entries.append(_entry(hint, each))
    if entries:
        doc = _for_people(inspect.cleandoc(kind.__doc__ or ""))
        yield Section(name=".".join(path), doc=doc, entries=tuple(entries))


def _for_people(doc: str) -> str:
    """Return the first paragraph, without what it says about exceptions."""
    return doc.split("\n\n")[0].replace("\n", " ").partition(" Raises ")[0]


def _is_section(hint: object) -> bool:
    return hint is not Endpoint and is_dataclass(hint)


def _entry(hint: Any, each: "Field[Any]") -> Entry:
    value = value_type(hint, each)
    default = each.default if each.default_factory is MISSING else each.default_factory()
    return Entry(
        key=each.name,
        allowed=value.name,
        default=None if default is MISSING else value.write(default),
        doc=each.metadata["doc"],
    )
