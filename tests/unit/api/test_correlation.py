from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from accord.api.correlation import DECISIONS, Around, routes
from accord.api.openapi import document
from accord.core.context import LIVE
from accord.core.identity import Identity
from accord.core.principal import Direction, Principal
from accord.core.report import Source
from accord.picture.decisions import Decision, Decisions, Verdict
from accord.picture.picture import Picture, PictureSettings
from accord.storage.correlation import Correlation
from support.builders import a_report
from support.clock import START, ManualClock
from support.page import AROHA, LOOKER, STRANGER, WIREMU, Asking, Page
from support.schema import faults

DOCUMENT: Any = document()
AIS = Source(node="NZL", channel="feed:ais", speaker="ais")
RADAR = Source(node="NZL", channel="feed:radar", speaker="radar")
JOIN = {"verdict": "join", "uid": "A", "other": "B", "why": "seen by eye"}
SPLIT = {"verdict": "split", "uid": "A", "source": "feed:radar", "speaker": "radar", "why": "no"}


OWN = [
    Decision(
        number=0, context=LIVE, verdict=Verdict.JOIN, uid="R", other="R2", at=START, by="the node",
        why="stays with it",
    )
]  # fmt: skip


class Decided:
    """How often the node was asked to look."""

    times = 0

    def look(self) -> None:
        self.times += 1


@pytest.fixture
def decided() -> Decided:
    return Decided()


@pytest.fixture
def page(tmp_path: Path, decided: Decided) -> Page:
    kept = Correlation(tmp_path / "correlation.sqlite")
    kept.prepare()
    picture = Picture(PictureSettings())
    for uid, source in (("A", AIS), ("A", RADAR), ("B", RADAR)):
        picture.apply(a_report(uid, source=source, identity=Identity()))
    for uid in ("R", "R2"):
        picture.apply(a_report(uid, groups=frozenset({"Red"}), source=RADAR))
    assert picture.get(LIVE, "A") is not None
    asking = Asking()
    around = Around(
        kept=kept, picture=picture, clock=ManualClock(), look=decided.look, own=lambda: OWN
    )
    return Page(asking, routes(around, asking.as_callers()))


def schema(path: str, method: str, status: str) -> Any:
    answer = DOCUMENT["paths"][path][method]["responses"][status]
    return answer["content"]["application/json"]["schema"]


async def test_a_decision_is_kept_with_who_when_and_why(page: Page, decided: Decided) -> None:
    answer = await page.send(DECISIONS, JOIN)
    assert answer.status_code == 201
    assert faults(answer.json(), schema(DECISIONS, "post", "201"), DOCUMENT, closed=True) == []
    said = answer.json()
    assert (said["by"], said["why"], said["undone"]) == ("aroha", "seen by eye", None)
    assert decided.times == 1
    told = (await page.get(DECISIONS, WIREMU)).json()
    assert faults(told, schema(DECISIONS, "get", "200"), DOCUMENT, closed=True) == []
    assert told == {"decisions": [said]}


async def test_what_the_node_decided_by_itself_is_told_to_who_sees_it(page: Page) -> None:
    (said,) = (await page.get(DECISIONS, STRANGER)).json()["decisions"]
    assert (said["number"], said["by"]) == (0, "the node")


async def test_a_decision_is_undone_by_whoever_may_know_of_it(page: Page, decided: Decided) -> None:
    await page.send(DECISIONS, SPLIT)
    assert (await page.send(f"{DECISIONS}/1/undo", {}, WIREMU)).status_code == 204
    assert decided.times == 2
    (said,) = (await page.get(DECISIONS)).json()["decisions"]
    assert said["undone_by"] == "wiremu"
    assert (await page.send(f"{DECISIONS}/1/undo", {})).status_code == 409


async def test_of_what_one_does_not_see_nothing_is_told_and_nothing_decided(page: Page) -> None:
    await page.send(DECISIONS, JOIN)
    told = (await page.get(DECISIONS, STRANGER)).json()["decisions"]
    assert [each["number"] for each in told] == [0]
    assert (await page.send(f"{DECISIONS}/1/undo", {}, STRANGER)).status_code == 404
    for said in ({**JOIN, "other": "R"}, {**JOIN, "uid": "R"}, {**SPLIT, "uid": "R"}):
        assert (await page.send(DECISIONS, said)).status_code == 404


BLUE, RED, BOTH = (frozenset(each) for each in (["Blue"], ["Red"], ["Blue", "Red"]))
TUI = Principal(name="tui", groups={"Blue": Direction.BOTH, "Red": Direction.BOTH})


