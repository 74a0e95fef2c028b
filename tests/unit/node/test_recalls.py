from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from accord.core.context import Context
from accord.federation.given import Had
from accord.federation.moment import Moment
from accord.federation.version import ObjectKey
from accord.node import requests
from accord.node.recalls import Recalls
from accord.node.requests import Answer, RecallWanted, Request, SuspensionWanted
from accord.observe.log import Log
from accord.release.document import read_document
from accord.release.signature import Act, sign, spell_record
from accord.storage.agreements import TEXT
from accord.wire.peer.plain import content_bytes
from accord.wire.peer.record import Outcome, Recall, RecallOf, Receipt
from accord.wire.peer.report import Grant
from support.agreements import key_of
from support.clock import START, ManualClock
from support.small_agreement import GIVER, ID, RECEIVER, small

THIRD = "TON-C"
SHIP = ObjectKey(GIVER, "live", "SHIP-1")


def prefix(serial: int = 1) -> bytes:
    return sha256(small(serial)).digest()[:8]


def had(own: ObjectKey, clause: str = "1", serial: int = 1) -> Had:
    return Had(own, Grant(prefix(serial), clause, "exact"), durable=False)


@dataclass
class FakeSync:
    """Knows what was given, and does as it is told."""

    given: dict[ObjectKey, Had] = field(default_factory=dict[ObjectKey, Had])
    told: list[Recall] = field(default_factory=list[Recall])
    suspended: dict[bytes, str] = field(default_factory=dict[bytes, str])
    times: list[Moment] = field(default_factory=list[Moment])
    flying: list[Any] = field(default_factory=list[Any])

    def had(self) -> Sequence[tuple[ObjectKey, Had]]:
        return tuple(self.given.items())

    def recall(self, recall: Recall, now: Moment) -> None:
        self.told.append(recall)
        self.times.append(now)

    def recall_object(
        self, origin: str, context: Context, uid: str, reason: str, now: Moment
    ) -> tuple[Recall, ...]:
        own = ObjectKey(origin, str(context), uid)
        names = [key for key, each in self.given.items() if each.own == own]
        recalls = tuple(
            Recall(
                of=RecallOf.OBJECT, agreement=self.given[key].grant.agreement,
                clause=self.given[key].grant.clause, reason=reason, at=now.ms, origin=key.origin,
                context=key.context, uid=key.uid,
            )
            for key in names
        )  # fmt: skip
        for key in names:
            del self.given[key]
        self.told += recalls
        return recalls

    def suspend(self, agreement: bytes, reason: str, now: Moment) -> tuple[Any, ...]:
        self.suspended[agreement] = reason
        self.times.append(now)
        return tuple(self.flying)

    def resume(self, agreement: bytes, now: Moment) -> None:
        del self.suspended[agreement]
        self.times.append(now)


@dataclass
class Tie:
    sync: Any


@dataclass(frozen=True)
class Flying:
    """What the sync core says of a release on its way, as far as it is told of."""

    name: str
    grant: Grant


