import json
import os
import stat
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from accord.cli import asking
from accord.cli.agreement_text import loaded
from accord.core.errors import AccordError, UsageError
from accord.node import requests
from accord.node.requests import Answer, InFlight, SuspensionWanted
from accord.release.fault import AgreementError
from accord.release.frontmatter import spell_key
from accord.release.signature import Act, Record, sign, spell_record
from accord.storage.agreements import Agreements
from accord.storage.partners import PARTNERS
from support.agreement_command import accord_agreement
from support.agreements import key_of
from support.small_agreement import FILES, GIVER, ID, KEYS, RECEIVER, small

TRUST = [word for node in KEYS for word in ("--trust", f"{node}={spell_key(KEYS[node])}")]

Say = Callable[..., str]


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str]) -> Say:
    """Runs the command, which must be done well, and gives what it printed."""

    def run(*arguments: object, code: int = 0) -> str:
        assert accord_agreement(*arguments) == code
        return capsys.readouterr().out

    return run


@pytest.fixture
def tell(say: Say) -> Callable[..., Any]:
    def run(*arguments: object, code: int = 0) -> Any:
        return json.loads(say(*arguments, "--json", code=code))

    return run


@pytest.fixture
def text(tmp_path: Path) -> Path:
    """A document that nobody has signed yet, and both parties' keys beside it."""
    for name, data in FILES.items():
        (tmp_path / name).write_bytes(data)
    for node in KEYS:
        _write_key(tmp_path, node)
    (tmp_path / "node").mkdir()
    return _write_text(tmp_path, 1)


def _write_key(directory: Path, node: str) -> None:
    pem = key_of(node).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (directory / f"{node}.pem").write_bytes(pem)


def _write_text(directory: Path, serial: int) -> Path:
    path = directory / f"small-{serial}.md"
    path.write_bytes(small(serial))
    return path


def _sign(text: Path, *nodes: str) -> None:
    for node in nodes:
        assert accord_agreement("sign", text, "--node", node, "--key", _key(text, node)) == 0


def _key(text: Path, node: str) -> Path:
    return text.with_name(f"{node}.pem")


def _activated(text: Path, say: Say) -> Path:
    _sign(text, *KEYS)
    node = text.with_name("node")
    say("activate", node, text, *TRUST)
    return node


def test_a_key_is_made_once_and_only_its_owner_can_read_it(
    tmp_path: Path, say: Say, tell: Callable[..., Any]
) -> None:
    path = tmp_path / "own.pem"
    public = say("key", path)
    assert public.startswith("ed25519:")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    made = path.read_bytes()
    assert tell("key", path) == {"key": public.strip()}
    assert path.read_bytes() == made


def test_the_public_key_shown_is_that_of_the_private_one(text: Path, say: Say) -> None:
    assert say("key", _key(text, GIVER)) == f"{spell_key(KEYS[GIVER])}\n"


