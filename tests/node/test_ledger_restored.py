"""A ledger is put back from a backup: found at once, said on both sides, and a way back."""

import asyncio
import shutil
from pathlib import Path

import pytest

from accord.federation.latch import Latch
from accord.release.ledger.entry import Gap, Release
from support.agreements import NZL, USA
from support.linked import Linked, linked
from support.links import Place
from support.node_process import accord
from support.ships import frigate
from support.tak_client import connected

pytestmark = pytest.mark.timeout(600)


async def command(*words: str | Path, code: int = 0) -> str:
    done = await asyncio.to_thread(accord, *words)
    assert done.returncode == code, done
    return done.stdout


async def released(both: Linked, *uids: str) -> None:
    """Have USA give these ships."""
    async with (
        connected(both.usa.addresses["cot-tcp"]) as giver,
        connected(both.nzl.addresses["cot-tcp"]) as client,
    ):
        for uid in uids:
            giver.say(frigate(uid))
            await client.hears(uid)


async def cosigned(both: Linked) -> int:
    """Have NZL cosign what USA's ledger has; return how many lines."""
    lines = len(Place(USA, both.places[USA]).ledger(NZL))
    await both.stop(USA)
    await both.start(USA)
    return (await both.until(USA, lambda each: each["cosigned"] >= lines))["cosigned"]


async def test_a_giver_whose_ledger_lost_lines_stops_until_another_is_begun_and_accepted(
    tmp_path: Path,
) -> None:
    async with linked(tmp_path) as both:
        usa, nzl = both.places[USA], both.places[NZL]
        await released(both, "FIRST")
        await both.stop(USA)
        shutil.copytree(usa / "ledger", tmp_path / "backup")
        await both.start(USA)
        await both.up()
        await released(both, "SECOND", "THIRD")
        await cosigned(both)
        await both.stop(USA)
        shutil.rmtree(usa / "ledger")
        shutil.copytree(tmp_path / "backup", usa / "ledger")
        await both.start(USA)
        ours = await both.until(USA, lambda each: each["state"] == "stopped")
        assert "a backup of the ledger was put back: it has" in ours["trouble"]
        assert "accord ledger renew DIR NZL-JFNZ" in ours["trouble"]
        theirs = await both.until(NZL, lambda each: "USA-PAC is not the one" in each["trouble"])
        assert "A backup was put back there" in theirs["trouble"]
        before = len(Place(USA, usa).ledger(NZL))
        await both.stop(USA)
        assert not any(isinstance(each, Release) and each.name == "FOURTH"
                       for each in Place(USA, usa).ledger(NZL))  # fmt: skip
        await command("ledger", "renew", usa, NZL, "--reason", "the disk died")
        assert not Latch.of(usa, NZL).why()
        await both.start(USA)
        await both.up()
        await released(both, "FOURTH")
        await both.until(USA, lambda each: "has not cosigned ledger 2 yet" in each["trouble"])
        said = await both.until(NZL, lambda each: "begun ledger 2" in each["trouble"])
        assert "--number 2" in said["trouble"]
        await command("ledger", "accept", nzl, USA, "--yes")
        well = await both.until(USA, lambda each: each["cosigned"] > 0 and not each["trouble"])
        assert well["state"] == "up"
        await both.until(NZL, lambda each: not each["trouble"])
        await both.stop(USA)  # signs a last checkpoint
        await both.stop(NZL)
    assert len(Place(USA, usa).ledger(f"{NZL}.1")) >= before  # as evidence
    assert sum(isinstance(each, Gap) for each in Place(USA, usa).ledger(NZL)) == 2
    for node in (usa, nzl):
        assert "whole" in await command("ledger", "verify", node)
    lost = await command("ledger", "verify", usa, f"{NZL}.1", code=1)
    assert "are missing" in lost
    await command("ledger", "export", usa, NZL, tmp_path / "usa.ledger")
    said = await command("ledger", "compare", nzl, USA, tmp_path / "usa.ledger")
    assert "DIFFERS" not in said
    assert "a ledger says itself that lines are gone" in said


async def test_a_witness_whose_ledger_lost_lines_cosigns_again_by_itself(tmp_path: Path) -> None:
    async with linked(tmp_path) as both:
        nzl = both.places[NZL]
        address = "{}:{}".format(*both.nzl.addresses["federation"])
        await released(both, "FIRST")
        await both.stop(NZL)
        shutil.copytree(nzl / "ledger", tmp_path / "backup")
        await both.start(NZL, **{"listen.federation": address})
        await both.up()
        await released(both, "SECOND")
        before = await cosigned(both)
        await both.stop(NZL)
        shutil.rmtree(nzl / "ledger")
        shutil.copytree(tmp_path / "backup", nzl / "ledger")
        await both.start(NZL, **{"listen.federation": address})
        await both.until(NZL, lambda each: "backup" in each["trouble"])
        await both.stop(NZL)
        await command("ledger", "renew", nzl, USA, "--reason", "the disk died")
        await both.start(NZL, **{"listen.federation": address})
        await both.up()
        await command("ledger", "accept", both.places[USA], NZL, "--yes")
        await released(both, "THIRD")
        assert await cosigned(both) > before
        await both.until(USA, lambda each: not each["trouble"])
