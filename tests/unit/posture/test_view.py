import numpy as np

from accord.posture.applied import apply
from accord.posture.model import Capability
from accord.posture.view import Asked, View
from support.plans import Straight, a_plan, uniform, with_ops

ASKED = Asked(Straight(), uniform(60), 60)
AIR = Capability.parse("surveillance-air")
SEA = Capability.parse("sar-sea")


def a_view(*ops: str) -> View:
    commitments = [with_ops(each) for each in ops]
    return View(ASKED, apply(a_plan(), commitments), commitments)


def test_presence_is_no_capability_that_is_asked_in_hours() -> None:
    view = a_view("{op: add_deployment, partner: NZL, class: OPV, base: NAN}")
    assert [str(each) for each in view.touched] == ["sar-sea"]


def test_a_mark_is_that_of_what_can_be_done_and_of_nothing_else() -> None:
    ship = a_view("{op: add_deployment, partner: NZL, class: OPV, base: NAN}")
    assert ship.mark(AIR) == a_view().mark(AIR)
    assert ship.mark(SEA) != a_view().mark(SEA)
    assert ship.mark(SEA) == ship.mark(SEA)


def test_a_base_that_closes_changes_every_mark() -> None:
    closed = a_view("{op: close_base, partner: NZL, base: NAN}")
    assert closed.mark(AIR) != a_view().mark(AIR)


def test_movers_of_a_base_are_those_of_the_partner_that_it_serves() -> None:
    view = a_view("{op: close_base, partner: NZL, base: DEV}")
    assert view.movers == {("NZL", "OPV")}
    assert a_view("{op: exercise, text: together}").movers == frozenset()


def test_hours_are_those_of_who_can() -> None:
    places = sorted(a_plan().areas["RING"].cells)
    assert np.isinf(a_view().hours(AIR, places)).all()
    assert {each.post.platform for each in a_view().able(SEA)} == {"OPV"}
