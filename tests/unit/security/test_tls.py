import ssl
from contextlib import suppress
from pathlib import Path

import pytest
from cryptography import x509

from accord.core.errors import AccordError
from accord.security import keystore
from accord.security.authority import Authority
from accord.security.tls import Counted, client_context, server_context
from support.handshake import handshake
from support.keys import an_issuer
from support.tls import BEGIN, END, TestAuthority


@pytest.fixture
def authority(tmp_path: Path) -> TestAuthority:
    """A directory with everything that TLS needs."""
    made = TestAuthority(tmp_path / "nzl")
    _ = made.ca
    made.issue("server/server", "NZL-X")
    made.issue("clients/administrator", "administrator")
    return made


def test_the_command_line_and_the_node_know_each_other(authority: TestAuthority) -> None:
    directory = authority.directory
    server = server_context(directory, clients=ssl.CERT_REQUIRED)
    met = handshake(server, client_context(directory), "localhost")
    mine = keystore.read_certificates(directory / keystore.ADMINISTRATOR)[0]
    presented = met.getpeercert(binary_form=True)
    assert presented is not None
    assert x509.load_der_x509_certificate(presented) == mine


def test_the_command_line_speaks_to_no_server_under_another_name(authority: TestAuthority) -> None:
    server = server_context(authority.directory, clients=ssl.CERT_NONE)
    with pytest.raises(ssl.SSLCertVerificationError, match="Hostname mismatch"):
        handshake(server, client_context(authority.directory), "other.example")


def test_the_command_line_speaks_to_no_server_of_another_authority(
    authority: TestAuthority, tmp_path: Path
) -> None:
    other = TestAuthority(tmp_path / "other")
    _ = other.ca
    other.issue("server/server", "NZL-X")
    stranger = server_context(other.directory, clients=ssl.CERT_NONE)
    with pytest.raises(ssl.SSLCertVerificationError):
        handshake(stranger, client_context(authority.directory), "localhost")


def test_a_client_without_certificate_meets_only_what_wants_none(authority: TestAuthority) -> None:
    phone = authority.client(None)
    for clients in (ssl.CERT_NONE, ssl.CERT_OPTIONAL):
        server = server_context(authority.directory, clients=clients)
        assert handshake(server, phone, "localhost").getpeercert() is None
    with pytest.raises(ssl.SSLError, match="PEER_DID_NOT_RETURN_A_CERTIFICATE"):
        handshake(
            server_context(authority.directory, clients=ssl.CERT_REQUIRED), phone, "localhost"
        )


@pytest.mark.parametrize("clients", [ssl.CERT_OPTIONAL, ssl.CERT_REQUIRED])
def test_a_client_of_another_authority_is_refused(
    authority: TestAuthority, tmp_path: Path, clients: ssl.VerifyMode
) -> None:
    stranger = TestAuthority(tmp_path / "other")
    phone = authority.client(None)
    phone.load_cert_chain(*stranger.issue("phone", "kiwi-1"))
    with pytest.raises(ssl.SSLError, match="CERTIFICATE_VERIFY_FAILED"):
        handshake(server_context(authority.directory, clients=clients), phone, "localhost")


def test_a_client_whose_certificate_has_ended_is_refused(authority: TestAuthority) -> None:
    phone = authority.client(None)
    phone.load_cert_chain(*authority.issue("phone", "kiwi-1", end=BEGIN.replace(year=2021)))
    with pytest.raises(ssl.SSLError, match="certificate has expired"):
        handshake(
            server_context(authority.directory, clients=ssl.CERT_REQUIRED), phone, "localhost"
        )


def test_nothing_older_than_tls_1_2_is_spoken(authority: TestAuthority) -> None:
    server = server_context(authority.directory, clients=ssl.CERT_REQUIRED)
    assert server.minimum_version == ssl.TLSVersion.TLSv1_2
    client = client_context(authority.directory)
    assert client.minimum_version == ssl.TLSVersion.TLSv1_2


def test_tls_1_2_is_spoken_with_older_phones(authority: TestAuthority) -> None:
    client = client_context(authority.directory)
    client.maximum_version = ssl.TLSVersion.TLSv1_2
    server = server_context(authority.directory, clients=ssl.CERT_REQUIRED)
    assert handshake(server, client, "localhost").version() == "TLSv1.2"


def _brought(directory: Path, authority: Authority) -> None:
    """Put into the directory an authority that another, which is not there, has issued."""
    keystore.write_certificates(directory / keystore.AUTHORITY, *authority.chain)
    for name, certificate, own_key in (
        ("NZL-X", keystore.SERVER, keystore.SERVER_KEY),
        ("administrator", keystore.ADMINISTRATOR, keystore.ADMINISTRATOR_KEY),
    ):
        issued = authority.issue_server(name, ["localhost"], BEGIN, END - BEGIN)
        keystore.write_certificates(directory / certificate, issued.certificate)
        keystore.write_key(directory / own_key, issued.key)


@pytest.mark.usefixtures("quick_keys")
def test_an_authority_that_others_issued_is_trusted_without_them(tmp_path: Path) -> None:
    _brought(tmp_path, an_issuer("Department"))
    server = server_context(tmp_path, clients=ssl.CERT_REQUIRED)
    assert handshake(server, client_context(tmp_path), "localhost").getpeercert() is not None


@pytest.mark.parametrize("file", [keystore.AUTHORITY, keystore.SERVER, keystore.SERVER_KEY])
def test_the_file_that_is_not_right_is_named(authority: TestAuthority, file: Path) -> None:
    (authority.directory / file).unlink()
    with pytest.raises(AccordError, match=f"cannot read .*{file}"):
        server_context(authority.directory, clients=ssl.CERT_REQUIRED)


def test_an_authority_that_openssl_does_not_take_is_named(authority: TestAuthority) -> None:
    with authority.ca.open("a") as file:
        file.write("-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n")
    with pytest.raises(AccordError, match=r"authority/ca\.pem cannot be used: "):
        client_context(authority.directory)


def test_what_the_nodes_end_makes_is_counted_encrypted(authority: TestAuthority) -> None:
    context = server_context(authority.directory, clients=ssl.CERT_REQUIRED)
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = client_context(authority.directory)
    theirs = client.wrap_bio(to_client, to_server, server_hostname="localhost")
    relayed = ssl.MemoryBIO()
    ours = context.wrap_bio(to_server, relayed, server_side=True)
    assert isinstance(ours, Counted)
    sent = 0
    for _ in range(4):
        for side in (theirs, ours):
            with suppress(ssl.SSLWantReadError):
                side.do_handshake()
            data = relayed.read()
            sent += len(data)
            to_client.write(data)
    assert ours.made == sent > 0
    for size in (1, 20_000):
        ours.write(b"x" * size)
        data = relayed.read()
        assert len(data) > size
        sent += len(data)
        assert ours.made == sent
    theirs.write(b"hello")
    assert ours.read() == b"hello"
    with suppress(ssl.SSLWantReadError):
        ours.unwrap()
    sent += len(relayed.read())
    assert ours.made == sent
