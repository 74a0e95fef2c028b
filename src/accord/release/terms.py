"""The conditions of clauses as a small closed language: what Cedar text may say here, and no more.

Three things are made from the same terms: a Python function (`compile`), a formula for the solver
(`prove`), and words (`explain`).
"""

from dataclasses import dataclass
from enum import StrEnum
from functools import reduce

from accord.core.agreement import Effect


class Sort(StrEnum):
    """What kind of value a term has. Moments and spans are milliseconds, as Cedar has them."""

    BOOL = "Bool"
    LONG = "Long"
    STRING = "String"
    SET = "Set<String>"
    MOMENT = "datetime"
    SPAN = "duration"


class Op(StrEnum):
    """What can be done with terms; each stands for the Cedar operator or method of that meaning."""

    NOT = "not"
    AND = "and"
    OR = "or"
    EQUAL = "equal"
    LESS = "less"
    LESS_EQUAL = "less or equal"
    CONTAINS = "contains"
    CONTAINS_ALL = "contains all"
    CONTAINS_ANY = "contains any"
    IS_EMPTY = "is empty"
    IF = "if"
    TIME_OF_DAY = "time of day"
    SINCE = "since"


class Holder(StrEnum):
    """Whose attribute it is: the report's, the partner's, or the situation's."""

    RESOURCE = "resource"
    PRINCIPAL = "principal"
    CONTEXT = "context"


@dataclass(frozen=True, slots=True)
class Value:
    """A literal. `MOMENT` and `SPAN` hold milliseconds."""

    sort: Sort
    value: bool | int | str | frozenset[str]


@dataclass(frozen=True, slots=True)
class Attribute:
    """An attribute, such as `resource.kind`."""

    holder: Holder
    name: str
    sort: Sort


@dataclass(frozen=True, slots=True)
class Apply:
    """An operation on terms."""

    op: Op
    arguments: tuple["Term", ...]
    sort: Sort


@dataclass(frozen=True, slots=True)
class Like:
    """Whether a text has a pattern: pieces of text, with anything at all between them."""

    of: Attribute
    pieces: tuple[str, ...]


Term = Value | Attribute | Apply | Like

TRUE = Value(Sort.BOOL, value=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A clause as it is decided: for whom, for which forms, when.

    `partner` None: every receiver. `number` is the clause's, or `form NAME` for what the
    agreement's table of forms says.
    """

    number: str
    effect: Effect
    partner: str | None
    forms: frozenset[str]
    condition: Term


def sort_of(term: Term) -> Sort:
    """Return the sort of a term."""
    return Sort.BOOL if isinstance(term, Like) else term.sort


def negation(term: Term) -> Term:
    """Return the opposite of a condition."""
    if isinstance(term, Apply) and term.op is Op.NOT:
        return term.arguments[0]
    return Apply(Op.NOT, (term,), Sort.BOOL)


def all_of(terms: list[Term]) -> Term:
    """Return the condition that holds when all do."""
    return reduce(_and, terms) if terms else TRUE


def conjuncts(term: Term) -> list[Term]:
    """Return the conditions that must all hold for this one to hold, in the order written."""
    if isinstance(term, Apply) and term.op is Op.AND:
        return [part for argument in term.arguments for part in conjuncts(argument)]
    if isinstance(term, Apply) and term.op is Op.NOT:
        inner = term.arguments[0]
        if isinstance(inner, Apply) and inner.op is Op.OR:
            return [part for argument in inner.arguments for part in conjuncts(negation(argument))]
    return [term]


def attributes(term: Term) -> frozenset[str]:
    """Return the names of the attributes of reports and situations that a term reads."""
    if isinstance(term, Apply):
        return frozenset(name for each in term.arguments for name in attributes(each))
    of = term.of if isinstance(term, Like) else term
    if isinstance(of, Attribute) and of.holder is not Holder.PRINCIPAL:
        return frozenset({of.name})
    return frozenset()


def _and(left: Term, right: Term) -> Term:
    return Apply(Op.AND, (left, right), Sort.BOOL)
