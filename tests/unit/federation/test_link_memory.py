from collections import Counter
from pathlib import Path

import pytest

from accord.core.agreement import Reason, Withheld
from accord.core.errors import AccordError
from accord.federation.coalition import Coalition
from accord.federation.link_memory import LINKS, keep, recall
from accord.federation.moment import Moment
from accord.federation.settings import SyncSettings
from accord.federation.sync import Pair, PartnerSync
from accord.observe.log import Log
from support.clock import START, ManualClock

NOW = Moment(START, 1000.0)


def a_sync() -> PartnerSync:
    return PartnerSync(
        Pair(own="NZL", partner="USA", epoch=7),
        SyncSettings(),
        decide=lambda _report, _at: Withheld(reason=Reason.NOT_PARTY),
        coalition=Coalition(limit=10, silent_after=60.0),
        random=bytes,
        counts=Counter(),
    )


def test_what_is_kept_of_a_link_is_the_same_when_it_is_recalled(tmp_path: Path) -> None:
    sync = a_sync()
    sync.suspend(bytes(8), "a mistake", NOW)
    keep(tmp_path, "USA", sync)
    again = a_sync()
    recall(tmp_path, "USA", again, NOW, Log(ManualClock()))
    assert again.held() == sync.held()
    assert (tmp_path / LINKS / "USA").stat().st_mode & 0o077 == 0


def test_a_link_that_has_kept_nothing_begins_anew_without_a_word(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    recall(tmp_path, "USA", a_sync(), NOW, Log(ManualClock()))
    assert caplog.records == []


@pytest.mark.parametrize("spoilt", [b"", b"\xff", b"\x80", b"\x9f", b"\xa0"])
def test_what_is_spoilt_is_said_and_as_good_as_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, spoilt: bytes
) -> None:
    (tmp_path / LINKS).mkdir(parents=True)
    (tmp_path / LINKS / "USA").write_bytes(spoilt)
    sync = a_sync()
    recall(tmp_path, "USA", sync, NOW, Log(ManualClock()))
    assert sync.held() == a_sync().held()
    assert "link has forgotten" in caplog.text


def test_where_nothing_can_be_kept_that_is_said(tmp_path: Path) -> None:
    (tmp_path / "federation").write_text("in the way")
    with pytest.raises(AccordError, match="cannot write"):
        keep(tmp_path, "USA", a_sync())
