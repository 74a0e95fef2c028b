import json
import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from accord.core.context import LIVE, Context
from accord.core.report import Form, Original, Report, Source
from accord.desks.relief import alerts
from accord.desks.relief.alerts import Wanted
from accord.desks.relief.incident import Incident
from accord.desks.relief.incidents import Incidents
from accord.desks.relief.line import Line, NotTaken
from accord.desks.relief.voice import (
    NotReleased,
    ReliefVoice,
    attributes,
    heard_in,
    kind_of,
    shared_value,
)
from accord.live.intake import RELIEF
from accord.release.facts import kind_facts
from accord.wire.cot import splice
from accord.wire.cot.translate import report_again
from accord.wire.errors import Malformed
from support.builders import a_report
from support.relief import MOANA, NODE, NOW, WATER, lola, put, some_incidents
from support.tak import FakeNode

BLUE = frozenset({"Blue"})
EXERCISE = Context.exercise("TASMAN 26")
ARRIVED = NOW + timedelta(seconds=1)


@pytest.fixture
def incidents(tmp_path: Path) -> Incidents:
    return some_incidents(tmp_path)


def shared(
    incidents: Incidents, context: Context = LIVE, marking: str = "(U//REL TO USA)"
) -> Incident:
    name = lola(incidents, context)
    put(incidents, name, "need", {**WATER, "remarks": 'two\nlines "<&>" é'})
    incidents.note(name, "bridge is out", MOANA)
    alerts.issue(incidents, name, Wanted(typed={}, groups=frozenset({"Own"})), MOANA)
    return incidents.share(name, shared_value(BLUE, marking, NODE, with_names=False), MOANA)


def said(incident: Incident, line: Line) -> Report:
    """Say a line, and return it as the other node has it from its link."""
    node, heard = FakeNode(), list[Report]()
    node.bridge.intake.watched_by(lambda change: heard.append(change.report or a_report()))
    ReliefVoice(node.bridge.intake, node=NODE).say(incident, line, NOW)
    (report,) = heard
    partners = Source(node=NODE, channel=f"partner:{NODE}", speaker="x")
    assert report.original is not None
    again = report_again(report.original, source=partners, groups=BLUE, received=NOW)
    return replace(again, received=ARRIVED)


@pytest.mark.parametrize("context", [LIVE, EXERCISE])
def test_a_line_comes_to_the_other_node_as_it_was_but_for_who_wrote_it(
    incidents: Incidents, context: Context
) -> None:
    incident = shared(incidents, context)
    for line in incident.log[:-1]:
        found = heard_in(said(incident, line), own="USA-PAC")
        fields = dict(line.fields)
        if line.record.startswith("alert:"):
            fields["groups"] = "Blue"  # the groups that it came into, and not those of the sender
        assert found == replace(line, by=NODE, entered=ARRIVED, fields=fields)
        assert "Own" not in json.dumps(attributes(line))


def test_a_clause_can_tell_needs_from_all_else(incidents: Incidents) -> None:
    incident = shared(incidents)
    kinds = {line.record.partition(":")[0]: kind_of(line) for line in incident.log}
    assert kinds == {
        "incident": "t-x-relief", "need": "t-x-relief-n", "": "t-x-relief", "alert": "t-x-relief-l",
    }  # fmt: skip
    assert {"relief need", "relief incident"} <= kind_facts("t-x-relief-n").words
    assert "relief need" not in kind_facts("t-x-relief-p").words
    report = said(incident, incident.log[1])
    assert report.kind.text == "t-x-relief-n"
    assert "USA" in (report.marking.releasable_to or ())


def test_an_incident_that_is_shared_into_no_group_is_said_to_nobody(incidents: Incidents) -> None:
    incident = incidents.store.incident(lola(incidents))
    with pytest.raises(NotReleased, match="group"):
        ReliefVoice(FakeNode().bridge.intake, node=NODE).say(incident, incident.log[0], NOW)


def test_a_mark_that_nobody_understands_is_refused_and_none_is_none(incidents: Incidents) -> None:
    with pytest.raises(NotTaken):
        shared_value(BLUE, "(??)", NODE, with_names=False)
    unmarked = shared(incidents, marking="")
    assert said(unmarked, unmarked.log[0]).marking.releasable_to is None


def test_only_what_came_over_a_link_is_a_partners_line(incidents: Incidents) -> None:
    incident = shared(incidents)
    report = said(incident, incident.log[0])
    assert heard_in(report, own=NODE) is None
    assert heard_in(a_report(), own="USA-PAC") is None
    assert heard_in(replace(report, source=a_report().source), own="USA-PAC") is None


