import pytest

from accord.wire.asterix.message import Target, read
from accord.wire.errors import Malformed

PLOT_BLOCK = bytes.fromhex("30000ef019c94650402047fca653")
SAME_TWICE = b"\x30\x00\x19" + 2 * PLOT_BLOCK[3:]


def targets(block: bytes) -> list[Target]:
    return [each.target for each in read(block)]


def test_each_record_of_a_block_is_kept_as_a_block_of_its_own() -> None:
    found = list(read(SAME_TWICE))
    assert [each.data for each in found] == [PLOT_BLOCK, PLOT_BLOCK]


def test_a_category_that_is_not_read_has_no_records() -> None:
    assert list(read(bytes.fromhex("220010f6190e023a692b408840408000"))) == []


def test_of_a_block_that_is_cut_the_whole_records_are_read() -> None:
    records = read(b"\x30\x00\x18" + 2 * PLOT_BLOCK[3:-1] + b"\x53")
    assert next(records).target.sic == 201
    with pytest.raises(Malformed, match="category 048"):
        list(records)


# I048/010 25/201, I048/140, I048/020, I048/040, I048/070 ABCD, I048/090 FL100
def block_048(squawk: str, level: str) -> bytes:
    body = bytes.fromhex("fc" + "19c9" + "465040" + "20" + "47fca653" + squawk + level)
    return b"\x30" + (3 + len(body)).to_bytes(2) + body


@pytest.mark.parametrize(("squawk", "code"), [("0e00", "7000"), ("8e00", ""), ("4e00", "")])
def test_a_code_that_was_not_validated_or_is_garbled_is_none(squawk: str, code: str) -> None:
    (target,) = targets(block_048(squawk, "0190"))
    assert target.squawk == code


@pytest.mark.parametrize(("level", "height"), [("0190", 10_000.0), ("8190", None), ("4190", None)])
def test_a_level_that_was_not_validated_or_is_garbled_is_none(
    level: str, height: float | None
) -> None:
    (target,) = targets(block_048("0e00", level))
    assert target.polar is not None
    assert target.polar.height == height


def test_an_address_of_zeros_is_none() -> None:
    body = bytes.fromhex("c510" + "1907" + "00" + "e2d82e7c16c1" + "000000")
    (target,) = targets(b"\x15" + (3 + len(body)).to_bytes(2) + body)
    assert target.icao is None
