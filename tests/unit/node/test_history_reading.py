from accord.core.report import Report
from accord.node.history_reading import past_forms
from accord.wire.moving.translate import report_of
from accord.wire.page.translate import Given
from support.moving import a_row
from support.released import heard

CELL = (177.0, -19.0, 179.0, -17.0)


def test_the_history_says_itself_by_which_form_something_was_released() -> None:
    asked: list[Report] = []

    def released(report: Report) -> Given | None:
        asked.append(report)
        return Given("of the journal", on_grid=False)

    form_of = past_forms(released)
    assert form_of(report_of(a_row(0, form="coarse", cell=CELL))) == Given("coarse", on_grid=True)
    assert form_of(report_of(a_row(0, form="sharp"))) == Given("sharp", on_grid=False)
    assert form_of(report_of(a_row(0))) is None
    kept = heard("S1", 0)
    assert form_of(kept) == Given("of the journal", on_grid=False)
    assert asked == [kept]
