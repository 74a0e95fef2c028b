import socket
import ssl

import pytest

from accord.config import Endpoint
from accord.config.settings import ListenSettings
from accord.core.errors import AccordError
from accord.node import listeners
from accord.node.listeners import CERTIFICATES, address, bound, reached_at

HERE = Endpoint("127.0.0.1", 0)
ALL_HERE = ListenSettings(
    cot_tcp=HERE, cot_tls=HERE, cot_udp=HERE, api=HERE, enrol=HERE, federation=HERE
)


def test_every_listener_is_bound_and_named_as_status_names_it() -> None:
    with bound(ALL_HERE) as sockets:
        assert set(sockets) == {"cot-tcp", "cot-tls", "cot-udp", "api", "enrol", "federation"}
        kinds = {name: each.type for name, each in sockets.items()}
        ports = [address(each).port for each in sockets.values()]
    assert kinds.pop("cot-udp") == socket.SOCK_DGRAM
    assert set(kinds.values()) == {socket.SOCK_STREAM}
    assert len(set(ports)) == 6


def test_what_is_off_is_not_bound() -> None:
    off = ListenSettings(
        cot_tcp=None, cot_tls=HERE, cot_udp=None, api=None, enrol=None, federation=None
    )
    with bound(off) as sockets:
        assert set(sockets) == {"cot-tls"}


def test_everything_is_let_go_at_the_end_and_when_one_cannot_be_had() -> None:
    with bound(ALL_HERE) as sockets:
        taken = address(sockets["enrol"])
        clash = ListenSettings(cot_tcp=HERE, cot_tls=HERE, api=HERE, enrol=taken, federation=None)
        before = dict(sockets)
        with pytest.raises(AccordError, match="listener enrol: cannot listen") as refused:
            bound(clash).__enter__()
        said = str(refused.value)
        assert f"127.0.0.1 port {taken.port}" in said
        assert "enrol in [listen] of accord.toml, or option --enrol" in said
        assert all(each.fileno() >= 0 for each in before.values())
    assert all(each.fileno() < 0 for each in before.values())


class _Socket:
    def __init__(self, *name: object) -> None:
        self._name = name

    def getsockname(self) -> tuple[object, ...]:
        return self._name


@pytest.mark.parametrize(
    ("name", "bound_to", "reached"),
    [
        (("0.0.0.0", 8089), "0.0.0.0:8089", "127.0.0.1:8089"),  # noqa: S104  a value, not bound
        (("::", 8089, 0, 0), "[::]:8089", "[::1]:8089"),
        (("192.0.2.7", 1), "192.0.2.7:1", "192.0.2.7:1"),
    ],
)
def test_what_listens_everywhere_is_reached_on_this_machine(
    name: tuple[object, ...], bound_to: str, reached: str
) -> None:
    of = _Socket(*name)
    assert str(address(of)) == bound_to  # type: ignore[arg-type]  as much of a socket as is asked
    assert str(reached_at(of)) == reached  # type: ignore[arg-type]


def test_only_phones_that_have_no_certificate_yet_come_without_one() -> None:
    assert CERTIFICATES == {
        listeners.COT_TLS: ssl.CERT_REQUIRED,
        listeners.REPLAY: ssl.CERT_REQUIRED,
        listeners.API: ssl.CERT_OPTIONAL,
        listeners.ENROL: ssl.CERT_NONE,
    }
