from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509

from accord.core.errors import AccordError
from accord.core.principal import Direction, Principal
from accord.security import keystore, renewal
from accord.security.authority import CertificateSettings, is_issued_by, names_in
from support.clock import START
from support.keys import YEAR, an_authority

pytestmark = pytest.mark.usefixtures("quick_keys")

SETTINGS = CertificateSettings(names=("node.example",), server_valid=YEAR, client_valid=YEAR)
LATE = START + YEAR - timedelta(days=30) + timedelta(seconds=1)


@pytest.fixture(autouse=True)
def machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(renewal, "machine_names", lambda: ("kea", "192.0.2.7"))


@dataclass
class Register:
    """What was entered for the administrator."""

    refused: str = ""
    entered: list[tuple[str, datetime]] = field(default_factory=list[tuple[str, datetime]])

    def enter(self, mark: str, ends: datetime) -> None:
        self.entered.append((mark, ends))

    def refuses(self, mark: str) -> bool:
        return mark == self.refused


@pytest.fixture
def register() -> Register:
    return Register()


@pytest.fixture
def directory(tmp_path: Path, register: Register) -> Path:
    """A node's directory as it was made at START."""
    made = an_authority()
    keystore.write_key(tmp_path / keystore.AUTHORITY_KEY, made.key)
    keystore.write_certificates(tmp_path / keystore.AUTHORITY, *made.chain)
    renewal.write_server(tmp_path, made, "NZL-X", SETTINGS, START)
    renewal.write_administrator(tmp_path, made, SETTINGS, START, register.enter)
    register.entered.clear()
    return tmp_path


def read(directory: Path, file: Path) -> x509.Certificate:
    certificate, *above = keystore.read_certificates(directory / file)
    assert is_issued_by(certificate, above)
    return certificate


def is_pair(directory: Path, certificate: Path, key: Path) -> bool:
    public = keystore.read_key(directory / key).public_key()
    return read(directory, certificate).public_key() == public


def test_a_server_is_for_chosen_names_first_and_then_the_machines_own() -> None:
    chosen = CertificateSettings(names=("node.example", "192.0.2.7"))
    assert renewal.server_names(chosen) == ("node.example", "192.0.2.7", "kea")


def test_what_is_written_belongs_together(directory: Path) -> None:
    assert is_pair(directory, keystore.SERVER, keystore.SERVER_KEY)
    assert is_pair(directory, keystore.ADMINISTRATOR, keystore.ADMINISTRATOR_KEY)
    assert names_in(read(directory, keystore.SERVER)) == ("node.example", "kea", "192.0.2.7")


def test_nothing_is_made_again_before_its_time(directory: Path, register: Register) -> None:
    early = START.replace(microsecond=0) + YEAR - timedelta(days=30)
    before = read(directory, keystore.SERVER)
    assert renewal.renew_server(directory, "NZL-X", SETTINGS, early) == ""
    assert (
        renewal.renew_administrator(directory, SETTINGS, early, register.enter, register.refuses)
        == ""
    )
    assert read(directory, keystore.SERVER) == before
    assert register.entered == []


def test_a_server_certificate_is_made_again_before_it_ends(directory: Path) -> None:
    why = renewal.renew_server(directory, "NZL-X", SETTINGS, LATE)
    assert why == "it ends on 2027-01-02"
    again = read(directory, keystore.SERVER)
    assert again.not_valid_after_utc == (LATE + YEAR).replace(microsecond=0)
    assert is_pair(directory, keystore.SERVER, keystore.SERVER_KEY)


def test_a_server_certificate_that_lacks_a_chosen_name_is_made_again(directory: Path) -> None:
    settings = CertificateSettings(names=("node.example", "new.example"))
    assert renewal.renew_server(directory, "NZL-X", settings, START) == "it lacks new.example"
    assert "new.example" in names_in(read(directory, keystore.SERVER))
    assert renewal.renew_server(directory, "NZL-X", settings, START) == ""


