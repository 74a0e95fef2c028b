"""The register of readiness and its board, in a real browser at a real node."""

from datetime import timedelta
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from accord.core.clock import SystemClock
from support.browser import Screen

SERIOUS = {"serious", "critical"}


def files() -> dict[str, str]:
    """A small fleet, of which something is invented and something is stale."""
    now = SystemClock().now()
    today, soon = f"{now:%Y-%m-%d}", f"{now + timedelta(days=9):%Y-%m-%d}"
    head, said = "by,as_of,valid_until,confidence", f"HQ,{today},{soon},C"
    old = f"HQ,2026-01-01,{now - timedelta(days=2):%Y-%m-%d},A"
    return {
        "bases.csv": f"id,name,country,role,lat,lon,{head}\nOHA,Ohakea,NZL,air,-40,175,{said}",
        "classes.csv": "id,name,domain,cruise_kt,roles,notice_h,by,as_of\n"
        f'MPA,aircraft,air,440,"surveillance, sar",1/2/6,HQ,{today}',
        "units.csv": f"id,partner,class,base,count,{head}\nLINE,NZL,MPA,OHA,4,{said}\n"
        f"OLD,NZL,MPA,OHA,1,{said}",
        "availability.csv": f"id,unit,from,to,state,share,{head}\n"
        f"A1,LINE,2026-01-01,2030-01-01,available,0.5,{said}\n"
        f"A2,OLD,2026-01-01,2030-01-01,available,0.5,{old}",
    }


def put(screen: Screen, name: str, text: str) -> None:
    data: Any = {"name": name, "mimeType": "text/csv", "buffer": text.encode()}
    screen.page.get_by_label("Import a workbook or CSV file").set_input_files(data)


def test_a_register_is_entered_and_read_on_the_page(screen: Screen) -> None:
    screen.open().sign_in().is_up()
    page = screen.page
    page.keyboard.press("b")
    dialog = page.get_by_role("dialog", name="Readiness")
    expect(dialog).to_be_visible()
    status = dialog.get_by_role("status")
    put(screen, "units.csv", files()["units.csv"])
    expect(status).to_contain_text("sheet units, row 2, cell C2, class: MPA is none of the classes")
    for name, text in files().items():
        put(screen, name, text)
        expect(status).to_contain_text("New values:")
    row = dialog.get_by_role("row").filter(has_text="surveillance-air")
    expect(row).to_contain_text("P(≥1) 94 %")
    expect(row).to_contain_text("STALE, not counted: NZL")
    expect(row).to_contain_text("INVENTED: NZL")
    dialog.get_by_role("button", name="LINE", exact=True).click()
    expect(dialog.get_by_role("heading", name="History of LINE")).to_be_visible()
    dialog.get_by_label("count", exact=True).fill("3")
    dialog.get_by_label("Who says so").fill("the base")
    dialog.get_by_role("button", name="Enter", exact=True).click()
    expect(status).to_contain_text("Rows read: 1. New values: 1.")
    expect(row).to_contain_text("P(≥1) 88 %")
    expect(dialog.get_by_role("row").filter(has_text="the base")).to_contain_text("3")
    violations = Axe().run(page).response["violations"]
    assert [each for each in violations if each["impact"] in SERIOUS] == []
    row.get_by_role("button", name="State it …").click()
    row.get_by_label("Marking").fill("(R//REL TO AUS)")
    row.get_by_role("button", name="State it", exact=True).click()
    expect(status).to_contain_text("Stated: surveillance-air")
    dialog.get_by_label("Open plan").fill("pacific")
    dialog.get_by_label("Open plan").press("Enter")
    expect(dialog).to_contain_text("PLAN, NOT LIVE")
    expect(dialog).to_contain_text("Nobody has said anything.")
    dialog.get_by_role("heading", name="Readiness").click()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    assert screen.complaints == []


def test_in_an_exercise_the_register_of_the_exercise_is_opened(screen: Screen) -> None:
    screen.page.goto(f"{screen.address}/#exercise:TASMAN%2026")
    screen.sign_in()
    expect(screen.page.locator('[data-link="up"]')).to_be_visible()
    screen.page.keyboard.press("b")
    dialog = screen.page.get_by_role("dialog", name="Readiness")
    expect(dialog.get_by_label("Context")).to_have_value("exercise:TASMAN 26")
    expect(dialog.locator(".exercise")).to_have_text("EXERCISE TASMAN 26")
    screen.page.keyboard.press("Escape")
    assert screen.complaints == []
