from datetime import UTC, datetime
from hashlib import sha256

import pytest

from accord.core.agreement import Example
from accord.release.document import (
    MAX_BYTES,
    MAX_CLAUSES,
    MAX_LINE,
    MAX_REPORTS,
    read_document,
)
from accord.release.fault import AgreementError, Fault
from support.agreement_text import TEXT, changed, line_of


def _faults(text: str | bytes) -> tuple[Fault, ...]:
    data = text if isinstance(text, bytes) else text.encode()
    with pytest.raises(AgreementError) as refused:
        read_document(data)
    return refused.value.faults


def _fault(text: str | bytes) -> Fault:
    (fault,) = _faults(text)
    return fault


def test_an_agreement_is_read_with_its_facts_and_its_clauses() -> None:
    agreement = read_document(TEXT.encode()).agreement
    assert (agreement.id, agreement.serial, agreement.title) == ("TEST-1", 3, "A test")
    assert agreement.since == datetime(2027, 1, 1, tzinfo=UTC)
    assert agreement.digest == sha256(TEXT.encode()).hexdigest()
    assert [clause.number for clause in agreement.clauses] == ["0.1", "1"]


def test_a_clause_is_its_heading_its_sentence_its_cedar_text_and_its_examples() -> None:
    clause = read_document(TEXT.encode()).agreement.clause("1")
    assert clause.title == "Ships"
    assert clause.sentence == "Ships on the surface, exactly."
    assert clause.cedar == (
        'permit (principal, action == Accord::Action::"exact", resource)\n'
        'when { resource.domain == "surface" };'
    )
    assert clause.line == line_of(TEXT, "## 1 Ships")
    assert clause.cedar_line == line_of(TEXT, "permit (")
    assert clause.examples == (
        Example(report="a frigate", form="exact", partner=None, line=line_of(TEXT, "- releases")),
        Example(
            report="a frigate without a mark",
            form=None,
            partner="FJI-B",
            line=line_of(TEXT, '- withholds "a frigate without a mark" to'),
        ),
    )


def test_reports_are_described_and_what_they_have_in_common_too() -> None:
    document = read_document(TEXT.encode())
    assert [name for name, _ in document.reports] == ["a frigate", "a frigate without a mark"]
    assert document.usual["kind"] == "a-f-S-C"


def test_lines_may_end_as_in_windows_and_the_signed_bytes_are_those_that_were_read() -> None:
    text = TEXT.replace("\n", "\r\n").encode()
    agreement = read_document(text).agreement
    assert agreement.clause("1").sentence == "Ships on the surface, exactly."
    assert agreement.digest == sha256(text).hexdigest()


def test_a_heading_without_a_number_ends_a_clause_and_is_none() -> None:
    text = TEXT + "\n## Notes\n\nNobody is bound by this.\n\n# More\n"
    assert len(read_document(text.encode()).agreement.clauses) == 2


def test_a_clause_may_have_headings_lists_and_quotations_of_its_own() -> None:
    text = changed("Only what", "### Why\n\n- one [sic]\n> two & three\n\n1. Only what")
    assert len(read_document(text.encode()).agreement.clauses) == 2


@pytest.mark.parametrize(
    "line",
    [
        # CommonMark 0.31.2, 4.5: the first is no fence at all, the others are ended otherwise.
        "```cedar `",
        "````cedar",
        "``` cedar",
        " ```cedar",
        "~~~cedar",
        "```cedar ",
        "```python",
        "```",
    ],
)
def test_code_begins_in_one_way_only(line: str) -> None:
    fault = _fault(TEXT.replace("```cedar", line, 1))
    assert "code begins with the line ```cedar" in fault.sentence
    assert fault.line == line_of(TEXT, "```cedar")


@pytest.mark.parametrize("line", ["     ```", " ```", "````", "``` ", "~~~", "```cedar"])
def test_code_ends_in_one_way_only(line: str) -> None:
    fault = _fault(TEXT.replace("\n```\n", f"\n{line}\n", 1))
    assert "ends with the line ```, and is nothing else" in fault.sentence
    assert fault.line == line_of(TEXT, "unless { resource.marked };") + 1


@pytest.mark.parametrize(
    ("text", "said", "at"),
    [
        (TEXT.removeprefix("+++\n"), "begins with +++", 1),
        ("", "begins with +++", 1),
        (TEXT.replace("\n+++\n", "\n"), "does not end", 1),
        (changed("A test\"", "A \u202etest\""), "cannot be seen", 4),
        (changed("A test\"", "A \u200btest\""), "cannot be seen", 4),
        (changed("A test\"", "A\x00test\""), "cannot be seen", 4),
        (changed("A test\"", f"{'x' * MAX_LINE}\""), f"at most {MAX_LINE} characters", 4),
    ],
)  # fmt: skip
def test_what_is_no_agreement_at_all_is_refused_with_its_line(
    text: str, said: str, at: int
) -> None:
    fault = _fault(text)
    assert said in fault.sentence
    assert fault.line == at


