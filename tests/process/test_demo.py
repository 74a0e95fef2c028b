"""The demonstration, run for real: nodes, their link, clients, certificates, the recordings."""

import json
import subprocess
import sys

import pytest

pytestmark = [pytest.mark.process, pytest.mark.timeout(400)]


def demo(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "accord", "demo", *arguments],
        capture_output=True,
        text=True,
        timeout=360,
        check=False,
    )


def test_both_clients_receive_ships_and_each_other() -> None:
    done = demo("--seconds", "8", "--partners", "1", "--json")
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert said["missing"] == []
    assert [client["form"] for client in said["clients"]] == ["xml", "protobuf"]
    for client in said["clients"]:
        assert client["ais_reports"] > 100
        assert client["positions_of_the_other"] >= 3
        assert client["words_of_the_other"] >= 1
        assert client["refused"] == 0


def test_what_the_agreement_releases_crosses_the_link_also_after_it_was_cut() -> None:
    done = demo("--seconds", "15", "--cut", "3", "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    said = json.loads(done.stdout)
    assert said["missing"] == []
    # No feed of the partner's own: what its clients have of recorded ships came over the link.
    assert all(client["ais_reports"] > 20 for client in said["clients"])
    (link,) = said["links"]
    for way in link["ways"]:
        assert way["sessions"] == 2
        assert "caught up after" in way["after_the_cut"]
    withheld = {each["clause"] for way in link["ways"] for each in way["withheld"]}
    assert {None, "0.2", "0.5", "form late-10nm"} <= withheld
    (verdict,) = said["ledgers"]
    assert verdict["agrees"]
    assert {(each["way"], each["clause"]) for each in verdict["clauses"]} == {
        ("NZL -> USA", "1"), ("USA -> NZL", "1"), ("USA -> NZL", "2"),
    }  # fmt: skip
    for clause in verdict["clauses"]:
        assert clause["received"] > 0
        assert clause["sent"] == clause["received"] + clause["lost"]


def test_it_fails_and_says_why_when_nothing_can_have_been_received() -> None:
    done = demo("--seconds", "0.001", "--partners", "1", "--plain")
    assert done.returncode == 1
    assert "missing: KIWI-1 received no AIS track" in done.stdout


def test_seconds_of_no_length_are_wrong_use() -> None:
    done = demo("--seconds", "0")
    assert (done.returncode, done.stdout) == (2, "")
    assert "--seconds 0" in done.stderr


def test_two_nations_work_on_one_case_and_cover_it_together() -> None:
    done = demo("--rescue", "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    said = json.loads(done.stdout)
    assert said["missing"] == []
    assert 0.0 < said["alone"] < said["together"] <= 1.0
    assert said["report"].startswith("EXERCISE EXERCISE EXERCISE (DEMO)")
