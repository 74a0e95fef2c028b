import json
from dataclasses import dataclass, replace

import pytest

from accord.cli.demo_cast import CHAIN, NZL, USA, Party
from accord.cli.demo_client import DemoClient, Tally
from accord.cli.demo_cut import CatchUp
from accord.cli.demo_ledger import Agreed, Verdict
from accord.cli.demo_report import report, shortfalls
from support.clock import ManualClock
from support.demo import a_link

SAME = Verdict("NZL and USA", True, (Agreed("NZL -> USA", "1", 9, 9, 0, True),))
APART = Verdict(
    "NZL and USA",
    False,
    (
        Agreed("NZL -> USA", "1", 9, 8, 1, True),
        Agreed("NZL -> USA", "2", 9, 8, 0, False),
    ),
)


def clients_of(party: Party, *heard: str) -> tuple[DemoClient, ...]:
    """Both clients of a node, having heard each other and what is named."""
    found: list[DemoClient] = []
    for number, name in enumerate(party.clients):
        other = party.others(name)
        client = DemoClient(name, other, wants_protobuf=bool(number), clock=ManualClock())
        client.tally = Tally(events=120, ais=100, spoken_to=2, heard_protobuf=bool(number))
        client.tally.positions_of.update({other: 9, **dict.fromkeys(heard, 1)})
        found.append(client)
    return tuple(found)


def test_nothing_is_missing_when_everything_was_received() -> None:
    assert shortfalls([(NZL, clients_of(NZL))]) == []
    both = [(NZL, clients_of(NZL, USA.crosses)), (USA, clients_of(USA, NZL.crosses))]
    assert shortfalls(both, [], [SAME]) == []


def test_each_thing_that_was_not_received_is_named() -> None:
    one, two = clients_of(NZL)
    one.tally, two.tally = Tally(), Tally()
    assert shortfalls([(NZL, (one, two))]) == [
        "KIWI-1 received no AIS track",
        "KIWI-1 received no position of KIWI-2",
        "KIWI-1 received no words of KIWI-2",
        "KIWI-2 received no AIS track",
        "KIWI-2 received no position of KIWI-1",
        "KIWI-2 received no words of KIWI-1",
        "KIWI-2 received no protobuf",
    ]


def test_what_did_not_cross_a_link_is_missing() -> None:
    groups = [(NZL, clients_of(NZL)), (USA, clients_of(USA, NZL.crosses))]
    assert shortfalls(groups) == [
        "KIWI-1 received no position of INVENTED SHIP from USA",
        "KIWI-2 received no position of INVENTED SHIP from USA",
    ]


@pytest.mark.parametrize("party", [party for party in CHAIN if party.stays])
def test_what_crossed_against_the_agreement_is_named(party: Party) -> None:
    other = NZL if party is not NZL else USA
    leaked = clients_of(other, party.crosses, party.stays[0])
    missing = shortfalls([(other, leaked), (party, clients_of(party, other.crosses))])
    assert missing == [
        f"{name} received {party.stays[0]}, which {party.node} does not release"
        for name in other.clients
    ]


def test_a_link_that_did_not_catch_up_and_ledgers_that_differ_are_named() -> None:
    with a_link() as link:
        link.catch_ups = {"NZL -> USA": CatchUp(0, 0)}
        assert shortfalls([], [link], [APART]) == [
            "NZL -> USA has not caught up after the cut",
            "the ledgers of NZL and USA differ",
        ]


@dataclass(frozen=True)
class Told:
    """What was printed."""

    machine: dict[str, object]
    people: str


def told(capsys: pytest.CaptureFixture[str], verdict: Verdict, *missing: str) -> Told:
    with a_link() as link:
        link.ways[0].giver.released["1"] = 9
        link.ways[0].giver.withheld["0.2", "FORBIDDEN"] = 4
        link.catch_ups = {way.name: CatchUp(0, 0) for way in link.ways}
        more = {"links": [link], "verdicts": [verdict]}
        report(clients_of(NZL), 20.0, missing, **more, as_json=True)
        machine = json.loads(capsys.readouterr().out)
        report(clients_of(NZL), 20.0, missing, **more, as_json=False)
    return Told(machine, capsys.readouterr().out)


def test_the_summary_is_for_people_or_for_machines(capsys: pytest.CaptureFixture[str]) -> None:
    found = told(capsys, SAME, "KIWI-1 received no AIS track")
    assert found.machine["missing"] == ["KIWI-1 received no AIS track"]
    clients = found.machine["clients"]
    assert isinstance(clients, list)
    assert [client["form"] for client in clients] == ["xml", "protobuf"]
    assert "missing: KIWI-1 received no AIS track" in found.people
    assert "accord client add" in found.people


def test_what_crossed_and_what_did_not_is_told_clause_by_clause(
    capsys: pytest.CaptureFixture[str],
) -> None:
    found = told(capsys, SAME)
    assert "clause 1 Surface picture crosses: 9 sent, 0 arrived" in found.people
    assert "clause 0.2 Marking withheld: 4: a clause forbids it" in found.people
    assert "after the cut: nothing has crossed since the cut" in found.people
    (link,) = found.machine["links"]  # type: ignore[misc,attr-defined]
    assert link["ways"][0]["withheld"] == [{"clause": "0.2", "reason": "FORBIDDEN", "count": 4}]


def test_what_was_sent_in_more_lines_than_versions_says_both(
    capsys: pytest.CaptureFixture[str],
) -> None:
    (clause,) = SAME.clauses
    fewer = replace(SAME, clauses=(replace(clause, sent=1, received=1),))
    assert "sent 1 version (9 lines) = received 1\n" in told(capsys, fewer).people


def test_ledgers_are_told_clause_by_clause(capsys: pytest.CaptureFixture[str]) -> None:
    assert "NZL -> USA, clause 1: sent 9 versions = received 9\n" in told(capsys, SAME).people
    apart = told(capsys, APART).people
    assert "the ledgers of NZL and USA DIFFER" in apart
    assert "clause 1: sent 9 versions agrees received 8, 1 on the way at a cut or the end" in apart
    assert "clause 2: sent 9 versions DIFFERS received 8\n" in apart
