import base64
import hashlib
import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from accord.core.partner import Partner, Profile
from accord.security.identity import FederationAuthority
from accord.security.invitation import (
    FORMER_VALID,
    MAX_INVITATION,
    InvitationError,
    fingerprint,
    read_invitation,
    read_succession,
    write_invitation,
    write_succession,
)
from support.clock import START
from support.keys import an_authority
from support.partners import (
    AUS,
    NZL,
    USA,
    Forged,
    authority_of,
    der,
    name_of,
    partner_of,
    signing_key,
)

HOUR = timedelta(hours=1)


def invitation(profile: Profile = Profile.MODERN, **changes: Any) -> str:
    return write_invitation(partner_of(USA, profile, **changes), authority_of(USA, profile))


def refusal(text: str | bytes) -> str:
    with pytest.raises(InvitationError) as refused:
        read_invitation(text if isinstance(text, bytes) else text.encode(), START)
    return str(refused.value)


@pytest.mark.parametrize("profile", Profile)
@pytest.mark.parametrize("addresses", [(), ("192.0.2.1:9010",), ("[2001:db8::1]:9010",) * 8])
def test_an_invitation_says_what_was_written(profile: Profile, addresses: tuple[str, ...]) -> None:
    text = invitation(profile, addresses=addresses)
    assert len(text) < MAX_INVITATION
    assert read_invitation(text.encode(), START) == partner_of(USA, profile, addresses=addresses)


def test_the_ends_of_lines_do_not_matter_but_nothing_else_may_be_changed() -> None:
    text = invitation()
    assert read_invitation(text.replace("\n", "\r\n").encode(), START) == partner_of(USA)
    for place, found in enumerate(text):
        changed = text[:place] + ("1" if found != "1" else "2") + text[place + 1 :]
        assert refusal(changed)


def test_no_part_of_an_invitation_is_taken_for_the_whole() -> None:
    text = invitation()
    for length in range(len(text)):
        assert refusal(text[:length])
    assert refusal(text + "\n")
    assert refusal(text + text)


