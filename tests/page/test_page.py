"""What the officer of the watch sees and does, in a real browser at a real node."""

import re
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from support.browser import Screen, Speaker, add_user, scripted
from support.node_process import NodeProcess

SERIOUS = {"serious", "critical"}


def test_a_wrong_password_signs_nobody_in(screen: Screen) -> None:
    screen.open().sign_in(password="not the password")
    expect(screen.page.get_by_role("alert")).to_have_text("Wrong name or password.")
    expect(screen.page.get_by_role("dialog")).to_be_visible()


def test_tracks_appear_move_and_go_stale(watch: Screen, speaker: Speaker) -> None:
    speaker.say("ferry", "INTERISLANDER", (-41.30, 174.80))
    row = watch.row("INTERISLANDER")
    expect(row).to_contain_text("Sea, Friend")
    row.get_by_role("button").click()
    expect(watch.page.get_by_text("41°18.000'S 174°48.000'E").first).to_be_visible()
    speaker.say("ferry", "INTERISLANDER", (-41.35, 174.80), lasts=1)
    expect(watch.page.get_by_text("41°21.000'S 174°48.000'E").first).to_be_visible()
    expect(row).to_contain_text("stale")
    assert watch.complaints == []


def test_a_track_is_found_by_its_mmsi_and_by_a_filter(watch: Screen, speaker: Speaker) -> None:
    speaker.say("MMSI-512000123", "RANGITATA", (-41.4, 174.7), type_="a-n-S-X-M")
    speaker.say("ICAO-c82341", "ANZ7", (-41.2, 174.9), type_="a-n-A-C-F")
    page = watch.page
    expect(watch.row("RANGITATA")).to_be_visible()
    page.keyboard.press("/")
    page.keyboard.type("512000123")
    expect(watch.row("ANZ7")).to_be_hidden()
    expect(watch.row("RANGITATA")).to_be_visible()
    page.get_by_role("button", name="Show all").click()
    page.get_by_text("Filters").click()
    page.get_by_role("button", name="Air", exact=True).click()
    expect(watch.row("ANZ7")).to_be_visible()
    expect(watch.row("RANGITATA")).to_be_hidden()


def test_a_track_is_hooked_by_keyboard_alone(watch: Screen, speaker: Speaker) -> None:
    speaker.say("one", "AAA FIRST")
    speaker.say("two", "AAB SECOND", (-41.35, 174.9))
    page = watch.page
    page.keyboard.press("/")
    page.keyboard.type("AA")
    expect(watch.row("AAB SECOND")).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_label("Order").select_option("name")
    page.locator("body").click(position={"x": 500, "y": 20})
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="AAB SECOND")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("heading", name="AAB SECOND")).to_be_hidden()


def test_a_track_is_hooked_on_the_map(screen: Screen, speaker: Speaker) -> None:
    speaker.say("middle", "IN THE MIDDLE", (-41.9, 175.9))
    screen.open(where=(175.9, -41.9, 10)).sign_in().is_up()
    expect(screen.row("IN THE MIDDLE")).to_be_visible()
    expect(screen.page.locator('.chart[data-symbols="1"]')).to_be_visible()
    screen.page.locator(".chart").click()
    expect(screen.page.get_by_role("heading", name="IN THE MIDDLE")).to_be_visible()


def test_a_hooked_track_tells_why_it_is_seen(watch: Screen, speaker: Speaker) -> None:
    speaker.say("story", "STORY TELLER")
    watch.row("STORY TELLER").get_by_role("button").click()
    why = watch.page.locator("#why")
    expect(why).to_contain_text("You hear it because it was said into Everyone.")
    expect(why).to_contain_text("NZL-TEST said it")
    expect(why).to_contain_text("Nobody else is known to have it.")
    watch.page.get_by_text("Raw message").click()
    expect(watch.page.locator("pre")).to_contain_text('callsign="STORY TELLER"')


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("<img src=x onerror=alert(1)>", "<img src=x onerror=alert(1)>"),
        ("\u202egnorw\u202c way", "gnorw way"),
        ("N" * 1000, "N" * 39 + "…"),
        ("🚢 Ōhope", "🚢 Ōhope"),
    ],
)
def test_a_hostile_name_is_drawn_as_text(
    watch: Screen, speaker: Speaker, name: str, shown: str
) -> None:
    uid = f"hostile-{len(name)}"
    speaker.say(uid, name)
    watch.page.on("dialog", lambda opened: watch.complaints.append(opened.message))
    watch.page.get_by_label("Search").fill(uid)
    expect(watch.page.locator("#tracks tbody bdi")).to_have_text(shown)
    watch.page.locator("#tracks tbody button").click()
    expect(watch.page.locator("#track-title")).to_have_text(shown)
    assert watch.page.locator("#page img").count() == 0
    assert watch.complaints == []


