"""The agreement's text: front matter, then numbered clauses. Structure only; nothing is evaluated.

What is too large is refused before anything else is looked at.
"""

import codecs
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256

from accord.core.agreement import Agreement, Clause, Example
from accord.release.fault import AgreementError, Fault, refuse
from accord.release.frontmatter import FrontMatter, read_front_matter
from accord.release.toml import Table

MAX_BYTES = 1 << 20
MAX_CLAUSES = 500
MAX_LINE = 4_000
"""Characters of one line."""
MAX_REPORTS = 2_000

FENCE = "+++"
_HEADING = re.compile(r"## +(\d{1,4}(?:\.\d{1,4}){0,3})\.? +(\S.*)", re.ASCII)
_NUMBERED = re.compile(r"\\?#[\\#]*\s*(?:[Cc]lause\s+)?\d")
_OTHER_HEADING = re.compile(r"#{1,2} ")
_UNDERLINE = re.compile(r"(=+|-+)\s*")
_WITHIN = re.compile(r"(?:[\s>]|[-*+](?=\s)|\d{1,9}[.)](?=\s))*")
"""What puts a line into a list or a quotation."""
_OPENS, _CLOSES = "```cedar", "```"
_CODE = re.compile(r"\s*(```|~~~)")
_HIDDEN = re.compile(r"<[A-Za-z/!?]|\]\(|\]:|&#|&\w+;")
"""HTML, the titles of links and their definitions, and letters written as others."""
_COMMENT = "<!--"
_BLANKS = re.compile(r" {21}")
_UNSEEN = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)
"""Letters by their category, and nothing to the eye."""
_EXAMPLE = re.compile(
    r'- (?:releases "([^"]+)" as ([a-z0-9_-]+)|withholds "([^"]+)")(?: to ([A-Z0-9-]+))?\.?'
)
_BEGINS_EXAMPLE = re.compile(r"[-*+]\s*(releases|withholds)\b")
_BULLET = re.compile(r'[-*+](?:\s|\w+\s*")')
"""Below the Cedar text it can only be an example: a misspelt one would be checked by nobody."""

Line = tuple[int, str]
"""A line with its number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """An agreement as it was read, and how its examples' reports are described."""

    agreement: Agreement
    usual: dict[str, object]
    reports: tuple[tuple[str, Table], ...]


def read_document(data: bytes) -> Document:
    """Read the bytes of an agreement. Raises AgreementError."""
    if len(data) > MAX_BYTES:
        raise refuse(f"an agreement is at most {MAX_BYTES} bytes, and this is longer")
    lines = _lines(data)
    end = _end_of_front_matter(lines)
    numbers = _count_clauses(lines[end:])
    matter = read_front_matter("\n".join(line for _, line in lines[1 : end - 1]), 2)
    if len(matter.reports) > MAX_REPORTS:
        raise refuse(f"an agreement describes at most {MAX_REPORTS} reports for its examples")
    faults = list(_repeated(numbers))
    clauses: list[Clause] = []
    for section in _sections(lines[end:]):
        try:
            clauses.append(_clause(section))
        except AgreementError as error:
            faults += error.faults
    if faults:
        raise AgreementError(sorted(faults, key=lambda fault: fault.line or 0))
    agreement = _agreement(matter, tuple(clauses), sha256(data).hexdigest())
    return Document(agreement=agreement, usual=matter.usual, reports=matter.reports)


def _lines(data: bytes) -> list[Line]:
    if data.startswith(codecs.BOM_UTF8):
        # It is signed byte by byte, so nothing of it is left out in silence.
        raise refuse("there is a byte order mark: save as UTF-8 without BOM", line=1)
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise refuse("an agreement is UTF-8 text, and this is not", line=line) from None
    lines = [(number, line.removesuffix("\r")) for number, line in enumerate(text.split("\n"), 1)]
    for number, line in lines:
        if len(line) > MAX_LINE:
            raise refuse(f"a line is at most {MAX_LINE} characters", line=number)
        if _UNSEEN.search(line) or not line.replace("\t", "").isprintable():
            raise refuse("there is a character in it that cannot be seen", line=number)
        if _BLANKS.search(line.expandtabs()):
            raise refuse("more than 20 blanks, which can hide what comes after them", line=number)
        if _COMMENT in line:
            raise refuse("a comment of HTML, which can hide what comes after it", line=number)
    return lines


def _end_of_front_matter(lines: Sequence[Line]) -> int:
    """Return the place of the line after the front matter."""
    if lines[0][1] != FENCE:
        raise refuse(f"an agreement begins with {FENCE} and its front matter", line=1)
    for place, (_, line) in enumerate(lines[1:], 1):
        if line == FENCE:
            return place + 1
    raise refuse(f"the front matter does not end: there is no second {FENCE}", line=1)


def _count_clauses(lines: Sequence[Line]) -> list[tuple[int, str]]:
    numbers = [(at, match[1]) for at, line in lines if (match := _HEADING.fullmatch(line))]
    if len(numbers) > MAX_CLAUSES:
        raise refuse(f"an agreement has at most {MAX_CLAUSES} clauses, not {len(numbers)}")
    if not numbers:
        raise refuse("there is no clause: a heading such as `## 1 Surface picture`")
    return numbers


