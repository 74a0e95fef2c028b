"""A browser at a node's page: Debian's Chromium, which can reach nothing but this machine."""

import json
import shutil
import socket
import struct
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self

import pytest
from playwright.sync_api import Browser, Page, WebSocketRoute, expect, sync_playwright

from accord.api import page as served
from support.node_process import NodeProcess
from support.tak_client import moment

ARGUMENTS = (
    "--no-sandbox",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--disable-dev-shm-usage",
    "--force-device-scale-factor=1",
    "--font-render-hinting=none",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)
WITHIN = 30_000
"""Milliseconds for what is expected: a machine with software graphics and other work."""

NAME, PASSWORD = "watch-1", "tui kereru kokako"
GROUP = "Everyone"


@contextmanager
def chromium() -> Generator[Browser]:
    """Start the browser; skips where there is none, or where the page is not built."""
    executable = shutil.which("chromium")
    if executable is None:
        pytest.skip("no chromium here (Debian: apt-get install chromium)")
    if not (served.PAGE / "index.html").is_file():
        pytest.skip("the page is not built (python tools/page.py)")
    expect.set_options(timeout=WITHIN)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=[*ARGUMENTS])
        yield browser
        browser.close()


def add_user(node: NodeProcess, name: str = NAME, *options: str) -> None:
    """Let somebody sign in to the page."""
    command = [sys.executable, "-m", "accord", "user", "add", str(node.directory), name]
    more = ["--group", GROUP, "--exercise", "any", "--password-stdin", *options]
    subprocess.run(
        [*command, *more], input=f"{PASSWORD}\n", text=True, check=True, capture_output=True
    )


@dataclass
class Screen:
    """One window of the browser, what it asked for, and what it complained about."""

    page: Page
    node: NodeProcess
    asked: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    @property
    def address(self) -> str:
        """Where the page is."""
        return f"https://{self.node.target('api')}"

    def listen(self) -> Self:
        """Note what goes out, and what goes wrong."""
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.on("websocket", lambda opened: self.asked.append(opened.url))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", self._note)
        return self

    def _note(self, message: Any) -> None:
        if message.type == "error" and "Content Security Policy" in message.text:
            self.complaints.append(message.text)

    def open(self, *, where: tuple[float, float, float] = (174.8, -41.3, 9.0)) -> Self:
        """Open the page with the map at some place."""
        lon, lat, zoom = where
        kept = json.dumps({"lon": lon, "lat": lat, "zoom": zoom})
        self.page.add_init_script(
            f"if (!localStorage['accord.where']) localStorage['accord.where'] = '{kept}'"
        )
        self.page.goto(self.address)
        return self

    def sign_in(self, name: str = NAME, password: str = PASSWORD) -> Self:
        """Type name and password."""
        self.page.get_by_label("Name", exact=True).fill(name)
        self.page.get_by_label("Password").fill(password)
        self.page.get_by_role("button", name="Sign in").click()
        return self

    def is_up(self) -> Self:
        """Wait until the picture is there, and the map has drawn."""
        expect(self.page.locator('[data-link="up"]')).to_be_visible()
        expect(self.page.locator(".chart[data-symbols]")).to_be_visible()
        return self

    def at_rest(self) -> Self:
        """Unhook what is hooked, and show all there is."""
        self.page.get_by_label("Search").fill("")
        self.page.get_by_label("Search").blur()
        self.page.get_by_role("button", name="Track", exact=True).click()
        self.page.keyboard.press("Escape")
        show_all = self.page.get_by_role("button", name="Show all")
        if show_all.count():
            show_all.click()
        self.complaints.clear()
        return self.is_up()

    def row(self, name: str) -> Any:
        """Return the line of the table with that name."""
        return self.page.locator("#tracks tbody tr").filter(has_text=name)

    def script(self, *frames: dict[str, object] | bytes) -> None:
        """Have the stream say this and nothing else, instead of what the node says."""

        def answer(route: WebSocketRoute) -> None:
            def said(_: str | bytes) -> None:
                for each in frames:
                    route.send(each if isinstance(each, bytes) else json.dumps(each))

            route.on_message(said)
            route.send(json.dumps(HELLO))

        self.page.route_web_socket("**/api/v1/stream", answer)


HELLO: dict[str, object] = {
    "t": "hello",
    "v": 1,
    "now": 1_795_636_800_000,
    "node": {"id": "NZL-TEST", "name": "", "nation": "NZL"},
    "user": {"name": NAME, "role": "watch", "groups": {GROUP: "both"}, "via": "password"},
    "contexts": ["live"],
}


_META: dict[str, object] = {
    "i": 0, "uid": "", "name": "", "type": "a-n-S-X-M", "sidc": "SNSPX----------",
    "affiliation": "n", "body": "position", "source": "partner:USA-PAC", "speaker": "",
    "node": "USA-PAC", "partner": "USA-PAC", "hops": 0, "form": None, "cell": None,
    "exercise": None, "groups": [GROUP], "ttl": 360, "emergency": False, "claims": 1, "doubts": [],
}  # fmt: skip


