"""PyTAK, the library behind most gateways that speak to TAK servers, against a running node."""

import json
import socket
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from accord.core.clock import SystemClock
from support.node_process import NodeProcess, accord_well, running_node
from support.other_client import position_now, pytak, pytak_over_tls, require_python_clients

pytestmark = [pytest.mark.interop, pytest.mark.timeout(180)]

ENROLS_AT = "127.0.0.2"
"""PyTAK knows one port for enrolment, 8446; at this address nobody else should have it."""


@pytest.fixture(autouse=True)
def _installed() -> None:
    require_python_clients()


def test_pytak_imports_our_package_and_sends_and_receives_pytak_over_tls(
    node: NodeProcess, tmp_path: Path
) -> None:
    kiwi, moa = node.add_client("kiwi-1"), node.add_client("moa-1")
    with (
        pytak_over_tls(node, tmp_path / "kiwi", kiwi) as first,
        pytak_over_tls(node, tmp_path / "moa", moa) as second,
    ):
        first.hear("connected")
        second.hear("connected")
        first.say(xml=position_now("PYTAK-1", "KIWI 1", "<remarks>kia ora — ō</remarks>"))
        heard = second.hear("heard", "PYTAK-1")
        assert "<remarks>kia ora — ō</remarks>" in heard
        second.say(xml=position_now("PYTAK-2", "MOA 1"))
        assert 'callsign="MOA 1"' in first.hear("heard", "PYTAK-2")


def test_pytak_that_joins_late_is_sent_the_picture(node: NodeProcess, tmp_path: Path) -> None:
    kiwi, moa = node.add_client("kiwi-1"), node.add_client("moa-1")
    with pytak_over_tls(node, tmp_path / "kiwi", kiwi) as first:
        first.hear("connected")
        first.say(xml=position_now("PYTAK-1", "KIWI 1"))
        first.say(xml=position_now("PYTAK-1-ping", "").replace("a-f-G-U-C", "t-x-c-t"))
        first.hear("heard", "t-x-c-t-r")  # what was said before has been taken in
        with pytak_over_tls(node, tmp_path / "moa", moa) as second:
            second.hear("heard", "PYTAK-1")


def test_pytak_that_sends_protobuf_without_asking_is_understood(
    node: NodeProcess, tmp_path: Path
) -> None:
    kiwi, moa = node.add_client("kiwi-1"), node.add_client("moa-1")
    with (
        pytak_over_tls(node, tmp_path / "kiwi", kiwi, TAK_PROTO="1") as first,
        pytak_over_tls(node, tmp_path / "moa", moa) as second,
    ):
        second.hear("connected")
        first.hear("connected")
        first.say(xml=position_now("PYTAK-1", "KIWI 1", "<remarks>framed</remarks>"))
        heard = second.hear("heard", "PYTAK-1")
        assert "<remarks>framed</remarks>" in heard
        assert 'callsign="KIWI 1"' in heard


def test_pytak_watches_a_replay_that_is_begun_by_the_interface(tmp_path: Path) -> None:
    with running_node(tmp_path / "node", replay="127.0.0.1:0") as node:
        kiwi, moa = node.add_client("kiwi-1"), node.add_client("moa-1")
        base = f"https://{node.target('api')}"
        begun = SystemClock().now()
        with pytak_over_tls(node, tmp_path / "kiwi", kiwi) as first:
            first.hear("connected")
            first.say(xml=position_now("PYTAK-1", "KIWI 1"))
            first.say(xml=position_now("PYTAK-1-ping", "").replace("a-f-G-U-C", "t-x-c-t"))
            first.hear("heard", "t-x-c-t-r")
        said = {
            "from": (begun - timedelta(minutes=1)).isoformat(),
            "to": (begun + timedelta(minutes=1)).isoformat(),
        }
        headers = {"origin": base, "content-type": "application/json"}
        with httpx.Client(verify=kiwi.tls(), base_url=base, headers=headers, timeout=60) as http:
            assert http.post("/api/v1/replay", json={**said, "speed": 600}).status_code == 201
            url = f"tls://{node.target('replay')}"
            with pytak(tmp_path / "moa", COT_URL=url, PREF_PACKAGE=str(moa.package)) as second:
                second.hear("connected")
                heard = second.hear("heard", "REPLAY-PYTAK-1")
                assert 'callsign="REPLAY KIWI 1"' in heard
                assert 'opex="s-REPLAY ' in heard
            assert http.delete("/api/v1/replay").status_code == 204


def test_pytak_sends_and_receives_over_a_websocket(node: NodeProcess, tmp_path: Path) -> None:
    kiwi, moa = node.add_client("kiwi-1"), node.add_client("moa-1")
    url = f"wss://{node.target('api')}/takproto/1"
    with (
        pytak(tmp_path / "kiwi", COT_URL=url, PREF_PACKAGE=str(kiwi.package)) as first,
        pytak_over_tls(node, tmp_path / "moa", moa) as second,
    ):
        second.hear("connected")
        first.hear("connected")
        first.say(xml=position_now("PYTAK-1", "KIWI 1"))
        second.hear("heard", "PYTAK-1")
        for number in range(20):  # several at once: it reads one frame of each message
            second.say(xml=position_now(f"PYTAK-2-{number}", "MOA 1"))
        for number in range(20):
            first.hear("heard", f"PYTAK-2-{number}")


def _is_free(host: str, port: int) -> bool:
    try:
        with socket.create_server((host, port)):
            return True
    except OSError:
        return False


def test_pytak_enrols_with_a_token_and_connects_with_the_certificate_it_got(
    tmp_path: Path,
) -> None:
    if not _is_free(ENROLS_AT, 8446):
        pytest.skip(f"PyTAK enrols at port 8446, which is taken at {ENROLS_AT}")
    api, enrol = f"{ENROLS_AT}:0", f"{ENROLS_AT}:8446"
    with running_node(tmp_path / "node", api=api, enrol=enrol) as node:
        moa = node.add_client("moa-1")
        added = accord_well(
            "client", "add", node.directory, "kiwi-1", "--group", "Blue", "--enrol", "--json"
        )
        token = json.loads(added)["token"]
        url = (
            f"tak://com.atakmap.app/enroll?host={node.target('api')}&username=kiwi-1&token={token}"
        )
        with (
            pytak_over_tls(node, tmp_path / "moa", moa) as second,
            pytak(tmp_path / "kiwi", TAK_URL=url) as first,
        ):
            second.hear("connected")
            first.hear("connected")
            first.say(xml=position_now("PYTAK-1", "KIWI 1"))
            second.hear("heard", "PYTAK-1")
