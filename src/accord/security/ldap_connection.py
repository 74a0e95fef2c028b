"""One connection to a directory: TLS, and questions with their answers, within one time."""

import socket
import ssl
from collections.abc import Iterator
from contextlib import suppress
from threading import Timer
from typing import Self
from urllib.parse import urlsplit

from accord.security import ldap_messages as messages
from accord.security.ldap_messages import SIZE_LIMIT_EXCEEDED, SUCCESS, Answer, LdapGarbled, Search
from accord.security.vouched import NotVouched

MAX_ENTRIES = 1_000
"""Entries and references of one answer."""

_PORTS = {"ldaps": 636, "ldap": 389}
_READ = 64 << 10


class LdapFault(NotVouched):
    """A directory cannot be asked, or its answer does not do."""


class TooMany(LdapFault):
    """More entries than were asked for."""


class Connection:
    """Waits for the network: for threads. `with` opens it, and ends it whatever it waits for.

    Nothing is said before TLS holds: `ldaps` begins with it, `ldap` asks for it first (StartTLS).
    Whoever answers late, or byte by byte, is cut off `within` seconds after the beginning.
    """

    def __init__(self, url: str, tls: ssl.SSLContext, *, within: float) -> None:
        self._parts = urlsplit(url)
        self._tls = tls
        self._within = within
        self._held = b""
        self._number = 0
        self._is_late = False

    def __enter__(self) -> Self:
        """LdapFault: it cannot be reached, or is not who it should be."""
        host, scheme = self._parts.hostname or "", self._parts.scheme
        address = host, self._parts.port or _PORTS[scheme]
        try:
            self._socket = socket.create_connection(address, timeout=self._within)
        except OSError as error:
            raise self._fault(error) from None
        self._for_the_end = self._socket.dup()  # TLS takes the other one away
        self._watch = Timer(self._within, self._end_late)
        self._watch.daemon = True
        self._watch.start()
        try:
            if scheme == "ldap":
                self._ask_for_tls()
            self._socket = self._tls.wrap_socket(self._socket, server_hostname=host)
        except OSError as error:
            self._close()
            raise self._fault(error) from None
        except LdapFault:
            self._close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._close()

    def _close(self) -> None:
        self._watch.cancel()
        self._socket.close()
        self._for_the_end.close()

    def _end_late(self) -> None:
        self._is_late = True
        with suppress(OSError):
            self._for_the_end.shutdown(socket.SHUT_RDWR)

    def _fault(self, error: OSError) -> LdapFault:
        why = f"it took longer than {self._within:g} s" if self._is_late else str(error)
        return LdapFault(f"the directory {self._parts.hostname} cannot be asked: {why}")

    def _ask_for_tls(self) -> None:
        (answer,) = self._asked(messages.start_tls(self._next()), "extendedResp")
        if answer.code != SUCCESS or self._held:  # what came before TLS is nobody's word
            raise LdapFault(f"the directory does not begin TLS: {answer.code} {answer.text}")

    def bind(self, dn: str, password: str) -> Answer:
        """Return what the directory says to a name and its password."""
        (answer,) = self._asked(messages.bind(self._next(), dn, password), "bindResponse")
        return answer

    def search(self, asked: Search) -> list[Answer]:
        """Return the entries that were found. TooMany: more than asked for; LdapFault: not so."""
        *entries, done = self._asked(messages.search(self._next(), asked), "searchResDone")
        if done.code == SIZE_LIMIT_EXCEEDED or len(entries) > asked.most:
            raise TooMany(f"the directory has more than {asked.most} under {asked.base}")
        if done.code != SUCCESS:
            raise LdapFault(
                f"the directory does not look under {asked.base}: {done.code} {done.text}"
            )
        return [each for each in entries if each.kind == "searchResEntry"]

    def _next(self) -> int:
        self._number += 1
        return self._number

    def _asked(self, question: bytes, last: str) -> list[Answer]:
        """Ask, and return everything up to the answer of a kind."""
        found: list[Answer] = []
        try:
            self._socket.sendall(question)
            for answer in self._answers():
                found.append(answer)
                if answer.kind == last:
                    return found
                if len(found) > MAX_ENTRIES:
                    raise TooMany(f"the directory answers with more than {MAX_ENTRIES} entries")
        except OSError as error:
            raise self._fault(error) from None
        except LdapGarbled as error:
            raise LdapFault(f"the directory {self._parts.hostname}: {error}") from None
        raise AssertionError("answers have no end of their own")

    def _answers(self) -> Iterator[Answer]:
        """Give the answers to the newest question; what is said of no question is passed over."""
        while True:
            length = messages.length_of(self._held)
            while length is None or len(self._held) < length:
                part = self._socket.recv(_READ)
                if not part:
                    raise ConnectionResetError("it ended the connection")
                self._held += part
                length = messages.length_of(self._held)
            data, self._held = self._held[:length], self._held[length:]
            answer = messages.read(data)
            if answer.number == self._number:
                yield answer
