from accord.wire.moving.formats import FORMATS, Format


def test_every_format_has_a_writer_but_the_one_that_is_no_text() -> None:
    assert set(FORMATS) == set(Format)
    assert [each for each in Format if FORMATS[each].write is None] == [Format.PARQUET]


def test_files_of_two_formats_end_differently() -> None:
    assert len({each.ending for each in FORMATS.values()}) == len(Format)
