"""The answer of `accord impact` as a page, in a real browser: by eye, by keyboard, on paper."""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from accord.posture.backtest import ROUTER, tonga_and_vanuatu
from accord.posture.page import Page as AnswerPage
from support.plans import a_plan, an_impact


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    answer = an_impact().answer(list(a_plan().commitments.values()))
    land = np.zeros((360, 720), dtype=np.bool_)
    page = AnswerPage(answer, a_plan(), land, backtests=tonga_and_vanuatu(), router=ROUTER)
    path = tmp_path_factory.mktemp("answer") / "answer.html"
    path.write_text(page.write(), "utf-8")
    return path


@pytest.fixture
def opened(browser: Browser, file: Path) -> Iterator[Page]:
    """The page where scripts are switched off: axe brings its own way in."""
    context = browser.new_context(viewport={"width": 1000, "height": 900})
    page = context.new_page()
    page.goto(file.as_uri())
    yield page
    context.close()


def test_everybody_can_use_the_answer(opened: Page) -> None:
    for each in opened.locator("summary").all():
        each.click()
    found = Axe().run(opened)
    assert found.violations_count == 0, found.generate_report()


def test_the_answer_needs_no_script(browser: Browser, file: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(file.as_uri())
    assert page.get_by_role("heading", level=1).inner_text() == "What do C1, C2 and C3 change?"
    page.get_by_text("Every value that the numbers rest on").click()
    assert page.get_by_role("rowheader", name="FJI-OPV-NAN-1: availability").is_visible()
    context.close()


def test_the_keyboard_gets_to_the_answer_and_opens_what_is_folded(opened: Page) -> None:
    opened.keyboard.press("Tab")
    assert opened.evaluate("document.activeElement.textContent") == "To the answer"
    opened.keyboard.press("Enter")
    assert opened.url.endswith("#answer")
    first = opened.locator("details").first
    first.locator("summary").focus()
    opened.keyboard.press("Enter")
    assert first.evaluate("each => each.open")


def test_nothing_of_the_page_is_wider_than_its_window(browser: Browser, file: Path) -> None:
    context = browser.new_context(viewport={"width": 360, "height": 700})
    page = context.new_page()
    page.goto(file.as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    context.close()


def test_in_black_and_white_every_shade_of_a_map_is_told_from_its_neighbours(opened: Page) -> None:
    opened.emulate_media(media="print")
    fills = opened.locator("svg:has(#key) rect").evaluate_all(
        "all => all.map(e => e.getAttribute('fill'))"
    )
    greys = [
        0.2126 * int(each[1:3], 16) + 0.7152 * int(each[3:5], 16) + 0.0722 * int(each[5:7], 16)
        for each in fills
        if each.startswith("#")
    ]
    assert len(greys) == 5
    assert all(one - other > 25 for one, other in pairwise(greys))
    assert fills[0] == "url(#hatch)"
