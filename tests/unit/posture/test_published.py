import pytest

from accord.posture.published import Published, read_published

HEAD = "port_a,lat_a,lon_a,port_b,lat_b,lon_b,nm_min,nm_max,great_circle_nm,flag\n"


def test_a_row_is_two_ports_and_how_far_it_is() -> None:
    row = '"Apia, Samoa",-13.8,-171.7,"Suva, Fiji",-18.1,178.4,600,610,590.1,reciprocals differ\n'
    (pair,) = read_published(HEAD + row)
    assert pair == Published(
        names=("Apia, Samoa", "Suva, Fiji"),
        places=((-13.8, -171.7), (-18.1, 178.4)),
        least=600.0,
        most=610.0,
        doubt="reciprocals differ",
    )
    assert pair.mean == 605.0


@pytest.mark.parametrize("row", ["a,b\n", "a,x,0,b,0,0,1,1,1,\n", "a,0,0,b,0,0\n"])
def test_a_row_that_is_none_is_named(row: str) -> None:
    with pytest.raises(ValueError, match="row 2 of the published distances"):
        read_published(HEAD + row)
