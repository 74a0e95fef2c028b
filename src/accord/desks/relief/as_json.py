"""Incidents as JSON, for the command line and the API; names of persons only where that is said."""

from collections.abc import Mapping

from accord.core.rfc3339 import spell
from accord.desks.relief.alerts import groups_of, replaced_by, status_of
from accord.desks.relief.fields import SORTS
from accord.desks.relief.incident import HEAD, Incident, Record, Value
from accord.desks.relief.incidents import NOTE, SHARED
from accord.desks.relief.line import Line, Reach
from accord.desks.relief.names import Names, is_personal, names_of
from accord.desks.relief.sums import doubts, left_of, tally, totals

_NOBODY = Names(())


def head_json(incident: Incident) -> dict[str, object]:
    """Return what a list says of an incident."""
    names = names_of(incident)
    head = incident.records.get(HEAD)
    texts = dict(head.texts) if head is not None else dict[str, str]()
    return {
        "id": incident.id,
        "context": str(incident.context),
        "opened": spell(incident.opened),
        "closed": incident.is_closed,
        "shared": bool(incident.text(SHARED)),
        "fields": {n: names.without(text) for n, text in texts.items() if n != SHARED},
    }


def incident_json(incident: Incident, *, with_names: bool) -> dict[str, object]:
    """Return an incident as it stands, with its log."""
    names = _NOBODY if with_names else names_of(incident)
    sums = totals(incident)
    return {
        **head_json(incident),
        "records": [
            record_json(incident, each, names, with_names=with_names)
            for each in incident.records.values()
            if with_names or each.sort != "person"
        ],
        "totals": {
            "accounts": sums.accounts,
            "aboard": sums.aboard,
            **sums.by_state,
            "unknown": sums.unknown,
        },
        "doubts": [names.without(each) for each in doubts(incident)],
        "log": [
            line_json(each, names)
            for each in incident.log
            if with_names or each.reach is not Reach.NAMES
        ],
    }


def record_json(
    incident: Incident, record: Record, names: Names, *, with_names: bool
) -> dict[str, object]:
    """Return a record: its fields with who said each, and what adds up of it."""
    fields = {
        name: {
            "value": names.without(value.text),
            "by": value.line.by,
            "node": value.line.node,
            "at": spell(value.line.at),
            "seen": list(value.heads),
            "rivals": [_said(each, name, names) for each in value.rivals],
        }
        for name, value in _in_order(record)
        if (value.text or value.rivals) and name != SHARED
        and (with_names or not is_personal(record.key, name))
    }  # fmt: skip
    return {
        "sort": record.sort,
        "id": record.id,
        "node": record.node,
        "fields": fields,
        **_sums(incident, record),
    }


def _in_order(record: Record) -> list[tuple[str, Value]]:
    """Return the fields of a record in the order of their table."""
    places = {name: at for at, name in enumerate(SORTS[record.sort].fields)}
    return sorted(record.values.items(), key=lambda each: places.get(each[0], len(places)))


def _said(line: Line, name: str, names: Names) -> dict[str, object]:
    text = names.without(line.fields[name])
    return {"value": text, "by": line.by, "node": line.node, "at": spell(line.at)}


def _sums(incident: Incident, record: Record) -> Mapping[str, object]:
    if record.sort in ("need", "offer"):
        left = left_of(incident, record)
        return {"matched": left.matched, "left": left.left}
    if record.sort == "account":
        sums = tally(record.texts)
        return {"found": sums.found, "missing": sums.missing, "fault": sums.fault}
    return {}


def line_json(line: Line, names: Names) -> dict[str, object]:
    """Return a line of the log as it is given out."""
    return {
        "id": line.id,
        "node": line.node,
        "number": line.number,
        "at": spell(line.at),
        "entered": spell(line.entered),
        "by": line.by,
        "record": line.record,
        "fields": {n: names.without(t) for n, t in line.fields.items() if n != SHARED},
        "note": line.record == "" and NOTE in line.fields,
        "reach": line.reach.value,
    }


def alert_json(incident: Incident, alert: Record) -> dict[str, object]:
    """Return what a list of alerts says of one."""
    later = replaced_by(incident, alert)
    return {
        "identifier": alert.id,
        "incident": incident.id,
        "context": str(incident.context),
        "status": status_of(incident.context),
        "kind": alert.text("kind"),
        "sender": alert.node,
        "sent": alert.text("sent"),
        "expires": alert.text("expires"),
        "headline": alert.text("headline"),
        "event": alert.text("event"),
        "severity": alert.text("severity"),
        "references": alert.text("references"),
        "replaced_by": None if later is None else later.id,
        "groups": groups_of(alert),
    }


def fields_json() -> dict[str, object]:
    """Return which records there are, and which fields each has."""
    return {
        sort.key: [
            {
                "name": each.name,
                "required": each.is_required,
                "personal": each.is_personal,
                "choices": list(each.choices),
                "tag": each.tag,
            }
            for each in sort.fields.values()
            if each.name != SHARED
        ]
        for sort in SORTS.values()
    }
