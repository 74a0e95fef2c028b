import json
from datetime import timedelta
from pathlib import Path

import pytest

from accord.cli import demo_ledger
from accord.cli.demo_ledger import (
    FRAMES,
    Agreed,
    Side,
    Verdict,
    Way,
    compare,
    crossing,
    ways_between,
)
from accord.release.ledger.entry import Count, Gap, Refusals
from support.demo import AGREEMENT
from support.ledger import AT, NZL, make_ledger, received, release


def refusals(*counts: Count) -> Refusals:
    return Refusals(agreement="EXAMPLE", serial=1, since=AT, until=AT, counts=counts)


def test_a_side_counts_what_was_released_received_and_withheld_and_reads_on(
    tmp_path: Path,
) -> None:
    side = Side(tmp_path, NZL.node)
    side.look()
    assert side.read == 0
    ledger = make_ledger(tmp_path, [release(1, clause="1", frame=FRAMES + 4)])
    side.look()
    ledger.append(
        [
            release(2, clause="2", frame=FRAMES + 3),
            received(3, clause="1", frame=2 * FRAMES + 9),
            refusals(
                Count(clause="0.2", reason="FORBIDDEN", sort="a-f-S", count=5),
                Count(clause=None, reason="NOT_PERMITTED", sort="a-f-S", count=2),
            ),
            Gap(by=NZL.node, first=1, last=2, reason="none"),
        ],
        AT,
    )
    side.look()
    ledger.close()
    assert side.read == 5
    assert (side.released, side.received) == ({"1": 1, "2": 1}, {"1": 1})
    assert side.withheld == {("0.2", "FORBIDDEN"): 5, ("", "NOT_PERMITTED"): 2}
    assert (side.frame_sent, side.frame_received) == (FRAMES + 4, 2 * FRAMES + 9)
    assert side.sessions == {2}


def test_a_ledger_that_is_being_made_is_looked_at_again(tmp_path: Path) -> None:
    side = Side(tmp_path, NZL.node)
    (tmp_path / "ledger").mkdir()
    path = tmp_path / "ledger" / f"{NZL.node}.sqlite"
    path.touch()
    side.look()
    path.unlink()
    make_ledger(tmp_path, [release(1)]).close()
    side.look()
    assert side.read == 1


def a_way() -> Way:
    one, _ = ways_between(Path("NZL"), Path("USA"), AGREEMENT)
    return one


def test_both_ways_of_a_link_are_called_by_who_gives_to_whom() -> None:
    ways = ways_between(Path("NZL"), Path("USA"), AGREEMENT)
    assert [way.name for way in ways] == ["NZL -> USA", "USA -> NZL"]
    assert ways[0].giver is ways[1].receiver


def test_each_clause_is_called_as_the_agreement_does() -> None:
    way = a_way()
    way.giver.released["1"] = 7
    way.receiver.received["1"] = 6
    way.giver.withheld.update({("0.5", "FORBIDDEN"): 3, ("", "NOT_PERMITTED"): 2})
    assert list(crossing(way)) == [
        ("1 Surface picture", "crosses", "7 sent, 6 arrived"),
        ("none", "withheld", "2: no clause permits it"),
        ("0.5 The quiet strip", "withheld", "3: a clause forbids it"),
    ]


def test_a_reason_that_is_not_known_is_said_as_it_is() -> None:
    assert demo_ledger.why("SOMETHING_NEW") == "something new"


def test_the_lag_is_the_age_of_the_newest_that_arrived(tmp_path: Path) -> None:
    way = a_way()
    assert way.lag(AT) is None
    way.receiver.newest = AT
    assert way.lag(AT + timedelta(seconds=4)) == 4.0
    make_ledger(tmp_path, [received(1, version=(3, 1_764_000_000_000))]).close()
    side = Side(tmp_path, NZL.node)
    side.look()
    assert side.newest is not None
    assert side.newest.timestamp() == 1_764_000_000


def test_frames_are_told_by_their_numbers_in_the_session() -> None:
    way = a_way()
    way.giver.frame_sent, way.receiver.frame_received = 5 * FRAMES + 12, 5 * FRAMES + 11
    way.receiver.sessions.update({3, 5})
    assert way.frames == "frame 12 sent, 11 arrived in session 2"


def test_nodes_without_ledgers_agree_on_nothing(tmp_path: Path) -> None:
    found = compare(tmp_path / "NZL", tmp_path / "USA", tmp_path)
    assert found == Verdict("NZL and USA", agrees=False, clauses=())


@pytest.mark.parametrize("differs", [0, 2])
def test_the_verdict_is_that_of_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, differs: int
) -> None:
    nodes = tmp_path / "NZL", tmp_path / "USA"
    for each, other in (nodes, reversed(nodes)):
        (each / "ledger").mkdir(parents=True)
        (each / "ledger" / f"{other.name}.sqlite").touch()
    asked: list[tuple[object, ...]] = []
    none = {"count": 0, "lines": []}
    clause = {
        "clause": "1", "sent": 9, "received": 7, "lost": {"count": 1, "lines": [8]},
        "later": {"count": 1, "lines": [9]},
        "missing": none, "unsent": none, "differing": {"count": differs, "lines": [2]},
    }  # fmt: skip
    said = {"ok": not differs, "given": {"clauses": [clause]}, "taken": {"clauses": []}}

    def command(*arguments: object) -> tuple[int, str]:
        asked.append(arguments)
        return differs, json.dumps(said)

    monkeypatch.setattr(demo_ledger, "printed", command)
    monkeypatch.setattr(demo_ledger, "accord_command", command)
    found = compare(*nodes, tmp_path)
    file = tmp_path / "USA-for-NZL.ledger"
    assert asked == [
        ("ledger", "export", nodes[1], "NZL", file),
        ("ledger", "compare", nodes[0], "USA", file, "--json"),
    ]
    assert found == Verdict(
        "NZL and USA",
        agrees=not differs,
        clauses=(Agreed("NZL -> USA", "1", 9, 7, 2, is_same=not differs),),
    )
