import json
from pathlib import Path

import pytest

from accord.cli import demo_standing
from accord.cli.demo_standing import Standing, standing


def test_a_node_that_does_not_run_says_nothing(tmp_path: Path) -> None:
    assert standing(tmp_path, "USA") is None


@pytest.mark.parametrize(("partner", "found"), [("USA", Standing("up", 5, 1.5)), ("AUS", None)])
def test_a_partner_is_told_as_its_status_has_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, partner: str, found: Standing | None
) -> None:
    link = {"node": "USA", "state": "up", "waiting": {"chat": 2, "tracks": 3}, "lag": 1.5}
    text = json.dumps({"partners": [link]})
    for name in ("find", "client_context"):
        monkeypatch.setattr(demo_standing, name, lambda _: None)
    monkeypatch.setattr(demo_standing, "get", lambda *_, **__: text)
    assert standing(tmp_path, partner) == found


def test_what_waits_is_told_with_how_long_it_has() -> None:
    assert str(Standing("up", 0, 0.0)) == "up, nothing waiting"
    assert str(Standing("down", 7, 2.26)) == "down, 7 waiting, the oldest 2.3 s"
