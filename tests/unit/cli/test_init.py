import os
import tomllib
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from accord.cli.main import main
from accord.core.principal import Direction, Role
from accord.security import identity, keystore
from accord.security.authority import is_issued_by
from accord.security.renewal import mark_of
from accord.storage.people import People
from support.clock import START
from support.keys import YEAR, an_authority, an_issuer, rsa_key
from support.tls import TestAuthority

pytestmark = pytest.mark.usefixtures("quick_keys")


def init(directory: Path, *options: str | Path, node: str = "NZL-JFNZ", nation: str = "NZL") -> int:
    return main(["init", str(directory), "--node", node, "--nation", nation, *map(str, options)])


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return tmp_path / "nzl"


def refusal(capsys: pytest.CaptureFixture[str]) -> str:
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1, err
    assert err.startswith("accord: ")
    return err


def test_a_new_node_has_an_identity_towards_partners_apart_from_that_towards_clients(
    directory: Path,
) -> None:
    assert init(directory) == 0
    certificate = keystore.read_certificates(directory / identity.NODE)[0]
    assert identity.uris(certificate) == ["spiffe://nzl-jfnz/node/NZL-JFNZ"]
    theirs = keystore.read_certificates(directory / identity.AUTHORITY)
    ours = keystore.read_certificates(directory / keystore.AUTHORITY)
    assert is_issued_by(certificate, theirs)
    assert not is_issued_by(certificate, ours)
    assert theirs[0].public_key() != ours[0].public_key()