class Held:
    """A page beside a picture by which what is decided holds at once."""

    def __init__(self, tmp_path: Path) -> None:
        self.kept = Correlation(tmp_path / "correlation.sqlite")
        self.kept.prepare()
        self.picture = Picture(PictureSettings())
        asking = Asking()
        around = Around(
            kept=self.kept, picture=self.picture, clock=ManualClock(), look=self.look,
            own=lambda: (),
        )  # fmt: skip
        self.page = Page(asking, routes(around, asking.as_callers()))

    def look(self) -> None:
        self.picture.decide(Decisions(self.kept.all()))

    def has(self, uid: str, source: Source, groups: frozenset[str]) -> None:
        self.picture.apply(a_report(uid, source=source, groups=groups, identity=Identity()))

    async def numbers(self, who: Principal) -> list[int]:
        told = (await self.page.get(DECISIONS, who)).json()["decisions"]
        return [each["number"] for each in told]

    async def undo(self, who: Principal) -> int:
        return (await self.page.send(f"{DECISIONS}/1/undo", {}, who)).status_code


async def test_who_sees_one_of_two_tracks_learns_of_no_decision_about_both(tmp_path: Path) -> None:
    held = Held(tmp_path)
    held.has("A", AIS, BLUE)
    held.has("B", RADAR, RED)
    assert (await held.page.send(DECISIONS, JOIN, TUI)).status_code == 201
    # They are one track now, and each of them hears one claim of it.
    for who in (AROHA, STRANGER):
        assert await held.numbers(who) == []
        assert await held.undo(who) == 404
        assert (await held.page.send(DECISIONS, JOIN, who)).status_code == 404
    assert await held.numbers(TUI) == [1]
    assert await held.undo(TUI) == 204


async def test_of_a_track_that_has_no_claim_of_its_uid_any_more_one_sees_all(
    tmp_path: Path,
) -> None:
    held = Held(tmp_path)
    held.has("A", RADAR, BOTH)
    held.has("B", RADAR, BLUE)
    assert (await held.page.send(DECISIONS, JOIN, AROHA)).status_code == 201
    assert await held.numbers(WIREMU) == [1]
    assert await held.numbers(STRANGER) == []


async def test_a_claim_that_was_put_apart_is_put_back_by_who_sees_it(tmp_path: Path) -> None:
    held = Held(tmp_path)
    held.has("A", AIS, BOTH)
    held.has("A", RADAR, BLUE)
    assert (await held.page.send(DECISIONS, SPLIT, AROHA)).status_code == 201
    assert await held.numbers(STRANGER) == []
    assert await held.undo(STRANGER) == 404
    assert await held.undo(WIREMU) == 204


async def test_ones_own_decision_is_undone_until_it_is_about_what_is_hidden(
    tmp_path: Path,
) -> None:
    held = Held(tmp_path)
    held.has("A", AIS, BLUE)
    held.has("B", RADAR, RED)
    assert (await held.page.send(DECISIONS, JOIN, TUI)).status_code == 201
    moved = replace(TUI, groups={"Red": Direction.BOTH})
    assert await held.numbers(moved) == [1]
    assert await held.undo(moved) == 404
    assert await Held(tmp_path).undo(moved) == 204


@pytest.mark.parametrize(
    ("said", "who", "own", "status"),
    [
        ({**JOIN, "verdict": "sink"}, AROHA, True, 400),
        ({**JOIN, "context": "nowhere:"}, AROHA, True, 400),
        ({**JOIN, "context": "exercise:TASMAN"}, AROHA, True, 403),
        ({**JOIN, "other": "gone"}, AROHA, True, 404),
        ({**SPLIT, "speaker": "nobody"}, AROHA, True, 404),
        ({**SPLIT, "source": "feed:other"}, AROHA, True, 404),
        ({**JOIN, "why": " "}, AROHA, True, 409),
        ({**JOIN, "why": "x" * 501}, AROHA, True, 400),
        ({"verdict": "join", "uid": "A", "why": "x"}, AROHA, True, 400),
        (JOIN, LOOKER, True, 403),
        (JOIN, None, True, 401),
        (JOIN, AROHA, False, 403),
    ],
)
async def test_what_is_no_decision_or_not_ones_to_take_is_refused(
    page: Page, said: Any, who: Any, own: bool, status: int
) -> None:
    assert (await page.send(DECISIONS, said, who, own=own)).status_code == status


async def test_a_register_that_cannot_be_read_is_said_so(page: Page, tmp_path: Path) -> None:
    (tmp_path / "correlation.sqlite").write_bytes(b"nonsense" * 200)
    assert (await page.get(DECISIONS)).status_code == 503
