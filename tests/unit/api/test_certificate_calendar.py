from datetime import timedelta
from pathlib import Path

import pytest

from accord.api.certificate_calendar import calendar
from accord.core.clock import SystemClock
from accord.core.principal import Principal
from accord.observe.ending import Ending
from accord.security import keystore
from accord.security.authority import CertificateSettings
from accord.storage.people import PEOPLE, People
from support.in_process import make_node
from support.keys import quick_keys as quick_keys

SETTINGS = CertificateSettings()
pytestmark = pytest.mark.usefixtures("quick_keys")


def test_the_nodes_own_certificates_stand_beside_those_of_clients(tmp_path: Path) -> None:
    directory = make_node(tmp_path / "node")
    people, now = People(directory / PEOPLE), SystemClock().now()
    found = {each.of: each for each in calendar(directory, people, SETTINGS, now)}
    assert found.keys() == {
        "authority/ca.pem", "server/server.pem", "federation/authority.pem", "administrator",
    }  # fmt: skip
    assert found["server/server.pem"].warning is Ending.LATER
    assert found["server/server.pem"].remedy.startswith("nothing yet: ")
    late = calendar(
        directory, people, SETTINGS, found["server/server.pem"].ends - timedelta(days=6)
    )
    assert {each.of: each.warning for each in late}["server/server.pem"] is Ending.WEEK
    assert [each.ends for each in late] == sorted(each.ends for each in late)


def test_a_file_that_cannot_be_read_is_left_out_and_a_revoked_client(tmp_path: Path) -> None:
    directory = make_node(tmp_path / "node")
    people, now = People(directory / PEOPLE), SystemClock().now()
    (directory / keystore.SERVER).write_text("nothing")
    people.revoke("administrator", now)
    of = {each.of for each in calendar(directory, people, SETTINGS, now)}
    assert not {"server/server.pem", "administrator"} & of
    assert "authority/ca.pem" in of


def test_what_a_later_one_of_the_same_device_replaces_is_left_out(tmp_path: Path) -> None:
    directory = make_node(tmp_path / "node")
    people, now = People(directory / PEOPLE), SystemClock().now()
    day = timedelta(days=1)
    people.add(Principal(name="kea"), now)
    for mark, device, nth in (
        ("a", "phone", 0),
        ("b", "tablet", 1),
        ("c", "phone", 2),
        ("d", "", 3),
    ):
        people.add_certificate(
            "kea", mark, issued=now + nth * day, ends=now + (nth + 5) * day, device=device
        )
    found = calendar(directory, people, SETTINGS, now)
    assert [each.fingerprint for each in found if each.of == "kea"] == ["b", "c", "d"]
    people.revoke_certificate("c", now)
    found = calendar(directory, people, SETTINGS, now)
    assert [each.fingerprint for each in found if each.of == "kea"] == ["a", "b", "d"]
    kept = {each.principal.credential: each.is_replaced for each in people.credentials()}
    assert not any(kept.values())
