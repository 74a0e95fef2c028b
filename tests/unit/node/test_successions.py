from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from accord.core.partner import KeyOf, Partner
from accord.federation.moment import Moment
from accord.federation.succeeding import digest_of, succession_of
from accord.node.successions import (
    HOUR,
    MAX_TOLD,
    TOO_OFTEN,
    UNKNOWN,
    UNREADABLE,
    Successions,
)
from accord.observe.log import Log
from accord.security import identity
from accord.security.identity import FederationSettings
from accord.security.own_keys import FORMER, OwnKeys, ourselves
from accord.security.succession import FORGED
from accord.storage.partners import PARTNERS, Partners
from accord.wire.peer.record import Outcome, Receipt, Rotation, RotationOf
from support.clock import START, ManualClock
from support.partners import NZL, USA, name_of, partner_of, signing_key

SETTINGS = FederationSettings()
PARTY = str(signing_key(USA, "party").public)


@dataclass
class FakeSync:
    told: list[Rotation] = field(default_factory=list[Rotation])
    answers: list[tuple[bytes, Outcome]] = field(default_factory=list[tuple[bytes, Outcome]])
    owes: bool = False

    def is_acknowledged(self) -> bool:
        return not self.owes

    def rotate(self, rotation: Rotation, _now: Moment) -> None:
        self.told.append(rotation)

    def answer(self, digest: bytes, outcome: Outcome, _objects: int, _now: Moment) -> None:
        self.answers.append((digest, outcome))


@dataclass
class Tie:
    sync: Any


class World:
    """A node with one partner."""

    def __init__(self, directory: Path, own: str, partner: Partner) -> None:
        self.directory = directory
        self.own = own
        self.sync = FakeSync()
        self.changed: list[str] = []
        self.again: list[str] = []
        clock = self.clock = ManualClock()
        identity.prepare(directory, name_of(own), SETTINGS, START)
        self.register = Partners(directory / PARTNERS)
        self.register.prepare()
        self.register.add(partner, START)
        self.it = Successions(
            directory, {partner.node: Tie(self.sync)},
            now=lambda: Moment(clock.now(), clock.monotonic()),
            changed=self.changed.append, again=self.again.append, log=Log(clock),
        )  # fmt: skip
        self.it.begun(partner.node)

    def replace(self, of: KeyOf) -> None:
        OwnKeys(self.directory).replace(
            of, name_of(self.own), SETTINGS, party_key=PARTY, partners=[NZL], now=START
        )

    @property
    def partner(self) -> Partner:
        (found,) = self.register.trusted().partners
        return found


@pytest.fixture
def usa(tmp_path: Path) -> World:
    return World(tmp_path / "usa", USA, partner_of(NZL))


@pytest.fixture
def nzl(tmp_path: Path, usa: World) -> World:
    known = ourselves(usa.directory, name_of(USA), PARTY, START)
    return World(tmp_path / "nzl", NZL, known)


def receipt(rotation: Rotation, outcome: Outcome = Outcome.TAKEN) -> Receipt:
    return Receipt(recall=digest_of(rotation), outcome=outcome, objects=0, at=1)


def test_a_link_is_not_made_again_before_what_came_by_it_is_acknowledged(usa: World) -> None:
    usa.it.look()
    usa.replace(KeyOf.RELEASE)
    usa.sync.owes = True
    usa.it.look()
    assert usa.again == []
    usa.sync.owes = False
    usa.it.look()
    assert usa.again == [NZL]


def test_a_new_key_is_told_once_by_a_link_that_is_made_again_with_what_the_partner_knows(
    usa: World,
) -> None:
    usa.it.look()
    assert usa.sync.told == []
    usa.replace(KeyOf.RELEASE)
    usa.it.look()
    assert (usa.again, usa.sync.told) == ([NZL], [])
    usa.it.begun(NZL)
    usa.it.look()
    usa.it.look()
    (told,) = usa.sync.told
    said = succession_of(told)
    assert said is not None
    assert OwnKeys(usa.directory).is_ours(said)
    assert usa.changed == [NZL]
    assert "has not taken this node's release key" in usa.it.of(usa.partner)[0]


