from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from accord.api.watch import ALERTS, HAND_OVER, LOG, may_be_told, routes
from accord.core.body import Alarm
from accord.desks.watch import desk as desk_module
from accord.desks.watch.alert import Act, Entry
from accord.desks.watch.board import WatchSettings
from accord.desks.watch.desk import Around, WatchDesk
from accord.desks.watch.store import WATCH, WatchFault, WatchStore
from accord.observe.health import SourceState, SourceStatus
from accord.observe.log import Log
from accord.picture.picture import Picture, PictureSettings
from support.builders import a_point, a_report
from support.clock import START, ManualClock
from support.health import A_PARTNER, a_status
from support.page import AROHA, LOOKER, STRANGER, WIREMU, Asking, Page

FEED = SourceStatus(
    channel="feed:ais", speaker="ais", state=SourceState.SPEAKING, accepted=1, last_useful=START
)


class Watch:
    """A desk with one open call for help, heard in Blue, and the page that asks it."""

    def __init__(self, directory: Path) -> None:
        self.clock = ManualClock()
        self.store = WatchStore(directory / WATCH)
        self.store.prepare()
        self.picture = Picture(PictureSettings())
        self.picture.apply(a_report("KIWI", body=Alarm(category="911 Alert", point=a_point())))
        self.told: list[Entry] = []
        self.status = a_status(partners=(A_PARTNER,), sources=(FEED,), problems=("disk: full",))
        around = Around(
            picture=self.picture.everything, status=lambda: self.status, tell=self.told.extend
        )
        self.desk = WatchDesk(
            self.store, WatchSettings(), around, clock=self.clock, log=Log(self.clock)
        )
        asking = Asking()
        self.asking = asking
        self.strange: list[str] = []
        self.page = Page(
            asking,
            routes(
                self.desk,
                asking.as_callers(),
                lambda: self.status,
                lambda: self.strange,
                knows={"aroha", "wiremu"}.__contains__,
            ),
        )

    async def look(self) -> None:
        """Let the desk look once."""
        await self.desk._do(self.desk._seen)  # pyright: ignore[reportPrivateUsage]

    async def alert(self) -> Any:
        (found,) = (await self.page.get(ALERTS)).json()["alerts"]
        return found

    async def do(self, what: str, who: Any = AROHA, **said: Any) -> Any:
        return await self.page.send(f"{ALERTS}/1/{what}", said, who)


@pytest.fixture
async def watch(tmp_path: Path) -> Watch:
    watch = Watch(tmp_path)
    await watch.look()
    return watch


async def test_alerts_are_for_who_may_see_what_they_are_about(watch: Watch) -> None:
    assert (await watch.alert())["text"] == "CALL-KIWI: 911 Alert"
    assert (await watch.page.get(ALERTS, LOOKER)).json()["alerts"] != []
    assert (await watch.page.get(ALERTS, STRANGER)).json()["alerts"] == []
    assert (await watch.page.get(ALERTS, None)).status_code == 401


async def test_a_person_acknowledges_takes_and_hands_over(watch: Watch) -> None:
    assert (await watch.do("acknowledge", quiet_minutes=60)).status_code == 204
    alert = await watch.alert()
    assert (alert["state"], alert["acknowledged_by"]) == ("acknowledged", "aroha")
    assert alert["quiet_until"] == "2026-01-02T04:04:05.678000Z"
    assert (await watch.do("take")).status_code == 204
    assert (await watch.do("take", WIREMU)).status_code == 409
    assert (await watch.do("offer", to="wiremu")).status_code == 204
    assert (await watch.do("take", WIREMU)).status_code == 204
    assert (await watch.alert())["owner"] == "wiremu"


@pytest.mark.parametrize(
    ("what", "who", "said", "status"),
    [
        ("acknowledge", LOOKER, {}, 403),
        ("acknowledge", STRANGER, {}, 404),
        ("acknowledge", None, {}, 401),
        ("acknowledge", AROHA, {"quiet_minutes": -1}, 400),
        ("acknowledge", AROHA, {"quiet_minutes": True}, 400),
        ("acknowledge", AROHA, {"quiet_minutes": 100_000}, 400),
        ("offer", AROHA, {"to": " "}, 400),
        ("offer", AROHA, {}, 400),
        ("offer", AROHA, {"to": "nobody"}, 404),
    ],
)
async def test_what_may_not_be_done_changes_nothing_and_says_why(
    watch: Watch, what: str, who: Any, said: Any, status: int
) -> None:
    before = await watch.alert()
    answer = await watch.do(what, who, **said)
    assert answer.status_code == status
    assert answer.json()["detail"]
    assert await watch.alert() == before


