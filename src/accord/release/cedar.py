"""Cedar text -> rules and terms: Cedar's own parser and strict validation, then the allowed subset.

Whatever is not in the tables below is refused: an agreement with it does not load.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta

import cedarpy
from cedarpy import pst

from accord.core.agreement import Effect
from accord.release.schema import ATTRIBUTES, NAMESPACE
from accord.release.terms import (
    TRUE,
    Apply,
    Attribute,
    Holder,
    Like,
    Op,
    Rule,
    Sort,
    Term,
    Value,
    all_of,
    negation,
    sort_of,
)

NODE = pst.EntityType("Node", (NAMESPACE,))
REPORT = pst.EntityType("Report", (NAMESPACE,))

_KIND = Attribute(Holder.RESOURCE, "kind", Sort.STRING)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_LONGEST_TEXT = 20_000
_DEEPEST = 50
_MOST_OPERATORS = 600
"""Cedar's parser ends the process, by a full stack, at about 650 brackets or 1,300 operators."""
_LAST_LETTER = "\U0002ffff"
"""The solver's letters end here."""

_SEEN = re.compile(r"[\n\t\x20-\x7e]*")
_TOKEN = re.compile(
    r"""//[^\n]*|"(?:[^"\\]|\\.)*"|(?P<opens>[(\[{])|(?P<closes>[)\]}])|(?P<if>\bif\b)|"""
    r"(?P<joins>&&|\|\||[.+*-])"
)

_BINARY: Mapping[str, tuple[Op, Sort]] = {
    "and": (Op.AND, Sort.BOOL),
    "or": (Op.OR, Sort.BOOL),
    "eq": (Op.EQUAL, Sort.BOOL),
    "less": (Op.LESS, Sort.BOOL),
    "less_eq": (Op.LESS_EQUAL, Sort.BOOL),
    "contains": (Op.CONTAINS, Sort.BOOL),
    "contains_all": (Op.CONTAINS_ALL, Sort.BOOL),
    "contains_any": (Op.CONTAINS_ANY, Sort.BOOL),
    "duration_since": (Op.SINCE, Sort.SPAN),
}
_NEGATED: Mapping[str, tuple[Op, bool]] = {
    "not_eq": (Op.EQUAL, False),
    "greater": (Op.LESS, True),
    "greater_eq": (Op.LESS_EQUAL, True),
}
"""`a > b` is `b < a`: the operator, and whether the sides change places; else it is negated."""
_UNARY: Mapping[str, tuple[Op, Sort]] = {
    "not": (Op.NOT, Sort.BOOL),
    "is_empty": (Op.IS_EMPTY, Sort.BOOL),
    "to_time": (Op.TIME_OF_DAY, Sort.SPAN),
}


class NotAllowed(ValueError):
    """Cedar text that is wrong, or right and outside what an agreement may say."""


class Language:
    """Reads the Cedar text of one agreement: its forms are the actions, its parties the nodes."""

    def __init__(self, schema: str, *, forms: Iterable[str], parties: Iterable[str]) -> None:
        self._schema = cedarpy.Schema.from_str(schema)
        self._forms = frozenset(forms)
        self._parties = frozenset(parties)

    def rule(self, number: str, text: str) -> Rule:
        """Return the rule that one block of Cedar text says. Raises NotAllowed."""
        policy = self._policy(text)
        _check_annotations(policy, number)
        if not isinstance(policy.resource, pst.ScopeAny) and policy.resource != pst.ScopeIs(REPORT):
            raise NotAllowed("the scope of resource can only be `resource`: say the rest in `when`")
        return Rule(
            number=number,
            effect=Effect(policy.effect),
            partner=self._partner(policy.principal),
            forms=self._actions(policy.action),
            condition=_condition(policy.clauses),
        )

    def condition(self, text: str) -> Term:
        """Return the term that a bare Cedar condition says. Raises NotAllowed."""
        policy = self._policy(f"permit (principal, action, resource) when {{ {text}\n}};")
        if len(policy.clauses) != 1:
            raise NotAllowed("an invariant is one condition")
        return _condition(policy.clauses)

    def _policy(self, text: str) -> pst.Template:
        _check_text(text)
        try:
            parsed = cedarpy.policies_to_pst(text)
        except ValueError as error:
            raise NotAllowed(f"Cedar cannot read it: {error}") from None
        if parsed.templates or parsed.template_links or len(parsed.static_policies) != 1:
            raise NotAllowed("there must be exactly one permit or forbid, without ?slots")
        validated = cedarpy.validate_policies(  # pyright: ignore[reportUnknownMemberType]  it also takes an untyped dict
            text, self._schema
        )
        if not validated.validation_passed:
            raise NotAllowed("; ".join(_plain(str(error)) for error in validated.errors))
        return next(iter(parsed.static_policies.values()))

    def _partner(self, scope: pst.PrincipalOrResourceConstraint) -> str | None:
        match scope:
            case pst.ScopeAny():
                return None
            case pst.ScopeIs(entity_type=kind) if kind == NODE:
                return None
            case pst.ScopeEq(entity=pst.EntityUid() as node) if node.id in self._parties:
                return node.id
            case pst.ScopeEq(entity=pst.EntityUid() as node):
                raise NotAllowed(f"{node.id!r} is none of the parties")
            case _:
                raise NotAllowed(
                    "the scope of principal can only be `principal` or "
                    f'`principal == {NAMESPACE}::Node::"NODE"`'
                )

    def _actions(self, scope: pst.ActionConstraint) -> frozenset[str]:
        if isinstance(scope, pst.ScopeAny):
            return self._forms
        if isinstance(scope, pst.ActionEq):
            return frozenset({scope.entity.id})
        return frozenset(action.id for action in scope.entities)


