"""Two whole nodes in one process, each with its guard in a process of its own, over real TLS."""

import asyncio
from datetime import timedelta
from pathlib import Path
from shutil import rmtree

import pytest

from accord.core.clock import SystemClock
from accord.federation.link import PARTED
from accord.release.ledger.entry import Received, Refusals, Release
from accord.release.signature import Act, sign
from accord.storage.agreements import Agreements
from accord.storage.partners import PARTNERS, Partners
from accord.wire.cot import xml
from accord.wire.cot.message import CotPoint
from accord.wire.peer.message import Farewell
from support.agreements import NZL, USA, example, key_of
from support.in_process import ask
from support.linked import Linked, linked
from support.links import Place
from support.tak_client import connected

FOR_NZL = {"access": "UNCLASSIFIED", "releasableTo": "USA, NZL"}
FOR_USA = {"access": "UNCLASSIFIED", "releasableTo": "USA"}


def ship(
    uid: str,
    lat: float = -33.0,
    *,
    marks: dict[str, str] = FOR_NZL,
    type: str = "a-f-S",  # noqa: A002  the field's own word
    detail: str = "",
) -> bytes:
    now = SystemClock().now()
    return xml.compose(
        uid=uid, type=type, how="m-g", time=now, start=now, stale=now + timedelta(minutes=10),
        point=CotPoint(lat, 178.0, 0.0, 20.0, 9999999.0), detail=detail, marks=dict(marks),
    )  # fmt: skip


def lines(both: Linked, node: str, partner: str) -> list[object]:
    return list(Place(node, both.places[node]).ledger(partner))


async def test_what_is_marked_for_a_partner_reaches_its_clients_and_nothing_else_does(
    tmp_path: Path,
) -> None:
    async with (
        linked(tmp_path) as both,
        connected(both.usa.addresses["cot-tcp"]) as giver,
        connected(both.nzl.addresses["cot-tcp"]) as client,
    ):
        giver.say(ship("OWN", marks=FOR_USA))
        giver.say(ship("UNMARKED", marks={}))
        giver.say(ship("FRIGATE"))
        await client.hears("FRIGATE")
        partner = await both.until(USA, lambda each: each["released"].get("1 exact") == 1)
        assert partner["withheld"] == {"0.2 a clause forbids it": 2}
        assert "OWN" not in client.uids
        assert "UNMARKED" not in client.uids
        said = await ask(both.nzl, "/api/status")
        assert said["picture"]["tracks"] == 1
    given = [line for line in lines(both, USA, NZL) if isinstance(line, Release)]
    came = [line for line in lines(both, NZL, USA) if isinstance(line, Received)]
    assert [line.payload for line in given] == [line.payload for line in came]
    assert {line.name for line in given} == {"FRIGATE"}


async def test_what_was_believed_before_the_link_was_made_is_offered_and_comes_once(
    tmp_path: Path,
) -> None:
    async with linked(tmp_path) as both:
        await both.stop(NZL)
        async with connected(both.usa.addresses["cot-tcp"]) as giver:
            for step in range(5):
                giver.say(ship("FRIGATE", -33.0 + step / 100))
            await giver.is_taken_in()
            address = "{}:{}".format(*both.nzl.addresses["federation"])
            await both.start(NZL, **{"listen.federation": address})
            async with connected(both.nzl.addresses["cot-tcp"]) as client:
                await client.hears("FRIGATE")
                await both.up()
                await both.until(USA, lambda each: sum(each["waiting"].values()) == 0)
                assert client.uids.count("FRIGATE") == 1


async def test_what_came_of_a_partner_is_still_there_after_a_restart_with_its_source(
    tmp_path: Path,
) -> None:
    async with linked(tmp_path) as both:
        async with (
            connected(both.usa.addresses["cot-tcp"]) as giver,
            connected(both.nzl.addresses["cot-tcp"]) as client,
        ):
            giver.say(ship("FRIGATE"))
            await client.hears("FRIGATE")
        await asyncio.sleep(0.5)  # the journal commits every quarter of a second
        await both.stop(USA)
        await both.stop(NZL)
        await both.start(NZL)
        async with connected(both.nzl.addresses["cot-tcp"]) as client:
            await client.hears("FRIGATE")
        said = await ask(both.nzl, "/api/status")
        assert said["picture"]["tracks"] == 1
        assert any(USA in each and "missing" in each for each in said["problems"])


