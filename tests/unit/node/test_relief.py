"""What becomes of lines that cannot be kept, or cannot be said."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from accord.config import load
from accord.core.body import Removal, Shape
from accord.core.context import Context
from accord.core.report import Original, Report, Source
from accord.desks.relief import alerts
from accord.desks.relief.alerts import Wanted
from accord.desks.relief.incident import Incident
from accord.desks.relief.incidents import Incidents
from accord.desks.relief.line import By
from accord.desks.relief.store import INCIDENTS
from accord.desks.relief.voice import ReliefVoice, shared_value
from accord.node.relief import Relief
from accord.node.relief_files import incidents_of
from accord.picture.picture import Change
from accord.wire.cot.translate import report_again
from support.builders import a_report
from support.in_process import make_node
from support.keys import quick_keys as quick_keys
from support.page import Asking
from support.relief import MOANA, NODE, NOW, WATER, lola, put
from support.tak import FakeNode, around_of

BLUE = frozenset({"Blue"})


class Desk:
    """A node's relief, with the bridge of a node that keeps what is said; `heard` is that."""

    def __init__(self, directory: Path, most_pending: int = 2) -> None:
        self.node = FakeNode()
        self.heard: list[Report] = []
        self.losses = Counter[str]()
        self.node.bridge.intake.watched_by(self._take)
        self.relief = Relief(
            directory,
            load(directory),
            browsers=cast(
                "Any", SimpleNamespace(callers=Asking().as_callers(), around=around_of(self.node))
            ),
            bridge=self.node.bridge,
            losses=self.losses,
            most_pending=most_pending,
        )

    def _take(self, change: Change) -> None:
        if change.report is not None:
            self.heard.append(change.report)

    def told(self, report: Report) -> None:
        self.relief.see(Change(sequence=1, report=report))


@pytest.fixture
def directory(tmp_path: Path, quick_keys: None) -> Path:
    return make_node(tmp_path / "node", node=NODE, nation="NZL")


@pytest.fixture
def incidents(directory: Path) -> Incidents:
    return incidents_of(directory)


def share(incidents: Incidents, groups: frozenset[str] = BLUE) -> Incident:
    name = lola(incidents)
    put(incidents, name, "need", WATER)
    value = shared_value(groups, "(U//REL TO USA)", NODE, with_names=False)
    return incidents.share(name, value, MOANA)


async def test_what_is_shared_is_said_once(directory: Path, incidents: Incidents) -> None:
    desk = Desk(directory)
    share(incidents)
    await desk.relief.look()
    await desk.relief.look()
    assert [each.kind.text for each in desk.heard] == ["t-x-relief", "t-x-relief-n"]
    assert desk.losses == {}


async def test_what_no_group_hears_is_counted_and_said_when_it_can_be(
    directory: Path, incidents: Incidents
) -> None:
    desk = Desk(directory)
    incident = share(incidents, frozenset())
    await desk.relief.look()
    assert desk.heard == []
    assert desk.losses == {"lines of incidents not shared": 1}
    value = shared_value(BLUE, "(U//REL TO USA)", NODE, with_names=False)
    incidents.share(incident.id, value, MOANA)
    await desk.relief.look()
    assert len(desk.heard) == 2


@pytest.fixture
def partners(incidents: Incidents) -> list[Report]:
    """What another node says of an incident, as it comes over the link."""
    said: list[Report] = []
    node = FakeNode()
    node.bridge.intake.watched_by(lambda each: said.append(each.report or a_report()))
    incident = share(incidents)
    for line in incident.log[:2]:
        ReliefVoice(node.bridge.intake, node=NODE).say(incident, line, NOW)
    source = Source(node="USA-PAC", channel="partner:USA-PAC", speaker="x")
    made: list[Report] = []
    for each in said:
        assert each.original is not None
        data = each.original.data.replace(incident.id.encode(), b"USA-PAC-R1")
        original = Original(each.original.form, data)
        made.append(report_again(original, source=source, groups=BLUE, received=NOW))
    return made


async def test_what_a_partner_writes_is_kept(
    directory: Path, incidents: Incidents, partners: list[Report]
) -> None:
    desk = Desk(directory)
    for each in partners:
        desk.told(each)
    desk.told(a_report())
    desk.relief.see(Change(sequence=1, report=None))
    await desk.relief.look()
    kept = incidents.store.incident("USA-PAC-R1")
    assert [each.node for each in kept.log] == ["USA-PAC", "USA-PAC"]
    assert kept.text("title") == "Cyclone Lola"


async def test_what_cannot_be_read_or_is_too_much_is_counted(
    directory: Path, partners: list[Report]
) -> None:
    desk = Desk(directory, most_pending=1)
    for each in partners:
        desk.told(each)
    desk.told(replace(partners[0], original=None))
    assert desk.losses == {
        "lines of incidents too many to keep": 1, "lines of incidents that cannot be read": 1,
    }  # fmt: skip


