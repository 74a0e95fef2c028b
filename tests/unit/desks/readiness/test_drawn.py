from pathlib import Path

import pytest

from accord.desks.readiness.columns import Sheet
from accord.desks.readiness.drawn import area_row
from accord.desks.readiness.plan import planned
from accord.desks.readiness.rules import NotTaken
from accord.posture.cells import in_box
from support.readiness import FIJI, FLEET, NOW, SAID, a_register


def test_a_drawing_is_an_area_of_the_register_and_of_a_plan(tmp_path: Path) -> None:
    row = area_row("FIJI", FIJI, {"name": "Round Fiji", "kind": "ops"}, SAID)
    register = a_register(tmp_path, *FLEET, row)
    area = planned(register.records(), NOW, name="plan").scenario.areas["FIJI"]
    assert (area.name, area.cells) == ("Round Fiji", in_box(-20.0, 170.0, -10.0, -170.0))


def test_a_drawing_made_anew_leaves_the_rest_as_it_stands(tmp_path: Path) -> None:
    register = a_register(
        tmp_path, area_row("FIJI", FIJI, {"name": "Round Fiji", "kind": "ops"}, SAID)
    )
    smaller = FIJI.replace("190", "180")
    register.take([area_row("FIJI", smaller, {}, SAID)], person="aroha", now=NOW)
    record = register.records()[Sheet.AREAS]["FIJI"]
    assert record.text("name") == "Round Fiji"
    assert len(record.text("cells")) > 0


def test_a_new_area_wants_a_name(tmp_path: Path) -> None:
    with pytest.raises(NotTaken, match="areas FIJI, kind: is missing"):
        a_register(tmp_path, area_row("FIJI", FIJI, {"name": "Round Fiji"}, SAID))


def test_what_is_no_drawing_is_not_taken() -> None:
    with pytest.raises(NotTaken, match="areas FIJI, cells: drawing: it is no JSON"):
        area_row("FIJI", "{", {}, SAID)