async def test_a_suspended_agreement_stops_what_flows_and_says_so(tmp_path: Path) -> None:
    async with (
        linked(tmp_path) as both,
        connected(both.usa.addresses["cot-tcp"]) as giver,
        connected(both.nzl.addresses["cot-tcp"]) as client,
    ):
        giver.say(ship("BEFORE"))
        await client.hears("BEFORE")
        terms = example().agreement
        act = sign(terms, Act.SUSPEND, node=USA, key=key_of(USA), at=SystemClock().now())
        Agreements(both.places[USA] / "agreements").add(act)
        await both.until(USA, lambda each: each["blocked"] or each["state"] != "up")
        giver.say(ship("AFTER"))
        await giver.is_taken_in()
        await asyncio.sleep(1.5)
        assert "AFTER" not in client.uids


async def test_a_partner_that_is_refused_is_cut_off_at_once_and_both_sides_know_why(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    async with linked(tmp_path) as both:
        Partners(both.places[NZL] / PARTNERS).deny(USA, "", SystemClock().now())
        there = await both.until(USA, lambda each: each["state"] == "down")
        said = await both.until(NZL, lambda each: each["state"] == "refused")
        assert "accord partner allow" in said["trouble"]
        ended = {why: n for why, n in there["closed"].items() if why in PARTED.values()}
        assert ended == {PARTED[Farewell.TRUST]: 1}
        assert caplog.text.count(f"link down partner={NZL}") == 1
        assert caplog.text.count(f"link down partner={USA}") == 1
        assert f'link down partner={USA} reason="the partner is refused"' in caplog.text


async def test_reports_are_counted_once_however_often_the_link_is_made_anew(
    tmp_path: Path,
) -> None:
    async with (
        linked(tmp_path) as both,
        connected(both.usa.addresses["cot-tcp"]) as giver,
        connected(both.nzl.addresses["cot-tcp"]) as client,
    ):
        giver.say(ship("OWN", marks=FOR_USA))
        giver.say(ship("FRIGATE"))
        await client.hears("FRIGATE")
        before = await both.until(USA, lambda each: each["released"].get("1 exact") == 1)
        register = Partners(both.places[USA] / PARTNERS)
        register.deny(NZL, "", SystemClock().now())
        parted = await both.until(USA, lambda each: each["state"] == "refused")
        assert (parted["released"], parted["waiting"]) == (before["released"], {})
        assert parted["lines"] >= 1
        assert parted["last_heard"] is not None
        register.allow(NZL, "")
        await both.up()
        giver.say(ship("FERRY"))
        await client.hears("FERRY")
        after = await both.until(USA, lambda each: each["released"].get("1 exact") == 2)
        assert after["withheld"] == before["withheld"] == {"0.2 a clause forbids it": 1}


async def test_what_one_side_has_not_activated_is_said_on_both(tmp_path: Path) -> None:
    async with linked(tmp_path) as both:
        name = example().agreement.id
        rmtree(both.places[NZL] / "agreements" / name)
        giver = await both.until(USA, lambda each: each["blocked"])
        assert giver["blocked"] == [
            f"{NZL} has not activated {name} serial 1, so nothing flows by it"
        ]
        said = await both.until(NZL, lambda each: each["blocked"])
        (why,) = said["blocked"]
        assert why.startswith(
            f"waiting for ours: {USA} has activated {name} serial 1, and this node has not: "
        )
        (waits,) = said["agreements"]
        assert (waits["here"], waits["there"], waits["takes"]) == (False, "activated", True)


async def test_a_partners_removal_ends_only_what_came_of_it(tmp_path: Path) -> None:
    async with (
        linked(tmp_path) as both,
        connected(both.usa.addresses["cot-tcp"]) as giver,
        connected(both.nzl.addresses["cot-tcp"]) as own,
        connected(both.nzl.addresses["cot-tcp"]) as client,
    ):
        own.say(ship("FERRY", -34.0, marks={}))
        await client.hears("FERRY")
        giver.say(ship("FERRY", -34.1))
        await both.until(USA, lambda each: each["released"].get("1 exact") == 1)
        giver.say(ship("GONE-1", type="t-x-d-d", detail='<link uid="FERRY" relation="p-p"/>'))
        await asyncio.sleep(1.0)
        said = await ask(both.nzl, "/api/status")
        assert said["picture"]["tracks"] == 1


async def test_what_is_withheld_stands_in_the_ledger_as_counts(tmp_path: Path) -> None:
    async with linked(tmp_path) as both, connected(both.usa.addresses["cot-tcp"]) as giver:
        giver.say(ship("OWN", marks=FOR_USA))
        await both.until(USA, lambda each: each["withheld"])
        await both.until(USA, lambda each: each["lines"] >= 1)
    (refusal, *_) = [line for line in lines(both, USA, NZL) if isinstance(line, Refusals)]
    assert [count.sort for count in refusal.counts] == ["a-f-S"]
