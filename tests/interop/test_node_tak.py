"""node-tak, the library under CloudTAK, against a running node."""

import json
import shutil
import ssl
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from support.node_process import ClientFiles, NodeProcess, accord_well
from support.other_client import (
    HERE,
    NODE_JS,
    OtherClient,
    other_client,
    position_now,
    require_node_tak,
)

pytestmark = [pytest.mark.interop, pytest.mark.timeout(180)]


@pytest.fixture(autouse=True)
def _installed() -> None:
    require_node_tak()


def over_tls(
    node: NodeProcess, log: Path, client: ClientFiles
) -> AbstractContextManager[OtherClient]:
    """A node-tak client that holds the node to its authority."""
    given = {
        "url": f"ssl://{node.target('cot-tls')}",
        "cert": client.certificate.read_text(),
        "key": client.key.read_text(),
        "ca": client.authority.read_text(),
    }
    return other_client([NODE_JS, HERE / "node" / "stream.mjs", json.dumps(given)], log)


def test_node_tak_opens_and_streams_both_ways(node: NodeProcess, tmp_path: Path) -> None:
    kiwi, moa = node.add_client("kiwi-1"), node.add_client("moa-1")
    with (
        over_tls(node, tmp_path / "kiwi.log", kiwi) as first,
        over_tls(node, tmp_path / "moa.log", moa) as second,
    ):
        # It is open only when its ping is answered, and it reads the version from our offer.
        assert first.hear("open") is True
        second.hear("open")
        first.say(xml=[position_now(f"NODE-1-{number}", "KIWI 1") for number in range(20)])
        for number in range(20):
            assert "KIWI 1" in second.hear("heard", f"NODE-1-{number}")
        second.say(xml=[position_now("NODE-2", "MOA 1", "<remarks>kia ora — ō</remarks>")])
        assert "kia ora — ō" in first.hear("heard", "NODE-2")


def test_node_tak_that_joins_late_is_sent_the_picture_and_told_our_version(
    node: NodeProcess, tmp_path: Path
) -> None:
    kiwi, moa = node.add_client("kiwi-1"), node.add_client("moa-1")
    with over_tls(node, tmp_path / "kiwi.log", kiwi) as first:
        first.hear("open")
        first.say(xml=[position_now("NODE-1", "KIWI 1")])
        first.hear("version", "Accord")  # with the answer to a later ping
        with over_tls(node, tmp_path / "moa.log", moa) as second:
            second.hear("heard", "NODE-1")


def test_node_tak_is_cut_off_when_its_client_is_revoked(node: NodeProcess, tmp_path: Path) -> None:
    kiwi = node.add_client("kiwi-1")
    with over_tls(node, tmp_path / "kiwi.log", kiwi) as client:
        client.hear("open")
        accord_well("client", "revoke", node.directory, "kiwi-1")
        client.hear("closed")


def test_node_tak_enrols_with_a_token_and_gets_a_certificate_for_its_key(
    node: NodeProcess, tmp_path: Path
) -> None:
    if shutil.which("openssl") is None:
        pytest.skip("node-tak makes its key with openssl, which is not here")
    added = accord_well(
        "client", "add", node.directory, "kiwi-1", "--group", "Blue", "--enrol", "--json"
    )
    given = {
        "url": f"https://{node.target('enrol')}",
        "username": "kiwi-1",
        "token": json.loads(added)["token"],
    }
    authority = node.directory / "authority" / "ca.pem"
    command = [NODE_JS, HERE / "node" / "enrol.mjs", json.dumps(given)]
    with other_client(command, tmp_path / "log", {"NODE_EXTRA_CA_CERTS": str(authority)}) as client:
        got = client.hear("enrolled")
    certificate, key = tmp_path / "client.pem", tmp_path / "client.key"
    certificate.write_text(got["cert"])
    key.write_text(got["key"])
    ssl.create_default_context(cafile=authority).load_cert_chain(certificate, key)
    assert len(got["ca"]) == 2
    enrolled = ClientFiles(
        package=certificate, certificate=certificate, key=key, authority=authority
    )
    with over_tls(node, tmp_path / "kiwi.log", enrolled) as client:
        client.hear("open")
