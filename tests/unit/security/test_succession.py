from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from accord.core.partner import FormerKey, KeyOf, Partner, Profile
from accord.security import succession
from accord.security.invitation import FORMER_VALID
from accord.security.signing import SigningKey
from accord.security.succession import (
    FORGED,
    MAX_COUNTING,
    MAX_HISTORY,
    MIXED,
    REPLAYED,
    SUCCEEDED,
    TOO_MANY,
    Before,
    Succession,
    SuccessionError,
)
from support.clock import START
from support.partners import AUS, USA, authority_of, der, partner_of, signing_key

LATER = START + timedelta(days=3)
KEYS = (KeyOf.RELEASE, KeyOf.LEDGER)
FIELDS = {KeyOf.RELEASE: "release_key", KeyOf.LEDGER: "ledger_key"}


def key(of: KeyOf, number: int, profile: Profile = Profile.MODERN) -> SigningKey:
    name = str(of) if number == 0 else f"{of} {number}"
    return signing_key(USA, name, profile)


def new(known: Partner, of: KeyOf, number: int = 1, days: int = 1) -> Partner:
    """What USA says it is with its key of that number."""
    made = START.replace(microsecond=0) + timedelta(days=days)
    if of is KeyOf.AUTHORITY:
        authority = der(authority_of(USA, known.profile, number).certificate)
        return replace(known, authority=authority, made=made)
    return replace(known, made=made, **{FIELDS[of]: str(key(of, number, known.profile).public)})


def said(known: Partner, of: KeyOf, number: int = 1, days: int = 1) -> Succession:
    """What USA tells of its key of that number, which follows the one before."""
    old = authority_of(USA, known.profile)
    if of is KeyOf.AUTHORITY:
        authority = authority_of(USA, known.profile, number)
        return succession.write(of, new(known, of, number, days), authority, Before(authority=old))
    before = Before(authority=old, key=key(of, number - 1, known.profile))
    return succession.write(of, new(known, of, number, days), old, before)


def refused(it: Succession, known: Partner) -> str:
    with pytest.raises(SuccessionError) as error:
        succession.read(it, known, LATER)
    return error.value.reason


@pytest.mark.parametrize("profile", Profile)
@pytest.mark.parametrize("of", KeyOf)
def test_a_key_is_succeeded_and_the_one_before_stays_in_the_history(
    of: KeyOf, profile: Profile
) -> None:
    known = partner_of(USA, profile)
    taken = succession.read(said(known, of), known, LATER)
    assert taken.key(of) == new(known, of).key(of)
    assert known.changed(taken) == frozenset({of})
    (former,) = taken.history
    assert (former.of, former.key, former.succeeded) == (of, known.key(of), LATER)
    assert former.until == LATER + FORMER_VALID
    assert taken.addresses == known.addresses
    assert taken.party_key == known.party_key


def test_what_the_former_key_signs_counts_for_a_month_and_then_no_more() -> None:
    known = partner_of(USA)
    taken = succession.read(said(known, KeyOf.RELEASE), known, LATER)
    assert taken.release_keys(LATER) == (taken.release_key, known.release_key)
    assert taken.release_keys(LATER + FORMER_VALID) == (taken.release_key,)
    ledger = succession.read(said(known, KeyOf.LEDGER), known, LATER)
    assert ledger.ledger_keys(LATER + FORMER_VALID) == (ledger.ledger_key,)
    assert ledger.ledger_keys() == (ledger.ledger_key, known.ledger_key)
    root = succession.read(said(known, KeyOf.AUTHORITY), known, LATER)
    assert root.authorities(LATER) == (root.authority, known.authority)
    assert root.authorities(LATER + FORMER_VALID) == (root.authority,)


@pytest.mark.parametrize("of", KeyOf)
def test_what_is_pinned_already_changes_nothing(of: KeyOf) -> None:
    known = partner_of(USA)
    it = said(known, of)
    taken = succession.read(it, known, LATER)
    assert succession.read(it, taken, LATER + timedelta(days=1)) == taken


@pytest.mark.parametrize("of", KEYS)
def test_a_succession_is_approved_by_the_key_before_and_by_the_authority(of: KeyOf) -> None:
    known = partner_of(USA)
    it = said(known, of)
    stranger = signing_key(AUS, "release")
    old = authority_of(USA)
    by_stranger = succession.write(of, new(known, of), old, Before(authority=old, key=stranger))
    assert refused(by_stranger, known) == FORGED
    assert refused(replace(it, approval=b""), known) == FORGED
    other = authority_of(USA, number=7)
    by_other = Before(authority=other, key=key(of, 0))
    assert refused(succession.write(of, new(known, of), old, by_other), known) == FORGED
    assert refused(it, replace(known, authority=der(other.certificate))) == FORGED


