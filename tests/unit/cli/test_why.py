import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from accord.api.story_json import spell_time
from accord.cli import why
from accord.cli.linkage import Linkage
from accord.cli.main import main
from accord.cli.why import printable, spell_age
from accord.core.report import Doubt, Source
from accord.node import requests
from accord.node.requests import Answer, RecallWanted, Told
from accord.release.ledger.entry import Count, Recall, Refusals
from accord.release.signature import Act
from accord.storage.agreements import Agreements
from accord.storage.release_secrets import make_secret
from accord.storage.segment import pack
from accord.storage.sqlite import SqliteDatabase
from support.ledger import received
from support.released import GIVER, RECEIVER, TEXT, GivingNode, after, heard, spelt
from support.small_agreement import signed

AT = ("--at", spelt(after(70)))
FEED = Source(node="AUS-HQ", channel="partner:AUS-HQ", speaker="", hops=("CAN-X", "USA-X"))


@pytest.fixture
def node(tmp_path: Path) -> GivingNode:
    """A node whose ship went to FJI-B, was recalled, and came from there too."""
    node = GivingNode.make(tmp_path / "node")
    ship = heard("SHIP-1", 0)
    unmarked = heard("SHIP-1", 60, source=FEED, marks="")
    node.journal([ship, unmarked, heard("CAR-1", 5, kind="a-f-G-E-V")])
    counts = (Count(clause="1", reason="too young", sort="a-f-S", count=4),)
    node.note(
        after(1),
        Refusals(agreement="SMALL", serial=1, since=after(0), until=after(1), counts=counts),
    )
    node.release(ship, after(2))
    recall = Recall(
        by=GIVER, agreement="SMALL", serial=1, clause=None, name="SHIP-1", reason="wrong", frame=1
    )
    node.note(after(3), recall)
    node.note(after(4), received(1, name="SHIP-1", form="exact", clause="9.9"))
    node.ledger()
    return node


def lines(node: GivingNode, uid: str, capsys: pytest.CaptureFixture[str]) -> list[str]:
    assert main(["why", str(node.directory), uid, *AT]) == 0
    return capsys.readouterr().out.splitlines()


