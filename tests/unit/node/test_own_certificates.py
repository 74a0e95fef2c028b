import asyncio
import shutil
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509

from accord.config import load
from accord.core.clock import SystemClock
from accord.core.errors import AccordError
from accord.core.principal import Direction, Principal
from accord.node import node as node_module
from accord.node.own_certificates import own_name
from accord.security import identity, keystore, renewal
from accord.security.authority import Authority, names_in
from accord.storage.people import PEOPLE, People
from support.in_process import ask, make_node, running
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


@pytest.mark.parametrize("is_added_again", [False, True])
async def test_a_revoked_administrator_is_made_again_at_the_start_and_all_is_well(
    directory: Path, is_added_again: bool
) -> None:
    people, now = People(directory / PEOPLE), SystemClock().now()
    before = (directory / keystore.ADMINISTRATOR).read_bytes()
    people.revoke("administrator", now)
    if is_added_again:
        people.add(Principal(name="administrator", groups={"Blue": Direction.BOTH}), now)
    async with running(directory) as node:
        assert (directory / keystore.ADMINISTRATOR).read_bytes() != before
        assert (await ask(node, "/api/status"))["problems"] == []
        assert await ask(node, "/readyz") == "ok\n"
    revoked = [each.fingerprint for each in people.certificates() if each.revoked]
    assert revoked == [renewal.mark_of(x509.load_pem_x509_certificate(before))]


async def test_a_revoked_administrator_that_cannot_be_made_again_is_said(
    directory: Path, caplog: pytest.LogCaptureFixture
) -> None:
    People(directory / PEOPLE).revoke("administrator", SystemClock().now())
    (directory / keystore.AUTHORITY_KEY).unlink()
    async with running(directory):
        pass
    assert "put another certificate of administrator and its key in their place" in caplog.text


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


def mark(directory: Path) -> bytes:
    return (directory / identity.NODE).read_bytes()


def ends_of(pem: bytes) -> datetime:
    return x509.load_pem_x509_certificate(pem).not_valid_after_utc


def end_soon(directory: Path) -> bytes:
    """Put a certificate for partners in place of which half of its life is over."""
    name = load(directory).federation.name_of("NZL-X")
    now = SystemClock().now()
    issued = identity.load_authority(directory, name).issue(
        now - timedelta(days=8), timedelta(days=14)
    )
    keystore.write_key(directory / identity.NODE_KEY, issued.key)
    keystore.write_certificates(directory / identity.NODE, issued.certificate)
    return mark(directory)


async def test_the_certificate_for_partners_is_made_again_at_the_start(directory: Path) -> None:
    before = end_soon(directory)
    async with running(directory):
        assert mark(directory) != before


async def test_the_certificate_for_partners_is_made_again_while_the_node_runs(
    directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(node_module, "SAMPLE_STEP", timedelta(0))
    async with running(directory) as node:
        before = end_soon(directory)
        ends = ends_of(before)
        async with asyncio.timeout(60):
            while mark(directory) == before:
                await ask(node, "/readyz")
        assert ends_of(mark(directory)) > ends


async def test_what_is_wrong_towards_partners_is_said_and_stops_nobody_else(
    directory: Path, caplog: pytest.LogCaptureFixture
) -> None:
    end_soon(directory)
    (directory / identity.AUTHORITY_KEY).unlink()
    async with running(directory) as node:
        assert await ask(node, "/readyz") == "ok\n"
    assert "certificate for partners reason=" in caplog.text
    assert "authority.key" in caplog.text


async def test_a_node_without_partners_needs_no_identity(directory: Path) -> None:
    shutil.rmtree(directory / identity.FEDERATION)
    async with running(directory) as node:
        assert await ask(node, "/readyz") == "ok\n"
    assert not (directory / identity.FEDERATION).exists()


def test_a_node_goes_by_a_name_of_its_certificate_whatever_is_asked_for(tmp_path: Path) -> None:
    directory = make_node(tmp_path / "nzl")
    settings = load(directory)
    names = names_in(keystore.read_certificates(directory / keystore.SERVER)[0])
    for name in names:
        assert own_name(directory, settings, name) == name
    for other in ("evil.example", "", "localhost.evil.example"):
        assert own_name(directory, settings, other) in names
    certificates = replace(settings.certificates, names=("127.0.0.1",))
    chosen = replace(settings, certificates=certificates)
    assert own_name(directory, chosen, "evil.example") == "127.0.0.1"