def test_the_partner_pins_it_answers_and_is_met_with_the_new_key(usa: World, nzl: World) -> None:
    before = nzl.partner
    usa.replace(KeyOf.RELEASE)
    usa.it.begun(NZL)
    usa.it.look()
    (told,) = usa.sync.told
    assert nzl.it.came(USA, told) == []
    assert nzl.sync.answers == [(digest_of(told), Outcome.TAKEN)]
    assert (
        nzl.partner.release_key == ourselves(usa.directory, name_of(USA), PARTY, START).release_key
    )
    assert nzl.partner.history[0].key == before.release_key
    assert "its release key succeeded another" in nzl.it.of(nzl.partner)[0]
    assert usa.it.receipted(NZL, receipt(told))
    usa.it.look()
    assert usa.again == [NZL]
    usa.it.begun(NZL)
    usa.it.look()
    assert usa.it.of(usa.partner) == ()
    assert nzl.it.came(USA, told) == []  # its answer was lost
    assert len(nzl.partner.history) == 1
    assert usa.it.receipted(NZL, receipt(told))


def test_what_is_not_taken_is_answered_counted_and_said(usa: World, nzl: World) -> None:
    usa.replace(KeyOf.RELEASE)
    usa.it.begun(NZL)
    usa.it.look()
    (told,) = usa.sync.told
    before = nzl.partner
    forged = replace(told, approval=bytes(64))
    assert nzl.it.came(USA, forged) == [f"a new key that is not taken: {FORGED}"]
    leaf = replace(told, of=RotationOf.LEAF)
    assert nzl.it.came(USA, leaf) == [f"a new key that is not taken: {UNREADABLE}"]
    assert nzl.sync.answers == [(digest_of(each), Outcome.REFUSED) for each in (forged, leaf)]
    assert nzl.partner == before
    assert usa.it.receipted(NZL, receipt(told, Outcome.REFUSED))
    assert "refused this node's new release key" in usa.it.of(usa.partner)[0]
    assert OwnKeys(usa.directory).home(NZL) == usa.directory / FORMER / "1"


def test_successions_without_end_are_neither_looked_at_nor_answered(usa: World, nzl: World) -> None:
    usa.replace(KeyOf.RELEASE)
    usa.it.begun(NZL)
    usa.it.look()
    (told,) = usa.sync.told
    forged = replace(told, approval=bytes(64))
    for _ in range(MAX_TOLD):
        assert nzl.it.came(USA, forged) == [f"a new key that is not taken: {FORGED}"]
    answered, remembered, before = len(nzl.sync.answers), len(nzl.changed), nzl.partner
    for _ in range(3):
        assert nzl.it.came(USA, told) == [f"a new key that is not taken: {TOO_OFTEN}"]
    assert (len(nzl.sync.answers), len(nzl.changed)) == (answered, remembered)
    assert nzl.partner == before
    nzl.clock.advance(seconds=HOUR)
    assert nzl.it.came(USA, told) == []


def test_a_partner_that_is_refused_or_was_removed_changes_no_key(usa: World, nzl: World) -> None:
    usa.replace(KeyOf.RELEASE)
    usa.it.begun(NZL)
    usa.it.look()
    (told,) = usa.sync.told
    nzl.register.deny(USA, "", START)
    before = nzl.partner
    assert nzl.it.came(USA, told) == [f"a new key that is not taken: {UNKNOWN}"]
    assert nzl.partner == before
    nzl.register.remove(USA, START)
    assert nzl.it.came(USA, told) == [f"a new key that is not taken: {UNKNOWN}"]


def test_receipts_of_recalls_are_anothers_affair(usa: World) -> None:
    recalled = Receipt(recall=bytes(32), outcome=Outcome.DROPPED, objects=1, at=1)
    assert not usa.it.receipted(NZL, recalled)


def test_what_cannot_be_read_ends_no_link(usa: World) -> None:
    usa.replace(KeyOf.RELEASE)
    usa.it.begun(NZL)
    (usa.directory / FORMER / "1" / "succession.json").unlink()
    usa.it.look()
    assert usa.sync.told == []
    assert usa.it.receipted(NZL, Receipt(recall=b"", outcome=Outcome.TAKEN, objects=0, at=1))