def test_an_administrator_is_entered_before_the_certificate_is_used(
    directory: Path, register: Register
) -> None:
    why = renewal.renew_administrator(directory, SETTINGS, LATE, register.enter, register.refuses)
    assert why == "it ends on 2027-01-02"
    again = read(directory, keystore.ADMINISTRATOR)
    assert register.entered == [(renewal.mark_of(again), again.not_valid_after_utc)]
    assert is_pair(directory, keystore.ADMINISTRATOR, keystore.ADMINISTRATOR_KEY)


def test_a_register_that_refuses_leaves_the_certificate_as_it_was(directory: Path) -> None:
    def refuse(_mark: str, _ends: datetime) -> None:
        raise AccordError("administrator was revoked")

    before = read(directory, keystore.ADMINISTRATOR)
    with pytest.raises(AccordError, match="was revoked"):
        renewal.renew_administrator(directory, SETTINGS, LATE, refuse, lambda _: False)
    assert read(directory, keystore.ADMINISTRATOR) == before


def test_without_the_authoritys_key_nothing_is_made_again(
    directory: Path, register: Register
) -> None:
    (directory / keystore.AUTHORITY_KEY).unlink()
    before = read(directory, keystore.SERVER)
    assert renewal.renew_server(directory, "NZL-X", SETTINGS, LATE) == ""
    assert (
        renewal.renew_administrator(directory, SETTINGS, LATE, register.enter, register.refuses)
        == ""
    )
    assert read(directory, keystore.SERVER) == before


def test_a_certificate_that_has_ended_is_refused_with_what_to_do(directory: Path) -> None:
    path = directory / keystore.SERVER
    end = (START + YEAR).replace(microsecond=0)
    renewal.refuse_ended(path, end - timedelta(seconds=1))
    with pytest.raises(AccordError, match=f"{path} ended on 2027-01-02: put a new certificate"):
        renewal.refuse_ended(path, end)


def test_chosen_names_that_the_certificate_lacks_are_named(directory: Path) -> None:
    more = replace(SETTINGS, names=("node.example", "cop.example", "192.0.2.7"))
    assert renewal.missing_names(directory, more) == ["cop.example"]


def test_an_administrator_whom_the_register_refuses_is_made_again_at_once(
    directory: Path, register: Register
) -> None:
    before = read(directory, keystore.ADMINISTRATOR)
    register.refused = renewal.mark_of(before)
    why = renewal.renew_administrator(directory, SETTINGS, START, register.enter, register.refuses)
    assert why == "it was revoked"
    assert read(directory, keystore.ADMINISTRATOR) != before


END = START + YEAR


def remedy(directory: Path, file: Path, now: datetime) -> str:
    return renewal.remedy(directory, file, END, SETTINGS, now)


def test_what_to_do_depends_on_where_the_authoritys_key_is(directory: Path) -> None:
    server, authority = keystore.SERVER, keystore.AUTHORITY
    assert remedy(directory, server, LATE) == "start the node again, which makes a new one"
    assert renewal.make_good(directory) == "start the node again, which makes a new one"
    assert remedy(directory, authority, LATE).startswith("put a new one in its place")
    (directory / keystore.AUTHORITY_KEY).unlink()
    assert remedy(directory, server, LATE).startswith("put a new one and its key in its place")
    assert renewal.make_good(directory) == "have a server certificate issued that names it"


def test_a_start_is_not_advised_before_it_would_make_a_new_one(directory: Path) -> None:
    on = END - SETTINGS.renew_before
    said = "nothing yet: the node makes a new one when it starts after 2026-12-03"
    assert remedy(directory, keystore.SERVER, on - timedelta(days=20)) == said
    assert renewal.renew_server(directory, "NZL-X", SETTINGS, on - timedelta(days=20)) == ""


def test_a_client_is_told_to_enrol_again_or_with_what_it_is_added_again(directory: Path) -> None:
    kea = Principal(name="kea", groups={"Blue": Direction.IN})
    own = Principal(name="administrator", groups={})

    def told(who: Principal) -> str:
        return renewal.remedy_of_client(directory, who, END, SETTINGS, LATE)

    assert told(kea) == "accord client token DIR kea: it enrols again, and keeps all it has"
    assert told(own) == "start the node again, which makes a new one"
    (directory / keystore.AUTHORITY_KEY).unlink()
    assert told(kea) == "revoke it, then accord client add DIR kea --group Blue:in"