async def test_a_line_from_a_clock_that_is_ahead_is_kept_and_counted(
    directory: Path, incidents: Incidents, partners: list[Report]
) -> None:
    desk, (said, *_) = Desk(directory), partners
    assert said.original is not None
    day, later = (each.date().isoformat().encode() for each in (NOW, NOW + timedelta(days=1)))
    data = said.original.data.replace(b'at="' + day, b'at="' + later)
    assert data != said.original.data
    desk.told(replace(said, original=Original(said.original.form, data)))
    await desk.relief.look()
    assert desk.losses == {"lines of incidents dated ahead of this node's clock": 1}
    (line,) = incidents.store.incident("USA-PAC-R1").log
    assert line.at == NOW + timedelta(days=1)


async def test_what_is_beyond_the_limit_is_counted(
    directory: Path, partners: list[Report], monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = Desk(directory)
    store: Any = desk.relief._incidents.store
    monkeypatch.setattr(store, "_most_incidents", 1)
    desk.told(partners[0])
    await desk.relief.look()
    assert desk.losses == {"lines of incidents beyond what is kept": 1}


async def test_what_a_partner_writes_into_what_is_not_shared_is_counted(
    directory: Path, incidents: Incidents, partners: list[Report]
) -> None:
    own = lola(incidents)
    assert partners[0].original is not None
    data = partners[0].original.data.replace(b"USA-PAC-R1", own.encode())
    strange = report_again(
        Original(partners[0].original.form, data), source=partners[0].source, groups=BLUE,
        received=NOW,
    )  # fmt: skip
    desk = Desk(directory)
    desk.told(strange)
    await desk.relief.look()
    assert desk.losses == {"lines of partners into incidents that are not shared": 1}
    assert {each.node for each in incidents.store.incident(own).log} == {NODE}


async def test_a_file_that_cannot_be_read_is_told_once_and_again_when_it_comes_back(
    directory: Path, incidents: Incidents
) -> None:
    desk = Desk(directory)
    file = directory / INCIDENTS
    data = file.read_bytes()
    file.write_bytes(b"no database at all, but text" * 200)
    for _ in range(2):
        await desk.relief.look()
    assert "backup" in desk.relief._lines.trouble
    file.write_bytes(data)
    await desk.relief.look()
    assert desk.relief._lines.trouble == ""


async def test_the_area_of_an_alert_is_drawn_once_and_goes_when_another_takes_its_place(
    directory: Path, incidents: Incidents
) -> None:
    desk = Desk(directory)
    name = lola(incidents)
    now = desk.node.clock.now()
    by = By(name="Moana", now=now)
    wanted = Wanted(typed={"radius": "80"}, groups=BLUE)
    _, first = alerts.issue(incidents, name, wanted, by)
    await desk.relief.look()
    await desk.relief.look()
    (drawn,) = desk.heard
    assert (drawn.uid, drawn.kind.text) == (f"{NODE}.alert.{first}.0", "u-d-f")
    assert (drawn.groups, drawn.identity.callsign) == (BLUE, "ALERT tropical cyclone")
    assert drawn.stale == now.replace(microsecond=0) + timedelta(hours=24)
    assert isinstance(drawn.body, Shape)
    _, second = alerts.issue(incidents, name, replace(wanted, update=first), by)
    await desk.relief.look()
    gone, again = sorted(desk.heard[1:], key=lambda each: each.kind.text)
    assert gone.body == Removal(target=drawn.uid)
    assert again.uid == f"{NODE}.alert.{second}.0"
    alerts.issue(incidents, name, replace(wanted, cancel=second), by)
    await desk.relief.look()
    assert desk.heard[-1].body == Removal(target=again.uid)
    assert desk.losses == {}


async def test_the_area_of_an_exercise_is_drawn_there_and_names_nobody(
    directory: Path, incidents: Incidents
) -> None:
    desk = Desk(directory)
    exercise = Context.exercise("PACIFIC 26")
    name = lola(incidents, exercise)
    person = {"name": "Jean Tari", "state": "missing"}
    put(incidents, name, "person", person)
    by = By(name="Moana", now=desk.node.clock.now())
    typed = {"event": "Jean Tari is missing"}
    _, made = alerts.issue(incidents, name, Wanted(typed=typed, groups=BLUE, with_names=True), by)
    await desk.relief.look()
    (drawn,) = desk.heard
    assert drawn.context == exercise
    assert drawn.marking.opex is not None
    assert drawn.identity.callsign == f"ALERT {made}"
    assert drawn.original is not None
    assert b"Tari" not in drawn.original.data


async def test_an_area_that_is_not_let_in_is_counted_and_what_expired_is_not_drawn(
    directory: Path, incidents: Incidents, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = Desk(directory)
    now = desk.node.clock.now()
    old = By(name="Moana", now=now - timedelta(days=3))
    alerts.issue(incidents, lola(incidents), Wanted(typed={}, groups=BLUE), old)
    await desk.relief.look()
    assert (desk.heard, desk.losses) == ([], {})
    monkeypatch.setattr(desk.node.bridge.intake, "accept", lambda _report, _speaker: "full")
    by = By(name="Moana", now=now)
    alerts.issue(incidents, lola(incidents), Wanted(typed={}, groups=BLUE), by)
    await desk.relief.look()
    assert desk.losses == {"areas of alerts not drawn": 1}
