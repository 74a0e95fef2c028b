"""What a partner could see at some moment, made again from its ledger and the journal."""

from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from accord.cli.ledger_text import reader_of
from accord.config import load
from accord.core.agreement import Agreement
from accord.core.body import Alarm, Removal
from accord.core.form import Naming, ReleaseForm
from accord.core.report import Report
from accord.federation.rebuild import Rebuild, Wanted
from accord.live.marking import DefaultMarkings
from accord.node.kept import report_of, segments
from accord.release.ledger.entry import Entry, Release, decode, milliseconds, moment_of
from accord.release.ledger.fault import LedgerFault
from accord.release.ledger.outstanding import Outstanding
from accord.storage.agreements import AGREEMENTS, Agreements
from accord.storage.ledger_reader import LedgerReader
from accord.storage.release_secrets import SECRET_BYTES, secret_of

MAX_OBJECTS = 50_000
"""Objects of one picture: as many as a partner is kept up to date about."""

NO_VERSION = "a header without a state of its own, or a document"
NO_TEXT = "the text of that serial, or that form in it, is not here"
NO_KEY = "the partner's secret is not here"
NO_REPORT = "no report that is kept has the digest of what went"

_KIND_AT = 1
"""Where the kind stands in the bytes of a line (docs/reference/ledger.md)."""
_RELEASE, _RECALL = 1, 4


@dataclass(frozen=True, slots=True)
class Shown:
    """An object as the partner had it, and the line of the ledger that says so."""

    entry: Entry
    release: Release
    report: Report


@dataclass(frozen=True, slots=True)
class Gone:
    """Something was released and cannot be shown any more; the ledger has the digest of it."""

    entry: Entry
    release: Release
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A partner's picture. `recalled` counts objects that were taken back, `removed` those removed.

    `beyond` counts lines of objects beyond MAX_OBJECTS. `begins` is when the first line was written
    that the ledger still has; None where it has none.
    """

    partner: str
    at: datetime
    shown: tuple[Shown, ...]
    gone: tuple[Gone, ...]
    removed: int
    recalled: int
    beyond: int
    begins: datetime | None = None


def seen_by(directory: Path, partner: str, at: datetime) -> Seen:
    """Return what the partner could see at that moment. UsageError: it has no ledger here."""
    settings = load(directory)
    with closing(reader_of(directory, partner)) as reader:
        own = reader.owner.node
        outstanding, begins = _outstanding(reader, own, at), _begins(reader)
        lines = (reader.row(number) for number in outstanding.numbers())
        read = [_read(reader, number, data) for number, data, _ in lines]
        entries = [(each, each.body) for each in read if isinstance(each.body, Release)]
    shelf = _Shelf(directory, secret_of(directory, partner))
    gone: list[Gone] = []
    wanted: list[Wanted] = []
    for entry, release in entries:
        form = shelf.form(release)
        if isinstance(form, str):
            gone.append(Gone(entry, release, form))
        else:
            wanted.append(Wanted(entry=entry, release=release, form=form))
    rebuild = Rebuild(wanted, own=own, key=shelf.key)
    _search(directory, rebuild, settings.default_markings())
    shown: list[Shown] = []
    for each in wanted:
        report = rebuild.found.get(each.entry.number)
        if report is None:
            gone.append(Gone(each.entry, each.release, NO_REPORT))
        else:
            shown.append(Shown(each.entry, each.release, report))
    left = _without_removed(shown)
    return Seen(
        partner=partner,
        at=at,
        shown=tuple(left),
        gone=tuple(sorted(gone, key=lambda each: each.entry.number)),
        removed=len(shown) - len(left),
        recalled=outstanding.recalled,
        beyond=outstanding.beyond,
        begins=begins,
    )


def _outstanding(reader: LedgerReader, own: str, at: datetime) -> Outstanding:
    found, until = Outstanding(own, limit=MAX_OBJECTS), milliseconds(at)
    for number, data, _ in reader.newest_first():
        if data[_KIND_AT] in (_RELEASE, _RECALL) and moment_of(data, number) <= until:
            found.look(_read(reader, number, data))
    return found


def _begins(reader: LedgerReader) -> datetime | None:
    for number, data, _ in reader.lines():
        return _read(reader, number, data).at
    return None


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

    def form(self, release: Release) -> ReleaseForm | str:
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


def _search(directory: Path, rebuild: Rebuild, defaults: DefaultMarkings) -> None:
    """Show the journal to it, the newest first, until nothing is left to be found."""
    if rebuild.is_done:
        return
    for segment in segments(directory, since=rebuild.since()):
        for index in range(len(segment) - 1, -1, -1):
            record = segment.record(index)
            node = record.source.node
            for wanted in rebuild.lines_for(record.uid, record.context, record.received, node):
                report = report_of(record, defaults)
                if report is not None and rebuild.look(wanted, report):
                    break
        if rebuild.is_done:
            return


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
