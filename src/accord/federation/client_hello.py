"""The server name out of the first bytes of a TLS connection, without taking part in it.

RFC 8446, 4.1.2 and 5.1 (ClientHello in handshake records); RFC 6066, 3 (server_name). What is read
here is believed by nobody: it only chooses whose guard is handed the connection.
"""

from dataclasses import dataclass

MAX_CLIENT_HELLO = 8_192
"""Bytes of a ClientHello with its records; one of a node is some 300, of a browser some 2,000."""

_HANDSHAKE = 22
_CLIENT_HELLO = 1
_SERVER_NAME = 0
_HOST_NAME = 0
_MAX_NAME = 255  # RFC 1035, 2.3.4
_MAX_RECORD = 1 << 14  # RFC 8446, 5.1


class NotTls(ValueError):
    """The bytes begin no TLS connection."""


@dataclass(frozen=True, slots=True)
class ClientHello:
    """What a caller says first; `server_name` is empty where it says none."""

    server_name: str


def read_client_hello(data: bytes) -> ClientHello | None:
    """Return what these bytes say, None where more must come. Raises NotTls."""
    if len(data) > MAX_CLIENT_HELLO:
        raise NotTls(f"a ClientHello has at most {MAX_CLIENT_HELLO} bytes")
    message = _handshake(data)
    if len(message) < 4:
        return None
    if message[0] != _CLIENT_HELLO:
        raise NotTls("the first message is no ClientHello")
    end = 4 + int.from_bytes(message[1:4])
    if end > MAX_CLIENT_HELLO:
        raise NotTls(f"a ClientHello has at most {MAX_CLIENT_HELLO} bytes")
    return None if len(message) < end else ClientHello(_server_name(message[4:end]))


def _handshake(data: bytes) -> bytes:
    """Return what there is of the handshake, out of its records."""
    found = b""
    at = 0
    while len(data) - at >= 5 and not _is_whole(found):
        size = int.from_bytes(data[at + 3 : at + 5])
        if data[at] != _HANDSHAKE or data[at + 1] != 3 or not 0 < size <= _MAX_RECORD:
            raise NotTls("the first bytes are no handshake of TLS")
        found += data[at + 5 : at + 5 + size]
        at += 5 + size
    if at < len(data) and data[at] != _HANDSHAKE and not _is_whole(found):
        raise NotTls("the first bytes are no handshake of TLS")
    return found


def _is_whole(message: bytes) -> bool:
    return len(message) >= 4 and len(message) >= 4 + int.from_bytes(message[1:4])


class _Parts:
    """Reads vectors of TLS: a length of so many bytes, then so much."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    @property
    def is_empty(self) -> bool:
        return self._at == len(self._data)

    def take(self, size: int) -> bytes:
        found = self._data[self._at : self._at + size]
        if len(found) < size:
            raise NotTls("a ClientHello is cut off inside")
        self._at += size
        return found

    def vector(self, bytes_of_length: int) -> bytes:
        return self.take(int.from_bytes(self.take(bytes_of_length)))


def _server_name(body: bytes) -> str:
    parts = _Parts(body)
    parts.take(2 + 32)  # legacy_version, random
    for bytes_of_length in (1, 2, 1):  # legacy_session_id, cipher_suites, compression methods
        parts.vector(bytes_of_length)
    if parts.is_empty:
        return ""
    extensions = _Parts(parts.vector(2))
    while not extensions.is_empty:
        kind = int.from_bytes(extensions.take(2))
        data = extensions.vector(2)
        if kind == _SERVER_NAME:
            return _host_name(data)
    return ""


def _host_name(data: bytes) -> str:
    names = _Parts(_Parts(data).vector(2))
    while not names.is_empty:
        kind, name = names.take(1)[0], names.vector(2)
        if kind == _HOST_NAME:
            if len(name) > _MAX_NAME or not name.isascii():
                raise NotTls("a server name is ASCII, and at most 255 bytes")
            return name.decode("ascii").lower()
    return ""
