"""Administration in a real browser: a phone is let in and thrown out, a user made and locked."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from support.browser import Screen, add_user

SERIOUS = {"serious", "critical"}


def test_an_administrator_lets_in_and_throws_out_and_all_of_it_stands_in_the_audit(
    screen: Screen,
) -> None:
    add_user(screen.node, "chief", "--role", "administrator")
    screen.open().sign_in("chief").is_up()
    page = screen.page
    page.keyboard.press("u")
    sheet = page.locator("#admin")
    expect(sheet.get_by_role("heading", name="Administration", exact=True)).to_be_visible()
    client = sheet.get_by_role("form", name="A client")
    client.get_by_label("Name").fill("six-1")
    client.get_by_label("Groups").fill("Blue:up")
    client.get_by_role("button", name="Let it enrol").click()
    expect(client.get_by_role("alert")).to_be_visible()
    client.get_by_label("Groups").fill("Blue, Red:out")
    client.get_by_role("button", name="Let it enrol").click()
    expect(sheet.get_by_alt_text("A code for the phone of six-1 to scan")).to_be_visible()
    expect(sheet).to_contain_text("tak://com.atakmap.app/enroll?host=")
    row = sheet.get_by_role("table", name="Who may connect").get_by_role("row", name="six-1")
    expect(row).to_contain_text("is to enrol")
    user = sheet.get_by_role("form", name="A user")
    user.get_by_label("Name").fill("tahi")
    user.get_by_label("Groups").fill("Blue")
    user.get_by_role("button", name="Let them sign in").click()
    expect(sheet).to_contain_text("The password, told this once:")
    sheet.get_by_role("button", name="Lock tahi").click()
    expect(sheet.get_by_role("status")).to_contain_text("tahi is locked")
    found = Axe().run(page).response["violations"]
    assert [each["id"] for each in found if each["impact"] in SERIOUS] == []
    sheet.get_by_role("button", name="Throw six-1 out").click()
    expect(row).to_contain_text("is to enrol")  # nobody is thrown out by one press
    sheet.get_by_role("button", name="Do it").click()
    expect(row).to_contain_text("thrown out")
    acts = sheet.get_by_role("table", name="What administrators did").get_by_role("row")
    expect(acts.nth(1)).to_contain_text("client revoke six-1")
    expect(acts.nth(2)).to_contain_text("user lock tahi")
    expect(acts.nth(1)).to_contain_text("chief (page)")
    page.keyboard.press("Escape")
    expect(sheet).to_be_hidden()
    assert screen.complaints == []


def test_who_is_no_administrator_has_no_such_panel(watch: Screen) -> None:
    watch.page.keyboard.press("u")
    expect(watch.page.locator("#admin")).to_be_hidden()
    expect(watch.page.get_by_role("button", name="Administration")).to_have_count(0)
