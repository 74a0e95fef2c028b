"""Signing in by OpenLDAP's server, beside accounts of the node itself."""

import asyncio
import logging
import socket
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from accord.api import directory
from accord.api.accounts import WRONG
from accord.api.directory import NO_GROUP, NO_NAME, UNASKED, WRONG_THERE, DirectoryDesk
from accord.api.problem import Problem
from accord.core.errors import UsageError
from accord.core.principal import Direction, Role
from accord.observe.health import ServiceStatus
from accord.observe.log import Log
from accord.security.ldap_settings import LdapGroup, LdapSettings
from support.clock import START, ManualClock
from support.sign_in import PASSWORD, Desk, a_desk
from support.slapd import PASSWORDS, SERVICE_PASSWORD, Slapd, running_slapd
from support.tls import TestAuthority

THERE = "192.0.2.1"
GROUPS = {
    "watch-keepers": LdapGroup(role="watch", groups=("Blue", "Red:out")),
    "chiefs": LdapGroup(role="administrator", groups=("Chiefs",)),
}


@pytest.fixture(scope="module")
def slapd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Slapd]:
    with running_slapd(tmp_path_factory.mktemp("slapd")) as running:
        yield running


def directory_desk(folder: Path, settings: LdapSettings) -> DirectoryDesk:
    (folder / "directory.secret").write_text(f"{SERVICE_PASSWORD}\n")
    clock = ManualClock()
    return DirectoryDesk(settings, GROUPS, directory=folder, clock=clock, log=Log(clock))


@pytest.fixture
def desk(tmp_path: Path, slapd: Slapd) -> Iterator[Desk]:
    made = a_desk(tmp_path, directory_desk(tmp_path, slapd.settings()), failures=3)
    made.users.remove("moana")
    yield made
    made.accounts.close()


@pytest.fixture
def cut_off(tmp_path: Path, slapd: Slapd) -> Iterator[Desk]:
    """Accounts with moana, whose directory cannot be reached."""
    nowhere = slapd.settings(f"ldaps://localhost:{slapd.tls}", authority_file=str(tmp_path / "ca"))
    (tmp_path / "ca").write_bytes(_another_authority(tmp_path))
    made = a_desk(tmp_path, directory_desk(tmp_path, nowhere), failures=3)
    yield made
    made.accounts.close()


def _another_authority(folder: Path) -> bytes:
    return TestAuthority(folder / "other").ca.read_bytes()


async def refusal(desk: Desk, name: str, password: str) -> tuple[int, str]:
    with pytest.raises(Problem) as refused:
        await desk.accounts.sign_in(name, password, THERE)
    return refused.value.status, str(refused.value)


async def test_who_the_directory_knows_is_signed_in_as_what_his_groups_are_here(desk: Desk) -> None:
    signed = await desk.accounts.sign_in("MOANA", PASSWORDS["moana"], THERE)
    assert signed.principal.name == "moana"
    assert signed.principal.role is Role.ADMINISTRATOR
    assert signed.principal.groups == {
        "Blue": Direction.BOTH, "Red": Direction.OUT, "Chiefs": Direction.BOTH
    }  # fmt: skip
    assert desk.accounts.session_of(signed.token) == (signed.session.mark, signed.principal)


async def test_his_role_and_groups_are_those_of_the_last_sign_in(desk: Desk) -> None:
    await desk.accounts.sign_in("moana", PASSWORDS["moana"], THERE)
    desk.users.change("moana", groups={"Old": Direction.BOTH})
    signed = await desk.accounts.sign_in("moana", PASSWORDS["moana"], THERE)
    assert "Old" not in signed.principal.groups


async def test_a_wrong_password_an_unknown_name_no_group_and_a_locked_one_answer_alike(
    desk: Desk,
) -> None:
    name = "ana (acting)"
    await desk.accounts.sign_in(name, PASSWORDS[name], THERE)
    desk.users.lock(name, START)
    said = [
        await refusal(desk, "moana", "wrong"),
        await refusal(desk, "moana", ""),
        await refusal(desk, "nobody", PASSWORD),
        await refusal(desk, "rangi", PASSWORDS["rangi"]),
        await refusal(desk, name, PASSWORDS[name]),
    ]
    assert set(said) == {(401, WRONG)}
    assert desk.accounts.refused == {
        WRONG_THERE: 3, NO_GROUP: 1, "locked": 1
    }  # fmt: skip


