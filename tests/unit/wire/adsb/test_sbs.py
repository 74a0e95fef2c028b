from datetime import UTC, datetime

import pytest

from accord.wire.adsb.sbs import SbsLine, read, time_of, with_time
from accord.wire.errors import Malformed

# The fields of http://woodair.net/sbs/article/barebones42_socket_data.htm
PLACED = (
    b"MSG,3,111,11111,4CA2D6,111111,2009/11/28,14:53:49.986,2009/11/28,14:58:51.153,,37000,,,"
    b"51.45735,-1.02826,,,0,0,0,0"
)
NAMED = b"MSG,1,1,1,4ca2d6,1,,,,,RYR1427 ,,,,,,,,,,,"
MOVING = b"MSG,4,1,1,4CA2D6,1,,,,,,,420,179.5,,,-64,,,,,0"
CALLING = b"MSG,6,1,1,4CA2D6,1,,,,,,,,,,,,7700,0,-1,0,0"
NOTHING = SbsLine("3", "4ca2d6", None, None, None, None, None, None, None, False)


def test_each_field_is_read_where_it_is_said() -> None:
    assert read(PLACED) == NOTHING._replace(lat=51.45735, lon=-1.02826)
    assert read(NAMED) == NOTHING._replace(kind="1", callsign="RYR1427")
    assert read(MOVING) == NOTHING._replace(kind="4", speed=420.0, course=179.5, climb=-64.0)
    assert read(CALLING) == NOTHING._replace(kind="6", squawk="7700", is_emergency=True)


def test_a_squawk_has_four_octal_digits() -> None:
    said = read(CALLING.replace(b"7700", b"21"))
    assert said is not None
    assert said.squawk == "0021"
    wrong = read(CALLING.replace(b"7700", b"9999"))
    assert wrong is not None
    assert wrong.squawk is None


def test_other_lines_are_none_of_ours() -> None:
    assert read(b"AIR,,333,103,400862,103,2008/11/28,14:58:51.153") is None
    assert time_of(b"AIR,,333") is None


@pytest.mark.parametrize(
    "line",
    [
        PLACED + b",x",
        b"MSG",
        PLACED.replace(b"MSG,3", b"MSG,9"),
        PLACED.replace(b"4CA2D6", b"4CA2"),
        PLACED.replace(b"4CA2D6", b"XXXXXX"),
        PLACED.replace(b"4CA2D6", b"-CA2D6"),
        PLACED.replace(b"51.45735", b"nan"),
        PLACED.replace(b"51.45735", b"5_1.45735"),
        PLACED.replace(b"51.45735", b"north"),
    ],
)
def test_what_cannot_be_so_is_refused(line: bytes) -> None:
    with pytest.raises(Malformed):
        read(line)


def test_a_line_gives_the_pace_of_a_recording() -> None:
    assert time_of(PLACED) == datetime(2009, 11, 28, 14, 53, 49, 986000, tzinfo=UTC).timestamp()
    assert time_of(NAMED) is None
    assert with_time(PLACED, 0.0) == PLACED
