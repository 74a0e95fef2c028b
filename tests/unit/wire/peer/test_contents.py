from typing import Any

import pytest

from accord.wire.errors import Malformed
from accord.wire.peer import cbor, contents, plain
from accord.wire.peer.errors import UnknownType
from accord.wire.peer.plain import content_bytes
from accord.wire.peer.record import Recall, RecallOf, UnknownContent, Void
from accord.wire.peer.report import Marks, Names, OpaqueBody
from support.peer import AT, a_header, a_label, a_subject, words

REPORT: Any = plain.content(words())[1]
SUBJECT: Any = plain.subject(a_subject())


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param({14: "x"}, id="a member that is not known"),
        pytest.param({1: None}, id="no origin"),
        pytest.param({2: ""}, id="an empty uid"),
        pytest.param({2: "x" * 257}, id="a uid that is too long"),
        pytest.param({6: {}}, id="names, and none of them"),
        pytest.param({6: {1: None}}, id="a name that is null"),
        pytest.param({7: {}}, id="marks, and none of them"),
        pytest.param({7: {5: False}}, id="by default, and it is not"),
        pytest.param({8: {1: "NZL", 2: "SECRET"}}, id="a label without originator"),
        pytest.param({8: {1: "A", 2: "B", 3: "C", 5: ["B", "A"]}}, id="nations out of order"),
        pytest.param({10: []}, id="groups, and none of them"),
        pytest.param({10: ["B", "B"]}, id="a group twice"),
        pytest.param({10: [str(n) for n in range(65)]}, id="too many groups"),
        pytest.param({11: [[3, "x"]]}, id="an addressee of no known kind"),
        pytest.param({13: ["AUS"] * 9}, id="a path that is too long"),
    ],
)
def test_a_subject_that_is_not_in_the_schema_is_refused(changed: dict[int, object]) -> None:
    assert contents.subject(SUBJECT) == a_subject()
    with pytest.raises(Malformed):
        contents.subject(SUBJECT | changed)


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param({5: 0}, id="a start that is the time"),
        pytest.param({5: 1 << 61}, id="a start past the year 9999"),
        pytest.param({8: []}, id="an empty body"),
        pytest.param({8: [7]}, id="a body of no known kind"),
        pytest.param({8: [6, 0]}, id="an opaque body with something in it"),
        pytest.param({8: [0, [900_000_001, 0, None, None, None], None, None, None]}, id="a place"),
        pytest.param({8: [0, None, 3600, None, None]}, id="a course of 360 degrees"),
        pytest.param({8: [1, [0, 0, None, None, None], -1, None]}, id="a negative radius"),
        pytest.param({8: [2, [], 1, None]}, id="closed with a number"),
        pytest.param({8: [2, [[0, 0, None, None, None]] * 10_001, True, None]}, id="points"),
        pytest.param({8: [3, "x" * 60_001, "", ""]}, id="words that are too long"),
        pytest.param({9: 1024}, id="a doubt that is not known"),
        pytest.param({10: [3, b""]}, id="an original of no known form"),
    ],
)
def test_a_report_that_is_not_in_the_schema_is_refused(changed: dict[int, object]) -> None:
    assert contents.content([1, REPORT]) == words()
    with pytest.raises(Malformed):
        contents.content([1, REPORT | changed])


def test_an_opaque_body_is_read() -> None:
    assert contents.content(plain.content(words(body=OpaqueBody()))) == words(body=OpaqueBody())


def test_marks_and_names_are_read_as_written() -> None:
    subject = a_subject(
        names=Names(None, "9074729", None, None, "KAITAKI", None),
        marks=Marks(None, "STAFF", None, "s-", by_default=True),
        label=a_label(caveats=("STAFF",), review=7, by_default=True),
    )
    assert contents.subject(plain.subject(subject)) == subject


@pytest.mark.parametrize(
    "which",
    [
        [0, bytes(8), "2", "", "live", "U1"],
        [0, bytes(8), "2", "NZL", "", "U1"],
        [0, bytes(8), "2", "NZL", "live", ""],
        [0, bytes(8), "", "NZL", "live", "U1"],
        [0, bytes(8), "2" * 65, "NZL", "live", "U1"],
        [1, bytes(8), "", "", "", ""],
        [1, bytes(8), "2", "NZL", "", ""],
        [1, bytes(8), "2", "", "", "U1"],
        [2, bytes(8), "2", "", "", ""],
        [2, bytes(8), "", "", "live", ""],
        [3, bytes(8), "", "", "", ""],
        [2, bytes(7), "", "", "", ""],
    ],
)
def test_a_recall_says_exactly_what_it_is_of(which: list[object]) -> None:
    with pytest.raises(Malformed):
        contents.content([2, [*which, "why", AT]])