async def test_an_alert_that_is_not_open_is_not_there(watch: Watch) -> None:
    answer = await watch.page.send(f"{ALERTS}/99/take", {})
    assert answer.status_code == 404
    assert "99" in answer.json()["detail"]


async def test_a_page_of_another_site_does_nothing(watch: Watch) -> None:
    answer = await watch.page.send(f"{ALERTS}/1/acknowledge", {}, own=False)
    assert answer.status_code == 403
    assert (await watch.alert())["state"] == "unacknowledged"


async def test_a_note_is_in_the_log_of_who_shares_a_group_with_its_writer(watch: Watch) -> None:
    answer = await watch.page.send(LOG, {"text": "fog", "uids": ["KIWI"]})
    assert answer.status_code == 204
    (note, raised) = (await watch.page.get(LOG, WIREMU)).json()["entries"]
    assert (note["act"], note["by"], note["text"]) == ("noted", "aroha", "fog")
    assert (raised["act"], raised["alert"]) == ("raised", 1)
    assert (await watch.page.get(LOG, STRANGER)).json()["entries"] == []
    about = (await watch.page.get(LOG, uid="MOA")).json()["entries"]
    assert about == []


@pytest.mark.parametrize(
    "said",
    [{"text": ""}, {}, {"text": "x", "uids": "KIWI"}, {"text": "x", "context": "exercise:"}],
)
async def test_a_note_that_cannot_be_kept_is_refused_with_what_is_wrong(
    watch: Watch, said: Any
) -> None:
    answer = await watch.page.send(LOG, said)
    assert answer.status_code == 400
    assert answer.json()["detail"]


@pytest.mark.parametrize(
    "query", [{"since": "noon"}, {"since": "2026-01-02T03:04:05"}, {"before": "-1"}]
)
async def test_a_log_asked_for_wrongly_says_which_parameter(
    watch: Watch, query: dict[str, str]
) -> None:
    answer = await watch.page.get(LOG, AROHA, **query)
    assert answer.status_code == 400
    assert answer.json()["parameter"] in query


async def test_a_log_is_asked_since_a_moment_and_before_a_line(watch: Watch) -> None:
    for text in ("one", "two"):
        watch.clock.advance(hours=1)
        await watch.page.send(LOG, {"text": text})
    since = (START + timedelta(hours=2)).isoformat()
    texts = lambda answer: [each["text"] for each in answer.json()["entries"]]  # noqa: E731
    assert texts(await watch.page.get(LOG, since=since)) == ["two"]
    assert texts(await watch.page.get(LOG, before="3")) == ["one", "CALL-KIWI: 911 Alert"]


async def test_lines_that_he_may_not_know_of_do_not_fill_his_log(
    watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("accord.api.watch.MAX_LINES", 2)
    secret = Entry(at=START, act=Act.NOTED, text="secret", groups=frozenset({"Red"}))
    watch.store.keep([secret] * 5)
    entries = (await watch.page.get(LOG)).json()["entries"]
    assert [each["text"] for each in entries] == ["CALL-KIWI: 911 Alert"]


async def test_a_watch_log_that_cannot_be_written_is_said(
    watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: Sequence[Entry]) -> list[Entry]:
        raise WatchFault("the watch log: disk full; make room and repeat")

    monkeypatch.setattr(watch.store, "keep", refuse)
    answer = await watch.do("take")
    assert answer.status_code == 503
    assert "make room" in answer.json()["detail"]
    assert (await watch.alert())["owner"] == ""


async def test_the_sheet_for_the_hand_over_has_what_the_next_watch_must_know(
    watch: Watch,
) -> None:
    sheet = (await watch.page.get(HAND_OVER, hours="2")).json()
    assert sheet["since"] == "2026-01-02T01:14:05.678000Z"
    assert [each["number"] for each in sheet["alerts"]] == [1]
    assert sheet["problems"] == ["disk: full"]
    assert [each["node"] for each in sheet["partners"]] == ["USA-PAC"]
    assert [each["channel"] for each in sheet["sources"]] == ["feed:ais"]
    assert [each["act"] for each in sheet["entries"]] == ["raised"]
    for hours in ("0", "999", "x"):
        assert (await watch.page.get(HAND_OVER, hours=hours)).status_code == 400


async def test_pages_are_told_of_an_alert_by_the_same_rule(watch: Watch) -> None:
    (entry,) = watch.told
    told: list[bool] = []
    for who in (AROHA, STRANGER):
        watch.asking.who = who
        told.append(may_be_told(entry)(watch.asking.caller))
    assert told == [True, False]
    assert desk_module.BEAT < 1
