"""A node's keys are replaced while it is linked, and while its partner is away."""

import asyncio
import json
from pathlib import Path

import pytest

from accord.core.partner import KeyOf, Partner
from accord.release.frontmatter import spell_key
from accord.release.ledger.entry import Body, Receipt
from accord.security.own_keys import OwnKeys
from accord.storage.partners import PARTNERS, Partners
from accord.wire.peer.contents import read_content
from accord.wire.peer.record import Outcome
from accord.wire.peer.record import Receipt as Answer
from support.agreements import NZL, USA
from support.linked import Linked, linked
from support.links import Place
from support.node_process import accord
from support.ships import frigate
from support.tak_client import connected

pytestmark = pytest.mark.timeout(400)


def pinned(both: Linked) -> Partner:
    """What NZL has pinned of USA."""
    (partner,) = Partners(both.places[NZL] / PARTNERS).trusted().partners
    return partner


def answers(lines: list[Body]) -> list[Answer]:
    """What NZL answered, as it stands in a ledger."""
    given = [line for line in lines if isinstance(line, Receipt) and line.by == NZL]
    said = [read_content(each.statement) for each in given]
    return [each for each in said if isinstance(each, Answer)]


async def command(*words: str | Path) -> str:
    done = await asyncio.to_thread(accord, *words)
    assert done.returncode == 0, done
    return done.stdout


async def replaced(both: Linked, of: KeyOf) -> None:
    await command("federation", "keys", both.places[USA], "--replace", of, "--yes")


async def all_taken(both: Linked) -> None:
    """Wait until USA knows that NZL has pinned each of its keys."""
    async with asyncio.timeout(150):
        while True:
            if OwnKeys(both.places[USA]).pending(NZL) is None:
                return
            await asyncio.sleep(0.1)


@pytest.mark.parametrize("of", KeyOf)
async def test_a_key_is_succeeded_over_the_link_and_nothing_that_is_said_meanwhile_is_lost(
    tmp_path: Path, of: KeyOf
) -> None:
    async with (
        linked(tmp_path) as both,
        connected(both.usa.addresses["cot-tcp"]) as giver,
        connected(both.nzl.addresses["cot-tcp"]) as client,
    ):
        before = pinned(both)
        await replaced(both, of)
        giver.say(frigate("FIRST"))
        await all_taken(both)
        giver.say(frigate("SECOND", -34.0))
        await client.hears("FIRST")
        await client.hears("SECOND")
        said = await both.until(NZL, lambda each: each["keys"] and each["state"] == "up")
        assert f"its {of} key succeeded another" in said["keys"][0]
        # The link is made anew: a call that is cut off in the middle of that is counted, and so is
        # a state that was told before the cut, came, and is told again since no answer was there.
        assert said["refused"].keys() <= {"TLS: closed or too slow", "a state that was here"}
        ours = Place(USA, both.places[USA]).as_partner()
        assert before.changed(ours) == frozenset({of})
        assert pinned(both).changed(ours) == frozenset()
        told = await command("partner", "show", both.places[NZL], USA)
        assert before.key(of) in told
    # NZL's signed answer is in both ledgers. Where the link was made anew before USA had it, USA
    # said its key again and NZL answered again: always that it is taken, and always to the same.
    for node, partner in ((USA, NZL), (NZL, USA)):
        given = answers(Place(node, both.places[node]).ledger(partner))
        assert {each.outcome for each in given} == {Outcome.TAKEN}
        assert len({each.recall for each in given}) == 1
        assert ": whole" in await command("ledger", "verify", both.places[node])


async def test_a_partner_that_was_away_meets_what_it_knows_and_then_every_key_that_follows(
    tmp_path: Path,
) -> None:
    async with linked(tmp_path) as both:
        address = "{}:{}".format(*both.nzl.addresses["federation"])
        await both.stop(NZL)
        for of in (KeyOf.RELEASE, KeyOf.AUTHORITY, KeyOf.RELEASE):
            await replaced(both, of)
        await both.stop(USA)  # over a restart too
        await both.start(USA)
        waits = await both.until(USA, lambda each: len(each["keys"]) > 0)
        assert "has not taken this node's release key" in waits["keys"][-1]
        await both.start(NZL, **{"listen.federation": address})
        await all_taken(both)
        await both.up()
        ours = Place(USA, both.places[USA]).as_partner()
        assert pinned(both).changed(ours) == frozenset()
        assert [each.of for each in pinned(both).history] == ["release", "authority", "release"]


async def test_a_stolen_key_is_replaced_by_a_comparison_alone(tmp_path: Path) -> None:
    async with linked(tmp_path) as both:
        nzl, usa = both.places[NZL], both.places[USA]
        await command("federation", "keys", usa, "--replace", "release", "--stolen", "--yes")
        await both.until(NZL, lambda each: each["refused"].get("frame forged", 0) > 0)
        file = tmp_path / "usa.invitation"
        key = pinned(both).party_key
        said = json.loads(
            await command("partner", "invite", usa, file, "--party-key", key, "--json")
        )
        done = await asyncio.to_thread(accord, "partner", "add", nzl, file, "--expect", "x")
        assert "comes with another release key" in done.stderr
        given = ("--replace", "--expect", said["words"])
        told = await command("partner", "add", nzl, file, *given)
        assert told.startswith("replaced, with another release key: USA-PAC")
        await both.up()
        assert pinned(both).history[0].until == pinned(both).history[0].succeeded


async def test_another_key_of_the_people_ends_what_names_the_former_one_and_the_link_stays(
    tmp_path: Path,
) -> None:
    async with linked(tmp_path) as both:
        nzl, usa, file = both.places[NZL], both.places[USA], tmp_path / "usa.invitation"
        new = ("--party-key", spell_key(b"x" * 32), "--replace")
        said = json.loads(await command("partner", "invite", usa, file, *new, "--json"))
        (renew,) = said["renew"]
        told = await command("partner", "add", nzl, file, "--replace", "--expect", said["words"])
        assert told.startswith("replaced, with another key of its people: USA-PAC")
        assert f"{renew} names the former key of USA-PAC" in told
        why = f"{renew} names another key of USA-PAC"
        await both.until(NZL, lambda each: any(why in it for it in each["blocked"]))
        await both.up()
        there = await both.until(USA, lambda each: bool(each["blocked"]))
        assert f"{NZL} has not activated {renew}" in there["blocked"][0]
