"""Terms -> formulas of the solver (z3), and what is true of every report whatever the clauses say.

Texts are numbers, one for each text that somebody mentions and the rest for all others; sets of
texts are sets of numbers. The kind is a text to the solver as well, since clauses match it letter
by letter. Cedar's strict validation has made the sorts right before.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

import z3

from accord.release.compile import Receiver
from accord.release.facts import AFFILIATIONS, DOMAINS, NONE, WORDS, Facts
from accord.release.schema import ATTRIBUTES
from accord.release.terms import Apply, Attribute, Holder, Like, Op, Sort, Term, Value

_DAY = 86_400_000
_ANY = z3.Full(z3.ReSort(z3.StringSort()))
_ATOM = z3.Star(z3.Union(z3.Range(chr(0), ","), z3.Range(".", chr(0x2FFFF))))
"""An atom of a kind: any letters but the hyphen. The solver's letters end at U+2FFFF."""
_ESCAPE = re.compile(r"\\u\{([0-9a-f]+)\}")
_PLAIN = z3.Star(z3.Union(z3.Range("a", "z"), z3.Range("A", "Z"), z3.Re("-")))

_OTHERS = 8
"""How many texts that nobody mentions a counter-example may hold."""


class Formulas:
    """Writes the terms of one agreement as formulas, for one receiver, over one unknown report."""

    def __init__(self, receiver: Receiver) -> None:
        self._receiver = receiver
        self._numbers: dict[str, int] = {}
        self._unknowns: dict[str, z3.ExprRef] = {}
        for holder in (Holder.RESOURCE, Holder.CONTEXT):
            for name, meaning in ATTRIBUTES[holder].items():
                self._unknowns[name] = _unknown(name, meaning.sort)

    def condition(self, term: Term) -> z3.ExprRef:
        """Return a condition as a formula."""
        return self._write(term)

    def looks_plain(self) -> z3.ExprRef:
        """Return that the kind has only letters and hyphens, which people read more easily."""
        return z3.InRe(self._unknowns["kind"], _PLAIN)

    def is_small(self) -> z3.ExprRef:
        """Return that every text is a mentioned one or one of a few others: it can be spelled."""
        count = len(self._numbers) + _OTHERS
        whole = self._set_of(range(count))
        limits: list[z3.ExprRef] = []
        for name, unknown in self._unknowns.items():
            if _sort(name) is Sort.SET:
                limits.append(z3.IsSubset(unknown, whole))
            elif _sort(name) is Sort.STRING and name != "kind":
                limits += [unknown >= 0, unknown < count]
        return z3.And(*limits)

    def premises(self) -> Iterator[z3.ExprRef]:
        """Yield what `FactFinder` makes true of every report, as far as it can matter here."""
        for name in list(self._numbers):
            yield from self._premises_about(name)
        third_party, hops = self._unknowns["third_party"], self._unknowns["hops"]
        yield z3.IsSubset(self._unknowns["inside"], self._unknowns["touches"])
        yield hops >= 0
        yield z3.Implies(hops > 0, third_party)
        yield z3.Not(z3.And(self._unknowns["own_sensor"], third_party))
        yield z3.Implies(
            self._unknowns["emergency"], self._unknowns["what"] == self._number("alarm")
        )

    def facts(self, model: z3.ModelRef) -> Facts:
        """Return the report that the solver found, as facts."""
        texts = {number: text for text, number in self._numbers.items()}
        for number in range(len(texts), len(texts) + _OTHERS):
            texts[number] = f"something else ({number})"
        return Facts._make(
            self._spell(model, self._unknowns[name], _sort(name), texts) for name in Facts._fields
        )

    def _spell(
        self, model: z3.ModelRef, unknown: z3.ExprRef, sort: Sort, texts: Mapping[int, str]
    ) -> object:
        value = model.eval(unknown, model_completion=True)
        if isinstance(value, z3.SeqRef):
            # The solver escapes a backslash where what follows could be taken for an escape.
            return _ESCAPE.sub(lambda code: chr(int(code[1], 16)), value.as_string())
        if isinstance(value, z3.IntNumRef):
            number = value.as_long()
            return texts.get(number, str(number)) if sort is Sort.STRING else number
        if sort is Sort.BOOL:
            return z3.is_true(value)
        return frozenset(
            text for number, text in texts.items() if self._is_in(model, number, unknown)
        )

    def _is_in(self, model: z3.ModelRef, number: int, whole: z3.ExprRef) -> bool:
        return z3.is_true(model.eval(z3.IsMember(z3.IntVal(number), whole), model_completion=True))

    def _has(self, name: str, text: str) -> z3.ExprRef:
        return z3.IsMember(self._number(text), self._unknowns[name])

    def _premises_about(self, text: str) -> Iterator[z3.ExprRef]:
        """Yield what a mentioned word means in terms of the kind, and of areas."""
        for letters, atom in ((_DOMAIN_OF, 2), (_AFFILIATION_OF, 1)):
            if text in letters:
                name = "domain" if atom == 2 else "affiliation"
                shape = "a-." + f"-{letters[text]}" if atom == 2 else f"a-{letters[text]}"
                yield (self._unknowns[name] == self._number(text)) == self._is_a(shape)
        patterns = [pattern for pattern, word in WORDS.items() if word == text]
        if patterns:
            shapes = [self._is_a(pattern) for pattern in patterns]
            yield self._has("words", text) == z3.Or(*shapes)

    def _is_a(self, pattern: str) -> z3.ExprRef:
        """Return that the kind is this or below it, as `Kind.is_a` has it."""
        atoms = [_ATOM if atom == "." else z3.Re(atom) for atom in pattern.split("-")]
        parts = [atoms[0]]
        for atom in atoms[1:]:
            parts += [z3.Re("-"), atom]
        below = z3.Option(z3.Concat(z3.Re("-"), _ANY))
        return z3.InRe(self._unknowns["kind"], z3.Concat(*parts, below))

    def _number(self, text: str) -> z3.ExprRef:
        return z3.IntVal(self._numbers.setdefault(text, len(self._numbers)))

    def _write(self, term: Term) -> z3.ExprRef:
        if isinstance(term, Value):
            return self._literal(term.value)
        if isinstance(term, Like):
            return z3.InRe(self._unknowns["kind"], _pattern(term.pieces))
        if isinstance(term, Attribute):
            if term.holder is not Holder.PRINCIPAL:
                return self._unknowns[term.name]
            mine = self._receiver
            return self._literal(mine.nation if term.name == "nation" else mine.contexts)
        if "kind" in map(_name, term.arguments):
            return self._kind_is(term)
        return _OPERATORS[term.op]([self._write(argument) for argument in term.arguments])

    def _literal(self, value: bool | int | str | frozenset[str]) -> z3.ExprRef:  # noqa: FBT001  a value
        if isinstance(value, bool):
            return z3.BoolVal(value)
        if isinstance(value, str):
            return self._number(value)
        return z3.IntVal(value) if isinstance(value, int) else self._set(value)

    def _set(self, texts: frozenset[str]) -> z3.ExprRef:
        for text in sorted(texts):
            self._number(text)
        return self._set_of(self._numbers[text] for text in sorted(texts))

    def _set_of(self, numbers: Iterable[int]) -> z3.ExprRef:
        whole = z3.EmptySet(z3.IntSort())
        for number in numbers:
            whole = z3.SetAdd(whole, z3.IntVal(number))
        return whole

    def _kind_is(self, term: Apply) -> z3.ExprRef:
        """Return that the kind is the text it is compared with, or is in the list."""
        literal = next(each.value for each in term.arguments if isinstance(each, Value))
        texts = sorted(literal) if isinstance(literal, frozenset) else [str(literal)]
        return z3.Or(*[self._unknowns["kind"] == z3.StringVal(_escaped(text)) for text in texts])


