import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from accord.core.errors import AccordError
from accord.core.report import Form, Original, Report
from accord.live.marking import DefaultMarkings
from accord.node.kept import report_of, segments
from accord.storage.segment import Record, pack
from accord.storage.sqlite import SqliteDatabase
from support.database import a_kept_report
from support.released import SIX, heard

NO_DEFAULTS = DefaultMarkings()


def write(directory: Path, *reports: Report) -> None:
    writer = SqliteDatabase(directory / "journal.sqlite", max_bytes=1 << 28).writer()
    for number, report in enumerate(reports, start=1):
        assert report.original is not None
        writer.insert(pack([(number, report, report.original)]))
    writer.close()


def records(directory: Path, *, since: float = 0.0, holding: bytes = b"") -> list[Record]:
    return [
        segment.record(index)
        for segment in segments(directory, since=since, holding=holding)
        for index in range(len(segment))
    ]


def test_the_newest_comes_first_and_a_running_node_is_not_disturbed(tmp_path: Path) -> None:
    writer = SqliteDatabase(tmp_path / "journal.sqlite", max_bytes=1 << 28).writer()
    for number in (1, 2):
        report = a_kept_report(f"U{number}")
        assert report.original is not None
        writer.insert(pack([(number, report, report.original)]))
    reading = segments(tmp_path)
    assert next(reading).record(0).uid == "U2"
    report = a_kept_report("U3")
    assert report.original is not None
    writer.insert(pack([(3, report, report.original)]))
    assert [each.record(0).uid for each in reading] == ["U1"]
    writer.close()


def test_what_was_received_before_is_left_out_and_what_does_not_hold_the_words(
    tmp_path: Path,
) -> None:
    write(tmp_path, heard("A", 0), heard("B", 10), heard("C", 20))
    assert [each.uid for each in records(tmp_path, since=SIX.timestamp() + 10)] == ["C", "B"]
    assert [each.uid for each in records(tmp_path, holding=b'uid="B"')] == ["B"]


def test_a_damaged_segment_is_left_out(tmp_path: Path) -> None:
    write(tmp_path, heard("A", 0), heard("B", 10))
    with sqlite3.connect(tmp_path / "journal.sqlite") as file:
        file.execute("UPDATE segment SET data = substr(data, 1, 40) WHERE number = 2")
    file.close()
    assert [each.uid for each in records(tmp_path)] == ["A"]


def test_without_a_journal_there_is_nothing(tmp_path: Path) -> None:
    assert records(tmp_path) == []


def test_a_journal_that_is_none_is_named(tmp_path: Path) -> None:
    (tmp_path / "journal.sqlite").write_bytes(b"no database, but long enough to be looked at" * 9)
    with pytest.raises(AccordError, match=r"journal\.sqlite cannot be read"):
        records(tmp_path)


def test_a_kept_report_is_read_as_intake_had_it(tmp_path: Path) -> None:
    report = heard("A", 0)
    write(tmp_path, report)
    assert report_of(records(tmp_path)[0], NO_DEFAULTS) == report


def test_the_mark_that_its_group_gave_it_is_there_again(tmp_path: Path) -> None:
    write(tmp_path, heard("A", 0, marks=""))
    defaults = DefaultMarkings("NZL", groups={"Blue": "(R//REL TO FJI)"})
    found = report_of(records(tmp_path)[0], defaults)
    assert found is not None
    assert found.label is not None
    assert (found.label.level, found.label.by_default) == ("RESTRICTED", True)


def test_what_nobody_reads_is_none() -> None:
    report = heard("A", 0)
    record = Record(
        sequence=1, uid="A", body="position", context=report.context, source=report.source,
        groups=report.groups, doubts=report.doubts, to=report.to, received=report.received,
        stale=0.0, original=Original(Form.COT_XML, b"<event"),
    )  # fmt: skip
    assert report_of(record, NO_DEFAULTS) is None
    unknown = replace(record, original=Original("morse", b""))  # type: ignore[arg-type]
    assert report_of(unknown, NO_DEFAULTS) is None
