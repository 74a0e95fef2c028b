"""Directories that do not do as they should, each a socket of its own."""

import socket
import ssl
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from accord.security import ldap_connection
from accord.security.ldap_connection import Connection, LdapFault, TooMany
from accord.security.ldap_messages import Search
from support.tls import TestAuthority

# By RFC 4511 in BER; the number of the question is the fifth byte.
BIND_OK = bytes.fromhex("300c02010161070a010004000400")
ENTRY = bytes.fromhex("300b02010164060402") + b"dn" + bytes.fromhex("3000")
DONE = bytes.fromhex("300c02010165070a010004000400")
TOO_MANY = bytes.fromhex("300c02010165070a010404000400")
TLS_NO = bytes.fromhex("300c02010178070a010204000400")
TLS_OK = bytes.fromhex("300c02010178070a010004000400")
OTHERS = bytes.fromhex("300c02010961070a010004000400")

ASKED = Search(base="dc=x", attribute="uid", value="a", wanted=["cn"], most=2, seconds=1)

Serve = Callable[[socket.socket], None]


@contextmanager
def a_directory(
    authority: TestAuthority, serve: Serve, *, scheme: str = "ldaps", within: float = 20.0
) -> Generator[Connection, None, None]:
    server = socket.create_server(("127.0.0.1", 0))
    over = threading.Event()

    def run() -> None:
        with suppress(OSError):
            sock, _ = server.accept()
            with suppress(OSError):
                if scheme == "ldaps":
                    sock = authority.server().wrap_socket(sock, server_side=True)
                serve(sock)
                over.wait(20)
            sock.close()

    thread = threading.Thread(target=run)
    thread.start()
    tls = ssl.create_default_context(cafile=authority.ca)
    url = f"{scheme}://localhost:{server.getsockname()[1]}"
    try:
        yield Connection(url, tls, within=within)
    finally:
        over.set()
        server.close()
        thread.join(20)


@pytest.fixture
def authority(tmp_path: Path) -> TestAuthority:
    made = TestAuthority(tmp_path)
    made.server()
    return made


def says(*answers: bytes) -> Serve:
    def serve(sock: socket.socket) -> None:
        sock.recv(4096)
        for each in answers:
            sock.sendall(each)

    return serve


def ends(sock: socket.socket) -> None:
    sock.recv(4096)
    sock.shutdown(socket.SHUT_RDWR)


def test_an_answer_in_pieces_and_one_to_another_question_are_told_apart(
    authority: TestAuthority,
) -> None:
    pieces = [bytes([each]) for each in OTHERS + BIND_OK]
    with a_directory(authority, says(*pieces)) as connection, connection:
        assert connection.bind("cn=a", "pw").code == 0


def test_entries_come_before_the_end_of_a_search(authority: TestAuthority) -> None:
    with a_directory(authority, says(ENTRY + ENTRY, DONE)) as connection, connection:
        assert [each.dn for each in connection.search(ASKED)] == ["dn", "dn"]


@pytest.mark.parametrize("answers", [[ENTRY] * 3 + [DONE], [ENTRY, TOO_MANY]])
def test_more_entries_than_asked_for_are_too_many(
    authority: TestAuthority, answers: list[bytes]
) -> None:
    with (
        a_directory(authority, says(*answers)) as connection,
        connection,
        pytest.raises(TooMany),
    ):
        connection.search(ASKED)


def test_entries_without_end_are_not_waited_for(
    authority: TestAuthority, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ldap_connection, "MAX_ENTRIES", 5)
    with (
        a_directory(authority, says(*[ENTRY] * 6)) as connection,
        connection,
        pytest.raises(TooMany, match="more than 5 entries"),
    ):
        connection.search(ASKED)


@pytest.mark.parametrize(
    ("serve", "said"),
    [(says(b"HTTP/1.1 400"), "no LDAP message"), (ends, "ended the connection|EOF|reset")],
)
def test_what_is_no_answer_is_a_fault(authority: TestAuthority, serve: Serve, said: str) -> None:
    with (
        a_directory(authority, serve) as connection,
        connection,
        pytest.raises(LdapFault, match=said),
    ):
        connection.bind("cn=a", "pw")


def _byte_by_byte(sock: socket.socket) -> None:
    sock.recv(4096)
    for each in BIND_OK[:-1]:
        sock.sendall(bytes([each]))


@pytest.mark.parametrize("serve", [_byte_by_byte, lambda _sock: None])
def test_a_directory_that_does_not_finish_is_left_in_time(
    authority: TestAuthority, serve: Serve
) -> None:
    with (
        a_directory(authority, serve, within=0.5) as connection,
        connection,
        pytest.raises(LdapFault, match=r"took longer than 0\.5 s|timed out"),
    ):
        connection.bind("cn=a", "pw")


@pytest.mark.parametrize("scheme", ["ldap", "ldaps"])
def test_a_directory_that_begins_no_tls_is_left_in_time_and_told_nothing(
    authority: TestAuthority, scheme: str
) -> None:
    heard: list[bytes] = []

    def serve(sock: socket.socket) -> None:
        heard.append(sock.recv(4096))
        sock.sendall(TLS_OK)

    class Deaf(TestAuthority):
        def server(self, **_: object) -> ssl.SSLContext:
            return _NoTls()  # pyright: ignore[reportReturnType]  it gives the socket back

    deaf = Deaf(authority.directory)
    with (
        a_directory(deaf, serve, scheme=scheme, within=0.5) as connection,
        pytest.raises(LdapFault, match=r"cannot be asked"),
        connection,
    ):
        raise AssertionError("there is no TLS")
    assert b"pw" not in b"".join(heard)


class _NoTls:
    def wrap_socket(self, sock: socket.socket, **_: object) -> socket.socket:
        return sock


@pytest.mark.parametrize(
    ("answer", "said"),
    [(TLS_NO, "does not begin TLS: 2"), (TLS_OK + BIND_OK, "does not begin TLS")],
)
def test_tls_that_is_refused_or_preceded_by_words_is_none(
    authority: TestAuthority, answer: bytes, said: str
) -> None:
    with (
        a_directory(authority, says(answer), scheme="ldap") as connection,
        pytest.raises(LdapFault, match=said),
        connection,
    ):
        raise AssertionError("there is no TLS")


def test_where_nothing_listens_nothing_is_asked(authority: TestAuthority) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    tls = ssl.create_default_context(cafile=authority.ca)
    with (
        pytest.raises(LdapFault, match="cannot be asked"),
        Connection(f"ldaps://localhost:{port}", tls, within=5.0),
    ):
        raise AssertionError("nobody is there")
