"""CoT by uid and by time, as ATAK, PyTAK and node-tak ask for it."""

from pathlib import Path

from lxml import etree

from accord.live.long_ago import LongAgo
from accord.live.marking import DefaultMarkings
from accord.storage.history.archive import Archive
from support.clock import START
from support.cot import cot_xml
from support.marti import Marti, marti
from support.moving import Kept, a_row, nothing_more
from support.past import keep
from support.released import SIX, heard
from support.tak import own_position

XML = "/Marti/api/cot/xml"


def uids(text: str) -> list[str]:
    root = etree.fromstring(text.encode())
    assert root.tag == "events"
    return [each.get("uid", "") for each in root]


async def test_the_newest_of_a_uid_comes_from_the_picture(api: Marti) -> None:
    session, _ = api.on_air("kiwi")
    session.receive(own_position("UID-kiwi", "KIWI", minute=5))
    answer = await api.ask("moa", "GET", f"{XML}/UID-kiwi")
    assert answer.text.startswith("<?xml")
    assert answer.headers["content-type"] == "application/xml"
    event = etree.fromstring(answer.content)
    assert (event.get("uid"), event.get("time")) == ("UID-kiwi", "2026-01-02T03:05:05.678Z")


async def test_nobody_gets_what_was_said_in_a_group_that_he_does_not_hear(
    api: Marti, tmp_path: Path
) -> None:
    keep(tmp_path, [heard("OLD", 0)])
    api.on_air("kiwi")
    await api.does("tui", "GET", f"{XML}/UID-kiwi", 404)
    assert uids(await api.does("tui", "GET", "/Marti/api/cot", json=["UID-kiwi", "OLD"])) == []
    assert uids(await api.does("tui", "GET", f"{XML}/OLD/all?{AROUND}")) == []
    assert uids(await api.does("tui", "GET", f"/Marti/api/cot/sa?{AROUND}")) == []


AROUND = f"start={SIX:%Y-%m-%d}T05:00:00Z&end={SIX:%Y-%m-%d}T07:00:00Z"


async def test_history_comes_from_the_journal_oldest_first(api: Marti, tmp_path: Path) -> None:
    shape = heard("AREA", 20, kind="u-d-f", detail='<link point="1,2"/><link point="3,4"/>')
    keep(tmp_path, [heard("SHIP", 0), heard("SHIP", 10), heard("OTHER", 15), shape])
    api.node.clock.advance(seconds=(SIX - START).total_seconds() + 60)
    text = await api.does("moa", "GET", f"{XML}/SHIP/all?secago=3600")
    assert uids(text) == ["SHIP", "SHIP"]
    assert uids(await api.does("moa", "GET", f"{XML}/SHIP/all?secago=55")) == ["SHIP"]
    everything = await api.does("moa", "GET", "/Marti/api/cot/sa?secago=3600")
    assert uids(everything) == ["SHIP", "SHIP", "OTHER", "AREA"]
    assert uids(await api.does("moa", "GET", f"{XML}/AREA/all")) == ["AREA"]
    one = etree.fromstring((await api.ask("moa", "GET", f"{XML}/AREA")).content)
    assert one.get("uid") == "AREA"  # it is on no picture any more
    await api.does("moa", "GET", f"{XML}/NONE", 404)