def said(node: GivingNode, uid: str, capsys: pytest.CaptureFixture[str]) -> Any:
    assert main(["why", str(node.directory), uid, *AT, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_the_whole_story_is_told_in_words(
    node: GivingNode, capsys: pytest.CaptureFixture[str]
) -> None:
    said = lines(node, "SHIP-1", capsys)
    for expected in (
        "heard 2027-03-01T06:01:00Z (10 s ago) from AUS-HQ, over CAN-X, USA-X",
        (
            "  channel partner:AUS-HQ, speaker unknown, as cot-xml; reports since "
            "2027-03-01T06:01:00Z: 1"
        ),
        "  unmarked, or its marks are not understood: it goes to no partner",
        "heard 2027-03-01T06:00:00Z (70 s ago) from NZL-A",
        "  position in context live, said into Blue",
        "  a-f-S-X-M, happened 2027-03-01T06:00:00Z, valid until 2027-03-01T06:10:00Z",
        "  marked (U//REL TO FJI): NZL UNCLASSIFIED, releasable to FJI, made by NZL",
        "FJI-B",
        (
            "  what their agreements say now of what AUS-HQ said, heard 2027-03-01T06:01:00Z, "
            "whether or not there is a link:"
        ),
        "  SMALL serial 1, in force",
        "    WITHHELD: a clause forbids it",
        "  recalled 2027-03-01T06:00:03Z, line 3: wrong",
        (
            "  last withheld of its sort (a-f-S): too young by clause 1, 4 times "
            "up to 2027-03-01T06:00:01Z, line 1"
        ),
        "  anything came from them last 66 s ago",
        "other nodes that have it: AUS-HQ, CAN-X, FJI-B, USA-X",
    ):
        assert expected in said
    (released,) = (each for each in said if each.startswith("  released"))
    assert released == (
        "  released 2027-03-01T06:00:02Z (68 s ago) as SHIP-1, form exact by clause 1 of SMALL "
        "serial 1, version 7.1803880800000, line 2"
    )
    (came,) = (each for each in said if each.startswith("  received from them"))
    assert "as SHIP-1, form exact by clause 9.9 of EXAMPLE-USA-NZL serial 1" in came


def test_the_same_is_told_to_machines(node: GivingNode, capsys: pytest.CaptureFixture[str]) -> None:
    told = said(node, "SHIP-1", capsys)
    assert [each["node"] for each in told["heard"]] == ["AUS-HQ", "NZL-A"]
    assert [each["age_s"] for each in told["heard"]] == [10.0, 70.0]
    assert [each["mark"] for each in told["heard"]] == [None, "(U//REL TO FJI)"]
    (towards,) = told["partners"]
    assert towards["agreements"][0]["says"]["reason"] == "a clause forbids it"
    assert towards["last_release"]["number"] == 2
    assert towards["recall"]["reason"] == "wrong"
    assert not towards["has_it"]
    assert towards["last_refusal"] == {
        "clause": "1", "reason": "too young", "sort": "a-f-S", "count": 4, "number": 1,
        "time": "2027-03-01T06:00:01Z",
    }  # fmt: skip
    assert (towards["last_received"]["clause"], towards["silent_s"]) == ("9.9", 66.0)
    assert told["others"] == ["AUS-HQ", "CAN-X", "FJI-B", "USA-X"]


def test_a_recall_is_told_while_it_waits_and_with_what_was_answered(
    node: GivingNode, capsys: pytest.CaptureFixture[str]
) -> None:
    wanted = RecallWanted(partner=RECEIVER, uid="SHIP-1")
    request = requests.put(node.directory, wanted, reason="wrong", by="moana", at=after(2))
    for uid, partner in (("SHIP-2", RECEIVER), ("SHIP-1", "AUS-X")):
        other = RecallWanted(partner=partner, uid=uid)
        requests.put(node.directory, other, reason="x", by="x", at=after(2))
    line = "  recall asked for by moana at 2027-03-01T06:00:02Z"
    assert f"{line} waits: they have not been told; they may still have it" in lines(
        node, "SHIP-1", capsys
    )
    told = Told(partner=RECEIVER, digest="ab", agreement="SMALL", clause="1", name="SHIP-1")
    requests.answer(node.directory, request.number, Answer(recalls=[told]))
    assert f"{line} waits: they have not answered; they may still have it" in lines(
        node, "SHIP-1", capsys
    )
    told.outcome, told.objects = "DROPPED", 1
    requests.answer(node.directory, request.number, Answer(recalls=[told]))
    assert f"{line}: they answered: dropped, 1 object" in lines(node, "SHIP-1", capsys)
    (towards,) = said(node, "SHIP-1", capsys)["partners"]
    assert towards["recalls"] == [
        {"at": "2027-03-01T06:00:02Z", "by": "moana", "reason": "wrong", "told": True,
         "answer": "dropped, 1 object"}
    ]  # fmt: skip


def test_a_recall_before_the_newest_release_is_still_told(
    node: GivingNode, capsys: pytest.CaptureFixture[str]
) -> None:
    node.release(heard("SHIP-1", 20), after(21))
    (node.directory / "ledger" / f"{RECEIVER}.sqlite").unlink()
    node.ledger()
    told = lines(node, "SHIP-1", capsys)
    assert "  recalled 2027-03-01T06:00:03Z, line 3: wrong; released again since" in told


def test_what_only_the_partner_said_is_not_decided_for_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    node = GivingNode.make(tmp_path / "node")
    theirs = Source(node=RECEIVER, channel=f"partner:{RECEIVER}", speaker="")
    node.journal([heard("SHIP-1", 0, source=theirs)])
    told = lines(node, "SHIP-1", capsys)
    assert "  all that was heard of it came from them or over them: nothing is decided" in told


def test_an_object_that_never_left_is_told_so(
    node: GivingNode, capsys: pytest.CaptureFixture[str]
) -> None:
    told = lines(node, "CAR-1", capsys)
    assert "    RELEASED as quiet" in told
    assert "  never released to them, by the ledger" in told
    assert told[-1] == "other nodes that have it: none"
    as_json = said(node, "CAR-1", capsys)["partners"][0]
    assert (as_json["last_release"], as_json["recall"], as_json["has_it"]) == (None, None, False)
    assert as_json["last_refusal"] is None


def test_a_partner_with_no_agreement_is_told_so(
    node: GivingNode, capsys: pytest.CaptureFixture[str]
) -> None:
    make_secret(node.directory, "AUS-HQ")
    told = lines(node, "SHIP-1", capsys)
    place = told.index("AUS-HQ")
    assert told[place + 1 : place + 3] == [
        "  never released to them, by the ledger",
        "  no agreement by which this node gives them anything",
    ]


def test_a_stopped_agreement_is_told_with_what_stopped_it(
    node: GivingNode, capsys: pytest.CaptureFixture[str]
) -> None:
    Agreements(node.directory / "agreements").add(signed(TEXT, Act.SUSPEND)[1])
    told = lines(node, "CAR-1", capsys)
    place = told.index("  SMALL serial 1, not in force")
    assert "FJI-B" in told[place + 1]
    assert said(node, "CAR-1", capsys)["partners"][0]["agreements"][0]["says"] is None


def test_a_name_at_a_partner_is_said_to_be_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    node = GivingNode.make(tmp_path / "node")
    car = heard("CAR-1", 5, kind="a-f-G-E-V")
    node.journal([car])
    name = node.release(car, after(6)).name
    node.ledger()
    assert lines(node, name, capsys)[:2] == ["CAR-1", "  asked for by its name at FJI-B"]
    (node.directory / "journal.sqlite").unlink()
    assert "  the journal has nothing of it any more" in lines(node, name, capsys)


def test_doubts_and_bytes_that_cannot_be_read_are_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    node = GivingNode.make(tmp_path / "node")
    ship, stale = heard("SHIP-1", 0), heard("SHIP-2", -700)
    assert ship.original is not None
    broken = replace(ship.original, data=b"<event")
    writer = SqliteDatabase(node.directory / "journal.sqlite", max_bytes=1 << 28).writer()
    writer.insert(pack([(1, replace(ship, original=broken), broken)]))
    doubted = replace(stale, doubts=frozenset({Doubt.JUMP}), groups=frozenset())
    assert stale.original is not None
    writer.insert(pack([(2, doubted, stale.original)]))
    writer.close()
    assert "  its bytes cannot be read any more" in lines(node, "SHIP-1", capsys)
    assert "mark" not in said(node, "SHIP-1", capsys)["heard"][0]
    told = lines(node, "SHIP-2", capsys)
    assert "  doubted: jump" in told
    assert "  position in context live" in told
    assert any("stale since 2027-03-01T05:58:20Z" in each for each in told)


def test_what_nobody_knows_is_a_failure_in_one_line(
    node: GivingNode, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["why", str(node.directory), "SHIP-9"]) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("accord: neither the journal nor a ledger of ")


def test_a_directory_without_a_node_is_wrong_use(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["why", str(tmp_path), "SHIP-1"]) == 2
    assert "accord.toml" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 s ago"),
        (119.9, "119 s ago"),
        (120, "2 min ago"),
        (7_199, "119 min ago"),
        (7_200, "2 h ago"),
        (172_799, "47 h ago"),
        (172_800, "2 d ago"),
        (-5, "5 s ahead of this clock"),
    ],
)
def test_ages_are_said_in_one_unit(seconds: float, words: str) -> None:
    assert spell_age(timedelta(seconds=seconds)) == words