def _repeated(numbers: Sequence[tuple[int, str]]) -> Iterator[Fault]:
    seen: dict[str, int] = {}
    for line, number in numbers:
        if number in seen:
            yield Fault(f"the number was used before, on line {seen[number]}", line, number)
        seen.setdefault(number, line)


def _sections(lines: Sequence[Line]) -> Iterator[list[Line]]:
    """Yield the lines of each clause. Code outside clauses would look as if it counted."""
    section: list[Line] | None = None
    in_code = False
    for number, line in lines:
        was_in_code, in_code = in_code, _is_code_after(in_code, number, line)
        if not (was_in_code or in_code):
            _refuse_what_only_looks_it(number, line, section)
        if not in_code and _OTHER_HEADING.match(line):
            if section is not None:
                yield section
            section = [(number, line)] if _HEADING.fullmatch(line) else None
        elif section is not None:
            section.append((number, line))
        elif in_code:
            raise refuse("code outside a numbered clause", line=number)
    if section is not None:
        yield section


def _refuse_what_only_looks_it(number: int, line: str, section: list[Line] | None) -> None:
    """Refuse what somebody reads and nothing enforces, or nobody reads."""
    if _HIDDEN.search(line):
        raise refuse("HTML, a link or an entity, which can hide words", line=number)
    rest = _WITHIN.sub("", line, count=1)
    if _NUMBERED.match(rest) and not _HEADING.fullmatch(line):
        raise refuse(
            "it looks like the heading of a clause and is none: `## NUMBER TITLE`", line=number
        )
    if _UNDERLINE.fullmatch(rest) or (rest.startswith("#") and rest != line):
        raise refuse(
            "a heading is a line that begins with #, not underlined, in a list or in a quotation",
            line=number,
        )
    if section is None and _BEGINS_EXAMPLE.match(line.strip()):
        raise refuse("an example outside a numbered clause", line=number)


def _is_code_after(is_code: bool, number: int, line: str) -> bool:  # noqa: FBT001  passed on
    """Tell whether the next line is code; refuse what is a fence to one reader and not to another.

    CommonMark 0.31.2, 4.5: fences can be longer, indented and of tildes, and end otherwise then.
    """
    if line == (_CLOSES if is_code else _OPENS):
        return not is_code
    if _CODE.match(line):
        raise refuse(
            "code begins with the line ```cedar and ends with the line ```, and is nothing else",
            line=number,
        )
    return is_code


def _clause(section: Sequence[Line]) -> Clause:
    at, heading = section[0]
    match = _HEADING.fullmatch(heading)
    number, title = (match[1], match[2]) if match else ("", "")
    cedar_line, cedar, prose = _split(section[1:], number)
    meant = [each for each in prose if _is_meant_as_example(each, cedar_line)]
    before = [
        text.strip() for line, text in prose if line < cedar_line and (line, text) not in meant
    ]
    sentence = " ".join(text for text in before if text)
    if not sentence:
        raise refuse("it says nothing for people above its Cedar text", line=at, clause=number)
    examples = tuple(_example(line, text, number) for line, text in meant)
    if not examples:
        raise refuse(
            'it has no example, such as `- releases "REPORT" as FORM`', line=at, clause=number
        )
    return Clause(
        number=number,
        title=title.strip(),
        sentence=sentence,
        cedar=cedar,
        line=at,
        cedar_line=cedar_line,
        examples=examples,
    )


def _is_meant_as_example(line: Line, cedar_line: int) -> bool:
    at, text = line[0], line[1].strip()
    return bool(_BEGINS_EXAMPLE.match(text) or (at > cedar_line and _BULLET.match(text)))


def _split(lines: Sequence[Line], number: str) -> tuple[int, str, list[Line]]:
    """Return where the one Cedar block begins, its text, and everything else."""
    block: tuple[int, list[str]] | None = None
    prose: list[Line] = []
    is_code = False
    for at, line in lines:
        was_code, is_code = is_code, _is_code_after(is_code, at, line)
        if was_code and block is not None:
            if is_code:
                block[1].append(line)
        elif is_code:
            if block is not None:
                raise refuse("it has code other than its one cedar block", line=at, clause=number)
            block = (at + 1, [])
        else:
            prose.append((at, line))
    if block is None or is_code:
        where = lines[0][0] - 1 if lines else None
        raise refuse("there is no cedar block, or it does not end", line=where, clause=number)
    return block[0], "\n".join(block[1]), prose


def _example(line: int, text: str, clause: str) -> Example:
    match = _EXAMPLE.fullmatch(text.strip())
    if match is None:
        raise refuse(
            'an example is `- releases "REPORT" as FORM` or `- withholds "REPORT"`, '
            "with ` to NODE` where it is meant for one receiver",
            line=line,
            clause=clause,
        )
    released, form, withheld, partner = match.groups()
    return Example(report=released or withheld, form=form, partner=partner, line=line)


def _agreement(matter: FrontMatter, clauses: tuple[Clause, ...], digest: str) -> Agreement:
    return Agreement(
        id=matter.id,
        serial=matter.serial,
        title=matter.title,
        parties=matter.parties,
        givers=matter.givers,
        receivers=matter.receivers,
        since=matter.since,
        until=matter.until,
        contexts=matter.contexts,
        levels=matter.levels,
        forms=matter.forms,
        areas=matter.areas,
        onward=matter.onward,
        assumed_error=matter.assumed_error,
        invariants=matter.invariants,
        clauses=clauses,
        digest=digest,
    )
