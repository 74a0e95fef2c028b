from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from accord.core.partner import Denial, FormerKey, KeyOf, NodeName, Trusted
from accord.storage import partners as register_of_partners
from accord.storage.partners import Partners, PartnersError, PartnersReader
from support.clock import START
from support.partners import AUS, NZL, USA, name_of, partner_of

LATER = START + timedelta(hours=1)


@pytest.fixture
def partners(tmp_path: Path) -> Partners:
    made = Partners(tmp_path / "federation" / "partners.sqlite")
    made.prepare()
    return made


@pytest.fixture
def usa(partners: Partners) -> Partners:
    """The register with USA in it."""
    partners.add(partner_of(USA), START)
    return partners


@pytest.fixture
def reader(partners: Partners) -> Iterator[PartnersReader]:
    made = PartnersReader(partners.path)
    yield made
    made.close()


def whole(node: str) -> Denial:
    return Denial(name=name_of(node), serial="", at=LATER)


def test_a_new_register_is_empty_and_its_owners_alone(partners: Partners) -> None:
    assert partners.trusted() == Trusted()
    assert partners.path.stat().st_mode & 0o777 == 0o600
    assert partners.path.parent.stat().st_mode & 0o777 == 0o700


def test_where_it_cannot_be_made_the_register_says_so(tmp_path: Path) -> None:
    with pytest.raises(PartnersError, match="cannot write"):
        Partners(tmp_path / "missing" / "federation" / "partners.sqlite").prepare()


def test_all_that_is_pinned_comes_back_as_it_was(partners: Partners) -> None:
    one = partner_of(USA, former=b"before", former_until=LATER)
    two = partner_of(AUS, addresses=())
    partners.add(one, START)
    partners.add(two, START)
    assert partners.trusted() == Trusted((two, one))
    partners.prepare()
    assert partners.trusted() == Trusted((two, one))


def test_two_partners_cannot_have_one_trust_domain(usa: Partners) -> None:
    other = partner_of(AUS, trust_domain="usa-x")
    with pytest.raises(PartnersError, match="USA-X has the trust domain usa-x already"):
        usa.add(other, START)
    assert usa.trusted() == Trusted((partner_of(USA),))


def test_there_is_a_limit_to_partners_but_not_to_their_changes(
    usa: Partners, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(register_of_partners, "MAX_PARTNERS", 1)
    with pytest.raises(PartnersError, match="there are 1 partners, which is the limit"):
        usa.add(partner_of(AUS), START)
    moved = partner_of(USA, trust_domain="elsewhere", addresses=())
    usa.add(moved, START)
    assert usa.trusted() == Trusted((moved,))


def test_what_is_refused_stays_known_until_it_is_allowed(usa: Partners) -> None:
    usa.deny(USA, "", LATER)
    usa.deny(USA, "", LATER + timedelta(days=1))
    usa.deny(USA, "AB", LATER)
    one = Denial(name=name_of(USA), serial="AB", at=LATER)
    assert usa.trusted() == Trusted((partner_of(USA),), (whole(USA), one))
    usa.allow(USA, "")
    assert usa.trusted().denials == (one,)
    usa.allow(USA, "AB")
    assert usa.trusted() == Trusted((partner_of(USA),))
    with pytest.raises(PartnersError, match="certificate AB of USA-X is not refused"):
        usa.allow(USA, "AB")
    with pytest.raises(PartnersError, match=r"^USA-X is not refused"):
        usa.allow(USA, "")


def test_who_is_removed_is_refused_by_name_until_added_again(usa: Partners) -> None:
    usa.remove(USA, LATER)
    assert usa.trusted() == Trusted((), (whole(USA),))
    usa.add(partner_of(USA, trust_domain="elsewhere"), LATER)
    assert usa.trusted().denials == ()


def test_new_keys_that_a_partner_signed_do_not_lift_a_refusal(usa: Partners) -> None:
    usa.deny(USA, "", LATER)
    new = partner_of(USA, former=b"before", former_until=LATER)
    usa.succeed(new, LATER)
    assert usa.trusted() == Trusted((new,), (whole(USA),))


def test_keys_that_were_succeeded_come_back_in_order_until_the_partner_is_forgotten(
    usa: Partners,
) -> None:
    known = partner_of(USA)
    former = tuple(FormerKey(of=of, key=f"key {of}", succeeded=START, until=LATER) for of in KeyOf)
    new = replace(known, release_key="ed25519:new", history=former, ledger=3)
    usa.take_succession(known, new, LATER)
    assert usa.trusted().partner(USA) == new
    usa.remove(USA, LATER)
    usa.add(known, LATER)
    assert usa.trusted().partner(USA) == known


def test_a_succession_is_of_what_is_pinned_and_not_of_who_is_refused(usa: Partners) -> None:
    known = partner_of(USA)
    new = replace(known, release_key="ed25519:new")
    with pytest.raises(PartnersError, match="changed meanwhile"):
        usa.take_succession(new, known, LATER)
    usa.deny(USA, "", LATER)
    with pytest.raises(PartnersError, match="is refused"):
        usa.take_succession(known, new, LATER)
    assert usa.trusted().partners == (known,)


def test_the_number_of_a_partners_ledger_only_rises(usa: Partners) -> None:
    usa.begin_ledger(USA, 2)
    assert usa.trusted().partners[0].ledger == 2
    for number in (1, 2):
        with pytest.raises(PartnersError, match="none that follows"):
            usa.begin_ledger(USA, number)
    with pytest.raises(PartnersError, match="no partner"):
        usa.begin_ledger(NZL, 2)


def test_nothing_is_done_to_a_partner_that_there_is_not(usa: Partners) -> None:
    for deed in (
        lambda: usa.remove(NZL, START),
        lambda: usa.deny(NZL, "", START),
        lambda: usa.allow(NZL, ""),
        lambda: usa.succeed(partner_of(NZL), START),
    ):
        with pytest.raises(PartnersError, match="there is no partner NZL-X"):
            deed()


def test_single_certificates_have_a_limit_whole_partners_have_none(
    usa: Partners, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(register_of_partners, "MAX_DENIALS", 1)
    usa.deny(USA, "1", START)
    with pytest.raises(PartnersError, match="1 certificates are refused, which is the limit"):
        usa.deny(USA, "2", START)
    usa.deny(USA, "", START)
    assert usa.trusted().denied(NodeName("usa-x", USA))


def test_a_running_node_sees_a_change_at_its_next_look(
    usa: Partners, reader: PartnersReader
) -> None:
    assert reader.read() == Trusted((partner_of(USA),))
    assert reader.read() is None
    usa.remove(USA, LATER)
    assert reader.read() == Trusted((), (whole(USA),))


def test_a_damaged_file_is_named(usa: Partners) -> None:
    usa.path.write_bytes(b"no database" * 100)
    said = f"the register of partners {usa.path}: file is not a database; put back your backup"
    with pytest.raises(PartnersError, match=said):
        usa.trusted()


def test_an_invitation_again_changes_addresses_only(usa: Partners) -> None:
    usa.succeed(replace(partner_of(USA), addresses=("192.0.2.1:9010",)), LATER)
    assert usa.trusted().partners[0].addresses == ("192.0.2.1:9010",)
