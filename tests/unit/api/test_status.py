from dataclasses import replace
from datetime import timedelta

from accord.api.status import as_text
from accord.core.principal import Direction
from accord.observe.health import JournalStatus
from accord.observe.partner_health import AgreementStatus, ByFileStatus, LinkState
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
        *("USA-PAC", "up", "10", "min", "60", "s", "ago", "60", "s", "ago", "340"),
        *("42", "4", "s", "75", "8"),
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


def test_what_is_held_back_and_what_is_not_known_of_a_partner_is_said_so() -> None:
    partner = replace(A_PARTNER, held_back=5)
    assert "  42, 5 held back  " in _line(as_text(a_status(partners=(partner,))), "USA-PAC")
    parted = replace(A_PARTNER, state=LinkState.REFUSED, last_heard=None, lines=None, cosigned=None)
    line = _line(as_text(a_status(partners=(parted,))), "USA-PAC")
    assert line.count("not known") == 2
    assert "cosigned" not in line
    never = replace(A_PARTNER, state=LinkState.DOWN, last_heard=None)
    assert "  never  " in _line(as_text(a_status(partners=(never,))), "USA-PAC")


def test_what_went_and_came_by_file_stands_with_how_old_it_is() -> None:
    by_file = ByFileStatus(
        last_out=START, items_out=4, is_answered=False, last_in=START + timedelta(minutes=5),
        made=START - timedelta(days=1), items_in=9,
    )  # fmt: skip
    text = as_text(a_status(partners=(replace(A_PARTNER, by_file=by_file),)))
    row = " ".join(_line(text.split("BY FILE", 1)[1], "USA-PAC").split())
    assert row == "USA-PAC 10 min ago 4 not yet 5 min ago 24 h ago 9"
    only_in = replace(by_file, last_out=None, items_out=0)
    text = as_text(a_status(partners=(replace(A_PARTNER, by_file=only_in),)))
    row = " ".join(_line(text.split("BY FILE", 1)[1], "USA-PAC").split())
    assert row.startswith("USA-PAC never 0 - 5 min ago")
    assert "BY FILE" not in as_text(a_status())


def test_who_is_up_and_has_said_nothing_is_no_problem_and_a_note_is_none_either() -> None:
    partner = replace(A_PARTNER, state=LinkState.UP, last_heard=None, note="it is only heard")
    text = as_text(a_status(partners=(partner,)))
    assert text.splitlines()[2:4] == ["no problems", f"partner {partner.node}: it is only heard"]
    assert "  nothing yet  " in _line(text, partner.node)


def test_agreements_and_counts_of_each_clause_stand_under_their_partner() -> None:
    begun = AgreementStatus(
        id="A-1", serial=3, gives=True, takes=False, here=True, there="not activated",
        since=START, until=START + timedelta(days=9),
    )  # fmt: skip
    ended = replace(begun, id="A-2", gives=False, takes=True, until=START + timedelta(minutes=10))
    later = replace(begun, id="A-3", takes=True, since=START + timedelta(days=1))
    theirs = replace(begun, id="B-1", here=False, since=None, until=None, there="activated")
    stopped = replace(theirs, id="B-2", stopped="suspended")
    agreements = begun, ended, later, theirs, stopped
    partner = replace(A_PARTNER, agreements=agreements, unverified={"AUS-X": 7})
    text = as_text(a_status(partners=(partner,)))
    table = text.split("AGREEMENT", 1)[1].split("\n\n")[0]
    rows = [" ".join(line.split()) for line in table.splitlines()[1:]]
    assert rows == [
        "A-1 3 USA-PAC we give in force until 2026-01-11 03:04Z not activated",
        "A-2 3 USA-PAC we take ENDED 2026-01-02 03:14Z not activated",
        "A-3 3 USA-PAC we give and take begins 2026-01-03 03:04Z not activated",
        "B-1 3 USA-PAC we give not activated activated",
        "B-2 3 USA-PAC we give suspended activated",
    ]
    assert _line(text.split("RELEASED TO", 1)[1], "USA-PAC").split() == [
        "USA-PAC",
        "1",
        "exact",
        "70",
    ]
    assert _line(text.split("WITHHELD FROM", 1)[1], "USA-PAC").endswith("a clause forbids it  8")
    assert "AUS-X is not a partner here" in text.split("DROPPED", 1)[1]


def test_problems_come_first() -> None:
    lines = as_text(a_status(problems=("disk: nearly full", "a.pem ended"))).splitlines()
    assert lines[2:4] == ["! disk: nearly full", "! a.pem ended"]


def test_what_a_partner_says_does_not_steer_the_terminal() -> None:
    text = as_text(a_status(problems=("the ledger: a cosignature of \x9b2J\u202e\x7fA\nB",)))
    assert "! the ledger: a cosignature of ?2J??A?B" in text.splitlines()


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
