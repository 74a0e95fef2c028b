"""The handling marks of an event, all the way in and out."""

import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from accord.core import portion
from accord.core.marks import with_default
from accord.core.report import Report, Source
from accord.wire.cot import protobuf, xml
from accord.wire.cot.translate import to_cot, to_protobuf, to_report, to_xml

EVENT = (
    '<event version="2.0" uid="U1" type="a-f-G-U-C" how="m-g" time="2026-01-02T03:04:05.678Z" '
    'start="2026-01-02T03:04:05.678Z" stale="2026-01-02T03:09:05.678Z"{marks}>'
    '<point lat="-41.2" lon="174.7" hae="10.0" ce="9.9" le="9999999.0"/>{detail}</event>'
)
MARKS = ' access="RESTRICTED" caveat="ORCON" releasableTo="NZL, USA" opex="e-TASMAN"'
DEFAULT = portion.read("(R//OC//REL TO NZL, USA)", nation="NZL")
SHOWN = (
    b'<__marking access="RESTRICTED" caveat="ORCON" releasableTo="NZL, USA" by="default"/></detail>'
)


def _report(marks: str = "", detail: str = "<detail></detail>") -> Report:
    return to_report(
        xml.read(EVENT.format(marks=marks, detail=detail).encode()),
        source=Source(node="NZL-JFNZ", channel="tak", speaker="kiwi-1"),
        groups=frozenset({"Blue"}),
        received=datetime(2026, 1, 2, tzinfo=UTC),
    )


def test_an_event_brings_its_label() -> None:
    label = _report(MARKS).label
    assert label is not None
    assert label.opex is not None
    assert portion.write(label, nation="NZL") == "(R//OC//REL TO NZL, USA)"
    assert str(label.opex) == "e-TASMAN"
    assert not label.by_default


def test_an_event_without_marks_or_with_unknown_ones_brings_none() -> None:
    assert _report().label is None
    assert _report(MARKS.replace("ORCON", "PURPLE")).label is None


def test_the_misspelling_of_releasable_to_is_read() -> None:
    assert _report(MARKS.replace("releasableTo", "releaseableTo")).label == _report(MARKS).label


def test_marks_are_kept_by_protobuf_and_written_as_each_format_spells_them() -> None:
    report = _report(MARKS.replace("releasableTo", "releaseableTo"))
    kept = protobuf.read(to_protobuf(report))
    assert kept is not None
    assert b' releasableTo="NZL, USA"' in kept.xml
    assert (kept.access, kept.caveat, kept.releasable_to, kept.opex) == (
        "RESTRICTED", "ORCON", "NZL, USA", "e-TASMAN",
    )  # fmt: skip


def test_marks_are_kept_when_the_original_is_not() -> None:
    report = replace(_report(MARKS), original=None)
    again = to_cot(report)
    assert (again.access, again.caveat, again.releasable_to, again.opex) == (
        "RESTRICTED", "ORCON", "NZL, USA", "e-TASMAN",
    )  # fmt: skip
    assert b'<__exercise opex="e-TASMAN"/>' in to_xml(report)


@pytest.mark.parametrize(
    "detail", ["", "<detail/>", "<detail></detail>", '<detail><a/></detail><b c="d"/>']
)
def test_a_default_mark_is_shown_as_one_and_is_no_attribute(detail: str) -> None:
    shown = to_xml(with_default(_report(detail=detail), DEFAULT))
    assert SHOWN in shown
    event = xml.read(shown)
    assert (event.access, event.caveat, event.releasable_to) == (None, None, None)


def test_a_default_mark_is_shown_in_protobuf_too() -> None:
    event = protobuf.read(to_protobuf(with_default(_report(), DEFAULT)))
    assert event is not None
    assert SHOWN in event.xml


def test_what_shows_a_default_mark_is_never_taken_for_a_mark() -> None:
    shown = to_xml(with_default(_report(), DEFAULT)).decode()
    detail = re.findall("<detail>.*</detail>", shown)[0]
    assert _report(detail=detail).label is None
    other = portion.read("(S)", nation="NZL")
    shown_again = to_xml(with_default(_report(detail=detail), other))
    assert shown_again.count(b"<__marking") == 1
    assert b'<__marking access="SECRET" by="default"/>' in shown_again


def test_a_mark_that_was_given_is_sent_on_byte_for_byte() -> None:
    report = _report(MARKS.replace(' opex="e-TASMAN"', ""))
    assert report.original is not None
    assert to_xml(report) == report.original.data