def test_times_are_utc_and_names_cannot_steer_the_terminal() -> None:
    assert spell_time(after(0.25)) == "2027-03-01T06:00:00.250Z"
    assert spell_time(after(0)) == "2027-03-01T06:00:00Z"
    assert printable("a\x1b[31mb\u202e") == "a?[31mb?"


def test_what_a_partner_called_back_is_told_with_its_reason(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    node = GivingNode.make(tmp_path / "node")
    node.journal([heard("SHIP-1", 0)])
    node.note(after(1), received(1, agreement="SMALL", name="SHIP-1", clause="1"))
    recall = Recall(
        by=RECEIVER, agreement="SMALL", serial=1, clause="1", name=None, reason="leak", frame=1
    )
    node.note(after(3), recall)
    node.ledger()
    assert "  called back by them 2027-03-01T06:00:03Z, line 2: leak" in lines(
        node, "SHIP-1", capsys
    )
    (partner,) = said(node, "SHIP-1", capsys)["partners"]
    assert (partner["called_back"]["reason"], partner["recall"]) == ("leak", None)


@pytest.mark.parametrize(
    ("links", "told"),
    [
        (None, ("  perhaps whoever said it first is no partner here, so that it was not taken: "
         "accord status DIR names such nodes while the node runs")),
        (Linkage(states={}, agreements=(), strange={RECEIVER: ("NZL-JFNZ",)}),
         (f"  NZL-JFNZ, passed on by {RECEIVER}, is not a partner here, so nothing of it is taken: "
         "exchange invitations with it, and add it with accord partner add DIR FILE")),
    ],
)  # fmt: skip
def test_what_came_and_was_not_taken_is_told_with_who_is_no_partner_here(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    links: Linkage | None,
    told: str,
) -> None:
    monkeypatch.setattr(why, "linkage", lambda _: links)
    node = GivingNode.make(tmp_path / "node")
    node.journal([heard("OTHER", 0)])
    node.note(after(1), received(1, name="SHIP-9", form="exact"))
    node.ledger()
    assert told in lines(node, "SHIP-9", capsys)
    (towards, *_) = said(node, "SHIP-9", capsys)["partners"]
    assert towards["strange"] == ([] if links is None else ["NZL-JFNZ"])
    assert not [each for each in lines(node, "OTHER", capsys) if "no partner here" in each]
