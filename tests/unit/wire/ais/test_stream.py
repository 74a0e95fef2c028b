import pytest

from accord.wire.ais.stream import (
    AisFrame,
    AisStream,
    WrongChecksum,
    is_whole,
    read,
    time_of,
    with_time,
)
from accord.wire.errors import Malformed
from support.nmea import sentence

# Real lines; where each comes from stands in tests/golden/ais/SOURCES.md and examples/recordings.
PLAIN = b"!AIVDM,1,1,,A,15RTgt0PAso;90TKcjM8h6g208CQ,0*4A"
TAG = rb"\c:1565218798*53\!BSVDM,1,1,,A,13mb9U0P00PRk8fT5nw>4?wj2006,0*5D"
TAG_WITH_GROUP = (
    rb"\g:1-2-9999,c:1565218798*53\!BSVDM,2,1,3,A,"
    rb"53nPnh800000ha@J2218UH60U@4hT6000000000t2PD33t?P008000000000,0*72"
)
SECONDS_AND_STATION = b"!AIVDM,1,1,,A,14`qQb0000o?u?DK>Smo2E`v0404,0*1A,r003669987,1152921693"
MILLISECONDS = b"!AIVDM,1,1,,A,144gjIP0085KKPQHMPjT81Sb1PSL,0*22,1328133720087"
WRAPPER = b"$PGHP,1,2010,6,11,11,46,12,390,231,45,992190934,1,2B*5F"
PART_1 = b"!AIVDM,2,1,1,A,55?MbV02;H;s<HtKR20EHE:0@T4@Dn2222222216L961O5Gf0NSQEp6ClRp8,0*1C"
PART_2 = b"!AIVDM,2,2,1,A,88888888880,2*25"


def lines(*some: bytes) -> bytes:
    return b"".join(line + b"\r\n" for line in some)


def test_a_sentence_becomes_a_frame_with_its_line() -> None:
    assert AisStream().receive(lines(PLAIN), 0.0) == [
        AisFrame(b"15RTgt0PAso;90TKcjM8h6g208CQ", 0, None, PLAIN)
    ]


@pytest.mark.parametrize(
    ("line", "time"),
    [
        (TAG, 1565218798.0),
        (TAG_WITH_GROUP, 1565218798.0),
        (SECONDS_AND_STATION, 1152921693.0),
        (MILLISECONDS, 1328133720.087),
        (rb"\s:2573535,c:1671533231123,t:north*08" + b"\\" + PLAIN, 1671533231.123),
        (PLAIN, None),
        (PLAIN + b",nothing of the sort", None),
    ],
)
def test_the_time_is_found_wherever_networks_put_it(line: bytes, time: float | None) -> None:
    said = read(line)
    assert said is not None
    assert said.time == time == time_of(line)


def test_a_wrapper_gives_its_time_to_the_sentence_whose_checksum_it_repeats() -> None:
    said = sentence("AIVDM,1,1,,B,402=481uaUcf;OQ55JS9ITi025Jp,0")
    wrapper = sentence(
        f"PGHP,1,2010,6,11,11,46,12,390,231,45,992190934,1,{said[-2:].decode()}", "$"
    )
    (frame,) = AisStream().receive(lines(wrapper, said), 0.0)
    assert frame.time == 1276256772.39  # 2010-06-11 11:46:12.390 UTC
    assert frame.data == wrapper + b"\n" + said
    assert time_of(wrapper) == frame.time


def test_a_wrapper_does_not_speak_of_any_other_sentence() -> None:
    wrapper = sentence("PGHP,1,2010,6,11,11,46,12,390,231,45,992190934,1,2B", "$")
    other, its = PLAIN, sentence("AIVDM,1,1,,B,402=481uaUcf;OQ55JS9ITi025Jp,0")
    frames = AisStream().receive(lines(wrapper, other, its), 0.0)
    assert [frame.time for frame in frames] == [None, None]


