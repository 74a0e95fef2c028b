"""Who a directory says somebody is, by OpenLDAP's server."""

import ssl
from collections.abc import Iterator
from typing import Any

import pytest

from accord.security.ldap import Directory
from accord.security.ldap_connection import LdapFault
from support.slapd import PASSWORDS, SERVICE_PASSWORD, SUFFIX, Slapd, running_slapd


@pytest.fixture(scope="module")
def slapd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Slapd]:
    with running_slapd(tmp_path_factory.mktemp("slapd")) as running:
        yield running


def directory(slapd: Slapd, *, password: str = SERVICE_PASSWORD, **more: str) -> Directory:
    tls = ssl.create_default_context(cafile=slapd.authority.ca)
    return Directory(slapd.settings(**more), password=password, tls=tls)


@pytest.mark.parametrize("scheme", ["ldaps", "ldap"])
def test_the_right_password_says_who_it_is_and_in_which_groups(slapd: Slapd, scheme: str) -> None:
    port = slapd.tls if scheme == "ldaps" else slapd.plain
    found = directory(slapd, url=f"{scheme}://localhost:{port}").somebody(
        "moana", PASSWORDS["moana"]
    )
    assert found is not None
    assert found.name == "moana"
    assert set(found.groups) == {"watch-keepers", "chiefs", "choir"}
    assert len(bytes.fromhex(found.subject)) == 36  # RFC 4530: a UUID as text


def test_a_name_is_found_whatever_its_case_and_is_spelled_as_there(slapd: Slapd) -> None:
    found = directory(slapd).somebody("MOANA", PASSWORDS["moana"])
    assert found is not None
    assert found.name == "moana"


def test_a_name_and_an_entry_of_brackets_and_stars_are_no_filter(slapd: Slapd) -> None:
    name = "ana (acting)"
    found = directory(slapd).somebody(name, PASSWORDS[name])
    assert found is not None
    assert (found.name, found.groups) == (name, ("watch-keepers",))


def test_a_password_is_taken_as_it_is_written(slapd: Slapd) -> None:
    assert directory(slapd).somebody("weka", PASSWORDS["weka"]) is not None


@pytest.mark.parametrize(
    ("name", "password"),
    [
        ("moana", "wrong"),
        ("moana", ""),  # RFC 4513, 5.1.2: would bind as nobody, and succeed
        ("moana", "\0"),
        ("moana", PASSWORDS["moana"] + "\0"),
        ("moana", "x" * 2000),
        ("nobody", PASSWORDS["moana"]),
        ("*", PASSWORDS["moana"]),
        ("moan*", PASSWORDS["moana"]),
        ("moana) (ana", PASSWORDS["moana"]),
        ("mo\0ana", PASSWORDS["moana"]),
        ("", PASSWORDS["moana"]),
        (" moana", PASSWORDS["moana"]),  # the directory would take it for moana's
    ],
)
def test_anything_else_is_nobodys(slapd: Slapd, name: str, password: str) -> None:
    assert directory(slapd).somebody(name, password) is None


def test_two_of_one_name_are_not_told_apart(slapd: Slapd) -> None:
    with pytest.raises(LdapFault, match="more than"):
        directory(slapd).somebody("twin", PASSWORDS["twin"])


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"password": "wrong"}, "does not take name and password_file of .ldap.: 49"),
        ({"people": "ou=elsewhere,dc=example"}, "does not look under ou=elsewhere"),
        ({"groups": f"ou=none,{SUFFIX}"}, "does not look under ou=none"),
        ({"subject_attribute": "objectGUID"}, "does not tell objectGUID"),
    ],
)
def test_settings_that_the_directory_does_not_know_are_named(
    slapd: Slapd, more: dict[str, Any], said: str
) -> None:
    with pytest.raises(LdapFault, match=said):
        directory(slapd, **more).somebody("moana", PASSWORDS["moana"])


@pytest.mark.parametrize("scheme", ["ldaps", "ldap"])
def test_a_directory_of_another_authority_or_name_is_told_nothing(
    slapd: Slapd, scheme: str
) -> None:
    port = slapd.tls if scheme == "ldaps" else slapd.plain
    url = f"{scheme}://localhost:{port}"
    public = Directory(
        slapd.settings(url), password=SERVICE_PASSWORD, tls=ssl.create_default_context()
    )
    with pytest.raises(LdapFault, match="CERTIFICATE_VERIFY_FAILED"):
        public.somebody("moana", PASSWORDS["moana"])
    elsewhere = directory(slapd, url=f"{scheme}://127.0.0.2:{port}".replace("127.0.0.2", "[::1]"))
    with pytest.raises(LdapFault, match="cannot be asked"):
        elsewhere.somebody("moana", PASSWORDS["moana"])
