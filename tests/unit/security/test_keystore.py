import os
import ssl
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from accord.core.errors import AccordError
from accord.security import keystore
from support.keys import a_client, an_authority, rsa_key


def test_certificates_are_read_in_the_order_they_were_written(tmp_path: Path) -> None:
    chain = [a_client().certificate, an_authority().certificate]
    keystore.write_certificates(tmp_path / "chain.pem", *chain)
    assert keystore.read_certificates(tmp_path / "chain.pem") == chain


@pytest.mark.parametrize("key", [rsa_key(), ec.generate_private_key(ec.SECP256R1())])
def test_a_key_is_read_as_it_was_written(tmp_path: Path, key: keystore.PrivateKey) -> None:
    keystore.write_key(tmp_path / "a.key", key)
    assert keystore.read_key(tmp_path / "a.key").private_numbers() == key.private_numbers()


def test_a_key_is_its_owners_alone_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        keystore.write_key(tmp_path / "new" / "a.key", rsa_key())
    finally:
        os.umask(before)
    assert (tmp_path / "new" / "a.key").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "new").stat().st_mode & 0o777 == 0o700


def test_a_file_that_cannot_be_written_whole_stays_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.key"
    keystore.write_private(path, b"before")

    def fail(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(AccordError, match=f"cannot write {path}: No space left on device"):
        keystore.write_private(path, b"after")
    assert path.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [path], "half a key was left lying about"


def test_where_a_file_cannot_be_it_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(AccordError, match=r"cannot write .*file/a\.key: "):
        keystore.write_private(tmp_path / "file" / "a.key", b"")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    missing = f"cannot read {tmp_path / 'a.pem'}: No such file or directory"
    with pytest.raises(AccordError, match=missing):
        keystore.read_certificates(tmp_path / "a.pem")
    with pytest.raises(AccordError, match=missing):
        keystore.read_key(tmp_path / "a.pem")


@pytest.mark.parametrize("data", [b"", b"nonsense", b"-----BEGIN CERTIFICATE-----\nAAAA\n"])
def test_a_file_without_certificates_is_named(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a.pem").write_bytes(data)
    with pytest.raises(AccordError, match=r"a\.pem holds no PEM certificate"):
        keystore.read_certificates(tmp_path / "a.pem")


def locked(password: bytes) -> bytes:
    pem, form = Encoding.PEM, PrivateFormat.PKCS8
    return rsa_key().private_bytes(pem, form, BestAvailableEncryption(password))


@pytest.mark.parametrize("data", [b"", b"nonsense", locked(b"secret")])
def test_a_file_without_a_key_that_can_be_read_is_named(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a.key").write_bytes(data)
    with pytest.raises(AccordError, match=r"a\.key holds no PEM key that can be read without"):
        keystore.read_key(tmp_path / "a.key")


def test_a_key_that_tak_clients_cannot_use_is_named(tmp_path: Path) -> None:
    key = ed25519.Ed25519PrivateKey.generate()
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (tmp_path / "a.key").write_bytes(pem)
    with pytest.raises(AccordError, match="neither an RSA nor an elliptic-curve key"):
        keystore.read_key(tmp_path / "a.key")


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    client = a_client()
    keystore.write_certificates(tmp_path / "a.pem", client.certificate)
    keystore.write_key(tmp_path / "a.key", client.key)
    return tmp_path / "a.pem", tmp_path / "a.key"


@pytest.fixture
def context() -> ssl.SSLContext:
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def test_a_certificate_with_its_key_is_taken(
    context: ssl.SSLContext, files: tuple[Path, Path]
) -> None:
    keystore.load_chain(context, *files)


def test_a_certificate_with_the_key_of_another_is_refused_by_name(
    context: ssl.SSLContext, files: tuple[Path, Path]
) -> None:
    keystore.write_key(files[1], an_authority().key)
    with pytest.raises(AccordError, match=f"{files[0]} and {files[1]} do not go together"):
        keystore.load_chain(context, *files)


@pytest.mark.parametrize("number", [0, 1])
def test_a_missing_half_is_named(
    context: ssl.SSLContext, files: tuple[Path, Path], number: int
) -> None:
    files[number].unlink()
    with pytest.raises(AccordError, match=f"cannot read {files[number]}"):
        keystore.load_chain(context, *files)


def test_nobody_is_asked_for_the_password_of_a_key(
    context: ssl.SSLContext, files: tuple[Path, Path]
) -> None:
    files[1].write_bytes(locked(b"secret"))
    with pytest.raises(AccordError, match=f"{files[1]} has a password"):
        keystore.load_chain(context, *files)
