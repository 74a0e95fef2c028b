import hashlib
import ipaddress
import socket
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, ExtensionOID, NameOID
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError

from accord.core.errors import AccordError
from accord.security import authority, keystore
from accord.security.authority import (
    Authority,
    check_authority,
    check_current,
    fingerprint,
    general_name,
    is_address,
    is_issued_by,
    leads_to,
    machine_names,
    names_in,
    spell_owner,
)
from support.clock import START
from support.keys import YEAR, a_client, an_authority, an_issuer, rsa_key
from support.tls import TestAuthority

NAMES = ("node.example", "192.0.2.10", "2001:db8::10")


def verified_by(*roots: x509.Certificate) -> PolicyBuilder:
    """Verification by another implementation than the one that makes certificates (RFC 5280)."""
    return PolicyBuilder().store(Store(list(roots))).time(START)


def common_name(of: x509.Name) -> str:
    return str(of.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value)


def usages(of: x509.Certificate) -> set[x509.ObjectIdentifier]:
    return set(of.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value)


@pytest.fixture(scope="session")
def server() -> x509.Certificate:
    return an_authority().issue_server("NZL-X", NAMES, START, YEAR).certificate


def test_a_new_authority_signs_itself_and_certificates_and_nothing_else() -> None:
    root = an_authority().certificate
    root.verify_directly_issued_by(root)
    constraints = root.extensions.get_extension_for_class(x509.BasicConstraints)
    assert constraints.critical
    assert (constraints.value.ca, constraints.value.path_length) == (True, 0)
    usage = root.extensions.get_extension_for_class(x509.KeyUsage)
    assert usage.critical
    assert (usage.value.key_cert_sign, usage.value.crl_sign) == (True, True)
    assert not usage.value.key_encipherment


def test_a_new_authority_has_a_key_for_its_ten_years() -> None:
    made = an_authority()
    assert isinstance(made.key, rsa.RSAPrivateKey)
    assert made.key.key_size >= 3072  # NIST SP 800-57 part 1, table 2: 128 bits of strength
    assert made.certificate.not_valid_after_utc - START == timedelta(days=3650) - timedelta(
        microseconds=START.microsecond
    )


def test_certificates_begin_an_hour_early_since_clocks_differ() -> None:
    begins = a_client().certificate.not_valid_before_utc
    assert begins == START.replace(microsecond=0) - timedelta(hours=1)


def test_a_long_name_of_a_node_fits_the_authority() -> None:
    made = an_authority("NZL-" + "X" * 70)
    assert common_name(made.certificate.subject) == "NZL-" + "X" * 60  # X.520 ub-common-name: 64


def test_a_server_is_believed_under_each_of_its_names(server: x509.Certificate) -> None:
    verifier = verified_by(an_authority().certificate)
    subjects = [x509.DNSName("node.example")]
    subjects += [x509.IPAddress(ipaddress.ip_address(each)) for each in NAMES[1:]]
    for subject in subjects:
        verifier.build_server_verifier(subject).verify(server, [])
    with pytest.raises(VerificationError):
        verifier.build_server_verifier(x509.DNSName("other.example")).verify(server, [])


def test_a_server_is_a_client_of_itself_too(server: x509.Certificate) -> None:
    assert usages(server) == {ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH}


def test_a_client_is_believed_and_is_no_server() -> None:
    certificate = a_client().certificate
    assert common_name(certificate.subject) == "kiwi-1"
    own = certificate.extensions.get_extension_for_class(x509.BasicConstraints).value
    assert not own.ca
    assert ExtendedKeyUsageOID.SERVER_AUTH not in usages(certificate)
    certificate.verify_directly_issued_by(an_authority().certificate)


def test_a_client_is_told_to_have_channels_as_tak_server_tells_it() -> None:
    wanted = {"1.3.6.1.5.5.7.3.2", "1.2.840.113549.1.9.7"}  # clientAuth; TAK Server's own
    assert {each.dotted_string for each in usages(a_client().certificate)} == wanted


