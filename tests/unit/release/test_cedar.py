import re
from datetime import UTC, datetime, timedelta

import pytest
from cedarpy import pst

from accord.core.agreement import Effect
from accord.release.cedar import Language, NotAllowed, milliseconds, read_moment, read_span, term_of
from accord.release.terms import TRUE, Apply, Attribute, Holder, Like, Op, Rule, Sort, Term, Value
from support.agreements import FORMS, NZL, USA, language

KIND = Attribute(Holder.RESOURCE, "kind", Sort.STRING)
HOPS = Attribute(Holder.RESOURCE, "hops", Sort.LONG)
MARKED = Attribute(Holder.RESOURCE, "marked", Sort.BOOL)
GROUPS = Attribute(Holder.RESOURCE, "groups", Sort.SET)
NOW = Attribute(Holder.CONTEXT, "now", Sort.MOMENT)
OBSERVED = Attribute(Holder.RESOURCE, "observed", Sort.MOMENT)
TWO = Value(Sort.LONG, 2)
NODE = 'Accord::Node::"NZL-JFNZ"'
EXACT, COARSE = 'Accord::Action::"exact"', 'Accord::Action::"coarse"'
BLUE = Value(Sort.SET, frozenset({"Blue"}))


@pytest.fixture(scope="module")
def cedar() -> Language:
    return language()


def _apply(op: Op, *arguments: Term, sort: Sort = Sort.BOOL) -> Apply:
    return Apply(op, arguments, sort)


@pytest.mark.parametrize(
    ("text", "term"),
    [
        ("resource.marked", MARKED),
        ("!resource.marked", _apply(Op.NOT, MARKED)),
        ("!(!resource.marked)", MARKED),
        ("true", TRUE),
        ("resource.marked && true", _apply(Op.AND, MARKED, TRUE)),
        ("resource.marked || true", _apply(Op.OR, MARKED, TRUE)),
        ("resource.hops == 2", _apply(Op.EQUAL, HOPS, TWO)),
        ("resource.hops != 2", _apply(Op.NOT, _apply(Op.EQUAL, HOPS, TWO))),
        ("resource.hops < 2", _apply(Op.LESS, HOPS, TWO)),
        ("resource.hops <= 2", _apply(Op.LESS_EQUAL, HOPS, TWO)),
        ("resource.hops > 2", _apply(Op.LESS, TWO, HOPS)),
        ("resource.hops >= 2", _apply(Op.LESS_EQUAL, TWO, HOPS)),
        (
            'resource.groups.contains("Blue")',
            _apply(Op.CONTAINS, GROUPS, Value(Sort.STRING, "Blue")),
        ),
        ('resource.groups.containsAll(["Blue"])', _apply(Op.CONTAINS_ALL, GROUPS, BLUE)),
        ('resource.groups.containsAny(["Blue"])', _apply(Op.CONTAINS_ANY, GROUPS, BLUE)),
        ("resource.groups.isEmpty()", _apply(Op.IS_EMPTY, GROUPS)),
        ('resource.kind like "a-*-S"', Like(KIND, ("a-", "-S"))),
        ('resource.kind like "a\\*b*"', Like(KIND, ("a*b", ""))),
        ('resource.kind == "a-f"', _apply(Op.EQUAL, KIND, Value(Sort.STRING, "a-f"))),
        (
            '["a-f"].contains(resource.kind)',
            _apply(Op.CONTAINS, Value(Sort.SET, frozenset({"a-f"})), KIND),
        ),
        (
            'context.now.durationSince(resource.observed) < duration("1h")',
            _apply(
                Op.LESS,
                _apply(Op.SINCE, NOW, OBSERVED, sort=Sort.SPAN),
                Value(Sort.SPAN, 3_600_000),
            ),
        ),
        (
            'context.now.toTime() < duration("1h")',
            _apply(
                Op.LESS,
                _apply(Op.TIME_OF_DAY, NOW, sort=Sort.SPAN),
                Value(Sort.SPAN, 3_600_000),
            ),
        ),
        (
            "if resource.marked then resource.hops == 2 else true",
            _apply(Op.IF, MARKED, _apply(Op.EQUAL, HOPS, TWO), TRUE),
        ),
        (
            'principal.nation == "NZL"',
            _apply(
                Op.EQUAL,
                Attribute(Holder.PRINCIPAL, "nation", Sort.STRING),
                Value(Sort.STRING, "NZL"),
            ),
        ),
    ],
)
def test_what_cedar_says_becomes_the_term_of_that_meaning(
    cedar: Language, text: str, term: Term
) -> None:
    assert cedar.condition(text) == term


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("resource.nothing", "attribute `nothing`"),
        ("resource.marked &&", "Cedar cannot read it"),
        ("resource.hops == 9223372036854775808", "Cedar cannot read it"),
        ('resource.hops == "two"', "not compatible"),
        ("resource.hops + 1 == 2", "add is not allowed"),
        ("-resource.hops == 2", "neg is not allowed"),
        ("resource has kind", "HasAttr is not allowed"),
        ("resource is Accord::Report", "Is is not allowed"),
        ("{a: true}.a", "an attribute can only be that of resource, context or principal"),
        ("[resource.level].contains(resource.opex)", "a set can only be of texts"),
        ("[1].contains(resource.hops)", "a set can only be of texts"),
        ("resource == resource", "Var is not allowed"),
        ('principal == Accord::Node::"NZL-JFNZ"', "Var is not allowed"),
        ('resource.level like "R*"', "`like` is for resource.kind only"),
        ("resource.kind == resource.level", "resource.kind can only be compared with a text"),
        ("resource.level == resource.kind", "resource.kind can only be compared with a text"),
        ("resource.groups.contains(resource.kind)", "resource.kind can only be compared"),
        ('(if resource.marked then resource.kind else "a") == "a"', "resource.kind can only be"),
        ('context.now < datetime("2026-13-01")', "failed to parse as a datetime"),
        ('context.now < datetime("0000-01-01")', "no time that can be"),
        ('context.now.toTime() < duration("1x")', "failed to parse as a duration"),
        ('ip("10.0.0.1").isIpv4()', "not allowed"),
        ("true } unless { true", "an invariant is one condition"),
        ("true }; permit (principal, action, resource) when { true", "exactly one permit"),
        (f'resource.level == "{"x" * 20_000}"', "more than 20000 characters"),
        ("!" * 5 + "resource.marked", "Cedar cannot read it"),
    ],
)  # fmt: skip
def test_anything_else_is_refused_with_a_sentence(
    cedar: Language, text: str, sentence: str
) -> None:
    with pytest.raises(NotAllowed, match=re.escape(sentence)):
        cedar.condition(text)


