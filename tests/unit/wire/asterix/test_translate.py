from datetime import timedelta

import pytest

from accord.core.body import Position
from accord.core.context import LIVE, Context
from accord.core.report import Form, Original, Report, Source
from accord.wire.asterix.polar import Site
from accord.wire.asterix.stream import AsterixStream
from accord.wire.asterix.translate import (
    VALID,
    VALID_PLOT,
    AsterixReader,
    from_original,
    read_site,
)
from accord.wire.errors import Malformed
from support.clock import START

SOURCE = Source(node="NZL", channel="feed:radar", speaker="radar")
GROUPS = frozenset({"Watch"})
SITE = Site(-41.3, 174.8, 500.0)
PLOT = bytes.fromhex("30000ef019c94650402047fca653")
SIMULATED = bytes.fromhex("300011f11019c94650405032004000004e")
TRACK = bytes.fromhex("3e00239b2d041964546200ff89f49ffe00b60bfe700000002c95c983182012340000c8")


def read(block: bytes, context: Context = LIVE) -> tuple[list[Report], dict[str, int]]:
    reader = AsterixReader(
        AsterixStream(), source=SOURCE, groups=GROUPS, context=context, sites={(25, 201): SITE}
    )
    return reader.read(block, received=START, tick=0.0), reader.counts


def again(original: Original) -> Report:
    return from_original(original, source=SOURCE, groups=GROUPS, received=START)


def block_021(items: str, body: str) -> bytes:
    data = bytes.fromhex(items + body)
    return b"\x15" + (3 + len(data)).to_bytes(2) + data


def test_a_plot_holds_for_a_turn_of_the_radar_and_a_track_for_a_minute() -> None:
    (plot,), _ = read(PLOT)
    (track,), _ = read(TRACK)
    assert (plot.stale - plot.time, track.stale - track.time) == (VALID_PLOT, VALID)
    assert (plot.how, track.how) == ("m", "m-f")


def test_two_plots_of_one_turn_are_two_objects() -> None:
    moved = PLOT[:-1] + b"\x99"
    (one,), _ = read(PLOT)
    (other,), _ = read(moved)
    assert one.uid != other.uid


def test_of_other_categories_nothing_is_used() -> None:
    assert read(bytes.fromhex("220010f6190e023a692b408840408000"))[1]["not used"] == 1


def test_a_record_without_a_place_or_with_an_impossible_one_is_counted() -> None:
    # I021/010, I021/040, I021/080; then the same with I021/130 at latitude 135.
    without = block_021("c110", "1907" + "00" + "3c660c")
    beyond = block_021("c510", "1907" + "00" + "600000" + "000000" + "3c660c")
    for block in (without, beyond):
        reports, counts = read(block)
        assert (reports, counts["no position"]) == ([], 1)


def test_without_a_time_of_its_own_it_is_as_of_its_receipt() -> None:
    (report,), _ = read(block_021("c510", "1907" + "00" + "e2d82e7c16c1" + "3c660c"))
    assert report.time == START
    assert isinstance(report.body, Position)


def test_a_block_that_cannot_be_read_costs_only_itself() -> None:
    # A field specification that announces more than there is.
    reports, counts = read(b"\x30\x00\x05\xff\xff" + PLOT)
    assert len(reports) == 1
    assert counts["malformed"] == 1


def test_in_an_exercise_it_bears_the_mark() -> None:
    (report,), _ = read(TRACK, Context.exercise("TASMAN"))
    assert str(report.marking.opex) == "e-TASMAN"


def test_what_was_simulated_is_read_again_and_not_as_live() -> None:
    (report,), _ = read(SIMULATED, Context.exercise("TASMAN"))
    assert report.original is not None
    assert again(report.original).context != LIVE


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"\n", id="no record"),
        pytest.param(b"\n\x22\x00\x05\x80\x00", id="a category that is not read"),
        pytest.param(b"somewhere 1 2\n" + PLOT, id="a radar that stands nowhere"),
        pytest.param(b"\n" + PLOT, id="a plot of a radar that is not known"),
        pytest.param(b"\n\x30\x00\x05\xff\xff", id="no record that can be read"),
    ],
)
def test_what_is_no_record_is_refused(data: bytes) -> None:
    with pytest.raises(Malformed):
        again(Original(Form.ASTERIX, data))
    with pytest.raises(Malformed):
        again(Original(Form.AIS, data))


@pytest.mark.parametrize("text", ["1 2", "91 0 0", "0 181 0", "0 0 20000", "0 0 -2000", "a b c"])
def test_a_radar_stands_somewhere_on_earth(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_site(text)
    assert read_site("-41.3 174.8 500") == SITE


def test_around_midnight_the_nearer_day_is_meant() -> None:
    reader = AsterixReader(AsterixStream(), source=SOURCE, groups=GROUPS)
    # I021/071 a second before midnight, read a second after it.
    block = block_021("cd10", "1907" + "00" + "a8bf80" + "e2d82e7c16c1" + "3c660c")
    midnight = START.replace(hour=0, minute=0, second=0, microsecond=0)
    (report,) = reader.read(block, received=midnight + timedelta(seconds=1), tick=0.0)
    assert report.time == midnight - timedelta(seconds=1)


def test_it_lets_go_of_a_block_that_a_connection_left_unfinished() -> None:
    reader = AsterixReader(AsterixStream(), source=SOURCE, groups=GROUPS)
    reader.read(b"\x15\x00\x20\x80", received=START, tick=0.0)
    assert [reader.let_go(), reader.let_go()] == [True, False]