def test_a_certificate_names_the_key_that_signed_it() -> None:
    oid = ExtensionOID.AUTHORITY_KEY_IDENTIFIER
    said = a_client().certificate.extensions.get_extension_for_oid(oid).value
    root = an_authority().certificate
    own = root.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    assert isinstance(said, x509.AuthorityKeyIdentifier)
    assert said.key_identifier == own.digest


def test_serial_numbers_are_never_the_same() -> None:
    key = rsa_key().public_key()
    made = [an_authority().certify("kiwi-1", key, START, YEAR).serial_number for _ in range(5)]
    assert len(set(made)) == 5
    assert all(0 < number < 1 << 159 for number in made)  # RFC 5280, 4.1.2.2: 20 octets


def test_a_client_may_have_a_key_of_its_own() -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    signed = an_authority().certify("kiwi-1", key.public_key(), START, YEAR)
    assert signed.public_key() == key.public_key()


@pytest.mark.parametrize("name", ["", "X" * 65])
def test_a_name_that_no_certificate_can_have_is_refused(name: str) -> None:
    with pytest.raises(AccordError, match="cannot be the name of a certificate"):
        an_authority().certify(name, rsa_key().public_key(), START, YEAR)


@pytest.fixture
def stored(tmp_path: Path) -> tuple[Path, Path]:
    made = an_authority()
    files = tmp_path / "ca.pem", tmp_path / "ca.key"
    keystore.write_certificates(files[0], *made.chain)
    keystore.write_key(files[1], made.key)
    return files


def test_an_authority_is_read_as_it_was_written(stored: tuple[Path, Path]) -> None:
    read = Authority.load(*stored)
    assert read.chain == an_authority().chain
    assert read.key.public_key() == an_authority().key.public_key()


def test_an_authority_with_the_key_of_another_is_refused(stored: tuple[Path, Path]) -> None:
    keystore.write_key(stored[1], rsa_key())
    with pytest.raises(AccordError, match=f"{stored[1]} is not the key of the first certificate"):
        Authority.load(*stored)


def test_a_clients_certificate_is_no_authority(stored: tuple[Path, Path]) -> None:
    client = a_client()
    keystore.write_certificates(stored[0], client.certificate)
    keystore.write_key(stored[1], client.key)
    with pytest.raises(AccordError, match=r"is no certificate of an authority .*CA:TRUE"):
        Authority.load(*stored)


def test_a_certificate_that_does_not_say_whether_it_is_an_authority_is_none(
    tmp_path: Path,
) -> None:
    other = TestAuthority(tmp_path)
    _ = other.ca
    silent = keystore.read_certificates(other.issue("silent", "silent")[0])[0]
    with pytest.raises(AccordError, match="brought along is no certificate of an authority"):
        check_authority(silent, "brought along")


def test_a_certificate_is_told_from_one_of_another_authority_of_the_same_name() -> None:
    impostor = Authority.create("NZL-X", START)
    forged = impostor.certify("kiwi-1", rsa_key().public_key(), START, YEAR)
    mine = an_authority().certificate
    assert impostor.certificate.subject == mine.subject
    assert not is_issued_by(forged, [mine])
    assert is_issued_by(forged, [mine, impostor.certificate])
    assert is_issued_by(a_client().certificate, [mine])


def test_what_has_another_name_for_its_authority_was_not_issued_by_it() -> None:
    assert not is_issued_by(a_client().certificate, [an_authority("AUS").certificate])


def test_nobody_is_issued_by_no_authority() -> None:
    assert not is_issued_by(a_client().certificate, [])


def test_a_chain_leads_to_an_authority_link_by_link() -> None:
    root, middle = an_authority("Department").certificate, an_issuer("Department")
    leaf = middle.certify("kiwi-1", rsa_key().public_key(), START, YEAR)
    assert leads_to([root], [leaf, middle.certificate])
    assert leads_to([middle.certificate], [leaf])
    assert not leads_to([root], [leaf])
    assert not leads_to([root], [leaf, root])