def test_the_approval_is_of_one_purpose_only() -> None:
    known = partner_of(USA)
    it = said(known, KeyOf.RELEASE)
    assert refused(replace(it, of=KeyOf.LEDGER), known) == FORGED
    ledger = said(known, KeyOf.LEDGER)
    assert refused(replace(it, text=ledger.text), known) == FORGED
    assert refused(replace(it, of=KeyOf.LEDGER, text=ledger.text), known) == FORGED
    root = said(known, KeyOf.AUTHORITY)
    assert refused(replace(root, approval=it.approval), known) == FORGED


@pytest.mark.parametrize("of", KeyOf)
def test_no_bit_of_it_may_be_changed(of: KeyOf) -> None:
    known = partner_of(USA)
    it = said(known, of)
    for place in range(0, len(it.text), 29):
        text = it.text[:place] + bytes((it.text[place] ^ 1,)) + it.text[place + 1 :]
        assert refused(replace(it, text=text), known)
    assert refused(replace(it, text=b""), known) == FORGED


@pytest.mark.parametrize("of", KEYS)
def test_a_succession_of_a_key_that_was_succeeded_is_refused(of: KeyOf) -> None:
    known = partner_of(USA)
    first = said(known, of)
    taken = succession.read(first, known, LATER)
    second = said(taken, of, 2, days=2)
    newest = succession.read(second, taken, LATER)
    assert refused(first, newest) == SUCCEEDED  # played again
    by_first = Before(authority=authority_of(USA), key=key(of, 0))
    forked = succession.write(of, new(newest, of, 3, days=3), authority_of(USA), by_first)
    assert refused(forked, newest) == SUCCEEDED


def test_what_is_older_than_what_is_pinned_is_refused() -> None:
    known = partner_of(USA)
    assert refused(said(known, KeyOf.RELEASE, days=0), known) == REPLAYED


def test_another_key_than_is_said_is_not_slipped_in() -> None:
    known = partner_of(USA)
    both = replace(new(known, KeyOf.RELEASE), ledger_key=str(key(KeyOf.LEDGER, 1).public))
    old = authority_of(USA)
    before = Before(authority=old, key=key(KeyOf.RELEASE, 0))
    assert refused(succession.write(KeyOf.RELEASE, both, old, before), known) == MIXED


def test_peoples_key_is_not_succeeded_by_a_machine() -> None:
    known = partner_of(USA)
    other = replace(
        new(known, KeyOf.RELEASE), party_key=str(signing_key(USA, "another party").public)
    )
    old = authority_of(USA)
    before = Before(authority=old, key=key(KeyOf.RELEASE, 0))
    assert refused(succession.write(KeyOf.RELEASE, other, old, before), known) == FORGED


def test_a_comparison_ends_what_the_former_keys_count_for() -> None:
    known = partner_of(USA)
    taken = succession.read(said(known, KeyOf.RELEASE), known, LATER)
    compared = taken.replaced(new(taken, KeyOf.RELEASE, 2), LATER + timedelta(days=1))
    assert compared.release_keys(LATER + timedelta(days=1)) == (compared.release_key,)
    assert [each.key for each in compared.history] == [known.release_key, taken.release_key]


def with_former(of: KeyOf, count: int, until: datetime) -> Partner:
    """USA, of whose keys so many were succeeded."""
    former = FormerKey(of=of, key="", succeeded=START, until=until)
    history = tuple(replace(former, key=f"ed25519:{number}") for number in range(count))
    return replace(partner_of(USA), history=history)


@pytest.mark.parametrize("of", KeyOf)
def test_keys_without_end_are_not_taken_until_those_before_have_ended(of: KeyOf) -> None:
    soon = LATER + timedelta(seconds=1)
    full = with_former(of, MAX_COUNTING, soon)
    assert refused(said(full, of), full) == TOO_MANY
    assert succession.read(said(full, of), full, soon).key(of) == new(full, of).key(of)
    compared = full.replaced(partner_of(USA), LATER)
    assert succession.read(said(compared, of), compared, LATER)
    other = with_former(next(each for each in KeyOf if each is not of), MAX_COUNTING, soon)
    assert succession.read(said(other, of), other, LATER)


def test_a_history_has_an_end() -> None:
    whole = with_former(KeyOf.LEDGER, MAX_HISTORY, START)
    assert refused(said(whole, KeyOf.LEDGER), whole) == TOO_MANY
    almost = with_former(KeyOf.LEDGER, MAX_HISTORY - 1, START)
    assert len(succession.read(said(almost, KeyOf.LEDGER), almost, LATER).history) == MAX_HISTORY
