from datetime import timedelta
from pathlib import Path

import pytest

from accord.api.certificate_calendar import calendar
from accord.core.clock import SystemClock
from accord.observe.ending import Ending
from accord.security import keystore
from accord.storage.people import PEOPLE, People
from support.in_process import make_node
from support.keys import quick_keys as quick_keys

pytestmark = pytest.mark.usefixtures("quick_keys")


def test_the_nodes_own_certificates_stand_beside_those_of_clients(tmp_path: Path) -> None:
    directory = make_node(tmp_path / "node")
    people, now = People(directory / PEOPLE), SystemClock().now()
    found = {each.of: each for each in calendar(directory, people, now)}
    assert found.keys() == {
        "authority/ca.pem", "server/server.pem", "federation/authority.pem", "administrator",
    }  # fmt: skip
    assert found["server/server.pem"].warning is Ending.LATER
    assert found["server/server.pem"].remedy == "start the node again, which makes a new one"
    late = calendar(directory, people, found["server/server.pem"].ends - timedelta(days=6))
    assert {each.of: each.warning for each in late}["server/server.pem"] is Ending.WEEK
    assert [each.ends for each in late] == sorted(each.ends for each in late)


def test_a_file_that_cannot_be_read_is_left_out_and_a_revoked_client(tmp_path: Path) -> None:
    directory = make_node(tmp_path / "node")
    people, now = People(directory / PEOPLE), SystemClock().now()
    (directory / keystore.SERVER).write_text("nothing")
    people.revoke("administrator", now)
    of = {each.of for each in calendar(directory, people, now)}
    assert not {"server/server.pem", "administrator"} & of
    assert "authority/ca.pem" in of
