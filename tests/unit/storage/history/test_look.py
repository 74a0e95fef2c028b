from pathlib import Path

from accord.storage.history.engine import Order
from accord.storage.history.look import Look, Taken
from accord.storage.history.question import FOR_EVER, Question, Stretch
from accord.storage.history.shelf import Shelf
from support.moving import SIX, Kept, a_row, nothing_more

ALL = Question(stretch=Stretch(since=0, until=FOR_EVER))


def test_what_only_the_journal_has_is_found_with_the_rest(tmp_path: Path) -> None:
    kept = Kept(tmp_path)
    kept.take_in(a_row(0), a_row(1, uid="S2"))
    asked: list[tuple[int, int]] = []

    def after(era: int, batch: int) -> Taken:
        asked.append((era, batch))
        return Taken([a_row(2)], 3, SIX + 2, whole=False)

    look = Look(kept.shelf, kept.engine, after)
    assert list(look.rows(ALL)) == [a_row(1, uid="S2"), a_row(0), a_row(2)]
    assert list(look.rows(ALL, order=Order.RECEIPT)) == [a_row(0), a_row(1, uid="S2"), a_row(2)]
    assert (asked, look.whole) == ([(0, 2)], False)


def test_without_a_history_the_journal_answers(tmp_path: Path) -> None:
    kept = Kept(tmp_path / "other")
    look = Look(Shelf(tmp_path / "none"), kept.engine, lambda *_: Taken([a_row(0)], 1, SIX))
    assert list(look.rows(ALL)) == [a_row(0)]


def test_what_a_partner_called_back_is_not_told(tmp_path: Path) -> None:
    kept = Kept(tmp_path)
    partner = {"channel": "partner:USA"}
    kept.take_in(
        a_row(0, **partner), a_row(9, **partner), a_row(1),
        recalls={("partner:USA", "SHIP-1"): 5},
    )  # fmt: skip
    look = Look(kept.shelf, kept.engine, nothing_more)
    assert list(look.rows(ALL, order=Order.RECEIPT)) == [a_row(1), a_row(9, **partner)]
    later = Taken([], 99, 0.0, recalls={("partner:USA", "SHIP-1"): 50})
    look = Look(kept.shelf, kept.engine, lambda *_: later)
    assert list(look.rows(ALL)) == [a_row(1)]


def test_what_was_called_back_of_a_journal_before_hides_nothing_of_a_new_one(
    tmp_path: Path,
) -> None:
    kept = Kept(tmp_path)
    kept.take_in(recalls={("partner:USA", "SHIP-1"): 1000}, batch=1000)
    kept.shelf.begin_era(0)
    kept.take_in(a_row(0, channel="partner:USA", era=1))
    assert len(list(Look(kept.shelf, kept.engine, nothing_more).rows(ALL))) == 1


def test_pieces_that_cannot_answer_are_not_read(tmp_path: Path) -> None:
    kept = Kept(tmp_path)
    kept.take_in(a_row(0))
    (piece,) = kept.shelf.pieces()
    look = Look(kept.shelf, kept.engine, nothing_more)
    (tmp_path / piece.file).unlink()
    question = Question(stretch=Stretch(since=SIX + 10, until=SIX + 20))
    assert list(look.rows(question)) == []
