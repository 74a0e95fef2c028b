"""Conditions and facts in plain words, for people who do not read Cedar."""

from collections.abc import Collection, Iterator, Mapping
from datetime import timedelta

from accord.core.quantity import spell_duration
from accord.release.facts import Facts
from accord.release.reference import spell_moment
from accord.release.schema import ATTRIBUTES
from accord.release.terms import Apply, Attribute, Holder, Like, Op, Sort, Term, Value

_NAMES: Mapping[tuple[Holder, str], str] = {
    (Holder.RESOURCE, "releasable_to"): "the nations in its REL TO",
    (Holder.RESOURCE, "what"): "the sort of report",
    (Holder.RESOURCE, "observed"): "the time it happened",
    (Holder.RESOURCE, "received"): "the time it was received",
    (Holder.RESOURCE, "words"): "the words for its kind",
    (Holder.RESOURCE, "inside"): "the areas it is wholly inside",
    (Holder.RESOURCE, "touches"): "the areas it may touch",
    (Holder.RESOURCE, "onward"): "the nations its originator granted it to",
    (Holder.RESOURCE, "hops"): "the number of nodes it came over",
    (Holder.CONTEXT, "now"): "the time now",
    (Holder.CONTEXT, "incidents"): "the open incidents",
    (Holder.PRINCIPAL, "nation"): "the receiver's nation",
    (Holder.PRINCIPAL, "contexts"): "the contexts agreed on",
}
_CLAIMS: Mapping[str, tuple[str, str]] = {
    "marked": ("it is marked", "it has no mark that is understood"),
    "by_default": ("it is marked by default", "it is marked by its sender"),
    "directed": ("it is addressed to single persons", "it is not addressed to single persons"),
    "third_party": ("it is a third party's", "it is the giver's own"),
    "own_sensor": ("it is from an own sensor", "it is not from an own sensor"),
    "emergency": ("it is a call for help", "it is not a call for help"),
    "synchronised": ("the clock can be trusted", "the clock cannot be trusted"),
}
_BETWEEN: Mapping[Op, tuple[str, str]] = {
    Op.EQUAL: ("is", "is not"),
    Op.LESS: ("is less than", "is at least"),
    Op.LESS_EQUAL: ("is at most", "is more than"),
    Op.CONTAINS: ("include", "do not include"),
    Op.CONTAINS_ALL: ("include all of", "do not include all of"),
    Op.CONTAINS_ANY: ("include any of", "include none of"),
}


def spell(term: Term, *, holds: bool = True) -> str:  # noqa: PLR0911  one per sort of term
    """Say a condition, or with `holds` false its opposite, in words."""
    match term:
        case Attribute(sort=Sort.BOOL, name=name):
            return _CLAIMS[name][0 if holds else 1]
        case Like(pieces=pieces):
            return f"its kind is {'' if holds else 'not '}like {'*'.join(pieces)}"
        case Apply(op=Op.NOT, arguments=(inner,)):
            return spell(inner, holds=not holds)
        case Apply(op=Op.AND | Op.OR as op, arguments=arguments):
            joint = "and" if (op is Op.AND) is holds else "or"
            return f" {joint} ".join(_inside(each, holds, joint) for each in arguments)
        case Apply(op=Op.IS_EMPTY, arguments=(whole,)):
            return f"{_value(whole)} {'are' if holds else 'are not'} empty"
        case Apply(op=Op.IF, sort=Sort.BOOL, arguments=(condition, then, otherwise)):
            yes, no = spell(then, holds=holds), spell(otherwise, holds=holds)
            return f"(if {spell(condition)}: {yes}; else: {no})"
        case Apply(op=op, arguments=(left, right)) if op in _BETWEEN:
            return _between(op, left, right, holds)
        case _:
            return f"{_value(term)}" if holds else f"not {_value(term)}"


def spell_facts(facts: Facts, names: Collection[str] = Facts._fields) -> Iterator[str]:
    """Yield a line for each of these attributes of a report."""
    for name, value in facts._asdict().items():
        if name in names:
            yield f"{name.replace('_', ' ')}: {_spell_fact(name, value)}"


def _spell_fact(name: str, value: object) -> str:
    holder = Holder.RESOURCE if name in ATTRIBUTES[Holder.RESOURCE] else Holder.CONTEXT
    if ATTRIBUTES[holder][name].sort is Sort.MOMENT and isinstance(value, int):
        return _moment(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return _literal(value)


def _inside(term: Term, holds: bool, joint: str) -> str:  # noqa: FBT001  passed on
    """Put brackets where `and` and `or` meet."""
    said = spell(term, holds=holds)
    inner = term.arguments[0] if isinstance(term, Apply) and term.op is Op.NOT else term
    turned = holds if inner is term else not holds
    if isinstance(inner, Apply) and inner.op in (Op.AND, Op.OR):
        other = "and" if (inner.op is Op.AND) is turned else "or"
        return said if other == joint else f"({said})"
    return said


def _between(op: Op, left: Term, right: Term, holds: bool) -> str:  # noqa: FBT001  passed on
    if op is Op.CONTAINS and isinstance(left, Value):
        return f"{_value(right)} is {'' if holds else 'not '}one of {_value(left)}"
    if isinstance(left, Value) and not isinstance(right, Value):
        if op in (Op.EQUAL, Op.CONTAINS_ANY):
            return _between(op, right, left, holds)
        turned = {
            Op.LESS: ("is more than", "is at most"),
            Op.LESS_EQUAL: ("is at least", "is less than"),
        }
        if op in turned:
            return f"{_value(right)} {turned[op][0 if holds else 1]} {_value(left)}"
    return f"{_value(left)} {_BETWEEN[op][0 if holds else 1]} {_value(right)}"


def _value(term: Term) -> str:  # noqa: PLR0911  one per sort of term
    match term:
        case Value(sort=Sort.MOMENT, value=int() as value):
            return _moment(value)
        case Value(sort=Sort.SPAN, value=int() as value):
            sign = "-" if value < 0 else ""
            return sign + spell_duration(timedelta(milliseconds=abs(value)))
        case Value(value=value):
            return _literal(value)
        case Attribute(holder=holder, name=name):
            return _NAMES.get((holder, name), f"its {name.replace('_', ' ')}")
        case Apply(op=Op.SINCE, arguments=(later, earlier)):
            return f"the time from {_value(earlier)} to {_value(later)}"
        case Apply(op=Op.TIME_OF_DAY, arguments=(moment,)):
            return f"the time of day of {_value(moment)}"
        case _:
            return f"({spell(term)})"


def _moment(milliseconds: int) -> str:
    try:
        return spell_moment(milliseconds).replace(".000Z", "Z")
    except OverflowError:
        return f"{milliseconds} ms after 1970"


def _literal(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, frozenset):
        members: list[str] = sorted(map(str, value))  # type: ignore[arg-type]
        return ", ".join(members) if members else "none"
    return f'"{value}"' if isinstance(value, str) else str(value)
