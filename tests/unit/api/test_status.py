from dataclasses import replace
from datetime import timedelta

from accord.api.status import as_text
from accord.core.principal import Direction
from accord.observe.health import JournalStatus
from support.health import A_CLIENT, A_PARTNER, START, a_status


def _line(text: str, start: str) -> str:
    return next(line for line in text.splitlines() if line.startswith(start))


def test_people_read_what_is_connected_moving_waiting_and_dropped() -> None:
    text = as_text(a_status())
    assert "no problems" in text
    assert "up 10 min" in _line(text, "NZL-X Test node")
    assert "127.0.0.1:8089" in _line(text, "cot-tls")
    assert _line(text, "accepted").split() == ["accepted", "600", "1.5", "-"]
    assert "5 of 100 tracks   live 5" in _line(text, "picture")
    assert "keeping everything" in _line(text, "journal")
    assert "1 MiB of 1 GiB" in _line(text, "disk")
    client = next(line for line in text.splitlines() if "KIWI 1" in line)
    assert client.split()[-5:] == ["Blue,Red:out", "12", "3", "99", "3"]
    assert _line(text, "Blue").split() == ["Blue", "1", "1"]
    assert "speaking  12       60 s ago" in text
    partner = _line(text, "USA-PAC")
    assert partner.split() == [
        *("USA-PAC", "up", "10", "min", "60", "s", "ago", "42", "4", "s", "75", "8"),
        *("60", "of", "75", "cosigned"),
    ]
    assert "malformed" in _line(text, "wire")
    assert "2027-01-02" in _line(text, "server/server.pem")


def test_what_a_partner_did_wrong_stands_under_its_name() -> None:
    partner = replace(A_PARTNER, closed={"frame forged": 3})
    text = as_text(a_status(partners=(partner,)))
    dropped = text.split("DROPPED", 1)[1]
    assert "USA-PAC  certificate has ended  2" in dropped
    assert "USA-PAC  frame forged           3" in dropped


def test_problems_come_first() -> None:
    lines = as_text(a_status(problems=("disk: nearly full", "a.pem ended"))).splitlines()
    assert lines[2:4] == ["! disk: nearly full", "! a.pem ended"]


def test_a_journal_in_trouble_says_so() -> None:
    journal = JournalStatus(waiting_bytes=5, limit_bytes=10, counts={}, trouble="the disk is full")
    assert "the disk is full" in _line(as_text(a_status(journal=journal)), "journal")


def test_empty_tables_are_left_out() -> None:
    text = as_text(a_status(clients=(), sources=(), drops={}, groups=(), partners=()))
    assert "CLIENT" not in text
    assert "SOURCE" not in text
    assert "PARTNER" not in text


def test_what_is_not_known_is_a_dash_and_never_is_said() -> None:
    source = replace(a_status().sources[0], last_useful=None)
    client = replace(A_CLIENT, uid=None, callsign=None, groups={}, since=START + timedelta(1))
    text = as_text(a_status(clients=(client,), sources=(source,)))
    assert "never" in text
    assert " -  " in next(line for line in text.splitlines() if "192.0.2.1:40000" in line)


def test_what_a_client_calls_itself_does_not_steer_the_terminal() -> None:
    client = replace(A_CLIENT, callsign="\x1b[2Jkiwi\n2")
    text = as_text(a_status(clients=(client,)))
    assert "\x1b" not in text
    assert "?[2Jkiwi?2" in text


def test_what_a_client_calls_itself_is_cut_at_40_letters_and_what_fits_is_whole() -> None:
    whole, long = "w" * 40, "l" * 100_000
    groups = {name * 30: Direction.BOTH for name in "ab"}
    text = as_text(a_status(clients=(replace(A_CLIENT, callsign=long, uid=whole, groups=groups),)))
    assert f" {'l' * 39}…  {whole}  " in text
    assert f" {'a' * 30},{'b' * 8}…  " in text
    assert len(text) < 10_000


def test_no_line_ends_in_blanks() -> None:
    assert all(line == line.rstrip() for line in as_text(a_status()).splitlines())
