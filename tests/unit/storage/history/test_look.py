from pathlib import Path

from accord.storage.history.engine import Order
from accord.storage.history.look import Look, Taken
from accord.storage.history.pieced import PiecedSource
from accord.storage.history.question import FOR_EVER, Question, Stretch
from support.histories import AnyKept
from support.moving import SIX, Kept, a_row

ALL = Question(stretch=Stretch(since=0, until=FOR_EVER))


def test_what_only_the_journal_has_is_found_with_the_rest(kept: AnyKept) -> None:
    kept.take_in(a_row(0), a_row(1, uid="S2"))
    asked: list[tuple[int, int]] = []

    def after(era: int, batch: int) -> Taken:
        asked.append((era, batch))
        return Taken([a_row(2)], 3, SIX + 2, whole=False)

    with kept.look(after) as look:
        assert list(look.rows(ALL)) == [a_row(1, uid="S2"), a_row(0), a_row(2)]
        assert list(look.rows(ALL, order=Order.RECEIPT)) == [
            a_row(0), a_row(1, uid="S2"), a_row(2)
        ]  # fmt: skip
    assert (asked, look.whole) == ([(0, 2)], False)


def test_without_a_history_the_journal_answers(tmp_path: Path) -> None:
    kept = Kept(tmp_path / "other")
    with PiecedSource(tmp_path / "none").moment() as moment:
        look = Look(moment, kept.engine, lambda *_: Taken([a_row(0)], 1, SIX))
        assert list(look.rows(ALL)) == [a_row(0)]


def test_what_a_partner_called_back_is_not_told(kept: AnyKept) -> None:
    partner = {"channel": "partner:USA"}
    kept.take_in(
        a_row(0, **partner), a_row(9, **partner), a_row(1),
        recalls={("partner:USA", "SHIP-1"): 5},
    )  # fmt: skip
    with kept.look() as look:
        assert list(look.rows(ALL, order=Order.RECEIPT)) == [a_row(1), a_row(9, **partner)]
    later = Taken([], 99, 0.0, recalls={("partner:USA", "SHIP-1"): 50})
    with kept.look(lambda *_: later) as look:
        assert list(look.rows(ALL)) == [a_row(1)]


def test_what_was_called_back_of_a_journal_before_hides_nothing_of_a_new_one(kept: AnyKept) -> None:
    kept.take_in(recalls={("partner:USA", "SHIP-1"): 1000}, batch=1000)
    kept.shelf.begin_era(0)
    kept.take_in(a_row(0, channel="partner:USA", era=1))
    with kept.look() as look:
        assert len(list(look.rows(ALL))) == 1


def test_pieces_that_cannot_answer_are_not_read(tmp_path: Path) -> None:
    kept = Kept(tmp_path)
    kept.take_in(a_row(0))
    (piece,) = kept.shelf.pieces()
    (tmp_path / piece.file).unlink()
    with kept.look() as look:
        question = Question(stretch=Stretch(since=SIX + 10, until=SIX + 20))
        assert list(look.rows(question)) == []


def test_rows_of_the_store_and_of_the_journal_come_in_the_order_that_is_asked_for(
    kept: AnyKept,
) -> None:
    stored = [a_row(n, uid=f"S{n * 7 % 5}") for n in range(20)]
    kept.take_in(*stored)
    waiting = [a_row(n, uid=f"S{n % 5}", sequence=n + 1) for n in range(20, 30)]
    later = Taken(waiting, 99, SIX + 30)
    every = [*stored, *waiting]
    with kept.look(lambda *_: later) as look:
        assert list(look.rows(ALL, order=Order.NUMBER)) == every
        assert list(look.rows(ALL, order=Order.NUMBER, most=22)) == every[:22]
        assert list(look.rows(ALL, order=Order.LATEST)) == every[::-1]
        assert list(look.rows(ALL, order=Order.LATEST, most=12)) == every[::-1][:12]
        assert list(look.rows(ALL)) == sorted(every, key=lambda row: row.label.uid)
        newest = {row.label.uid: row for row in every}
        told = list(look.rows(ALL, order=Order.RECEIPT, newest=True))
        assert {row.label.uid: row for row in told} == newest
        assert told == sorted(told, key=lambda row: row.fix.received)
        after = Question(stretch=ALL.stretch, after=(0, 18))
        assert list(look.rows(after, order=Order.NUMBER)) == every[18:]


def test_everything_that_is_said_of_a_position_comes_back(kept: AnyKept) -> None:
    whole = a_row(
        0.123456, uid="S\u00e9\U0001f6a2 '\\x1f", hops=("USA", "NZL"), groups=("Blue", "Red"),
        callsign="C", name="N", mmsi="512000000", imo="9074729", icao="c8217a", nation="NZL",
        access="UNCLASSIFIED", caveat="FOUO", releasable_to="FJI", opex="", form="coarse",
        hae=12.5, precision=10.0, course=90.25, speed=0.0, climb=-1.5,
        cell=(177.0, -19.0, 179.0, -17.0), doubts=("speed", "place"),
    )  # fmt: skip
    kept.take_in(whole, a_row(1))
    assert kept.rows() == [whole, a_row(1)]
