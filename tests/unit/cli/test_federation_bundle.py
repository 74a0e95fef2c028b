import json
import re
from collections.abc import Callable
from dataclasses import asdict, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from accord.cli import asking, federation_bundle
from accord.cli.main import main
from accord.core.clock import SystemClock
from accord.federation import bundle
from accord.federation.bundle import Head
from accord.node import node, requests
from accord.node.bundles import IN, OUT
from accord.node.requests import Answer, BundleTold, ExportWanted, ImportWanted
from accord.storage.partners import PARTNERS, Partners
from accord.wire.peer.translate import milliseconds
from support.in_process import make_node
from support.ledger import NZL
from support.ledger import USA as OWN
from support.partners import partner_of

pytestmark = pytest.mark.usefixtures("quick_keys")

NAME = "01" * 16


def told(**changes: Any) -> BundleTold:
    now = milliseconds(SystemClock().now())
    return replace(
        BundleTold(partner=NZL.node, id=NAME, made=now, items=3, bytes=8, file=NAME), **changes
    )


def a_bundle(writer: str = NZL.node, reader: str = OWN.node) -> bytes:
    data = bundle.begin(Head(id=b"i" * 16, writer=writer, reader=reader, made=1_795_000_000_000))
    data += bundle.framed(b"hello") + bundle.END
    return data + sha256(data).digest() + bytes(64)


