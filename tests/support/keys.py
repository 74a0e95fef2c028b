"""Keys and authorities made once for a whole run: making an RSA key takes as long as many tests."""

from datetime import timedelta
from functools import cache
from itertools import cycle

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa

from accord.security.authority import (
    Authority,
    Issued,
    _new_key,  # pyright: ignore[reportPrivateUsage]  to have it whatever stands in its place
)
from support.clock import START
from support.tls import BEGIN, END

YEAR = timedelta(days=365)
NEW_KEY = "accord.security.authority._new_key"


@cache
def rsa_key(number: int = 0, bits: int = 2048) -> rsa.RSAPrivateKey:
    """The same key for the same number."""
    del number
    return rsa.generate_private_key(65537, bits)


@cache
def an_authority(name: str = "NZL-X") -> Authority:
    """The same authority for the same name, with a key of its own, made at START."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(NEW_KEY, _new_key)
        return Authority.create(name, START)


@cache
def an_issuer(root: str) -> Authority:
    """An authority that another, `an_authority(root)`, has issued; its key is rsa_key(1)."""
    above, key = an_authority(root), rsa_key(1)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(x509.Name.from_rfc4514_string(f"CN=Issuer of {root}"))
        .issuer_name(above.certificate.subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(BEGIN)
        .not_valid_after(END)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(above.key, hashes.SHA256())
    )
    return Authority((certificate,), key)


@cache
def a_client(name: str = "kiwi-1") -> Issued:
    """A certificate of `an_authority()`, with its key, for a year from START."""
    return an_authority().issue_client(name, START, YEAR)


@pytest.fixture
def quick_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the node's code take its RSA keys from three that are made once."""
    numbers = cycle(range(3))

    def next_key(_bits: int) -> rsa.RSAPrivateKey:
        return rsa_key(next(numbers))

    monkeypatch.setattr(NEW_KEY, next_key)
