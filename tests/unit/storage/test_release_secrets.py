import os
import stat
from pathlib import Path

import pytest

from accord.core.errors import AccordError
from accord.storage.release_secrets import make_secret, partners_with_secrets, secret_of

FILE = Path("federation") / "secrets" / "USA-PAC"


def test_a_secret_is_made_once_and_stays(tmp_path: Path) -> None:
    made = make_secret(tmp_path, "USA-PAC")
    assert len(made) == 32
    assert make_secret(tmp_path, "USA-PAC") == made
    assert secret_of(tmp_path, "USA-PAC") == made
    assert (tmp_path / FILE).read_bytes() == made


def test_each_partner_has_another(tmp_path: Path) -> None:
    assert make_secret(tmp_path, "USA-PAC") != make_secret(tmp_path, "AUS-HQ")
    assert partners_with_secrets(tmp_path) == ["AUS-HQ", "USA-PAC"]


def test_only_its_owner_may_read_it(tmp_path: Path) -> None:
    make_secret(tmp_path, "USA-PAC")
    assert stat.S_IMODE((tmp_path / FILE).stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / FILE).parent.stat().st_mode) == 0o700


def test_where_there_is_none_none_is_returned_or_made(tmp_path: Path) -> None:
    assert secret_of(tmp_path, "USA-PAC") is None
    assert partners_with_secrets(tmp_path) == []
    assert list(tmp_path.iterdir()) == []


def test_of_two_processes_that_make_it_both_have_that_of_the_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = os.link

    def late(source: str, target: Path) -> None:
        monkeypatch.setattr(os, "link", link)
        target.write_bytes(b"f" * 32)
        link(source, target)

    monkeypatch.setattr(os, "link", late)
    assert make_secret(tmp_path, "USA-PAC") == b"f" * 32
    assert partners_with_secrets(tmp_path) == ["USA-PAC"]


def test_a_file_that_was_cut_is_no_secret(tmp_path: Path) -> None:
    make_secret(tmp_path, "USA-PAC")
    (tmp_path / FILE).write_bytes(b"short")
    with pytest.raises(AccordError, match=r"secrets/USA-PAC has 5 bytes, and a secret 32"):
        secret_of(tmp_path, "USA-PAC")


def test_a_file_that_cannot_be_read_or_written_is_named(tmp_path: Path) -> None:
    (tmp_path / FILE).mkdir(parents=True)
    with pytest.raises(AccordError, match=r"cannot read .*USA-PAC"):
        secret_of(tmp_path, "USA-PAC")
    (tmp_path / "x").mkdir()
    (tmp_path / "x" / "federation").write_bytes(b"")
    with pytest.raises(AccordError, match="cannot"):
        make_secret(tmp_path / "x", "USA-PAC")


def test_on_a_full_disk_there_is_no_half_secret(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(AccordError, match=r"cannot write .*USA-PAC: No space left"):
        make_secret(tmp_path, "USA-PAC")
    assert list((tmp_path / FILE).parent.iterdir()) == []
