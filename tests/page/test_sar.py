"""A case of search and rescue on the page, from the call to the report, in a real browser."""

import re
from datetime import timedelta

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from accord.core.clock import SystemClock
from support.browser import Screen

SERIOUS = {"serious", "critical"}


def test_a_case_is_worked_from_the_call_to_the_report(screen: Screen) -> None:
    screen.open().sign_in().is_up()
    page = screen.page
    page.keyboard.press("e")
    side = page.get_by_role("complementary", name="Side").or_(page.locator("aside.right"))
    panel = page.locator("section[aria-labelledby='cases-title']")
    expect(panel).to_contain_text("No open cases.")
    panel.get_by_role("button", name="Open a case").click()
    an_hour_ago = SystemClock().now() - timedelta(hours=1)
    for label, value in (
        ("Title", "yacht Kea"),
        ("Last known position", "36 36.2 174 43.0"),
        ("At that place at", an_hour_ago.isoformat()),
        ("What drifts", "LIFE-RAFT-NB-1"),
        ("Persons on board", "3"),
    ):
        panel.get_by_label(label).fill(value)
    panel.get_by_role("button", name="Open it").click()
    # What can mean several places is asked back, and what was typed is still there.
    expect(panel.get_by_role("alert")).to_contain_text("say which one")
    panel.get_by_label("Last known position").fill("36 36.2S 174 43.0E")
    panel.get_by_role("button", name="Open it").click()
    expect(panel.get_by_role("heading", name="yacht Kea")).to_be_visible()
    expect(panel).to_contain_text("36-36.2S 174-43.0E")
    expect(side).to_contain_text("case NZL")
    for what, value in (("Wind from", "230/20"), ("Current to", "90/0,5")):
        panel.get_by_role("button", name=f"Change: {what}").click()
        panel.get_by_role("textbox", name=what).fill(value)
        panel.get_by_role("button", name="Set", exact=True).click()
    expect(panel).to_contain_text("230/20")
    panel.get_by_role("button", name="Where it may be").click()
    expect(panel).to_contain_text("90 % within")
    chart = page.locator("[data-case-cells]")
    expect(chart).not_to_have_attribute("data-case-cells", "0")
    panel.get_by_role("button", name="Show on the map").click()
    panel.get_by_placeholder("What happened").fill("red flare")
    panel.get_by_label("Where, if at a place").fill("36 30S 174 50E")
    panel.get_by_role("button", name="Write it").click()
    expect(panel.get_by_role("listitem").filter(has_text="sighting")).to_contain_text("red flare")
    violations = Axe().run(page).response["violations"]
    assert [each for each in violations if each["impact"] in SERIOUS] == []
    panel.get_by_text("Situation report").click()
    panel.get_by_role("button", name="Draft it from the log").click()
    report = panel.get_by_label("Situation report")
    expect(report).to_have_value(re.compile("SIGHTING: red flare AT 36-30.0S"))
    panel.get_by_role("button", name="I have read it: let it go").click()
    expect(panel.get_by_role("listitem").filter(has_text="report to")).to_be_visible()
    assert screen.complaints == []