def test_what_is_no_ed25519_key_is_wrong_use(tmp_path: Path) -> None:
    path = tmp_path / "own.pem"
    path.write_text("words")
    with pytest.raises(UsageError, match=r"own\.pem: no private key that can be read"):
        accord_agreement("key", path)
    other = ec.generate_private_key(ec.SECP256R1())
    path.write_bytes(other.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    with pytest.raises(UsageError, match="Ed25519"):
        accord_agreement("key", path)
    with pytest.raises(UsageError, match="the key cannot be written"):
        accord_agreement("key", tmp_path / "none" / "own.pem")


def test_each_party_signs_and_the_text_says_who_has_not(
    text: Path, say: Say, tell: Callable[..., Any]
) -> None:
    said = tell("verify", text, code=1)
    assert said == {
        "ok": False, "faults": [f"{GIVER} has not signed it", f"{RECEIVER} has not signed it"],
    }  # fmt: skip
    path = text.with_name(f"small-1.md.{GIVER}.agree.sig")
    signed = say("sign", text, "--node", GIVER, "--key", _key(text, GIVER))
    assert signed == f"signed: {path}\n"
    assert say("verify", text, code=1) == f"{RECEIVER} has not signed it\n"
    said = tell("sign", text, "--node", RECEIVER, "--key", _key(text, RECEIVER))
    assert Path(said["signature"]).is_file()
    assert say("verify", text) == f"{ID} serial 1: signed by {RECEIVER}, {GIVER}\n"
    assert tell("verify", text) == {"ok": True, "faults": []}


def test_a_byte_changed_after_signing_is_found(text: Path, say: Say) -> None:
    _sign(text, *KEYS)
    say("verify", text)
    text.write_bytes(text.read_bytes().replace(b"Ships wholly", b"Ships  wholly"))
    out = say("verify", text, code=1)
    assert f"{GIVER} signed another text: the bytes are not the same" in out


def test_nobody_signs_for_another_or_with_a_key_that_is_not_pinned(text: Path) -> None:
    with pytest.raises(AccordError, match="not the key that the agreement pins"):
        accord_agreement("sign", text, "--node", GIVER, "--key", _key(text, RECEIVER))
    with pytest.raises(AccordError, match="TON-C is none of the parties"):
        accord_agreement("sign", text, "--node", "TON-C", "--key", _key(text, GIVER))
    with pytest.raises(UsageError, match="no private key"):
        accord_agreement("sign", text, "--node", GIVER, "--key", text.with_name("none.pem"))
    assert list(text.parent.glob("*.sig")) == []


def test_what_does_not_load_is_not_signed(text: Path) -> None:
    text.write_bytes(text.read_bytes().replace(b"context.synchronised &&", b""))
    with pytest.raises(AgreementError, match="not proved"):
        accord_agreement("sign", text, "--node", GIVER, "--key", _key(text, GIVER))
    assert list(text.parent.glob("*.sig")) == []


def test_a_signed_text_is_activated_with_keys_that_were_compared(
    text: Path, say: Say, tell: Callable[..., Any]
) -> None:
    _sign(text, *KEYS)
    node = text.with_name("node")
    with pytest.raises(AgreementError, match="compare ed25519:"):
        accord_agreement("activate", node, text)
    assert Agreements(node / "agreements").list() == []
    say("list", node)
    assert f": {ID} serial 1\n" in say("activate", node, text, *TRUST)
    said = tell("activate", node, text)
    assert (said["id"], said["serial"]) == (ID, 1)
    assert Agreements(node / "agreements").in_force(ID).loaded.agreement.serial == 1


def test_a_refused_text_leaves_the_one_in_force(text: Path, say: Say) -> None:
    node = _activated(text, say)
    second = _write_text(text.parent, 2)
    with pytest.raises(AgreementError, match="has not signed it"):
        accord_agreement("activate", node, second)
    assert Agreements(node / "agreements").in_force(ID).loaded.agreement.serial == 1


@pytest.mark.parametrize(
    ("more", "said"), [(["--trust", f"{GIVER}=AAAA"], "option --trust: a key is ed25519:")]
)
def test_a_key_that_is_none_is_wrong_use(text: Path, more: list[str], said: str) -> None:
    _sign(text, *KEYS)
    with pytest.raises(UsageError, match=said):
        accord_agreement("activate", text.with_name("node"), text, *more)


def test_a_node_that_is_not_there_is_wrong_use(text: Path) -> None:
    with pytest.raises(UsageError, match="is no directory of a node"):
        accord_agreement("list", text.with_name("nowhere"))


def test_one_party_stops_it_and_gets_what_to_tell_the_others(
    text: Path, say: Say, capsys: pytest.CaptureFixture[str]
) -> None:
    node = _activated(text, say)
    stop = ["suspend", node, ID, "--node", RECEIVER, "--key", _key(text, RECEIVER)]
    assert accord_agreement(*stop) == 0
    record, said = capsys.readouterr()
    assert said == f"no longer in force: {ID} serial 1; tell the other parties:\n"
    assert record.startswith("accord agreement signature 1\nact: suspend\n")
    assert f"{RECEIVER} suspended it at" in say("list", node)
    with pytest.raises(AgreementError, match="suspended"):
        accord_agreement("activate", node, text)
    # What it was told can be laid beside the text elsewhere, and stops it there too.
    text.with_name(f"small-1.md.{RECEIVER}.suspend.sig").write_text(record)
    assert "suspended" in say("verify", text, code=1)


def test_what_another_party_signed_stops_it_here_too(text: Path, say: Say) -> None:
    node = _activated(text, say)
    with pytest.raises(UsageError, match="say --node and --key to sign it, or --record"):
        accord_agreement("suspend", node, ID)
    told = text.with_name("told.sig")
    told.write_text(spell_record(_stop(text, RECEIVER)))
    say("suspend", node, ID, "--record", told)
    assert f"{RECEIVER} suspended it at" in say("list", node)


def test_what_one_node_prints_is_taken_by_another_as_it_is(text: Path, say: Say) -> None:
    node = _activated(text, say)
    other = text.with_name("other")
    other.mkdir()
    say("activate", other, text, *TRUST)
    told = text.with_name("stop.sig")
    told.write_text(say("suspend", node, ID, "--node", RECEIVER, "--key", _key(text, RECEIVER)))
    say("suspend", other, ID, "--record", told)
    assert f"{RECEIVER} suspended it at" in say("list", other)


def test_a_signature_that_stops_nothing_or_is_forged_changes_nothing(text: Path, say: Say) -> None:
    node = _activated(text, say)
    (agreed, *_) = sorted(text.parent.glob("*.agree.sig"))
    with pytest.raises(UsageError, match=f"this does not stop {ID}"):
        accord_agreement("suspend", node, ID, "--record", agreed)
    forged = text.with_name("forged.sig")
    forged.write_text(spell_record(replace(_stop(text, RECEIVER), node=GIVER)))
    with pytest.raises(AgreementError, match=f"the signature of {GIVER} is not right"):
        accord_agreement("suspend", node, ID, "--record", forged)
    assert Agreements(node / "agreements").in_force(ID)


def _stop(text: Path, node: str) -> Record:
    terms = loaded(text).agreement
    return sign(terms, Act.SUSPEND, node=node, key=key_of(node), at=terms.since)


def test_a_party_can_withdraw_for_good(text: Path, say: Say, tell: Callable[..., Any]) -> None:
    node = _activated(text, say)
    said = tell("suspend", node, ID, "--node", GIVER, "--key", _key(text, GIVER), "--withdraw")
    assert "act: withdraw\n" in said["record"]
    (held,) = tell("list", node)
    assert held["state"] == "not in force"
    assert held["faults"][0].startswith(f"{GIVER} withdrew it at")


def test_nobody_else_stops_it(text: Path, say: Say) -> None:
    node = _activated(text, say)
    with pytest.raises(AccordError, match="not the key that the agreement pins"):
        accord_agreement("suspend", node, ID, "--node", GIVER, "--key", _key(text, RECEIVER))
    with pytest.raises(UsageError, match="holds no agreement 'OTHER'"):
        # What is wrong is no text, so it is said on stderr as anywhere, with --json too.
        accord_agreement(
            "suspend", node, "OTHER", "--node", GIVER, "--key", _key(text, GIVER), "--json"
        )
    assert Agreements(node / "agreements").in_force(ID)


@pytest.mark.parametrize(
    ("years", "state"),
    [
        (("2020", "9000"), "in force"),
        (("8000", "9000"), "signed, not begun"),
    ],
)
def test_activate_and_list_say_how_each_stands_now(
    text: Path, say: Say, tell: Callable[..., Any], years: tuple[str, str], state: str
) -> None:
    _rewrite(text, years)
    node = _activated(text, say)
    assert say("activate", node, text).startswith(f"{state}: {ID} serial 1\n")
    said = tell("activate", node, text)
    assert (said["id"], said["serial"], said["state"]) == (ID, 1, state)
    assert said["until"] == f"{years[1]}-01-01T00:00:00+00:00"
    (held,) = tell("list", node)
    assert (held["id"], held["serial"], held["state"]) == (ID, 1, state)
    assert (held["givers"], held["receivers"]) == ([GIVER], [RECEIVER])
    assert held["since"] == f"{years[0]}-01-01T00:00:00+00:00"
    out = say("list", node)
    assert state in out
    assert f"{GIVER} -> {RECEIVER}" in out


def _rewrite(text: Path, years: tuple[str, str]) -> None:
    words = text.read_text()
    for before, now in zip(("2027", "2028"), years, strict=True):
        words = words.replace(f"{before}-01-01", f"{now}-01-01")
    text.write_text(words)


def test_one_that_has_ended_is_not_activated_and_the_one_in_force_stays(
    text: Path, say: Say
) -> None:
    _rewrite(text, ("2020", "9000"))
    node = _activated(text, say)
    second = _write_text(text.parent, 2)
    _rewrite(second, ("2020", "2021"))
    _sign(second, *KEYS)
    with pytest.raises(AccordError, match="ended at 2021-01-01 00:00Z: it is not activated") as no:
        accord_agreement("activate", node, second)
    assert no.value.exit_code == 1
    assert Agreements(node / "agreements").in_force(ID).loaded.agreement.serial == 1


def test_one_that_begins_later_says_when_and_what_it_takes_the_place_of(
    text: Path, say: Say
) -> None:
    _rewrite(text, ("2020", "9000"))
    node = _activated(text, say)
    second = _write_text(text.parent, 2)
    _rewrite(second, ("8000", "9000"))
    _sign(second, *KEYS)
    say("list", node)
    assert say("activate", node, second) == (
        f"signed, not begun: {ID} serial 2\n"
        "it begins at 8000-01-01 00:00Z; until then nothing flows by it, and no more by serial 1\n"
    )
    again = say("activate", node, second)
    assert again.endswith("until then nothing flows by it\n")


def test_a_node_that_holds_none_says_so_and_what_to_do(text: Path, say: Say) -> None:
    node = text.with_name("node")
    assert say("list", node) == (
        "no agreement is activated here, so nothing flows to anybody: "
        f"accord agreement activate {node} FILE\n"
    )


def test_one_that_ended_since_it_was_activated_is_listed_as_ended(text: Path, say: Say) -> None:
    _rewrite(text, ("2020", "2021"))
    _sign(text, *KEYS)
    place = text.with_name("node") / "agreements" / ID / "1"
    place.mkdir(parents=True)
    for file in (*FILES, *(each.name for each in text.parent.glob("*.sig"))):
        (place / file.removeprefix("small-1.md.")).write_bytes((text.parent / file).read_bytes())
    (place / "agreement.md").write_bytes(text.read_bytes())
    (place.parent / "current").write_text("1\n")
    assert f"{ID} serial 1: ended\n" in say("list", text.with_name("node"))


def test_one_that_does_not_load_any_more_is_listed_with_its_faults(
    text: Path, say: Say, tell: Callable[..., Any]
) -> None:
    node = _activated(text, say)
    (node / "agreements" / ID / "1" / "sea.geojson").unlink()
    (held,) = tell("list", node)
    assert held["state"] == "not in force"
    assert "title" not in held
    assert "there is no file sea.geojson" in say("list", node)


def _with_partners(node: Path) -> None:
    (node / "federation").mkdir()
    (node / PARTNERS).touch()


def _runs(node: Path) -> None:
    (node / "run").mkdir()
    said = {"pid": os.getpid(), "listeners": {}}
    (node / "run" / "listeners.json").write_text(json.dumps(said))


def test_a_node_without_partners_is_asked_for_nothing(
    text: Path, say: Say, tell: Callable[..., Any]
) -> None:
    node = _activated(text, say)
    said = tell("suspend", node, ID, "--node", GIVER, "--key", _key(text, GIVER))
    assert (said["state"], said["partners"], said["in_flight"]) == ("alone", [], [])
    assert not (node / requests.REQUESTS).exists()


def test_a_node_that_does_not_run_is_asked_to_tell_its_partners_when_it_does(
    text: Path, say: Say, capsys: pytest.CaptureFixture[str]
) -> None:
    node = _activated(text, say)
    _with_partners(node)
    stop = ["suspend", node, ID, "--node", GIVER, "--key", _key(text, GIVER), "--reason", "leak"]
    assert accord_agreement(*stop) == 0
    record, said = capsys.readouterr()
    assert "partners are told when it runs" in said
    asked = requests.read(node, 1)
    assert asked.wanted == SuspensionWanted(agreement=ID, serial=1, record=record)
    assert asked.reason == "leak"


def test_a_running_node_is_told_before_the_record_stops_it_and_says_what_is_in_flight(
    text: Path, say: Say, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    node = _activated(text, say)
    _with_partners(node)
    _runs(node)
    flying = InFlight(partner=RECEIVER, name="P-1", agreement=ID, clause="1", form="exact")

    def sleep(_: float) -> None:
        # The record would end the link, and with it what is known of its frames.
        assert Agreements(node / "agreements").in_force(ID)
        answer = Answer(partners=[RECEIVER], in_flight=[flying])
        requests.answer(node, requests.read(node, 1).number, answer)

    monkeypatch.setattr(asking.time, "sleep", sleep)
    assert accord_agreement("suspend", node, ID, "--node", GIVER, "--key", _key(text, GIVER)) == 0
    said = capsys.readouterr().err
    assert f"told: {RECEIVER}\n" in said
    assert "may or may not get it: 1 releases\n" in said
    assert f"  P-1 to {RECEIVER}, clause 1, form exact\n" in said
    assert requests.read(node, 1).reason == f"suspend by {GIVER}"
    assert f"{GIVER} suspended it at" in say("list", node)


def test_whatever_the_node_says_the_agreement_is_stopped(
    text: Path, say: Say, capsys: pytest.CaptureFixture[str]
) -> None:
    node = _activated(text, say)
    _with_partners(node)
    (node / requests.REQUESTS).write_bytes(b"")  # nothing can be asked for
    stop = ["suspend", node, ID, "--node", GIVER, "--key", _key(text, GIVER)]
    with pytest.raises(UsageError, match="option --reason"):
        accord_agreement(*stop, "--reason", "two\nlines")
    assert Agreements(node / "agreements").in_force(ID)
    assert accord_agreement(*stop) == 0
    assert "the node cannot be told: cannot write" in capsys.readouterr().err
    assert f"{GIVER} suspended it at" in say("list", node)
