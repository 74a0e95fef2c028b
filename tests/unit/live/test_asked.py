from accord.core.context import Context
from accord.core.report import Form, Source
from accord.live.asked import Held, thinned
from accord.storage.database import Span
from accord.storage.segment import Origin
from support.past import asked

TAK = Source(node="NZL-A", channel="tak", speaker="KIWI")


def origin(*, body: str = "position", context: str = "live", group: str = "Blue") -> Origin:
    there = Context.parse(context)
    return Origin(Form.COT_XML, body, there, TAK, frozenset({group}), frozenset())


def test_what_is_held_reaches_from_the_oldest_to_the_newest_of_all_channels() -> None:
    assert Held(channels={}).span is None
    assert Held(channels={"tak": Span(5, 9), "feed:ais": Span(3, 7)}).span == (3, 9)
    assert Held(channels={"tak": Span(5, 9)}, unparted=Span(1, 2)).span == (1, 9)


def test_who_asks_sees_positions_of_his_groups_in_the_context_that_he_asks_about() -> None:
    question = asked(0, 10)
    assert question.sees(origin())
    assert not question.sees(origin(body="alarm"))
    assert not question.sees(origin(context="exercise:TASMAN"))
    assert not question.sees(origin(group="Red"))


def test_a_moment_is_in_one_part_of_the_time_that_is_asked_about() -> None:
    question = asked(0, 10, parts=5)
    assert [question.part_of(question.since + after) for after in (0, 1.9, 2, 9.9)] == [0, 0, 1, 4]


def test_of_too_many_as_many_as_there_are_parts_are_chosen_with_both_ends() -> None:
    question = asked(0, 10, parts=3)
    assert thinned([1, 2, 3], question) == [1, 2, 3]
    assert thinned(range(11), question) == [0, 5, 10]
