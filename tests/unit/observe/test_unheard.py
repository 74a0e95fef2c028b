import socket
import struct

from accord.observe.unheard import Unheard


def test_what_the_system_drops_is_counted_once() -> None:
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as hearer,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender,
    ):
        hearer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        hearer.bind(("127.0.0.1", 0))
        hearer.setblocking(False)
        unheard = Unheard(hearer)
        assert unheard.more() == 0
        for _ in range(300):
            sender.sendto(bytes(500), hearer.getsockname())
        heard = 0
        while True:
            try:
                hearer.recv(600)
            except BlockingIOError:
                break
            heard += 1
        assert 0 < heard < 300
        assert unheard.more() == 300 - heard
        assert unheard.more() == 0


class Says:
    """A socket that says this of its memory, one after the other."""

    def __init__(self, *said: bytes | OSError) -> None:
        self._said = list(said)

    def getsockopt(self, level: int, optname: int, buflen: int, /) -> bytes:
        del level, optname, buflen
        said = self._said.pop(0)
        if isinstance(said, OSError):
            raise said
        return said


def dropped(count: int) -> bytes:
    return struct.pack("9I", *[0] * 8, count)


def test_a_count_that_begins_anew_beyond_its_end_goes_on() -> None:
    unheard = Unheard(Says(dropped(2**32 - 2), dropped(3)))
    assert unheard.more() == 5


def test_where_the_system_does_not_say_nothing_is_counted() -> None:
    unheard = Unheard(Says(OSError("no such option"), b"", OSError("no such option")))
    assert [unheard.more(), unheard.more()] == [0, 0]
