"""The story of one object for machines."""

from collections.abc import Set as AbstractSet
from datetime import UTC, datetime
from typing import Any

from accord.api.story import Heard, Said, Story, Towards
from accord.core import portion
from accord.core.label import Label
from accord.core.principal import Group
from accord.core.report import Report
from accord.release.explain import explained
from accord.release.ledger.plain import as_json as line_as_json

UNMARKED = "unmarked, or its marks are not understood: it goes to no partner"


def spell_time(at: datetime) -> str:
    """Return a time for people and machines: UTC, to the millisecond where it has any."""
    parts = "milliseconds" if at.microsecond else "seconds"
    return at.astimezone(UTC).isoformat(timespec=parts).replace("+00:00", "Z")


def label_in_words(label: Label) -> str:
    """Return a label in whole words."""
    to = ", ".join(sorted(label.releasable_to)) or "nobody"
    more = "".join(f", {each}" for each in sorted(label.compartments | label.caveats))
    return f"{label.policy} {label.level}{more}, releasable to {to}, made by {label.originator}"


def as_json(story: Story, hears: AbstractSet[Group] | None = None) -> dict[str, Any]:
    """Return a story as `accord why --json` tells it; of groups those that somebody hears."""
    return {
        "uid": story.uid,
        "pseudonym_of": story.pseudonym_of,
        "at": spell_time(story.at),
        "heard": [_heard_as_json(each, story, hears) for each in story.heard],
        "partners": [_towards_as_json(each, story.at) for each in story.partners],
        "others": story.others(),
        "complete": story.complete,
    }


def _heard_as_json(
    heard: Heard, story: Story, hears: AbstractSet[Group] | None
) -> dict[str, object]:
    record = heard.record
    source, into = record.source, record.groups if hears is None else record.groups & hears
    return {
        "received": spell_time(record.received),
        "age_s": (story.at - record.received).total_seconds(),
        "since": spell_time(heard.first),
        "reports": heard.count,
        "node": source.node,
        "channel": source.channel,
        "speaker": source.speaker,
        "hops": list(source.hops),
        "as": record.original.form,
        "what": record.body,
        "context": str(record.context),
        "into": sorted(into),
        "doubts": sorted(record.doubts),
        **_report_as_json(heard.report, story),
    }


def _report_as_json(report: Report | None, story: Story) -> dict[str, object]:
    if report is None:
        return {}
    label = report.label
    return {
        "type": report.kind.text,
        "happened": spell_time(report.time),
        "valid_until": spell_time(report.stale),
        "mark": None if label is None else portion.write(label, nation=story.own[:3]),
        "mark_in_words": UNMARKED if label is None else label_in_words(label),
        "by_default": label is not None and label.by_default,
    }


def _towards_as_json(towards: Towards, at: datetime) -> dict[str, object]:
    trail = towards.trail
    refusal = None
    if trail.refusal is not None:
        entry, count = trail.refusal
        refusal = {
            "clause": count.clause,
            "reason": count.reason,
            "sort": count.sort,
            "count": count.count,
            "number": entry.number,
            "time": spell_time(entry.at),
        }
    return {
        "partner": towards.partner,
        "names": list(towards.names),
        "decided": None if towards.decided is None else _decided_as_json(towards.decided),
        "agreements": [_said_as_json(each) for each in towards.said],
        "has_it": trail.has_it,
        "last_release": None if trail.release is None else line_as_json(trail.release),
        "recall": None if trail.recall is None else line_as_json(trail.recall),
        "last_recall": None if trail.last_recall is None else line_as_json(trail.last_recall),
        "last_refusal": refusal,
        "last_received": None if trail.received is None else line_as_json(trail.received),
        "called_back": None if trail.called_back is None else line_as_json(trail.called_back),
        "silent_s": None if trail.heard is None else (at - trail.heard).total_seconds(),
    }


def _decided_as_json(decided: Heard) -> dict[str, object]:
    record = decided.record
    return {"node": record.source.node, "received": spell_time(record.received)}


def _said_as_json(said: Said) -> dict[str, object]:
    return {
        "id": said.held.id,
        "serial": said.held.serial,
        "state": said.state,
        "faults": [str(each) for each in said.held.faults],
        "says": None if said.explanation is None else explained(said.explanation),
    }
