"""Alerts of the watch as CAP over the API: for whom may know of them, and of what concerns him."""

from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from accord.api import watch_cap
from accord.api.watch import ALERTS
from accord.core.body import Alarm
from accord.core.context import Context
from accord.desks.watch.alert import Condition, Kind, Priority
from accord.desks.watch.board import WatchSettings
from accord.desks.watch.desk import Around, WatchDesk
from accord.desks.watch.store import WATCH, WatchStore
from accord.observe.log import Log
from accord.wire.cap import xml
from support.builders import a_point, a_report
from support.health import a_status
from support.page import AROHA, STRANGER, Asking, Page
from support.tak import FakeNode, around_of

ATOM = {"a": "http://www.w3.org/2005/Atom"}


@pytest.fixture
async def page(tmp_path: Path) -> Page:
    """A page at a desk with a call in Blue, a broken link, and a case of an exercise."""
    node = FakeNode()
    node.picture.apply(a_report("KIWI", body=Alarm(category="911 Alert", point=a_point())))
    store = WatchStore(tmp_path / WATCH)
    store.prepare()
    around = Around(picture=node.picture.everything, status=a_status, tell=lambda _: None)
    desk = WatchDesk(store, WatchSettings(), around, clock=node.clock, log=Log(node.clock))
    await desk._do(desk._seen)  # pyright: ignore[reportPrivateUsage]  one look, without a loop
    link = Condition(key="l", kind=Kind.LINK, priority=Priority.CAUTION, text="USA is down")
    await desk.hold(Kind.LINK, [link])
    drill = Condition(
        key="c", kind=Kind.CASE, priority=Priority.CAUTION, text="case",
        context=Context.exercise("TASMAN 26"),
    )  # fmt: skip
    await desk.hold(Kind.CASE, [drill])
    asking = Asking()
    routes = watch_cap.routes(desk, asking.as_callers(), around_of(node), node="NZL-JFNZ")
    return Page(asking, routes)


async def test_a_call_is_a_cap_document_with_its_place(page: Any) -> None:
    answer = await page.get(f"{ALERTS}/1/cap", AROHA)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/cap+xml"
    cap = xml.read(answer.content)
    assert (cap.status, cap.kind, cap.identifier) == ("Actual", "Alert", "NZL-JFNZ-watch-1")
    (circle,) = cap.areas[0].circles
    assert circle.centre == (a_point().lat, a_point().lon)


async def test_who_may_not_know_of_it_gets_none_and_the_nodes_own_are_nobodys(page: Any) -> None:
    assert (await page.get(f"{ALERTS}/1/cap", None)).status_code == 401
    assert (await page.get(f"{ALERTS}/1/cap", STRANGER)).status_code == 404
    assert (await page.get(f"{ALERTS}/99/cap", AROHA)).status_code == 404
    own = await page.get(f"{ALERTS}/2/cap", AROHA)
    assert own.status_code == 404
    assert "about the node itself" in own.json()["detail"]


async def test_the_feed_lists_what_one_may_know_of_with_where_it_is(page: Any) -> None:
    answer = await page.get(f"{ALERTS}.atom", AROHA)
    root = etree.fromstring(answer.content)
    (link,) = root.findall("a:entry/a:link", ATOM)
    assert str(link.get("href")).endswith(f"{ALERTS}/1/cap")
    none = etree.fromstring((await page.get(f"{ALERTS}.atom", STRANGER)).content)
    assert none.findall("a:entry", ATOM) == []
