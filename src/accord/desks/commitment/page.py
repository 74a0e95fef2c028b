"""The register as one HTML page, whole in itself: what we owe, what we are owed, what expires."""

from collections.abc import Sequence
from html import escape

from accord.desks.commitment.progress import Line, Register
from accord.posture.style import STYLE

_HEADS = ("Commitment", "Binds", "Who, to whom", "Due", "Until", "Stands", "Confirmed by")


def register_page(register: Register) -> str:
    """Return the page; the same register gives the same bytes."""
    title = f"Commitments of {escape(register.nation)} as they stand on {register.on}"
    sections = (
        ("owe", "What we owe", register.owe),
        ("owed", "What we are owed", register.owed),
        ("expiring", "What ends within 90 days", register.expiring),
        ("others", "Between others, or owed by nobody", register.others),
    )
    return "\n".join(
        [
            "<!doctype html>",
            f'<html lang="en"><head><meta charset="utf-8"><title>{title}</title>',
            '<meta name="viewport" content="width=device-width">',
            f"<style>{STYLE}</style></head><body>",
            '<header><p class="plan">What people promised: nothing on this page is live.</p>',
            f"<h1>{title}</h1></header><main>",
            *(_section(name, heading, lines) for name, heading, lines in sections),
            _unread(register),
            "</main></body></html>\n",
        ]
    )


def _section(name: str, heading: str, lines: Sequence[Line]) -> str:
    if not lines:
        return f'<section id="{name}"><h2>{heading}</h2><p>Nothing.</p></section>'
    heads = "".join(f'<th scope="col">{each}</th>' for each in _HEADS)
    rows = "".join(_row(each) for each in lines)
    return (
        f'<section id="{name}"><h2>{heading}</h2><div class="wide" tabindex="0" role="region" '
        f'aria-label="{heading}, clause by clause"><table><caption>{heading}</caption><thead><tr>'
        f"{heads}</tr></thead><tbody>{rows}</tbody></table></div></section>"
    )


def _row(line: Line) -> str:
    clause, origin = line.clause, line.record.origin
    grade = escape(origin.grade.words)
    standing = f'<b class="invented">{grade}</b>' if origin.is_invented else grade
    whom = f" to {escape(clause.owed_to)}" if clause.owed_to else ""
    cells = (
        clause.binding.value,
        f"{escape(clause.owed_by) or 'nobody'}{whom}",
        "" if clause.due is None else str(clause.due),
        "" if clause.until is None else str(clause.until),
        f"<b>{line.progress.value}</b>",
        escape(line.confirmed_by) or "nobody yet",
    )
    return (
        f'<tr><th scope="row">{escape(line.record.id)}.{clause.number} {escape(line.record.title)}'
        f"<small>{escape(line.sentence)} ({standing}, {escape(line.record.source)})"
        f"{_tied(line)}</small></th>"
        f"{''.join(f'<td>{each}</td>' for each in cells)}</tr>"
    )


def _tied(line: Line) -> str:
    return f"; tied to an agreement: {escape(line.tied)}" if line.tied else ""


def _unread(register: Register) -> str:
    items = "".join(
        f"<li>{escape(record.id)}, sentence {number}: {escape(record.sentences[number - 1])}</li>"
        for record, number in register.unread
    )
    if not items:
        return ""
    return f'<section id="unread"><h2>Not read yet</h2><ul>{items}</ul></section>'
