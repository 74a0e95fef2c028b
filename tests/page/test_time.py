"""Another moment in a real browser at a real node: unmistakable, and left with one key."""

import asyncio
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from support.browser import GROUP, Screen, Speaker
from support.node_live import add_client
from support.node_process import NodeProcess
from support.tak_client import connected

SERIOUS = {"serious", "critical"}
THERE, HERE = "41°18.000'S 174°48.000'E", "41°18.000'S 174°49.200'E"


def test_a_track_is_shown_where_it_was_and_one_key_returns_to_now(
    watch: Screen, speaker: Speaker
) -> None:
    page = watch.page
    speaker.say("kea", "KEA", (-41.30, 174.80))
    watch.row("KEA").get_by_role("button").click()
    panel = page.locator("section", has=page.locator("#track-title"))
    expect(panel.get_by_text(THERE).first).to_be_visible()
    then = datetime.now(UTC)  # noqa: TID251  a browser has a clock of its own
    page.wait_for_timeout(4000)
    speaker.say("kea", "KEA", (-41.30, 174.82))
    expect(panel.get_by_text(HERE).first).to_be_visible()
    expect(page.locator('.chart[data-trails="1"]')).to_be_visible()

    page.get_by_role("button", name="Jump to").click()
    page.get_by_label("Moment (UTC)").fill(f"{then:%Y-%m-%dT%H:%M:%S}")
    page.get_by_role("button", name="Show", exact=True).click()
    expect(panel.get_by_text(THERE).first).to_be_visible()
    page.locator("body").press(" ")
    banner = page.locator(".banner")
    expect(banner).to_contain_text(re.compile("REPLAY.*NOT LIVE.*STOPPED", re.DOTALL))
    expect(page.locator("body[data-replay=REPLAY]")).to_be_visible()
    expect(page.locator("header .context")).to_have_text(re.compile("^REPLAY"))
    expect(panel.get_by_text(THERE).first).to_be_visible()
    assert [each["id"] for each in Axe().run(page).response["violations"]
            if each["impact"] in SERIOUS] == []  # fmt: skip
    page.keyboard.press("c")
    expect(page.get_by_text("You look at a replay")).to_be_visible()
    assert page.locator("#words").count() == 0
    page.keyboard.press("Escape")
    page.keyboard.press("b")
    readiness = page.get_by_role("dialog", name="Readiness")
    expect(readiness.get_by_role("link", name="Export everything")).to_be_visible()
    expect(readiness.get_by_role("button", name="Enter", exact=True)).to_have_count(0)
    page.keyboard.press("Escape")

    page.get_by_role("button", name="\u00d715").click()
    expect(panel.get_by_text(HERE).first).to_be_visible()
    expect(banner).not_to_contain_text("STOPPED")
    page.keyboard.press("l")
    expect(page.locator('.time[data-replay="live"]')).to_be_visible()
    expect(banner).to_be_hidden()
    expect(page.locator("body[data-replay]")).to_have_count(0)
    expect(panel.get_by_text(HERE).first).to_be_visible()
    assert watch.complaints == []


def test_where_a_track_was_is_listed_with_its_speed(watch: Screen, speaker: Speaker) -> None:
    page = watch.page
    for lon in (174.80, 174.8001, 174.8002):
        speaker.say("tui", "TUI", (-41.30, lon), speed=10)
        page.wait_for_timeout(1100)
    watch.row("TUI").get_by_role("button").click()
    page.locator("summary", has_text="Where it was").click()
    history = page.locator("details", has_text="Where it was")
    expect(history.locator("tbody tr")).to_have_count(3)
    expect(history.locator("tbody tr").first).to_contain_text("19.4 kn")
    expect(history.get_by_role("img")).to_have_attribute("aria-label", re.compile("20 knots"))
    history.locator("tbody tr").last.get_by_role("button").click()
    expect(page.locator(".banner")).to_contain_text("REPLAY")
    page.keyboard.press("l")
    expect(page.locator(".banner")).to_be_hidden()
    assert watch.complaints == []


async def heard_at(node: NodeProcess, uid: str) -> str:
    """Return the name that a TAK client sees who comes to watch the replay."""
    phone = add_client(node, "phone", group=GROUP)
    async with connected(node.address("replay"), phone.tls()) as client:
        contact = (await client.hears(uid)).find("detail/contact")
        assert contact is not None
        return contact.get("callsign", "")


def test_a_replay_is_played_to_tak_clients_from_the_page_and_ended_there(
    watch: Screen, speaker: Speaker, node: NodeProcess
) -> None:
    page = watch.page
    speaker.say("taiko", "TAIKO", (-41.31, 174.81))
    expect(watch.row("TAIKO")).to_be_visible()
    page.wait_for_timeout(1500)
    page.get_by_role("button", name="Play to all").click()
    page.get_by_label("How fast").select_option("600")
    page.get_by_role("button", name="Begin", exact=True).click()
    banner, time = page.locator(".banner"), page.locator(".time")
    expect(banner).to_contain_text("REPLAY")
    expect(time).to_contain_text("watch-1 plays a replay")
    expect(banner).to_contain_text("STOPPED")  # an hour at x600 is over after six seconds
    expect(watch.row("TAIKO")).to_be_visible()
    with ThreadPoolExecutor(1) as threads:  # Playwright has an event loop of its own here
        called = threads.submit(lambda: asyncio.run(heard_at(node, "REPLAY-taiko"))).result()
    assert called == "REPLAY TAIKO"
    page.keyboard.press("l")
    expect(banner).to_be_hidden()
    time.get_by_role("button", name="Watch").click()
    expect(banner).to_contain_text("REPLAY")
    page.get_by_role("button", name="1 min").first.click()
    assert [each["id"] for each in Axe().run(page).response["violations"]
            if each["impact"] in SERIOUS] == []  # fmt: skip
    page.get_by_role("button", name="End the replay").click()
    expect(banner).to_be_hidden()
    expect(page.get_by_text("the replay is over")).to_be_visible()
    expect(page.get_by_role("button", name="Play to all")).to_be_visible()
    assert watch.complaints == []