def _check_text(text: str) -> None:
    """Refuse what a reader could not see or what Cedar's parser would not survive."""
    if len(text) > _LONGEST_TEXT:
        raise NotAllowed(f"Cedar text of more than {_LONGEST_TEXT} characters")
    if _SEEN.fullmatch(text) is None:
        raise NotAllowed("Cedar text is plain ASCII: write other letters as \\u{...}")
    depth = deepest = operators = 0
    for token in _TOKEN.finditer(text):
        opens = token.lastgroup in ("opens", "if")
        depth = max(0, depth + opens - (token.lastgroup == "closes"))
        deepest = max(deepest, depth)
        operators += opens or token.lastgroup == "joins"
    if deepest > _DEEPEST:
        raise NotAllowed(f"brackets and ifs more than {_DEEPEST} deep in each other")
    if operators > _MOST_OPERATORS:
        raise NotAllowed(f"Cedar text with more than {_MOST_OPERATORS} brackets and operators")


def milliseconds(moment: datetime) -> int:
    """Return a moment as Cedar has it: milliseconds since 1970, the rest cut off."""
    return (moment - _EPOCH) // _MILLISECOND


def _check_annotations(policy: pst.Template, number: str) -> None:
    for name, value in policy.annotations.items():
        if (name, value) != ("id", number):
            raise NotAllowed(f'the only annotation can be @id("{number}"), not @{name}({value!a})')


def _plain(error: str) -> str:
    return re.sub(r"^\[\w+\] (for policy `\w+`, )?", "", error)


def _condition(clauses: Iterable[pst.Clause]) -> Term:
    terms = [
        term_of(clause.expr) if isinstance(clause, pst.When) else negation(term_of(clause.expr))
        for clause in clauses
    ]
    return all_of(terms) if terms else TRUE


def term_of(expr: pst.Expr) -> Term:
    """Return what one node of Cedar's own tree says. Raises NotAllowed."""
    reader = _READERS.get(type(expr).__name__)
    if reader is None:
        raise NotAllowed(f"{type(expr).__name__} is not allowed in an agreement")
    return reader(expr)


def _bool(expr: pst.BoolLit) -> Term:
    return Value(Sort.BOOL, expr.value)


def _long(expr: pst.LongLit) -> Term:
    return Value(Sort.LONG, expr.value)


def _string(expr: pst.StringLit) -> Term:
    return Value(Sort.STRING, _legible(expr.value))


def _legible(text: str) -> str:
    """Return what was written with escapes, if it can be shown to people and to the solver."""
    if not text.isprintable() or max(text, default="") > _LAST_LETTER:
        raise NotAllowed(f"{text!a} holds a letter that cannot be shown")
    return text


def _set(expr: pst.Set) -> Term:
    texts = [
        _legible(element.value) for element in expr.elements if isinstance(element, pst.StringLit)
    ]
    if len(texts) != len(expr.elements):
        raise NotAllowed('a set can only be of texts, such as ["NZL", "AUS"]')
    return Value(Sort.SET, frozenset(texts))


def _attribute(expr: pst.GetAttr) -> Term:
    if not isinstance(expr.base, pst.Var):
        raise NotAllowed(
            f"an attribute can only be that of resource, context or principal: {expr.attr}"
        )
    holder = Holder(expr.base.name)
    return Attribute(holder, expr.attr, ATTRIBUTES[holder][expr.attr].sort)


