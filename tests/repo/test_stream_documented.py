"""docs/reference/stream.md says what is sent: a page is built from it alone."""

import re
from pathlib import Path

from accord.core.body import Position
from accord.core.report import Source
from accord.core.track import TrackStatus
from accord.live import view
from accord.wire.page import message
from accord.wire.page.translate import meta_of
from support.builders import a_report

TEXT = (Path(__file__).parents[2] / "docs" / "reference" / "stream.md").read_text("utf-8")


def section(title: str) -> str:
    return TEXT.split(f"### {title}\n", 1)[1].split("\n### ")[0].split("\n## ")[0]


def in_table(text: str) -> set[str]:
    """Return what stands in code in the first column of a table."""
    rows = re.findall(r"^\| (`[^|]*`) \|", text, re.MULTILINE)
    return {word for row in rows for word in re.findall(r"`([^`]*)`", row)}


def test_every_key_of_a_track_is_explained() -> None:
    report = a_report(body=Position(point=None), source=Source(node="A", channel="b", speaker="c"))
    said = meta_of(report, None, given=None, hears=frozenset(), ttl=1, claims=1)
    assert in_table(section("meta")) == {"i", *said}


def test_every_reason_to_be_gone_is_explained() -> None:
    reasons = {view.LOST, view.REMOVED, view.RECALLED, view.NOT_RELEASED, view.NO_ROOM}
    assert in_table(section("gone")) == reasons


def test_every_state_is_explained() -> None:
    states = {each.value for each in TrackStatus} - {TrackStatus.REMOVED.value}
    assert states <= set(re.findall(r"`([a-z]+)`", section("state")))


def test_every_limit_is_the_one_that_holds() -> None:
    assert f"At most {view.PIECE:,} tracks a message" in section("meta")
    assert f"At most {view.PIECE:,} tracks a message" in section("TRK1")
    assert f"At most {message.MAX_BYTES:,} bytes" in TEXT
