from typing import Any

import pytest

from accord.api.administrator import MAX_REASON, reason_in, require_administrator
from accord.api.problem import Problem
from support.page import AROHA, LOOKER, Asking
from support.partner_routes import BOSS


@pytest.mark.parametrize(("who", "status"), [(None, 401), (LOOKER, 403), (AROHA, 403)])
def test_who_is_no_administrator_is_told_so(who: Any, status: int) -> None:
    asking: Any = Asking()
    asking.who = who
    with pytest.raises(Problem) as refused:
        require_administrator(asking, asking)
    assert refused.value.status == status
    asking.who = BOSS
    assert require_administrator(asking, asking).principal == BOSS


@pytest.mark.parametrize("reason", [None, 7, "", "  ", "two\nlines", "\u202eback", "x" * 501])
def test_a_reason_is_one_line_that_others_can_read(reason: object) -> None:
    with pytest.raises(Problem) as refused:
        reason_in({"reason": reason})
    assert (refused.value.status, refused.value.parameter) == (400, "reason")


def test_a_reason_is_taken_without_the_space_around_it() -> None:
    assert reason_in({"reason": " wrong area "}) == "wrong area"
    assert len(reason_in({"reason": "x" * MAX_REASON})) == MAX_REASON
