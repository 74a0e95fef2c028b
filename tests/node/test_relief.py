"""Two whole nodes see one incident: under a clause, through a cut, and without names."""

import asyncio
from collections.abc import Callable
from pathlib import Path

from accord.core.clock import SystemClock
from accord.core.context import LIVE
from accord.desks.relief import alerts
from accord.desks.relief.alerts import Wanted
from accord.desks.relief.incident import Incident, NoSuchIncident
from accord.desks.relief.incidents import Row
from accord.desks.relief.line import By
from accord.desks.relief.sums import doubts
from accord.desks.relief.voice import shared_value
from accord.node.relief_files import incidents_of
from support.agreements import NZL, USA
from support.in_process import ask
from support.linked import linked
from support.relief import LOLA, TANKER, WATER
from support.relief_agreement import TEXT

BOTH = "(U//REL TO NZL, USA)"
GROUPS = frozenset({"Blue"})


def by(name: str) -> By:
    return By(name=name, now=SystemClock().now())


async def until(directory: Path, name: str, is_so: Callable[[Incident], bool]) -> Incident:
    store = incidents_of(directory).store
    async with asyncio.timeout(90):
        while True:
            try:
                found = store.incident(name)
            except NoSuchIncident:
                found = None
            if found is not None and is_so(found):
                return found
            await asyncio.sleep(0.1)


async def test_two_nodes_work_on_one_incident_through_a_cut_and_no_name_goes_along(
    tmp_path: Path,
) -> None:
    async with linked(tmp_path, TEXT) as both:
        here, there = incidents_of(both.places[NZL]), incidents_of(both.places[USA])
        name = here.open(LOLA, by("moana"), LIVE, "OWN-NOTE of JEAN-TARI").id
        rows = [
            Row(sort="need", fields={**WATER, "contact": "MARIE-KALO"}),
            Row(sort="offer", fields=TANKER),
            Row(sort="account", fields={"what": "MV-KEA", "aboard": "3"}),
            Row(sort="person", fields={"name": "JEAN-TARI", "state": "missing"}),
        ]
        for row in rows:
            here.put(name, row, by("moana"))
        here.share(name, shared_value(GROUPS, BOTH, NZL, with_names=False), by("moana"))
        alerts.issue(here, name, Wanted(typed={}, groups=GROUPS), by("moana"))
        theirs = await until(both.places[USA], name, lambda e: any(e.of("alert")))
        assert [each.sort for each in theirs.records.values()] == [
            "incident", "need", "offer", "alert",
        ]  # fmt: skip
        (alert,) = theirs.of("alert")
        assert alerts.groups_of(alert) == ["Everyone"]  # what the link speaks into at the receiver
        listed = await ask(both.usa, "/api/v1/relief/incidents")
        assert [each["id"] for each in listed["incidents"]] == [name]
        # The link is cut: both promise of one offer, and change one need unaware of each other.
        await both.stop(USA)
        there.share(name, shared_value(GROUPS, BOTH, USA, with_names=False), by("eagle"))
        for each, person, litres in ((here, "moana", "400"), (there, "eagle", "450")):
            match = {"need": f"{NZL}-N1", "offer": f"{NZL}-F1", "quantity": "200"}
            each.put(name, Row(sort="match", fields=match), by(person))
            changed = Row(sort="need", id=f"{NZL}-N1", fields={"quantity": litres})
            each.put(name, changed, by(person))
        await both.start(USA)
        await both.up()
        wanted = lambda e: bool(e.disputed) and len(list(e.of("match"))) == 2  # noqa: E731
        mine = await until(both.places[NZL], name, wanted)
        theirs = await until(both.places[USA], name, wanted)
        assert mine.disputed == theirs.disputed == ((f"need:{NZL}-N1", "quantity"),)
        need = f"need:{NZL}-N1"
        assert mine.records[need].text("quantity") == theirs.records[need].text("quantity")
        assert any("promised 100 L too much" in each for each in doubts(theirs))
    kept = b"".join(p.read_bytes() for p in both.places[USA].rglob("*") if p.is_file())
    assert b"Norsup" in kept
    for secret in (b"JEAN-TARI", b"MARIE-KALO", b"MV-KEA", b"OWN-NOTE", b"moana"):
        assert secret not in kept
