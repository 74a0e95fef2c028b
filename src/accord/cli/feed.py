"""`accord feed`: machine feeds: how each is, whether it brings anything, a new one."""

import argparse
import asyncio
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, fields
from pathlib import Path
from typing import cast

from accord.cli.arguments import add_directory, add_json
from accord.cli.command import Subparsers
from accord.cli.feed_check import check, pieces
from accord.cli.running import find, get
from accord.config import load
from accord.config.read import read
from accord.config.settings import SETTINGS_FILE, Settings
from accord.core.body import Alarm, Position
from accord.core.clock import Clock, SystemClock
from accord.core.errors import AccordError, UsageError
from accord.core.naming import printable
from accord.core.report import Report, Source
from accord.core.rfc3339 import spell
from accord.feeds.catalogue import channel, connection, reader_of
from accord.feeds.feed import Connection, DocumentReader, FeedError, Reader
from accord.feeds.settings import FeedSettings, Format, Seen, Transport
from accord.security.tls import client_context

SHOWN = 5
"""Reports that a test shows."""

USUAL_SECONDS = 30.0
MAX_FEEDS = 200
_NAME = re.compile(r"[A-Za-z0-9_-]{1,40}", re.ASCII).fullmatch


def add_parser(subparsers: Subparsers) -> None:
    """Add `feed` with its subcommands."""
    parser = subparsers.add_parser(
        "feed",
        help="machine feeds: AIS, GPS, ADS-B, documents",
        description="What machines report to a node: sections [feed.NAME] of its settings.",
    )
    commands: Subparsers = parser.add_subparsers(required=True, metavar="COMMAND", title="commands")
    _add_list(commands)
    _add_test(commands)
    _add_add(commands)


def _add_list(commands: Subparsers) -> None:
    parser = commands.add_parser(
        "list",
        help="every feed, and how it is",
        description="Every feed of the settings; where the node runs, also whether it is there, "
        "when the last useful report came, and what was refused by reason.",
    )
    add_directory(parser)
    add_json(parser)
    parser.set_defaults(run=run_list)


def _add_test(commands: Subparsers) -> None:
    parser = commands.add_parser(
        "test",
        help="whether a feed brings anything",
        description="Connect as the node would, read for a while, and say what came of it. "
        "Changes nothing. Fails when nothing useful came.",
    )
    add_directory(parser)
    parser.add_argument("name", metavar="NAME", help="the feed")
    parser.add_argument(
        "--seconds", type=float, default=USUAL_SECONDS, metavar="N",
        help="for how long; 30 if not given",
    )  # fmt: skip
    parser.add_argument(
        "--recording", type=Path, metavar="FILE",
        help="read this instead, plain or gzipped, as fast as it goes",
    )  # fmt: skip
    add_json(parser)
    parser.set_defaults(run=run_test)


def _add_add(commands: Subparsers) -> None:
    parser = commands.add_parser(
        "add",
        help="a new feed in the settings",
        description="Write a section [feed.NAME] into accord.toml. A node that runs reads it at "
        "its next start.",
    )
    add_directory(parser)
    parser.add_argument("name", metavar="NAME", help="letters, digits, - and _")
    formats, ways = (", ".join(kind) for kind in (Format, Transport))
    parser.add_argument("--format", required=True, metavar="FORMAT", help=formats)
    parser.add_argument("--transport", required=True, metavar="HOW", help=ways)
    parser.add_argument(
        "--address", required=True, metavar="WHERE", help="HOST:PORT, a path, a device or a URL"
    )
    parser.add_argument(
        "--group", required=True, action="append", metavar="GROUP",
        help="a group that it is said into; may be given again",
    )  # fmt: skip
    parser.add_argument("--marking", metavar="MARK", help="the mark of what comes without one")
    parser.add_argument("--exercise", metavar="NAME", help="the exercise that it belongs to")
    parser.add_argument("--own-ship", metavar="NAME", help="of nmea: whose position it is")
    parser.add_argument("--baud", type=int, metavar="N", help="of a serial line")
    parser.add_argument("--every", type=float, metavar="N", help="of a document: seconds")
    parser.add_argument("--max-rate", type=float, metavar="N", help="reports a second let in")
    _add_of_formats(parser)
    parser.add_argument(
        "--unchecked", action="store_true",
        help="write it also where the file is not there yet, or the port is taken",
    )  # fmt: skip
    parser.set_defaults(run=run_add)