@pytest.fixture
def usa(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    made = make_node(tmp_path / "usa", node=OWN.node, nation="USA")
    register = Partners(made / PARTNERS)
    register.prepare()
    register.add(partner_of(NZL.node), SystemClock().now())
    capsys.readouterr()
    return made


@pytest.fixture
def answers(usa: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[Answer], None]:
    """Lets a node that runs answer so, and put a bundle where one is written."""

    def set_to(said: Answer) -> None:
        def sleep(_: float) -> None:
            (number,) = requests.numbers(usa)
            (usa / OUT).mkdir(parents=True, exist_ok=True)
            (usa / OUT / NAME).write_bytes(b"a bundle")
            requests.answer(usa, number, said)

        monkeypatch.setattr(asking, "runs", lambda _: True)
        monkeypatch.setattr(asking.time, "sleep", sleep)

    return set_to


def run(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, str]:
    code = main(["federation", *map(str, words)])
    out, err = capsys.readouterr()
    return code, out or err


def test_a_bundle_of_the_node_is_put_where_it_is_wanted(
    usa: Path, tmp_path: Path, answers: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    answers(Answer(bundle=told()))
    file = tmp_path / "stick"
    code, said = run(capsys, "export", usa, "--partner", NZL.node, file)
    assert code == 0
    assert file.read_bytes() == b"a bundle"
    assert not (usa / OUT / NAME).exists()
    assert f"for {NZL.node}, 3 reports and records" in said
    assert "not encrypted" in said
    assert requests.read(usa, 1).wanted == ExportWanted(partner=NZL.node)
    again, said = run(capsys, "export", usa, "--partner", NZL.node, file)
    assert (again, "is there already" in said) == (2, True)


def test_it_is_said_when_a_bundle_holds_less_than_everything(
    usa: Path, tmp_path: Path, answers: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    answers(Answer(bundle=told(is_known=False, is_whole=False)))
    _, said = run(capsys, "export", usa, "--partner", NZL.node, tmp_path / "stick")
    assert "has not said yet what it holds" in said
    assert "does not hold everything" in said


def test_what_is_taken_in_is_put_before_the_node(
    usa: Path, tmp_path: Path, answers: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    answers(Answer(bundle=told(fresh=2)))
    file = tmp_path / "stick"
    file.write_bytes(a_bundle())
    code, said = run(capsys, "import", usa, file)
    assert code == 0
    assert "new here: 2" in said
    name = sha256(a_bundle()).hexdigest()
    assert (usa / IN / name).read_bytes() == a_bundle()
    assert requests.read(usa, 1).wanted == ImportWanted(partner=NZL.node, file=name)


@pytest.mark.parametrize("words", [("export",), ("import",)])
def test_machines_are_told_the_same(
    usa: Path, tmp_path: Path, answers: Any, capsys: pytest.CaptureFixture[str], words: tuple[str]
) -> None:
    answers(Answer(bundle=told(fresh=1)))
    file = tmp_path / "stick"
    partner: tuple[str, ...] = ("--partner", NZL.node)
    if words == ("import",):
        file.write_bytes(a_bundle())
        partner = ()
    code, said = run(capsys, *words, usa, file, *partner, "--json")
    assert code == 0
    row = json.loads(said)
    assert (row["partner"], row["items"], row["new"], row["whole"]) == (NZL.node, 3, 1, True)
    assert row["bundle"] == NAME


def test_a_refusal_is_a_sentence_and_leaves_no_file(
    usa: Path, tmp_path: Path, answers: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    answers(Answer(refused="the link to it is up"))
    file = tmp_path / "stick"
    assert run(capsys, "export", usa, "--partner", NZL.node, file) == (
        1, "accord: the link to it is up\n",
    )  # fmt: skip
    assert not file.exists()


def test_a_node_that_does_not_answer_is_not_waited_for_for_ever(
    usa: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(asking, "runs", lambda _: True)
    words = ("export", usa, "--partner", NZL.node, tmp_path / "stick", "--wait", "0")
    code, said = run(capsys, *words)
    assert (code, "has not done it" in said) == (1, True)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"%PDF", "no bundle"),
        (a_bundle()[:-70], "cut off"),
        (a_bundle(reader="AUS-X"), "'AUS-X'"),
        (a_bundle(writer="AUS-X"), "no partner 'AUS-X'"),
    ],
)
def test_what_is_not_for_this_node_of_a_partner_is_not_put_before_it(
    usa: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], data: bytes, said: str
) -> None:
    file = tmp_path / "stick"
    file.write_bytes(data)
    code, words = run(capsys, "import", usa, file)
    assert code == 1
    assert said in words
    assert not (usa / IN).exists()
    assert not (usa / requests.REQUESTS).exists()


def test_a_file_that_is_not_there_or_too_long_is_said(
    usa: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, said = run(capsys, "import", usa, tmp_path / "none")
    assert (code, "cannot read" in said) == (1, True)
    settings = usa / "accord.toml"
    said, count = re.subn("(?m)^# ?bundle_bytes = .*$", "bundle_bytes = 10", settings.read_text())
    assert count == 1
    settings.write_text(said, "utf-8")
    (tmp_path / "long").write_bytes(a_bundle())
    code, said = run(capsys, "import", usa, tmp_path / "long")
    assert (code, "link.bundle_bytes" in said) == (1, True)


def test_nothing_is_asked_for_a_file_that_cannot_be_written_or_for_a_stranger(
    usa: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, said = run(capsys, "export", usa, "--partner", NZL.node, tmp_path / "no" / "stick")
    assert (code, "no directory" in said) == (2, True)
    code, said = run(capsys, "export", usa, "--partner", "AUS-X", tmp_path / "stick")
    assert (code, "no partner" in said) == (2, True)
    assert not (usa / requests.REQUESTS).exists()


def test_a_node_that_does_not_run_does_it_without_listeners_and_feeds(
    usa: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    seen: list[Any] = []

    async def serve(directory: Path, settings: Any, *, ready: Callable[[str], None]) -> None:
        seen.append(settings)
        ready("")
        (number,) = requests.numbers(directory)
        (usa / OUT).mkdir(parents=True)
        (usa / OUT / NAME).write_bytes(b"a bundle")
        requests.answer(directory, number, Answer(bundle=told()))

    monkeypatch.setattr(node, "serve", serve)
    monkeypatch.setattr(federation_bundle, "LOOK_EVERY", 0.001)
    code, _ = run(capsys, "export", usa, "--partner", NZL.node, tmp_path / "stick")
    assert code == 0
    (settings,) = seen
    assert {each for each in asdict(settings.listen).values() if each} == set()
    assert settings.feed == {}


def test_what_a_node_that_does_not_run_refuses_is_said(
    usa: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def serve(directory: Path, _: Any, *, ready: Callable[[str], None]) -> None:
        ready("")
        (number,) = requests.numbers(directory)
        requests.answer(directory, number, Answer(refused="it was imported before"))

    monkeypatch.setattr(node, "serve", serve)
    file = tmp_path / "stick"
    file.write_bytes(a_bundle())
    assert run(capsys, "import", usa, file) == (1, "accord: it was imported before\n")
