from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID

from accord.core.errors import AccordError
from accord.core.partner import NodeName, Profile
from accord.security import identity, keystore
from accord.security.authority import is_issued_by
from accord.security.identity import FederationSettings, prepare, renew
from accord.security.signing import SigningKey
from support.clock import START
from support.keys import rsa_key
from support.partners import NZL, Forged, authority_of

SETTINGS = FederationSettings()
NAME = SETTINGS.name_of("NZL-JFNZ")
FILES = (
    "authority.key", "authority.pem", "ledger.key", "node.key", "node.pem", "release.key",
)  # fmt: skip


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """A node's directory with its identity, made at START."""
    prepare(tmp_path, NAME, SETTINGS, START)
    return tmp_path


def leaf(directory: Path) -> x509.Certificate:
    return keystore.read_certificates(directory / identity.NODE)[0]


def contents(directory: Path) -> dict[str, bytes]:
    return {each.name: each.read_bytes() for each in (directory / "federation").iterdir()}


def test_everything_has_its_place_and_is_its_owners_alone(directory: Path) -> None:
    found = sorted((directory / "federation").iterdir())
    assert tuple(each.name for each in found) == FILES
    assert {each.stat().st_mode & 0o777 for each in found} == {0o600}
    assert (directory / "federation").stat().st_mode & 0o777 == 0o700
    assert identity.is_made(directory)


def test_no_two_keys_are_the_same(directory: Path) -> None:
    keys = {
        each.read_bytes() for each in (directory / "federation").iterdir() if each.suffix == ".key"
    }
    assert len(keys) == 4


@pytest.mark.parametrize(
    ("profile", "curve", "algorithm"),
    [(Profile.MODERN, "secp256r1", "sha256"), (Profile.CNSA, "secp384r1", "sha384")],
)
def test_a_profile_says_which_keys_and_hashes(
    tmp_path: Path, profile: Profile, curve: str, algorithm: str
) -> None:
    prepare(tmp_path, NAME, FederationSettings(profile=profile), START)
    for file in (identity.AUTHORITY, identity.NODE):
        certificate = keystore.read_certificates(tmp_path / file)[0]
        key, signed = certificate.public_key(), certificate.signature_hash_algorithm
        assert isinstance(key, ec.EllipticCurvePublicKey)
        assert (key.curve.name, signed and signed.name) == (curve, algorithm)
    for file in (identity.RELEASE_KEY, identity.LEDGER_KEY):
        assert SigningKey.load(tmp_path / file).public.profile is profile


def test_the_certificate_names_the_node_once_and_is_for_both_ends(directory: Path) -> None:
    certificate = leaf(directory)
    assert identity.uris(certificate) == ["spiffe://nzl-jfnz/node/NZL-JFNZ"]
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["nzl-jfnz"]
    usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert set(usage) == {ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH}
    authority = keystore.read_certificates(directory / identity.AUTHORITY)[0]
    assert is_issued_by(certificate, [authority])
    assert identity.uris(authority) == ["spiffe://nzl-jfnz"]  # SPIFFE X509-SVID, 2: no path


def test_an_authority_can_issue_no_further_authority(directory: Path) -> None:
    authority = keystore.read_certificates(directory / identity.AUTHORITY)[0]
    constraints = authority.extensions.get_extension_for_class(x509.BasicConstraints)
    assert constraints.critical
    assert constraints.value == x509.BasicConstraints(ca=True, path_length=0)


def test_what_is_there_is_kept(directory: Path) -> None:
    before = contents(directory)
    prepare(directory, NAME, SETTINGS, START + timedelta(days=6))
    assert contents(directory) == before


def test_a_certificate_is_made_again_at_half_of_its_life(directory: Path) -> None:
    before = contents(directory)
    # It began an hour before START, for clocks that differ.
    half = START + (SETTINGS.certificate_valid - timedelta(hours=1)) / 2
    assert renew(directory, NAME, SETTINGS, half - timedelta(seconds=2)) == ""
    assert contents(directory) == before
    assert (
        renew(directory, NAME, SETTINGS, half)
        == f"it ends on {START + SETTINGS.certificate_valid:%Y-%m-%d}"
    )
    after = contents(directory)
    assert {name for name in after if after[name] != before[name]} == {"node.key", "node.pem"}
    assert leaf(directory).not_valid_after_utc == (half + SETTINGS.certificate_valid).replace(
        microsecond=0
    )


def test_a_certificate_of_a_clock_that_was_ahead_is_made_again(directory: Path) -> None:
    assert "begins only on" in renew(directory, NAME, SETTINGS, START - timedelta(hours=2))


