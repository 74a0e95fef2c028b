import pytest

from accord.security.ldap_settings import LdapGroup, LdapSettings

GOOD = {
    "url": "ldaps://directory.example",
    "authority_file": "ca.pem",
    "name": "cn=accord",
    "password_file": "secret",
    "people": "ou=people",
    "groups": "ou=groups",
}


def test_nothing_needs_to_be_set() -> None:
    assert LdapSettings().url == ""
    assert LdapSettings(**GOOD).name_attribute == "uid"


@pytest.mark.parametrize(
    "wrong",
    [
        {"url": "https://directory.example"},
        {"url": "directory.example"},
        {"url": "ldaps://"},
        {"url": "ldap://directory.example/dc=example"},
        {"authority_file": ""},
        {"name": ""},
        {"password_file": ""},
        {"people": ""},
        {"groups": ""},
    ],
)
def test_settings_without_which_no_directory_is_asked_safely_are_refused(
    wrong: dict[str, str],
) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        LdapSettings(**{**GOOD, **wrong})


def test_a_group_that_says_nothing_here_is_refused() -> None:
    with pytest.raises(ValueError, match="groups is empty"):
        LdapGroup(role="watch")
