import sqlite3
from collections import Counter
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from accord.core.context import LIVE, Context
from accord.core.principal import Direction, Principal
from accord.storage.field_reports import (
    EVERY,
    FORGOTTEN,
    REFUSED,
    Changed,
    Extent,
    FieldReport,
    FieldReports,
    Follower,
)
from accord.storage.migrate import scripts_of
from accord.storage.tak_file import Full, TakFile

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
KIWI = Principal(name="kiwi", groups={"Blue": Direction.BOTH})
TUI = Principal(name="tui", groups={"Red": Direction.BOTH})
PUKEKO = Principal(
    name="pukeko", groups={"Blue": Direction.BOTH}, exercises=frozenset({"TASMAN"})
)  # fmt: skip


def a_report(report_id: str, **changes: object) -> FieldReport:
    given = {
        "owner": "kiwi", "creator_uid": "UID-kiwi", "groups": frozenset({"Blue"}),
        "context": LIVE, "time": NOW, "said": {"id": report_id, "title": "Fire"},
        "extent": Extent(174.0, -41.0, 175.0, -40.0), "hash": "a" * 64, "entry": "Report.xml",
        "filed": NOW,
    }  # fmt: skip
    return FieldReport(id=report_id, **{**given, **changes})  # type: ignore[arg-type]


@pytest.fixture
def file(tmp_path: Path) -> TakFile:
    made = TakFile(tmp_path / "tak.sqlite")
    made.prepare()
    return made


@pytest.fixture
def reports(file: TakFile) -> FieldReports:
    return FieldReports(file, Counter())


def everything(reports: FieldReports) -> list[FieldReport]:
    return reports.some(lambda _: True, 100)


def test_reports_are_kept_changed_and_forgotten(file: TakFile, reports: FieldReports) -> None:
    one = a_report("1")
    other = a_report("2", time=NOW + timedelta(hours=1), extent=None, hash="b" * 64)
    reports.keep(one, None)
    reports.keep(other, None)
    assert everything(FieldReports(file, Counter())) == [other, one]
    changed = a_report("1", said={"title": "Smoke"}, hash="c" * 64)
    reports.keep(changed, one)
    assert reports.named("1") == [changed]
    assert not reports.may_have(KIWI, one.hash)
    assert reports.may_have(KIWI, changed.hash)
    reports.forget(changed)
    assert everything(reports) == [other]
    assert not reports.may_have(KIWI, changed.hash)


def test_an_id_is_one_persons_for_whoever_sees_it(reports: FieldReports) -> None:
    reports.keep(a_report("1"), None, by=KIWI)
    moa = Principal(name="moa", groups={"Blue": Direction.BOTH})
    with pytest.raises(Changed, match="another filed 1 meanwhile"):
        reports.keep(a_report("1", owner="moa", hash="b" * 64), None, by=moa)
    reports.keep(a_report("1", owner="tui", hash="b" * 64), None, by=TUI)
    assert {each.owner for each in reports.named("1")} == {"kiwi", "tui"}


def test_a_report_that_was_changed_meanwhile_is_not_overwritten(reports: FieldReports) -> None:
    one = a_report("1")
    reports.keep(one, None)
    with pytest.raises(Changed, match="send it again"):
        reports.keep(a_report("1", hash="b" * 64), None)
    reports.keep(a_report("1", hash="b" * 64), one)
    with pytest.raises(Changed):
        reports.keep(a_report("1", hash="c" * 64), one)
    reports.forget(one)
    with pytest.raises(Changed):
        reports.keep(a_report("1", hash="c" * 64), one)


def test_an_id_is_its_owners(reports: FieldReports) -> None:
    mine = a_report("1")
    theirs = a_report("1", owner="tui", groups=frozenset({"Red"}), filed=NOW + timedelta(seconds=1))
    reports.keep(mine, None)
    reports.keep(theirs, None)
    assert reports.named("1") == [theirs, mine]
    reports.forget(theirs)
    assert reports.named("1") == [mine]
    assert reports.may_have(KIWI, mine.hash)  # the same package
    assert not reports.may_have(TUI, mine.hash)


def test_only_so_many_are_found_of_a_time(reports: FieldReports) -> None:
    for number in range(5):
        made = a_report(str(number), time=NOW + timedelta(hours=number))
        reports.keep(made, None)
    hour = timedelta(hours=1)
    found = reports.some(lambda _: True, 9, since=NOW + hour, until=NOW + 3 * hour)
    assert [each.id for each in found] == ["3", "2", "1"]
    assert [each.id for each in reports.some(lambda each: each.id != "4", 2)] == ["3", "2"]


