from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from accord.core.errors import AccordError
from accord.core.partner import KeyOf
from accord.security import identity, keystore, succession
from accord.security.identity import FederationSettings
from accord.security.own_keys import FORMER, OwnKeys, ourselves
from accord.security.signing import SigningKey
from support.clock import START
from support.partners import NZL, USA, name_of, signing_key

SETTINGS = FederationSettings()
NAME = name_of(USA)
PARTY = str(signing_key(USA, "party").public)
LATER = START + timedelta(days=5)
FILES = {
    KeyOf.RELEASE: identity.RELEASE_KEY,
    KeyOf.LEDGER: identity.LEDGER_KEY,
    KeyOf.AUTHORITY: identity.AUTHORITY_KEY,
}


@pytest.fixture
def node(tmp_path: Path) -> Path:
    identity.prepare(tmp_path, NAME, SETTINGS, START)
    return tmp_path


def replaced(node: Path, of: KeyOf, *partners: str) -> None:
    OwnKeys(node).replace(of, NAME, SETTINGS, party_key=PARTY, partners=partners, now=LATER)


def files(home: Path) -> dict[Path, bytes]:
    found = {}
    for file in (*FILES.values(), identity.AUTHORITY, identity.NODE, identity.NODE_KEY):
        found[file] = (home / file).read_bytes()
    return found


@pytest.mark.parametrize("of", KeyOf)
def test_a_partner_is_met_with_what_it_knows_until_it_has_taken_what_follows(
    node: Path, of: KeyOf
) -> None:
    before = files(node)
    replaced(node, of, NZL)
    keys = OwnKeys(node)
    assert keys.home(NZL) == node / FORMER / "1"
    assert files(keys.home(NZL)) == before
    assert keys.homes() == [node / FORMER / "1"]
    changed = {file for file, data in files(node).items() if data != before[file]}
    leaf = {identity.AUTHORITY, identity.NODE, identity.NODE_KEY}
    assert changed == {FILES[of]} | (leaf if of is KeyOf.AUTHORITY else set())
    assert keys.home("AUS-X") == node  # a partner that was added later
    keys.taken(1, NZL, LATER)
    assert keys.home(NZL) == node
    assert keys.homes() == []
    (made,) = keys.all()
    assert (made.waits, made.taken) == ((), ((NZL, LATER.replace(microsecond=0)),))


@pytest.mark.parametrize("of", KeyOf)
def test_what_is_told_is_what_a_partner_takes(node: Path, of: KeyOf) -> None:
    known = ourselves(node, NAME, PARTY, START)
    replaced(node, of, NZL)
    pending = OwnKeys(node).pending(NZL)
    assert pending is not None
    taken = succession.read(pending.said, known, LATER)
    now = ourselves(node, NAME, PARTY, LATER)
    assert taken.key(of) == now.key(of) != known.key(of)
    assert taken.changed(now) == frozenset()


def test_successions_are_told_one_after_the_other(node: Path) -> None:
    known = ourselves(node, NAME, PARTY, START)
    for of in (KeyOf.RELEASE, KeyOf.AUTHORITY, KeyOf.RELEASE, KeyOf.LEDGER):
        replaced(node, of, NZL)  # all at one moment of the clock
    keys = OwnKeys(node)
    for number in (1, 2, 3, 4):
        pending = keys.pending(NZL)
        assert pending is not None
        assert pending.number == number
        known = succession.read(pending.said, known, LATER)
        keys.taken(number, NZL, LATER)
    assert keys.pending(NZL) is None
    assert known.changed(ourselves(node, NAME, PARTY, LATER)) == frozenset()
    assert keys.is_ours(pending.said)
    assert not keys.is_ours(replace(pending.said, approval=b""))


def test_a_key_is_in_its_place_after_a_crash_before_it(node: Path) -> None:
    replaced(node, KeyOf.RELEASE, NZL)
    new = (node / identity.RELEASE_KEY).read_bytes()
    old = (node / FORMER / "1" / identity.RELEASE_KEY).read_bytes()
    keystore.write_private(node / identity.RELEASE_KEY, old)
    for file in (identity.RELEASE_KEY,):
        keystore.write_private(node / FORMER / "1" / "next" / file, new)
    OwnKeys(node).finish()
    assert (node / identity.RELEASE_KEY).read_bytes() == new
    assert not (node / FORMER / "1" / "next").exists()


@pytest.mark.parametrize("of", KeyOf)
def test_a_stolen_key_signs_no_successor_and_what_waits_is_not_told(node: Path, of: KeyOf) -> None:
    replaced(node, KeyOf.RELEASE, NZL)
    before = OwnKeys(node).known_to(NZL)
    known = ourselves(node, NAME, PARTY, START)
    OwnKeys(node).begin_anew(of, NAME, SETTINGS, LATER)
    keys = OwnKeys(node)
    assert keys.pending(NZL) is None
    assert keys.home(NZL) == node
    assert keys.known_to(NZL) != before
    assert known.changed(ourselves(node, NAME, PARTY, LATER)) == frozenset({of})


def test_a_new_authority_issues_the_certificate_that_is_shown(node: Path) -> None:
    replaced(node, KeyOf.AUTHORITY, NZL)
    for home in (node, node / FORMER / "1"):
        root = keystore.read_certificates(home / identity.AUTHORITY)[0]
        leaf = keystore.read_certificates(home / identity.NODE)[0]
        leaf.verify_directly_issued_by(root)
        assert keystore.read_key(home / identity.NODE_KEY).public_key() == leaf.public_key()
        assert root.public_bytes(Encoding.PEM) == (home / identity.AUTHORITY).read_bytes()


def test_the_key_of_a_partner_that_is_away_is_kept_fresh(node: Path) -> None:
    replaced(node, KeyOf.AUTHORITY, NZL)
    (home,) = OwnKeys(node).homes()
    assert identity.renew(home, NAME, SETTINGS, START + timedelta(days=100))


def test_what_cannot_be_read_is_said(node: Path) -> None:
    replaced(node, KeyOf.RELEASE, NZL)
    said = node / FORMER / "1" / "succession.json"
    said.write_text("{}", "utf-8")
    with pytest.raises(AccordError, match="no succession of keys"):
        OwnKeys(node).all()
    said.unlink()
    with pytest.raises(AccordError, match="cannot read"):
        OwnKeys(node).all()


def test_there_is_a_limit_of_successions(node: Path) -> None:
    (node / FORMER / "1000").mkdir(parents=True)
    with pytest.raises(AccordError, match="limit"):
        replaced(node, KeyOf.RELEASE, NZL)
    assert SigningKey.load(node / identity.RELEASE_KEY)


def test_a_node_without_an_identity_is_like_no_other(tmp_path: Path) -> None:
    assert OwnKeys(tmp_path).known_to(NZL) == OwnKeys(tmp_path).known_to(USA)
