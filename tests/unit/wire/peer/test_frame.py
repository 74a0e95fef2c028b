from accord.wire.peer.frame import LANES, MAX_HANDLE, SIGNED, Handles, Known
from accord.wire.peer.protocol import FrameType
from support.peer import a_header

KNOWN = Known(a_header(), bytes(32))


def test_every_frame_has_its_lanes() -> None:
    assert LANES.keys() == {*FrameType}
    assert all(LANES.values())
    assert LANES.keys() > SIGNED


def test_handles_stop_at_their_limit_and_then_change_nothing() -> None:
    handles = Handles(limit=2)
    assert handles.put({1: KNOWN})
    assert not handles.put({1: Known(None, b"other"), 2: KNOWN, 3: KNOWN})
    assert (len(handles), handles.get(1), handles.get(2)) == (1, KNOWN, None)
    assert handles.put({1: KNOWN, 2: KNOWN})


def test_a_handle_can_be_too_high() -> None:
    handles = Handles(limit=2)
    assert not handles.put({MAX_HANDLE + 1: KNOWN})
    assert handles.put({MAX_HANDLE: KNOWN})


def test_a_header_that_comes_later_is_filled_in_where_it_is_due() -> None:
    handles = Handles(limit=9)
    waiting = Known(None, b"a" * 32)
    handles.put({1: waiting, 2: Known(None, b"b" * 32), 3: waiting, 4: KNOWN})
    handles.fill(b"a" * 32, a_header())
    assert handles.get(1) == handles.get(3) == Known(a_header(), b"a" * 32)
    assert handles.get(2) == Known(None, b"b" * 32)
    assert handles.get(4) == KNOWN


def test_handles_can_be_forgotten() -> None:
    handles = Handles(limit=9)
    handles.put({1: KNOWN})
    handles.clear()
    assert handles.get(1) is None
