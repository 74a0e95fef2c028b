"""What is an outline."""

import pytest

from accord.tak.marti.outline import polygon


@pytest.mark.parametrize(
    ("points", "outline"),
    [
        (["1,2", "3,4", "5,6"], "1 2,3 4,5 6,1 2"),
        (["1,2", "3, 4", "5,6", "1, 2"], "1 2,3 4,5 6,1 2"),
        (["1,2", "3,4"], ""),
        (["1,2", "3,4", "north,6"], ""),
        (["1,2", "3,4", "5"], ""),
        (["1,2", "3,4", "5,6,7"], ""),
        ([], ""),
    ],
)
def test_an_outline_is_three_points_of_two_numbers_or_more(points: list[str], outline: str) -> None:
    """TAK Server 5.7, public source, MissionApi: what is none is left out."""
    assert polygon(points) == outline
