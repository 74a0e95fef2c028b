from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.serialization import pkcs12

from accord.security.pkcs12 import client_store, trust_store
from support.keys import a_client, an_authority

PASSWORD = "atakatak"

# DER of the object identifiers, by ITU-T X.690, 8.19.
OF_3DES = bytes.fromhex("060a2a864886f70d010c0103")
"""1.2.840.113549.1.12.1.3, pbeWithSHAAnd3-KeyTripleDES-CBC (RFC 7292, appendix C)."""
OF_PBES2 = bytes.fromhex("06092a864886f70d01050d")
"""1.2.840.113549.1.5.13, PBES2 (RFC 8018, appendix A.4)."""


def a_client_store() -> bytes:
    return client_store("kiwi-1", a_client(), an_authority(), PASSWORD)


def a_trust_store() -> bytes:
    return trust_store(an_authority().chain, PASSWORD)


def test_a_clients_store_holds_key_certificate_and_the_authority() -> None:
    read = pkcs12.load_pkcs12(a_client_store(), PASSWORD.encode())
    assert read.cert is not None
    assert read.cert.friendly_name == b"kiwi-1"
    assert read.cert.certificate == a_client().certificate
    assert read.key is not None
    assert read.key.public_key() == a_client().key.public_key()
    assert [each.certificate for each in read.additional_certs] == list(an_authority().chain)


def test_a_trust_store_holds_the_authorities_and_no_key() -> None:
    read = pkcs12.load_pkcs12(a_trust_store(), PASSWORD.encode())
    assert (read.key, read.cert) == (None, None)
    assert [each.certificate for each in read.additional_certs] == list(an_authority().chain)


@pytest.mark.parametrize("make", [a_client_store, a_trust_store])
def test_a_store_is_written_as_older_phones_read_it(make: Callable[[], bytes]) -> None:
    assert OF_3DES in make()
    assert OF_PBES2 not in make()


@pytest.mark.parametrize("make", [a_client_store, a_trust_store])
def test_a_store_opens_with_its_password_only(make: Callable[[], bytes]) -> None:
    with pytest.raises(ValueError, match="password"):
        pkcs12.load_pkcs12(make(), b"another")
