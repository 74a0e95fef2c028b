from pathlib import Path

import pytest

from accord.storage.history.shared.address import Address


def test_a_url_says_where_and_as_whom() -> None:
    found = Address.parse("postgresql://accord@db.example.org:5433/history")
    assert (found.host, found.port, found.database, found.user) == (
        "db.example.org", 5433, "history", "accord"
    )  # fmt: skip
    assert str(found) == "history at db.example.org:5433"
    assert Address.parse("postgres://a%40b@h/d%20e").user == "a@b"
    assert Address.parse("postgresql://a@[fe80::1]/d").host == "fe80::1"
    assert str(Address.parse("postgresql://a@[fe80::1]/d")) == "d at [fe80::1]:5432"


def test_over_a_network_the_server_proves_who_it_is_unless_somebody_says_otherwise() -> None:
    assert Address.parse("postgresql://a@db.example.org/d").ssl_mode == "verify-full"
    assert Address.parse("postgresql://a@localhost/d").ssl_mode == "disable"
    assert Address.parse("postgresql://a@x/d?host=/run/postgresql").ssl_mode == "disable"
    found = Address.parse("postgresql://a@h/d?sslmode=verify-ca&sslrootcert=db-ca.pem")
    assert (found.ssl_mode, found.ssl_root) == ("verify-ca", Path("db-ca.pem"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("mysql://a@h/d", "give postgresql://"),
        ("postgresql://a:secret@h/d", "a password does not belong here"),
        ("postgresql://h/d", "name the user and the database"),
        ("postgresql://a@h", "name the user and the database"),
        ("postgresql://a@h/d?sslmode=prefer", "sslmode prefer: give one of"),
        ("postgresql://a@h/d?options=x", "option options: known are"),
        ("postgresql://a@h:x/d", "[Pp]ort"),
    ],
)
def test_what_is_wrong_with_it_is_said_and_no_password_with_it(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said) as caught:
        Address.parse(text)
    assert "secret" not in str(caught.value)
