"""Vectors: C2SP signed-note (its example), golang.org/x/mod/sumdb/note/note_test.go, and a
checkpoint of a public log (arche2025h1.staging.ct.transparency.dev) with a witness's cosignature.
"""

import base64
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP384R1, derive_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from accord.release.ledger.fault import LedgerFault
from accord.release.ledger.note import (
    MAX_NOTE,
    MAX_SIGNATURES,
    Note,
    Scheme,
    Signature,
    Signer,
    VerifierKey,
    pinned_keys,
    read_key,
    read_note,
)

SPEC_KEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
SPEC_NOTE = (
    "This is an example message.\n\n— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ON"
    "ncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n"
).encode()

PETER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
PETER_SECRET = "AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
ENOCH = "EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop"
TEXT = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
)
PETER_SIGNED = (
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6"
    "KE6RyyBwJnAM=\n"
)
ENOCH_SIGNED = (
    "— EnochRoot rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWLox33WW"
    "d1RvMc+QQ=\n"
)

LOG = (
    "arche2025h1.staging.ct.transparency.dev+ba2f06c0+AU0vHmlGCS/PdN8b2OaGmKprLI8HKM+dJ472xgFYh15f"
)
COSIGNER = "remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2"
RECORDED = """arche2025h1.staging.ct.transparency.dev
1432088532
U7WM79jrzyhGZ5/GUBTpM7NzwdyfFx61t3RovgcC4Ro=

— arche2025h1.staging.ct.transparency.dev zTM8sQAAAZ5W0WdjBAMARjBEAiBjW5IQf9pvsYLfQFX6hoGREPMHbdQ3urbllzalApkptQIgIpwtEroeW2BXaHAI4kJXFbon5Ch9MNL5zRNZ55lvGt0=
— arche2025h1.staging.ct.transparency.dev ui8GwCF1+kWqZrxGdhj4aX3gcw7XUlXQQabg/27lefwhUkzbC3NygNI75MdhL1bfTW9g8Ei59RA23oHP7Ry1k3ZFWwQ=
— remora.n621.de 2net5wAAAABqEiEgPlfF3V06o0Y+fHM+J5J9s27wgxxcOVSpZ/2g/KSiXCg9DEZI+aVCIobWX9sXTynk5XeU/zZ0WBxtqB0DrAWfBw==
"""  # noqa: E501  as it was published


def note_of(*lines: str) -> bytes:
    return f"{TEXT}\n{''.join(lines)}".encode()


def test_the_example_of_the_specification_verifies() -> None:
    found = read_note(SPEC_NOTE).verified([read_key(SPEC_KEY)])
    assert [key.name for key, _ in found] == ["example.com/foo"]


def test_a_key_signs_as_the_published_vector_has_it() -> None:
    secret = base64.b64decode(PETER_SECRET)
    signer = Signer("PeterNeumann", Ed25519PrivateKey.from_private_bytes(secret[1:]))
    assert signer.key.spell() == PETER
    assert Note(TEXT, (signer.sign(TEXT),)).spell() == note_of(PETER_SIGNED)


def test_signatures_of_keys_that_are_not_known_are_passed_over() -> None:
    note = read_note(note_of(PETER_SIGNED, ENOCH_SIGNED, PETER_SIGNED))
    assert [key.name for key, _ in note.verified([read_key(PETER)])] == ["PeterNeumann"]
    assert len(note.verified([read_key(PETER), read_key(ENOCH)])) == 2
    assert note.verified([]) == []


def test_a_published_checkpoint_verifies_with_the_cosignature_of_its_witness() -> None:
    note = read_note(RECORDED.encode())
    found = note.verified([read_key(LOG), read_key(COSIGNER)])
    assert [(key.name, key.scheme) for key, _ in found] == [
        ("arche2025h1.staging.ct.transparency.dev", Scheme.ED25519),
        ("remora.n621.de", Scheme.ED25519_TIMED),
    ]
    assert found[1][1].at == 0x6A122120  # as its bytes say, big-endian
    assert note.spell() == RECORDED.encode()


@pytest.mark.parametrize("change", ["1432088533", "remora"])
def test_a_published_checkpoint_with_another_size_or_time_does_not(change: str) -> None:
    said = RECORDED.replace("1432088532", change) if change.isdigit() else RECORDED.replace(
        "2net5wAAAABqEiEg", "2net5wAAAABqEiEh"
    )  # fmt: skip
    with pytest.raises(LedgerFault, match="is not right"):
        read_note(said.encode()).verified([read_key(LOG), read_key(COSIGNER)])


def test_the_time_of_a_cosignature_is_read_as_published() -> None:
    """transparency-dev/formats, note/note_cosigv1_test.go."""
    published = (
        "ZGhGuQAAAABm/qTPeyKXD+R2rzyQsxPiP8mXum7qq/iF0u4vanlqJyocWODBt97w9uL+8qT7S5gxEHWWOworDcFiEBY"
        "JXORmnFBOBA=="
    )
    (signature,) = read_note(note_of(f"— w {published}\n")).signatures
    assert signature.at == 1727964367