@pytest.mark.parametrize(
    "name", ["\x1b[1A\x1b[2KUSA 1", "NZL-\u202eX", "NZL JFNZ", "nzl", "NZL-", "NZ1", "N" * 65, ""]
)
def test_the_name_of_a_node_is_that_of_one(name: str) -> None:
    """A nation of three letters, then words of capital letters and digits: nothing else."""
    for read, value in (
        (contents.subject, {**SUBJECT, 1: name}),
        (contents.subject, {**SUBJECT, 13: ["AUS", name]}),
        (contents.content, [2, [0, bytes(8), "2", name, "live", "U1", "why", AT]]),
        (contents.statement, [bytes(16), name, "USA", 4, 7, 2, AT, 1]),
        (contents.statement, [bytes(16), "NZL", name, 4, 7, 2, AT, 1]),
        (lambda hop: contents.evidence([*EVIDENCE[:3], [hop], None], as_it_is), [name, bytes(64)]),
    ):
        with pytest.raises(Malformed):
            read(value)


@pytest.mark.parametrize("by", [["", "exact"], ["1", ""]])
def test_a_grant_has_a_clause_and_a_form(by: list[str]) -> None:
    """What came by neither could not stand in the ledger."""
    with pytest.raises(Malformed):
        contents.grant([bytes(8), *by])


def test_an_object_is_called_back_by_the_clause_that_let_it_out() -> None:
    recall = Recall(
        of=RecallOf.OBJECT, agreement=bytes(8), clause="2", origin="NZL", context="live", uid="U1",
        reason="wrong", at=AT,
    )  # fmt: skip
    assert contents.read_content(content_bytes(recall)) == recall


def test_content_of_a_later_kind_is_told_apart_not_guessed_at() -> None:
    assert contents.content([9, {1: "whatever"}]) == UnknownContent(9)


def test_what_was_too_long_is_read_when_it_has_come() -> None:
    assert contents.read_content(content_bytes(words())) == words()
    header = cbor.write(plain.header(a_header()))
    assert contents.read_header(header) == a_header()


@pytest.mark.parametrize("value", [[0, [bytes(32), 5]], [10, 0]])
def test_a_reference_stands_for_no_other_and_for_nothing_unknown(value: object) -> None:
    with pytest.raises(UnknownType):
        contents.read_content(cbor.write(value))


def test_a_void_holds_nothing() -> None:
    assert contents.content([8, []]) == Void()
    with pytest.raises(Malformed):
        contents.content([8, [0]])


STATEMENT = [bytes(16), "NZL", "USA", 4, 7, 2, AT, 1]
EVIDENCE: list[Any] = [STATEMENT, bytes(64), [], [["USA", bytes(64)]], None]


def as_it_is(value: object) -> object:
    return value


def test_evidence_is_read_without_a_root() -> None:
    assert contents.evidence(EVIDENCE, as_it_is).statement == (*STATEMENT, b"")


def test_a_statement_is_spelled_out_before_it_is_read() -> None:
    later = [*STATEMENT[:4], 8, *STATEMENT[5:]]
    found = contents.evidence([{4: 1}, *EVIDENCE[1:]], lambda _: later)
    assert found.statement.number == 8


@pytest.mark.parametrize(
    "changed",
    [
        [STATEMENT, bytes(63), [], EVIDENCE[3], None],
        [STATEMENT, bytes(97), [], EVIDENCE[3], None],
        [STATEMENT, bytes(64), [bytes(31)], EVIDENCE[3], None],
        [STATEMENT, bytes(64), [], [], None],
        [STATEMENT, bytes(64), [], EVIDENCE[3] * 9, None],
        [STATEMENT, bytes(64), [], EVIDENCE[3], bytes(15)],
        [[*STATEMENT[:7], 0], bytes(64), [], EVIDENCE[3], None],
        [[*STATEMENT[:7], 2049], bytes(64), [], EVIDENCE[3], None],
    ],
)
def test_evidence_that_is_not_in_the_schema_is_refused(changed: list[object]) -> None:
    with pytest.raises(Malformed):
        contents.evidence(changed, as_it_is)