async def test_what_the_journal_has_no_more_comes_from_the_history(tmp_path: Path) -> None:
    later = 40_000
    kept = Kept(tmp_path / "history")
    kept.take_in(
        a_row(0, uid="SHIP", channel="tak", lat=-17.5, callsign="KAKA"),
        a_row(10, uid="OLD", channel="tak", lat=-17.5),
        a_row(20, uid="RED", channel="tak", groups=("Red",)),
    )
    archive = Archive(kept.source, nothing_more, memory=256 << 20)
    async with marti(tmp_path, LongAgo(archive, DefaultMarkings())) as api:
        keep(tmp_path, [heard("SHIP", later)])
        api.node.clock.advance(seconds=(SIX - START).total_seconds() + later + 60)
        text = await api.does("moa", "GET", f"{XML}/SHIP/all?secago=50000")
        old, new = etree.fromstring(text.encode())
        assert [each.xpath("string(point/@lat)") for each in (old, new)] == ["-17.5", "-17.9"]
        assert old.xpath("string(detail/contact/@callsign)") == "KAKA"
        everything = await api.does("moa", "GET", "/Marti/api/cot/sa?secago=50000")
        assert uids(everything) == ["SHIP", "OLD", "SHIP"]
        corner = "left=177&right=179&bottom=-17.6&top=-17.4"
        near = await api.does("moa", "GET", f"/Marti/api/cot/sa?secago=50000&{corner}")
        assert uids(near) == ["SHIP", "OLD"]
        # It is on no picture, and in no journal.
        one = etree.fromstring((await api.ask("moa", "GET", f"{XML}/OLD")).content)
        assert (one.get("uid"), one.get("type")) == ("OLD", "a-f-S-X-M")
        assert uids(await api.does("moa", "GET", "/Marti/api/cot", json=["OLD", "RED"])) == ["OLD"]
        await api.does("moa", "GET", f"{XML}/RED", 404)
        await api.does("tui", "GET", f"{XML}/OLD", 404)
        assert uids(await api.does("tui", "GET", f"{XML}/RED/all?secago=50000")) == ["RED"]
    archive.close()
    kept.close()


async def test_several_are_asked_for_at_once(api: Marti) -> None:
    api.on_air("kiwi")
    api.on_air("moa")
    said = await api.does("kea", "POST", "/Marti/api/cot", json=["UID-kiwi", "NONE", "UID-moa"])
    assert uids(said) == ["UID-kiwi", "UID-moa"]
    await api.does("kea", "POST", "/Marti/api/cot", 400, json={"uid": "x"})
    await api.does("kea", "POST", "/Marti/api/cot", 400, json=["x"] * 1001)


async def test_what_was_said_to_some_is_given_to_nobody(api: Marti) -> None:
    session, _ = api.on_air("kiwi")
    session.receive(cot_xml("SECRET", detail='<marti><dest callsign="MOA"/></marti>'))
    session.receive(cot_xml("OPEN"))
    await api.does("moa", "GET", f"{XML}/SECRET", 404)
    assert uids(await api.does("moa", "GET", "/Marti/api/cot", json=["SECRET", "OPEN"])) == ["OPEN"]


async def test_an_area_may_span_the_antimeridian(api: Marti, tmp_path: Path) -> None:
    keep(
        tmp_path,
        [heard("EAST", 0, at=(1, 179.5)), heard("WEST", 1, at=(1, -179.5)), heard("FAR", 2)],
    )
    api.node.clock.advance(seconds=(SIX - START).total_seconds() + 60)
    path = "/Marti/api/cot/sa?secago=3600&bottom=-90&top=90"
    assert uids(await api.does("moa", "GET", f"{path}&left=179&right=-179")) == ["EAST", "WEST"]
    assert uids(await api.does("moa", "GET", f"{path}&left=179&right=180")) == ["EAST"]
    await api.does("moa", "GET", f"{path}&left=x&right=180", 400)
    await api.does("moa", "GET", "/Marti/api/cot/sa?left=1", 400)
    for wrong in ("left=nan", "left=-181", "top=91", "bottom=inf", "right=1e400", "top=-91"):
        name = wrong.partition("=")[0]
        sides = {
            "left": "1",
            "bottom": "-90",
            "right": "2",
            "top": "90",
            name: wrong[len(name) + 1 :],
        }
        await api.does("moa", "GET", "/Marti/api/cot/sa", 400, params=sides)
    upside_down = "/Marti/api/cot/sa?left=1&right=2&bottom=3&top=2"
    await api.does("moa", "GET", upside_down, 400)
    await api.does("moa", "GET", "/Marti/api/cot/sa?start=yesterday", 400)
    await api.does("moa", "GET", "/Marti/api/cot/sa?start=2028-01-01T00:00:00Z", 400)
