"""What partners are given, paused, taken back and written down, in a browser at linked nodes."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, expect

from support.agreements import NZL, USA, example
from support.browser import Screen, Speaker, add_user
from support.in_process import make_node
from support.linked import agree, hurry
from support.links import Place
from support.node_process import ON_FREE_PORTS, NodeProcess
from support.tak_client import moment

ID = example().agreement.id
SERIOUS = {"serious", "critical"}


@pytest.fixture(scope="module")
def node(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[NodeProcess]:
    """The node USA, linked to NZL, to which it gives."""
    folder = tmp_path_factory.mktemp("linked")
    places = {
        each: make_node(folder / each[:3].lower(), node=each, nation=each[:3])
        for each in (NZL, USA)
    }
    for place in places.values():
        hurry(place)
        agree(place)
    ends = {each: Place(each, place) for each, place in places.items()}
    nodes = {each: NodeProcess(place, ON_FREE_PORTS) for each, place in places.items()}
    ends[NZL].add(ends[USA].as_partner())
    nodes[NZL].start()
    ends[USA].add(ends[NZL].as_partner(nodes[NZL].target("federation")))
    nodes[USA].start()
    add_user(nodes[USA], "boss", "--role", "administrator")
    add_user(nodes[USA], "looker", "--role", "viewer")
    yield nodes[USA]
    for each in nodes.values():
        each.stop()


def ship(speaker: Speaker, uid: str, lat: float = -33.0, marks: str = "USA, NZL") -> None:
    """Say where a ship is, marked as the agreement wants it."""
    now = datetime.now(UTC)  # noqa: TID251  a client has a clock of its own
    time, stale = moment(now), moment(now + timedelta(minutes=10))
    speaker.connection.sendall(
        f'<event version="2.0" uid="{uid}" type="a-f-S" how="m-g" time="{time}" start="{time}" '
        f'stale="{stale}" access="UNCLASSIFIED" releasableTo="{marks}">'
        f'<point lat="{lat}" lon="178.0" hae="0" ce="20" le="9999999.0"/>'
        f'<detail><contact callsign="{uid}"/></detail></event>'.encode()
    )


@pytest.fixture
def boss(screen: Screen) -> Screen:
    screen.open(where=(178.0, -33.0, 6.0)).sign_in(name="boss").is_up()
    screen.page.keyboard.press("p")
    expect(screen.page.locator(".partner-card")).to_contain_text(NZL)
    return screen


def _card(screen: Screen) -> Locator:
    return screen.page.locator(".partner-card")


def _released(screen: Screen, speaker: Speaker, uid: str) -> None:
    """Have it released, and wait until the partner's picture has it."""
    ship(speaker, uid)
    expect(screen.row(uid)).to_be_visible()
    screen.page.wait_for_timeout(1500)


def _confirm(screen: Screen, button: str, reason: str = "") -> None:
    dialog = screen.page.get_by_role("dialog")
    if reason:
        dialog.get_by_label("Why?").fill(reason)
    dialog.get_by_role("button", name=button).click()
    expect(dialog).to_be_hidden()


def test_the_map_shows_as_a_partner_sees_it_and_one_key_brings_our_own_back(
    boss: Screen, speaker: Speaker
) -> None:
    page = boss.page
    _released(boss, speaker, "FRIGATE")
    ship(speaker, "PRIVATE", marks="USA")
    expect(boss.row("PRIVATE")).to_be_visible()
    expect(_card(boss)).to_contain_text("up")
    page.get_by_role("button", name=f"See as {NZL} sees it").click()
    banner = page.locator(".banner")
    expect(banner).to_contain_text(f"AS {NZL} SEES IT")
    expect(page.locator(f'body[data-foreign="AS {NZL} SEES IT"]')).to_be_visible()
    expect(page.locator('.live[aria-pressed="true"]')).to_have_count(0)
    expect(boss.row("FRIGATE")).to_be_visible()
    expect(boss.row("PRIVATE")).to_be_hidden()
    boss.row("FRIGATE").get_by_role("button").click()
    expect(page.locator(".side dl")).to_contain_text("exact")
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    expect(banner).to_be_hidden()
    expect(page.locator("body[data-foreign]")).to_have_count(0)
    expect(boss.row("PRIVATE")).to_be_visible()
    page.keyboard.press("p")
    page.get_by_role("button", name=f"See as {NZL} sees it").click()
    expect(banner).to_be_visible()
    page.keyboard.press("l")
    expect(banner).to_be_hidden()
    assert boss.complaints == []


