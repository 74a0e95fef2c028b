"""Words and drawings of the page, with a TAK client of another make at the other end."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from lxml import etree
from playwright.sync_api import expect

from support.browser import GROUP, Screen, Speaker, add_user
from support.node_process import NodeProcess, accord_well
from support.other_client import (
    OtherClient,
    position_now,
    pytak_over_tls,
    require_python_clients,
)
from support.tak_client import chat, position


@pytest.fixture
def moa(node: NodeProcess, tmp_path: Path) -> Iterator[OtherClient]:
    """A PyTAK client in the group of the page's user, that has said who it is."""
    require_python_clients()
    name = f"moa-{tmp_path.name[-20:]}"
    files = node.add_client(name, group=GROUP)
    with pytak_over_tls(node, tmp_path / "moa", files) as client:
        client.hear("connected")
        client.say(xml=position_now("PYTAK-9", "MOA 9"))
        yield client
    accord_well("client", "revoke", node.directory, name)  # the next one has the same phone


def test_words_go_to_a_tak_client_and_back_and_to_it_alone(watch: Screen, moa: OtherClient) -> None:
    page = watch.page
    expect(watch.row("MOA 9")).to_be_visible()
    page.keyboard.press("c")
    page.keyboard.type("kia ora <koutou>")
    page.keyboard.press("Enter")
    heard = etree.fromstring(moa.hear("heard", "kia ora"))
    assert heard.get("type") == "b-t-f"
    assert heard.findtext("detail/remarks") == "kia ora <koutou>"
    moa.say(xml=chat("kei te pai", sender="PYTAK-9", number="41").decode())
    log = page.get_by_role("log")
    expect(log).to_contain_text("kei te pai")
    page.get_by_text("Talk to one person").click()
    page.get_by_role("button", name="MOA 9 TAK client").click()
    page.get_by_label("To MOA 9 alone").fill("for you")
    page.keyboard.press("Enter")
    room = etree.fromstring(moa.hear("heard", "for you")).find("detail/__chat")
    assert room is not None
    assert (room.get("id"), room.get("chatroom")) == ("PYTAK-9", "MOA 9")
    expect(log).to_contain_text("for you")
    expect(log).not_to_contain_text("kei te pai")
    page.get_by_role("button", name="All Chat Rooms").click()
    page.keyboard.press("Escape")
    assert watch.complaints == []


def test_an_area_typed_by_keyboard_is_on_the_map_and_at_a_tak_client_until_it_is_removed(
    watch: Screen, moa: OtherClient
) -> None:
    page, chart = watch.page, watch.page.locator(".chart")
    before = int(chart.get_attribute("data-drawings") or 0)  # Another test may have drawn.
    page.keyboard.press("d")
    page.keyboard.type("FOG BANK")
    page.keyboard.press("Tab")
    page.keyboard.type("41°10.0'S 174°40.0'E\n-41.2 174.9\nhere")
    page.get_by_role("button", name="Put on the picture").press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("Line 3 is no place")
    page.get_by_label("Places, one a line").fill(
        "41°10.0'S 174°40.0'E\n-41.2 174.9\n60G UV 20000 20000"
    )
    page.get_by_role("button", name="Put on the picture").press("Enter")
    drawn = etree.fromstring(moa.hear("heard", "FOG BANK"))
    assert drawn.get("type") == "u-d-f"
    corners = [link.get("point", "").split(",")[:2] for link in drawn.iterfind("detail/link")]
    assert [[float(each) for each in corner] for corner in corners[:2]] == [
        pytest.approx([-41.1666667, 174.6666667], abs=1e-6), [-41.2, 174.9],
    ]  # fmt: skip
    assert corners[0] == corners[-1]
    expect(watch.row("FOG BANK")).to_be_visible()
    expect(chart).to_have_attribute("data-drawings", str(before + 1))
    expect(page.get_by_label("Places, one a line")).to_have_value("")
    page.get_by_role("button", name="Remove FOG BANK").press("Enter")
    page.get_by_role("button", name="Remove FOG BANK for everybody").press("Enter")
    gone = etree.fromstring(moa.hear("heard", "t-x-d-d"))
    assert [link.get("uid") for link in gone.iterfind("detail/link")] == [drawn.get("uid")]
    expect(watch.row("FOG BANK")).to_be_hidden()
    expect(chart).to_have_attribute("data-drawings", str(before))
    page.keyboard.press("Escape")


def test_words_that_are_not_let_in_stay_where_they_were_typed(
    screen: Screen, speaker: Speaker
) -> None:
    page = screen.page
    # Before the page is opened: a document that is there already may still ask past a new route.
    page.route("**/api/v1/chat", lambda route: route.abort())
    screen.open().sign_in().is_up()
    page.keyboard.press("c")
    page.keyboard.type("mayday relay")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("Not said, the words are kept.")
    page.reload()
    screen.is_up()
    page.keyboard.press("c")
    words = page.get_by_label("To All Chat Rooms")
    expect(words).to_have_value("mayday relay")
    page.unroute("**/api/v1/chat")
    words.press("Enter")
    expect(words).to_have_value("")
    expect(page.get_by_role("log")).to_contain_text("mayday relay")


def test_hostile_words_are_drawn_as_text_and_a_viewer_says_none(
    screen: Screen, node: NodeProcess, speaker: Speaker
) -> None:
    add_user(node, "looker", "--role", "viewer")
    page = screen.open().sign_in(name="looker").is_up().page
    page.on("dialog", lambda opened: screen.complaints.append(opened.message))
    speaker.connection.sendall(position("EVIL-1", "EVIL"))
    words = "&lt;img src=x onerror=alert(1)&gt; \u202egnorw\u202c [x](javascript:alert(1))"
    speaker.connection.sendall(chat(words, sender="EVIL-1", number="666"))
    page.keyboard.press("c")
    said = page.get_by_role("log").locator("article").filter(has_text="onerror")
    expect(said.locator(".text")).to_have_text(
        "<img src=x onerror=alert(1)> gnorw [x](javascript:alert(1))"
    )
    assert said.locator("img, a").count() == 0
    expect(page.get_by_text("a viewer says nothing")).to_be_visible()
    assert page.locator("#words").count() == 0
    assert screen.complaints == []
