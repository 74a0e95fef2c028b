import re
from dataclasses import replace
from datetime import UTC, date, datetime

from accord.desks.commitment.page import register_page
from accord.desks.commitment.progress import register
from accord.desks.commitment.record import Held
from accord.desks.commitment.statement import read_statement
from support.statements import STATEMENT

HELD = Held(
    record=read_statement(STATEMENT), notes=(), added_by="Moana",
    added=datetime(2026, 2, 11, tzinfo=UTC),
)  # fmt: skip


def page(on: date = date(2026, 9, 1), held: Held = HELD) -> str:
    return register_page(register([held], "NZL", on))


def section(text: str, name: str) -> str:
    found = re.search(rf'<section id="{name}">(.*?)</section>', text, re.DOTALL)
    assert found is not None
    return found[1]


def test_what_we_owe_are_owed_and_what_ends_soon_each_have_their_section() -> None:
    text = page()
    assert "JOINT.1 Ministers reaffirm" in section(text, "owe")
    assert "<b>not confirmed</b>" in section(text, "owe")
    assert "JOINT.2" in section(text, "owed")
    assert "JOINT.1" in section(text, "expiring")
    assert "nobody" in section(text, "others")
    assert "sentence 4: They look forward" in section(text, "unread")


def test_a_section_without_a_clause_says_nothing() -> None:
    assert "<p>Nothing.</p>" in section(page(date(2026, 2, 12)), "expiring")
    read = replace(HELD.record, sentences=HELD.record.sentences[:3])
    assert 'id="unread"' not in page(held=replace(HELD, record=read))


def test_what_is_invented_is_marked_and_nothing_that_was_said_is_markup() -> None:
    wicked = replace(HELD.record, title="<script>", source="<b>")
    text = page(held=replace(HELD, record=wicked))
    assert '<b class="invented">invented</b>' in text
    assert "<script" not in text
    assert "&lt;script&gt;" in text
    stated = STATEMENT.replace("conf: C", "conf: A")
    assert "stated by a source, joint" in page(held=replace(HELD, record=read_statement(stated)))


def test_the_page_is_one_file_without_a_script() -> None:
    text = page()
    assert text == page()
    assert not re.search(r"<script|src=|href=|https?:", text)
