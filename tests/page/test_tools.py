"""The tools of the officer of the watch, in a real browser at a real node."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from lxml import etree
from playwright.sync_api import Browser, expect

from support.browser import Screen, Speaker, add_user
from support.node_process import ON_FREE_PORTS, NodeProcess, accord_well
from support.tak_client import position

SERIOUS = {"serious", "critical"}
HARBOUR = {
    "type": "FeatureCollection",
    "features": [
        {
            "type": "Feature",
            "properties": {"name": "Leads"},
            "geometry": {"type": "LineString", "coordinates": [[174.7, -41.4], [174.9, -41.3]]},
        }
    ],
}


@pytest.fixture(scope="module")
def node(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[NodeProcess]:
    """A node with a chart of its own, an administrator and a watch."""
    directory = tmp_path_factory.mktemp("tools") / "node"
    accord_well("init", directory, "--node", "NZL-TEST", "--nation", "NZL")
    (directory / "harbour.geojson").write_text(json.dumps(HARBOUR))
    with (directory / "accord.toml").open("a") as settings:
        settings.write('\n[chart.harbour]\nfile = "harbour.geojson"\ntitle = "Harbour chart"\n')
    running = NodeProcess(directory, ON_FREE_PORTS)
    add_user(running)
    add_user(running, "chief", "--role", "administrator")
    running.start()
    yield running
    running.stop()


@contextmanager
def another_window(browser: Browser, node: NodeProcess, name: str) -> Iterator[Screen]:
    context = browser.new_context(ignore_https_errors=True, reduced_motion="reduce")
    yield Screen(context.new_page(), node).listen().open().sign_in(name=name).is_up()
    context.close()


def test_what_is_looked_for_is_saved_and_opened_again_by_its_number_at_another_browser(
    screen: Screen, browser: Browser, speaker: Speaker
) -> None:
    speaker.say("MMSI-512000123", "RANGITATA", (-41.4, 174.7), type_="a-n-S-X-M")
    speaker.say("ICAO-c82341", "ANZ7", (-41.2, 174.9), type_="a-n-A-C-F")
    page = screen.open(where=(170.0, -45.0, 6.0)).sign_in().is_up().page
    page.get_by_text("Filters").click()
    page.get_by_role("button", name="Air", exact=True).click()
    page.get_by_role("button", name="cot-tcp", exact=True).click()
    page.get_by_label("Heard within").select_option("60")
    page.keyboard.press("Escape")
    page.keyboard.press("v")
    page.keyboard.type("Aircraft")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Aircraft is saved.")).to_be_visible()
    with another_window(browser, screen.node, "watch-1") as other:
        expect(other.row("RANGITATA")).to_be_visible()
        other.page.keyboard.press("v")
        expect(other.page.get_by_role("button", name=re.compile("^Aircraft"))).to_be_focused()
        other.page.keyboard.press("1")
        expect(other.row("RANGITATA")).to_be_hidden()
        expect(other.row("ANZ7")).to_be_visible()
        other.page.reload()  # where the map was is kept at the latest when the page is left
        where = json.loads(other.page.evaluate("localStorage['accord.where']"))
        assert (where["lon"], where["zoom"]) == (pytest.approx(170.0), pytest.approx(6.0))
    with another_window(browser, screen.node, "chief") as chief:
        chief.page.keyboard.press("v")
        expect(chief.page.get_by_text("None is saved yet.")).to_be_visible()
    assert screen.complaints == []


def test_range_and_bearing_are_measured_by_keyboard_over_the_antimeridian(
    screen: Screen,
) -> None:
    page = screen.open().sign_in().is_up().page
    page.keyboard.press("m")
    page.keyboard.type("0 179.5\n0 -179.5\n1 -179.5\n")
    legs = page.locator("#legs tbody tr")
    # One degree of the equator: 6378137 m times pi / 180; 110574.39 m north (NGA.STND.0036)
    expect(legs.nth(0)).to_have_text(re.compile(r"60\.1 NM\s*090° T"))
    expect(legs.nth(1)).to_have_text(re.compile(r"59\.7 NM\s*000° T"))
    expect(page.get_by_text("degrees true; magnetic ones are not known")).to_be_visible()
    page.get_by_role("button", name="Clear").click()
    page.locator(".chart canvas").click(position={"x": 300, "y": 300})
    page.locator(".chart canvas").click(position={"x": 400, "y": 300})
    expect(legs).to_have_count(1)


def test_the_map_follows_a_track_until_somebody_moves_it(screen: Screen, speaker: Speaker) -> None:
    speaker.say("ferry", "INTERISLANDER", (-41.30, 174.80))
    page = screen.open().sign_in().is_up().page
    screen.row("INTERISLANDER").get_by_role("button").click()
    page.keyboard.press("f")
    expect(page.get_by_text("The map follows INTERISLANDER")).to_be_visible()
    speaker.say("ferry", "INTERISLANDER", (-41.50, 174.60))
    expect(page.locator(".chart")).to_have_attribute("data-middle", "-41.50 174.60")
    box = page.locator(".chart").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 300, box["y"] + 300)
    page.mouse.down()
    page.mouse.move(box["x"] + 360, box["y"] + 340, steps=4)
    page.mouse.up()
    expect(page.get_by_text("The map follows INTERISLANDER")).to_be_hidden()


def test_a_track_is_annotated_and_sent_to_one_tak_client_and_a_room_is_begun(
    screen: Screen, speaker: Speaker, node: NodeProcess
) -> None:
    speaker.say("yacht", "ALBATROSS", (-41.30, 174.80), type_="a-u-S-X")
    client = Speaker.at(node)
    client.connection.sendall(position("MOA-1", "MOA"))
    page = screen.open().sign_in().is_up().page
    screen.row("ALBATROSS").get_by_role("button").click()
    page.get_by_label("Note about this track").fill("no answer on VHF 16")
    page.get_by_label("Note about this track").press("Enter")
    expect(page.locator("#track-notes")).to_contain_text("no answer on VHF 16")
    expect(page.locator("#track-notes")).to_contain_text("watch-1")
    page.get_by_text("Send to a TAK client").click()
    page.get_by_label("To which client?").select_option("MOA")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.get_by_text("ALBATROSS was sent to MOA.")).to_be_visible()
    sent = _heard(client, b"ALBATROSS (watch-1)")
    assert sent.get("type") == "a-u-S-X"
    page.keyboard.press("Escape")
    page.keyboard.press("c")
    page.get_by_text("Start a room").click()
    page.get_by_label("Name of the room").fill("Search 7")
    page.get_by_label("Name of the room").press("Enter")
    page.keyboard.type("first words")
    page.keyboard.press("Enter")
    room = _heard(client, b"first words").find("detail/__chat")
    assert room is not None
    assert room.get("chatroom") == "Search 7"
    client.close()
    assert screen.complaints == []


def test_two_tracks_are_said_to_be_one_and_that_is_undone(screen: Screen, speaker: Speaker) -> None:
    speaker.say("seen-a", "SEEN A", (-41.30, 174.80), type_="a-u-S-X")
    speaker.say("seen-b", "SEEN B", (-41.31, 174.81), type_="a-u-S-X")
    page = screen.open().sign_in().is_up().page
    expect(screen.row("SEEN B")).to_be_visible()
    screen.row("SEEN A").get_by_role("button").click()
    page.get_by_text("Join, split, prefer (0 hold)").click()
    page.get_by_label("Why (stands beside the decision)").fill("seen by eye")
    page.get_by_label("UID of the track that is the same object").fill("seen-b")
    page.get_by_role("button", name="Is one").click()
    expect(page.get_by_text("seen-a and seen-b are one")).to_be_visible()
    expect(page.get_by_text("Join, split, prefer (1 hold)")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("undone by watch-1")).to_be_visible()
    assert screen.complaints == []


def test_an_own_drawing_is_drawn_again_under_its_uid(screen: Screen, node: NodeProcess) -> None:
    client = Speaker.at(node)
    page = screen.open().sign_in().is_up().page
    page.keyboard.press("d")
    page.keyboard.type("BOX 7")
    page.get_by_label("Places, one a line").fill("-41.1 174.6\n-41.1 174.9\n-41.3 174.9")
    page.get_by_role("button", name="Put on the picture").click()
    first = _heard(client, b"BOX 7")
    page.get_by_role("button", name="Change BOX 7").click()
    places = page.get_by_label("Places, one a line")
    expect(places).to_have_value(re.compile(r"^-41\.1000000 174\.6000000\n"))
    places.fill("-41.1 174.6\n-41.1 174.9\n-41.4 174.9")
    page.get_by_label("Name", exact=True).fill("BOX 8")
    page.get_by_role("button", name="Put the change on the picture").click()
    again = _heard(client, b"BOX 8")
    assert again.get("uid") == first.get("uid")
    expect(screen.row("BOX 8")).to_be_visible()
    expect(screen.row("BOX 7")).to_be_hidden()
    # Others count what is drawn on this node.
    page.get_by_role("button", name="Remove BOX 8").press("Enter")
    page.get_by_role("button", name="Remove BOX 8 for everybody").press("Enter")
    expect(screen.row("BOX 8")).to_be_hidden()
    client.close()


def test_a_drawing_is_hooked_on_the_map_and_its_scale_is_told(screen: Screen) -> None:
    page = screen.open().sign_in().is_up().page
    chart = page.locator(".chart")
    before = int(chart.get_attribute("data-drawings") or 0)  # Another test may have drawn.
    expect(page.locator(".maplibregl-ctrl-scale")).to_have_text("5\u00a0nm")
    page.keyboard.press("d")
    page.keyboard.type("BOX 9")
    # Other tests have tracks about here, which are hooked before what is drawn.
    page.get_by_label("Places, one a line").fill("-41.07 174.6\n-41.07 174.83\n-41.3 174.83")
    page.get_by_role("button", name="Put on the picture").click()
    expect(chart).to_have_attribute("data-drawings", str(before + 1))
    page.get_by_role("button", name="Track", exact=True).click()
    # At zoom 9 a degree has 512 * 2^9 / 360 pixels, and one of latitude here a third more.
    box = chart.bounding_box()
    assert box is not None
    middle = {"x": box["width"] / 2, "y": box["height"] / 2}
    chart.click(position={"x": middle["x"] + 0.03 * 728, "y": middle["y"] - 0.13 * 728})
    expect(page.locator("aside.right")).to_contain_text("BOX 9")
    page.keyboard.press("d")
    page.get_by_role("button", name="Remove BOX 9").press("Enter")
    page.get_by_role("button", name="Remove BOX 9 for everybody").press("Enter")
    expect(chart).to_have_attribute("data-drawings", str(before))


def test_a_drill_is_marked_on_every_screen_until_an_administrator_ends_it(
    screen: Screen, browser: Browser, node: NodeProcess
) -> None:
    watch = screen.open().sign_in().is_up().page
    with another_window(browser, node, "chief") as chief:
        page = chief.page
        page.get_by_role("button", name="Drill", exact=True).click()
        page.get_by_label("Name of the drill").fill("TASMAN <b>26</b>")
        page.get_by_role("button", name="Declare the drill").click()
        for each in (page, watch):
            expect(each.locator("#drill")).to_contain_text("DRILL: TASMAN <b>26</b>")
        watch.reload()
        expect(watch.locator("#drill")).to_contain_text("declared by chief")
        assert watch.get_by_role("button", name="End the drill").count() == 0
        page.get_by_role("button", name="End the drill").click()
        page.get_by_role("button", name="Really end it?").click()
        for each in (page, watch):
            expect(each.locator("#drill")).to_be_hidden()
    watch.keyboard.press("w")
    expect(watch.locator("#log")).to_contain_text("drill ended")


def test_a_chart_of_ones_own_lies_on_the_map_and_nothing_leaves_the_node(screen: Screen) -> None:
    page = screen.open().sign_in().is_up().page
    page.get_by_text("Charts: 0 of 1").click()
    page.get_by_label("Harbour chart").check()
    expect(page.locator(".chart")).to_have_attribute("data-charts", "1")
    page.reload()
    expect(page.get_by_text("Charts: 1 of 1")).to_be_visible()
    expect(page.locator(".chart")).to_have_attribute("data-charts", "1")
    host = node_of(screen)
    assert [each for each in screen.asked if host not in each and "blob:" not in each] == []
    assert any("/api/v1/charts/harbour/file" in each for each in screen.asked)
    assert screen.complaints == []


def test_everybody_can_use_the_tools(screen: Screen, speaker: Speaker) -> None:
    speaker.say("yacht", "ALBATROSS", (-41.30, 174.80), type_="a-u-S-X")
    page = screen.open().sign_in().is_up().page
    page.keyboard.press("v")
    page.get_by_text("Filters").click()
    screen.row("ALBATROSS").get_by_role("button").click()
    page.get_by_text("Send to a TAK client").click()
    assert _faults(screen) == []
    page.keyboard.press("m")
    page.keyboard.type("0 179.5\n0 -179.5\n")
    page.set_viewport_size({"width": 500, "height": 900})
    assert _faults(screen) == []


def node_of(screen: Screen) -> str:
    return screen.node.target("api")


def _heard(client: Speaker, words: bytes) -> Any:
    """Wait for an event with those words in it."""
    client.connection.settimeout(20)
    data = b""
    while True:
        data += client.connection.recv(1 << 16)
        for event in re.findall(rb"<event .*?</event>", data, re.DOTALL):
            if words in event:
                return etree.fromstring(event)


def _faults(screen: Screen) -> list[Any]:
    found = Axe().run(screen.page).response["violations"]
    return [
        (each["id"], [node["html"] for node in each["nodes"]][:3])
        for each in found
        if each["impact"] in SERIOUS
    ]
