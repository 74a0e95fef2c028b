"""What TAK clients share, at the page: seen, taken, and never more than text."""

import zipfile
from pathlib import Path

import httpx
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

from support.browser import GROUP, Screen
from support.node_live import add_client
from support.node_process import NodeProcess

SERIOUS = {"serious", "critical"}
EVIL = "<img src=x onerror=alert(1)>"


def test_missions_and_files_of_clients_are_listed_and_a_file_is_taken(
    watch: Screen, node: NodeProcess
) -> None:
    page = watch.page
    page.keyboard.press("x")
    panel = page.locator("section[aria-labelledby='shared-title']")
    expect(panel.get_by_role("heading", name="Shared")).to_be_focused()
    expect(panel).to_contain_text("No missions are shared with you.")
    expect(panel).to_contain_text("No files are shared with you.")
    tls = add_client(node, "sharer", group=GROUP).tls()
    with httpx.Client(verify=tls, base_url=f"https://{node.target('api')}", timeout=60) as phone:
        said = {"creatorUid": "U-1", "description": EVIL}
        locked = {**said, "password": "kererū-7"}
        assert phone.post("/Marti/api/missions/Bay", params=said).is_success
        assert phone.post("/Marti/api/missions/Locked", params=locked).is_success
        put = {"name": f"{EVIL[:4]} plan.html", "mimetype": "text/html"}
        data = b"<script>alert(1)</script>" * 100
        sent = phone.post("/Marti/sync/upload", params=put, content=data)
        sha256 = sent.json()["Hash"]
        hashes = {"hashes": [sha256]}
        assert phone.put("/Marti/api/missions/Bay/contents", json=hashes).is_success
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # look again
    missions = panel.get_by_role("list", name="Missions").get_by_role("listitem")
    expect(missions).to_have_count(2)
    expect(missions.filter(has_text="Bay")).to_contain_text(EVIL)
    expect(missions.filter(has_text="Bay")).to_contain_text("things and files: 1 · clients: 1")
    closed = missions.filter(has_text="Locked")
    expect(closed).to_contain_text("closed: by password or invitation")
    expect(closed).not_to_contain_text(EVIL)
    (file,) = panel.get_by_role("list", name="Files").get_by_role("listitem").all()
    expect(file).to_contain_text("2.5 kB · text/html · from sharer")
    expect(file).to_contain_text("In Bay")
    violations = Axe().run(page, "aside.right").response["violations"]
    assert [each for each in violations if each["impact"] in SERIOUS] == []
    with page.expect_download() as taken:
        file.get_by_role("link").press("Enter")
    assert Path(taken.value.path()).read_bytes() == data
    _takes_part(page, panel, closed)
    page.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    assert watch.complaints == []


def _takes_part(page: Page, panel: Locator, closed: Locator) -> None:
    """Join by the password, put in a file, write a line, and leave again."""
    closed.get_by_role("button", name="Locked").click()
    expect(panel).to_contain_text("it takes an invitation, or the password")
    panel.get_by_label("Password of the mission").fill("tui")
    panel.get_by_role("button", name="Take part", exact=True).click()
    expect(panel.get_by_role("alert")).to_contain_text("not the password")
    panel.get_by_label("Password of the mission").fill("kererū-7")
    panel.get_by_role("button", name="Take part", exact=True).click()
    expect(panel).to_contain_text("May read and write · you take part")
    chart = {"name": "chart.txt", "mimeType": "text/plain", "buffer": b"rocks"}
    panel.get_by_label("A file for this mission").set_input_files([chart])  # type: ignore[list-item]
    panel.get_by_role("button", name="Put it in").click()
    items = panel.get_by_role("list", name="Things and files").get_by_role("listitem")
    expect(items).to_contain_text("chart.txt")
    panel.get_by_placeholder("A line for the log").fill(f"{EVIL} seen")
    panel.get_by_role("button", name="Write it").click()
    log = panel.get_by_role("list", name="Log of the mission").get_by_role("listitem")
    expect(log).to_contain_text(f"{EVIL} seen")
    expect(panel.get_by_role("list", name="Who takes part")).to_contain_text("watch-1")
    violations = Axe().run(page, "aside.right").response["violations"]
    assert [each for each in violations if each["impact"] in SERIOUS] == []
    with page.expect_download() as taken:
        panel.get_by_role("link", name="All of it as a data package").click()
    with zipfile.ZipFile(taken.value.path()) as archive:
        assert b"rocks" in [archive.read(each) for each in archive.namelist()]
    panel.get_by_role("button", name="Take part no more").click()
    expect(panel).to_contain_text("it takes an invitation, or the password")
    panel.get_by_role("button", name="All missions").click()
    expect(closed).to_be_visible()
