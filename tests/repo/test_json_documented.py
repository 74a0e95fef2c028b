"""The keys that docs/reference/commands.md shows for --json are those that the commands print."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from accord.cli.main import main
from accord.core.clock import SystemClock
from accord.core.user import Session
from accord.node import requests
from accord.node.requests import Answer, RecallWanted, Told
from accord.release.frontmatter import spell_key
from accord.release.ledger.checkpoint import cosign
from accord.release.ledger.entry import Count, Refusals
from accord.storage.people import PEOPLE
from accord.storage.users import Users
from support.agreements import EXAMPLES, NZL, USA, key_of
from support.in_process import make_node
from support.keys import quick_keys as quick_keys
from support.ledger import AUTHOR, OTHER_AUTHOR, WITNESS, make_ledger, received, release
from support.ledger import KEYS as LEDGER_KEYS
from support.ledger import NZL as LNZL
from support.ledger import USA as LUSA
from support.released import RECEIVER, SIX, GivingNode, after, heard
from support.tls import TestAuthority

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "reference" / "commands.md").read_text("utf-8")
RECORDING = ROOT / "examples" / "recordings" / "tasman-2012.nmea.gz"
ID = "EXAMPLE-USA-NZL-MARITIME"
ONE_OF_THE_STATES = {"signed, not begun", "in force", "ended", "not in force"}


def documented(command: str) -> set[str]:
    """The keys in the row of --json of that command, those inside of others as well."""
    (section,) = re.findall(rf"(?ms)^## `accord {command}(?=[ `]).*?(?=^## |\Z)", PAGE)
    (row,) = re.findall(r"(?m)^\| `--json` \| (.*) \|$", section)
    words = re.findall(r"`(\w+)`(?! \(if not given\))", row)
    return set(words) - {"in", "out", "both"}


def keys(said: Any, *, free: frozenset[str] = frozenset({"groups"})) -> set[str]:
    """Every key at every depth, but those that are names in what `free` holds."""
    if isinstance(said, list):
        return set[str]().union(*(keys(each, free=free) for each in said))
    if not isinstance(said, dict):
        return set()
    inside = (keys(value, free=free) for key, value in said.items() if key not in free)
    return set(said).union(*inside)


def public_key(node: str) -> str:
    return spell_key(key_of(node).public_key().public_bytes_raw())


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a node, the parties' keys, and a worked agreement that nobody has signed."""
    folder = tmp_path_factory.mktemp("json")
    for node in (USA, NZL):
        pem = key_of(node).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        (folder / f"{node}.pem").write_bytes(pem)
    for file in (*EXAMPLES.glob("*.geojson"), EXAMPLES / "usa-nzl-maritime.md"):
        (folder / file.name).write_bytes(file.read_bytes())
    return folder


@pytest.fixture
def says(capsys: pytest.CaptureFixture[str]) -> Any:
    """Runs a command with --json and returns what it printed, read."""

    def run(*arguments: object, code: int = 0) -> Any:
        assert main([*map(str, arguments), "--json"]) == code
        printed = capsys.readouterr()
        assert printed.err == ""
        return json.loads(printed.out)

    return run


