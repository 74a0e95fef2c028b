import io
import json
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from accord.cli.main import main
from accord.core.clock import SystemClock
from accord.federation.guard.books import Books
from accord.federation.latch import Latch
from accord.node.directory import held
from accord.release.ledger.checkpoint import origin_of
from accord.release.ledger.entry import Gap, Seen, decode
from accord.security import identity
from accord.security.own_keys import ourselves
from accord.security.signing import SigningKey
from accord.storage.ledger_reader import LedgerReader, ended_of, partners_of, path_of
from accord.storage.partners import PARTNERS, Partners
from support.in_process import make_node
from support.ledger import AT, release
from support.partners import NZL, USA, name_of, partner_of, signing_key

pytestmark = pytest.mark.usefixtures("quick_keys")


@pytest.fixture
def usa(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    """A node with NZL for a partner, and a ledger of three releases to it, signed."""
    made = make_node(tmp_path / "usa", node=USA, nation="USA")
    register = Partners(made / PARTNERS)
    register.prepare()
    register.add(partner_of(NZL), SystemClock().now())
    with closing(books(made)) as its:
        its.enter([release(number) for number in (1, 2, 3)], AT)
        its.sign()
    capsys.readouterr()
    return made


def books(directory: Path) -> Books:
    key = SigningKey.load(directory / identity.LEDGER_KEY)
    return Books(directory, name_of(USA), partner_of(NZL), key)


def run(capsys: pytest.CaptureFixture[str], *words: object, code: int = 0) -> str:
    assert main(["ledger", *map(str, words)]) == code
    said = capsys.readouterr()
    return said.out + said.err


def test_another_ledger_is_begun_and_the_one_before_is_kept_whole(
    usa: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = path_of(usa, NZL).read_bytes()
    Latch.of(usa, NZL).close("a backup of the ledger was put back", AT)
    with closing(LedgerReader(path_of(usa, NZL))) as reader:
        last = reader.note()
    said = json.loads(run(capsys, "renew", usa, NZL, "--reason", "the disk died", "--json"))
    assert said["number"] == 2
    assert Path(said["kept"]).read_bytes() == before
    assert (partners_of(usa), ended_of(usa)) == ([NZL], [f"{NZL}.1"])
    assert Latch.of(usa, NZL).why() == ""
    with closing(LedgerReader(path_of(usa, NZL))) as reader:
        assert reader.owner.origin == origin_of(name_of(USA), NZL, 2)
        lines = [decode(data).body for _, data, _ in reader.lines()]
    assert [(each.by, each.reason) for each in lines if isinstance(each, Gap)] == [
        (USA, "the disk died"), (NZL, "the disk died"),
    ]  # fmt: skip
    assert [each.note for each in lines if isinstance(each, Seen)] == [last]
    assert "whole" in run(capsys, "verify", usa, f"{NZL}.1")
    assert "is begun" in run(capsys, "renew", usa, NZL, "--reason", "again")
    assert ended_of(usa) == [f"{NZL}.1", f"{NZL}.2"]


def test_a_ledger_that_is_missing_is_not_begun_under_a_number_that_was_used(usa: Path) -> None:
    path = path_of(usa, NZL)
    path.rename(path.with_name(f"{NZL}.4.sqlite"))
    with closing(books(usa)):
        pass
    with closing(LedgerReader(path)) as reader:
        assert reader.owner.origin == origin_of(name_of(USA), NZL, 5)


def test_what_was_cosigned_of_the_partners_ledger_goes_over(
    usa: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    key = str(SigningKey.load(usa / identity.LEDGER_KEY).public)
    of_usa = replace(partner_of(USA), ledger_key=key)
    nzl = Books(tmp_path / "nzl", name_of(NZL), of_usa, signing_key(NZL, "ledger"))
    nzl.enter([release(1)], AT)
    with closing(books(usa)) as its:
        assert its.witness(nzl.greeting(), AT)
    run(capsys, "renew", usa, NZL, "--reason", "x")
    with closing(LedgerReader(path_of(usa, NZL))) as reader:
        seen = reader.witnessed(origin_of(name_of(NZL), USA))
    assert seen is not None
    assert seen.size == 1


def test_a_running_node_begins_no_other_ledger(
    usa: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with held(usa):
        assert "stop that one first" in run(capsys, "renew", usa, NZL, "--reason", "x", code=1)
    assert ended_of(usa) == []


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ((NZL, "--reason", ""), 2, "1 to 500"),
        ((NZL, "--reason", "two\nlines"), 2, "1 to 500"),
        (("AUS-X", "--reason", "x"), 2, "has no ledger"),
    ],
)
def test_what_cannot_be_renewed_is_said(
    usa: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], code: int, said: str
) -> None:
    assert said in run(capsys, "renew", usa, *words, code=code)


def test_a_ledger_that_a_partner_has_begun_is_accepted_once(
    usa: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert json.loads(run(capsys, "accept", usa, NZL, "--yes", "--json"))["number"] == 2
    assert Partners(usa / PARTNERS).trusted().partners[0].ledger == 2
    assert "is cosigned already" in run(capsys, "accept", usa, NZL, "--number", 2, "--yes", code=2)
    assert "ledger 7 of" in run(capsys, "accept", usa, NZL, "--number", 7, "--yes")
    assert "no partner AUS-X" in run(capsys, "accept", usa, "AUS-X", "--yes", code=2)


def test_somebody_is_asked_before(
    usa: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert "nobody is here" in run(capsys, "accept", usa, NZL, code=2)
    ours = ourselves(usa, name_of(USA), str(signing_key(USA, "party").public), AT)
    with closing(books(usa)) as its:
        of_nzl = Books(tmp_path / "nzl", name_of(NZL), ours, signing_key(NZL, "ledger"))
        assert answered(monkeypatch, capsys, usa, "no", code=1).count("Nothing of the one") == 1
        of_nzl.enter([release(1), release(2)], AT)
        its.witness(of_nzl.greeting(), AT)
    assert "2 lines are cosigned here" in answered(monkeypatch, capsys, usa, "yes")
    assert Partners(usa / PARTNERS).trusted().partners[0].ledger == 2


def answered(
    monkeypatch: pytest.MonkeyPatch, capsys: Any, usa: Path, word: str, code: int = 0
) -> str:
    answer = io.StringIO(f"{word}\n")
    answer.isatty = lambda: True  # type: ignore[method-assign]
    monkeypatch.setattr("sys.stdin", answer)
    return run(capsys, "accept", usa, NZL, code=code)
