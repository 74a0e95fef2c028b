"""Two whole nodes work on one case: under a clause, through a cut, and with a hand-over."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from accord.core.clock import SystemClock
from accord.desks.sar.case import Case, NoSuchCase
from accord.desks.sar.cases import By, Line
from accord.desks.sar.entry import Kind
from accord.desks.sar.openings import from_call
from accord.desks.sar.voice import shared_value
from accord.node.case_files import cases_of
from support.agreements import NZL, USA
from support.in_process import ask
from support.linked import linked
from support.sar import RAFT
from support.sar_agreement import TEXT

BOTH = "(U//REL TO NZL, USA)"
GROUPS = frozenset({"Blue"})


def by(name: str) -> By:
    return By(name=name, now=SystemClock().now())


async def until(directory: Path, case: str, is_so: Callable[[Case], bool]) -> Case:
    cases = cases_of(directory)
    async with asyncio.timeout(90):
        while True:
            try:
                found = cases.store.case(case)
            except NoSuchCase:
                found = None
            if found is not None and is_so(found):
                return found
            await asyncio.sleep(0.1)


async def test_two_centres_work_on_one_case_through_a_cut_and_hand_it_over(tmp_path: Path) -> None:
    async with linked(tmp_path, TEXT) as both:
        here, there = cases_of(both.places[NZL]), cases_of(both.places[USA])
        case = here.open(from_call(RAFT, "a call"), by("moana")).id
        here.log(case, Line(kind=Kind.NOTE, value="NAME-OF-SKIPPER", is_private=True), by("moana"))
        here.share(case, shared_value(GROUPS, BOTH, NZL), by("moana"))
        theirs = await until(both.places[USA], case, lambda each: bool(each.text("wind")))
        assert theirs.text("lead") == NZL
        alerts = (await ask(both.usa, "/api/v1/alerts"))["alerts"]
        assert [each["priority"] for each in alerts if each["kind"] == "case"] == ["alarm"]
        # The link is cut: both go on, and change one fact unaware of each other.
        await both.stop(USA)
        there.share(case, shared_value(GROUPS, BOTH, USA), by("eagle"))
        there.log(case, Line(kind=Kind.COVERED, value='{"cells": {}, "pos": 0.1}'), by("eagle"))
        there.set(case, {"persons": "5"}, by("eagle"))
        here.set(case, {"persons": "4", "wind": "240/22"}, by("moana"))
        await both.start(USA)
        await both.up()
        mine = await until(
            both.places[NZL], case, lambda each: each.last(Kind.COVERED) is not None
            and bool(each.disputed),
        )  # fmt: skip
        theirs = await until(both.places[USA], case, lambda each: each.text("wind") == "240/22")
        assert mine.disputed == theirs.disputed == ("persons",)
        assert mine.text("persons") == theirs.text("persons")
        # The lead goes over, and the receipt comes back.
        here.offer(case, USA, by("moana"))
        await until(both.places[USA], case, lambda each: each.text("offered") == USA)
        there.lead(case, by("eagle"))
        mine = await until(both.places[NZL], case, lambda each: each.text("lead") == USA)
        assert mine.facts["lead"].entry.node == USA
    kept = b"".join(p.read_bytes() for p in both.places[USA].rglob("*") if p.is_file())
    for secret in (b"NAME-OF-SKIPPER", b"moana"):
        assert secret not in kept


async def test_a_partner_that_guesses_the_name_of_a_case_neither_hears_it_nor_writes_into_it(
    tmp_path: Path,
) -> None:
    async with linked(tmp_path, TEXT) as both:
        here, there = cases_of(both.places[NZL]), cases_of(both.places[USA])
        case = here.open(from_call(RAFT, "NAME-OF-OURS"), by("moana"))
        guessed = replace(case.log[0], value="a guess")
        assert there.store.take([guessed]) == 1
        there.share(case.id, shared_value(GROUPS, BOTH, USA), by("eagle"))
        there.set(case.id, {"persons": "9"}, by("eagle"))
        async with asyncio.timeout(90):
            while True:
                if "into cases that are not shared" in str(await ask(both.nzl, "/api/status")):
                    break
                await asyncio.sleep(0.1)
        assert here.store.case(case.id) == case
    kept = b"".join(p.read_bytes() for p in both.places[USA].rglob("*") if p.is_file())
    assert b"NAME-OF-OURS" not in kept
