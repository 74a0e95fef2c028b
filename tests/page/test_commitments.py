"""The register of commitments in a real browser: a statement is taken in, confirmed and kept."""

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Route, expect

from support.browser import Screen
from support.statements import STATEMENT

SERIOUS = {"serious", "critical"}


def test_a_statement_is_taken_in_confirmed_and_kept_on_the_page(screen: Screen) -> None:
    screen.open().sign_in().is_up()
    page = screen.page
    page.keyboard.press("o")
    sheet = page.locator("#commitments")
    expect(sheet.get_by_role("heading", name="Commitments", exact=True)).to_be_visible()
    file: Any = {"name": "j.yaml", "mimeType": "text/yaml", "buffer": STATEMENT.encode()}
    sheet.get_by_label("Take in a statement (YAML)").set_input_files(file)
    expect(sheet.get_by_role("status")).to_contain_text("Taken in: JOINT, 3 clauses.")
    # FJI owes the second; the last sentence was not read.
    owed = sheet.get_by_role("table", name="What NZL is owed").get_by_role("row")
    expect(owed.nth(1)).to_contain_text("INVENTED")
    expect(owed.nth(1)).to_contain_text("not confirmed")
    clause = sheet.locator('[data-clause="2"]')
    clause.get_by_role("button", name="Confirm").click()
    clause.get_by_role("button", name="Confirm").click()
    expect(owed.nth(1)).to_contain_text("LATE")
    clause.get_by_role("button", name="It was kept").click()
    clause.get_by_label("on (today, if empty)").fill("2026-04-01")
    clause.get_by_label("In your words").fill("<b>radar is on</b>")
    clause.get_by_role("button", name="It was kept").click()
    expect(owed.nth(1)).to_contain_text("KEPT")
    expect(clause).to_contain_text("<b>radar is on</b>")
    expect(sheet).to_contain_text("They look forward to the future.")
    found = Axe().run(page).response["violations"]
    assert [each["id"] for each in found if each["impact"] in SERIOUS] == []
    page.keyboard.press("Escape")
    expect(sheet).to_be_hidden()
    assert screen.complaints == []


def _asked(name: str, **more: Any) -> dict[str, Any]:
    return {
        "id": name, "context": "plan:JOINT", "asked": "2026-11-25T04:00:00Z", "by": "aroha",
        "source": "register", "commitments": ["JOINT"], "baseline": None, "state": "done",
        "done": 1, "of": 1, "trouble": "", "page": None, **more,
    }  # fmt: skip


def test_what_they_change_is_asked_for_and_its_answer_opened_from_the_page(screen: Screen) -> None:
    asked: list[Any] = []
    sources = [
        {
            "name": "register",
            "commitments": [{"id": "JOINT", "text": "Ministers agree"}],
            "trouble": "",
        }
    ]
    answers = [
        _asked("new", state="working", of=4),
        _asked("old", page="/api/v1/impact/old/page"),
        _asked("bad", state="failed", trouble="no area has cells"),
    ]

    def answer(route: Route) -> None:
        if route.request.method == "POST":
            asked.append(route.request.post_data_json)
            route.fulfill(status=201, json=answers[0])
        else:
            said = {"context": "plan", "answers": answers, "sources": sources}
            route.fulfill(json=said)

    screen.page.route("**/api/v1/impact", answer)
    screen.open().sign_in().is_up()
    screen.page.keyboard.press("o")
    section = screen.page.get_by_role("region", name="What they change")
    expect(section).to_contain_text("PLAN, NOT LIVE")
    expect(section).to_contain_text("25 %")
    expect(section).to_contain_text("No answer: no area has cells")
    link = section.get_by_role("link", name="Read the answer")
    expect(link).to_have_attribute("href", "/api/v1/impact/old/page")
    ask = section.get_by_role("button", name="Ask what they change")
    expect(ask).to_be_disabled()
    section.get_by_label("JOINT: Ministers agree").check()
    ask.click()
    expect(screen.page.locator("#commitments > p[role=status]")).to_contain_text("Asked.")
    assert asked == [{"commitments": ["JOINT"], "source": "register"}]
