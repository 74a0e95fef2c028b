"""A situation report on paper: as PDF, and as a page that a browser prints.

The PDF has the fixed letters that every reader brings along, so none are embedded: those of Latin
alphabets of western Europe. A letter beyond them is written without its mark, and that is said.
"""

import io
import textwrap
import unicodedata
from collections.abc import Iterator, Sequence
from html import escape

import pydyf

from accord.core.naming import printable
from accord.desks.sar.reports import SitRep

WIDE, HIGH = 595, 842
"""Points of a page of A4 (ISO 216: 210 by 297 mm)."""

LETTERS = 80
"""Letters of a line."""

_SIZE, _LEAD, _LEFT, _TOP = 10, 12, 56, 786
LINES = 56
"""Lines of a page."""

_WITHOUT = "(LETTERS THAT THIS FORM LACKS STAND WITHOUT THEIR MARKS, OR AS ?)"

STYLE = (
    "body{font:11pt/1.35 monospace;margin:2cm;color:#000;background:#fff}"
    "pre{font:inherit;white-space:pre-wrap}"
    "header,footer{font-weight:bold;border:1px solid #000;padding:.3em;text-align:center}"
)


def pdf(report: SitRep) -> bytes:
    """Return a report as PDF; the same report makes the same bytes."""
    text = report.last.value.splitlines()
    plain = [_plain(line) for line in text]
    note = [] if plain == text else ["", _WITHOUT]
    rows = [row for line in [*plain, *note] for row in _wrapped(line)]
    pages = [rows[n : n + LINES] for n in range(0, len(rows), LINES)]
    document = pydyf.PDF()
    font = pydyf.Dictionary({
        "Type": "/Font", "Subtype": "/Type1", "BaseFont": "/Courier",
        "Encoding": "/WinAnsiEncoding",
    })  # fmt: skip
    document.add_object(font)
    for number, page in enumerate(pages, 1):
        content = _content(report, page, f"PAGE {number} OF {len(pages)}")
        document.add_object(content)
        document.add_page(pydyf.Dictionary({
            "Type": "/Page", "Parent": document.pages.reference,
            "MediaBox": pydyf.Array([0, 0, WIDE, HIGH]), "Contents": content.reference,
            "Resources": pydyf.Dictionary({"Font": pydyf.Dictionary({"F": font.reference})}),
        }))  # fmt: skip
    out = io.BytesIO()
    document.write(out, version=b"1.4")
    return out.getvalue()


def _content(report: SitRep, rows: Sequence[str], number: str) -> "pydyf.Stream":
    head = [_plain(each) for each in (report.exercise, report.mark) if each]
    foot = [f"{number}   CASE {_plain(report.case.id)}", *([head[0]] if report.exercise else [])]
    content = pydyf.Stream()
    content.begin_text()
    content.set_font_size("F", _SIZE)
    placed = [
        *((_TOP + _LEAD * (len(head) - n), each) for n, each in enumerate(head)),
        *((_TOP - _LEAD * (n + 1), each) for n, each in enumerate(rows)),
        *((_TOP - _LEAD * (LINES + 2 + n), each) for n, each in enumerate(foot)),
    ]
    for up, row in placed:
        content.set_text_matrix(1, 0, 0, 1, _LEFT, up)
        content.show_text_string(row.encode("cp1252", "replace"))
    content.end_text()
    return content


def _wrapped(line: str) -> Iterator[str]:
    """Yield the rows of a line; what goes on is set in further than it began."""
    inside = line[: len(line) - len(line.lstrip())][:20]
    yield from textwrap.wrap(
        line, LETTERS, subsequent_indent=f"{inside}  ", drop_whitespace=True,
        replace_whitespace=False, break_on_hyphens=False,
    ) or [""]  # fmt: skip


def _plain(line: str) -> str:
    """Return a line in the letters of the form, without what is no letter."""
    return "".join(_letter(each) for each in printable(line, " "))


def _letter(letter: str) -> str:
    for each in (letter, unicodedata.normalize("NFKD", letter)[:1]):
        try:
            each.encode("cp1252")
        except UnicodeEncodeError:
            continue
        return each
    return "?"


def text(report: SitRep) -> str:
    """Return a report as plain text, to be sent; an exercise says so first and last."""
    head = [each for each in (report.exercise, report.mark) if each]
    foot = [report.exercise] if report.exercise else []
    return "\n".join((*head, "", report.last.value.strip("\n"), *foot)) + "\n"


def page(report: SitRep) -> str:
    """Return a report as a page to print: its own style, no script, nothing from elsewhere."""
    head = "<br>".join(escape(each) for each in (report.exercise, report.mark) if each)
    title = escape(f"{report.case.id} {report.first.id}")
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        f"<style>{STYLE}</style></head><body><header>{head}</header>"
        f"<pre>{escape(report.last.value)}</pre><footer>{head}</footer></body></html>\n"
    )