@pytest.mark.parametrize(
    "bad",
    [
        TEXT.encode(),
        f"{TEXT}\n".encode(),
        note_of(PETER_SIGNED)[:-1],
        b"\x01" + note_of(PETER_SIGNED),
        "\x9b2J".encode() + note_of(PETER_SIGNED),
        "\N{RIGHT-TO-LEFT OVERRIDE}".encode() + note_of(PETER_SIGNED),
        "\N{LINE SEPARATOR}".encode() + note_of(PETER_SIGNED),
        b"\xff" + note_of(PETER_SIGNED),
        note_of(PETER_SIGNED.replace("PeterNeumann", "Bad Name")),
        note_of(PETER_SIGNED, "Unexpected line.\n"),
        note_of(PETER_SIGNED.replace("PeterNeumann", "a+b")),
        note_of("— x AAAAAA==\n"),
        note_of("— x !\n"),
        note_of(*[PETER_SIGNED] * (MAX_SIGNATURES + 1)),
        note_of(PETER_SIGNED) + b"x" * MAX_NOTE,
    ],
)
def test_what_is_no_note_is_refused(bad: bytes) -> None:
    """The malformed messages of note_test.go, and our limits."""
    with pytest.raises(LedgerFault):
        read_note(bad)


def test_a_longer_signature_of_a_known_key_is_wrong() -> None:
    bent = f"{PETER_SIGNED[:60]}ABCD{PETER_SIGNED[60:]}"
    with pytest.raises(LedgerFault, match=r"PeterNeumann\+c74f20a3 is not right"):
        read_note(note_of(bent)).verified([read_key(PETER)])


@pytest.mark.parametrize(
    "bad",
    [
        "bananas.sigstore.dev+12344556",
        "rekor.sigstore.dev+12345678+THIS_IS_NOT_BASE64!",
        "rekor.sigstore.dev+12345678+AwEB",
        PETER.replace("c74f20a3", "c74f20a4"),
        PETER.replace("PeterNeumann", "Peter"),
        PETER.replace("+ARpc", "+ZRpc"),
        "PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==",
        PETER.replace("PeterNeumann", ""),
    ],
)
def test_what_is_no_verifier_key_is_refused(bad: str) -> None:
    with pytest.raises(LedgerFault):
        read_key(bad)


def test_an_ed25519_vkey_of_the_cosignature_type_is_read() -> None:
    assert read_key(COSIGNER).scheme is Scheme.ED25519_TIMED
    assert read_key("TEST+7997405c+AQcC+FTVKf0jlTdHDY3rbevmnKxxPjigCXlVtGe6RIr6").name == "TEST"


P384 = Signer("pac.example/node/USA-PAC", derive_private_key(7, SECP384R1()))


def test_a_p384_key_has_the_id_that_the_reserved_type_asks_for() -> None:
    """SHA-256(name || 0x0A || type || key)[:4], the type being 0xff and a longer identifier."""
    typed = b"\xffaccord/ecdsa-p384-sha384/v1" + P384.key.public
    assert P384.key.id == sha256(b"pac.example/node/USA-PAC\n" + typed).digest()[:4]
    assert read_key(P384.key.spell()) == P384.key
    assert P384.key.id != P384.cosigner_key.id


def test_p384_signs_and_cosigns() -> None:
    note = Note(TEXT, (P384.sign(TEXT), P384.cosign(TEXT, 1_727_964_367)))
    found = read_note(note.spell()).verified([P384.key, P384.cosigner_key])
    assert [key.scheme for key, _ in found] == [Scheme.P384, Scheme.P384_TIMED]
    assert found[1][1].at == 1_727_964_367
    changed = Note(TEXT.replace("think", "thank"), note.signatures)
    with pytest.raises(LedgerFault, match="not right"):
        changed.verified([P384.key])


def test_a_cosignature_does_not_pass_as_the_authors() -> None:
    cosigned = P384.cosign(TEXT, 7)
    posed = Signature(P384.key.name, P384.key.id, cosigned.data[8:])
    with pytest.raises(LedgerFault, match="not right"):
        Note(TEXT, (posed,)).verified([P384.key])


def test_a_second_cosignature_of_a_key_takes_the_place_of_the_first() -> None:
    note = Note(TEXT, (P384.sign(TEXT),)).add(P384.cosign(TEXT, 1)).add(P384.cosign(TEXT, 2))
    assert [each.at for each in note.signatures[1:]] == [2]


def test_pinned_keys_are_those_that_partners_exchange() -> None:
    raw = base64.b64encode(read_key(PETER).public).decode()
    assert pinned_keys("PeterNeumann", f"ed25519:{raw}")[0] == read_key(PETER)
    point = base64.b64encode(P384.key.public).decode()
    assert pinned_keys(P384.key.name, f"p384:{point}") == (P384.key, P384.cosigner_key)
    for bad in ("rsa:AAAA", "ed25519:!", f"p384:{raw}"):
        with pytest.raises(LedgerFault):
            pinned_keys("x", bad)


def test_a_point_that_is_not_on_the_curve_is_no_key() -> None:
    with pytest.raises(LedgerFault, match="no point of P-384"):
        VerifierKey("x", Scheme.P384, b"\x05" + bytes(48))