def test_a_new_node_has_all_it_needs_and_says_what_comes_next(
    directory: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert init(directory, "--name", "Joint Forces") == 0
    settings = tomllib.loads((directory / "accord.toml").read_text("utf-8"))
    assert settings["node"] == {"id": "NZL-JFNZ", "nation": "NZL", "name": "Joint Forces"}
    authority = keystore.read_certificates(directory / keystore.AUTHORITY)
    for file in (keystore.SERVER, keystore.ADMINISTRATOR):
        assert is_issued_by(keystore.read_certificates(directory / file)[0], authority)
    out = capsys.readouterr().out
    assert out.startswith(f"made node NZL-JFNZ in {directory}\n")
    assert "reached under" in out
    assert f"accord client add {directory} NAME --group GROUP" in out


def test_nothing_in_it_is_for_anybody_but_its_owner(directory: Path) -> None:
    before = os.umask(0)
    try:
        assert init(directory) == 0
    finally:
        os.umask(before)
    modes = {path: path.stat().st_mode & 0o077 for path in [directory, *directory.rglob("*")]}
    assert not any(modes.values()), modes


def test_the_first_administrator_is_known_and_speaks_to_nobody(directory: Path) -> None:
    init(directory)
    (credential,) = People(directory / "people.sqlite").credentials()
    who = credential.principal
    assert (who.name, who.role) == ("administrator", Role.ADMINISTRATOR)
    assert who.groups == {"accord-self-check": Direction.BOTH}
    own = keystore.read_certificates(directory / keystore.ADMINISTRATOR)[0]
    assert (who.credential, who.until) == (mark_of(own), own.not_valid_after_utc)


def test_an_empty_directory_that_is_there_is_taken(directory: Path) -> None:
    directory.mkdir(mode=0o755)
    assert init(directory) == 0
    assert directory.stat().st_mode & 0o777 == 0o700


def test_a_directory_with_anything_in_it_is_left_alone(
    directory: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    directory.mkdir()
    (directory / "thesis.txt").write_text("precious")
    assert init(directory) == 2
    assert f"{directory} is not empty; name a directory that is new" in refusal(capsys)
    assert [path.name for path in directory.iterdir()] == ["thesis.txt"]


def test_where_no_directory_can_be_it_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    assert init(tmp_path / "file" / "nzl") == 2
    assert f"cannot make {tmp_path / 'file' / 'nzl'}: Not a directory" in refusal(capsys)


@pytest.mark.parametrize(
    ("node", "nation"), [("NZL", "NZ"), ("AUS-X", "NZL"), ("", "NZL"), ("NZL-", "NZL")]
)
def test_a_node_that_is_not_its_nations_is_refused_before_anything_is_made(
    directory: Path, capsys: pytest.CaptureFixture[str], node: str, nation: str
) -> None:
    assert init(directory, node=node, nation=nation) == 2
    assert f"--node {node} --nation {nation}: " in refusal(capsys)
    assert not directory.exists()


# Somebody else's public-key infrastructure: elliptic curves, made without the code under test.


@pytest.fixture
def theirs(tmp_path: Path) -> TestAuthority:
    made = TestAuthority(tmp_path / "theirs")
    _ = made.ca
    return made


def bundle(theirs: TestAuthority, name: str, **options: Any) -> Path:
    """A file with a certificate and its key."""
    certificate, key = theirs.issue(name, name, **options)
    both = theirs.directory / f"{name}-both.pem"
    both.write_bytes(certificate.read_bytes() + key.read_bytes())
    return both


def test_an_authority_with_its_key_issues_what_the_node_needs(
    directory: Path, theirs: TestAuthority
) -> None:
    key = theirs.directory / "authority" / "ca.key"
    assert init(directory, "--authority", theirs.ca, "--authority-key", key) == 0
    authority = keystore.read_certificates(theirs.ca)
    assert keystore.read_certificates(directory / keystore.AUTHORITY) == authority
    for file in (keystore.SERVER, keystore.ADMINISTRATOR):
        assert is_issued_by(keystore.read_certificates(directory / file)[0], authority)


def test_without_the_authoritys_key_the_nodes_own_certificates_are_brought(
    directory: Path, theirs: TestAuthority
) -> None:
    server, administrator = bundle(theirs, "server"), bundle(theirs, "admin")
    given = ("--authority", theirs.ca, "--server", server, "--administrator", administrator)
    assert init(directory, *given) == 0
    assert not (directory / keystore.AUTHORITY_KEY).exists()
    own = keystore.read_certificates(directory / keystore.ADMINISTRATOR)[0]
    assert own == keystore.read_certificates(administrator)[0]
    (credential,) = People(directory / "people.sqlite").credentials()
    assert credential.principal.credential == mark_of(own)


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        (("--server", "x"), "--authority is missing"),
        (("--authority-key", "x"), "--authority is missing"),
        (("--authority", "x"), "give either --authority-key, or --server and --administrator"),
        (("--authority", "x", "--server", "x"), "give either"),
        (("--authority", "x", "--authority-key", "x", "--server", "x"), "give either"),
        (
            ("--authority", "x", "--authority-key", "x", "--server", "x", "--administrator", "x"),
            "give either",
        ),
    ],
)
def test_half_an_infrastructure_is_refused_before_anything_is_made(
    directory: Path,
    capsys: pytest.CaptureFixture[str],
    options: tuple[str, ...],
    problem: str,
) -> None:
    assert init(directory, *options) == 2
    assert problem in refusal(capsys)
    assert not directory.exists()


@pytest.fixture
def pieces(theirs: TestAuthority) -> dict[str, Path]:
    return {
        "--authority": theirs.ca,
        "--server": bundle(theirs, "server"),
        "--administrator": bundle(theirs, "admin"),
    }


def bring(directory: Path, pieces: dict[str, Path]) -> int:
    return init(directory, *(text for pair in pieces.items() for text in pair))


