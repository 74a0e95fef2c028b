"""Rules -> one Python function per partner that finds the best permitted form of one report.

The function is built as a syntax tree, never as text: what stands in an agreement can only become a
constant in it.
"""

import ast
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from accord.core.agreement import Effect
from accord.release.facts import Facts
from accord.release.terms import Apply, Holder, Like, Op, Rule, Term, Value

NOBODY = -1
"""In place of a form: none is permitted. In place of a rule: none decided."""

Choice = tuple[int, int]
"""The place of the form in the ladder and of the rule that decided, or NOBODY."""

Choose = Callable[[Facts], Choice]

_DAY = 86_400_000
_CHEAP = frozenset({Op.EQUAL, Op.LESS, Op.LESS_EQUAL, Op.CONTAINS})


@dataclass(frozen=True, slots=True, kw_only=True)
class Receiver:
    """What clauses can know of the partner (`principal`)."""

    node: str
    contexts: frozenset[str]

    @property
    def nation(self) -> str:
        """The nation that the node id starts with."""
        return self.node[:3]


def compile_rules(rules: Sequence[Rule], forms: Sequence[str], receiver: Receiver) -> Choose:
    """Return the function that decides for one partner.

    A forbid always wins; then the first form in the ladder that a rule permits, by the first rule
    that does.
    """
    mine = [
        (place, rule) for place, rule in enumerate(rules) if rule.partner in (None, receiver.node)
    ]
    writer = _Writer(receiver)
    body: list[ast.stmt] = [_set("by", NOBODY)]
    everything = frozenset(forms)
    for place, rule in mine:
        if rule.effect is Effect.FORBID and rule.forms == everything:
            body.append(ast.If(writer.write(rule.condition), [_answer(NOBODY, place)], []))
    for rung, form in enumerate(forms):
        of_form = [(place, rule) for place, rule in mine if form in rule.forms]
        body += _one_form(writer, rung, of_form, everything)
    body.append(ast.Return(ast.Tuple([ast.Constant(NOBODY), _name("by")], ast.Load())))
    return cast("Choose", _function(body, writer))


def compile_condition(condition: Term, receiver: Receiver) -> Callable[[Facts], bool]:
    """Return the function that tells whether a condition holds."""
    writer = _Writer(receiver)
    body: list[ast.stmt] = [ast.Return(writer.write(condition))]
    return cast("Callable[[Facts], bool]", _function(body, writer))


def _one_form(
    writer: "_Writer", rung: int, rules: Sequence[tuple[int, Rule]], everything: frozenset[str]
) -> list[ast.stmt]:
    """Write one rung; flat, since Python limits how deep statements may stand in each other."""
    permits = [(at, rule) for at, rule in rules if rule.effect is Effect.PERMIT]
    forbids = [
        (at, rule)
        for at, rule in rules
        if rule.effect is Effect.FORBID and rule.forms != everything
    ]
    if not forbids:
        return [
            ast.If(writer.write(rule.condition), [_answer(rung, at)], []) for at, rule in permits
        ]
    body: list[ast.stmt] = [_set("found", NOBODY)]
    for at, rule in permits:
        condition = ast.BoolOp(ast.And(), [_is_found(ast.Eq()), writer.write(rule.condition)])
        body.append(ast.If(condition, [_set("found", at)], []))
    for at, rule in forbids:
        condition = ast.BoolOp(ast.And(), [_is_found(ast.NotEq()), writer.write(rule.condition)])
        body.append(ast.If(condition, [_set("by", at), _set("found", NOBODY)], []))
    answer = ast.Return(ast.Tuple([ast.Constant(rung), _name("found")], ast.Load()))
    return [*body, ast.If(_is_found(ast.NotEq()), [answer], [])]


def _function(body: list[ast.stmt], writer: "_Writer") -> object:
    # One unpacking costs less than looking into the tuple for each term of each clause.
    module = ast.parse(f"def choose(facts): {', '.join(Facts._fields)} = facts")
    cast("ast.FunctionDef", module.body[0]).body += body
    ast.fix_missing_locations(module)
    made: dict[str, object] = {"__builtins__": {}, **writer.matchers}
    exec(compile(module, "<agreement>", "exec"), made)  # noqa: S102  a tree of our own operators and constants
    return made["choose"]


