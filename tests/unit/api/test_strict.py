import h11
import pytest

from accord.api.strict import StrictConnection

HEAD = b"POST /slow HTTP/1.1\r\nHost: x\r\n"


def read(*parts: bytes) -> list[object]:
    """What comes of bytes that arrive in these parts."""
    connection, found = StrictConnection(h11.SERVER), list[object]()
    for part in parts:
        connection.receive_data(part)
        while (event := connection.next_event()) not in (h11.NEED_DATA, h11.PAUSED):
            found.append(event)
    return found


@pytest.mark.parametrize(
    "said",
    [
        HEAD + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
        HEAD + b"transfer-encoding: chunked\r\ncontent-length: 0\r\n\r\n0\r\n\r\n",
        HEAD + b"X: a\r\n b\r\n\r\n",
        HEAD + b"X: a\r\n\tb\r\n\r\n",
        HEAD + b"X: a\n\r\n",
        HEAD + b"X: a\r\n\n",
        b"GET / HTTP/1.1\nHost: x\n\n",
    ],
)
def test_a_head_that_can_be_read_in_two_ways_is_refused(said: bytes) -> None:
    with pytest.raises(h11.RemoteProtocolError):
        read(said)
    with pytest.raises(h11.RemoteProtocolError):
        read(*(said[at : at + 1] for at in range(len(said))))


def test_the_lines_of_a_body_are_nobodys_business() -> None:
    body = b"a\nb\n c\n\nd"
    whole = HEAD + b"Content-Length: %d\r\n\r\n" % len(body) + body
    request, data, end = read(whole)
    assert isinstance(request, h11.Request)
    assert isinstance(data, h11.Data)
    assert (data.data, type(end)) == (body, h11.EndOfMessage)
    chunked = HEAD + b"Transfer-Encoding: chunked\r\n\r\n4\r\na\n b\r\n0\r\n\r\n"
    assert [type(each) for each in read(chunked)] == [h11.Request, h11.Data, h11.EndOfMessage]