async def test_a_name_with_an_apostrophe_signs_in(desk: Desk) -> None:
    signed = await desk.accounts.sign_in("O'Neil", PASSWORDS["o'neil"], THERE)
    assert signed.principal.name == "o'neil"
    assert signed.principal.groups == {"Blue": Direction.BOTH, "Red": Direction.OUT}


@pytest.mark.parametrize("name", ["smith, john", "moana*", "RESCUE\\moana"])
async def test_a_name_that_nobody_can_have_here_is_refused_with_that_reason(
    desk: Desk, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    assert await refusal(desk, name, PASSWORDS.get(name, "wrong")) == (401, WRONG)
    assert desk.accounts.refused == {NO_NAME: 1}
    assert "a name that nobody can have here" in caplog.text
    assert name not in caplog.text  # it may be a password, typed in the wrong place


async def test_failures_lock_out_before_the_directory_is_asked_again(desk: Desk) -> None:
    for _ in range(3):
        await refusal(desk, "moana", "wrong")
    assert (await refusal(desk, "moana", PASSWORDS["moana"]))[0] == 429


async def test_who_has_a_password_here_is_not_asked_for_there(desk: Desk) -> None:
    desk.add("moana")
    assert (await refusal(desk, "moana", PASSWORDS["moana"])) == (401, WRONG)
    signed = await desk.accounts.sign_in("moana", PASSWORD, THERE)
    assert signed.principal.groups == {"Blue": Direction.BOTH}


async def test_who_another_vouches_for_is_not_taken_over_by_the_directory(desk: Desk) -> None:
    desk.add("moana")
    desk.users.set_password("moana", "openid https://login.example subject-7")
    assert (await refusal(desk, "moana", PASSWORDS["moana"]))[0] == 409
    assert desk.users.roll().accounts["moana"].hash.startswith("openid")


async def test_people_of_the_node_itself_sign_in_while_the_directory_cannot_be_asked(
    cut_off: Desk,
) -> None:
    for _ in range(5):  # it looks at no password, so none of them counts
        status, said = await refusal(cut_off, "rangi", PASSWORDS["rangi"])
        assert (status, said.startswith(UNASKED)) == (503, True)
    signed = await cut_off.accounts.sign_in("moana", PASSWORD, THERE)
    assert signed.principal.name == "moana"


class PassedOn:
    """What is said to a port goes on to the directory; `ends` waits until nobody says anything."""

    def __init__(self, slapd: Slapd) -> None:
        self._slapd = slapd
        self._at_work: list[asyncio.Future[None]] = []

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        done = asyncio.get_running_loop().create_future()
        self._at_work.append(done)
        there, back = await asyncio.open_connection("localhost", self._slapd.tls)
        await asyncio.gather(_pass_on(reader, back), _pass_on(there, writer))
        done.set_result(None)

    async def ends(self) -> None:
        await asyncio.gather(*self._at_work)


async def _pass_on(source: asyncio.StreamReader, to: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while data := await source.read(1 << 16):
            to.write(data)
    to.close()
    with suppress(ConnectionError):
        await to.wait_closed()


async def test_a_directory_that_cannot_be_asked_is_told_until_it_can_be(
    tmp_path: Path, slapd: Slapd, caplog: pytest.LogCaptureFixture
) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    caplog.set_level(logging.INFO)
    url = f"ldaps://localhost:{port}"
    made = directory_desk(tmp_path, slapd.settings(url))
    assert made.status == ServiceStatus(what="directory", address=url)
    await made.look()
    await made.look()
    assert (made.status.since, bool(made.status.trouble)) == (START, True)
    assert caplog.text.count(UNASKED) == 1
    passed_on = PassedOn(slapd)
    async with await asyncio.start_server(passed_on, "127.0.0.1", port):
        await made.look()
        await passed_on.ends()
    assert made.status == ServiceStatus(what="directory", address=url)
    assert "the directory can be asked again" in caplog.text
    made.close()


async def test_a_directory_is_looked_at_at_the_start_and_when_somebody_could_not_sign_in(
    cut_off: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = asyncio.Semaphore(0)
    look = DirectoryDesk.look

    async def looked(desk: DirectoryDesk) -> None:
        await look(desk)
        looks.release()

    monkeypatch.setattr(DirectoryDesk, "look", looked)
    async with asyncio.timeout(60), asyncio.TaskGroup() as tasks:
        looking = tasks.create_task(cut_off.accounts.keep_looking())
        await looks.acquire()
        (status,) = cut_off.accounts.services()
        assert status.what == "directory"
        assert status.trouble
        await refusal(cut_off, "rangi", PASSWORDS["rangi"])
        await looks.acquire()
        looking.cancel()


async def test_a_node_without_a_directory_asks_none(tmp_path: Path) -> None:
    alone = a_desk(tmp_path)
    assert alone.accounts.services() == ()
    await alone.accounts.keep_looking()
    alone.accounts.close()


async def test_a_node_that_the_directory_does_not_take_is_told_without_its_password(
    tmp_path: Path, slapd: Slapd
) -> None:
    made = directory_desk(tmp_path, slapd.settings(name="cn=nobody,dc=rescue,dc=example"))
    await made.look()
    assert "does not take name and password_file of [ldap]" in made.status.trouble
    assert SERVICE_PASSWORD not in made.status.trouble
    made.close()


async def test_a_directory_that_is_busy_is_not_said_to_be_away(
    tmp_path: Path, slapd: Slapd, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(directory, "AT_ONCE", 1)
    monkeypatch.setattr(directory, "WAITING", 0)
    made = directory_desk(tmp_path, slapd.settings())
    await asyncio.gather(made.user("moana", PASSWORDS["moana"]), made.look())
    assert (made.refused, made.status.trouble) == (1, "")
    made.close()


async def test_who_is_known_there_is_vouched_for_without_a_session(desk: Desk) -> None:
    account = await desk.accounts.vouched("moana", PASSWORDS["moana"], THERE)
    assert account.user.name == "moana"
    assert desk.users.roll().sessions == {}
    with pytest.raises(Problem) as refused:
        await desk.accounts.vouched("moana", "wrong", THERE)
    assert refused.value.status == 401


async def test_nobody_vouches_for_who_has_a_password_here(desk: Desk, tmp_path: Path) -> None:
    desk.add("moana")
    for password in (PASSWORD, PASSWORDS["moana"]):
        with pytest.raises(Problem) as refused:
            await desk.accounts.vouched("moana", password, THERE)
        assert refused.value.status == 401


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"password_file": "none"}, "a file of it cannot be read"),
        ({"authority_file": "none"}, "a file of it cannot be read"),
        ({"authority_file": "directory.secret"}, "a file of it cannot be read"),
        ({"password_file": "empty"}, "password_file is empty"),
    ],
)
def test_files_that_do_not_do_are_named_at_the_start(
    tmp_path: Path, change: dict[str, Any], said: str
) -> None:
    (tmp_path / "empty").write_text("\n")
    (tmp_path / "ca").write_bytes(_another_authority(tmp_path))
    settings = LdapSettings(
        url="ldaps://localhost", authority_file="ca", name="cn=a", password_file="directory.secret",
        people="ou=p", groups="ou=g",
    )  # fmt: skip
    with pytest.raises(UsageError, match=said):
        directory_desk(tmp_path, replace(settings, **change))


def test_a_node_without_the_extra_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [each for each in sys.modules if each.startswith("accord.security.ldap")]:
        if name != "accord.security.ldap_settings":
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "pyasn1_modules", None)
    with pytest.raises(UsageError, match=r"pip install 'accord\[ldap\]'"):
        directory_desk(tmp_path, LdapSettings())
