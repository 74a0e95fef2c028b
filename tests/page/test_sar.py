"""A case of search and rescue on the pages of two nodes, from the call to the hand-over."""

import re
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, expect

from support.agreements import NZL, USA
from support.beacons import CONFIRMED
from support.browser import Screen, Speaker, add_user
from support.in_process import make_node
from support.linked import agree, hurry
from support.links import Place
from support.node_process import ON_FREE_PORTS, NodeProcess
from support.sar_agreement import TEXT
from support.tak_client import moment

SERIOUS = {"serious", "critical"}


@pytest.fixture(scope="module")
def nodes(
    browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[list[NodeProcess]]:
    """NZL and USA, linked under an agreement by which cases go both ways."""
    folder = tmp_path_factory.mktemp("cases")
    places = {
        each: make_node(folder / each[:3].lower(), node=each, nation=each[:3])
        for each in (NZL, USA)
    }
    for place in places.values():
        hurry(place)
        agree(place, TEXT)
    ends = {each: Place(each, place) for each, place in places.items()}
    nodes = {each: NodeProcess(place, ON_FREE_PORTS) for each, place in places.items()}
    for each in nodes.values():
        add_user(each)
    ends[NZL].add(ends[USA].as_partner())
    nodes[NZL].start()
    ends[USA].add(ends[NZL].as_partner(nodes[NZL].target("federation")))
    nodes[USA].start()
    yield [nodes[NZL], nodes[USA]]
    for each in nodes.values():
        each.stop()


@pytest.fixture
def node(nodes: list[NodeProcess]) -> NodeProcess:
    return nodes[0]


@pytest.mark.timeout(600)
def test_a_case_is_worked_by_two_nations_from_the_call_to_the_hand_over(
    screen: Screen, browser: Browser, nodes: list[NodeProcess], speaker: Speaker
) -> None:
    begun = datetime.now(UTC) - timedelta(hours=2)  # noqa: TID251  a searcher has a clock
    panel = _cases(screen)
    _open(panel, begun)
    _set(panel, "Wind from", "230/20")
    _set(panel, "Current to", "90/0,5")
    _share(panel)
    with _other_centre(browser, nodes[1]) as there:
        _see_both_values(panel, there)
        _plan(panel, screen, speaker, begun)
        _cover(panel, screen)
        _write_and_report(panel, screen)
        _hand_over(panel, there)
        assert there.page.evaluate("window.innerWidth") == 800
        assert there.complaints == []
    host = screen.node.target("api")
    assert [each for each in screen.asked if host not in each and "blob:" not in each] == []
    assert screen.complaints == []


def test_a_message_opens_a_case_in_one_paste_and_scenarios_are_weighed(screen: Screen) -> None:
    panel = _cases(screen)
    panel.get_by_role("button", name="Open a case").press("Enter")
    panel.locator("summary", has_text="From a message").click()
    panel.get_by_role("textbox", name="From a message").fill(CONFIRMED)
    panel.get_by_label("Title").fill("beacon drill")
    screen.page.reload()  # what was typed is still there
    screen.is_up().page.keyboard.press("e")
    panel.get_by_role("button", name="Open a case").click()
    expect(panel.get_by_role("textbox", name="From a message")).to_have_value(CONFIRMED)
    panel.get_by_role("button", name="Open it").click()
    expect(panel.get_by_role("heading", name="beacon drill")).to_be_visible()
    expect(panel).to_contain_text("36-36.2S 174-43.0E")
    panel.get_by_role("button", name="Drift", exact=True).click()
    for name, weight in (("as reported", "3"), ("left late", "1")):
        panel.get_by_role("button", name="One scenario more").click()
        panel.get_by_role("textbox", name="What may have happened").fill(name)
        panel.get_by_label("Where it was, or").fill("36 40S 174 50E")
        panel.get_by_label("To, where").fill("36 30 175 00")
        panel.get_by_label("Weight").fill(weight)
        panel.get_by_role("button", name="Set", exact=True).click()
        # The second of two positions is the one that is asked back.
        expect(panel.get_by_label("To, where")).to_have_attribute("aria-invalid", "true")
        panel.get_by_role("button", name=re.compile(r"^36°30.*S 175°00.*E$")).click()
        panel.get_by_role("button", name="Set", exact=True).click()
        expect(panel.get_by_role("button", name="Set", exact=True)).to_have_count(0)
    rows = panel.get_by_role("listitem").filter(has_text="half within")
    expect(rows.filter(has_text="as-reported")).to_contain_text("75 %")
    rows.filter(has_text="left-late").get_by_role("button", name="Take back").click()
    expect(rows).to_have_count(1)
    assert screen.complaints == []


def _cases(screen: Screen) -> Locator:
    screen.open(where=(174.8, -36.5, 8.0)).sign_in().is_up().page.keyboard.press("e")
    return screen.page.locator("section[aria-labelledby='cases-title']")


def _open(panel: Locator, begun: datetime) -> None:
    panel.get_by_role("button", name="Open a case").click()
    panel.get_by_label("Title").fill("yacht Kea")
    panel.get_by_label("Last known position").fill("36 36.2 174 43.0")
    panel.get_by_label("At that place at").fill(begun.isoformat())
    panel.get_by_label("What drifts").select_option("LIFE-RAFT-NB-1")
    panel.get_by_label("Persons on board").fill("3")
    panel.get_by_role("button", name="Open it").click()
    # What can mean several places is asked back below it, and what was typed is still there.
    expect(panel.get_by_role("alert")).to_contain_text("say which one")
    panel.get_by_role("button", name="36°36.20'S 174°43.00'E").click()
    panel.get_by_role("button", name="Open it").click()
    expect(panel.get_by_role("heading", name="yacht Kea")).to_be_visible()
    expect(panel).to_contain_text("36-36.2S 174-43.0E")


def _set(panel: Locator, what: str, value: str) -> None:
    panel.get_by_role("button", name=f"Change: {what}").click()
    panel.get_by_role("textbox", name=what).fill(value)
    panel.get_by_role("button", name="Set", exact=True).click()
    expect(panel.get_by_role("button", name="Set", exact=True)).to_have_count(0)


def _share(panel: Locator) -> None:
    panel.get_by_role("button", name="Report, lead").click()
    panel.get_by_label("Marking").fill("(U//REL TO NZL, USA)")
    panel.get_by_role("button", name="Share, as agreements allow").click()
    expect(panel).to_contain_text("Shared with partners")
    panel.get_by_role("button", name="Facts").click()


@contextmanager
def _other_centre(browser: Browser, node: NodeProcess) -> Generator[Screen]:
    """The page of the other nation, in a small window, where the case has come."""
    context = browser.new_context(
        viewport={"width": 800, "height": 600}, ignore_https_errors=True, reduced_motion="reduce"
    )
    there = Screen(context.new_page(), node).listen()
    theirs = _cases(there)
    theirs.get_by_role("button", name="yacht Kea").click()
    expect(theirs).to_contain_text(f"led by {NZL}")
    _tab(theirs, "Report, lead")
    theirs.get_by_label("Marking").fill("(U//REL TO NZL, USA)")
    theirs.get_by_role("button", name="Share, as agreements allow").click()
    _tab(theirs, "Facts")
    yield there
    context.close()


def _tab(panel: Locator, name: str) -> None:
    panel.get_by_role("button", name=name, exact=True).click()


def _see_both_values(panel: Locator, there: Screen) -> None:
    """Change what somebody else changes meanwhile: both are shown, and either is taken."""
    theirs = there.page.locator("section[aria-labelledby='cases-title']")
    panel.get_by_role("button", name="Change: Persons").click()
    panel.get_by_role("textbox", name="Persons").fill("5")
    _set(theirs, "Persons", "4")
    meanwhile = panel.get_by_role("alert")
    expect(meanwhile).to_contain_text("of USA-PAC set it to: 4")
    expect(panel.get_by_role("textbox", name="Persons")).to_have_value("5")
    meanwhile.get_by_role("button", name="Set mine instead").click()
    expect(meanwhile).to_have_count(0)
    expect(theirs.locator("dd").nth(2)).to_contain_text("5")


def _plan(panel: Locator, screen: Screen, client: Speaker, begun: datetime) -> None:
    """Plan for a unit whose TAK client is sent its route."""
    _sail(client, begun + timedelta(minutes=20))
    expect(screen.row("RESCUE-1")).to_be_visible()
    _tab(panel, "Drift")
    panel.get_by_role("button", name="Where it may be").click()
    expect(panel).to_contain_text("90 % within")
    chart = screen.page.locator("[data-case-cells]")
    expect(chart).not_to_have_attribute("data-case-cells", "0")
    _tab(panel, "Search")
    panel.get_by_role("button", name="Who can help now?").click()
    expect(panel.get_by_role("button", name="Give to the case")).to_be_visible()
    panel.get_by_role("button", name="A unit by hand").click()
    panel.get_by_label("Name or call sign").fill("RESCUE-1")
    panel.get_by_label("Kind of unit").select_option("helicopter")
    panel.get_by_label("Searches for us since").fill((begun + timedelta(minutes=10)).isoformat())
    panel.get_by_role("button", name="Set", exact=True).click()
    panel.get_by_role("combobox", name="Pattern RESCUE-1").select_option("CS")
    panel.get_by_role("button", name="Plan, and make it their tasks").click()
    task = panel.get_by_role("listitem").filter(has_text="Not sent yet")
    expect(task).to_contain_text("CS creeping line")
    panel.get_by_role("combobox", name="TAK client for RESCUE-1").select_option("RESCUE-1")
    panel.get_by_role("button", name="Send the route").click()
    expect(panel.get_by_text(re.compile(r"✓ sent \d\d:\d\dZ by watch-1"))).to_be_visible()
    assert b"b-m-r" in _heard(client, b"b-m-r")


def _sail(client: Speaker, since: datetime) -> None:
    """Say where a helicopter was for an hour, once a minute, along the way of what drifts."""
    for minute in range(60):
        at = since + timedelta(minutes=minute)
        lon = 174.72 + 0.012 * minute % 0.24
        client.connection.sendall(
            f'<event version="2.0" uid="RESCUE-1" type="a-f-A-M-H" how="m-g" time="{moment(at)}" '
            f'start="{moment(at)}" stale="{moment(at + timedelta(hours=6))}">'
            f'<point lat="{-36.6 + 0.001 * minute}" lon="{lon}" hae="150" ce="20" le="9999999.0"/>'
            f'<detail><contact callsign="RESCUE-1" endpoint="*:-1:stcp"/></detail></event>'.encode()
        )


def _heard(client: Speaker, words: bytes) -> bytes:
    client.connection.settimeout(20)
    data = b""
    while words not in data:
        data += client.connection.recv(1 << 16)
    return data


def _cover(panel: Locator, screen: Screen) -> None:
    """Ask what was covered, and what was not."""
    _tab(panel, "Covered")
    panel.get_by_role("button", name="What have we covered?").click()
    told = panel.get_by_text("Cumulative success")
    expect(told).to_be_visible()
    expect(told).not_to_contain_text("success 0.0 %")
    expect(panel).to_contain_text("RESCUE-1: 60 positions")
    panel.get_by_role("button", name="Write into the log").click()
    expect(panel.get_by_role("heading", name="Noted in the log")).to_be_visible()
    panel.get_by_role("button", name="Show on the map").first.click()
    assert _faults(screen) == []


def _write_and_report(panel: Locator, screen: Screen) -> None:
    """Write lines, one with a place; read the report, print it and let it go."""
    _tab(panel, "Log")
    panel.get_by_placeholder("What happened").fill("red flare\nseen from the ferry")
    panel.get_by_text("Where, when, who may see it").click()
    panel.get_by_label("Where, if at a place").fill("36 30S 174 50E")
    panel.get_by_label("It was seen or heard there").check()
    panel.get_by_role("button", name="Write it").click()
    panel.get_by_role("searchbox", name="Find in the log").fill("flare")
    expect(panel.get_by_role("listitem").filter(has_text="red flare")).to_contain_text("sighting")
    assert _faults(screen) == []
    _tab(panel, "Report, lead")
    panel.get_by_role("button", name="Draft it from the log").click()
    report = panel.get_by_label("Situation report", exact=True)
    expect(report).to_have_value(re.compile("SIGHTING: red flare"))
    panel.get_by_role("button", name="Print").first.click()
    sheet = screen.page.get_by_role("dialog", name="Situation report")
    expect(sheet).to_contain_text("DRAFT, NOT LET GO")
    screen.page.keyboard.press("Escape")
    report.fill(f"{report.input_value()}\nFERRY KEEPS WATCH")
    panel.get_by_role("button", name="Keep it as a draft, for a review").click()
    kept = panel.get_by_role("list", name="Situation reports").get_by_role("listitem")
    expect(kept).to_contain_text(f"drafted by watch-1 of {NZL}, not reviewed")
    _review(panel, screen, kept)


def _review(panel: Locator, screen: Screen, kept: Locator) -> None:
    """Read the draft, change it, let it go; its text and its PDF say by whom."""
    kept.get_by_role("button", name="Read it, and let it go").click()
    report = panel.get_by_label("Situation report", exact=True)
    expect(report).to_have_value(re.compile("FERRY KEEPS WATCH"))
    expect(report).to_be_focused()
    assert _faults(screen) == []
    report.fill(report.input_value().replace("FERRY", "THE FERRY"))
    panel.get_by_role("button", name="I have read it: let it go").click()
    expect(kept).to_contain_text(f"let go by watch-1 of {NZL}")
    expect(kept).to_contain_text("Partners are told.")
    text = _fetched(screen, kept, "As text").read_text("utf-8")
    assert text.startswith("REVIEWED BY watch-1 AT ")
    assert "THE FERRY KEEPS WATCH" in text
    pdf = _fetched(screen, kept, "PDF").read_bytes()
    assert pdf.startswith(b"%PDF-")
    assert b"REVIEWED BY watch-1" in pdf


def _fetched(screen: Screen, kept: Locator, name: str) -> Path:
    """Return the file that the browser has kept of a link."""
    with screen.page.expect_download() as waiting:
        kept.get_by_role("link", name=name).click()
    return Path(waiting.value.path())


def _hand_over(panel: Locator, there: Screen) -> None:
    """Offer the lead, which is with the other centre when that has taken it."""
    panel.get_by_label("Offer the lead to").fill(USA)
    panel.get_by_role("button", name="Offer", exact=True).click()
    expect(panel).to_contain_text("not taken yet: you lead until then")
    theirs = there.page.locator("section[aria-labelledby='cases-title']")
    _tab(theirs, "Report, lead")
    expect(theirs).to_contain_text(f"{NZL} offers you the lead")
    theirs.get_by_role("button", name="Take the lead").click()
    expect(panel).to_contain_text(f"led by {USA}")
    assert _faults(there) == []


def _faults(screen: Screen) -> list[Any]:
    found = Axe().run(screen.page).response["violations"]
    return [
        (each["id"], [node["html"] for node in each["nodes"]][:3])
        for each in found
        if each["impact"] in SERIOUS
    ]
