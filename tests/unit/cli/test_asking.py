import json
import os
from pathlib import Path
from typing import Any

import pytest

from accord.cli import account, asking
from accord.core.errors import AccordError, UsageError
from accord.node import requests
from accord.node.requests import Answer, RecallWanted

WANTED = RecallWanted(partner="NZL-JFNZ", uid="FRIGATE")


def test_a_request_stands_in_the_name_of_the_account(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOGNAME", "mere")
    asked = asking.ask(tmp_path, WANTED, "marked in error")
    assert requests.read(tmp_path, asked.number) == asked
    assert (asked.by, asked.reason, asked.wanted) == ("mere", "marked in error", WANTED)


def test_an_account_without_a_name_stands_by_its_number(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nobody() -> str:
        raise KeyError("uid not found")

    monkeypatch.setattr(account.getpass, "getuser", nobody)
    assert asking.ask(tmp_path, WANTED, "x").by == f"account {os.getuid()}"


@pytest.mark.parametrize("reason", ["", "  ", "two\nlines", "x" * (requests.MAX_REASON + 1)])
def test_a_reason_is_one_line_that_can_stand_in_a_ledger(tmp_path: Path, reason: str) -> None:
    with pytest.raises(UsageError, match="option --reason"):
        asking.ask(tmp_path, WANTED, reason)
    assert not (tmp_path / requests.REQUESTS).exists()


def test_a_node_runs_when_its_notice_says_so(tmp_path: Path) -> None:
    assert not asking.runs(tmp_path)
    (tmp_path / "run").mkdir()
    said = {"pid": os.getpid(), "listeners": {}}
    (tmp_path / "run" / "listeners.json").write_text(json.dumps(said))
    assert asking.runs(tmp_path)


def test_a_node_without_a_register_has_nobody_to_tell(tmp_path: Path) -> None:
    assert not asking.has_partners(tmp_path)
    (tmp_path / "federation").mkdir()
    (tmp_path / asking.PARTNERS).touch()
    assert asking.has_partners(tmp_path)


def test_an_answer_is_waited_for_until_it_is_enough_or_it_is_late(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = asking.ask(tmp_path, WANTED, "x")
    said: list[Any] = [Answer(partners=["NZL-JFNZ"]), Answer(partners=["NZL-JFNZ", "AUS-X"])]

    def sleep(_: float) -> None:
        requests.answer(tmp_path, asked.number, said.pop(0))

    monkeypatch.setattr(asking.time, "sleep", sleep)
    assert asking.wait_for(tmp_path, asked, 0.0, lambda _: True) is None
    found = asking.wait_for(tmp_path, asked, 60.0, lambda each: len(each.partners) == 2)
    assert found is not None
    assert found.partners == ["NZL-JFNZ", "AUS-X"]
    assert asking.wait_for(tmp_path, asked, 0.0, lambda _: False) == found


def test_what_the_node_refuses_is_an_error(tmp_path: Path) -> None:
    asked = asking.ask(tmp_path, WANTED, "x")
    requests.answer(tmp_path, asked.number, Answer(refused="there is no such thing"))
    with pytest.raises(AccordError, match="there is no such thing"):
        asking.wait_for(tmp_path, asked, 0.0, lambda _: True)
