import json
import os
from pathlib import Path

import pytest

from accord.core.errors import AccordError
from accord.node.directory import LISTENERS, Notice, announced, held
from accord.observe.log import Log
from support.clock import ManualClock


def test_a_directory_is_held_by_one_at_a_time(tmp_path: Path) -> None:
    with held(tmp_path):
        second = held(tmp_path)
        with pytest.raises(AccordError, match=f"runs the node in {tmp_path}; stop that one first"):
            second.__enter__()
    with held(tmp_path):
        pass


def test_two_directories_are_held_apart(tmp_path: Path) -> None:
    for name in "ab":
        (tmp_path / name).mkdir()
    with held(tmp_path / "a"), held(tmp_path / "b"):
        for name in "ab":
            with pytest.raises(AccordError, match=f"runs the node in {tmp_path / name}"):
                held(tmp_path / name).__enter__()
    with held(tmp_path / "a"):
        assert (tmp_path / "a" / "run" / "lock").exists()


def test_a_directory_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "run").write_text("")
    with pytest.raises(AccordError, match=r"cannot write .*run/lock: "):
        held(tmp_path).__enter__()


@pytest.fixture
def notice(tmp_path: Path) -> Notice:
    return Notice(tmp_path, {"api": "127.0.0.1:8443"}, Log(ManualClock()))


def test_a_node_says_where_it_listens_while_it_does(tmp_path: Path, notice: Notice) -> None:
    path = tmp_path / LISTENERS
    with announced(notice):
        said = json.loads(path.read_text("utf-8"))
        assert said == {"pid": os.getpid(), "listeners": {"api": "127.0.0.1:8443"}}
        assert path.stat().st_mode & 0o777 == 0o600
    assert not path.exists()


def test_a_node_that_fails_leaves_no_word_behind(tmp_path: Path, notice: Notice) -> None:
    with pytest.raises(ZeroDivisionError), announced(notice):
        raise ZeroDivisionError
    assert not (tmp_path / LISTENERS).exists()


def test_a_word_that_somebody_removed_is_no_failure_at_the_end(
    tmp_path: Path, notice: Notice
) -> None:
    with announced(notice):
        (tmp_path / LISTENERS).unlink()
    assert not (tmp_path / LISTENERS).exists()
    assert notice.trouble == ""


def test_a_word_that_cannot_be_written_is_trouble_until_it_can_be(
    tmp_path: Path, notice: Notice, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / LISTENERS
    path.mkdir(parents=True)
    with announced(notice):
        assert notice.trouble.startswith(f"cannot write {path}: Is a directory")
        assert f"cannot write {path}" in caplog.text
        path.rmdir()
        notice.put_up_again()
        assert (notice.trouble, path.is_file()) == ("", True)


def test_a_word_that_was_written_is_not_written_again(tmp_path: Path, notice: Notice) -> None:
    with announced(notice):
        (tmp_path / LISTENERS).unlink()
        notice.put_up_again()
        assert not (tmp_path / LISTENERS).exists()
