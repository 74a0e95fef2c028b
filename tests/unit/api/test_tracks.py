import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from accord.api.story import Shelves
from accord.api.tracks import Around, Tracks
from accord.core.body import Position
from accord.core.context import Context
from accord.core.identity import Identity
from accord.core.kind import Kind
from accord.core.principal import Direction
from accord.core.report import Address, AddressKind, Report, Source
from accord.core.user import UserRole
from accord.node.kept import shelves
from accord.picture.picture import Picture, PictureSettings
from support.builders import a_point, a_report
from support.clock import START
from support.released import RECEIVER, GivingNode, after, heard
from support.sign_in import CHIEF, KIWI, PASSWORD, Desk, a_browser, a_desk, answering

PATH = "/api/v1/tracks"
NOTHING = Shelves(
    directory=Path("nowhere"), own="NZL-X", segments=lambda _: (), report_of=lambda _: None
)
SETTINGS = PictureSettings()
RED = frozenset({"Red"})


def by(speaker: str, uid: str = "U1", **changes: Any) -> Report:
    return a_report(uid, source=Source(node="NZL-X", channel="tak", speaker=speaker), **changes)


@dataclass
class Asked:
    """A picture, and what answers for it."""

    desk: Desk
    kept: Shelves = NOTHING
    picture: Picture = field(default_factory=lambda: Picture(SETTINGS))

    def has(self, *reports: Report) -> None:
        for each in reports:
            self.picture.apply(each)

    @asynccontextmanager
    async def browser(self, certificate: bytes | None = KIWI) -> AsyncIterator[httpx.AsyncClient]:
        around = Around(
            picture=self.picture,
            settings=SETTINGS,
            shelves=self.kept,
            form_of=lambda _: None,
            clock=self.desk.clock,
        )
        tracks = Tracks(around, self.desk.callers)
        async with a_browser(answering(tracks.routes()), certificate=certificate) as asking:
            yield asking
        tracks.close()

    async def get(self, path: str = PATH, **parameters: Any) -> httpx.Response:
        async with self.browser() as asking:
            return await asking.get(path, params=parameters)

    async def uids(self, **parameters: Any) -> list[str]:
        return [each["uid"] for each in (await self.get(**parameters)).json()["tracks"]]


@pytest.fixture
def asked(tmp_path: Path) -> Asked:
    return Asked(a_desk(tmp_path))


@pytest.mark.parametrize("path", [PATH, f"{PATH}/U1", f"{PATH}/U1/why"])
async def test_nobody_we_know_is_told_nothing(asked: Asked, path: str) -> None:
    asked.has(by("a"))
    async with asked.browser(certificate=None) as asking:
        assert (await asking.get(path)).status_code == 401


async def test_a_user_finds_what_his_groups_hear(asked: Asked) -> None:
    asked.has(by("a", "U1"), by("a", "U2", groups=RED))
    asked.desk.add("rangi", UserRole.VIEWER, groups={"Red": Direction.OUT})
    found: dict[str, list[str]] = {}
    for name in ("moana", "rangi"):
        signed = await asked.desk.accounts.sign_in(name, PASSWORD, "192.0.2.1")
        async with asked.browser(certificate=None) as asking:
            headers = {"cookie": f"accord_session_NZL-X={signed.token}"}
            said = (await asking.get(PATH, headers=headers)).json()
            found[name] = [each["uid"] for each in said["tracks"]]
    assert found == {"moana": ["U1"], "rangi": ["U2"]}


async def test_an_administrator_sees_no_more_than_his_groups(asked: Asked) -> None:
    asked.has(by("a", "U1", groups=RED))
    async with asked.browser(certificate=CHIEF) as asking:
        assert (await asking.get(PATH)).json() == {"tracks": [], "next": None}


async def test_a_search_finds_what_matches(asked: Asked) -> None:
    north = Position(point=a_point(lat=10.0, lon=-175.0))
    asked.has(
        by("a", "U1", identity=Identity(name="RANGITATA"), kind=Kind.of("a-n-S-X-M")),
        by("a", "U2", body=north, kind=Kind.of("a-f-A")),
        by("a", "U3", context=Context.exercise("TASMAN")),
    )
    assert await asked.uids() == ["U1", "U2"]
    assert await asked.uids(q="rangi") == ["U1"]
    assert await asked.uids(kind="a-.-A") == ["U2"]
    assert await asked.uids(affiliation="n") == ["U1"]
    assert await asked.uids(source=["NZL-X", "x"]) == ["U1", "U2"]
    assert await asked.uids(bbox="170,0,-170,20") == ["U2"]
    assert await asked.uids(context="exercise:TASMAN") == []  # he takes no part


