from pathlib import Path

import pytest

from accord.core.context import Context
from accord.desks.relief import forms
from accord.desks.relief.incident import Record
from accord.desks.relief.incidents import Incidents
from accord.desks.relief.line import NotTaken
from support.relief import MEDEVAC, METHANE, lola, put, some_incidents


@pytest.fixture
def incidents(tmp_path: Path) -> Incidents:
    return some_incidents(tmp_path)


def test_a_methane_report_is_read_out_letter_by_letter(incidents: Incidents) -> None:
    name = lola(incidents)
    stands, form = put(incidents, name, "methane", {**METHANE, "where": "Norsup road"})
    assert forms.spoken_of(stands, "t1") == (
        f"METHANE report {form}\n"
        "M, major incident: declared\n"
        "E, exact location: one six degrees one zero decimal zero zero minutes south, "
        "one six seven degrees three zero decimal zero zero minutes east "
        "(16°10.00'S 167°30.00'E), Norsup road\n"
        "T, type: landslide\n"
        "H, hazards: none seen\n"
        "A, access: by sea only\n"
        "N, number of casualties: 2 immediate, 1 dead\n"
        "E, emergency services: present police; required helicopter\n"
        "Over.\n"
    )
    changed = {"callsign": "NORSUP 1", "immediate": "", "dead": ""}
    stands, _ = put(incidents, name, "methane", changed, form)
    assert forms.spoken_of(stands, form).splitlines()[-4:] == [
        "N, number of casualties: not known",
        "E, emergency services: present police; required helicopter",
        "From: NORSUP 1",
        "Over.",
    ]


def test_a_nine_line_request_is_read_out_line_by_line_with_the_exercise_first_and_last(
    incidents: Incidents,
) -> None:
    name = lola(incidents, Context.exercise("PACIFIC 26"))
    more = {"marking": "ce", "marking_detail": "mirror", "obstacles": "wires", "injuries": "burns"}
    stands, form = put(incidents, name, "medevac", {**MEDEVAC, **more})
    lines = forms.spoken_of(stands, "E1").splitlines()
    assert lines[0] == lines[-1] == "EXERCISE EXERCISE EXERCISE (PACIFIC 26)"
    assert lines[1] == f"Request for medical evacuation {form}"
    assert lines[3:-2] == [
        "Line 2, frequency and callsign: 123.45 MHz, KIWI 1",
        "Line 3, patients: 1 urgent, 2 priority",
        "Line 4, special equipment: B, hoist, D, ventilator",
        "Line 5, patients by type: 1 litter, 2 ambulatory",
        "Line 6, security: N, no danger at the place",
        "Line 7, marking: C, smoke, E, other (mirror)",
        "Line 8, who they are: 3 other civilian, 1 child",
        "Line 9, terrain: beach, firm sand; obstacles: wires",
        "Injuries: burns",
    ]


def test_what_came_in_half_is_read_out_as_far_as_it_goes() -> None:
    empty = Record(key="methane:X-T1", values={})
    said = forms.spoken(empty, Context.exercise("A"))
    assert "E, exact location: not known" in said
    assert "T, type: none" in said


def test_what_is_no_form_is_said(incidents: Incidents) -> None:
    stands = incidents.store.incident(lola(incidents))
    for wrong in ("n1", "", "t1"):
        with pytest.raises(NotTaken, match=r"there is no methane|no METHANE report"):
            forms.spoken_of(stands, wrong)
