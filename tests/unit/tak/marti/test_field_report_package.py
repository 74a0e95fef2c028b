"""Packages of the CI-TRAP tool: what of them is taken, and what is refused with a sentence."""

import io
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from lxml import etree

from accord.core.context import LIVE, Context
from accord.storage.field_reports import Extent
from accord.tak.marti import field_report_package as packages
from accord.tak.marti.field_report_package import enclosed_in, repacked, told_in, with_id
from accord.tak.marti.mission_package import BadPackage
from support.field_reports import a_package, a_report, entries, zipped

LIMIT = 1 << 20


@pytest.fixture
def package(tmp_path: Path) -> Path:
    return tmp_path / "package"


def refused(package: Path, data: bytes, match: str, limit: int = LIMIT) -> None:
    package.write_bytes(data)
    with pytest.raises(BadPackage, match=match):
        enclosed_in(package, limit)


def test_the_report_in_a_package_is_found_by_what_it_is(package: Path) -> None:
    xml = a_report()
    package.write_bytes(
        zipped(
            {
                "MANIFEST/manifest.xml": b"<MissionPackageManifest/>",
                "kml/<report.xml": b"<other><report/></other>",
                "half.xml": b"a <report that is none",
                "x/My Report.XML": b"\xef\xbb\xbf" + xml,
                "picture.jpg": b"<report",
            }
        )
    )
    found = enclosed_in(package, LIMIT)
    assert (found.entry, found.xml) == ("x/My Report.XML", b"\xef\xbb\xbf" + xml)
    assert told_in(found.xml).said["title"] == "Smoke over Ōtaki"


def test_a_package_without_one_report_is_refused(package: Path) -> None:
    refused(package, zipped({"a.jpg": b"x"}), "this has 0")
    refused(package, zipped({"a.xml": a_report(), "b.xml": a_report()}), "this has 2")
    long = zipped({"a.xml": a_report() + b" " * packages.MAX_REPORT})
    refused(package, long, "this has 0", 2 * LIMIT)


def test_what_is_no_whole_zip_is_refused(package: Path) -> None:
    refused(package, b"no zip", "the zip cannot be read")
    whole = bytearray(a_package())
    whole[60] ^= 0xFF
    refused(package, bytes(whole), "the zip cannot be read")
    twice = io.BytesIO()
    with zipfile.ZipFile(twice, "w") as archive:
        archive.writestr("a.xml", a_report())
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("a.xml", a_report())
    refused(package, twice.getvalue(), "two entries of one name")
    locked = bytearray(zipped({"a.xml": a_report()}))
    locked[locked.index(b"PK\x01\x02") + 8] |= 1
    refused(package, bytes(locked), "encrypted")