async def test_what_is_searched_is_what_one_may_see_and_not_what_leads(asked: Asked) -> None:
    """Nor can a search find out what a claim says that one may not see."""
    far = Position(point=a_point(lat=10.0, lon=10.0))
    secret = Identity(name="SECRET", callsign="CALL-U1")
    asked.has(by("a"), by("b", at=START + timedelta(seconds=1), groups=RED, body=far,
                          identity=secret, kind=Kind.of("a-h-G")))  # fmt: skip
    assert await asked.uids(q="secret") == []
    assert await asked.uids(affiliation="h") == []
    assert await asked.uids(bbox="0,0,20,20") == []
    assert await asked.uids(group="Red") == []
    assert await asked.uids(bbox="170,-50,180,-40") == ["U1"]
    (track,) = (await asked.get()).json()["tracks"]
    assert (track["affiliation"], track["claims"]) == ("f", 1)


async def test_a_long_answer_comes_in_pieces_that_have_everything_once(asked: Asked) -> None:
    uids = sorted([*(f"U{n}" for n in range(25)), "\u0101/x", "a" * 3000 + "1", "a" * 3000 + "2"])
    asked.has(*(by("a", uid) for uid in uids))
    found: list[str] = []
    parameters: dict[str, Any] = {"limit": 10}
    for _ in range(3):
        said = (await asked.get(**parameters)).json()
        found += [each["uid"] for each in said["tracks"]]
        parameters["cursor"] = said["next"]
    assert parameters["cursor"] is None
    assert sorted(found) == uids


async def test_others_get_their_turn_while_many_tracks_are_looked_at(
    asked: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("accord.api.tracks.TURN", 10)
    asked.has(*(by("a", f"U{n}") for n in range(100)))
    turns = 0

    async def another() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0)
            turns += 1

    other = asyncio.ensure_future(another())  # noqa: TID251  ended below
    assert len(await asked.uids()) == 100
    other.cancel()
    assert turns >= 9  # between ten goes


async def test_one_track_has_every_claim_that_one_may_see_the_leading_one_first(
    asked: Asked,
) -> None:
    late = START + timedelta(seconds=5)
    asked.has(by("a"), by("b", at=late), by("c", groups=RED), by("d", at=START))
    said = (await asked.get(f"{PATH}/U1")).json()
    assert said["claims"][0]["speaker"] == "b"
    assert {each["speaker"] for each in said["claims"]} == {"a", "b", "d"}
    assert (said["track"]["speaker"], said["track"]["claims"]) == ("b", 3)
    assert {"raw", "age_s", "over"} <= set(said["claims"][0])


async def test_a_uid_may_have_anything_in_it(asked: Asked) -> None:
    for uid in ("a/b", "a b", "\u0101?x#y", "why", "%2F", "x/why/y", "<script>"):
        asked.has(by("a", uid))
        answer = await asked.get(f"{PATH}/{quote(uid)}")
        assert answer.status_code == 200, uid
        assert answer.json()["track"]["uid"] == uid


@pytest.mark.parametrize("uid", ["U2", "SECRET-1", "nothing"])
async def test_what_one_may_not_see_is_not_there(asked: Asked, uid: str) -> None:
    """Nor does a track answer to a uid that only a hidden claim of it has."""
    same = Identity(mmsi="512000001")
    asked.has(
        by("b", "SECRET-1", groups=RED, identity=same),
        by("a", "U1", identity=same),
        by("b", "U2", groups=RED),
    )
    assert (await asked.get(f"{PATH}/U1")).status_code == 200
    answer = await asked.get(f"{PATH}/{uid}")
    assert answer.status_code == 404
    assert answer.json()["detail"] == "there is no such track for you to see"


async def test_contexts_never_mix(asked: Asked) -> None:
    exercise = Context.exercise("TASMAN")
    asked.has(by("a", "U1"), by("b", "U1", context=exercise), by("b", "U2", context=exercise))
    assert len((await asked.get(f"{PATH}/U1")).json()["claims"]) == 1
    assert (await asked.get(f"{PATH}/U2")).status_code == 404
    assert (await asked.get(f"{PATH}/U1", context="exercise:TASMAN")).status_code == 404


