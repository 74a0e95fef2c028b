import ssl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accord.federation.client_hello import (
    MAX_CLIENT_HELLO,
    ClientHello,
    NotTls,
    read_client_hello,
)


def first_bytes(server_name: str | None, *, alpn: list[str] | None = None) -> bytes:
    """What OpenSSL says first."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    if alpn:
        context.set_alpn_protocols(alpn)
    out = ssl.MemoryBIO()
    tls = context.wrap_bio(ssl.MemoryBIO(), out, server_hostname=server_name)
    with pytest.raises(ssl.SSLWantReadError):
        tls.do_handshake()
    return out.read()


@pytest.mark.parametrize("name", ["jfnz.example", "a", "x" * 63 + ".example"])
def test_the_server_name_is_what_the_caller_says(name: str) -> None:
    assert read_client_hello(first_bytes(name)) == ClientHello(name)


def test_a_caller_without_a_server_name_says_nothing() -> None:
    assert read_client_hello(first_bytes(None)) == ClientHello("")


def test_a_name_in_capital_letters_is_the_same_name() -> None:
    hello = first_bytes("jfnz.example").replace(b"jfnz.example", b"JFNZ.Example")
    assert read_client_hello(hello) == ClientHello("jfnz.example")


def test_more_is_waited_for_until_the_whole_is_there() -> None:
    hello = first_bytes("jfnz.example", alpn=["h2"])
    for length in range(len(hello)):
        assert read_client_hello(hello[:length]) is None
    assert read_client_hello(hello + b"more") == ClientHello("jfnz.example")


def test_a_hello_in_several_records_is_read() -> None:
    hello = first_bytes("jfnz.example")
    body, pieces = hello[5:], b""
    for begin in range(0, len(body), 40):
        piece = body[begin : begin + 40]
        pieces += b"\x16\x03\x01" + len(piece).to_bytes(2) + piece
    assert read_client_hello(pieces) == ClientHello("jfnz.example")


@pytest.mark.parametrize(
    "data",
    [
        b"GET / HTTP/1.1\r\n",
        b"\x15\x03\x01\x00\x02\x02\x28",  # an alert (RFC 8446, 6)
        b"\x16\x02\x01\x00\x05hello",  # no version of TLS
        b"\x16\x03\x01\x00\x00",  # an empty record
        b"\x16\x03\x01\x00\x04\x02\x00\x00\x00",  # a ServerHello
        b"\x16\x03\x01\x00\x04\x01\xff\xff\xff",  # one of 16 MiB
        b"\x16\x03\x01\x00\x06\x01\x00\x00\x02\x03\x03",  # cut off inside
        bytes(MAX_CLIENT_HELLO + 1),
    ],
)
def test_what_is_no_client_hello_is_refused(data: bytes) -> None:
    with pytest.raises(NotTls):
        read_client_hello(data)


def with_extensions(extensions: bytes) -> bytes:
    body = b"\x03\x03" + bytes(32) + b"\x00" + b"\x00\x02\x13\x01" + b"\x01\x00" + extensions
    message = b"\x01" + len(body).to_bytes(3) + body
    return b"\x16\x03\x01" + len(message).to_bytes(2) + message


def sized(data: bytes) -> bytes:
    return len(data).to_bytes(2) + data


def named(names: bytes) -> bytes:
    return with_extensions(sized(b"\x00\x00" + sized(sized(names))))


def test_a_hello_without_extensions_has_no_name() -> None:
    assert read_client_hello(with_extensions(b"")) == ClientHello("")


def test_names_of_another_kind_are_passed_over() -> None:
    assert read_client_hello(named(b"\x01" + sized(b"x") + b"\x00" + sized(b"y"))) == ClientHello(
        "y"
    )
    assert read_client_hello(named(b"\x01" + sized(b"x"))) == ClientHello("")


@pytest.mark.parametrize("name", [b"pap\xc3\xa1", b"x" * 256])
def test_a_name_that_can_be_none_is_refused(name: bytes) -> None:
    with pytest.raises(NotTls):
        read_client_hello(named(b"\x00" + sized(name)))


def test_other_bytes_after_a_whole_record_are_refused() -> None:
    with pytest.raises(NotTls):
        read_client_hello(first_bytes("a.example")[:60] and b"\x16\x03\x01\x00\x01\x01X")


@given(st.binary(max_size=300), st.booleans())
def test_hostile_bytes_are_refused_or_waited_with(data: bytes, wrapped: bool) -> None:
    if wrapped:
        data = b"\x16\x03\x01" + len(data).to_bytes(2) + data
    try:
        found = read_client_hello(data)
    except NotTls:
        return
    assert found is None or isinstance(found.server_name, str)
