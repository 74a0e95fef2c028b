from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from accord.cli.register_scenario import scenario_of
from accord.core.context import LIVE, Context
from accord.core.errors import AccordError
from accord.node.readiness import register_of
from support.readiness import FLEET, NOW, SAID, a_base, a_class, a_row

PLAN = Context.parse("plan:pacific")
FLYING = (FLEET[0], a_class(radius_nm="1200"), *FLEET[2:])


def put(directory: Path, *rows: object, context: Context = LIVE) -> None:
    register = register_of(directory)
    register.store.prepare()
    register.take(rows, person="aroha", now=NOW, context=context)  # type: ignore[arg-type]


def test_the_live_register_is_a_scenario(tmp_path: Path) -> None:
    put(tmp_path, *FLYING)
    put(tmp_path, *FLYING[:1], context=PLAN)
    scenario = scenario_of(tmp_path, NOW)
    assert (scenario.name, len(scenario.units)) == ("register", 4)  # no plan is live


def test_without_live_units_the_one_plan_is_taken(tmp_path: Path) -> None:
    put(tmp_path, *FLYING, context=PLAN)
    assert scenario_of(tmp_path, NOW).name == "pacific"
    put(tmp_path, *FLYING, context=Context.parse("plan:other"))
    with pytest.raises(AccordError, match="no live units, and plan:other, plan:pacific"):
        scenario_of(tmp_path, NOW)
    assert scenario_of(tmp_path, NOW, PLAN).name == "pacific"


def test_what_makes_no_scenario_says_why(tmp_path: Path) -> None:
    with pytest.raises(AccordError, match="has no live units, and no plan"):
        scenario_of(tmp_path, NOW)
    put(tmp_path, *FLEET)
    with pytest.raises(AccordError, match="platform_classes MPA: an aircraft needs radius_nm"):
        scenario_of(tmp_path, NOW)
    put(tmp_path, a_row(FLEET[1].sheet, "MPA", radius_nm="1200"))
    with pytest.raises(AccordError, match="no unit of live is declared available now: NZL-MPA"):
        scenario_of(tmp_path, NOW + timedelta(days=100))
    with pytest.raises(AccordError, match="no unit of live is declared available now"):
        scenario_of(tmp_path)
    before = NOW - timedelta(days=90)
    with pytest.raises(AccordError, match="none there"):
        scenario_of(tmp_path, before)


def test_a_day_on_which_something_is_not_said_yet_makes_no_scenario(tmp_path: Path) -> None:
    early = replace(SAID, as_of=SAID.as_of - timedelta(days=9))
    slow = {name: text for name, text in a_class().values.items() if name != "notice_h"}
    put(tmp_path, *FLYING)
    put(tmp_path, replace(a_base(), said=early), replace(a_class(), values=slow, said=early))
    with pytest.raises(AccordError, match="class MPA has no notice"):
        scenario_of(tmp_path, early.as_of + timedelta(days=1))
