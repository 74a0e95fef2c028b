"""Names of persons: which are known on an incident, and what of it names one of them.

Whoever is on a list of persons, or the contact of a need, is kept from all that leaves the node,
also where his name stands in free text. It is a net under people who write, and no proof: a name
that is on no list is not found.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping

from accord.desks.relief.fields import SORTS, Sort
from accord.desks.relief.incident import Incident
from accord.desks.relief.line import Line, Reach

WITHHELD = "(name withheld)"

_WORD = re.compile(r"(?:[^\W_\u02b9-\u02bf][\u0300-\u036f]*)+")
"""A word, with the marks over its letters where these stand by themselves."""

_NAMING = ("name", "contact")
"""Personal fields that are names; a contact may have a number or an address behind it."""


class Names:
    """The names that are known on an incident, looked for word by word."""

    def __init__(self, names: Iterable[str]) -> None:
        self._by_first: dict[str, list[tuple[str, ...]]] = {}
        for name in set(names):
            parts = tuple(map(_plain, _WORD.findall(name)))
            if len("".join(parts)) > 1:
                for each in {parts, (parts[-1], *parts[:-1])}:
                    self._by_first.setdefault(each[0], []).append(each)

    def are_in(self, text: str) -> bool:
        """Tell whether a text has one of them.

        It does not matter how it is capitalised, spaced and accented, nor whether the family's
        name comes first.
        """
        return next(self._spans(text), None) is not None

    def without(self, text: str) -> str:
        """Return a text with each of them taken out."""
        kept, end = list[str](), 0
        for first, last in self._spans(text):
            if first >= end:
                kept += (text[end:first], WITHHELD)
            end = max(end, last)
        return "".join((*kept, text[end:]))

    def _spans(self, text: str) -> Iterator[tuple[int, int]]:
        if not self._by_first:
            return
        found = list(_WORD.finditer(text))
        said = tuple(_plain(each[0]) for each in found)
        for at, word in enumerate(said):
            for name in self._by_first.get(word, ()):
                if said[at : at + len(name)] == name:
                    yield found[at].start(), found[at + len(name) - 1].end()


def _plain(word: str) -> str:
    """Return a word without capitals and accents, which people leave out."""
    letters = unicodedata.normalize("NFKD", word.casefold())
    return "".join(each for each in letters if not unicodedata.combining(each))


def names_of(incident: Incident, more: Iterable[Mapping[str, str]] = ()) -> Names:
    """Return every name that was ever listed, and those that `more` fields have."""
    said = [each.fields for each in incident.log if each.reach is Reach.NAMES]
    found = (each.get(name, "") for each in (*said, *more) for name in _NAMING)
    return Names(part for text in found for part in _parts(text))


def _parts(text: str) -> Iterator[str]:
    """Yield a text, and the name at its beginning where a number or an address follows."""
    yield text
    begin = re.split(r"[,;:(<+\d]|\s-\s", text, maxsplit=1)[0].strip()
    if len(begin.split()) > 1:
        yield begin


def split(
    sort: Sort, fields: Mapping[str, str], names: Names
) -> tuple[dict[str, str], dict[str, str]]:
    """Return the fields that name nobody, and those that do or may."""
    personal = {
        name for name, text in fields.items()
        if sort.fields[name].is_personal or names.are_in(text)
    }  # fmt: skip
    open_ = {name: text for name, text in fields.items() if name not in personal}
    return open_, {name: fields[name] for name in fields if name in personal}


def goes_out(line: Line, node: str, names: Names, *, with_names: bool) -> bool:
    """Tell whether a line of a shared incident is said to partners at all."""
    if line.node != node or line.reach is Reach.OWN:
        return False
    return with_names or (
        line.reach is Reach.SHARED and not any(map(names.are_in, line.fields.values()))
    )


def is_personal(key: str, name: str) -> bool:
    """Tell whether a field of a record is one that names somebody."""
    sort = SORTS.get(key.partition(":")[0])
    return sort is None or name not in sort.fields or sort.fields[name].is_personal
