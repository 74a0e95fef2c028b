from datetime import UTC, datetime
from pathlib import Path

import pytest

from accord.desks.commitment import sources as module
from accord.desks.commitment.sources import SCENARIOS, NoSuchSource, Sources
from accord.desks.commitment.store import COMMITMENTS, CommitmentStore
from support.plans import PLAN
from support.statements import STATEMENT


@pytest.fixture
def sources(tmp_path: Path) -> Sources:
    store = CommitmentStore(tmp_path / COMMITMENTS)
    store.prepare()
    store.add(STATEMENT, "Moana", datetime(2026, 2, 11, tzinfo=UTC))
    (tmp_path / SCENARIOS).mkdir()
    (tmp_path / SCENARIOS / "pacific.yaml").write_text(PLAN)
    (tmp_path / SCENARIOS / "notes.txt").write_text("no scenario")
    return Sources(tmp_path, store)


def test_the_registers_and_the_scenarios_can_be_asked(sources: Sources, tmp_path: Path) -> None:
    register, pacific = sources.all()
    assert (register.name, register.path) == ("register", tmp_path)
    assert register.commitments == (("JOINT", "Ministers reaffirm their partnership"),)
    assert pacific.name == "pacific.yaml"
    assert pacific.commitments[0] == ("C1", "One aircraft forward")
    assert (register.trouble, pacific.trouble) == ("", "")


def test_a_source_is_found_with_the_commitments_that_it_has(sources: Sources) -> None:
    assert sources.find("pacific.yaml", ("C1", "C2")).name == "pacific.yaml"
    assert sources.find("register", ("JOINT",)).name == "register"


@pytest.mark.parametrize(
    ("name", "commitments", "said"),
    [
        ("../people.sqlite", ("C1",), "no scenario .* here; there are register, pacific.yaml"),
        ("pacific.yaml", ("C1", "--html=x"), "--html=x is no commitment of pacific.yaml; there"),
        ("pacific.yaml", (), "nothing is no commitment of pacific.yaml"),
        ("register", ("C1",), "C1 is no commitment of register; there are JOINT"),
    ],
)
def test_what_is_not_there_is_told(
    sources: Sources, name: str, commitments: tuple[str, ...], said: str
) -> None:
    with pytest.raises(NoSuchSource, match=said):
        sources.find(name, commitments)


def test_a_file_that_is_no_scenario_says_why(
    sources: Sources, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / SCENARIOS / "a.yaml").write_text("schema: [")
    (tmp_path / SCENARIOS / "b.yaml").write_bytes(b"\xff")
    (tmp_path / SCENARIOS / "c.yaml").write_text("commitments: [{id: C1}]")
    troubles = {each.name: each.trouble for each in sources.all()}
    assert troubles["a.yaml"].startswith("a.yaml: line 2: it is not YAML")
    assert troubles["b.yaml"].startswith("b.yaml: cannot be read")
    assert troubles["c.yaml"] == "c.yaml: line 1: commitments.text: it is missing"
    with pytest.raises(NoSuchSource, match=r"a\.yaml: line 2"):
        sources.find("a.yaml", ("C1",))
    monkeypatch.setattr(module, "MAX_BYTES", 3)
    (tmp_path / SCENARIOS / "d.yaml").write_text("long")
    assert any("d.yaml: is larger than" in each.trouble for each in sources.all())


def test_what_did_not_change_is_not_read_again(
    sources: Sources, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []
    before = module.read_tree
    monkeypatch.setattr(module, "read_tree", lambda text: read.append(text) or before(text))
    sources.all()
    sources.all()
    assert len(read) == 1
    (tmp_path / SCENARIOS / "pacific.yaml").write_text(PLAN + "\n")
    sources.all()
    assert len(read) == 2


def test_a_file_that_goes_while_it_is_looked_at_is_left_out(
    sources: Sources, tmp_path: Path
) -> None:
    (tmp_path / SCENARIOS / "gone.yaml").symlink_to(tmp_path / "nowhere")
    assert [each.name for each in sources.all()] == ["register", "pacific.yaml"]
