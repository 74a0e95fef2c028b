"""`accord backup` says what is in the file, and what is not."""

from pathlib import Path

import pytest

from accord.cli.main import main
from accord.storage import backup
from accord.storage.acts import Acts
from support.in_process import make_node

pytestmark = pytest.mark.usefixtures("quick_keys")


@pytest.fixture
def directory(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    made = make_node(tmp_path / "nzl")
    capsys.readouterr()
    return made


def test_it_is_written_said_and_noted(
    directory: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "b.tar"
    assert main(["backup", str(directory), str(file)]) == 0
    files = backup.verify(file).files
    assert {"authority/ca.key", "people.sqlite", "federation/node.key"} <= files.keys()
    said = capsys.readouterr().out
    assert said.startswith(f"backed up NZL-X: {len(files)} files, ")
    assert "not in it" not in said
    (act,) = (each.act for each in Acts(directory / "people.sqlite").newest())
    assert (act.what, act.whom) == ("backup", str(file))


def test_what_is_not_in_the_directory_is_said(
    directory: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (directory / "authority/ca.key").unlink()
    (directory / "again").symlink_to("authority")
    settings = directory / "accord.toml"
    text = settings.read_text("utf-8").replace(
        "[history]\n", '[history]\nstore = "postgresql://a@db.example.org/h"\n', 1
    )
    text = text.replace("[ldap]\n", '[ldap]\nauthority_file = "/etc/ssl/d.pem"\n', 1)
    settings.write_text(f'{text}\n[chart.here]\nfile = "charts/c.pmtiles"\ntitle = "C"\n')
    assert main(["backup", str(directory), str(tmp_path / "b.tar")]) == 0, capsys.readouterr().err
    assert capsys.readouterr().out.splitlines()[1:] == [
        "not in it: again, a link to a folder that is in it: make it again",
        "not in it: authority/ca.key, which is kept elsewhere",
        "not in it: the history, which is in PostgreSQL",
        "not in it: /etc/ssl/d.pem, which ldap.authority_file in accord.toml names",
    ]


def test_it_is_never_written_over_something_or_into_the_node_itself(
    directory: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    there = tmp_path / "b.tar"
    there.write_text("the last one")
    for file, why in (
        (there, "is there already"),
        (directory / "b.tar", "is in"),
        (tmp_path / "no" / "b.tar", "is no directory"),
    ):
        assert main(["backup", str(directory), str(file)]) == 2
        assert why in capsys.readouterr().err
    assert there.read_text() == "the last one"
    assert main(["backup", str(tmp_path), str(tmp_path / "c.tar")]) == 2