@pytest.mark.parametrize(
    "text",
    [
        "(" * 50 + "true" + ")" * 50,
        "if (" * 26 + "true" + ") then true else true" * 26,
        "[" * 1_000 + "1" + "]" * 1_000 + ".contains(1)",
        '")))" == "" || ' + "(" * 50 + "true" + ")" * 50,
        "// )))\n" + "(" * 50 + "true" + ")" * 50,
        "if true then true else " * 50 + "true",
    ],
)
def test_what_is_nested_deeper_than_the_parser_survives_is_refused_before_it(
    cedar: Language, text: str
) -> None:
    with pytest.raises(NotAllowed, match="more than 50 deep"):
        cedar.condition(text)


def test_as_deep_as_may_be_is_read(cedar: Language) -> None:
    assert cedar.condition("(" * 49 + "resource.marked" + ")" * 49) == MARKED
    assert cedar.condition("resource.marked // ((((" + "(" * 60) == MARKED


@pytest.mark.parametrize(
    "joint", ["&&true", "||true", "+1", "*1", "-1", ".a", ".isEmpty()", '["a"]']
)
def test_a_chain_longer_than_the_parser_survives_is_refused_before_it(
    cedar: Language, joint: str
) -> None:
    with pytest.raises(NotAllowed, match="more than 600 brackets and operators"):
        cedar.condition("true" + joint * 1_500)


@pytest.mark.parametrize("letter", ["\u3164", "\u0421", "\ufe0f", "\x1b", "\r", "\x7f"])
def test_a_letter_that_looks_like_another_or_like_none_is_refused(
    cedar: Language, letter: str
) -> None:
    with pytest.raises(NotAllowed, match="plain ASCII"):
        cedar.condition(f'resource.level == "R{letter}"')


@pytest.mark.parametrize("escape", [r"\u{1b}", r"\x1b", r"\n", r"\u{200b}", r"\u{30000}"])
@pytest.mark.parametrize(
    "around",
    ['resource.level == "R{}"', '["R{}"].contains(resource.level)', 'resource.kind like "{}*"'],
)
def test_an_escape_for_what_cannot_be_shown_is_refused(
    cedar: Language, escape: str, around: str
) -> None:
    with pytest.raises(NotAllowed, match="holds a letter that cannot be shown"):
        cedar.condition(around.replace("{}", escape))


