from contextlib import closing
from pathlib import Path

import pytest

from accord.live.asked import GivenUp
from accord.live.reel import Reel
from accord.storage.segment import Origin
from accord.storage.sqlite import SqliteDatabase
from support.past import AS_LIVED, PARTNER, ends, keep, recalled
from support.released import after, heard


def a_reel(directory: Path, reports, *, is_awaited=lambda: True, wanted=lambda _: True) -> Reel:
    kept = keep(directory, reports)
    return Reel(
        kept, AS_LIVED.picture, AS_LIVED.journal, wanted=wanted, is_awaited=is_awaited
    )  # fmt: skip


def test_it_begins_with_what_made_the_picture_and_goes_on_with_what_came(tmp_path: Path) -> None:
    reports = [heard("S1", 0), heard("S1", 10), heard("S2", 5), heard("S1", 20), ends("S2", 30)]
    reports.sort(key=lambda each: each.received)
    reel = a_reel(tmp_path, reports)
    assert {each.uid: each.received for each in reel.begin(after(12))} == {
        "S1": after(10), "S2": after(5)
    }  # fmt: skip
    told, reached = reel.next(after(19))
    assert (told, reached) == ([], after(19))
    told, reached = reel.next(after(60))
    assert ([each.uid for each in told], reached) == (["S1", "ENDS-S2"], after(60))
    assert reel.whole


def test_only_what_is_wanted_is_read(tmp_path: Path) -> None:
    def wanted(origin: Origin) -> bool:
        return origin.source.is_partners

    reel = a_reel(tmp_path, [heard("S1", 0), heard("S2", 1, source=PARTNER)], wanted=wanted)
    assert [each.uid for each in reel.begin(after(5))] == ["S2"]


def test_what_was_called_back_is_not_played(tmp_path: Path) -> None:
    theirs = heard("S1", 10, source=PARTNER)
    reel = a_reel(tmp_path, [heard("S2", 0), theirs, recalled(theirs, after(30))])
    reel.begin(after(5))
    assert [each.uid for each in reel.next(after(20))[0]] == []


def test_it_gives_up_when_nobody_waits(tmp_path: Path) -> None:
    reel = a_reel(tmp_path, [heard("S1", 0)], is_awaited=lambda: False)
    with pytest.raises(GivenUp):
        reel.begin(after(5))


def test_what_came_while_the_clock_was_ahead_holds_up_nothing_that_came_since(
    tmp_path: Path,
) -> None:
    reel = a_reel(tmp_path, [heard("S1", 0), heard("S2", 7220), heard("S3", 40)])
    with closing(SqliteDatabase(tmp_path / "journal.sqlite", max_bytes=1 << 28).writer()) as writer:
        writer.set_back(after(30).timestamp(), upto=2, now=after(60).timestamp())
    reel.begin(after(5))
    told, reached = reel.next(after(60))
    assert [(each.uid, each.received) for each in told] == [("S2", after(30)), ("S3", after(40))]
    assert reached == after(60)
