"""`accord restore` puts a node back, into nothing else than an empty directory."""

from pathlib import Path

import pytest

from accord.cli.main import main
from accord.storage.acts import Acts
from support.in_process import make_node

pytestmark = pytest.mark.usefixtures("quick_keys")


@pytest.fixture
def file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    made = make_node(tmp_path / "nzl")
    file = tmp_path / "b.tar"
    assert main(["backup", str(made), str(file)]) == 0
    capsys.readouterr()
    return file


def test_a_node_comes_back_and_that_is_noted(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = tmp_path / "again"
    assert main(["restore", str(file), str(place)]) == 0
    said = capsys.readouterr().out
    assert said.startswith("restored NZL-X as of 20")
    assert "stopped, for good" in said
    (act,) = (each.act for each in Acts(place / "people.sqlite").newest())
    assert (act.what, act.whom) == ("restore", str(file))
    assert main(["client", "list", str(place)]) == 0
    for name in ("accord.toml", "authority/ca.key", "federation/node.key"):
        assert (place / name).read_bytes() == (tmp_path / "nzl" / name).read_bytes()


def test_a_directory_with_something_in_it_and_a_damaged_file_are_refused(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["restore", str(file), str(tmp_path / "nzl")]) == 2
    assert "is not empty" in capsys.readouterr().err
    data = file.read_bytes()
    file.write_bytes(data[: len(data) // 2])
    assert main(["restore", str(file), str(tmp_path / "again")]) == 1
    assert "nothing was restored" in capsys.readouterr().err
    assert list((tmp_path / "again").iterdir()) == []
