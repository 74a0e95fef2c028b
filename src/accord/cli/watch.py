"""`accord watch test`, `alerts`: what rules would have said; what is open, and as CAP 1.2."""

import argparse
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from accord.cli import watch_alerts
from accord.cli.command import Subparsers
from accord.cli.ledger_text import printable
from accord.config import SETTINGS_FILE
from accord.core.context import LIVE
from accord.core.errors import UsageError
from accord.core.report import Source
from accord.desks.watch.alert import Condition
from accord.desks.watch.rules.judge import Judge
from accord.desks.watch.rules.names import unknown
from accord.desks.watch.rules.seen import Found
from accord.desks.watch.rules.text import Rule
from accord.feeds.catalogue import FORMATS
from accord.feeds.feed import Reader
from accord.feeds.file import Stamps, lines_of
from accord.feeds.settings import Format
from accord.node.watch import known_in, rules_of
from accord.picture.picture import Picture, PictureSettings

LOOK_EVERY = timedelta(seconds=5)
"""Between two looks at the clock, as a node has it."""

LONGEST_GAP = timedelta(hours=6)
"""Of a longer gap in a recording, the end is looked at."""

WITH_TIMES = tuple(name.value for name, entry in FORMATS.items() if entry.stamps is not None)


def add_parser(subparsers: Subparsers) -> None:
    """Add `watch` with its subcommands."""
    parser = subparsers.add_parser(
        "watch",
        help="watch rules, and the alerts that are open",
        description="Rules as text, in the file watch.rules of a node's directory; and its alerts.",
    )
    commands: Subparsers = parser.add_subparsers(required=True, metavar="COMMAND", title="commands")
    test = commands.add_parser(
        "test",
        help="what rules would have said of a recording",
        description="Read rules and, with --recording, say when each would have begun and ended "
        "to be so. Changes nothing.",
    )
    test.add_argument("rules", type=Path, metavar="RULES", help="a file of rules")
    test.add_argument(
        "--recording", type=Path, metavar="FILE", help="traffic with times, plain or gzipped"
    )
    test.add_argument(
        "--format", choices=WITH_TIMES, default="ais", metavar="FORMAT",
        help=f"of the recording: {', '.join(WITH_TIMES)}; ais if not given",
    )  # fmt: skip
    test.add_argument(
        "--feed", default="recording", metavar="NAME", help="the feed that it stands for"
    )
    test.add_argument(
        "--node", type=Path, metavar="DIR",
        help="the directory of the node that they are for; the one that they lie in if not given",
    )  # fmt: skip
    test.add_argument("--json", action="store_true", help="for machines")
    test.set_defaults(run=run_test)
    watch_alerts.add_parser(commands)


@dataclass(frozen=True, slots=True)
class Said:
    """What a rule said, and when; `is_over` where it is so no more."""

    at: datetime
    key: str
    text: str
    is_over: bool


def run_test(arguments: argparse.Namespace) -> int:
    """Print what the rules say."""
    path: Path = arguments.rules
    if not path.is_file():
        raise UsageError(f"there is no file {path}")
    rules = rules_of(path)
    if not rules:
        raise UsageError(
            f"{path}: there is no rule in it; write `rule NAME` and a line `when` below"
        )
    strange = _strange(rules, path, arguments.node, arguments.feed)
    said: Sequence[Said] = ()
    if arguments.recording is not None:
        player = _Player(rules, Format(arguments.format), arguments.feed)
        said = list(player.play(arguments.recording))
    if arguments.json:
        told = [{"at": _spelt(e.at), "over": e.is_over, "key": e.key, "text": e.text} for e in said]
        names = [each.name for each in rules]
        print(json.dumps({"rules": names, "strange": strange, "said": told}, indent=2))
    else:
        print("\n".join(map(printable, _lines(rules, strange, said, arguments.recording))))
    return 0


def _strange(rules: Sequence[Rule], path: Path, directory: Path | None, feed: str) -> Sequence[str]:
    """Return what rules name that their node has none of; nothing where that is not known."""
    if directory is None:
        directory = path.parent
        if not (directory / SETTINGS_FILE).is_file():
            return ()
    known = known_in(directory)
    return list(unknown(rules, replace(known, feeds={*known.feeds, feed})))


def _lines(
    rules: Sequence[Rule], strange: Sequence[str], said: Sequence[Said], recording: Path | None
) -> Iterator[str]:
    what = "1 rule" if len(rules) == 1 else f"{len(rules)} rules"
    yield f"{what}: {', '.join(each.name for each in rules)}"
    yield from strange
    for each in said:
        yield f"{_spelt(each.at)}  {'over: ' if each.is_over else ''}{each.text}"
    if recording is not None:
        begun = sum(not each.is_over for each in said)
        yield f"{'once' if begun == 1 else f'{begun} times'} something was so"


def _spelt(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"


class _Player:
    """Plays a recording through a picture of its own, at its own times."""

    def __init__(self, rules: Sequence[Rule], kind: Format, feed: str) -> None:
        stamps = FORMATS[kind].stamps
        assert stamps is not None  # noqa: S101  only such formats can be chosen
        contexts = {each.context for each in rules} - {LIVE}
        self._kind = kind
        self._stamps: Stamps = stamps
        self._judge = Judge(rules)
        self._picture = Picture(PictureSettings())
        self._texts: dict[str, str] = {}
        source = Source(node="test", channel=f"feed:{feed}", speaker=feed)
        # Rules of an exercise are tried on the same traffic, as though it were the exercise's.
        self._readers: list[Reader] = [
            FORMATS[kind].reader(source=source, groups=frozenset({"test"}), context=context)
            for context in (LIVE, *sorted(contexts, key=str))
        ]

    def play(self, path: Path) -> Iterator[Said]:
        """Yield what the rules say, in order."""
        now: datetime | None = None
        look_at: datetime | None = None
        for line in _recorded(path):
            time = self._stamps.time_of(line)
            if time is not None:
                at = datetime.fromtimestamp(time, UTC)
                now = at if now is None else max(now, at)
            if now is None:
                continue
            look_at = now if look_at is None else max(look_at, now - LONGEST_GAP)
            while look_at <= now:
                yield from self._look(look_at)
                look_at += LOOK_EVERY
            yield from self._hear(line, now)
        if now is None:
            others = ", ".join(each for each, form in FORMATS.items() if form.stamps is not None)
            raise UsageError(
                f"no line of {path} bears a time that is read as {self._kind}: is it of another "
                f"--format ({others})?"
            )

    def _hear(self, line: bytes, now: datetime) -> Iterator[Said]:
        for reader in self._readers:
            for report in reader.read(line + b"\n", received=now, tick=now.timestamp()):
                change = self._picture.apply(report)
                if change is not None:
                    yield from self._told(self._judge.see(change), now)

    def _look(self, now: datetime) -> Iterator[Said]:
        for change in self._picture.expire(now):
            yield from self._told(self._judge.see(change), now)
        yield from self._told(self._judge.look(now), now)

    def _told(self, found: Sequence[Found], now: datetime) -> Iterator[Said]:
        for each in found:
            if isinstance(each, Condition):
                self._texts[each.key] = each.text
                yield Said(now, each.key, each.text, is_over=False)
            else:
                yield Said(now, each.key, self._texts.pop(each.key, each.key), is_over=True)


def _recorded(path: Path) -> Iterator[bytes]:
    try:
        yield from lines_of(path)
    except OSError as error:
        raise UsageError(f"{path}: the recording cannot be read: {error}") from None