def test_a_signature_has_one_spelling() -> None:
    """In RFC 4648, 3.5, bits that padding leaves over may be anything; here they are zero."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    text = invitation()
    while not text.endswith("=\n"):  # signatures have 70 to 72 bytes
        text = invitation()
    signature = text.rstrip("=\n")
    last = alphabet[alphabet.index(signature[-1]) + 1]
    other = text.replace(signature, signature[:-1] + last)
    assert base64.b64decode(other.split(": ")[-1]) == base64.b64decode(text.split(": ")[-1])
    assert "changed on its way" in refusal(other)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("accord invitation 1", "accord invitation 2", "does not begin with"),
        ("accord invitation 1\n", "", "does not begin with"),
        ("nation: USA\n", "", "other lines"),
        ("nation: USA\n", "nation: USA\nnation: USA\n", "other lines"),
        ("nation: USA\n", "nation: USA\nmore: USA\n", "other lines"),
        ("node: USA-X\nnation: USA\n", "nation: USA\nnode: USA-X\n", "other lines"),
        ("nation: USA", "nation: NZL", "does not start with its nation"),
        ("nation: USA", "nation: XXX", "no ISO 3166-1"),
        ("node: USA-X", "node: USA-Y", "changed on its way"),
        ("trust-domain: usa-x", "trust-domain: usa-y", "another trust domain"),
        ("trust-domain: usa-x", "trust-domain: USA", "no trust domain"),
        ("profile: modern", "profile: cnsa", "not those of the profile"),
        ("profile: modern", "profile: best", "its line 'profile' is damaged"),
        ("authority: ", "authority: !", "its line 'authority' is damaged"),
        ("address: node.example:9010", "address: evil.example:9010", "changed on its way"),
        ("address: node.example:9010", "address: node.example", "HOST:PORT"),
        ("address: node.example:9010", "more: node.example:9010", "up to 8 addresses"),
        ("made: 2026-01-02T03:04:05Z", "made: 2026-01-02T03:04:06Z", "changed on its way"),
        ("made: 2026-01-02T03:04:05Z", "made: 2026-01-02T03:04:05+0000", "not written as"),
        ("made: 2026-01-02T03:04:05Z", "made: yesterday", "its line 'made' is damaged"),
        ("signature: ", "signature: !", "changed on its way"),
    ],
)
def test_what_is_wrong_with_an_invitation_is_said(old: str, new: str, said: str) -> None:
    text = invitation()
    assert text.count(old) == 1
    assert said in refusal(text.replace(old, new))


def test_more_addresses_than_there_may_be_are_refused() -> None:
    many = ("node.example:9010",) * 9
    assert "only up to 8 addresses" in refusal(invitation(addresses=many))


def test_a_file_of_any_length_and_of_any_bytes_is_refused() -> None:
    assert "longer than invitations are" in refusal(b"x" * (MAX_INVITATION + 1))
    assert "is not text" in refusal(b"\xff" * 100)
    assert refusal(b"")
    assert refusal(b"\0" * MAX_INVITATION)


def signed_by(issuer: FederationAuthority, partner: Partner) -> str:
    return write_invitation(partner, issuer)


def test_an_invitation_signed_by_another_key_than_its_authoritys_is_refused() -> None:
    assert "changed on its way" in refusal(signed_by(authority_of(AUS), partner_of(USA)))


def with_authority(certificate: bytes) -> str:
    partner = replace(partner_of(USA), authority=certificate)
    return refusal(write_invitation(partner, authority_of(USA)))


def test_an_authority_that_is_none_of_its_own_is_refused() -> None:
    own = [f"spiffe://{name_of(USA).trust_domain}"]
    assert "no certificate of an authority" in with_authority(Forged(uris=own).der())
    below = Forged(issuer=authority_of(NZL), uris=own, is_authority=True).der()
    assert "not its own root" in with_authority(below)
    assert "another trust domain" in with_authority(der(authority_of(AUS).certificate))
    assert "another trust domain" in with_authority(der(an_authority().certificate))  # no URI
    assert "certificate cannot be read" in with_authority(b"no certificate")
    assert "certificate cannot be read" in with_authority(b"")


def test_each_key_is_for_one_purpose_and_of_the_profile() -> None:
    release = str(signing_key(USA, "release").public)
    assert "one key for two purposes" in refusal(invitation(ledger_key=release))
    assert "one key for two purposes" in refusal(invitation(party_key=release))
    p384 = str(signing_key(USA, "release", Profile.CNSA).public)
    assert "not those of the profile modern" in refusal(invitation(release_key=p384))
    assert "not those of the profile modern" in refusal(invitation(ledger_key=p384))
    assert "signed with Ed25519" in refusal(invitation(party_key=p384))
    assert "a key is" in refusal(invitation(party_key="x"))
    assert "not those of the profile cnsa" in refusal(invitation(Profile.CNSA, release_key=release))


def test_clocks_may_differ_by_an_hour_and_no_more() -> None:
    text = invitation().encode()
    assert read_invitation(text, START - HOUR + timedelta(seconds=1))
    with pytest.raises(InvitationError, match="still to come: one of the two clocks is wrong"):
        read_invitation(text, START - HOUR - timedelta(seconds=1))
    late = invitation(made=START + HOUR + timedelta(seconds=2))
    assert "one of the two clocks is wrong" in refusal(late)
    assert read_invitation(text, START + timedelta(days=300))


def test_an_authority_that_has_ended_is_refused() -> None:
    ends = authority_of(USA).certificate.not_valid_after_utc
    with pytest.raises(InvitationError, match="ended on 2035-12-31"):
        read_invitation(invitation().encode(), ends)


def test_the_fingerprint_is_of_all_that_is_pinned_and_of_nothing_else() -> None:
    whole = fingerprint(partner_of(USA))
    moved = partner_of(USA, addresses=(), made=START + HOUR, former=b"x", former_until=START)
    assert fingerprint(moved) == whole
    changes: list[dict[str, Any]] = [
        {"node": "USA-Y"},
        {"trust_domain": "usa-y"},
        {"profile": Profile.CNSA},
        {"authority": b"another"},
        {"party_key": "another"},
        {"release_key": "another"},
        {"ledger_key": "another"},
    ]
    assert len({fingerprint(replace(partner_of(USA), **each)) for each in changes} - {whole}) == 7


# Successions: what replaces an authority or keys, signed by the authority that is known.

NEW = authority_of(USA, Profile.MODERN, 1)
LATER = START + timedelta(days=300)


def successor(**changes: Any) -> Partner:
    return replace(partner_of(USA, authority=NEW, made=LATER), **changes)


def succession(partner: Partner | None = None, old: FederationAuthority | None = None) -> str:
    return write_succession(partner or successor(), NEW, old or authority_of(USA))


def no_succession(text: str, known: Partner | None = None) -> str:
    with pytest.raises(InvitationError) as refused:
        read_succession(text.encode(), known or partner_of(USA), LATER)
    return str(refused.value)


def test_a_new_authority_counts_at_once_and_the_old_one_for_a_month() -> None:
    release = str(signing_key(USA, "new release").public)
    new = successor(release_key=release).made.replace(microsecond=0)
    taken = read_succession(
        succession(successor(release_key=release, made=new)).encode(), partner_of(USA), LATER
    )
    assert taken.authority == der(NEW.certificate)
    assert taken.release_key == release
    assert taken.former == partner_of(USA).authority
    assert taken.former_until == LATER + FORMER_VALID


def test_no_part_of_a_succession_may_be_changed_or_missing() -> None:
    text = succession()
    for place in range(0, len(text), 7):
        assert no_succession(text[:place] + "#" + text[place + 1 :])
        assert no_succession(text[:place])


def test_a_succession_needs_the_authority_that_is_known() -> None:
    assert "has not signed this" in no_succession(
        re.sub(r"former: .*", old_digest(), succession(old=authority_of(AUS)))
    )
    assert "does not succeed" in no_succession(succession(old=authority_of(AUS)))
    assert "does not succeed" in no_succession(succession(), partner_of(AUS))
    assert "does not succeed" in no_succession(invitation())


def old_digest() -> str:
    (line,) = re.findall(r"former: .*", succession())
    return line


def test_a_succession_cannot_be_played_again() -> None:
    text = succession()
    known = read_succession(text.encode(), partner_of(USA), LATER)
    assert "does not succeed" in no_succession(text, known)


def test_a_succession_is_of_the_same_node_with_the_same_profile_and_newer() -> None:
    assert "does not follow" in no_succession(succession(successor(node="USA-Y")))
    assert "does not follow" in no_succession(succession(successor(made=partner_of(USA).made)))
    other = replace(partner_of(USA), profile=Profile.CNSA)
    assert "does not follow" in no_succession(succession(), other)


def test_peoples_key_is_not_replaced_by_a_machine() -> None:
    key = str(signing_key(USA, "another party").public)
    assert "only by a comparison" in no_succession(succession(successor(party_key=key)))


def test_a_signature_is_of_ecdsa_or_it_is_none() -> None:
    """An authority that signs with RSA has no place in an invitation, nor in a succession."""
    assert not isinstance(an_authority().key, ec.EllipticCurvePrivateKey)
    known = replace(partner_of(USA), authority=der(an_authority().certificate))
    text = write_succession(successor(), NEW, authority_of(USA))
    digest = re.findall(r"former: .*", _unsigned(known))[0]
    assert "has not signed this" in no_succession(re.sub(r"former: .*", digest, text), known)


def _unsigned(known: Partner) -> str:
    return f"former: {hashlib.sha256(known.authority).hexdigest()}"


def test_the_authority_is_in_the_text_as_it_is() -> None:
    (line,) = re.findall(r"authority: (.*)", invitation())
    assert base64.b64decode(line) == der(authority_of(USA).certificate)