def test_a_zip_that_unpacks_to_more_than_is_taken_is_refused(package: Path) -> None:
    bomb = zipped({"TrapReport.xml": a_report(), "zeros": bytes(3 * LIMIT)})
    assert len(bomb) < LIMIT
    refused(package, bomb, "unpacks to more")
    halves = zipped({"a.xml": a_report(), "one": bytes(LIMIT // 2), "two": bytes(LIMIT // 2)})
    refused(package, halves, "unpacks to more")
    many = zipped({f"{number}": b"" for number in range(packages.MAX_ENTRIES + 1)})
    refused(package, many, "at most 1000")


@pytest.mark.parametrize("name", ["../up.jpg", "a/../../up", "/etc/x", "..\\up", "C:\\x", "a\x07"])
def test_a_name_that_others_take_for_a_way_out_is_refused(package: Path, name: str) -> None:
    refused(package, zipped({"a.xml": a_report(), name: b"x"}), "leads elsewhere")


def test_a_report_says_when_and_where(package: Path) -> None:
    told = told_in(a_report(id="R-1", tags="a", unknown="x"))
    assert told.id == "R-1"
    assert told.time == datetime(2026, 1, 2, 3, tzinfo=UTC)
    assert told.extent == Extent(175.15, -40.75, 175.15, -40.75)
    assert told.context == LIVE
    assert set(told.said) <= set(packages.ATTRIBUTES)
    assert told_in(a_report(dateTime="2026-01-02T16:00:00+13:00")).time == told.time
    assert told_in(a_report(location=None)).extent is None
    area = "POLYGON ((174 -41, 175 -41 12, 175 -40, 174 -41), (174.5 -40.9, 174.6 -40.9, 1 1))"
    assert told_in(a_report(location=area)).extent == Extent(1, -41, 175, 1)


@pytest.mark.parametrize(
    ("changes", "match"),
    [
        ({"dateTime": "yesterday"}, "dateTime is a moment"),
        ({"dateTime": None}, "dateTime is a moment"),
        ({"dateTime": "0001-01-01T00:00:00+14:00"}, "dateTime is a moment"),
        ({"location": "here"}, "location is a place"),
        ({"location": "POINT (1)"}, "location is a place"),
        ({"location": "POINT (1 .)"}, "location is a place"),
        ({"location": "POINT (175 -91)"}, "location is a place"),
        ({"location": "POINT (-181 0)"}, "location is a place"),
        ({"location": "POINT (nan 1)"}, "location is a place"),
        ({"location": "POINT (1e999 1)"}, "location is a place"),
        ({"id": "a/b"}, "id has up to"),
        ({"id": "a" * 129}, "id has up to"),
        ({"id": ""}, "id is empty"),
        ({"title": "x" * 1025}, "title is longer"),
        ({"opex": "e-" + "x" * 1024}, "exercise mark is longer"),
        ({"location": "POINT" + " " * 1000 + "x"}, "location is a place"),
        ({"opex": "wrong"}, "exercise mark"),
    ],
)
def test_a_report_that_cannot_be_is_refused(changes: dict[str, str | None], match: str) -> None:
    with pytest.raises(BadPackage, match=match):
        told_in(a_report(**changes))


@pytest.mark.parametrize(
    ("xml", "match"),
    [
        (b"<report", "no XML"),
        (b"<reports/>", "<report> outermost"),
        (b'<!DOCTYPE report [<!ENTITY a "b">]><report title="&a;"/>', "declares entities"),
        (b"<report>" + b"<section>" * 64 + b"</section>" * 64 + b"</report>", "more than 64"),
        (a_report() + b" " * packages.MAX_REPORT, "up to 1048576 bytes"),
        (a_report().decode().encode("utf-16"), "not in UTF-8"),
        (a_report(title=None).decode().encode("utf-16-le"), "not in UTF-8"),
    ],
)
def test_what_is_no_report_is_refused(xml: bytes, match: str) -> None:
    with pytest.raises(BadPackage, match=match):
        told_in(xml)


def test_a_report_that_declares_entities_is_refused_as_what_it_is(package: Path) -> None:
    xml = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a "b">]><report/>'
    package.write_bytes(zipped({"a.xml": xml}))
    with pytest.raises(BadPackage, match="declares entities"):
        told_in(enclosed_in(package, LIMIT).xml)


def test_the_exercise_mark_is_read_as_in_cot() -> None:
    exercise = Context.exercise("TASMAN")
    assert told_in(a_report(opex="e-TASMAN")).context == exercise
    assert told_in(a_report(opex="o-KAURI")).context == LIVE
    inside = a_report().replace(b"<section", b'<__exercise opex="e-TASMAN"/><section', 1)
    assert told_in(inside).context == exercise
    both = inside.replace(b"<report", b'<report opex="e-OTHER"', 1)
    with pytest.raises(BadPackage, match="marks differ"):
        told_in(both)


def test_an_id_is_put_into_a_report_that_has_none() -> None:
    for before in (b"", b"\xef\xbb\xbf"):
        xml = with_id(before + a_report(), 'a"&b')
        root = etree.fromstring(xml)
        assert root.get("id") == 'a"&b'
        assert root.get("title") == "Smoke over Ōtaki"
        assert root.find("section/option").get("value") == "grey"  # type: ignore[union-attr]
    assert told_in(with_id(b"<!-- <report --><report dateTime='2026-01-01'/>", "R")).id == "R"


def test_a_package_is_written_anew_with_other_entries(package: Path, tmp_path: Path) -> None:
    package.write_bytes(a_package())
    other, more = tmp_path / "other", tmp_path / "more"
    more.write_bytes(b"sound")
    repacked(package, other, {"TrapReport.xml": b"<report/>", "a.ogg": more})
    assert entries(other.read_bytes()) == {
        "images/smoke.jpg": b"\xff\xd8 a picture", "TrapReport.xml": b"<report/>",
        "a.ogg": b"sound",
    }  # fmt: skip
    package.write_bytes(b"gone")
    with pytest.raises(BadPackage):
        repacked(package, other, {})


def test_no_fault_says_where_a_package_lies(package: Path, tmp_path: Path) -> None:
    for work in (lambda: enclosed_in(package, LIMIT), lambda: repacked(package, package, {})):
        with pytest.raises(BadPackage) as fault:
            work()
        assert str(fault.value) == "the zip cannot be read: No such file or directory"