def _unary(expr: pst.UnaryOp) -> Term:
    if expr.op in ("datetime", "duration"):
        if not isinstance(expr.arg, pst.StringLit):
            raise NotAllowed(f"{expr.op} needs a text")
        return (read_moment if expr.op == "datetime" else read_span)(expr.arg.value)
    if expr.op not in _UNARY:
        raise NotAllowed(f"{expr.op} is not allowed in an agreement")
    op, sort = _UNARY[expr.op]
    return negation(term_of(expr.arg)) if op is Op.NOT else Apply(op, (term_of(expr.arg),), sort)


def _binary(expr: pst.BinaryOp) -> Term:
    left, right = term_of(expr.left), term_of(expr.right)
    _check_kind(expr.op, left, right)
    if expr.op in _NEGATED:
        op, swapped = _NEGATED[expr.op]
        if swapped:
            return Apply(op, (right, left), Sort.BOOL)
        return negation(Apply(op, (left, right), Sort.BOOL))
    if expr.op not in _BINARY:
        raise NotAllowed(f"{expr.op} is not allowed in an agreement")
    op, sort = _BINARY[expr.op]
    return Apply(op, (left, right), sort)


def _check_kind(op: str, left: Term, right: Term) -> None:
    """Keep kinds among themselves: the solver knows them letter by letter, other texts by name."""
    for kind, other in ((left, right), (right, left)):
        if kind == _KIND and not (
            isinstance(other, Value) and (op in ("eq", "not_eq") or other.sort is Sort.SET)
        ):
            raise NotAllowed("resource.kind can only be compared with a text, or be in a list")


def _like(expr: pst.Like) -> Term:
    if term_of(expr.base) != _KIND:
        raise NotAllowed("`like` is for resource.kind only")
    pieces = [""]
    for element in expr.pattern:
        if isinstance(element, pst.Wildcard):
            pieces.append("")
        else:
            pieces[-1] += _legible(element.value)
    return Like(_KIND, tuple(pieces))


def _if(expr: pst.IfThenElse) -> Term:
    condition, then, otherwise = map(term_of, (expr.cond, expr.then_expr, expr.else_expr))
    if _KIND in (then, otherwise):
        raise NotAllowed("resource.kind can only be compared with a text, or be in a list")
    return Apply(Op.IF, (condition, then, otherwise), sort_of(then))


_READERS: Mapping[str, Callable[..., Term]] = {
    "BoolLit": _bool,
    "LongLit": _long,
    "StringLit": _string,
    "Set": _set,
    "GetAttr": _attribute,
    "UnaryOp": _unary,
    "BinaryOp": _binary,
    "Like": _like,
    "IfThenElse": _if,
}
"""The nodes that an agreement may hold; `has`, `is`, records, slots and entities are not here."""

_MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)(?:T(\d\d:\d\d:\d\d)(\.\d{3})?(Z|[+-]\d{4}))?", re.ASCII)
_SPAN = re.compile(r"(-?)(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?(?:(\d+)ms)?", re.ASCII)
_SPAN_UNITS = (86_400_000, 3_600_000, 60_000, 1000, 1)


def read_moment(text: str) -> Term:
    """Read a Cedar `datetime` literal (RFC 80 of the Cedar language)."""
    match = _MOMENT.fullmatch(text)
    if match is None:
        raise NotAllowed(f"{text!r} is no time such as 2026-11-01T00:00:00Z")
    day, clock, fraction, zone = match.groups()
    zone = "+0000" if zone in (None, "Z") else zone
    try:
        moment = datetime.strptime(
            f"{day} {clock or '00:00:00'}{fraction or '.000'} {zone}", "%Y-%m-%d %H:%M:%S.%f %z"
        )
        return Value(Sort.MOMENT, milliseconds(moment))
    except (ValueError, OverflowError):
        raise NotAllowed(f"{text!r} is no time that can be") from None


def read_span(text: str) -> Term:
    """Read a Cedar `duration` literal (RFC 80 of the Cedar language)."""
    match = _SPAN.fullmatch(text)
    if match is None or not any(match.groups()[1:]):
        raise NotAllowed(f"{text!r} is no duration such as 1h30m")
    sign, *counts = match.groups()
    total = sum(int(n) * unit for n, unit in zip(counts, _SPAN_UNITS, strict=True) if n)
    return Value(Sort.SPAN, -total if sign else total)