class Desk:
    """A node's directory with the small agreement, two links, and what looks for requests."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.syncs = {RECEIVER: FakeSync(), THIRD: FakeSync()}
        self.ties = {node: Tie(sync) for node, sync in self.syncs.items()}
        self.changed: list[str] = []
        self.carried: list[requests.Wanted] = []
        self.clock = ManualClock()
        self.put_text(1)
        self.restart()

    def put_text(self, serial: int) -> None:
        place = self.directory / "agreements" / ID / str(serial)
        place.mkdir(parents=True)
        (place / TEXT).write_bytes(small(serial))
        (place.parent / "current").write_text(f"{serial}\n", "ascii")

    def restart(self) -> None:
        self.recalls = Recalls(
            self.directory, GIVER, self.ties,
            now=lambda: Moment(self.clock.now(), self.clock.monotonic()),
            changed=self.changed.append, carry=self.carry, log=Log(self.clock),
        )  # fmt: skip

    def carry(self, request: Request) -> Answer | None:
        self.carried.append(request.wanted)
        return Answer(partners=[RECEIVER]) if len(self.carried) > 1 else None

    def asked(self, wanted: requests.Wanted) -> Answer | None:
        """Put a request, let it be looked for, and return the answer."""
        number = requests.put(self.directory, wanted, reason="in error", by="mere", at=START).number
        self.recalls.look()
        return requests.answered(self.directory, number)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def of_object(uid: str, partner: str = RECEIVER) -> RecallWanted:
    return RecallWanted(partner=partner, uid=uid)


def of_agreement(clause: str = "", agreement: str = ID) -> RecallWanted:
    return RecallWanted(partner=RECEIVER, agreement=agreement, clause=clause)


def answer_of(answer: Answer | None) -> Answer:
    assert answer is not None
    return answer


def test_before_anybody_asked_there_is_nothing_to_do(desk: Desk) -> None:
    desk.recalls.look()
    assert desk.changed == []


@pytest.mark.parametrize("asked", ["SHIP-1", "P-1"])
def test_an_object_is_called_back_by_its_name_here_or_there(desk: Desk, asked: str) -> None:
    desk.syncs[RECEIVER].given = {
        ObjectKey(GIVER, "live", "P-1"): had(SHIP),
        ObjectKey(GIVER, "live", "SHIP-2"): had(SHIP._replace(uid="SHIP-2")),
    }
    said = answer_of(desk.asked(of_object(asked)))
    (recall,) = desk.syncs[RECEIVER].told
    assert (recall.uid, recall.reason) == ("P-1", "in error")
    (told,) = said.recalls
    assert (told.name, told.agreement, told.clause, told.outcome) == ("P-1", ID, "1", "")
    assert told.digest == sha256(content_bytes(recall)).hexdigest()
    assert desk.changed == [RECEIVER]
    assert desk.syncs[THIRD].told == []


def test_what_was_never_given_is_said_not_to_be_there(desk: Desk) -> None:
    said = answer_of(desk.asked(of_object("SHIP-1")))
    assert said.refused == f"{RECEIVER} has nothing called 'SHIP-1' of this node"
    assert desk.changed == []


def test_a_clause_or_an_agreement_is_called_back_by_the_text_in_force(desk: Desk) -> None:
    answer_of(desk.asked(of_agreement("1")))
    answer_of(desk.asked(of_agreement()))
    assert [(each.of, each.clause, each.agreement) for each in desk.syncs[RECEIVER].told] == [
        (RecallOf.CLAUSE, "1", prefix()),
        (RecallOf.AGREEMENT, "", prefix()),
    ]


def test_what_an_earlier_serial_let_out_is_called_back_as_well(desk: Desk) -> None:
    desk.put_text(2)
    desk.put_text(3)
    desk.syncs[RECEIVER].given = {SHIP: had(SHIP, serial=1)}
    said = answer_of(desk.asked(of_agreement()))
    assert [each.agreement for each in desk.syncs[RECEIVER].told] == [prefix(1), prefix(3)]
    assert [each.agreement for each in said.recalls] == [ID, ID]


@pytest.mark.parametrize(
    ("wanted", "why"),
    [
        (of_agreement("9"), "no clause '9'"),
        (of_agreement(agreement="OTHER"), "by no agreement 'OTHER'"),
        (RecallWanted(partner=THIRD, agreement=ID), "by no agreement 'SMALL'"),
    ],
)
def test_what_the_agreements_do_not_have_is_refused(
    desk: Desk, wanted: RecallWanted, why: str
) -> None:
    assert why in answer_of(desk.asked(wanted)).refused
    assert [sync.told for sync in desk.syncs.values()] == [[], []]


def test_a_request_is_done_once_also_over_a_restart(desk: Desk) -> None:
    desk.asked(of_agreement())
    desk.recalls.look()
    desk.restart()
    desk.recalls.look()
    assert len(desk.syncs[RECEIVER].told) == 1


def test_a_partner_without_a_link_is_waited_for(desk: Desk) -> None:
    tie = desk.ties.pop(RECEIVER)
    assert desk.asked(of_agreement()) is None
    desk.ties[RECEIVER] = tie
    desk.recalls.look()
    assert len(desk.syncs[RECEIVER].told) == 1


def test_a_recall_is_a_trouble_until_the_partner_has_answered_also_over_a_restart(
    desk: Desk,
) -> None:
    tie = desk.ties.pop(RECEIVER)
    desk.asked(of_agreement())
    said = (
        f"1 recall waits for the answer of {RECEIVER} since {START:%Y-%m-%d %H:%M:%SZ}: "
        "it may still have what was called back"
    )
    assert list(desk.recalls.troubles()) == [said]
    desk.ties[RECEIVER] = tie
    answer_of(desk.asked(of_agreement("1")))
    assert list(desk.recalls.troubles()) == [said.replace("1 recall waits", "2 recalls wait")]
    desk.restart()
    desk.recalls.look()
    assert list(desk.recalls.troubles()) == [said.replace("1 recall waits", "2 recalls wait")]
    for recall in desk.syncs[RECEIVER].told:
        digest = sha256(content_bytes(recall)).digest()
        receipt = Receipt(recall=digest, outcome=Outcome.DROPPED, objects=1, at=1)
        desk.recalls.receipted(RECEIVER, receipt)
    assert list(desk.recalls.troubles()) == []


def test_what_is_refused_or_no_recall_is_not_waited_for(desk: Desk) -> None:
    assert answer_of(desk.asked(of_agreement("9"))).refused
    assert desk.asked(requests.ExportWanted(partner=RECEIVER)) is None
    assert list(desk.recalls.troubles()) == []


def test_recalls_are_told_with_their_answers_and_what_cannot_be_read_is_left_out(
    desk: Desk, tmp_path: Path
) -> None:
    assert list(requests.recalls(tmp_path / "nobody")) == []
    desk.ties.pop(RECEIVER)
    desk.asked(of_agreement())
    desk.asked(of_object("SHIP-1", THIRD))
    requests.put(desk.directory, requests.ExportWanted(partner=THIRD), reason="", by="x", at=START)
    (desk.directory / requests.REQUESTS / "9").write_text("{}")
    (waits, none), (refused, said) = requests.recalls(desk.directory)
    assert (waits.wanted, none) == (of_agreement(), None)
    assert refused.wanted == of_object("SHIP-1", THIRD)
    assert answer_of(said).refused


def test_what_is_no_request_is_answered_and_holds_up_nobody(desk: Desk) -> None:
    number = requests.put(desk.directory, of_agreement(), reason="x", by="x", at=START).number
    (desk.directory / requests.REQUESTS / str(number)).write_text("{}")
    assert desk.asked(of_agreement()) is not None
    assert "is no request" in answer_of(requests.answered(desk.directory, number)).refused


def test_an_answer_that_cannot_be_written_is_said_and_nothing_done_twice(
    desk: Desk, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise requests.AccordError("the disk is full")

    monkeypatch.setattr(requests, "answer", full)
    desk.asked(of_agreement())
    desk.recalls.look()
    assert len(desk.syncs[RECEIVER].told) == 1
    assert "the disk is full" in caplog.text
    digest = sha256(content_bytes(desk.syncs[RECEIVER].told[0])).digest()
    desk.recalls.receipted(
        RECEIVER, Receipt(recall=digest, outcome=Outcome.DROPPED, objects=1, at=1)
    )


def test_a_receipt_is_noted_also_when_it_comes_after_a_restart(desk: Desk) -> None:
    desk.asked(of_agreement())
    desk.restart()
    desk.recalls.look()
    digest = sha256(content_bytes(desk.syncs[RECEIVER].told[0])).digest()
    receipt = Receipt(recall=digest, outcome=Outcome.DROPPED, objects=7, at=1)
    desk.recalls.receipted(THIRD, receipt)  # somebody else's word
    desk.recalls.receipted(RECEIVER, replace(receipt, recall=bytes(32)))
    assert not answer_of(requests.answered(desk.directory, 1)).is_complete
    before = desk.recalls.answered
    desk.recalls.receipted(RECEIVER, receipt)
    assert desk.recalls.answered == before + 1
    (told,) = answer_of(requests.answered(desk.directory, 1)).recalls
    assert (told.outcome, told.objects) == ("DROPPED", 7)


def test_what_a_partner_calls_back_is_called_back_from_those_that_had_it_from_here(
    desk: Desk,
) -> None:
    theirs = ObjectKey(RECEIVER, "live", "BUOY")
    for sync in desk.syncs.values():
        sync.given = {theirs: had(theirs)}
    recall = Recall(of=RecallOf.AGREEMENT, agreement=prefix(), reason="theirs", at=1)
    assert desk.recalls.pass_on(RECEIVER, recall, [theirs])
    assert [(each.uid, each.reason) for each in desk.syncs[THIRD].told] == [("BUOY", "theirs")]
    assert desk.syncs[RECEIVER].told == []
    assert desk.changed == [THIRD]
    assert not desk.recalls.pass_on(RECEIVER, recall, [theirs])
    assert not desk.recalls.pass_on(RECEIVER, recall, [theirs._replace(context="nonsense")])


def stopping(act: Act = Act.SUSPEND, serial: int = 1, by: str = RECEIVER) -> SuspensionWanted:
    record = sign(read_document(small(serial)).agreement, act, node=by, key=key_of(by), at=START)
    return SuspensionWanted(agreement=ID, serial=serial, record=spell_record(record))


def test_a_suspension_is_told_to_whom_the_agreement_gives_with_what_is_in_flight(
    desk: Desk,
) -> None:
    desk.syncs[RECEIVER].flying = [Flying("P-1", Grant(prefix(), "1", "exact"))]
    said = answer_of(desk.asked(stopping()))
    assert said.partners == [RECEIVER]
    assert [(each.name, each.agreement, each.form) for each in said.in_flight] == [
        ("P-1", ID, "exact")
    ]
    assert desk.syncs[RECEIVER].suspended == {prefix(): "in error"}
    assert desk.syncs[THIRD].suspended == {}


@pytest.mark.parametrize(
    ("wanted", "why"),
    [
        (replace(stopping(), serial=2), "no agreement SMALL serial 2"),
        (replace(stopping(), record="x"), "not a signature"),
        (stopping(Act.AGREE), f"{RECEIVER} has not stopped"),
        (replace(stopping(serial=2), serial=1), "not this"),
    ],
)
def test_what_no_party_has_signed_suspends_nothing(
    desk: Desk, wanted: SuspensionWanted, why: str
) -> None:
    assert why in answer_of(desk.asked(wanted)).refused
    assert desk.syncs[RECEIVER].suspended == {}


def test_what_is_in_force_or_has_a_newer_text_is_suspended_no_longer(desk: Desk) -> None:
    sync = desk.syncs[RECEIVER]
    sync.suspended = {prefix(1): "x"}
    desk.recalls.resume([])
    assert sync.suspended == {prefix(1): "x"}
    desk.put_text(2)
    desk.recalls.resume([])
    assert sync.suspended == {}
    sync.suspended = {prefix(2): "x"}
    desk.recalls.resume([prefix(2)])
    assert sync.suspended == {}


def test_what_is_to_go_by_file_is_asked_for_until_it_is_done(desk: Desk) -> None:
    assert desk.asked(requests.ExportWanted(partner=RECEIVER)) is None
    desk.recalls.look()
    assert requests.answered(desk.directory, 1) == Answer(partners=[RECEIVER])
    desk.recalls.look()
    assert desk.carried == [requests.ExportWanted(partner=RECEIVER)] * 2
