from starlette.requests import HTTPConnection

from accord.api.caller import PEER_CERTIFICATE, identify
from accord.core.principal import Principal

KIWI = Principal(name="kiwi-1")


def _connection(**state: object) -> HTTPConnection:
    return HTTPConnection({"type": "websocket", "state": state})


def _admit(certificate: bytes) -> Principal | str:
    return KIWI if certificate == b"kiwi" else "unknown certificate"


def test_who_connects_is_told_by_the_certificate() -> None:
    assert identify(_connection(**{PEER_CERTIFICATE: b"kiwi"}), _admit) is KIWI
    assert identify(_connection(**{PEER_CERTIFICATE: b"moa"}), _admit) == "unknown certificate"


def test_nobody_is_anybody_without_a_certificate() -> None:
    assert identify(_connection(**{PEER_CERTIFICATE: None}), _admit) == "no client certificate"
    assert identify(_connection(), _admit) == "no client certificate"
    bare = HTTPConnection({"type": "websocket"})
    assert identify(bare, _admit) == "no client certificate"