def changed(report: Report, **more: str) -> Report:
    """A report whose element says something else."""
    assert report.original is not None
    text = report.original.data.decode()
    for old, new in more.items():
        before, after = new.split("=>")
        assert before in text, old
        text = text.replace(before, after)
    return replace(report, original=Original(Form.COT_XML, text.encode()))


def test_a_line_that_cannot_be_read_is_none(incidents: Incidents) -> None:
    incident = shared(incidents)
    report = said(incident, incident.log[1])
    wrong: list[Any] = [
        replace(report, original=None),
        replace(report, original=Original(Form.AIS, b"x")),
        changed(report, element="__relief=>__releif"),
        changed(report, record='record="need:=>record="dune:'),
        changed(report, record='record="need:=>record="offer:'),
        changed(report, fields="quantity=>quantify"),
        changed(report, number='number="2"=>number="two"'),
        changed(report, fields='fields="{=>fields="[{'),
        changed(report, at='+00:00" record==>" record='.replace("==>", "=>")),
    ]
    for each in wrong:
        with pytest.raises(NotReleased, match="no line of an incident"):
            heard_in(each, own="USA-PAC")


def test_a_client_cannot_speak_for_the_desk() -> None:
    node = FakeNode()
    session, _ = node.join("kiwi")
    session.receive(
        b'<event version="2.0" uid="x" type="t-x-relief-n" how="h-e" time="2026-11-26T03:00:00Z"'
        b' start="2026-11-26T03:00:00Z" stale="2036-11-26T03:00:00Z"><point lat="0" lon="0" hae="0"'
        b' ce="1" le="1"/><detail/></event>'
    )
    assert sum(node.bridge.intake.refused.values()) == 1
    assert RELIEF == "t-x-relief"


def test_a_line_that_no_file_keeps_and_a_field_that_cannot_be_shown_are_none(
    incidents: Incidents,
) -> None:
    incident = shared(incidents)
    report = said(incident, incident.log[1])
    for each in (
        changed(report, number=f'number="2"=>number="{"1" * 30}"'),
        changed(report, number='number="2"=>number="0"'),
        changed(report, at='at="2026-11-26T03:00:00+00:00=>at="0001-01-01T00:00:00+14:00'),
        changed(report, fields="water=>\\ud800"),
        changed(report, record='record="need:NZL-JFNZ-N1=>record="need:a&#10;b'),
        changed(report, record='record="need:NZL-JFNZ-N1=>record="need:'),
    ):
        with pytest.raises(NotReleased, match="no line of an incident"):
            heard_in(each, own="USA-PAC")


def test_an_alert_is_said_by_the_node_that_it_is_named_for_alone_and_whole(
    incidents: Incidents,
) -> None:
    incident = shared(incidents)
    report = said(incident, next(e for e in incident.log if e.record.startswith("alert:")))
    assert heard_in(report, own="USA-PAC") is not None
    others = replace(report.source, node="FRA", channel="partner:FRA")
    with pytest.raises(NotReleased, match="is no alert of FRA"):
        heard_in(replace(report, source=others), own="USA-PAC")
    for name in ('NZL-JFNZ-1"=>NZL-JFNZ-01"', 'NZL-JFNZ-1"=>NZL-JFNZ-x"'):
        with pytest.raises(NotReleased, match="is no alert of NZL-JFNZ"):
            heard_in(changed(report, record=name), own="USA-PAC")
    for lost in ("sent", "event"):
        with pytest.raises(NotReleased, match=f"the alert lacks {lost}"):
            heard_in(without(report, lost), own="USA-PAC")


def without(report: Report, name: str) -> Report:
    """A report whose fields lack one."""
    assert report.original is not None
    text = re.sub(rf"&quot;{name}&quot;: &quot;[^&]*&quot;, ", "", report.original.data.decode())
    assert text != report.original.data.decode()
    return replace(report, original=Original(Form.COT_XML, text.encode()))


def test_what_cannot_be_written_is_not_released_and_ends_nothing(
    incidents: Incidents, monkeypatch: pytest.MonkeyPatch
) -> None:
    incident = shared(incidents)

    def refuse(*_: object) -> bytes:
        raise Malformed("no XML")

    monkeypatch.setattr(splice, "with_child", refuse)
    with pytest.raises(NotReleased, match="no XML"):
        said(incident, incident.log[0])