def test_nothing_is_asked_of_anybody_but_the_node(screen: Screen, speaker: Speaker) -> None:
    speaker.say("quiet", "QUIET ONE")
    screen.open().sign_in().is_up()
    screen.row("QUIET ONE").get_by_role("button").click()
    expect(screen.page.locator("#why")).to_contain_text("You hear it")
    own = re.compile(rf"(?:https|wss)://{re.escape(screen.node.target('api'))}/|blob:|data:")
    assert [url for url in screen.asked if not own.match(url)] == []
    assert any(url.endswith("/basemap/world.pmtiles") for url in screen.asked)
    assert screen.complaints == []


def test_an_old_picture_is_shown_as_old_until_the_node_is_back(
    screen: Screen, node: NodeProcess
) -> None:
    speaker = Speaker.at(node)
    speaker.say("before", "BEFORE THE STORM")
    screen.open().sign_in().is_up()
    expect(screen.row("BEFORE THE STORM")).to_be_visible()
    screen.page.get_by_label("Search").fill("storm")
    speaker.close()
    at = node.target("api")
    node.stop()
    expect(screen.page.locator('[data-link="down"]')).to_contain_text("LINK DOWN")
    expect(screen.row("BEFORE THE STORM")).to_be_visible()
    node.start_at("api", at)
    expect(screen.page.locator('[data-link="up"]')).to_be_visible()
    again = Speaker.at(node)
    again.say("after", "AFTER THE STORM")
    expect(screen.row("AFTER THE STORM")).to_be_visible()
    expect(screen.page.get_by_label("Search")).to_have_value("storm")
    again.close()


def test_who_is_locked_is_signed_out_and_sees_how_old_the_picture_is(
    screen: Screen, node: NodeProcess
) -> None:
    add_user(node, "leaving")
    screen.open().sign_in(name="leaving").is_up()
    node.accord("user", "lock", "leaving")
    expect(screen.page.get_by_role("dialog")).to_contain_text("Your session has ended")
    expect(screen.page.locator('[data-link="signed out"]')).to_be_attached()


@pytest.mark.parametrize("palette", ["Day", "Dusk", "Night red"])
def test_everybody_can_use_the_page_in_every_light(
    watch: Screen, speaker: Speaker, palette: str
) -> None:
    speaker.say("help", "MAYDAY", (-41.3, 174.6), type_="b-a-o-tbl")
    speaker.say("lit", "LIT ONE", lasts=1)
    watch.page.get_by_role("button", name=palette, exact=True).click()
    watch.row("LIT ONE").get_by_role("button").click()
    expect(watch.page.locator("#why")).to_contain_text("You hear it")
    expect(watch.row("LIT ONE")).to_contain_text("stale")
    assert _faults(watch) == []


def test_a_track_on_a_grid_is_drawn_as_its_cell_and_not_as_a_point(screen: Screen) -> None:
    screen.script(*scripted())
    screen.open(where=(180, -17, 9)).sign_in().is_up()
    chart = screen.page.locator(".chart")
    expect(chart).to_have_attribute("data-cells", "1")
    expect(chart).to_have_attribute("data-symbols", "1")  # the one that is not on a grid
    chart.click()
    panel = screen.page.locator("aside.right")
    expect(panel).to_contain_text("Somewhere in this cell, not at a point: grid 10 NM")
    expect(panel).to_contain_text("the middle of its cell")
    expect(chart).to_have_attribute("data-symbols", "1")
    expect(panel).to_contain_text("From partner USA-PAC")
    expect(panel).to_contain_text("EXERCISE STATE UNKNOWN")


def test_everybody_can_sign_in(screen: Screen) -> None:
    screen.open()
    expect(screen.page.get_by_role("dialog")).to_be_visible()
    assert _faults(screen) == []


def _faults(screen: Screen) -> list[Any]:
    found = Axe().run(screen.page).response["violations"]
    return [
        (each["id"], [node["html"] for node in each["nodes"]][:3])
        for each in found
        if each["impact"] in SERIOUS
    ]
