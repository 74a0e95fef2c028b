"""Takes the screenshots of the README, at a demonstration that it starts: docs/images/*.jpg.

python tools/screens.py [--into FOLDER]

Needs Chromium (Debian: apt-get install chromium) and the page (tools/page.py). Run it after a
change of how the page looks, and look at what it took.
"""

import argparse
import re
import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import Page, ViewportSize, expect, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
INTO = ROOT / "docs" / "images"

LARGEST = 150_000
"""Bytes of one picture: a clone carries them all."""

QUALITIES = (80, 70, 60, 50, 40)
SIZE: ViewportSize = {"width": 1280, "height": 760}
LASTS_S = 240
ARGUMENTS = (
    "--no-sandbox",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--disable-dev-shm-usage",
    "--force-device-scale-factor=1",
)
WITHIN_MS = 60_000
SETTLES_MS = 8_000
"""For map and symbols to be drawn by software."""

WHERE = '{"lon": 163, "lat": -37.5, "zoom": 3.7}'

PAGE = re.compile(r"(https://\S+) \(sign in as (\S+), ([^;)]+)")


def main() -> int:
    """Start the demonstration, take what is to be taken, end it."""
    parser = argparse.ArgumentParser(description="Take the screenshots of the README.")
    parser.add_argument("--into", type=Path, default=INTO)
    into: Path = parser.parse_args().into
    into.mkdir(parents=True, exist_ok=True)
    executable = shutil.which("chromium")
    if executable is None:
        print("accord: no chromium here", file=sys.stderr)
        return 1
    command = [sys.executable, "-m", "accord", "demo", "--plain", "--seconds", str(LASTS_S)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as demo:
        try:
            _take(executable, _page_of(demo), into)
        finally:
            demo.terminate()
    return 0


def _page_of(demo: subprocess.Popen[str]) -> re.Match[str]:
    """Return where the first node's page is, and what signs in to it."""
    assert demo.stdout is not None
    for line in demo.stdout:
        found = PAGE.search(line)
        if found is not None:
            return found
    raise SystemExit("accord: the demonstration told no page")


def _take(executable: str, at: re.Match[str], into: Path) -> None:
    address, name, password = at.groups()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=[*ARGUMENTS])
        expect.set_options(timeout=WITHIN_MS)
        page = browser.new_page(
            viewport=SIZE, ignore_https_errors=True, reduced_motion="reduce", locale="en-NZ",
            timezone_id="Pacific/Auckland",
        )  # fmt: skip
        page.add_init_script(f"localStorage['accord.where'] ??= '{WHERE}'")
        page.goto(address)
        page.get_by_label("Name", exact=True).fill(name)
        page.get_by_label("Password").fill(password)
        page.get_by_role("button", name="Sign in").click()
        expect(page.locator("#tracks tbody tr").nth(30)).to_be_attached()
        page.keyboard.press("a")
        _picture(page, into / "picture.jpg")
        _partner(page, into / "partner.jpg")
        _night(page, into / "night.jpg")
        browser.close()


def _picture(page: Page, path: Path) -> None:
    """One track, with why it is here."""
    page.locator("#tracks tbody tr").first.get_by_role("button").first.click()
    expect(page.locator("#track-title")).to_be_visible()
    page.wait_for_timeout(SETTLES_MS)
    _shoot(page, path)


def _partner(page: Page, path: Path) -> None:
    """What a partner was given, as it sees it."""
    page.keyboard.press("Escape")
    page.keyboard.press("p")
    page.get_by_role("button", name=re.compile("^See as ")).first.click()
    expect(page.get_by_role("button", name="Back to our own picture")).to_be_visible()
    page.wait_for_timeout(SETTLES_MS)
    _shoot(page, path)
    page.get_by_role("button", name="Back to our own picture").click()


def _night(page: Page, path: Path) -> None:
    """Red light, with the talk beside the map."""
    page.get_by_role("button", name="Night red", exact=True).click()
    page.keyboard.press("c")
    page.keyboard.type("Kia ora. Taking over the watch, quiet so far.")
    page.keyboard.press("Enter")
    page.wait_for_timeout(SETTLES_MS)
    _shoot(page, path)


def _shoot(page: Page, path: Path) -> None:
    """Take the window, as well as fits."""
    for quality in QUALITIES:
        path.write_bytes(page.screenshot(type="jpeg", quality=quality))
        if path.stat().st_size <= LARGEST:
            break
    print(f"{path} {path.stat().st_size} bytes")


if __name__ == "__main__":
    sys.exit(main())