def test_the_keys_of_client_and_doctor(
    tmp_path: Path, quick_keys: None, says: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    node = make_node(tmp_path / "node")
    capsys.readouterr()
    added = says("client", "add", node, "kiwi-1", "--group", "Blue:in")
    assert keys(added) == documented("client add")
    listed = says("client", "list", node)
    assert keys(listed) == documented("client list")
    assert keys(says("client", "revoke", node, "kiwi-1")) == documented("client revoke")
    assert keys(says("doctor", node, code=1)) == documented("doctor")  # it does not run


def test_the_keys_of_user(
    tmp_path: Path, quick_keys: None, says: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    node = make_node(tmp_path / "node")
    assert main(["user", "add", str(node), "moana", "--group", "Blue", "--generate"]) == 0
    users = Users(node / PEOPLE)
    now = SystemClock().now()
    at = {"mark": "m", "key": "moana", "begun": now, "used": now, "address": "192.0.2.1"}
    users.begin(Session(**at), users.roll().accounts["moana"].hash)
    capsys.readouterr()
    assert keys(says("user", "list", node)) == documented("user list")
    shown = documented("user list") | documented("user show")
    assert keys(says("user", "show", node, "moana")) == shown


def test_the_keys_of_certificates_and_the_audit(
    tmp_path: Path, quick_keys: None, says: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    node = make_node(tmp_path / "node")
    capsys.readouterr()
    says("client", "add", node, "kea", "--group", "Blue", "--enrol")
    assert keys(says("client", "token", node, "kea")) == documented("client token")
    assert keys(says("certificates", node)) == documented("certificates")
    assert keys(says("audit", "list", node)) == documented("audit list")


def test_the_keys_of_partner(tmp_path: Path, quick_keys: None, says: Any, capsys: Any) -> None:
    ours = make_node(tmp_path / "ours")
    theirs = make_node(tmp_path / "theirs", node=USA, nation=USA[:3])
    capsys.readouterr()
    invited = says("partner", "invite", ours, tmp_path / "x", "--party-key", public_key(NZL))
    assert keys(invited) == documented("partner invite")
    file, key = tmp_path / "y", public_key(USA)
    words = says("partner", "invite", theirs, file, "--party-key", key)["words"]
    added = says("partner", "add", ours, file, "--expect", words)
    assert keys(added) == documented("partner add")
    assert keys(says("partner", "list", ours)) == documented("partner list")
    shown = documented("partner list") | documented("partner show")
    assert keys(says("partner", "show", ours, "NZL-X")) == shown
    assert keys(says("partner", "show", ours, USA)) == shown - {"certificate_ends"}
    assert keys(says("partner", "clear", ours, USA)) == documented("partner clear")
    assert keys(recalled(ours, says)) == documented("federation recall")
    assert keys(says("federation", "keys", ours)) == documented("federation keys")
    accepted = says("ledger", "accept", ours, USA, "--yes")
    assert keys(accepted) == documented("ledger accept")
    ca, ours_of = TestAuthority(tmp_path / "tak").ca, ("--name", "AUS-TAK", "--any-certificate")
    server = says("partner", "add-tak", ours, *ours_of, "--ca", ca, "--dial", "tak.example:9001")
    assert keys(server) == documented("partner add-tak")
    for command in ("deny", "allow", "remove"):
        assert keys(says("partner", command, ours, USA)) == documented(f"partner {command}")


def recalled(ours: Path, says: Any) -> Any:
    """What is printed of a recall that has not left yet, with what the node said of it."""
    told = Told(partner=USA, digest="ab", agreement=ID, clause="1", name="SHIP")
    (ours / requests.REQUESTS).mkdir()
    requests.answer(ours, 1, Answer(partners=[USA], recalls=[told]))
    ask = ("federation", "recall", ours, USA, "--object", "SHIP", "--reason", "x", "--wait", "0")
    return says(*ask, code=1)


def test_the_keys_of_agreement_from_check_to_suspend(
    place: Path, tmp_path: Path, says: Any
) -> None:
    document = place / "usa-nzl-maritime.md"
    assert keys(says("agreement", "check", document)) == documented("agreement check")
    proved = documented("agreement prove") - {"counterexample"}
    assert keys(says("agreement", "prove", document)) == proved
    why = says("agreement", "explain", document, "frigate off Raoul Island", NZL)
    assert keys(why) == documented("agreement explain")
    assert keys(says("agreement", "verify", document, code=1)) == documented("agreement verify")
    for node in (USA, NZL):
        signed = says("agreement", "sign", document, "--node", node, "--key", place / f"{node}.pem")
        assert keys(signed) == documented("agreement sign")
    assert keys(says("agreement", "key", place / f"{NZL}.pem")) == documented("agreement key")
    trust = [f"--trust={node}={public_key(node)}" for node in (USA, NZL)]
    active = says("agreement", "activate", tmp_path, document, *trust)
    assert keys(active) == documented("agreement activate")
    assert active["state"] in ONE_OF_THE_STATES
    assert keys(says("agreement", "list", tmp_path)) == documented("agreement list")
    paused = says("agreement", "pause", tmp_path, ID, "--reason", "x")
    assert keys(paused) == documented("agreement pause")
    assert keys(says("agreement", "resume", tmp_path, ID)) == documented("agreement resume")
    by = ("--node", NZL, "--key", place / f"{NZL}.pem")
    assert keys(says("agreement", "suspend", tmp_path, ID, *by)) == documented("agreement suspend")


def test_the_keys_of_what_is_counted_on_a_recording(place: Path, says: Any) -> None:
    document, changed = place / "usa-nzl-maritime.md", place / "changed.md"
    text = document.read_text("utf-8")
    changed.write_text(text.replace("serial = 1", "serial = 2"), "utf-8")
    mark = ("--marking", "(U//REL TO NZL)")
    seen = says("agreement", "preview", document, "--recording", RECORDING, *mark)
    assert keys(seen) == documented("agreement preview")
    compared = says("agreement", "diff", document, changed, "--against", RECORDING, *mark)
    assert keys(compared) | {"receiver", "what", "before", "after", "reports", "objects"} == (
        documented("agreement diff")
    )


def test_the_keys_of_ledger(tmp_path: Path, quick_keys: None, says: Any, capsys: Any) -> None:
    ours, file = make_node(tmp_path / "ours"), tmp_path / "exported"
    capsys.readouterr()
    ledger = make_ledger(ours, [release(number) for number in range(1, 1030)])
    ledger.keep(cosign(ledger.sign(AUTHOR), WITNESS, 1), LEDGER_KEYS)
    ledger.close()
    mirror = make_ledger(tmp_path / "theirs", [received(1, marking="x")], mine=LNZL, partner=LUSA)
    mirror.sign(OTHER_AUTHOR)
    mirror.close()
    assert keys(says("ledger", "list", ours)) == documented("ledger list")
    shown = keys(says("ledger", "show", ours))
    assert shown - documented("ledger show") == set(release(1).__dataclass_fields__)
    proof = tmp_path / "proof"
    proved = says("ledger", "prove", ours, LNZL.node, 1)
    assert keys(proved) == documented("ledger prove")
    proof.write_text(proved["proof"], "utf-8")
    believed = [f"--key={each}" for each in proved["keys"]]
    checked = says("ledger", "check-proof", proof, *believed)
    assert keys({**checked, "line": None}) == documented("ledger check-proof") - {"show"}
    found = says("ledger", "verify", ours, "--key", WITNESS.cosigner_key.spell(), code=1)
    assert keys(found) == documented("ledger verify")
    theirs = ("export", tmp_path / "theirs", LUSA.node, file)
    assert keys(says("ledger", *theirs)) == documented("ledger export")
    key = f"--key={OTHER_AUTHOR.key.spell()}"
    compared = says("ledger", "compare", ours, LNZL.node, file, key, code=1)
    assert keys(compared) == documented("ledger compare")
    why = ("--through", "1024", "--reason", "old")
    assert keys(says("ledger", "prune", ours, LNZL.node, *why)) == documented("ledger prune")
    renewed = says("ledger", "renew", ours, LNZL.node, "--reason", "lost")
    assert keys(renewed) == documented("ledger renew")


def test_the_keys_of_why_and_picture(tmp_path: Path, says: Any) -> None:
    node = GivingNode.make(tmp_path / "node")
    ship = heard("SHIP-1", 0)
    counts = (Count(clause="1", reason="x", sort="a-f-S", count=1),)
    refused = Refusals(agreement="SMALL", serial=1, since=SIX, until=SIX, counts=counts)
    node.journal([ship])
    node.note(SIX, refused)
    node.release(ship, after(1))
    node.release(heard("SHIP-2", 0), after(1))
    node.ledger()
    wanted = RecallWanted(partner=RECEIVER, uid="SHIP-1")
    requests.put(node.directory, wanted, reason="wrong", by="moana", at=SIX)
    recalls = {"recall", "last_recall", "called_back"}
    as_elsewhere = frozenset({"says", "last_release", "last_received", *recalls})
    told = says("why", node.directory, "SHIP-1")
    assert keys(told, free=as_elsewhere) == documented("why")
    seen = says("picture", node.directory, "--as", RECEIVER, "--at", after(2).isoformat())
    assert keys(seen) == documented("picture")
    assert len(seen["gone"]) == len(seen["objects"]) == 1


def test_an_agreement_that_is_refused_says_so_as_the_page_shows(
    place: Path, tmp_path: Path, says: Any
) -> None:
    document = tmp_path / "torn.md"
    document.write_bytes((place / "usa-nzl-maritime.md").read_bytes()[:500])
    said = says("agreement", "check", document, code=1)
    (shown,) = re.findall(r"`(\{\"ok\": false.*?\})`", PAGE)
    assert keys(said) == set(re.findall(r'"(\w+)"', shown))


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (("status", "nowhere"), 1),
        (("client", "list", "nowhere"), 2),
        (("agreement", "check", "no.md"), 2),
    ],
)
def test_a_failure_is_one_line_on_stderr_also_with_json(
    command: tuple[str, ...],
    code: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main([*command, "--json"]) == code
    printed = capsys.readouterr()
    assert printed.out == ""
    assert re.fullmatch(r"accord: .+\n", printed.err)
