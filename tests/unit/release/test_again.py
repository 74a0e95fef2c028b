from datetime import timedelta

from accord.core.body import Opaque, Position
from accord.release.again import again
from support.builders import a_report
from support.clock import START
from support.forms import EXACT, KEY, LATE, QUIET


def test_a_report_has_the_form_again_as_often_as_it_is_asked_for() -> None:
    report = a_report("U1")
    for _ in range(2):
        found = again(report, QUIET, partner_key=KEY, at=START)
        assert found is not None
        assert isinstance(found.body, Position)
        assert found.body.point == report.body.point  # type: ignore[union-attr]
        assert found.uid.startswith("P-")
    assert again(report, EXACT, partner_key=KEY, at=START) is report


def test_what_was_too_young_then_was_not_released_then() -> None:
    report = a_report("U1")
    assert again(report, LATE, partner_key=KEY, at=START + timedelta(minutes=29)) is None
    assert again(report, LATE, partner_key=KEY, at=START + timedelta(minutes=30)) is not None


def test_what_has_no_place_in_the_form_was_not_released_in_it() -> None:
    assert again(a_report(body=Opaque()), QUIET, partner_key=KEY, at=START) is None