def test_a_wrapper_ahead_of_fragments_gives_its_time_to_the_message() -> None:
    wrapper = sentence("PGHP,1,2010,6,11,11,46,11,929,244,0,,1,72", "$")
    (frame,) = AisStream().receive(lines(wrapper, PART_1, PART_2), 0.0)
    assert frame.time == 1276256771.929
    assert frame.data == wrapper + b"\n" + PART_1 + b"\n" + PART_2


@pytest.mark.parametrize(
    "wrapper",
    [
        WRAPPER[:-1] + b"0",
        sentence("PGHP,1,2010,13,11,11,46,12,390,231,45,992190934,1,4A", "$"),
    ],
)
def test_a_wrapper_that_cannot_be_is_not_believed(wrapper: bytes) -> None:
    (frame,) = AisStream().receive(lines(wrapper, PLAIN), 0.0)
    assert frame.time is None
    assert time_of(wrapper) is None


@pytest.mark.parametrize("order", [(PART_1, PART_2), (PART_2, PART_1), (PART_2, PART_2, PART_1)])
def test_fragments_are_joined_in_any_order(order: tuple[bytes, ...]) -> None:
    (frame,) = AisStream().receive(lines(*order), 0.0)
    assert frame.payload == PART_1.split(b",")[5] + PART_2.split(b",")[5]
    assert frame.fill == 2
    assert frame.data == PART_1 + b"\n" + PART_2


def test_messages_on_two_channels_or_from_two_stations_do_not_mix() -> None:
    on_b = [sentence(p[1:-3].decode().replace(",A,", ",B,")) for p in (PART_1, PART_2)]
    of_r1 = [part + b",r1,1152921693" for part in (PART_1, PART_2)]
    mixed = lines(PART_1, on_b[0], of_r1[0], of_r1[1], on_b[1], PART_2)
    assert len(AisStream().receive(mixed, 0.0)) == 3


def test_a_fragment_waits_for_its_others_only_so_long() -> None:
    stream = AisStream(max_wait=10.0)
    assert stream.receive(lines(PART_1), 100.0) == []
    assert stream.receive(lines(PART_2), 110.1) == []
    assert stream.counts["incomplete message"] == 1


def test_a_sequence_number_in_use_again_starts_a_new_message() -> None:
    stream = AisStream()
    other = sentence("AIVDM,2,1,1,A,53nPnh800000ha@J2218UH60U@4hT6,0")
    (frame,) = stream.receive(lines(other, PART_1, PART_2), 0.0)
    assert frame.data == PART_1 + b"\n" + PART_2
    assert stream.counts["incomplete message"] == 1


def test_the_number_of_waiting_messages_is_bounded() -> None:
    stream = AisStream(max_groups=2)
    firsts = [sentence(f"AIVDM,2,1,{n},A,55,0") for n in (1, 2, 3)]
    stream.receive(lines(*firsts), 0.0)
    assert stream.counts["incomplete message"] == 1
    assert stream.receive(lines(sentence("AIVDM,2,2,1,A,55,0")), 0.0) == []
    assert len(stream.receive(lines(sentence("AIVDM,2,2,3,A,55,0")), 0.0)) == 1


def test_a_wrong_checksum_is_refused_and_counted() -> None:
    stream = AisStream()
    assert stream.receive(lines(PLAIN[:-1] + b"B"), 0.0) == []
    assert stream.counts["wrong checksum"] == 1
    with pytest.raises(WrongChecksum):
        read(PLAIN[:-1] + b"B")


@pytest.mark.parametrize(
    "line",
    [
        b"!BSVDM,1,1,,A,3",  # cut on the way: AMSA 2012
        b"!=IVDM,1,1,,A,18Hu;60rh18EfSKl<qljBiWL0<",
        sentence("AIVDM,1,1,,A,15RTgt0PAso;90TKcjM8h6g208CQ,6"),  # six fill bits
        sentence("AIVDM,1,1,,A,15RTgt~,0"),  # not an armoured character
        sentence("AIVDM,2,3,1,A,15,0"),  # third of two
    ],
)
def test_a_sentence_without_its_fields_is_malformed(line: bytes) -> None:
    stream = AisStream()
    assert stream.receive(lines(line), 0.0) == []
    assert stream.counts["malformed"] == 1


