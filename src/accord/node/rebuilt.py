"""What a partner could see at some moment, made again from its ledger and the journal."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from accord.api.partner_picture import Gone, Seen, Shown
from accord.config import load
from accord.core.agreement import Agreement
from accord.core.body import Alarm, Removal
from accord.core.errors import UsageError
from accord.core.form import Naming, ReleaseForm
from accord.core.principal import Group
from accord.core.report import Report
from accord.federation.rebuild import Rebuild, Wanted
from accord.live.marking import DefaultMarkings
from accord.node.kept import report_of, segments
from accord.release.ledger.entry import (
    KIND_OF_RELEASE,
    Entry,
    Release,
    decode,
    milliseconds,
    moment_of,
    skim,
)
from accord.release.ledger.fault import LedgerFault
from accord.release.ledger.outstanding import Outstanding
from accord.storage.agreements import AGREEMENTS, Agreements
from accord.storage.ledger_reader import LedgerReader, reader_of
from accord.storage.release_secrets import SECRET_BYTES, secret_of
from accord.storage.segment import Record

MAX_OBJECTS = 50_000
"""Objects of one picture: as many as a partner is kept up to date about."""

NO_VERSION = "a header without a state of its own, or a document"
NO_TEXT = "the text of that serial, or that form in it, is not here"
NO_KEY = "the partner's secret is not here"
NO_TIME = "there was no time to look for it"
NO_REPORT = "no report that is kept has the digest of what went"

MAX_LINES = 200_000
"""Releases of one stretch of time that is played."""

LOOKED_AT = 1_024
"""Which lines are those at which it is looked whether there is time: every so many."""

_KIND_AT = 1
"""Where the kind stands in the bytes of a line (docs/reference/ledger.md)."""
_RECALL = 4


def _of_all(_record: Record) -> bool:
    return True


def _never() -> bool:
    return False


def seen_by(
    directory: Path,
    partner: str,
    at: datetime,
    *,
    sees: Callable[[Record], bool] = _of_all,
    is_late: Callable[[], bool] = _never,
    said_into: dict[int, frozenset[Group]] | None = None,
) -> Seen:
    """Return what the partner could see at that moment. UsageError: it has no ledger here.

    `said_into` is told, by line, the groups that what was found had been said into here.

    What was made of a record that whoever asks does not see is left out, and counted. When
    `is_late` says so, what was found until then must do; the newest is looked at first.
    """
    settings = load(directory)
    with closing(reader_of(directory, partner)) as reader:
        own = reader.owner.node
        (outstanding, since), begins = _outstanding(reader, own, at, is_late), _begins(reader)
        lines = (reader.row(number) for number in outstanding.numbers())
        read = [_read(reader, number, data) for number, data, _ in lines]
        entries = [(each, each.body) for each in read if isinstance(each.body, Release)]
    shelf = _Shelf(directory, secret_of(directory, partner))
    wanted, gone = shelf.asked(entries)
    search = _Search(Rebuild(wanted, own=own, key=shelf.key), sees, is_late)
    search.through(directory, settings.default_markings())
    shown = [each for each in map(search.shown, wanted) if each is not None]
    why = NO_REPORT if search.is_over else NO_TIME
    gone += [Gone(each.entry, each.release, why) for each in search.missing(wanted)]
    left = _without_removed(shown)
    told = [each for each in left if each.entry.number not in search.hidden]
    if said_into is not None:
        said_into.update(search.groups)
    return Seen(
        partner=partner,
        at=at,
        shown=tuple(told),
        gone=tuple(sorted(gone, key=lambda each: each.entry.number)),
        removed=len(shown) - len(left),
        recalled=outstanding.recalled,
        beyond=outstanding.beyond,
        hidden=len(left) - len(told),
        since=since,
        begins=begins,
    )


def _outstanding(
    reader: LedgerReader, own: str, at: datetime, is_late: Callable[[], bool]
) -> tuple[Outstanding, datetime | None]:
    """Return what is outstanding, and since when, where there was no time for all lines."""
    found, until = Outstanding(own, limit=MAX_OBJECTS), milliseconds(at)
    newest: dict[bytes, bytes] = {}
    for number, data, _ in reader.newest_first():
        kind = data[_KIND_AT]
        if kind not in (KIND_OF_RELEASE, _RECALL) or moment_of(data, number) > until:
            continue
        if number % LOOKED_AT == 0 and is_late():
            return found, _read(reader, number, data).at
        skimmed = skim(data) if kind == KIND_OF_RELEASE else None
        if skimmed is not None and skimmed[1] <= newest.get(skimmed[0], b""):
            continue  # a later line released it anew: most lines need not be read
        is_settled = found.look(_read(reader, number, data))
        if skimmed is not None and is_settled:
            newest[skimmed[0]] = skimmed[1]
    return found, None


def _begins(reader: LedgerReader) -> datetime | None:
    for number, data, _ in reader.lines():
        return _read(reader, number, data).at
    return None


def _moment(data: bytes, number: int) -> datetime:
    return datetime.fromtimestamp(moment_of(data, number) / 1000, UTC)


def _read(reader: LedgerReader, number: int, data: bytes) -> Entry:
    try:
        return decode(data)
    except LedgerFault as fault:
        raise LedgerFault(
            f"line {number} of the ledger for {reader.owner.partner}: {fault}"
        ) from None


class _Shelf:
    """The forms that agreements had, and the secret that names and shifts were made with."""

    def __init__(self, directory: Path, key: bytes | None) -> None:
        self.key = key or bytes(SECRET_BYTES)
        self._has_key = key is not None
        self._agreements = Agreements(directory / AGREEMENTS)
        self._terms: dict[tuple[str, int], Agreement | None] = {}

    def asked(self, entries: Iterable[tuple[Entry, Release]]) -> tuple[list[Wanted], list[Gone]]:
        """Return what can be made again, with its form, and what cannot, with the reason."""
        wanted: list[Wanted] = []
        gone: list[Gone] = []
        for entry, release in entries:
            form = self._form(release)
            if isinstance(form, str):
                gone.append(Gone(entry, release, form))
            else:
                wanted.append(Wanted(entry=entry, release=release, form=form))
        return wanted, gone

    def _form(self, release: Release) -> ReleaseForm | str:
        """Return the form of a release, or why it cannot be applied again."""
        if not release.version[1]:
            return NO_VERSION
        terms = self._text(release)
        try:
            form = None if terms is None else terms.form(release.form)
        except KeyError:
            form = None
        if form is None:
            return NO_TEXT
        is_secret = form.identity is Naming.PSEUDONYM or form.cell is not None
        return NO_KEY if is_secret and not self._has_key else form

    def _text(self, release: Release) -> Agreement | None:
        key = release.agreement, release.serial
        if key not in self._terms:
            self._terms[key] = self._agreements.terms(*key)
        terms = self._terms[key]
        return terms if terms is not None and terms.digest == release.digest.hex() else None


class _Search:
    """Shows the journal to what looks in it, the newest first, until nothing is left to find.

    `hidden` are lines that answer to a record which whoever asks does not see. `is_over`: all was
    looked at, as far as there was anything to be found.
    """

    def __init__(
        self, rebuild: Rebuild, sees: Callable[[Record], bool], is_late: Callable[[], bool]
    ) -> None:
        self.hidden: set[int] = set()
        self.groups: dict[int, frozenset[Group]] = {}
        self.is_over = True
        self._rebuild = rebuild
        self._sees = sees
        self._is_late = is_late

    def through(self, directory: Path, defaults: DefaultMarkings) -> None:
        """Look at what the journal keeps."""
        if self._rebuild.is_done:
            return
        for segment in segments(directory, since=self._rebuild.since()):
            if self._is_late():
                self.is_over = False
                return
            for index in range(len(segment) - 1, -1, -1):
                self._look(segment.record(index), defaults)
            if self._rebuild.is_done:
                return

    def _look(self, record: Record, defaults: DefaultMarkings) -> None:
        node = record.source.node
        for wanted in self._rebuild.lines_for(record.uid, record.context, record.received, node):
            report = report_of(record, defaults)
            if report is not None and self._rebuild.look(wanted, report):
                self.groups[wanted.entry.number] = record.groups
                if not self._sees(record):
                    self.hidden.add(wanted.entry.number)
                return

    def shown(self, wanted: Wanted) -> Shown | None:
        """Return what was found for a line."""
        report = self._rebuild.found.get(wanted.entry.number)
        if report is None:
            return None
        on_grid = wanted.form.cell is not None
        return Shown(wanted.entry, wanted.release, report, on_grid=on_grid)

    def missing(self, wanted: Iterable[Wanted]) -> list[Wanted]:
        """Return the lines for which nothing was found."""
        return [each for each in wanted if each.entry.number not in self._rebuild.found]


def _without_removed(shown: list[Shown]) -> list[Shown]:
    """Leave out what a later line removed or ended, and the words that did it."""
    removed = {
        each.report.body.target: each.entry.number
        for each in shown
        if isinstance(each.report.body, Removal)
    }
    return [
        each
        for each in shown
        if not isinstance(each.report.body, Removal)
        and not (isinstance(each.report.body, Alarm) and each.report.body.cancels)
        and removed.get(each.release.name, 0) < each.entry.number
    ]


def given_between(
    directory: Path, partner: str, since: datetime, until: datetime
) -> tuple[list[tuple[datetime, Report]], int]:
    """Return what was released to a partner after a moment, up to another, and when, in order.

    Each as the partner read it, of the groups that it was said into here; and how many lines there
    are of what is not to be found any more. UsageError: it has no ledger here, or too many lines.
    """
    settings = load(directory)
    with closing(reader_of(directory, partner)) as reader:
        own = reader.owner.node
        found = list(islice(_released(reader, since, until), MAX_LINES + 1))
    if len(found) > MAX_LINES:
        raise UsageError(f"more than {MAX_LINES} releases in that time: give less of it")
    shelf = _Shelf(directory, secret_of(directory, partner))
    wanted, _ = shelf.asked(found)
    rebuild = Rebuild(wanted, own=own, key=shelf.key)
    said = _said_into(directory, rebuild, settings.default_markings())
    told = [
        (each.entry.at, replace(report, groups=said[each.entry.number]))
        for each in wanted
        if (report := rebuild.found.get(each.entry.number)) is not None
    ]
    return sorted(told, key=lambda each: each[0]), len(found) - len(told)


def _released(
    reader: LedgerReader, since: datetime, until: datetime
) -> Iterator[tuple[Entry, Release]]:
    for number, data, _ in reader.lines():
        if since < _moment(data, number) <= until and data[_KIND_AT] == KIND_OF_RELEASE:
            entry = _read(reader, number, data)
            if isinstance(entry.body, Release):
                yield entry, entry.body


def _said_into(
    directory: Path, rebuild: Rebuild, defaults: DefaultMarkings
) -> dict[int, frozenset[Group]]:
    """Find what lines released; return the groups that it was said into, by line."""
    groups: dict[int, frozenset[Group]] = {}
    if rebuild.is_done:
        return groups
    for segment in segments(directory, since=rebuild.since()):
        for index in range(len(segment) - 1, -1, -1):
            record = segment.record(index)
            lines = list(
                rebuild.lines_for(record.uid, record.context, record.received, record.source.node)
            )
            report = report_of(record, defaults) if lines else None
            for wanted in lines if report is not None else ():
                assert report is not None  # noqa: S101  the line above
                if rebuild.look(wanted, report):
                    groups[wanted.entry.number] = record.groups
        if rebuild.is_done:
            break
    return groups
