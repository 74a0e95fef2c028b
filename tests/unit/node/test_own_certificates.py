import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from accord.core.clock import SystemClock
from accord.core.errors import AccordError
from accord.security import keystore
from accord.security.authority import Authority
from support.in_process import ask, running
from support.keys import YEAR
from support.tls import BEGIN, TestAuthority


async def test_certificates_that_end_soon_are_made_again_at_the_start(directory: Path) -> None:
    before = (directory / keystore.ADMINISTRATOR).read_bytes()
    settings = directory / "accord.toml"
    text = settings.read_text("utf-8").replace('#renew_before = "30 d"', 'renew_before = "1000 d"')
    settings.write_text(text, "utf-8")
    async with running(directory) as node:
        assert (directory / keystore.ADMINISTRATOR).read_bytes() != before
        assert await ask(node, "/readyz") == "ok\n"


async def test_an_administrators_certificate_that_was_put_in_place_is_entered_at_the_start(
    directory: Path,
) -> None:
    key = directory / keystore.AUTHORITY_KEY
    authority = Authority.load(directory / keystore.AUTHORITY, key)
    issued = authority.issue_client("administrator", SystemClock().now(), YEAR)
    keystore.write_certificates(directory / keystore.ADMINISTRATOR, issued.certificate)
    keystore.write_key(directory / keystore.ADMINISTRATOR_KEY, issued.key)
    key.unlink()
    async with running(directory) as node:
        assert (await ask(node, "/api/status"))["problems"] == []


@pytest.mark.parametrize("file", [keystore.AUTHORITY, keystore.SERVER])
async def test_a_node_whose_certificate_has_ended_does_not_start(
    directory: Path, tmp_path: Path, file: Path
) -> None:
    ended = TestAuthority(tmp_path / "ended")
    _ = ended.ca
    ended.issue("ended", "NZL-X", end=BEGIN + timedelta(days=1))
    (directory / keystore.AUTHORITY_KEY).unlink()
    shutil.copy(tmp_path / "ended" / "ended.pem", directory / file)
    with pytest.raises(AccordError, match=f"{file} ended on 2020-01-02: put a new certificate"):
        async with running(directory):
            pytest.fail("it runs")


async def test_a_chosen_name_that_the_certificate_lacks_is_named_at_the_start(
    directory: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (directory / keystore.AUTHORITY_KEY).unlink()
    settings = directory / "accord.toml"
    text = settings.read_text().replace("#names = []", 'names = ["cop.example"]')
    settings.write_text(text)
    async with running(directory):
        pass
    assert "not in the server certificate name=cop.example" in caplog.text
    assert "have a server certificate issued that names it" in caplog.text
