from collections import Counter

import pytest

from accord.observe.broken import noted
from accord.observe.log import Log
from support.clock import ManualClock


def test_what_broke_off_is_counted_said_with_where_and_told_without() -> None:
    counts = Counter[str]()
    said: list[tuple[str, dict[str, object]]] = []
    log = Log(ManualClock())
    log.trouble = lambda what, **fields: said.append((what, dict(fields)))  # type: ignore[method-assign]
    broke = noted("a run", log, counts)
    with pytest.raises(KeyError) as raised:
        {}["secret"]
    assert broke(raised.value) == "it broke off: KeyError"
    assert broke(ValueError("x")) == "it broke off: ValueError"
    assert counts == {"a run broke off": 2}
    (what, first), (_, second) = said
    assert what == "a run broke off"
    assert "secret" in str(first["reason"])
    assert "test_broken.py:" in str(first["at"])
    assert second["at"] == "unknown"
