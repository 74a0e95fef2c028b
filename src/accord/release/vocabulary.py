"""The words that a clause can compare an attribute with, where the list of them is closed.

Cedar takes any text: a clause that forbids what touches a misspelt area would forbid nothing, and
nobody would see it.
"""

from collections.abc import Iterable, Iterator

from accord.core.agreement import Agreement
from accord.core.handling import CAVEATS, COMPARTMENTS
from accord.release.facts import AFFILIATIONS, DOMAINS, NONE, OPEX, WHAT, WORDS
from accord.release.terms import Apply, Attribute, Holder, Op, Term, Value

_COMPARES = frozenset({Op.EQUAL, Op.CONTAINS, Op.CONTAINS_ALL, Op.CONTAINS_ANY})
_NO_LEVEL = ""
"""What clauses see of a report whose level is none of the agreement's."""


class Vocabulary:
    """The closed lists of one agreement: its own areas and levels, and what all agreements have."""

    def __init__(self, agreement: Agreement) -> None:
        areas = [area.name for area in agreement.areas]
        self._lists: dict[str, tuple[str, list[str]]] = {
            "inside": ("area", areas),
            "touches": ("area", areas),
            "level": ("level", [*agreement.levels.names]),
            "domain": ("domain", _once(DOMAINS.values())),
            "affiliation": ("affiliation", _once(AFFILIATIONS.values())),
            "what": ("sort of report", _once(WHAT.values())),
            "words": ("word for a kind", _once(WORDS.values())),
            "opex": ("opex", [*OPEX.values(), NONE]),
            "caveats": ("caveat", [*CAVEATS]),
            "compartments": ("compartment", sorted(COMPARTMENTS)),
        }

    def unknown(self, term: Term) -> Iterator[tuple[str, str]]:
        """Yield each text that an attribute is compared with and can never be, and a sentence."""
        if not isinstance(term, Apply):
            return
        if term.op in _COMPARES:
            yield from self._compared([leaf for each in term.arguments for leaf in _leaves(each)])
        for argument in term.arguments:
            yield from self.unknown(argument)

    def _compared(self, leaves: list[Term]) -> Iterator[tuple[str, str]]:
        names = {
            each.name
            for each in leaves
            if isinstance(each, Attribute) and each.holder is Holder.RESOURCE
        }
        for name in sorted(names & self._lists.keys()):
            noun, known = self._lists[name]
            allowed = {*known, _NO_LEVEL} if name == "level" else {*known}
            for word in sorted(_texts(leaves) - allowed):
                there = ", ".join(known) or "none"
                yield word, f"no such {noun}: {word}; there are {there}"


def _leaves(term: Term) -> list[Term]:
    """Return what a term can be: itself, or what its `then` and its `else` can be."""
    if isinstance(term, Apply) and term.op is Op.IF:
        return [leaf for each in term.arguments[1:] for leaf in _leaves(each)]
    return [term]


def _texts(leaves: Iterable[Term]) -> set[str]:
    values = [leaf.value for leaf in leaves if isinstance(leaf, Value)]
    sets = [value for value in values if isinstance(value, frozenset)]
    return {value for value in values if isinstance(value, str)}.union(*sets)


def _once(words: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(words))
