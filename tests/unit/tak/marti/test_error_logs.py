import base64
import json
from collections import Counter
from pathlib import Path

import pytest

from accord.tak.marti import error_logs
from support.marti import Marti

PATH = "/Marti/ErrorLog"
LOG = b"java.lang.NullPointerException\n\tat com.example.Map\n"


def kept(tmp_path: Path) -> list[Path]:
    return sorted(tmp_path.rglob(f"{error_logs.ERROR_LOGS}/*"))


async def test_a_log_is_kept_for_whoever_looks_after_the_node(api: Marti, tmp_path: Path) -> None:
    said = {"platform": "ATAK", "uid": "ANDROID-1", "callsign": "Kea", "majorVersion": "4",
            "minorVersion": "6"}  # fmt: skip
    await api.does("kiwi", "POST", PATH, params=said, content=base64.encodebytes(LOG))
    (file,) = kept(tmp_path)
    head, _, text = file.read_bytes().partition(b"\n")
    assert json.loads(head) == {"client": "kiwi", **said}
    assert text == LOG
    assert (file.stat().st_mode & 0o777, file.parent.stat().st_mode & 0o777) == (0o600, 0o700)


async def test_what_is_no_log_is_refused(api: Marti, tmp_path: Path) -> None:
    await api.does("kiwi", "POST", PATH, 400, content=b"\xff no base64")
    await api.does("kiwi", "POST", PATH, 413, content=b"A" * ((1 << 20) + 1))
    assert kept(tmp_path) == []


async def test_no_more_are_kept_than_the_last(
    api: Marti, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (part,) = [each for each in api.api._parts if isinstance(each, error_logs.ErrorLogs)]
    counts = Counter[str]()
    monkeypatch.setattr(part, "_most", 2)
    monkeypatch.setattr(part, "_counts", counts)
    for number in range(4):
        await api.does("kiwi", "POST", PATH, content=base64.b64encode(b"%d" % number))
    assert [each.read_bytes()[-1:] for each in kept(tmp_path)] == [b"2", b"3"]
    assert counts == {"error logs of clients forgotten": 2}


async def test_without_room_that_is_said(api: Marti, tmp_path: Path) -> None:
    await api.does("kiwi", "POST", PATH, content=base64.b64encode(LOG))
    (file,) = kept(tmp_path)
    file.unlink()
    file.parent.rmdir()
    file.parent.write_text("in the way")
    await api.does("kiwi", "POST", PATH, 507, content=base64.b64encode(LOG))
