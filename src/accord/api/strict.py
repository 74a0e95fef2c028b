"""HTTP/1.1 heads that two readers could read differently are refused (RFC 9112), not guessed at.

h11 takes them, as older clients may send them; whoever stands before this node may cut the same
bytes into other requests.
"""

import re

import h11

_end_of_head = re.compile(rb"\n\r?\n").search
_doubtful = re.compile(rb"(?<!\r)\n|\n[ \t]").search


class StrictConnection(h11.Connection):
    """A connection that takes no request whose lines or whose length are in doubt.

    Refused are a line that ends in LF alone, a header folded over lines (RFC 9112, 2.2 and 5.2),
    and Content-Length beside Transfer-Encoding (6.1).
    """

    def next_event(self) -> h11.Event | type[h11.NEED_DATA] | type[h11.PAUSED]:
        """Return what comes next. RemoteProtocolError for what is refused."""
        if self.their_state is h11.IDLE:
            _require_plain_lines(self.trailing_data[0])
        event = super().next_event()
        if isinstance(event, h11.Request):
            _require_one_length(event)
        return event


def _require_plain_lines(data: bytes) -> None:
    end = _end_of_head(data)
    if _doubtful(data, 0, len(data) if end is None else end.end()):
        raise h11.RemoteProtocolError("a line of the head ends in LF alone, or is folded")


def _require_one_length(request: h11.Request) -> None:
    names = {name for name, _ in request.headers}
    if {b"content-length", b"transfer-encoding"} <= names:
        raise h11.RemoteProtocolError("Content-Length stands beside Transfer-Encoding")