def test_what_is_not_utf_8_is_refused_with_its_line() -> None:
    fault = _fault(TEXT.encode().replace(b"More words", b"M\xffre words"))
    assert (fault.line, "UTF-8" in fault.sentence) == (line_of(TEXT, "More words"), True)


def test_a_byte_order_mark_is_refused_with_what_to_do() -> None:
    fault = _fault(b"\xef\xbb\xbf" + TEXT.encode())
    assert (fault.line, "save as UTF-8 without BOM" in fault.sentence) == (1, True)


def test_a_list_above_the_cedar_text_is_for_people() -> None:
    text = changed("Only what is marked.\n", "Only what is\n\n- marked, and\n- marked well.\n")
    clause = read_document(text.encode()).agreement.clause("0.1")
    assert clause.sentence == "Only what is - marked, and - marked well."
    assert len(clause.examples) == 1


def test_a_tab_is_allowed() -> None:
    text = changed("More words.", "More\twords.")
    assert "More\twords." in text
    tabbed, usual = (read_document(each.encode()).agreement for each in (text, TEXT))
    said = [(each.number, each.sentence) for each in usual.clauses]
    assert [(each.number, each.sentence) for each in tabbed.clauses] == said


def test_an_agreement_without_clauses_is_refused() -> None:
    text = TEXT[: TEXT.index("## 0.1")]
    assert "there is no clause" in _fault(text).sentence


@pytest.mark.parametrize(
    ("old", "new", "said", "at", "clause"),
    [
        ("\nOnly what is marked.\n", "", "says nothing for people", "## 0.1", "0.1"),
        ('- withholds "a frigate without a mark"\n\n', "\n", "it has no example", "## 0.1", "0.1"),
        ("More words.", "```cedar\npermit (principal, action, resource);\n```",
         "other than its one cedar block", "```cedar\npermit (principal, action, resource);", "1"),
        ("More words.", "- releases a frigate", "an example is", "- releases a frigate", "1"),
        ("More words.", '* withholds "a frigate"', "an example is", '* withholds', "1"),
        ("More words.", '- releases "a frigate" as exact to them', "an example is", "to them", "1"),
        ("More words.", '- witholds "a frigate"', "an example is", "- witholds", "1"),
        ("More words.", '* released "a frigate" as exact', "an example is", "* released", "1"),
        ("More words.", '-witholds "a frigate"', "an example is", "-witholds", "1"),
        ("More words.", "- More words.", "an example is", "- More words.", "1"),
        ("## 1 Ships", "## 0.1 Ships", "used before, on line", "## 0.1 Ships", "0.1"),
    ],
)  # fmt: skip
def test_a_clause_that_is_not_whole_is_refused_with_line_and_number(
    old: str, new: str, said: str, at: str, clause: str
) -> None:
    text = changed(old, new)
    fault = _fault(text)
    assert said in fault.sentence
    assert (fault.line, fault.clause) == (line_of(text, at), clause)


def test_a_clause_without_cedar_text_is_refused() -> None:
    start, end = (
        TEXT.index("```cedar\nforbid"),
        TEXT.index('- withholds "a frigate without a mark"\n\n'),
    )
    fault = _fault(TEXT[:start] + TEXT[end:])
    assert "there is no cedar block" in fault.sentence
    assert fault.clause == "0.1"


def test_a_clause_that_is_its_heading_alone_is_refused() -> None:
    fault = _fault(f"{TEXT}\n## 2 Nothing")
    assert "there is no cedar block" in fault.sentence
    assert fault.clause == "2"


def test_a_cedar_block_that_does_not_end_is_refused() -> None:
    end = TEXT.rindex("```")
    fault = _fault(TEXT[:end] + TEXT[end + 4 :])
    assert "does not end" in fault.sentence
    assert fault.clause == "1"


def test_everything_that_is_wrong_with_the_clauses_is_said_in_the_order_of_lines() -> None:
    text = changed("\nOnly what is marked.\n", "").replace("## 1 Ships", "## 0.1 Ships")
    text = text.replace("- releases", "- releases a")
    faults = _faults(text)
    assert [fault.line for fault in faults] == [
        line_of(text, "## 0.1 Marking"),
        line_of(text, "## 0.1 Ships"),
        line_of(text, "- releases a"),
    ]