def scripted() -> tuple[dict[str, object] | bytes, ...]:
    """Two tracks beside the antimeridian, as docs/reference/stream.md has them; one on a grid."""
    on_a_grid = {
        **_META, "i": 0, "uid": "P-1", "name": "COARSE", "form": "grid 10 NM",
        "cell": [179.9, -17.1, -179.9, -16.9], "exercise": "unknown",
    }  # fmt: skip
    at_a_point = {**_META, "i": 1, "uid": "P-2", "name": "POINT"}
    head = struct.pack("<4sId", b"TRK1", 2, 1_795_636_800_000)
    lon, lat = (1_800_000_000, 1_795_000_000), (-170_000_000, -170_000_000)
    columns = struct.pack("<2I2i2i2H2H", 0, 1, *lon, *lat, 9000, 65535, 500, 65535)
    return (
        {"t": "snapshot", "epoch": "e", "context": "live", "view": "own", "tracks": 2},
        {"t": "meta", "tracks": [on_a_grid, at_a_point]},
        head + columns,
        {"t": "ready", "seq": 1, "now": 1_795_636_800_000},
    )


@dataclass
class Speaker:
    """Somebody who speaks CoT to a node without encryption."""

    connection: socket.socket

    @classmethod
    def at(cls, node: NodeProcess) -> "Speaker":
        """Connect."""
        return cls(socket.create_connection(node.address("cot-tcp"), timeout=10))

    def say(
        self,
        uid: str,
        name: str,
        at: tuple[float, float] = (-41.28, 174.77),
        *,
        type_: str = "a-f-S-X",
        course: float = 90,
        speed: float = 8,
        lasts: float = 300,
        opex: str = "",
    ) -> None:
        """Say where something is; `lasts` seconds until that is stale."""
        now = datetime.now(UTC)  # noqa: TID251  a client has a clock of its own
        time, stale = moment(now), moment(now + timedelta(seconds=lasts))
        callsign = name.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
        more = f' opex="{opex}"' if opex else ""
        self.connection.sendall(
            f'<event version="2.0" uid="{uid}" type="{type_}" how="m-g" time="{time}" '
            f'start="{time}" stale="{stale}"{more}>'
            f'<point lat="{at[0]}" lon="{at[1]}" hae="10" ce="5" le="5"/>'
            f'<detail><contact callsign="{callsign}"/>'
            f'<track course="{course}" speed="{speed}"/></detail></event>'.encode()
        )

    def call(self, uid: str, name: str, *, is_over: bool = False, opex: str = "") -> None:
        """Call for help as ATAK does, or say that it is over."""
        now = datetime.now(UTC)  # noqa: TID251  a client has a clock of its own
        time, stale = moment(now), moment(now + timedelta(seconds=60))
        type_ = "b-a-o-can" if is_over else "b-a-o-tbl"
        what = 'cancel="true"' if is_over else 'type="911 Alert"'
        more = f' opex="{opex}"' if opex else ""
        self.connection.sendall(
            f'<event version="2.0" uid="{uid}" type="{type_}" how="h-g-i-g-o" time="{time}" '
            f'start="{time}" stale="{stale}"{more}>'
            f'<point lat="-41.28" lon="174.77" hae="28" ce="9.9" le="9999999.0"/>'
            f'<detail><contact callsign="{name}"/>'
            f"<emergency {what}>{name}</emergency></detail></event>".encode()
        )

    def close(self) -> None:
        """Hang up."""
        self.connection.close()


def scripted_alerts(screen: Screen) -> None:
    """Have the node answer with alerts of every priority, as docs/reference/api.md has them."""
    now = datetime.now(UTC)  # noqa: TID251  a browser has a clock of its own
    seen = {"state": "acknowledged", "acknowledged": moment(now), "acknowledged_by": "aroha"}
    alerts: list[dict[str, object]] = [
        {"kind": "emergency", "priority": "alarm", "text": "KIWI 1: 911 Alert", "uid": "K-1"},
        {"kind": "emergency", "priority": "alarm", "text": "KIWI 2: 911 Alert", "uid": "K-2",
         "state": "rectified", "rectified": moment(now), "owner": "aroha", "offered_to": NAME},
        {"kind": "node", "priority": "warning", "text": "journal: no space left", "times": 3},
        {"kind": "emergency", "priority": "caution", "text": "DRILL 1: 911 Alert", "uid": "D-1",
         "context": "exercise:TASMAN 26"},
        *({"kind": "feed", "priority": "caution", "text": f"ais-{n} is connected and silent"}
          for n in range(14)),
        {"kind": "link", "priority": "warning", "text": "USA-PAC: stopped", **seen},
    ]  # fmt: skip
    full = [
        {**_ALERT, **each, "number": n, "raised": moment(now)} for n, each in enumerate(alerts, 1)
    ]
    body = json.dumps({"alerts": full, "trouble": ""})
    screen.page.route(
        "**/api/v1/alerts",
        lambda route: route.fulfill(body=body, content_type="application/json"),
    )


_ALERT: dict[str, object] = {
    "key": "", "uid": None, "context": "live", "groups": None, "state": "unacknowledged",
    "times": 1, "rectified": None, "acknowledged": None, "acknowledged_by": "", "owner": "",
    "offered_to": "", "quiet_until": None,
}  # fmt: skip


def shot(screen: Screen, path: Path) -> None:
    """Take a picture of the window."""
    screen.page.screenshot(path=str(path))
