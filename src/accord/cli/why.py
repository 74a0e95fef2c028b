"""`accord why DIR UID`: the whole story of one object, from what the node has on disk."""

import argparse
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from accord.cli.agreement import moment
from accord.cli.agreement_text import explained
from accord.cli.command import Subparsers
from accord.cli.ledger_text import as_json as line_as_json
from accord.cli.story import Heard, Said, Story, Towards, tell
from accord.core import portion
from accord.core.clock import SystemClock
from accord.core.label import Label
from accord.core.report import Report
from accord.release.explain import spell_explanation, title_of
from accord.release.ledger.entry import Entry, Passage, Recall

UNMARKED = "unmarked, or its marks are not understood: it goes to no partner"


def add_parser(subparsers: Subparsers) -> None:
    """Add `why`."""
    parser = subparsers.add_parser(
        "why",
        help="the whole story of one object: who said it, who was given it, and why",
        description="Who said something of an object, how it is marked, what the agreements say of "
        "it now, and what the ledgers have of it. Changes nothing; the node may run or not.",
    )
    parser.add_argument("directory", type=Path, metavar="DIR", help="the node's directory")
    parser.add_argument("uid", metavar="UID", help="its uid, or its pseudonym at a partner")
    parser.add_argument("--at", type=moment, metavar="TIME", help="decide it then; else now")
    parser.add_argument(
        "--incident", action="append", default=[], metavar="NAME", help="one that is open"
    )
    parser.add_argument("--json", action="store_true", help="for machines")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print the story."""
    at: datetime = arguments.at or SystemClock().now()
    story = tell(arguments.directory, arguments.uid, at=at, incidents=frozenset(arguments.incident))
    if arguments.json:
        print(json.dumps(_as_json(story), indent=2, ensure_ascii=False))
    else:
        print("\n".join(map(printable, _lines(story))))
    return 0


def printable(text: str) -> str:
    """Keep what somebody calls himself from steering the terminal."""
    return "".join(letter if letter.isprintable() else "?" for letter in text)


def spell_time(at: datetime) -> str:
    """Return a time for people and machines: UTC, to the millisecond where it has any."""
    parts = "milliseconds" if at.microsecond else "seconds"
    return at.astimezone(UTC).isoformat(timespec=parts).replace("+00:00", "Z")


def spell_age(age: timedelta) -> str:
    """Return how long it is ago, in one unit."""
    seconds = int(age.total_seconds())
    for unit, size in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= 2 * size:
            return f"{seconds // size} {unit} ago"
    return f"{seconds} s ago" if seconds >= 0 else f"{-seconds} s ahead of this clock"


def _lines(story: Story) -> Iterator[str]:
    yield story.uid
    if story.pseudonym_of is not None:
        yield f"  asked for by its name at {story.pseudonym_of}"
    if not story.heard:
        yield "  the journal has nothing of it any more"
    for each in story.heard:
        yield from _heard(each, story)
    for each in story.partners:
        yield from _towards(each, story)
    yield f"other nodes that have it: {', '.join(story.others()) or 'none'}"


def _heard(heard: Heard, story: Story) -> Iterator[str]:
    record = heard.record
    source, received = record.source, record.received
    over = f", over {', '.join(source.hops)}" if source.hops else ""
    yield (
        f"heard {spell_time(received)} ({spell_age(story.at - received)}) from {source.node}{over}"
    )
    yield (
        f"  channel {source.channel}, speaker {source.speaker or 'unknown'}, as "
        f"{record.original.form}; reports since {spell_time(heard.first)}: {heard.count}"
    )
    groups = f", said into {', '.join(sorted(record.groups))}" if record.groups else ""
    yield f"  {record.body} in context {record.context}{groups}"
    report = heard.report
    if report is None:
        yield "  its bytes cannot be read any more"
        return
    stale = "stale since" if report.stale <= story.at else "valid until"
    yield (
        f"  {report.kind}, happened {spell_time(report.time)}, {stale} {spell_time(report.stale)}"
    )
    if report.doubts:
        yield f"  doubted: {', '.join(sorted(report.doubts))}"
    yield f"  {_mark(report, story.own)}"


def _mark(report: Report, own: str) -> str:
    label = report.label
    if label is None:
        return UNMARKED
    by_default = ", by default" if label.by_default else ""
    return f"marked {portion.write(label, nation=own[:3])}: {_words(label)}{by_default}"


def _words(label: Label) -> str:
    """Return a label in whole words."""
    to = ", ".join(sorted(label.releasable_to)) or "nobody"
    more = "".join(f", {each}" for each in sorted(label.compartments | label.caveats))
    return f"{label.policy} {label.level}{more}, releasable to {to}, made by {label.originator}"


def _towards(towards: Towards, story: Story) -> Iterator[str]:
    yield f"{towards.partner}"
    trail = towards.trail
    if trail.release is None:
        yield "  never released to them, by the ledger"
    else:
        yield f"  released {_passage(trail.release, story.at)}"
    if not towards.said:
        yield "  no agreement by which this node gives them anything"
    else:
        yield "  what their agreements say now, whether or not there is a link:"
    for each in towards.said:
        yield f"  {each.held.id} serial {each.held.serial}, {each.state}"
        yield from (f"    {fault}" for fault in each.held.faults)
        yield from (f"    {line}" for line in _explanation(each))
    if trail.recall is not None and isinstance(trail.recall.body, Recall):
        yield (
            f"  recalled {spell_time(trail.recall.at)}, line {trail.recall.number}: "
            f"{trail.recall.body.reason}"
        )
    if trail.refusal is not None:
        entry, count = trail.refusal
        clause = "" if count.clause is None else f" by clause {count.clause}"
        yield (
            f"  last withheld of its sort ({count.sort}): {count.reason}{clause}, {count.count} "
            f"times up to {spell_time(entry.at)}, line {entry.number}"
        )
    if trail.received is not None:
        yield f"  received from them {_passage(trail.received, story.at)}"
    if trail.called_back is not None and isinstance(trail.called_back.body, Recall):
        yield (
            f"  called back by them {spell_time(trail.called_back.at)}, line "
            f"{trail.called_back.number}: {trail.called_back.body.reason}"
        )
    if trail.heard is not None:
        yield f"  anything came from them last {spell_age(story.at - trail.heard)}"


def _explanation(said: Said) -> Iterator[str]:
    loaded = said.held.loaded
    if said.explanation is not None and loaded is not None:
        yield from spell_explanation(said.explanation, lambda number: title_of(loaded, number))


def _passage(entry: Entry, at: datetime) -> str:
    body = entry.body
    assert isinstance(body, Passage)  # noqa: S101  a trail has no other
    epoch, count = body.version
    return (
        f"{spell_time(entry.at)} ({spell_age(at - entry.at)}) as {body.name}, form {body.form} by "
        f"clause {body.clause} of {body.agreement} serial {body.serial}, version {epoch}.{count}, "
        f"line {entry.number}"
    )


def _as_json(story: Story) -> dict[str, object]:
    return {
        "uid": story.uid,
        "pseudonym_of": story.pseudonym_of,
        "at": spell_time(story.at),
        "heard": [_heard_as_json(each, story) for each in story.heard],
        "partners": [_towards_as_json(each, story.at) for each in story.partners],
        "others": story.others(),
    }


def _heard_as_json(heard: Heard, story: Story) -> dict[str, object]:
    record = heard.record
    source = record.source
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
        "into": sorted(record.groups),
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
        "mark_in_words": UNMARKED if label is None else _words(label),
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
        "agreements": [_said_as_json(each) for each in towards.said],
        "has_it": trail.has_it,
        "last_release": None if trail.release is None else line_as_json(trail.release),
        "recall": None if trail.recall is None else line_as_json(trail.recall),
        "last_refusal": refusal,
        "last_received": None if trail.received is None else line_as_json(trail.received),
        "called_back": None if trail.called_back is None else line_as_json(trail.called_back),
        "silent_s": None if trail.heard is None else (at - trail.heard).total_seconds(),
    }


def _said_as_json(said: Said) -> dict[str, object]:
    return {
        "id": said.held.id,
        "serial": said.held.serial,
        "state": said.state,
        "faults": [str(each) for each in said.held.faults],
        "says": None if said.explanation is None else explained(said.explanation),
    }
