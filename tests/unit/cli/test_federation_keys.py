import io
import json
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes

from accord.cli.main import main
from accord.core.clock import SystemClock
from accord.release.frontmatter import spell_key
from accord.security import identity
from accord.security.own_keys import OwnKeys
from accord.storage.partners import PARTNERS, Partners
from support.in_process import make_node
from support.partners import AUS, NZL, USA, partner_of

pytestmark = pytest.mark.usefixtures("quick_keys")

PARTY = spell_key(bytes(32))


@pytest.fixture
def usa(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    """A node with two partners, which has said once with which key its people sign."""
    made = make_node(tmp_path / "usa", node=USA, nation="USA")
    invite = ("partner", "invite", made, tmp_path / "usa.txt", "--party-key", PARTY)
    assert main([*map(str, invite)]) == 0
    for node in (NZL, AUS):
        Partners(made / PARTNERS).add(partner_of(node), SystemClock().now())
    capsys.readouterr()
    return made


def run(capsys: pytest.CaptureFixture[str], *words: object, code: int = 0) -> Any:
    assert main(["federation", "keys", *map(str, words)]) == code
    said = capsys.readouterr()
    return json.loads(said.out) if "--json" in words else said.out + said.err


def test_each_key_is_shown_with_what_it_is_for(
    usa: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shown = {each["key"]: each for each in run(capsys, usa, "--json")}
    assert set(shown) == {"authority", "release", "ledger", "party"}
    assert shown["release"]["since"] is None
    text = run(capsys, usa)
    assert "release: signs what is released; since the beginning" in text


def test_two_people_compare_what_each_node_shows_of_the_same_keys(
    usa: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shown = {each["key"]: each["public"] for each in run(capsys, usa, "--json")}
    text = run(capsys, usa)
    assert main(["partner", "show", str(usa), USA, "--json"]) == 0
    pinned = json.loads(capsys.readouterr().out)
    assert shown["party"] == PARTY
    assert shown["authority"] == pinned["authority_sha256"]
    certificate = x509.load_pem_x509_certificate((usa / identity.AUTHORITY).read_bytes())
    assert shown["authority"] == certificate.fingerprint(hashes.SHA256()).hex()
    assert f"  SHA-256 {shown['authority']}" in text
    for each in ("release", "ledger", "party"):
        assert shown[each] == pinned[f"{each}_key"]
        assert f"  {shown[each]}\n" in text


def test_a_key_is_replaced_and_every_partner_is_to_be_told(
    usa: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = (usa / identity.RELEASE_KEY).read_bytes()
    shown = {
        each["key"]: each for each in run(capsys, usa, "--replace", "release", "--yes", "--json")
    }
    assert (usa / identity.RELEASE_KEY).read_bytes() != before
    assert shown["release"]["waits"] == [AUS, NZL]
    assert shown["release"]["since"] is not None
    assert shown["ledger"]["waits"] == []
    OwnKeys(usa).taken(1, NZL, SystemClock().now())
    text = run(capsys, usa)
    assert f"taken by {NZL}" in text
    assert f"not taken yet by {AUS}" in text
    run(capsys, usa, "--met", AUS)
    assert OwnKeys(usa).pending(AUS) is None


def test_a_stolen_key_is_replaced_and_nobody_is_told(
    usa: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = (usa / identity.LEDGER_KEY).read_bytes()
    said = run(capsys, usa, "--replace", "ledger", "--stolen", "--yes")
    assert "have every partner compare a new invitation" in said
    assert (usa / identity.LEDGER_KEY).read_bytes() != before
    assert OwnKeys(usa).all() == []


@pytest.mark.parametrize("stolen", [(), ("--stolen",)])
def test_somebody_is_asked_before(
    usa: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    stolen: tuple[str, ...],
) -> None:
    before = (usa / identity.RELEASE_KEY).read_bytes()
    assert "nobody is here" in run(capsys, usa, "--replace", "release", *stolen, code=2)
    answer = io.StringIO("no\n")
    answer.isatty = lambda: True  # type: ignore[method-assign]
    monkeypatch.setattr("sys.stdin", answer)
    said = run(capsys, usa, "--replace", "release", *stolen, code=1)
    assert "nothing was changed" in said
    assert ("until its people have compared" in said) is bool(stolen)
    assert (usa / identity.RELEASE_KEY).read_bytes() == before
    agreed = io.StringIO("yes\n")
    agreed.isatty = lambda: True  # type: ignore[method-assign]
    monkeypatch.setattr("sys.stdin", agreed)
    run(capsys, usa, "--replace", "release", *stolen)
    assert (usa / identity.RELEASE_KEY).read_bytes() != before


def test_what_makes_no_sense_is_said(usa: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "which key was stolen" in run(capsys, usa, "--stolen", code=2)
    assert "no partner FRA-X" in run(capsys, usa, "--met", "FRA-X", code=2)