async def test_no_answer_is_kept_by_anybody(asked: Asked) -> None:
    asked.has(by("a"))
    for path in (PATH, f"{PATH}/U1"):
        assert (await asked.get(path)).headers["cache-control"] == "no-store"


async def test_half_a_letter_in_a_name_does_no_harm(asked: Asked) -> None:
    asked.has(by("a", identity=Identity(name="\ud83d")))
    assert (await asked.get()).json()["tracks"][0]["name"] == "\ud83d"


async def test_a_wrong_parameter_is_named(asked: Asked) -> None:
    for path, name in ((PATH, "limit"), (f"{PATH}/U1", "context"), (f"{PATH}/U1/why", "context")):
        answer = await asked.get(path, **{name: "x"})
        assert (answer.status_code, answer.json()["parameter"]) == (400, name)


Change = Callable[[GivingNode], None]


@pytest.fixture
def keeping(tmp_path: Path) -> tuple[GivingNode, Asked]:
    node = GivingNode.make(tmp_path / "node")
    (tmp_path / "desk").mkdir()
    return node, Asked(a_desk(tmp_path / "desk"), kept=shelves(node.directory))


async def test_why_tells_the_story_that_the_command_tells(
    keeping: tuple[GivingNode, Asked],
) -> None:
    node, asked = keeping
    ship = heard("SHIP-1", 0)
    node.journal([ship])
    node.release(ship, after(2))
    node.ledger()
    said = (await asked.get(f"{PATH}/SHIP-1/why")).json()
    assert (said["uid"], said["complete"], said["others"]) == ("SHIP-1", True, [RECEIVER])
    (claim,) = said["heard"]
    assert (claim["speaker"], claim["into"]) == ("kiwi-1", ["Blue"])
    (partner,) = said["partners"]
    assert (partner["has_it"], partner["last_release"]["clause"]) == (True, "1")


async def test_why_tells_nothing_of_what_one_may_not_see(
    keeping: tuple[GivingNode, Asked],
) -> None:
    node, asked = keeping
    whose = (Address(AddressKind.CALLSIGN, "x"),)
    node.journal([
        replace(heard("RED-1", 0), groups=RED),
        replace(heard("TASMAN-1", 0), context=Context.exercise("TASMAN")),
        replace(heard("TO-1", 0), to=frozenset(whose)),
    ])  # fmt: skip
    for uid in ("RED-1", "TASMAN-1", "TO-1", "nothing"):
        assert (await asked.get(f"{PATH}/{uid}/why")).status_code == 404


async def test_where_something_is_hidden_the_ledgers_are_not_told(
    keeping: tuple[GivingNode, Asked],
) -> None:
    """A line of the ledger may be of the claim that one may not see."""
    node, asked = keeping
    other = Source(node="NZL-A", channel="tak", speaker="spy")
    hidden = replace(heard("SHIP-1", 60, source=other), groups=RED | {"Blue-2"})
    seen = replace(heard("SHIP-1", 0), groups=RED | {"Blue"})
    node.journal([seen, hidden])
    node.release(hidden, after(62))
    node.ledger()
    said = (await asked.get(f"{PATH}/SHIP-1/why")).json()
    assert said["complete"] is False
    assert [each["speaker"] for each in said["heard"]] == ["kiwi-1"]
    assert said["heard"][0]["into"] == ["Blue"]
    (partner,) = said["partners"]
    assert (partner["has_it"], partner["last_release"]) == (False, None)
    assert said["others"] == []
    assert partner["agreements"][0]["state"]


async def test_a_pseudonym_is_looked_up_for_the_command_only(
    keeping: tuple[GivingNode, Asked],
) -> None:
    node, asked = keeping
    car = heard("CAR-1", 5, kind="a-f-G-E-V")
    node.journal([car])
    name = node.release(car, after(13)).name
    assert name.startswith("P-")
    node.ledger()
    assert (await asked.get(f"{PATH}/{name}/why")).status_code == 404


async def test_too_many_stories_at_once_are_refused(
    asked: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("accord.api.tracks.STORIES_WAITING", -1)
    answer = await asked.get(f"{PATH}/U1/why")
    assert (answer.status_code, "telling why" in answer.json()["detail"]) == (503, True)