def _unknown(name: str, sort: Sort) -> z3.ExprRef:
    if name == "kind":
        return z3.String(name)
    if sort is Sort.BOOL:
        return z3.Bool(name)
    if sort is Sort.SET:
        return z3.Const(name, z3.SetSort(z3.IntSort()))
    return z3.Int(name)


def _sort(name: str) -> Sort:
    holder = Holder.RESOURCE if name in ATTRIBUTES[Holder.RESOURCE] else Holder.CONTEXT
    return ATTRIBUTES[holder][name].sort


def _name(term: Term) -> str:
    return term.name if isinstance(term, Attribute) else ""


def _escaped(text: str) -> str:
    """Return a text whose backslashes the solver takes for backslashes, not for escapes."""
    return text.replace("\\", r"\u{5c}")


def _pattern(pieces: tuple[str, ...]) -> z3.ReRef:
    first, *others = (z3.Re(_escaped(piece)) for piece in pieces)
    if not others:
        return first
    parts = [first]
    for piece in others:
        parts += [_ANY, piece]
    return z3.Concat(*parts)


_DOMAIN_OF = {word: letter.value for letter, word in DOMAINS.items() if letter and word != NONE}
_AFFILIATION_OF = {
    word: letter.value for letter, word in AFFILIATIONS.items() if letter and word != NONE
}

_OPERATORS: Mapping[Op, Callable[[Sequence[z3.ExprRef]], z3.ExprRef]] = {
    Op.NOT: lambda of: z3.Not(of[0]),
    Op.AND: lambda of: z3.And(*of),
    Op.OR: lambda of: z3.Or(*of),
    Op.EQUAL: lambda of: of[0] == of[1],
    Op.LESS: lambda of: of[0] < of[1],
    Op.LESS_EQUAL: lambda of: of[0] <= of[1],
    Op.CONTAINS: lambda of: z3.IsMember(of[1], of[0]),
    Op.CONTAINS_ALL: lambda of: z3.IsSubset(of[1], of[0]),
    Op.CONTAINS_ANY: lambda of: z3.Not(z3.SetIntersect(*of) == z3.EmptySet(z3.IntSort())),
    Op.IS_EMPTY: lambda of: of[0] == z3.EmptySet(z3.IntSort()),
    Op.IF: lambda of: z3.If(of[0], of[1], of[2]),
    Op.TIME_OF_DAY: lambda of: of[0] % _DAY,
    Op.SINCE: lambda of: of[0] - of[1],
}
