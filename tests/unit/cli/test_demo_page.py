from pathlib import Path

import pytest

from accord.cli.demo_page import keep_password, page_of


def test_the_password_that_was_printed_once_is_in_the_address_line(tmp_path: Path) -> None:
    keep_password(tmp_path / "NZL", "added watch, watch\npassword kea-tui-2041\n")
    keep_password(tmp_path / "NZL", "password moa-7\n", of="chief")
    assert page_of(tmp_path / "NZL", "127.0.0.1:8443") == (
        "https://127.0.0.1:8443/#exercise%3ADEMO "
        "(sign in as watch, kea-tui-2041; as administrator: chief, moa-7)"
    )


def test_nobody_else_reads_the_password(tmp_path: Path) -> None:
    keep_password(tmp_path / "NZL", "password kea\n")
    assert (tmp_path / "NZL.watch-password").stat().st_mode & 0o077 == 0


def test_a_command_that_printed_no_password_is_a_fault(tmp_path: Path) -> None:
    with pytest.raises(StopIteration):
        keep_password(tmp_path / "NZL", "added watch, watch\n")