def test_other_letters_are_written_with_escapes(cedar: Language) -> None:
    term = cedar.condition(r'resource.level == "\u{101}"')
    assert isinstance(term, Apply)
    assert term.arguments[1] == Value(Sort.STRING, "\u0101")


def _rule(cedar: Language, head: str) -> Rule:
    return cedar.rule("1", f"permit ({head});")


def test_a_clause_without_when_always_applies(cedar: Language) -> None:
    assert _rule(cedar, "principal, action, resource") == Rule(
        number="1",
        effect=Effect.PERMIT,
        partner=None,
        forms=frozenset(FORMS),
        condition=TRUE,
    )


def test_the_scope_says_for_whom_and_for_which_forms(cedar: Language) -> None:
    one = _rule(cedar, f"principal == {NODE}, action == {EXACT}, resource")
    assert (one.partner, one.forms) == (NZL, {"exact"})
    some = _rule(
        cedar,
        f"principal is Accord::Node, action in [{EXACT}, {COARSE}], resource is Accord::Report",
    )
    assert (some.partner, some.forms) == (None, {"exact", "coarse"})


def test_when_and_unless_must_both_hold(cedar: Language) -> None:
    rule = cedar.rule(
        "1", "forbid (principal, action, resource) when { resource.marked } unless { true };"
    )
    assert rule.effect is Effect.FORBID
    assert rule.condition == _apply(Op.AND, MARKED, _apply(Op.NOT, TRUE))


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('permit (principal == Accord::Node::"AUS-HQ", action, resource);', "none of the parties"),
        ('permit (principal in Accord::Node::"NZL-JFNZ", action, resource);', "scope of principal"),
        ('permit (principal, action, resource == Accord::Report::"x");', "scope of resource"),
        (
            'permit (principal, action == Accord::Action::"better", resource);',
            "unrecognized action",
        ),
        ("permit (principal == ?principal, action, resource);", "without ?slots"),
        ('@id("2") permit (principal, action, resource);', 'only annotation can be @id("1")'),
        ('@title("1") permit (principal, action, resource);', 'only annotation can be @id("1")'),
        ("", "exactly one permit or forbid"),
    ],
)
def test_a_scope_that_says_more_is_refused(cedar: Language, text: str, sentence: str) -> None:
    with pytest.raises(NotAllowed, match=re.escape(sentence)):
        cedar.rule("1", text)


def test_a_clause_may_repeat_its_number(cedar: Language) -> None:
    assert cedar.rule("1", '@id("1") permit (principal, action, resource);').number == "1"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        # The billionth second (Unix time) was at 01:46:40 UTC on 9 September 2001.
        ("2001-09-09T01:46:40Z", 1_000_000_000_000),
        ("2001-09-09T01:46:40.123Z", 1_000_000_000_123),
        ("2001-09-09T03:46:40+0200", 1_000_000_000_000),
        ("2001-09-08T23:16:40-0230", 1_000_000_000_000),
        ("1970-01-02", 86_400_000),
    ],
)
def test_moments_are_milliseconds_since_1970(text: str, value: int) -> None:
    assert read_moment(text) == Value(Sort.MOMENT, value)


@pytest.mark.parametrize(
    "text", ["2001-09-09 01:46:40Z", "2001-02-30", "9999-12-31T23:59:59-2359x"]
)
def test_a_moment_that_cannot_be_is_refused(text: str) -> None:
    with pytest.raises(NotAllowed):
        read_moment(text)


@pytest.mark.parametrize(
    ("text", "value"),
    [("1d2h3m4s5ms", 93_784_005), ("-1h", -3_600_000), ("0ms", 0), ("90m", 5_400_000)],
)
def test_spans_are_milliseconds(text: str, value: int) -> None:
    assert read_span(text) == Value(Sort.SPAN, value)


@pytest.mark.parametrize("text", ["", "-", "1", "1h 2m", "2m1h"])
def test_a_span_that_cannot_be_is_refused(text: str) -> None:
    with pytest.raises(NotAllowed):
        read_span(text)


def test_a_time_that_is_no_text_is_refused() -> None:
    with pytest.raises(NotAllowed, match="needs a text"):
        term_of(pst.UnaryOp("datetime", pst.LongLit(1)))


def test_a_part_of_a_millisecond_is_cut_off() -> None:
    at = datetime(2001, 9, 9, 1, 46, 40, 999, tzinfo=UTC)
    assert milliseconds(at) == 1_000_000_000_000
    assert milliseconds(at + timedelta(microseconds=1)) == 1_000_000_000_001


def test_all_parties_can_be_named(cedar: Language) -> None:
    assert _rule(cedar, f'principal == Accord::Node::"{USA}", action, resource').partner == USA
