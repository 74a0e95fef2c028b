"""An incident of relief on the page: needs, offers, an account, a form, an alert, in a browser."""

from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, expect

from support.browser import Screen

SERIOUS = {"serious", "critical"}


def add(panel: Locator, group: str, what: str, fields: dict[str, str]) -> Locator:
    """Write a record down; return the group that it is in."""
    found = panel.locator("details", has=panel.page.locator("summary", has_text=group)).first
    if found.get_attribute("open") is None:
        found.locator("summary").first.click()
    found.get_by_role("button", name=f"Add: {what}").click()
    for label, value in fields.items():
        field = found.get_by_label(label, exact=False).first
        if field.evaluate("each => each.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)
    found.get_by_role("button", name="Write it down").click()
    return found


def goes_out(panel: Locator, tmp_path: Path) -> None:
    """Issue an alert, take a sheet in, and write into the log."""
    panel.get_by_text("Alerts (CAP)").click()
    panel.get_by_role("button", name="Issue an alert").click()
    panel.get_by_label("Headline").fill("Move to high ground")
    panel.get_by_role("button", name="Issue it").click()
    expect(panel).to_contain_text("Alert Move to high ground")
    panel.get_by_text("Sheets (CSV or XLSX with HXL)").click()
    panel.get_by_role("combobox", name="Sheet").select_option("need")
    sheet = tmp_path / "needs.csv"
    sheet.write_text("what,where\ntents,Lakatoro\n", "utf-8")
    panel.get_by_label("Take a sheet in").set_input_files(sheet)
    expect(panel.get_by_role("status").filter(has_text="1 taken")).to_be_visible()
    expect(panel).to_contain_text("tents, Lakatoro")
    panel.get_by_text("Log", exact=True).click()
    panel.get_by_placeholder("What happened").fill("bridge is out")
    panel.get_by_role("button", name="Write it").last.click()
    expect(panel.get_by_role("listitem").filter(has_text="bridge is out")).to_be_visible()
    panel.get_by_role("button", name="Show on the map").click()


def test_an_incident_is_worked_from_the_call_to_the_alert(screen: Screen, tmp_path: Path) -> None:
    screen.open().sign_in().is_up()
    page = screen.page
    page.keyboard.press("i")
    panel = page.locator("section[aria-labelledby='relief-title']")
    expect(panel.get_by_role("heading", name="Relief")).to_be_focused()
    expect(panel).to_contain_text("No open incidents.")
    panel.get_by_role("button", name="Open an incident").click()
    panel.get_by_label("Title").fill("Cyclone Lola")
    panel.get_by_label("Position").fill("16 10 167 30")
    panel.get_by_role("button", name="Open it").click()
    # What can mean several places is asked back, and what was typed is still there.
    expect(panel.get_by_role("alert")).to_contain_text("say which one")
    panel.get_by_label("Position").fill("16 10S 167 30E")
    panel.get_by_role("button", name="Open it").click()
    expect(panel.get_by_role("heading", name="Cyclone Lola")).to_be_visible()
    water = {"What": "water", "Quantity": "500", "Place": "Norsup", "Contact person": "Jean Tari"}
    add(panel, "Needs", "need", water)
    add(panel, "Offers", "offer", {"What": "water", "Quantity": "300", "Organisation": "VRC"})
    matches = panel.locator("details", has=page.locator("summary", has_text="Matches")).first
    matches.locator("summary").click()
    matches.get_by_role("button", name="Add: match").click()
    matches.get_by_label("Need").select_option(index=1)
    matches.get_by_label("Offer").select_option(index=1)
    matches.get_by_role("button", name="Write it down").click()
    expect(panel).to_contain_text("300 matched, 200 left")
    account = {"What": "MV Kea", "Aboard": "12", "Unhurt": "10"}
    add(panel, "Accounts of persons", "account of persons", account)
    expect(panel).to_contain_text("10 accounted for, 2 missing")
    report = {
        "M: major": "standby", "Position": "16 10S 167 30E", "T: type": "landslide",
        "H: hazards": "slope moves", "A: access": "by sea", "E: services present": "police",
        "E: services required": "helicopter",
    }  # fmt: skip
    forms = add(panel, "METHANE reports", "METHANE report", report)
    forms.get_by_role("button", name="For radio").click()
    expect(forms).to_contain_text("M, major incident: standby")
    # One value is changed where it stands.
    needs = panel.locator("details", has=page.locator("summary", has_text="Needs")).first
    needs.get_by_role("button", name="Change: water, Norsup").click()
    needs.get_by_label("Quantity").fill("400")
    needs.get_by_role("button", name="Write it down").click()
    expect(needs).to_contain_text("300 matched, 100 left")
    goes_out(panel, tmp_path)
    violations = Axe().run(page).response["violations"]
    assert [each for each in violations if each["impact"] in SERIOUS] == []
    assert screen.complaints == []
