"""TOML tables read strictly: every key is asked for by name and sort, and none is left over."""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import TypeVar, cast

from accord.core.quantity import read_distance, read_duration
from accord.release.fault import AgreementError, refuse

T = TypeVar("T")

Path = tuple[str, ...]
"""Where a value stands: the tables around it, outermost first, and its key."""

_TABLE = re.compile(r"\s*(\[\[?)\s*(.+?)\s*\]\]?\s*(?:#.*)?")
_KEY = re.compile(r"""\s*((?:[\w-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[\w-]+|"[^"]*"|'[^']*'))*)\s*=""")
_PART = re.compile(r"""[\w-]+|"[^"]*"|'[^']*'""")

_UNSEEN = "it holds a character that cannot be seen"


def lines_of(text: str, first: int) -> dict[Path, int]:
    """Return the line of each table and key; `first` is the line of the text's first one."""
    lines: dict[Path, int] = {}
    table: Path = ()
    rows: Counter[Path] = Counter()
    for number, line in enumerate(text.split("\n"), first):
        if match := _TABLE.fullmatch(line):
            table = _path(match[2])
            if match[1] == "[[":
                table = (*table, str(rows[table]))
                rows[table[:-1]] += 1
            for depth in range(1, len(table) + 1):
                lines.setdefault(table[:depth], number)
        elif match := _KEY.match(line):
            lines.setdefault((*table, *_path(match[1])), number)
    return lines


def _path(text: str) -> Path:
    return tuple(part.strip("\"'") for part in _PART.findall(text))


