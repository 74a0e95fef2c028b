import csv
import io

from accord.wire.moving import table
from support.moving import a_row


def lines(*rows):
    return list(csv.DictReader(io.StringIO("".join(table.write(rows)))))


def test_each_position_is_a_line() -> None:
    first, second = lines(a_row(0, speed=7.5), a_row(60))
    assert (first["lat"], first["lon"], first["speed"]) == ("-17.9", "178", "7.5")
    assert (first["time"], second["time"]) == (
        "2027-03-01T06:00:00.000Z", "2027-03-01T06:01:00.000Z"
    )  # fmt: skip
    assert (first["west"], second["speed"]) == ("", "")


def test_what_came_on_a_grid_has_columns_of_its_cell_and_no_place() -> None:
    (said,) = lines(a_row(0, cell=(177.0, -19.0, 179.0, -17.0)))
    assert (said["lat"], said["lon"]) == ("", "")
    assert [said[each] for each in ("west", "south", "east", "north")] == [
        "177", "-19", "179", "-17"
    ]  # fmt: skip


def test_no_name_is_a_formula() -> None:
    # OWASP, CSV injection: a quote before what a spreadsheet would run
    (said,) = lines(a_row(0, name='=HYPERLINK("http://x")', callsign="-1+2"))
    assert said["name"] == '\'=HYPERLINK("http://x")'
    assert said["title"].startswith("'=")
    assert said["callsign"] == "'-1+2"


def test_an_exercise_is_named() -> None:
    (said,) = lines(a_row(0, context="exercise:TASMAN"))
    assert (said["exercise"], said["context"]) == ("TASMAN", "exercise:TASMAN")
