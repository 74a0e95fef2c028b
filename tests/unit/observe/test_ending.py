from datetime import timedelta

import pytest

from accord.observe.ending import Ending, ending
from support.clock import START


@pytest.mark.parametrize(
    ("left", "said"),
    [
        (timedelta(days=91), Ending.LATER),
        (timedelta(days=90), Ending.QUARTER),
        (timedelta(days=30, seconds=1), Ending.QUARTER),
        (timedelta(days=30), Ending.MONTH),
        (timedelta(days=7, seconds=1), Ending.MONTH),
        (timedelta(days=7), Ending.WEEK),
        (timedelta(seconds=1), Ending.WEEK),
        (timedelta(0), Ending.ENDED),
        (timedelta(days=-3), Ending.ENDED),
    ],
)
def test_a_warning_stands_90_30_and_7_days_ahead(left: timedelta, said: Ending) -> None:
    assert ending(START + left, START) is said