@pytest.mark.parametrize(
    "html",
    [
        *("<!-- not shown -->", "<span hidden>", "</b>", "<?x?>", "&#35;&#35; 1.9", "&num; 1.9"),
        *('[x]: # "not shown"', '[](# "not shown")'),
    ],
)
@pytest.mark.parametrize("place", ["Words before", "More words."])
def test_what_can_hide_words_from_readers_is_refused(html: str, place: str) -> None:
    text = changed(place, f"{html} {place}")
    fault = _fault(text)
    assert "hide" in fault.sentence
    assert fault.line == line_of(text, html)


@pytest.mark.parametrize(
    "heading",
    [
        "## 2",
        "## 2a Submarines",
        "## 2) Submarines",
        "## 1.2.3.4.5 Submarines",
        "## 12345 Submarines",
        " ## 2 Submarines",
        "##2 Submarines",
        "# 2 Submarines",
        "### 2 Submarines",
        "## Clause 2 Submarines",
        "## \N{FULLWIDTH DIGIT TWO} Submarines",
        "- ## 1.9 Submarines",
        "> ## 1.9 Submarines",
        "2. > # 1.9 Submarines",
        r"\## 1.9 Submarines",
        r"\#\# 1.9 Submarines",
    ],
)
def test_a_heading_that_people_would_take_for_a_clause_is_refused(heading: str) -> None:
    text = f"{TEXT}\n{heading}\n\nSubmarines are never released.\n"
    fault = _fault(text)
    assert "looks like the heading of a clause" in fault.sentence
    assert fault.line == line_of(text, heading)


@pytest.mark.parametrize(
    "heading", ["1.9 Submarines\n---", "1.9 Submarines\n  =", "> 1.9\n> --- ", "- ## X", "  ## X"]
)
def test_a_heading_that_only_some_readers_see_is_refused(heading: str) -> None:
    text = f"{TEXT}\n{heading}\n\nSubmarines are never released.\n"
    fault = _fault(text)
    assert "a heading is a line that begins with #" in fault.sentence
    assert fault.line == line_of(text, heading.split("\n")[-1])


@pytest.mark.parametrize(
    "letter", "\u034f\u115f\u1160\u17b4\u180b\u2800\u3164\ufe0f\uffa0\U000e0100"
)
def test_a_letter_that_looks_like_none_is_refused(letter: str) -> None:
    text = f"{TEXT}\n## {letter}1.9 Submarines\n"
    fault = _fault(text)
    assert "cannot be seen" in fault.sentence
    assert fault.line == line_of(text, "1.9 Submarines")


@pytest.mark.parametrize("blanks", [" " * 21, "\t" * 3, "\t  \t" + " " * 5])
@pytest.mark.parametrize("place", ["resource.marked", "More words", 'title = "A'])
def test_what_stands_far_to_the_right_is_refused(place: str, blanks: str) -> None:
    text = changed(place, f"{blanks}{place}")
    fault = _fault(text)
    assert "more than 20 blanks" in fault.sentence
    assert fault.line == line_of(text, place)


@pytest.mark.parametrize("place", ["unless", "[usual]", "More words"])
def test_a_comment_is_refused_in_code_and_front_matter_too(place: str) -> None:
    text = changed(place, f"// <!-- \n{place}")
    fault = _fault(text)
    assert "hide" in fault.sentence
    assert fault.line == line_of(text, "<!--")


@pytest.mark.parametrize("place", ["Words before the clauses.", "## Notes"])
def test_an_example_that_nothing_checks_is_refused(place: str) -> None:
    text = f"{TEXT}\n## Notes\n".replace(place, f'{place}\n\n- withholds "a submarine"\n')
    fault = _fault(text)
    assert "an example outside a numbered clause" in fault.sentence
    assert fault.line == line_of(text, '- withholds "a submarine"')


def test_code_outside_clauses_is_refused_since_it_would_look_like_one() -> None:
    text = changed("Words before the clauses.", "```cedar\npermit (principal);\n```")
    fault = _fault(text)
    assert "outside a numbered clause" in fault.sentence
    assert fault.line == line_of(text, "```cedar\npermit (principal);")


def test_size_is_limited_before_anything_else() -> None:
    assert "at most" in _fault(b"\xff" * (MAX_BYTES + 1)).sentence


def test_the_number_of_clauses_is_limited() -> None:
    many = "".join(f"## {n} x\n" for n in range(MAX_CLAUSES + 1))
    text = f"+++\nnot = looked at\n+++\n{many}"
    assert f"at most {MAX_CLAUSES} clauses" in _fault(text).sentence


def test_the_number_of_described_reports_is_limited() -> None:
    many = "".join(f'[report."{n}"]\n' for n in range(MAX_REPORTS))
    text = changed('[report."a frigate"]\n', f'{many}[report."a frigate"]\n')
    assert f"at most {MAX_REPORTS} reports" in _fault(text).sentence
