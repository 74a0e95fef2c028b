import base64
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from accord.core.errors import AccordError
from accord.core.partner import Profile
from accord.security.signing import SigningKey, VerifyKey
from support.keys import rsa_key

# RFC 8032, 7.1, test 2
ED25519_KEY = "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"
ED25519_MESSAGE = b"\x72"
ED25519_SIGNATURE = (
    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
    "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
)
# RFC 6979, A.2.6, SHA-384, message "sample"
P384_X = (
    "EC3A4E415B4E19A4568618029F427FA5DA9A8BC4AE92E02E06AAE5286B300C64"
    "DEF8F0EA9055866064A254515480BC13"
)
P384_Y = (
    "8015D9B72D7D57244EA8EF9AC0C621896708A59367F9DFB9F54CA84B3F1C9DB1"
    "288B231C3AE0D4FE7344FD2533264720"
)
P384_MESSAGE = b"sample"
P384_SIGNATURE = (
    "94EDBB92A5ECB8AAD4736E56C691916B3F88140666CE9FA73D64C4EA95AD133C"
    "81A648152E44ACF96E36DD1E80FABE46"
    "99EF4AEB15F178CEA1FE40DB2603138F130E740A19624526203B6351D0A3A94F"
    "A329C145786E679E7B82C71A38628AC8"
)


def spelled(prefix: str, data: bytes) -> str:
    return prefix + base64.b64encode(data).decode()


def published(profile: Profile) -> tuple[VerifyKey, bytes, bytes]:
    """Key, signature and message of the RFC."""
    if profile is Profile.MODERN:
        key = spelled("ed25519:", bytes.fromhex(ED25519_KEY))
        return VerifyKey.parse(key), bytes.fromhex(ED25519_SIGNATURE), ED25519_MESSAGE
    # SEC 1, 2.3.3: 02 where y is even
    key = spelled("p384:", bytes.fromhex(f"02{P384_X}"))
    return VerifyKey.parse(key), bytes.fromhex(P384_SIGNATURE), P384_MESSAGE


@pytest.mark.parametrize("profile", Profile)
def test_the_signatures_of_the_rfcs_are_right_and_no_others(profile: Profile) -> None:
    key, signature, message = published(profile)
    assert key.profile is profile
    assert key.verify(signature, message)
    assert not key.verify(signature, message + b".")
    assert not key.verify(signature[:-1] + b"\x55", message)
    for length in (0, 1, len(signature) - 1):
        assert not key.verify(signature[:length], message)
    assert not key.verify(signature + b"\0", message)


def test_a_compressed_point_is_the_point_of_the_rfc() -> None:
    key = published(Profile.CNSA)[0].key
    assert isinstance(key, ec.EllipticCurvePublicKey)
    whole = key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    assert whole == bytes.fromhex(f"04{P384_X}{P384_Y}")


@pytest.mark.parametrize("profile", Profile)
def test_a_public_key_is_written_as_it_was_read(profile: Profile) -> None:
    key = published(profile)[0]
    assert VerifyKey.parse(str(key)) == key


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ed25519:",
        "ed25519:AAAA",
        "ed25519:not base 64",
        "ED25519:" + "A" * 43 + "=",
        "p384:" + base64.b64encode(b"\2" + b"\xff" * 48).decode(),  # not on the curve
        spelled("p384:", bytes.fromhex(ED25519_KEY)),
        spelled("p256:", bytes.fromhex(f"02{P384_X}")),
        spelled("p384:", bytes.fromhex(f"04{P384_X}{P384_Y}")),  # the longer spelling
        spelled("ed25519:", bytes.fromhex(ED25519_KEY)) + "\n",
    ],
)
def test_what_is_no_key_or_not_spelled_as_one_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="key"):
        VerifyKey.parse(text)


@pytest.mark.parametrize(("profile", "length"), [(Profile.MODERN, 64), (Profile.CNSA, 96)])
def test_what_a_new_key_signs_its_public_half_takes(
    profile: Profile, length: int, tmp_path: Path
) -> None:
    made = SigningKey.create(profile)
    made.save(tmp_path / "release.key")
    assert (tmp_path / "release.key").stat().st_mode & 0o777 == 0o600
    kept = SigningKey.load(tmp_path / "release.key")
    for key in (made, kept):
        signatures = {key.sign(bytes([n])) for n in range(40)}
        assert {len(each) for each in signatures} == {length}  # also where r or s begins with zeros
        assert made.public.verify(key.sign(b"frame"), b"frame")
        assert not SigningKey.create(profile).public.verify(key.sign(b"frame"), b"frame")


def pem(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey, password: str = "") -> bytes:
    encryption = BestAvailableEncryption(password.encode()) if password else NoEncryption()
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "holds no PEM key"),
        (pem(rsa_key()), "neither an Ed25519 nor a P-384"),
        (pem(ec.generate_private_key(ec.SECP256R1())), "neither an Ed25519 nor a P-384"),
        (pem(rsa_key(), "secret"), "without a password"),
    ],
)
def test_a_file_without_a_signing_key_is_named(tmp_path: Path, data: bytes, said: str) -> None:
    file = tmp_path / "release.key"
    file.write_bytes(data)
    with pytest.raises(AccordError, match=f"{file} .*{said}"):
        SigningKey.load(file)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(AccordError, match=f"cannot read {tmp_path / 'x'}: No such file"):
        SigningKey.load(tmp_path / "x")
