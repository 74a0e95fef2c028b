"""What needs attention and what was noted, in a real browser at a real node."""

from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, expect

from support.browser import Screen, Speaker, add_user, scripted_alerts
from support.node_process import NodeProcess, running_node

SERIOUS = {"serious", "critical"}


@pytest.fixture(scope="module")
def node(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[NodeProcess]:
    """A node of their own: what calls for help elsewhere would be spoken here."""
    with running_node(tmp_path_factory.mktemp("alerts") / "node") as running:
        add_user(running)
        yield running


def test_a_call_for_help_is_acknowledged_with_one_key_and_gone_when_it_is_over(
    screen: Screen, speaker: Speaker
) -> None:
    screen.open().sign_in().is_up()
    page = screen.page
    speaker.call("kiwi-9-1-1", "KIWI IN TROUBLE")
    alert = _alert(screen, "KIWI IN TROUBLE")
    expect(alert).to_contain_text("ALARM")
    expect(alert).to_contain_text("NOT ACKNOWLEDGED")
    expect(page.locator("#alerts")).to_have_attribute("data-sound", "alarm")
    expect(page.locator('[aria-live="assertive"]')).to_have_text(
        "ALARM: KIWI IN TROUBLE: 911 Alert"
    )
    page.keyboard.press("a")
    expect(alert).to_contain_text("Acknowledged by watch-1")
    alert.get_by_role("button", name="Take").click()
    expect(alert).to_contain_text("watch-1 has it")
    alert.get_by_role("button", name="Go to track").click()
    expect(page.locator("#track-title")).to_contain_text("KIWI IN TROUBLE")
    speaker.call("kiwi-9-1-1", "KIWI IN TROUBLE", is_over=True)
    expect(alert).to_be_hidden()
    assert screen.complaints == []


def test_a_note_outlives_a_failed_send_and_a_restart_and_a_reload(
    screen: Screen, speaker: Speaker, node: NodeProcess
) -> None:
    speaker.say("about", "TALKED ABOUT")
    screen.open().sign_in().is_up()
    page, at = screen.page, node.target("api")
    screen.row("TALKED ABOUT").get_by_role("button").click()
    page.keyboard.press("w")
    page.keyboard.type("Fog in the sound, VHF 16 is weak")
    node.stop()
    page.get_by_role("button", name="Write Enter").click()
    log = page.locator("#log")
    expect(log).to_contain_text("Not written, kept here: The node does not answer.")
    node.start_at("api", at)
    expect(page.locator('[data-link="up"]')).to_be_visible()
    page.reload()
    screen.is_up()
    page.keyboard.press("w")
    expect(page.get_by_label("Note", exact=True)).to_have_value("Fog in the sound, VHF 16 is weak")
    screen.row("TALKED ABOUT").get_by_role("button").click()
    expect(log).to_contain_text("about TALKED ABOUT")
    page.get_by_label("Note", exact=True).press("Enter")
    expect(page.get_by_label("Note", exact=True)).to_have_value("")
    line = log.locator("li").filter(has_text="Fog in the sound")
    expect(line).to_contain_text("watch-1")
    expect(line.get_by_role("button", name="about")).to_be_visible()


def test_everybody_can_use_alerts_and_log_and_sheet_in_every_light(screen: Screen) -> None:
    scripted_alerts(screen)
    screen.open().sign_in().is_up()
    page = screen.page
    expect(page.locator("header .count")).to_have_text("2 ALARM 1 WARNING 15 CAUTION")
    expect(page.locator("#alerts summary")).to_contain_text("14 \u00d7 CAUTION")
    expect(_alert(screen, "DRILL")).to_contain_text("EXERCISE")
    for palette in ("Day", "Dusk", "Night red"):
        page.get_by_role("button", name=palette, exact=True).click()
        page.keyboard.press("w")
        expect(page.locator("#log")).to_be_visible()
        assert _faults(screen) == []
        page.keyboard.press("Escape")
        page.keyboard.press("Escape")
        page.keyboard.press("h")
        expect(page.get_by_role("dialog")).to_contain_text("What changed since")
        assert _faults(screen) == []
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_be_hidden()


def _alert(screen: Screen, text: str) -> Locator:
    return screen.page.locator("#alerts article").filter(has_text=text)


def _faults(screen: Screen) -> list[Any]:
    found = Axe().run(screen.page).response["violations"]
    return [
        (each["id"], [node["html"] for node in each["nodes"]][:3])
        for each in found
        if each["impact"] in SERIOUS
    ]