def test_a_ninth_field_is_tolerated() -> None:
    # B&G GoFree adds one.
    body = "AIVDM,1,1,1,,13aI8e?P00PGpU:NR6s00?vT2000,0,0"
    (frame,) = AisStream().receive(lines(sentence(body)), 0.0)
    assert frame.payload == b"13aI8e?P00PGpU:NR6s00?vT2000"


def test_other_lines_are_passed_over_and_counted() -> None:
    stream = AisStream()
    assert (
        stream.receive(lines(b"$GPGLL,5310.8115,N,00525.7025,E", b"", b"# 2006-07-15"), 0.0) == []
    )
    assert stream.counts["other lines"] == 2


def test_a_line_over_the_limit_costs_one_fault_and_no_memory() -> None:
    stream = AisStream(max_line=100)
    for _ in range(50):
        stream.receive(b"x" * 100, 0.0)
    assert len(stream._rest) == 101
    assert len(stream.receive(b"\n" + lines(PLAIN), 0.0)) == 1
    assert stream.counts["too large"] == 1


def test_a_line_is_given_another_time_and_keeps_its_station() -> None:
    moved = with_time(SECONDS_AND_STATION, 1767323045.678)
    said, before = read(moved), read(SECONDS_AND_STATION)
    assert said is not None
    assert before is not None
    assert said == before._replace(time=1767323045.678)
    tag = rb"s:r003669987,c:1767323045678"
    assert moved == sentence(tag.decode(), "\\") + b"\\" + SECONDS_AND_STATION.partition(b",r")[0]


def test_a_line_with_a_tag_block_is_given_another_time() -> None:
    moved = with_time(TAG, 1767323045.0)
    assert moved == sentence("c:1767323045000", "\\") + b"\\" + TAG.partition(b"\\!")[2].join(
        [b"!", b""]
    )


@pytest.mark.parametrize("line", [b"$GPGLL,1,2", WRAPPER, PLAIN[:-1] + b"B", b""])
def test_a_line_that_is_no_good_sentence_keeps_what_it_bears(line: bytes) -> None:
    assert with_time(line, 1767323045.0) == line


def test_a_line_with_a_wrong_checksum_bears_no_time() -> None:
    assert time_of(SECONDS_AND_STATION.replace(b"*1A", b"*1B")) is None


def test_fragments_out_of_range_are_malformed() -> None:
    stream = AisStream()
    stream.receive(lines(sentence("AIVDM,2,9,1,A,15,0")), 0.0)
    assert stream.counts[Malformed.reason] == 1


@pytest.mark.parametrize(
    ("line", "whole"),
    [
        (b"!AIVDM,1,1,,A,13HOI:0P0000VOHLCnHQKwvL05Ip,0*23", True),
        (rb"\s:r1,c:1577836800*00\!AIVDM,1,1,,A,13HOI:0P0000VOHLCnHQKwvL05Ip,0*23\r", True),
        (b"!AIVDM,1,1,,A,13HOI:0P0000VOHLCnHQKwvL05Ip,0*23,r003669987,11529", True),
        (b"$GPGLL,4916.45,N,12311.12,W,225444,A*31", True),
        (b"!AIVDM,1,1,,A,13HOI:0P0000VOHLCnHQKwvL05Ip,0*2", False),
        (b"!AIVDM,1,1,,A,13HOI:0P0000VOHLCnHQKwvL05Ip,0*24", False),
        (rb"\s:r1,c:1577836800*00\!AIVDM,1,1,,A,13HOI", False),
        (b"", False),
    ],
)
def test_a_line_is_whole_where_its_sentence_has_its_checksum(line: bytes, whole: bool) -> None:
    assert is_whole(line) is whole
