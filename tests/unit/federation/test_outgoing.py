from accord.federation.outgoing import Outgoing
from accord.wire.peer.message import Keepalive
from accord.wire.peer.protocol import Lane


def test_a_frame_that_releases_nothing_has_no_items_and_no_hops() -> None:
    frame = Outgoing(number=2, lane=Lane.CONTROL, at=0, message=Keepalive(), size=16)
    assert (frame.items, dict(frame.hops), frame.resent) == ((), {}, False)