def test_a_chain_that_brings_its_own_authority_along_leads_nowhere() -> None:
    stranger = an_authority("AUS")
    leaf = stranger.certify("kiwi-1", rsa_key().public_key(), START, YEAR)
    assert not leads_to([an_authority().certificate], [leaf, stranger.certificate])


def test_a_fingerprint_is_the_sha_256_of_the_der() -> None:
    der = a_client().certificate.public_bytes(Encoding.DER)
    assert fingerprint(der) == hashlib.sha256(der).hexdigest()
    assert fingerprint(der) == a_client().certificate.fingerprint(hashes.SHA256()).hex()


@pytest.mark.parametrize(
    ("text", "kind"),
    [("node.example", x509.DNSName), ("192.0.2.1", x509.IPAddress), ("::1", x509.IPAddress)],
)
def test_addresses_and_host_names_are_told_apart(text: str, kind: type) -> None:
    assert isinstance(general_name(text), kind)
    assert is_address(text) is (kind is x509.IPAddress)


def test_what_is_neither_address_nor_host_name_is_refused() -> None:
    with pytest.raises(AccordError, match="'kōwhai' is neither an IP address nor a host name"):
        general_name("kōwhai")


def test_names_are_read_back_from_a_certificate(server: x509.Certificate) -> None:
    assert names_in(server) == NAMES


def test_a_certificate_without_names_has_none() -> None:
    assert names_in(a_client().certificate) == ()


@pytest.fixture
def host(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    monkeypatch.setattr(socket, "gethostname", lambda: "Kea")
    monkeypatch.setattr(authority, "_addresses", lambda: ["192.0.2.7", "127.0.0.1"])
    return monkeypatch


def test_a_machine_is_reached_by_its_name_its_addresses_and_as_itself(
    host: pytest.MonkeyPatch,
) -> None:
    assert machine_names() == ("kea", "192.0.2.7", "127.0.0.1", "localhost", "::1")


@pytest.mark.parametrize("name", ["", "a..b", "kākā", "x" * 254])
def test_a_name_that_is_no_host_name_is_left_out(host: pytest.MonkeyPatch, name: str) -> None:
    host.setattr(socket, "gethostname", lambda: name)
    assert machine_names()[0] == "192.0.2.7"


class _Probe:
    """A datagram socket of a machine that has an IPv4 network and no IPv6 one."""

    def __init__(self, family: socket.AddressFamily, _kind: socket.SocketKind) -> None:
        self._family = family

    def __enter__(self) -> "_Probe":
        return self

    def __exit__(self, *_: object) -> None: ...

    def connect(self, _where: tuple[str, int]) -> None:
        if self._family == socket.AF_INET6:
            raise OSError("Network is unreachable")

    def getsockname(self) -> tuple[str, int]:
        return "198.51.100.4", 40000


def test_addresses_are_those_the_machine_sends_from(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "gethostname", lambda: "kea")
    monkeypatch.setattr(socket, "socket", _Probe)
    assert machine_names() == ("kea", "198.51.100.4", "localhost", "127.0.0.1", "::1")


def test_a_certificate_is_current_until_its_end() -> None:
    certificate = an_authority().issue_client("kiwi-1", START, YEAR).certificate
    end = certificate.not_valid_after_utc
    check_current(certificate, "x.pem", end - timedelta(seconds=1))
    with pytest.raises(AccordError, match=r"x\.pem ended on 2027-01-02: have a new one issued"):
        check_current(certificate, "x.pem", end)


def test_whose_a_certificate_is_is_spelt_with_its_serial_number() -> None:
    certificate = an_authority().issue_client("kiwi-1", START, YEAR).certificate
    said = spell_owner(certificate.public_bytes(Encoding.DER))
    assert said == f"CN=kiwi-1 serial {certificate.serial_number:X}"
    assert spell_owner(b"nonsense") == "unknown"
