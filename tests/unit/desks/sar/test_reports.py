"""Situation reports: a draft stays here until a person has reviewed it, and says so on paper."""

import re
import zlib
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from accord.core.context import Context
from accord.desks.sar import sheet
from accord.desks.sar.cases import By, Cases, Line
from accord.desks.sar.entry import Entry, Kind, NotTaken
from accord.desks.sar.reports import State, lines, report_json, report_of, reports_of
from accord.desks.sar.sheet import LINES, page, pdf
from accord.desks.sar.voice import goes_out
from support.sar import MOANA, NODE, NOW, a_case, some_cases

TANE = By(name="Tane", now=NOW + timedelta(minutes=5))
EXERCISE = Context.exercise("TASMAN 26")


@pytest.fixture
def cases(tmp_path: Path) -> Cases:
    return some_cases(tmp_path)


def test_a_draft_leaves_the_node_only_as_what_a_person_has_reviewed(cases: Cases) -> None:
    case = a_case(cases).id
    stands = cases.draft(case, "USA", "the first words", MOANA)
    (draft,) = reports_of(stands)
    assert (draft.state, draft.mark) == (State.DRAFT, "DRAFT - NOT REVIEWED, NOT TO BE SENT")
    assert not goes_out(draft.last, NODE)
    stands = cases.review(case, draft.first.id, TANE, "better words")
    (report,) = reports_of(stands)
    assert report.last.value == "better words"
    assert report.mark == "REVIEWED BY Tane AT 260305Z NOV 2026"
    assert goes_out(report.last, NODE)
    said = report_json(report, own=NODE, told=report.last.number - 1)
    assert (said["drafted_by"], said["reviewed_by"], said["to"]) == ("Moana", "Tane", "USA")
    assert (said["state"], said["told"]) == ("reviewed", False)
    assert report_json(report, own=NODE, told=report.last.number)["told"] is True
    assert report_of(stands, report.last.id) == report_of(stands, draft.first.id) == report


def test_a_draft_is_reviewed_once_with_words_and_by_its_own_node(cases: Cases) -> None:
    case = a_case(cases).id
    (draft,) = reports_of(cases.draft(case, "USA", "words", MOANA))
    name = draft.first.id
    forged = Entry(
        case=case, node="USA", number=1, at=NOW, entered=NOW, by="USA", kind=Kind.REPORT,
        about="ALL", value="forged", seen=(name,),
    )  # fmt: skip
    cases.store.take([forged])
    mine, theirs = reports_of(cases.store.case(case))
    assert (mine.state, mine.last.value) == (State.DRAFT, "words")
    assert (theirs.draft, theirs.first.node) == (None, "USA")
    assert report_json(theirs, own=NODE, told=0)["told"] is True
    for text in (" ", "x" * 10_001):
        with pytest.raises(NotTaken, match="a report has"):
            cases.review(case, name, TANE, text)
    assert report_of(cases.review(case, name, TANE), name).last.value == "words"
    with pytest.raises(NotTaken, match="Tane has reviewed it at 260305Z NOV 2026"):
        cases.review(case, name, MOANA)
    with pytest.raises(NotTaken, match="waits for a review"):
        cases.review(case, "NZL:1", MOANA)
    with pytest.raises(NotTaken, match="no report 'X'"):
        report_of(cases.store.case(case), "X")


def test_reports_are_listed_and_one_that_was_let_go_at_once_is_its_writers(cases: Cases) -> None:
    case = a_case(cases)
    assert list(lines(reports_of(case))) == ["no reports"]
    line = Line(kind=Kind.REPORT, about="USA", value="text")
    stands = cases.log(case.id, line, MOANA)
    (row,) = lines(reports_of(stands))
    assert row.endswith("reviewed  to USA  REVIEWED BY Moana AT 260300Z NOV 2026")
    assert reports_of(cases.draft_now(stands, "USA", "now", TANE))[-1].state is State.DRAFT
    assert len(reports_of(cases.store.case(case.id))) == 1


def rows(data: bytes) -> list[list[str]]:
    """Return what every page of a PDF shows, row by row (ISO 32000-1, 9.4.3: the operator Tj)."""
    pages: list[list[str]] = []
    for found in re.finditer(rb"stream\n(.*?)\nendstream", data, re.DOTALL):
        content = found[1]
        if content[:1] == b"x":
            content = zlib.decompress(content)
        shown = re.findall(rb"\(((?:[^\\()]|\\.)*)\) Tj", content)
        pages.append([re.sub(rb"\\(.)", rb"\1", each).decode("cp1252") for each in shown])
    return pages


def test_the_pdf_has_every_line_and_says_on_every_page_what_it_is(cases: Cases) -> None:
    case = a_case(cases, EXERCISE).id
    text = "\n".join(f"line {n} (of \\ many)" for n in range(LINES + 5))
    (draft,) = reports_of(cases.draft(case, "USA", text, MOANA))
    data = pdf(draft)
    assert data.startswith(b"%PDF-1.4")
    assert data == pdf(draft)
    first, second = rows(data)
    for shown, number in ((first, 1), (second, 2)):
        assert shown[0] == shown[-1] == "EXERCISE EXERCISE EXERCISE (TASMAN 26)"
        assert shown[1] == "DRAFT - NOT REVIEWED, NOT TO BE SENT"
        assert f"PAGE {number} OF 2   CASE {case}" in shown
    assert "\n".join([*first[2:-2], *second[2:-2]]) == text


def test_long_lines_are_folded_and_letters_that_are_lacking_are_said(cases: Cases) -> None:
    case = a_case(cases).id
    words = "   " + "word " * 40
    text = f"{words}\n\nKororāreka \u65e5 \u00e9t\u00e9\a"
    (report,) = reports_of(cases.log(case, Line(kind=Kind.REPORT, about="A", value=text), MOANA))
    (shown,) = rows(pdf(report))
    assert max(map(len, shown)) <= 80
    assert shown[2].startswith("     word")
    assert " ".join(shown).count("word") == 40
    assert "Kororareka ? \u00e9t\u00e9" in shown
    assert any("WITHOUT THEIR MARKS" in each for each in shown)
    plain = replace(report, reviewed=replace(report.last, value="plain"))
    assert not any("WITHOUT" in each for each in rows(pdf(plain))[0])


def test_as_text_it_says_first_what_it_is(cases: Cases) -> None:
    case = a_case(cases, EXERCISE).id
    (draft,) = reports_of(cases.draft(case, "USA", "red flare\n", MOANA))
    exercise = "EXERCISE EXERCISE EXERCISE (TASMAN 26)"
    assert sheet.text(draft).splitlines() == [
        exercise, "DRAFT - NOT REVIEWED, NOT TO BE SENT", "", "red flare", exercise,
    ]  # fmt: skip
    live = a_case(cases).id
    (sent,) = reports_of(cases.log(live, Line(kind=Kind.REPORT, about="A", value="x"), MOANA))
    assert sheet.text(sent).splitlines()[0].startswith("REVIEWED BY ")
    assert sheet.text(sent).endswith("\n\nx\n")


def test_the_page_to_print_runs_nothing_and_shows_every_letter(cases: Cases) -> None:
    case = a_case(cases, EXERCISE).id
    (draft,) = reports_of(cases.draft(case, "USA", "<script>x</script> Kororāreka", MOANA))
    shown = page(draft)
    assert "&lt;script&gt;x&lt;/script&gt; Kororāreka" in shown
    assert "<script" not in shown
    assert shown.count("EXERCISE EXERCISE EXERCISE (TASMAN 26)") == 2
    assert shown.count("NOT REVIEWED") == 2
