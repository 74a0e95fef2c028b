from accord.federation.room import FRAME_OVERHEAD, Room


def test_what_is_longer_than_the_window_goes_alone_or_waits() -> None:
    room = Room(now=500, alone=900, ever=900)
    assert room.takes(500, is_first=False)
    assert not room.takes(501, is_first=False)
    assert room.takes(900, is_first=True)
    assert not room.takes(901, is_first=True)


def test_what_fits_no_frame_never_fits() -> None:
    room = Room(now=0, alone=0, ever=900)
    assert room.fits_ever(900 - FRAME_OVERHEAD)
    assert not room.fits_ever(901 - FRAME_OVERHEAD)