def test_a_certificate_of_another_authority_is_refused(
    directory: Path,
    pieces: dict[str, Path],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    stranger = TestAuthority(tmp_path / "stranger")
    _ = stranger.ca
    pieces["--server"] = bundle(stranger, "server")
    assert bring(directory, pieces) == 1
    expected = f"{pieces['--server']} was not issued by {pieces['--authority']}"
    assert expected in refusal(capsys)
    assert not directory.exists()


def test_a_certificate_with_the_key_of_another_is_refused(
    directory: Path, pieces: dict[str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    key = rsa_key().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    certificate = pieces["--server"].read_bytes().partition(b"-----BEGIN PRIVATE")[0]
    pieces["--server"].write_bytes(certificate + key)
    assert bring(directory, pieces) == 1
    assert "the key does not belong to the first certificate" in refusal(capsys)
    assert not directory.exists()


def test_a_certificate_that_is_no_authoritys_is_refused(
    directory: Path,
    pieces: dict[str, Path],
    theirs: TestAuthority,
    capsys: pytest.CaptureFixture[str],
) -> None:
    pieces["--authority"] = theirs.issue("leaf", "leaf")[0]
    assert bring(directory, pieces) == 1
    assert "is no certificate of an authority" in refusal(capsys)
    assert not directory.exists()


@pytest.mark.parametrize("piece", ["--authority", "--server", "--administrator"])
def test_a_file_that_is_missing_is_named(
    directory: Path,
    pieces: dict[str, Path],
    capsys: pytest.CaptureFixture[str],
    piece: str,
) -> None:
    pieces[piece] = pieces[piece].with_name("missing.pem")
    assert bring(directory, pieces) == 1
    assert f"cannot read {pieces[piece]}: No such file or directory" in refusal(capsys)
    assert not directory.exists()


def test_a_key_of_another_authority_is_refused(
    directory: Path, theirs: TestAuthority, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    keystore.write_key(tmp_path / "other.key", an_authority().key)
    key = tmp_path / "other.key"
    assert init(directory, "--authority", theirs.ca, "--authority-key", key) == 1
    assert "is not the key of the first certificate" in refusal(capsys)
    assert not directory.exists()


def test_certificates_below_one_that_the_authority_issued_are_taken_with_it(
    directory: Path, tmp_path: Path
) -> None:
    """The server's file holds the issuing certificate too, as public ones come."""
    root, middle = an_authority("Department"), an_issuer("Department")
    below = middle.issue_server("NZL-JFNZ", ["localhost"], START, YEAR)
    both = tmp_path / "server.pem"
    key = below.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    chain = [below.certificate, *middle.chain]
    both.write_bytes(b"".join(each.public_bytes(Encoding.PEM) for each in chain) + key)
    keystore.write_certificates(tmp_path / "root.pem", *root.chain)
    given = ("--authority", tmp_path / "root.pem", "--server", both, "--administrator", both)
    assert init(directory, *given) == 0
    assert keystore.read_certificates(directory / keystore.SERVER) == chain


def test_help_says_what_the_options_are_for(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["init", "--help"])
    assert ended.value.code == 0
    assert "bring the certificates of the server" in " ".join(capsys.readouterr().out.split())


def test_a_server_certificate_without_names_is_refused(
    directory: Path,
    pieces: dict[str, Path],
    theirs: TestAuthority,
    capsys: pytest.CaptureFixture[str],
) -> None:
    pieces["--server"] = bundle(theirs, "nameless", has_names=False)
    assert bring(directory, pieces) == 1
    assert f"{pieces['--server']} names no host and no address" in refusal(capsys)
    assert not directory.exists()


@pytest.mark.parametrize("piece", ["--server", "--administrator"])
def test_a_certificate_that_has_ended_is_refused(
    directory: Path,
    pieces: dict[str, Path],
    theirs: TestAuthority,
    capsys: pytest.CaptureFixture[str],
    piece: str,
) -> None:
    pieces[piece] = bundle(theirs, "ended", end=START - timedelta(days=300))
    assert bring(directory, pieces) == 1
    assert f"{pieces[piece]} ended on 2025-03-08: have a new one issued" in refusal(capsys)
    assert not directory.exists()