class Table:
    """One table of a document; what is wrong in it is refused with its line."""

    def __init__(
        self,
        values: Mapping[str, object],
        path: Path,
        lines: Mapping[Path, int],
        elsewhere: Mapping[str, Path] = MappingProxyType({}),
    ) -> None:
        self.path = path
        self._elsewhere = elsewhere
        self._values = dict(values)
        self._lines = lines
        for key in self._values:
            if not key.isprintable():
                raise refuse(f"{key!a}: {_UNSEEN}", line=self._line_of((*path, key)))

    def __contains__(self, key: str) -> bool:
        return key in self._values

    def wrong(self, key: str, sentence: str) -> AgreementError:
        """Return the refusal of a key."""
        path = self._path_of(key)
        return refuse(f"{'.'.join(path)}: {sentence}", line=self._line_of(path))

    def unknown(self, key: str) -> AgreementError:
        """Return the refusal of a key that means nothing."""
        path = self._path_of(key)
        return refuse(f"no such key: {'.'.join(path)}", line=self._line_of(path))

    def missing(self, key: str) -> AgreementError:
        """Return the refusal for a key that must be there and is not."""
        path = self._path_of(key)
        return refuse(f"{'.'.join(path)} is missing", line=self._line_of(path))

    @property
    def line(self) -> int | None:
        """The line that the table begins on."""
        return self._line_of(self.path)

    def _path_of(self, key: str) -> Path:
        return self._elsewhere.get(key) or (*self.path, key)

    def _line_of(self, path: Path) -> int | None:
        around = (path[:n] for n in range(len(path), 0, -1))
        return next((self._lines[each] for each in around if each in self._lines), None)

    def is_list(self, key: str) -> bool:
        """Tell whether the value is a list."""
        return isinstance(self._values.get(key), list)

    def finish(self) -> None:
        """Refuse what nobody asked for."""
        for key in self._values:
            raise self.unknown(key)

    def text(self, key: str, default: str | None = None) -> str:
        """Return a text of one line; without a default it must be there."""
        text = self.code(key, default)
        if not text.isprintable():
            raise self.wrong(key, _UNSEEN)
        return text

    def code(self, key: str, default: str | None = None) -> str:
        """Return a text of any letters: whoever asks for it is to look at them."""
        return self._take(key, str, "a text", default)

    def whole(self, key: str, default: int | None = None) -> int:
        """Return a whole number."""
        return self._take(key, int, "a whole number", default)

    def flag(self, key: str) -> bool:
        """Return true or false, false when it is not there."""
        return self._take(key, bool, "true or false", False)

    def number(self, key: str) -> float | None:
        """Return a number, None when it is not there."""
        if key not in self._values:
            return None
        value = self._values.pop(key)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.wrong(key, "give a number")
        return float(value)

    def moment(self, key: str, default: datetime | None = None) -> datetime:
        """Return a time, which must say its zone."""
        value = self._take(key, datetime, "a time such as 2026-11-01T00:00:00Z", default)
        return self._in_utc(key, value)

    def moments(self, key: str, count: int) -> list[datetime]:
        """Return a list of so many times."""
        values = self._list(key, datetime, f"{count} times such as 2026-11-01T00:00:00Z")
        if len(values) != count:
            raise self.wrong(key, f"give {count} times")
        return [self._in_utc(key, value) for value in values]

    def texts(self, key: str) -> list[str]:
        """Return a list of texts, empty when it is not there; none twice."""
        values = self._list(key, str, "a list of texts") if key in self._values else []
        if len(set(values)) < len(values):
            raise self.wrong(key, "it says one thing twice")
        if not all(value.isprintable() for value in values):
            raise self.wrong(key, _UNSEEN)
        return values

    def numbers(self, key: str, count: int) -> list[float]:
        """Return a list of so many numbers."""
        values = self._list(key, (int, float), f"{count} numbers")
        if len(values) != count or any(isinstance(value, bool) for value in values):
            raise self.wrong(key, f"give {count} numbers")
        return [float(value) for value in values]

    def span(self, key: str) -> timedelta | None:
        """Return a duration such as `10 min`, None when it is not there."""
        return self.read(key, read_duration) if key in self._values else None

    def metres(self, key: str) -> float | None:
        """Return a distance such as `1 NM` in metres, None when it is not there."""
        return self.read(key, read_distance) if key in self._values else None

    def read(self, key: str, reader: Callable[[str], T]) -> T:
        """Return what the reader makes of a text; its ValueError is the refusal."""
        text = self.text(key)
        try:
            return reader(text)
        except ValueError as error:
            raise self.wrong(key, str(error)) from None

    def table(self, key: str) -> "Table":
        """Return a table, empty when it is not there."""
        values = self._values.pop(key, {})
        if not isinstance(values, dict):
            raise self.wrong(key, "give a table")
        return Table(cast("dict[str, object]", values), (*self.path, key), self._lines)

    def tables(self, key: str) -> Iterator[tuple[str, "Table"]]:
        """Yield the tables in a table, by name, in their order."""
        outer = self.table(key)
        for name in outer.names():
            yield name, outer.table(name)

    def rows(self, key: str) -> list["Table"]:
        """Return the tables of an array of tables."""
        listed = self._list(key, object, "tables, as [[key]]") if key in self._values else []
        path = (*self.path, key)
        if not all(isinstance(row, dict) for row in listed):
            raise self.wrong(key, "give tables, as [[key]]")
        return [
            Table(cast("dict[str, object]", row), (*path, str(place)), self._lines)
            for place, row in enumerate(listed)
        ]

    def names(self) -> list[str]:
        """Return the keys that were not asked for yet."""
        return list(self._values)

    def over(self, usual: Mapping[str, object], path: Path) -> "Table":
        """Return the table with what it leaves unsaid taken from `usual`, which stands at `path`.

        What is wrong with that is wrong there.
        """
        elsewhere = {key: (*path, key) for key in usual if key not in self._values}
        return Table({**usual, **self._values}, self.path, self._lines, elsewhere)

    def discard(self, key: str) -> None:
        """Leave a key out, whatever it says."""
        self._values.pop(key, None)

    def raw(self) -> dict[str, object]:
        """Return what is left of the table as it is, and take it all."""
        values, self._values = self._values, {}
        return values

    def _take(self, key: str, kind: type[T], what: str, default: T | None) -> T:
        if key not in self._values and default is not None:
            return default
        if key not in self._values:
            raise self.missing(key)
        value = self._values.pop(key)
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            raise self.wrong(key, f"give {what}")
        return value

    def _list(self, key: str, kind: type[T] | tuple[type[T], ...], what: str) -> list[T]:
        if key not in self._values:
            raise self.missing(key)
        values = self._values.pop(key)
        if not isinstance(values, list):
            raise self.wrong(key, f"give {what}")
        listed = cast("list[object]", values)
        if not all(isinstance(value, kind) for value in listed):
            raise self.wrong(key, f"give {what}")
        return cast("list[T]", listed)

    def _in_utc(self, key: str, value: datetime) -> datetime:
        if value.tzinfo is None:
            raise self.wrong(key, "say the zone as well, such as Z for UTC")
        try:
            return value.astimezone(UTC)
        except OverflowError:
            raise self.wrong(key, "no time that can be") from None