def test_a_pause_stops_what_flows_is_said_everywhere_and_ends_with_a_press(
    boss: Screen, speaker: Speaker
) -> None:
    page, card = boss.page, _card(boss)
    card.get_by_role("button", name="Pause here").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("nothing flows by")
    expect(dialog).to_contain_text("no party's suspension")
    _confirm(boss, "Pause it now", "wrong area")
    expect(card).to_contain_text("PAUSED HERE by boss")
    expect(card).to_contain_text("wrong area")
    sign = page.locator("#pauses")
    expect(sign).to_contain_text(f"{NZL} PAUSED by boss since")
    page.reload()
    expect(sign).to_contain_text("wrong area")
    page.keyboard.press("p")
    page.keyboard.press("w")
    expect(page.locator("#log li").first).to_contain_text(f"paused agreement {ID}")
    page.keyboard.press("Escape")
    card.get_by_role("button", name="Resume").click()
    _confirm(boss, "Resume it")
    expect(card).not_to_contain_text("PAUSED HERE")
    expect(sign).to_be_hidden()
    expect(card).to_contain_text(f"At {NZL}: activated")


def test_a_recall_is_answered_with_a_receipt_and_stands_in_the_ledger(
    boss: Screen, speaker: Speaker
) -> None:
    page, card = boss.page, _card(boss)
    _released(boss, speaker, "MISTAKE")
    card.get_by_label("Object, by its name").fill("MISTAKE")
    card.get_by_role("button", name="Recall …", exact=True).last.click()
    _confirm(boss, "Recall it now", "sent in error")
    recall = card.locator("[data-recall]").first
    expect(recall).to_contain_text("ANSWERED")
    expect(recall).to_contain_text("Receipt: dropped, 1 objects")
    card.get_by_role("button", name="Ledger").click()
    ledger = page.locator("#ledger")
    ledger.get_by_label("Object").fill("MISTAKE")
    ledger.get_by_role("button", name="Show", exact=True).click()
    expect(ledger.locator("[data-line]").first).to_contain_text("recall")
    expect(ledger.locator("[data-line]").nth(1)).to_contain_text("released")
    ledger.get_by_role("button", name="Verify it").click()
    expect(ledger.locator(".verified")).to_contain_text("WHOLE:")
    assert _faults(boss) == []


def test_a_text_is_tried_on_what_was_heard_and_nothing_is_put_in_force(
    boss: Screen, speaker: Speaker
) -> None:
    page = boss.page
    _released(boss, speaker, "TRIED")
    _card(boss).get_by_role("button", name="Try a change").click()
    trial = page.locator("#trial")
    expect(trial.get_by_label("The agreement's text")).to_have_value(re.compile(re.escape(ID)))
    trial.get_by_role("button", name="Try it").click()
    expect(trial).to_contain_text(f"{NZL} would have got")
    trial.get_by_role("button", name="on the map").click()
    expect(page.locator(".banner")).to_contain_text("PREVIEW")
    expect(page.locator(".banner")).to_contain_text(re.compile(r"\d+ s ago"))
    expect(page.locator(".time output")).to_contain_text(f"{NZL}: ")


def test_a_viewer_sees_how_partners_are_and_can_do_nothing_to_them(screen: Screen) -> None:
    screen.open().sign_in(name="looker").is_up()
    screen.page.keyboard.press("p")
    card = _card(screen)
    expect(card).to_contain_text(ID)
    assert card.get_by_role("button").all_inner_texts() == [f"See as {NZL} sees it"]
    card.get_by_role("button").click()
    expect(screen.page.locator(".banner")).to_be_visible()
    for palette in ("Day", "Dusk", "Night red"):
        screen.page.get_by_role("button", name=palette, exact=True).click()
        assert _faults(screen) == []


def _faults(screen: Screen) -> list[Any]:
    found = Axe().run(screen.page).response["violations"]
    return [
        (each["id"], [node["html"] for node in each["nodes"]][:3])
        for each in found
        if each["impact"] in SERIOUS
    ]
