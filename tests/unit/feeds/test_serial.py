import os
import termios
import tty
from collections.abc import Iterator
from contextlib import aclosing
from pathlib import Path

import pytest

from accord.feeds.feed import FeedError
from accord.feeds.serial import SerialLine


@pytest.fixture
def ends() -> Iterator[tuple[int, int]]:
    """Both ends of a line that the system makes up."""
    far, near = os.openpty()
    tty.setraw(far)
    yield far, near
    for each in (far, near):
        try:
            os.close(each)
        except OSError:
            continue


async def test_what_comes_over_the_line_is_read_at_its_speed(ends: tuple[int, int]) -> None:
    far, near = ends
    async with aclosing(SerialLine(os.ttyname(near), 38_400).chunks()) as chunks:
        assert await anext(chunks) == b""
        os.write(far, b"$GPRMC\r\n")
        heard = b""
        while not heard.endswith(b"\n"):
            heard += await anext(chunks)
        mode = termios.tcgetattr(near)
    assert heard == b"$GPRMC\r\n"
    assert mode[4] == mode[5] == termios.B38400


async def test_a_device_that_is_pulled_out_ends_it(ends: tuple[int, int]) -> None:
    far, near = ends
    async with aclosing(SerialLine(os.ttyname(near), 4800).chunks()) as chunks:
        await anext(chunks)
        os.close(near)
        os.close(far)
        with pytest.raises((OSError, StopAsyncIteration)):
            await anext(chunks)


async def test_what_is_no_serial_line_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x")
    with pytest.raises(FeedError, match="no serial line"):
        await anext(SerialLine(str(tmp_path / "file"), 4800).chunks())
    with pytest.raises(OSError, match="No such file"):
        await anext(SerialLine(str(tmp_path / "none"), 4800).chunks())
