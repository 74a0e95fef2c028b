"""Bytes by RFC 4511, appendix B, in BER (X.690), worked out by hand."""

import pytest

from accord.security import ldap_messages as messages
from accord.security.ldap_messages import MAX_MESSAGE, Answer, LdapGarbled, Search

BIND_OK = bytes.fromhex("300c 020101 6107 0a0100 0400 0400".replace(" ", ""))
WRONG = bytes.fromhex("3011 020102 610c 0a0131 0400 0405".replace(" ", "")) + b"wrong"
ENTRY = bytes.fromhex("3018 020103 6413 0402".replace(" ", "")) + (
    b"dn" + bytes.fromhex("300d 300b 0402".replace(" ", "")) + b"cn" + bytes.fromhex("3105 0403")
    + b"\xff\x00a"
)  # fmt: skip
REFERENCE = bytes.fromhex("3009 020104 7304 0402".replace(" ", "")) + b"xy"
DONE_TOO_MANY = bytes.fromhex("300c 020105 6507 0a0104 0400 0400".replace(" ", ""))
TLS_OK = bytes.fromhex("300c 020106 7807 0a0100 0400 0400".replace(" ", ""))


def test_a_bind_says_name_and_password() -> None:
    found = messages.bind(1, "cn=a", "pw")
    assert found == bytes.fromhex("3012 020101 600d 020103 0404".replace(" ", "")) + (
        b"cn=a" + bytes.fromhex("8002") + b"pw"
    )


def test_a_bind_without_a_password_is_not_written() -> None:
    with pytest.raises(ValueError, match="4513"):
        messages.bind(1, "cn=a", "")


def test_a_search_asks_for_what_is_equal_whatever_is_in_it() -> None:
    asked = Search(base="dc=x", attribute="uid", value="a*)(", wanted=["cn"], most=2, seconds=8)
    equal = bytes.fromhex("a30b0403") + b"uid" + bytes.fromhex("0404") + b"a*)("
    assert messages.search(3, asked) == (
        bytes.fromhex("302d0201036328 0404".replace(" ", "")) + b"dc=x"
        + bytes.fromhex("0a0102 0a0100 020102 020108 010100".replace(" ", ""))
        + equal + bytes.fromhex("30040402") + b"cn"
    )  # fmt: skip


def test_tls_is_asked_for_by_its_number() -> None:
    found = messages.start_tls(2)
    assert found == bytes.fromhex("301d0201027718 8016".replace(" ", "")) + (
        b"1.3.6.1.4.1.1466.20037"
    )


@pytest.mark.parametrize(
    ("data", "answer"),
    [
        (BIND_OK, Answer(number=1, kind="bindResponse")),
        (WRONG, Answer(number=2, kind="bindResponse", code=49, text="wrong")),
        (
            ENTRY,
            Answer(number=3, kind="searchResEntry", dn="dn", attributes={"cn": (b"\xff\x00a",)}),
        ),
        (DONE_TOO_MANY, Answer(number=5, kind="searchResDone", code=4)),
        (TLS_OK, Answer(number=6, kind="extendedResp")),
    ],
)
def test_answers_are_read(data: bytes, answer: Answer) -> None:
    assert messages.length_of(data) == len(data)
    assert messages.read(data) == answer


@pytest.mark.parametrize("data", [b"", BIND_OK[:-1], BIND_OK + b"x", b"\x30\x03abc", ENTRY[:-3]])
def test_what_says_nothing_is_refused(data: bytes) -> None:
    with pytest.raises(LdapGarbled):
        messages.read(data)


def test_brackets_in_brackets_are_refused_and_do_not_end_the_node() -> None:
    deep = b""
    for _ in range(5_000):
        deep = b"\x30\x84" + len(deep).to_bytes(4, "big") + deep
    with pytest.raises(LdapGarbled):
        messages.read(deep)


def test_a_length_is_known_as_soon_as_it_is_there() -> None:
    long = b"\x30\x82\x01\x00"
    assert [messages.length_of(long[:count]) for count in range(5)] == [None] * 4 + [260]


@pytest.mark.parametrize(
    "begun", [b"\x04\x01", b"HTTP", b"\x30\x80", b"\x30\x85\x00", b"\x30\x84\xff\xff\xff\xff"]
)
def test_what_is_no_message_or_too_long_is_refused_at_once(begun: bytes) -> None:
    with pytest.raises(LdapGarbled):
        messages.length_of(begun)
    assert MAX_MESSAGE < 0xFFFFFFFF
