from accord.wire.moving import told
from accord.wire.moving.told import NAMES, corners, courses, moment, said_of, text
from support.moving import SIX, a_label, a_row


def test_a_moment_is_spelt_as_rfc_3339_has_it_whatever_a_source_said() -> None:
    assert moment(SIX + 0.25) == "2027-03-01T06:00:00.250Z"
    assert moment(0.0) == "1970-01-01T00:00:00.000Z"
    assert moment(-1.0) == "1969-12-31T23:59:59.000Z"


def test_a_course_ends_where_another_object_or_source_begins() -> None:
    rows = [a_row(0), a_row(1), a_row(0, channel="tak"), a_row(0, uid="SHIP-2")]
    assert [len(part) for _, part in courses(rows)] == [2, 1, 1]


def test_a_long_course_is_told_in_parts(monkeypatch) -> None:
    monkeypatch.setattr(told, "LONGEST_COURSE", 2)
    assert [len(part) for _, part in courses(a_row(n) for n in range(5))] == [2, 2, 1]


def test_xml_gets_no_character_that_it_cannot_hold() -> None:
    assert text("a\x00<b>\n&") == "a &lt;b&gt; &amp;"


def test_a_cell_over_the_antimeridian_goes_on_beyond_180_degrees() -> None:
    assert corners((179.0, -1.0, -179.0, 1.0)) == [
        (179.0, -1.0), (181.0, -1.0), (181.0, 1.0), (179.0, 1.0), (179.0, -1.0)
    ]  # fmt: skip


def test_only_what_is_said_of_an_object_is_told() -> None:
    said = said_of(a_label(context="exercise:TASMAN", mmsi="512000001"))
    assert said["exercise"] == "TASMAN"
    assert "name" not in said
    assert set(said) <= set(NAMES)
    assert "exercise" not in said_of(a_label())
