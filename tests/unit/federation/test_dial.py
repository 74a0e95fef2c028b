import socket

import pytest

from accord.federation.dial import Backoff, connect


def test_each_wait_is_twice_the_last_up_to_the_longest() -> None:
    backoff = Backoff(1.0, 60.0, lambda: 1.0)
    assert [backoff.take() for _ in range(8)] == [1, 2, 4, 8, 16, 32, 60, 60]
    backoff.reset()
    assert backoff.take() == 1.0


def test_chance_takes_up_to_half_of_a_wait() -> None:
    assert Backoff(4.0, 60.0, lambda: 0.0).take() == 2.0


async def test_a_connection_holds_back_nothing() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        sock = await connect(f"127.0.0.1:{port}", timeout=5.0, send_buffer=8_192)
        with sock:
            assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
            # Linux gives twice of what is asked for (socket(7))
            assert sock.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF) <= 16_384


async def test_an_address_at_which_nobody_listens_is_said() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(ConnectionRefusedError):
        await connect(f"127.0.0.1:{port}", timeout=5.0, send_buffer=8_192)
