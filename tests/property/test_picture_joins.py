"""A person's joins, and what is left of them when they are undone."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from accord.core.body import Position
from accord.core.context import LIVE
from accord.core.identity import Identity
from accord.core.kind import Kind
from accord.core.report import Report
from accord.picture.decisions import Decision, Decisions, Verdict
from accord.picture.picture import Picture, PictureSettings
from accord.picture.places import base_of
from support.builders import a_point, a_report
from support.clock import START
from support.pictures import AIS, sizes

UIDS = ["MMSI-512800001", "MMSI-512800002", "MMSI-512800003"]
APART = 0.01
"""Degrees of longitude from one to the next: 880 m at 38 degrees south, too far for one ship."""

ship = st.sampled_from(range(len(UIDS)))
away = st.sampled_from([0.0, 5.0])
report = st.tuples(st.just("report"), ship, away)
join = st.tuples(st.just("join"), st.permutations(range(len(UIDS))), st.none())
undo = st.tuples(st.just("undo"), st.integers(0, 20), st.none())
Step = tuple[str, Any, float | None]


def said(number: int, lon: float, after: int) -> Report:
    uid = UIDS[number]
    at = START + timedelta(seconds=after // 2 * 10)  # two at a time
    return a_report(
        uid,
        at=at,
        identity=Identity(mmsi=uid.removeprefix("MMSI-")),
        kind=Kind.of("a-u-S"),
        source=AIS,
        body=Position(point=a_point(-38.0, 170.0 + number * APART + lon)),
    )


class Operator:
    """Decides about one picture, and has another that nobody decides about."""

    def __init__(self) -> None:
        self.picture = Picture(PictureSettings())
        self.plain = Picture(PictureSettings())
        self.heard: set[str] = set()
        self._decisions: list[Decision] = []
        self._reports = 0

    def report(self, number: int, lon: float) -> None:
        each = said(number, lon, self._reports)
        self._reports += 1
        self.heard.add(each.uid)
        self.picture.apply(each)
        self.plain.apply(each)

    def join(self, order: list[int]) -> None:
        self.join_named(*(UIDS[each] for each in order[:2]))

    def join_named(self, one: str, other: str) -> None:
        number = len(self._decisions) + 1
        self._decisions.append(
            Decision(
                number=number,
                context=LIVE,
                verdict=Verdict.JOIN,
                uid=one,
                other=other,
                at=START,
                by="kiwi",
                why="r",
            )
        )
        self._decide()

    def undo(self, number: int) -> None:
        if self._decisions:
            number %= len(self._decisions)
            self._decisions[number] = replace(self._decisions[number], undone=START)
            self._decide()

    def undo_all(self) -> None:
        self._decisions = [replace(each, undone=START) for each in self._decisions]
        self._decide()

    def _decide(self) -> None:
        self.picture.decide(Decisions(self._decisions))

    def take(self, step: Step) -> None:
        what, of, lon = step
        if lon is not None:
            self.report(of, lon)
        else:
            getattr(self, what)(of)

    def joined(self, uid: str) -> set[str]:
        return set(Decisions(self._decisions).together(LIVE, uid))


def shown(picture: Picture) -> dict[str, list[tuple[str, Any]]]:
    """Each track with the uid and the place of each claim."""
    return {
        each.id: sorted((claim.uid, str(claim.body)) for claim in each.claims.values())
        for each in picture.everything()
    }


def none_vanishes(operator: Operator) -> None:
    for uid in operator.heard:
        track = operator.picture.get(LIVE, uid)
        assert track is not None
        claims = {each.uid for each in track.claims.values()}
        assert uid in claims
        assert claims == operator.joined(uid) & operator.heard


steps = st.lists(st.one_of(st.tuples(st.just("report"), ship, st.just(0.0)), join, undo))


@given(steps)
def test_none_that_is_joined_vanishes_and_undone_it_is_as_if_it_never_was(
    steps: list[Step],
) -> None:
    operator = Operator()
    for step in steps:
        operator.take(step)
        none_vanishes(operator)
        assert len(operator.picture.everything()) == len(
            {frozenset(operator.joined(each) & operator.heard) for each in operator.heard}
        )
    operator.undo_all()
    assert shown(operator.picture) == shown(operator.plain)
    for number in range(len(UIDS)):
        operator.report(number, 0.0)
    assert shown(operator.picture) == shown(operator.plain)


@given(st.lists(st.one_of(report, join, undo)))
def test_of_identities_in_two_places_no_place_vanishes_either(steps: list[Step]) -> None:
    operator = Operator()
    for step in steps:
        operator.take(step)
        held = operator.picture.everything()
        claims = [claim for each in held for claim in each.claims.values()]
        assert len({each.id for each in held}) == len(held) == len(operator.picture)
        plain = [c for each in operator.plain.everything() for c in each.claims.values()]
        assert {str(each.body) for each in claims} == {str(each.body) for each in plain}
    operator.undo_all()
    assert sorted(shown(operator.picture).values()) == sorted(shown(operator.plain).values())


NAMES = [f"{uid}{place}" for uid in UIDS[:2] for place in ("", "~2")]


@given(st.lists(st.one_of(report, undo, st.permutations(NAMES).map(tuple))))
def test_joins_of_places_lose_no_identity_and_leave_nothing_behind(steps: list[Any]) -> None:
    operator = Operator()
    for step in steps:
        if len(step) == len(NAMES):
            operator.join_named(*step[:2])
        else:
            operator.take(step)
        held = operator.picture.everything()
        assert len({each.id for each in held}) == len(held) == len(operator.picture)
        assert all(operator.picture.get(LIVE, uid) in held for uid in operator.heard)
    operator.undo_all()
    held = operator.picture.everything()
    assert {base_of(each.id) for each in held} == {base_of(each) for each in operator.heard}
    for each in held:
        assert {base_of(claim.uid) for claim in each.claims.values()} == {base_of(each.id)}
    over = START + timedelta(days=2)
    operator.picture.expire(over)
    assert sum(sizes(operator.picture).values()) == 0
