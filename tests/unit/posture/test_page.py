import re
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser

import numpy as np
import pytest

from accord.posture.answer import Answer
from accord.posture.backtest import RouterCheck, tonga_and_vanuatu
from accord.posture.model import Scenario, Stated
from accord.posture.page import Page
from accord.posture.unknown import not_known
from support.plans import a_plan, an_impact, with_ops, with_units

DRAWS = 60
LAND = np.zeros((180, 360), dtype=np.bool_)
ROUTER = RouterCheck(pairs=300, median=0.01, mean=0.03, within_5=0.84, shortest=0.0)
IMPACT = an_impact(draws=DRAWS)
ANSWER = IMPACT.answer([a_plan().commitments[each] for each in ("C1", "C2", "C3")])
VOID = {"meta"}


def page(answer: Answer = ANSWER, scenario: Scenario | None = None) -> str:
    tested = tonga_and_vanuatu()
    return Page(answer, scenario or a_plan(), LAND, backtests=tested, router=ROUTER).write()


class Read(HTMLParser):
    """Holds every tag to being closed, and gathers what a page refers to."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.wanted: set[str] = set()
        self.tags: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        for key, value in attrs:
            if key == "id" and value:
                self.ids.append(value)
            if key in ("aria-labelledby", "href") and value:
                self.wanted.add(value.removeprefix("#"))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def read(text: str) -> Read:
    reader = Read()
    reader.feed(text)
    return reader


def test_a_page_is_whole_and_every_reference_in_it_leads_somewhere() -> None:
    found = read(page())
    assert found.open == []
    assert len(found.ids) == len(set(found.ids))
    assert found.wanted <= set(found.ids)


def test_a_page_needs_no_script_and_nothing_from_elsewhere() -> None:
    text = page()
    assert not read(text).tags & {"script", "img", "link", "iframe", "object"}
    assert not re.search(r"(src|href)=\"(?!#)|url\((?!#)|@import|https?:", text)


def test_the_same_answer_gives_the_same_bytes() -> None:
    assert page() == page()


def test_the_order_in_which_commitments_are_asked_about_does_not_matter() -> None:
    turned = dict(reversed(a_plan().commitments.items()))
    assert page(scenario=replace(a_plan(), commitments=turned)) == page()


def test_a_page_says_that_it_is_a_plan_before_anything_else() -> None:
    body = page().split("<body>")[1]
    assert body.index("PLAN plan:plan: nothing on this page is live") < body.index("<h1>")


def test_what_is_invented_is_marked_wherever_it_stands() -> None:
    text = page()
    assert text.count('<b class="invented">invented</b>') >= 5 + 3  # units, and commitments
    assert "(0.4, invented)" in text


def test_what_a_page_names_cannot_add_to_its_markup() -> None:
    bases = a_plan().bases
    wicked = replace(bases["DEV"], name="<script>alert(1)</script>")
    commitments = {
        name: replace(each, text="<b onclick=x>") for name, each in a_plan().commitments.items()
    }
    plan = replace(a_plan(), bases=bases | {"DEV": wicked}, commitments=commitments)
    text = page(scenario=plan)
    assert "<script" not in text
    assert "<b onclick" not in text
    assert "&lt;script&gt;" in text


def test_every_case_has_its_section_maps_and_table() -> None:
    text = page()
    for n in range(4):
        assert f'id="case-{n}"' in text
        assert f'id="map-{n}-with"' in text
    assert 'id="shares-1"' in text
    assert 'id="shares-2"' not in text  # nobody serves the area then
    assert text.count('id="hatch"') == 1
    assert "What do C1, C2 and C3 change?" in text


def test_the_question_about_one_commitment_is_in_the_singular() -> None:
    assert "What does C1 change?" in page(replace(ANSWER, cases=ANSWER.cases[:1]))


def test_what_is_folded_on_the_screen_is_on_paper() -> None:
    on_paper = page().split("@media print", 1)[1].split("</style>", 1)[0]
    assert "details::details-content { content-visibility: visible" in on_paper


def test_what_is_not_known_and_how_far_to_believe_it_are_told() -> None:
    text = page()
    for each in not_known(a_plan(), a_plan().as_of):
        assert each.split(",")[0].split(":")[0] in text
    assert "Tonga, eruption of 15 January 2022" in text
    assert "Vanuatu, earthquake of 17 December 2024" in text
    assert "300 distances of NGA Pub. 151: half of them within 1.0%, 3.0% on average, 84%" in text
    assert "Somewhere: size</th><td>not drawn; published 1,000 km" in text
    assert "on the evening of the 20th: about 55 h</td>" in text


def test_a_value_that_has_expired_is_shown_as_stale() -> None:
    unit = a_plan().units["FJI-OPV-NAN-1"]
    expired = replace(unit.availability.origin, valid_until=date(2025, 12, 31))
    plan = with_units(a_plan(), replace(unit, availability=Stated(0.5, expired)))
    assert "(stale)</td>" in page(scenario=plan)
    assert "(stale)</td>" not in page()


def test_a_case_that_changes_nothing_has_words_and_no_charts() -> None:
    warm = with_ops("{op: nothing_measurable, text: warm words}")
    text = page(IMPACT.answer([warm]), replace(a_plan(), commitments={"CX": warm}))
    assert "binds nothing measurable (warm words)" in text
    assert 'id="map-0-with"' not in text
    assert 'id="bars-0"' not in text
    assert 'id="shares-0"' not in text
    assert "usable unit-days by month" not in text


def test_presence_is_told_month_by_month() -> None:
    row = re.search(r'<tr><th scope="row">Round Fiji, NZL</th>(.*?)</tr>', page())
    assert row is not None
    assert len(re.findall("<td>", row[1])) == 13 + 1  # the year is cut within a month


@pytest.mark.parametrize("heading", ["Area or place", "Assumption", "What happened", "Valid until"])
def test_every_table_has_heads_for_its_columns(heading: str) -> None:
    assert f'<th scope="col">{heading}</th>' in page()