class _Writer:
    """Writes terms as Python expressions over `facts`; the receiver's attributes are constants."""

    def __init__(self, receiver: Receiver) -> None:
        self.matchers: dict[str, Callable[[str], bool]] = {}
        self._receiver = receiver

    def write(self, term: Term) -> ast.expr:
        if isinstance(term, Value):
            return _constant(term.value)
        if isinstance(term, Like):
            return self._like(self.write(term.of), term.pieces)
        if isinstance(term, Apply):
            if term.op is Op.AND:
                return ast.BoolOp(ast.And(), [self.write(each) for each in _cheapest_first(term)])
            return _OPERATORS[term.op]([self.write(argument) for argument in term.arguments])
        if term.holder is Holder.PRINCIPAL:
            mine = self._receiver
            return _constant(mine.nation if term.name == "nation" else mine.contexts)
        return _name(term.name)

    def _like(self, text: ast.expr, pieces: tuple[str, ...]) -> ast.expr:
        if len(pieces) == 2 and not pieces[1]:
            return _call(text, "startswith", ast.Constant(pieces[0]))
        name = f"matches_{len(self.matchers)}"
        self.matchers[name] = matcher(pieces)
        return ast.Call(_name(name), [text], [])


def _cheapest_first(term: Apply) -> list[Term]:
    """Return what must all hold, what is quickly asked first; no term fails, so any order does."""
    return sorted(_conjuncts(term), key=_is_dear)


def _conjuncts(term: Term) -> Iterator[Term]:
    if isinstance(term, Apply) and term.op is Op.AND:
        for argument in term.arguments:
            yield from _conjuncts(argument)
    else:
        yield term


def _is_dear(term: Term) -> bool:
    return not isinstance(term, Apply) or term.op not in _CHEAP


def matcher(pieces: tuple[str, ...]) -> Callable[[str], bool]:
    """Return what tells whether a text is these pieces with anything between them.

    Looks for each piece once, from the left, so that no text takes long.
    """
    first, last = pieces[0], pieces[-1]

    def matches(text: str) -> bool:
        if len(pieces) == 1:
            return text == first
        if not text.startswith(first):
            return False
        at, end = len(first), len(text) - len(last)
        for piece in pieces[1:-1]:
            found = text.find(piece, at)
            if found < 0:
                return False
            at = found + len(piece)
        return at <= end and text.endswith(last)

    return matches


def _name(name: str) -> ast.expr:
    return ast.Name(name, ast.Load())


def _constant(value: object) -> ast.expr:
    # Python's own compiler takes sets and tuples of constants as well, which typeshed does not say.
    return ast.Constant(value)  # pyright: ignore[reportArgumentType]


def _set(name: str, value: int) -> ast.stmt:
    return ast.Assign([ast.Name(name, ast.Store())], ast.Constant(value))


def _answer(form: int, rule: int) -> ast.stmt:
    return ast.Return(_constant((form, rule)))


def _is_found(operator: ast.cmpop) -> ast.expr:
    return ast.Compare(_name("found"), [operator], [ast.Constant(NOBODY)])


def _call(of: ast.expr, method: str, *arguments: ast.expr) -> ast.expr:
    return ast.Call(ast.Attribute(of, method, ast.Load()), list(arguments), [])


def _not(term: ast.expr) -> ast.expr:
    return ast.UnaryOp(ast.Not(), term)


_Operands = Sequence[ast.expr]


def _compare(operator: ast.cmpop) -> Callable[[_Operands], ast.expr]:
    return lambda of: ast.Compare(of[0], [operator], [of[1]])


_OPERATORS: Mapping[Op, Callable[[_Operands], ast.expr]] = {
    Op.NOT: lambda of: _not(of[0]),
    Op.OR: lambda of: ast.BoolOp(ast.Or(), list(of)),
    Op.EQUAL: _compare(ast.Eq()),
    Op.LESS: _compare(ast.Lt()),
    Op.LESS_EQUAL: _compare(ast.LtE()),
    Op.CONTAINS: lambda of: ast.Compare(of[1], [ast.In()], [of[0]]),
    Op.CONTAINS_ALL: _compare(ast.GtE()),
    Op.CONTAINS_ANY: lambda of: _not(_call(of[0], "isdisjoint", of[1])),
    Op.IS_EMPTY: lambda of: _not(of[0]),
    Op.IF: lambda of: ast.IfExp(of[0], of[1], of[2]),
    Op.TIME_OF_DAY: lambda of: ast.BinOp(of[0], ast.Mod(), ast.Constant(_DAY)),
    Op.SINCE: lambda of: ast.BinOp(of[0], ast.Sub(), of[1]),
}