@pytest.mark.parametrize("lost", ["node.pem", "node.key"])
def test_what_is_lost_of_the_certificate_is_made_again(directory: Path, lost: str) -> None:
    (directory / "federation" / lost).unlink()
    assert renew(directory, NAME, SETTINGS, START) == "there is none yet"
    assert renew(directory, NAME, SETTINGS, START) == ""


def test_a_key_and_certificate_that_do_not_go_together_are_made_again(directory: Path) -> None:
    keystore.write_key(directory / identity.NODE_KEY, ec.generate_private_key(ec.SECP256R1()))
    assert renew(directory, NAME, SETTINGS, START) == "its key is another's"
    assert renew(directory, NAME, SETTINGS, START) == ""


def test_what_a_crash_left_of_an_identity_is_made_anew(tmp_path: Path) -> None:
    keystore.write_key(tmp_path / identity.AUTHORITY_KEY, ec.generate_private_key(ec.SECP256R1()))
    assert not identity.is_made(tmp_path)
    prepare(tmp_path, NAME, SETTINGS, START)
    assert identity.load_authority(tmp_path, NAME).profile is Profile.MODERN


def test_no_certificate_outlives_its_authority(directory: Path) -> None:
    authority = identity.load_authority(directory, NAME)
    ends = authority.certificate.not_valid_after_utc
    late = authority.issue(ends - timedelta(days=1), SETTINGS.certificate_valid)
    assert late.certificate.not_valid_after_utc == ends
    with pytest.raises(AccordError, match=r"authority\.pem ended on 2035-12-31"):
        renew(directory, NAME, SETTINGS, ends)


@contextmanager
def refused() -> Iterator[None]:
    with pytest.raises(AccordError, match="made for another trust_domain or profile"):
        yield


def test_an_identity_is_not_quietly_taken_for_another(directory: Path) -> None:
    with refused():
        prepare(directory, NodeName("jfnz.example", "NZL-JFNZ"), SETTINGS, START)
    with refused():
        prepare(directory, NAME, FederationSettings(profile=Profile.CNSA), START)


def test_an_authority_of_no_profile_is_not_taken(directory: Path) -> None:
    forged = Forged(uris=["spiffe://nzl-jfnz"], curve=ec.SECP521R1()).made()[0]
    keystore.write_certificates(directory / identity.AUTHORITY, forged)
    with refused():
        prepare(directory, NAME, SETTINGS, START)


@pytest.mark.parametrize("key", [rsa_key(), ec.generate_private_key(ec.SECP256R1())])
def test_an_authority_needs_its_own_key(directory: Path, key: keystore.PrivateKey) -> None:
    keystore.write_key(directory / identity.AUTHORITY_KEY, key)
    with pytest.raises(AccordError, match="is not the key of"):
        identity.load_authority(directory, NAME)


def test_a_certificate_without_names_has_no_uri() -> None:
    assert identity.uris(Forged(uris=[]).made()[0]) == []


def test_other_keys_are_of_no_profile() -> None:
    for key in (rsa_key().public_key(), ec.generate_private_key(ec.SECP521R1()).public_key()):
        with pytest.raises(ValueError, match="neither of P-256 nor of P-384"):
            identity.profile_of(key)
    assert identity.profile_of(authority_of(NZL).key.public_key()) is Profile.MODERN


@pytest.mark.parametrize(
    ("node", "domain"),
    [
        ("NZL-JFNZ", "nzl-jfnz"),
        ("NZL", "nzl"),
        (f"NZL-{'A' * 60}", f"nzl-{'a' * 59}"),
        (f"NZL-{'A' * 58}-B", f"nzl-{'a' * 58}"),
    ],
)
def test_a_trust_domain_is_the_nodes_own_unless_one_is_set(node: str, domain: str) -> None:
    assert FederationSettings().name_of(node) == NodeName(domain, node)
    set_one = FederationSettings(trust_domain="jfnz.example")
    assert set_one.name_of(node) == NodeName("jfnz.example", node)


def test_a_trust_domain_that_cannot_be_is_refused_in_the_settings() -> None:
    with pytest.raises(ValueError, match="no trust domain"):
        FederationSettings(trust_domain="JFNZ")


def moment(certificate: x509.Certificate) -> tuple[datetime, datetime]:
    return certificate.not_valid_before_utc, certificate.not_valid_after_utc


def test_the_life_of_certificates_is_a_setting(tmp_path: Path) -> None:
    week = FederationSettings(certificate_valid=timedelta(days=7))
    prepare(tmp_path, NAME, week, START)
    begin, end = moment(leaf(tmp_path))
    whole = START.replace(microsecond=0)
    assert (begin, end) == (whole - timedelta(hours=1), whole + timedelta(days=7))
