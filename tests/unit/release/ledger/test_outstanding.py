from collections.abc import Sequence

import pytest

from accord.release.ledger.entry import Body, Entry, Recall
from accord.release.ledger.outstanding import Outstanding, takes_back
from support.ledger import AT, NZL, USA, received, release


def shown(bodies: Sequence[Body], limit: int = 10) -> Outstanding:
    """Lines from 1, shown the newest first."""
    found = Outstanding(USA.node, limit=limit)
    for number, body in reversed(list(enumerate(bodies, start=1))):
        found.look(Entry(number, AT, NZL.node, body))
    return found


def recall(
    clause: str | None = None, name: str | None = None, *, by: str = USA.node,
    agreement: str = "EXAMPLE-USA-NZL",
) -> Recall:  # fmt: skip
    return Recall(
        by=by, agreement=agreement, serial=1, clause=clause, name=name, reason="x", frame=9
    )


def version(name: str, ms: int, epoch: int = 1, **more: object) -> Body:
    return release(1, name=name, version=(epoch, ms), **more)


def test_of_each_object_the_newest_version_counts_whatever_the_order_of_lines() -> None:
    lines = [version("A", 1), version("B", 5), version("A", 3), version("A", 2)]
    assert shown(lines).numbers() == [2, 3]


def test_a_header_does_not_stand_before_the_state_that_went_earlier() -> None:
    assert shown([version("A", 0), version("A", 3), version("A", 0)]).numbers() == [2]


def test_a_version_of_a_later_epoch_is_newer() -> None:
    assert shown([version("A", 900), version("A", 1, epoch=2)]).numbers() == [2]


def test_what_came_from_the_partner_is_not_what_he_was_given() -> None:
    assert shown([received(1, name="A")]).numbers() == []


@pytest.mark.parametrize(
    "taken",
    [
        recall(name="A"),
        recall(clause="1.1"),
        recall(),
        recall(clause="1.1", name="A"),
    ],
)
def test_what_was_recalled_is_gone_until_it_is_released_again(taken: Recall) -> None:
    found = shown([version("A", 1), taken])
    assert (found.numbers(), found.recalled) == ([], 1)
    again = shown([version("A", 1), taken, version("A", 2)])
    assert (again.numbers(), again.recalled) == ([3], 0)


def test_objects_are_counted_as_recalled_and_not_their_versions_up_to_the_limit() -> None:
    given = [version(name, ms) for name in "ABC" for ms in (1, 2)]
    assert shown([*given, recall()]).recalled == 3
    assert shown([*given, recall()], limit=2).recalled == 2


@pytest.mark.parametrize(
    "taken",
    [
        recall(name="B"),
        recall(clause="1.2"),
        recall(agreement="OTHER"),
        recall(name="A", agreement="OTHER"),
        recall(by=NZL.node),
        recall(clause="1.2", name="A"),
    ],
)
def test_a_recall_takes_back_nothing_else(taken: Recall) -> None:
    assert shown([version("A", 1), taken]).numbers() == [1]


def test_beyond_the_limit_the_newest_objects_stay_and_lines_are_counted() -> None:
    found = shown([version("A", 1), version("B", 1), version("A", 2), version("C", 1)], limit=2)
    assert (found.numbers(), found.beyond) == ([3, 4], 1)


def test_only_a_release_is_taken_back() -> None:
    assert not takes_back(recall(), received(1))


def test_of_an_object_whose_newest_version_was_seen_older_ones_can_be_passed_over() -> None:
    found = Outstanding(USA.node, limit=1)
    looked = [
        found.look(Entry(9, AT, NZL.node, body))
        for body in (version("A", 3), version("A", 2), version("A", 4), version("B", 9))
    ]
    assert looked == [True, True, True, False]


def test_of_what_was_taken_back_each_older_line_has_to_be_looked_at() -> None:
    found = Outstanding(USA.node, limit=9)
    lines = (recall(name="A"), version("A", 2), received(1, name="A"))
    assert not any(found.look(Entry(9, AT, NZL.node, body)) for body in lines)