def test_a_report_is_seen_in_its_groups_and_its_context(reports: FieldReports) -> None:
    exercise = Context.exercise("TASMAN")
    reports.keep(a_report("1", context=exercise), None)
    assert [reports.may_have(each, "a" * 64) for each in (PUKEKO, KIWI, TUI)] == [
        True, False, False,
    ]  # fmt: skip
    (report,) = everything(reports)
    assert report.context == exercise
    assert report.sight.is_open_to(PUKEKO)
    assert not report.sight.is_open_to(KIWI)  # his own, which he is out of by now


def test_no_more_are_kept_than_may_be(file: TakFile) -> None:
    counts = Counter[str]()
    reports = FieldReports(file, counts, most=3, most_of_one=2)
    first = a_report("1")
    reports.keep(first, None)
    reports.keep(a_report("2"), None)
    with pytest.raises(Full, match="2 of one person"):
        reports.keep(a_report("3"), None)
    reports.keep(a_report("1", owner="moa"), None)
    with pytest.raises(Full, match="keeps 3 reports"):
        reports.keep(a_report("1", owner="tui"), None)
    reports.keep(a_report("1", hash="b" * 64), first)
    assert counts == {REFUSED: 2}


def test_clients_follow_reports_and_every_new_one(reports: FieldReports) -> None:
    one = a_report("1")
    reports.keep(one, None)
    reports.follow([one.key, EVERY], "UID-moa", "moa")
    reports.follow([one.key], "UID-moa", "moa")
    reports.follow([one.key], "UID-kiwi", "moa")
    reports.follow([one.key], "UID-kiwi", "kiwi")
    assert reports.followers(one.key) == [
        Follower("UID-moa", "moa"), Follower("UID-kiwi", "moa"), Follower("UID-kiwi", "kiwi"),
    ]  # fmt: skip
    assert not reports.unfollow(EVERY, "UID-moa", "tui")
    assert reports.unfollow(EVERY, "UID-moa", "moa")
    assert reports.followers(EVERY) == []
    reports.forget(one)
    assert reports.followers(one.key) == []


def test_who_followed_before_people_could_share_a_uid_follows_still(tmp_path: Path) -> None:
    path, before = tmp_path / "tak.sqlite", 6
    with closing(sqlite3.connect(path)) as rows:
        for script in scripts_of("tak")[:before]:
            rows.executescript(script)
        rows.execute(
            "INSERT INTO field_report_follower (report, owner, client_uid, person) "
            "VALUES ('1', 'kiwi', 'UID-moa', 'moa')"
        )
        rows.execute(f"PRAGMA user_version = {before}")
        rows.commit()
    made = TakFile(path)
    made.prepare()
    reports = FieldReports(made, Counter())
    reports.follow([("1", "kiwi")], "UID-moa", "tui")
    assert [each.person for each in reports.followers(("1", "kiwi"))] == ["moa", "tui"]


def test_who_follows_too_many_follows_the_last(file: TakFile) -> None:
    counts = Counter[str]()
    reports = FieldReports(file, counts, most_followed=2)
    reports.follow([("0", "kiwi")], "U", "tui")
    reports.follow([("1", "kiwi"), ("2", "kiwi"), ("3", "kiwi")], "U", "moa")
    told = [[f.person for f in reports.followers((each, "kiwi"))] for each in "0123"]
    assert told == [["tui"], [], ["moa"], ["moa"]]
    assert counts == {FORGOTTEN: 1}


@pytest.mark.parametrize(
    ("box", "meets"),
    [
        (Extent(174.5, -40.5, 180.0, 0.0), True),
        (Extent(175.1, -41.0, 180.0, -40.0), False),
        (Extent(174.0, -39.9, 175.0, 0.0), False),
        (Extent(174.0, -60.0, 175.0, -41.1), False),
        (Extent(170.0, -90.0, -170.0, 90.0), True),
        (Extent(176.0, -90.0, -170.0, 90.0), False),
    ],
)
def test_an_area_meets_another_over_the_antimeridian_too(box: Extent, *, meets: bool) -> None:
    place = Extent(174.0, -41.0, 175.0, -40.0)
    assert box.meets(place) is meets
    assert place.meets(box) is meets
