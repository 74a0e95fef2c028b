"""`accord why DIR UID`: the whole story of one object, from what the node has on disk."""

import argparse
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from accord.api.story import Heard, Said, Story, Towards, tell
from accord.api.story_json import UNMARKED, as_json, label_in_words, spell_time
from accord.cli.arguments import add_directory, add_json, moment
from accord.cli.command import Subparsers
from accord.cli.linkage import Linkage, linkage
from accord.core import portion
from accord.core.clock import SystemClock
from accord.core.naming import printable
from accord.core.report import Report
from accord.node.kept import shelves
from accord.node.recalls import spell_answer
from accord.node.requests import Answer, RecallWanted, Request, recalls
from accord.observe.partner_health import strange
from accord.release.explain import spell_explanation, title_of
from accord.release.ledger.entry import Entry, Passage, Recall


def add_parser(subparsers: Subparsers) -> None:
    """Add `why`."""
    parser = subparsers.add_parser(
        "why",
        help="the whole story of one object: who said it, who was given it, and why",
        description="Who said something of an object, how it is marked, what the agreements say of "
        "it now, and what the ledgers have of it. Changes nothing; the node may run or not.",
    )
    add_directory(parser)
    parser.add_argument("uid", metavar="UID", help="its uid, or its pseudonym at a partner")
    parser.add_argument("--at", type=moment, metavar="TIME", help="decide it then; else now")
    parser.add_argument(
        "--incident", action="append", default=[], metavar="NAME", help="one that is open"
    )
    add_json(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print the story."""
    at: datetime = arguments.at or SystemClock().now()
    story = tell(
        shelves(arguments.directory),
        arguments.uid,
        at=at,
        incidents=frozenset(arguments.incident),
    )
    beside = _Beside(linkage(arguments.directory), tuple(recalls(arguments.directory)))
    if arguments.json:
        print(json.dumps(_as_json(story, beside), indent=2, ensure_ascii=False))
    else:
        print("\n".join(map(printable, _lines(story, beside))))
    return 0


@dataclass(frozen=True, slots=True)
class _Beside:
    """What the story does not say: what the node says of its links, and what was called back."""

    links: Linkage | None
    recalls: Sequence[tuple[Request, Answer | None]]


@dataclass(frozen=True, slots=True)
class _Asked:
    """A recall of the object that somebody asked for; `answer` is empty while there is none."""

    request: Request
    is_told: bool
    answer: str


def spell_age(age: timedelta) -> str:
    """Return how long it is ago, in one unit."""
    seconds = int(age.total_seconds())
    for unit, size in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= 2 * size:
            return f"{seconds // size} {unit} ago"
    return f"{seconds} s ago" if seconds >= 0 else f"{-seconds} s ahead of this clock"


def _lines(story: Story, beside: _Beside) -> Iterator[str]:
    yield story.uid
    if story.pseudonym_of is not None:
        yield f"  asked for by its name at {story.pseudonym_of}"
    if not story.heard:
        yield "  the journal has nothing of it any more"
    for each in story.heard:
        yield from _heard(each, story)
    for each in story.partners:
        yield from _towards(each, story)
        yield from map(_asked_line, _asked_of(each, beside))
        if not story.heard and each.trail.received is not None:
            yield from _why_not_here(each, beside.links)
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
    return f"marked {portion.write(label, nation=own[:3])}: {label_in_words(label)}{by_default}"


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
        yield f"  {_decided(towards, story)}"
    for each in towards.said:
        yield f"  {each.held.id} serial {each.held.serial}, {each.state}"
        yield from (f"    {fault}" for fault in each.held.faults)
        yield from (f"    {line}" for line in _explanation(each))
    if trail.recall is not None and isinstance(trail.recall.body, Recall):
        yield (
            f"  recalled {spell_time(trail.recall.at)}, line {trail.recall.number}: "
            f"{trail.recall.body.reason}"
        )
    elif trail.last_recall is not None and isinstance(trail.last_recall.body, Recall):
        yield (
            f"  recalled {spell_time(trail.last_recall.at)}, line {trail.last_recall.number}: "
            f"{trail.last_recall.body.reason}; released again since"
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


def _asked_of(towards: Towards, beside: _Beside) -> Iterator[_Asked]:
    """Yield each recall of the object alone that was asked for, and what the partner answered."""
    for request, known in beside.recalls:
        wanted = request.wanted
        if not isinstance(wanted, RecallWanted) or wanted.partner != towards.partner:
            continue
        if known is None:
            if wanted.uid in towards.names:
                yield _Asked(request, is_told=False, answer="")
            continue
        told = [each for each in known.recalls if each.name in towards.names]
        if told:
            answers = (spell_answer(each.outcome, each.objects) for each in told if each.outcome)
            yield _Asked(request, is_told=True, answer="; ".join(answers))


def _asked_line(asked: _Asked) -> str:
    said = f"  recall asked for by {asked.request.by} at {spell_time(asked.request.at)}"
    if asked.answer:
        return f"{said}: they answered: {asked.answer}"
    waits = "they have not answered" if asked.is_told else "they have not been told"
    return f"{said} waits: {waits}; they may still have it"


def _decided(towards: Towards, story: Story) -> str:
    """Say what the agreements were asked about, where there is more than one thing to ask of."""
    link, decided = "whether or not there is a link", towards.decided
    if not story.heard:
        return f"what their agreements say now, {link}:"
    if decided is None:
        return "all that was heard of it came from them or over them: nothing is decided"
    if len(story.heard) == 1:
        return f"what their agreements say now, {link}:"
    return (
        f"what their agreements say now of what {decided.record.source.node} said, heard "
        f"{spell_time(decided.record.received)}, {link}:"
    )


def _why_not_here(towards: Towards, links: Linkage | None) -> Iterator[str]:
    """Yield why what came from a partner is not on the picture, as far as somebody knows."""
    partner = towards.partner
    if towards.trail.called_back is not None:
        return
    nodes = _strange(partner, links)
    for node in nodes:
        yield f"  {strange(node, partner)}"
    if not nodes and links is None:
        yield (
            "  perhaps whoever said it first is no partner here, so that it was not taken: accord "
            "status DIR names such nodes while the node runs"
        )


def _strange(partner: str, links: Linkage | None) -> tuple[str, ...]:
    return () if links is None else links.strange.get(partner, ())


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


def _as_json(story: Story, beside: _Beside) -> dict[str, object]:
    """Return the story, and of each partner who it passes on in vain, and what was called back."""
    said = as_json(story)
    for told, of in zip(said["partners"], story.partners, strict=True):
        told["strange"] = list(_strange(of.partner, beside.links))
        told["recalls"] = [
            {
                "at": spell_time(each.request.at), "by": each.request.by,
                "reason": each.request.reason, "told": each.is_told, "answer": each.answer,
            }
            for each in _asked_of(of, beside)
        ]  # fmt: skip
    return said
