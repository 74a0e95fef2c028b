"""Agreements with a party that has no key: what it takes to put one in force, and what it binds."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from accord.core.partner import Profile
from accord.core.tak_partner import TakPartner, TakVersion
from accord.federation.agreed import Decisions
from accord.federation.tak.pinned import as_partner
from accord.release.document import read_document
from accord.release.fault import AgreementError
from accord.release.frontmatter import NO_KEY, read_key, read_party_key, spell_key
from accord.release.load import load
from accord.release.signature import Act, Record, in_force, sign, standing, verify
from support.agreements import NZL, SIGNED, USA, example_in_force, key_of
from support.one_sided import OWN, SERVER, TEXT, one_sided_in_force, signatures
from support.partners import partner_of

TERMS = read_document(TEXT.encode()).agreement
SERVER_LINE = f'{SERVER} = "none"'


def fault(text: str) -> str:
    with pytest.raises(AgreementError) as refused:
        read_document(text.encode())
    return str(refused.value)


def decisions(partner: object) -> Decisions:
    return Decisions(
        OWN, partner, key=b"k" * 32, salt=b"s", limit=10, refused=lambda *_: None,  # type: ignore[arg-type]
    )  # fmt: skip


def test_the_key_of_a_party_that_cannot_sign_is_none_and_written_so() -> None:
    assert [party.signs for party in TERMS.parties] == [True, False]
    assert read_party_key(NO_KEY) == b""
    assert spell_key(b"") == NO_KEY
    with pytest.raises(ValueError, match="a key is"):
        read_key(NO_KEY)


def test_the_givers_signature_alone_puts_it_in_force() -> None:
    assert in_force(load(TEXT.encode(), {}), signatures()).records == tuple(signatures())


def test_without_the_givers_signature_it_is_not_in_force() -> None:
    assert [str(each) for each in standing(TERMS, ())] == [f"{OWN} has not signed it"]


def test_the_giver_alone_stops_it() -> None:
    assert standing(TERMS, [*signatures(), *signatures(act=Act.SUSPEND)])


def test_nobody_signs_for_the_party_that_cannot() -> None:
    with pytest.raises(ValueError, match="not the key"):
        sign(TERMS, Act.AGREE, node=SERVER, key=key_of(SERVER), at=SIGNED)
    forged = Record(
        act=Act.AGREE, agreement=TERMS.id, serial=1, sha256=TERMS.digest, node=SERVER,
        at=datetime(2026, 11, 26, tzinfo=UTC), signature=b"x" * 64,
    )  # fmt: skip
    assert verify(forged, TERMS) == f"{SERVER} has no key in it, so it signs nothing"
    assert standing(TERMS, [*signatures(), forged])


def test_a_party_that_cannot_sign_gives_nothing() -> None:
    assert "cannot sign, so it only receives" in fault(
        TEXT.replace(f"{OWN} -> {SERVER}", f"{SERVER} -> {OWN}")
    )
    assert "cannot sign, so it only receives" in fault(
        TEXT.replace(f"{OWN} -> {SERVER}", f"{OWN}, {SERVER} -> {OWN}, {SERVER}")
    )


@pytest.mark.parametrize("more", ['AUS-TAK = "none"', f'AUS-HQ = "{spell_key(b"x" * 32)}"'])
def test_a_text_with_a_party_that_cannot_sign_has_one_other(more: str) -> None:
    third = more.partition(" ")[0]
    text = TEXT.replace(SERVER_LINE, f"{SERVER_LINE}\n{more}").replace(
        f"-> {SERVER}", f"-> {SERVER}, {third}"
    )
    assert fault(text)


def test_to_a_node_of_accord_nothing_goes_by_a_text_that_it_did_not_sign() -> None:
    towards = decisions(partner_of(SERVER))
    towards.agree((one_sided_in_force(),))
    assert towards.gives == ()
    assert [each.how for each in towards.stopped_here] == ["of another key"]


def test_to_a_tak_server_nothing_goes_by_a_text_in_which_it_has_a_key() -> None:
    at = datetime(2026, 11, 26, tzinfo=UTC)
    server = TakPartner(
        node=NZL, authorities=(b"",), fingerprint="", version=TakVersion.V1, made=at, dial="x:1"
    )
    assert OWN == USA
    towards = decisions(as_partner(server, Profile.MODERN))
    towards.agree((example_in_force(),))
    assert towards.gives == ()
    towards = decisions(as_partner(replace(server, node=SERVER), Profile.MODERN))
    towards.agree((one_sided_in_force(),))
    assert [each.id for each in towards.gives] == [TERMS.id]