def _add_of_formats(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--stands-at", metavar="PLACE", help="of beast, avr: LATITUDE LONGITUDE")
    parser.add_argument(
        "--radar", action="append", dest="radars", metavar="PLACE",
        help="of asterix: SAC/SIC LATITUDE LONGITUDE HEIGHT; may be given again",
    )  # fmt: skip
    parser.add_argument(
        "--exercise-number", type=int, metavar="N", help="of dis: the exercise that is taken"
    )
    parser.add_argument(
        "--field", action="append", dest="fields", metavar="OURS=THEIRS",
        help="of json: which field means what; may be given again",
    )  # fmt: skip
    parser.add_argument("--kind", metavar="TYPE", help="of json: the CoT type of what says none")
    parser.add_argument("--password-file", metavar="FILE", help="of mqtt: where the password is")
    seen = [each.value for each in Seen]
    parser.add_argument("--plots-of", choices=seen, help="of plots: what the sensor looks at")
    parser.add_argument("--scan", type=float, metavar="N", help="of plots: seconds of one look")
    parser.add_argument("--error", type=float, metavar="N", help="of plots: metres of error")


def run_list(arguments: argparse.Namespace) -> int:
    """Print the feeds."""
    directory: Path = arguments.directory
    settings = load(directory)
    said = _status(directory) if settings.feed else None
    feeds = [_feed(name, each, said) for name, each in settings.feed.items()]
    if arguments.json:
        print(json.dumps({"running": said is not None, "feeds": feeds}, indent=2))
    else:
        print("\n".join(map(printable, _lines(feeds, is_running=said is not None))))
    return 0


Json = dict[str, object]


def _status(directory: Path) -> Json | None:
    """Return what the running node says of itself, None where none runs."""
    try:
        node = find(directory)
    except AccordError:
        return None
    tls = client_context(directory)
    return cast("Json", json.loads(get(node, "/api/status", tls=tls, accept="application/json")))


def _feed(name: str, of: FeedSettings, said: Json | None) -> Json:
    source = _source(name, said)
    drops = cast("Mapping[str, Json]", said["drops"] if said else {})
    return {
        "name": name,
        "format": of.format.value,
        "transport": of.transport.value,
        "address": of.address,
        "groups": list(of.groups),
        "marking": of.marking,
        "exercise": of.exercise,
        "state": source.get("state"),
        "trouble": source.get("trouble") or _of_its_document(name, said),
        "last_useful": source.get("last_useful"),
        "accepted": source.get("accepted"),
        "refused": drops.get(channel(name), {}),
    }


def _of_its_document(name: str, said: Json | None) -> str:
    """Return what of the feed's document the node could not read."""
    problems = cast("list[str]", said["problems"]) if said else []
    ahead = f"{channel(name)}: "
    found = (each.removeprefix(ahead) for each in problems if each.startswith(ahead))
    return next(found, "")


def _source(name: str, said: Json | None) -> Json:
    sources = cast("list[Json]", said["sources"]) if said else []
    unknown: Json = {}
    return next((each for each in sources if each["channel"] == channel(name)), unknown)


def _lines(feeds: Sequence[Json], *, is_running: bool) -> Iterator[str]:
    if not feeds:
        yield "no feed; `accord feed add` makes one"
        return
    if not is_running:
        yield "the node does not run: how the feeds are is not known"
    for each in feeds:
        yield f"{each['name']}  {each['format']} by {each['transport']} {each['address']}"
        groups = ", ".join(cast("list[str]", each["groups"]))
        marked, exercise = _told(" marked ", each["marking"]), _told(" exercise ", each["exercise"])
        yield f"  into {groups}{marked}{exercise}"
        if each["state"] is not None:
            last = each["last_useful"] or "never"
            yield f"  {each['state']}, {each['accepted']} accepted, last useful {last}"
        if each["trouble"]:
            yield f"  {each['trouble']}"
        for reason, count in cast("Mapping[str, int]", each["refused"]).items():
            yield f"  {count} {reason}"


def _told(before: str, value: object) -> str:
    return f"{before}{value}" if value else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What came of a test: how many reports of how many objects, the first few, and all counts."""

    reports: int
    objects: int
    first: Sequence[Report]
    counts: Mapping[str, int]
    trouble: str = ""


class _Tally:
    def __init__(self, reader: Reader, clock: Clock) -> None:
        self.reader = reader
        self.reports = 0
        self.first: list[Report] = []
        self.uids: set[str] = set()
        self._clock = clock

    def take(self, data: bytes) -> None:
        now = self._clock.now()
        reports = self.reader.read(data, received=now, tick=self._clock.monotonic())
        self.reports += len(reports)
        self.uids.update(each.uid for each in reports)
        self.first += reports[: SHOWN - len(self.first)]

    def trial(self, others: Counter[str], trouble: str = "") -> Trial:
        if isinstance(self.reader, DocumentReader):
            trouble = trouble or self.reader.trouble
        counts = self.reader.counts + others
        return Trial(
            reports=self.reports, objects=len(self.uids), first=self.first,
            counts={why: count for why, count in sorted(counts.items()) if why != "reports"},
            trouble=trouble,
        )  # fmt: skip


def run_test(arguments: argparse.Namespace) -> int:
    """Read a feed for a while, and print what came of it."""
    directory: Path = arguments.directory
    settings = _of_name(load(directory), arguments.name)
    clock = SystemClock()
    source = Source(node="test", channel=channel(arguments.name), speaker=arguments.name)
    tally = _Tally(reader_of(settings, source), clock)
    if arguments.recording is not None:
        for data in pieces(arguments.recording, settings.format):
            tally.take(data)
        trial = tally.trial(Counter())
    else:
        way = connection(settings, directory, clock)
        trial = asyncio.run(_listen(way, tally, arguments.seconds))
    if arguments.json:
        print(json.dumps(_trial_json(trial), indent=2))
    else:
        print("\n".join(map(printable, _trial_lines(trial))))
    return 0 if trial.reports else 1


def _of_name(settings: Settings, name: str) -> FeedSettings:
    found = settings.feed.get(name)
    if found is None:
        there_are = ", ".join(settings.feed) or "none"
        raise UsageError(f"there is no feed {name!r}; there are: {there_are}")
    return found


async def _listen(way: Connection, tally: _Tally, seconds: float) -> Trial:
    trouble = ""
    try:
        async with asyncio.timeout(seconds):
            async for data in way.chunks():
                if data:
                    tally.take(data)
        if not way.is_finite:
            trouble = "the other side closed the connection"
    except TimeoutError:
        pass
    except (OSError, FeedError) as error:
        trouble = str(error)
    return tally.trial(way.counts, trouble)


def _trial_lines(trial: Trial) -> Iterator[str]:
    if trial.trouble:
        yield trial.trouble
    yield f"{trial.reports} reports of {trial.objects} objects"
    for each in trial.first:
        yield f"  {_spelt(each)}"
    for why, count in trial.counts.items():
        yield f"{count} {why}"
    if not trial.reports:
        yield "nothing useful came"


def _spelt(report: Report) -> str:
    body = report.body
    point = body.point if isinstance(body, Position | Alarm) else None
    where = "" if point is None else f" {point.lat:.5f} {point.lon:.5f}"
    name = report.identity.name or report.identity.callsign
    return f"{report.uid} {report.kind}{_told(' ', name)}{where}"


def _trial_json(trial: Trial) -> Json:
    return {
        "reports": trial.reports,
        "objects": trial.objects,
        "first": [
            {"uid": each.uid, "type": each.kind.text, "time": spell(each.time)}
            for each in trial.first
        ],
        "counts": dict(trial.counts),
        "trouble": trial.trouble,
    }


def run_add(arguments: argparse.Namespace) -> int:
    """Write a feed into the settings, where they are right with it."""
    directory, name = arguments.directory, str(arguments.name)
    settings = load(directory)
    if not _NAME(name):
        raise UsageError(f"feed {name!r}: a name of at most 40 letters, digits, - and _")
    if name in settings.feed:
        raise UsageError(f"there is a feed {name!r} already; change it in {SETTINGS_FILE}")
    if len(settings.feed) >= MAX_FEEDS:
        raise UsageError(f"there are {MAX_FEEDS} feeds already")
    path = directory / SETTINGS_FILE
    text = f"{path.read_text('utf-8').rstrip()}\n\n{_section(name, arguments)}"
    with_it = read(Settings, text, file=f"{path} with the new feed", overrides={})
    if not arguments.unchecked:
        check(name, with_it.feed[name], directory, settings.feed)
    _replace(path, text)
    print(f"feed {name} is in {path}; a node that runs reads it at its next start")
    print(f"next: accord feed test {directory} {name}")
    return 0


def _replace(path: Path, text: str) -> None:
    fresh = path.with_suffix(".new")
    try:
        fresh.write_text(text, "utf-8")
        fresh.chmod(path.stat().st_mode & 0o777)
        fresh.replace(path)
    except OSError as error:
        with suppress(OSError):
            fresh.unlink(missing_ok=True)
        raise UsageError(f"{path} is as it was, and cannot be written: {error.strerror}") from None


def _section(name: str, arguments: argparse.Namespace) -> str:
    said = {**vars(arguments), "groups": arguments.group}
    keys = [each.name for each in fields(FeedSettings) if said.get(each.name) is not None]
    # A JSON text, list or number is the same in TOML.
    lines = [f"{key} = {json.dumps(said[key], ensure_ascii=False)}" for key in keys]
    return "\n".join([f"[feed.{name}]", *lines, ""])
