"""Finds again, among the reports that this node kept, what it released to a partner.

A report is the one that went when, reduced once more by the form that held then, it has the digest
that the ledger has. So nothing here can be mistaken, only not be found. No I/O.
"""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from itertools import chain

from accord.core.context import Context
from accord.core.form import Kept, Naming, ReleaseForm
from accord.core.report import Report, Source
from accord.federation.guard.passage import digest_of_subject, digest_of_update
from accord.release.again import again
from accord.release.ledger.entry import Entry, Release
from accord.release.secret import pseudonym
from accord.wire.peer.errors import NotExpressible
from accord.wire.peer.plain import content_bytes
from accord.wire.peer.protocol import AGREEMENT, Version
from accord.wire.peer.report import Grant
from accord.wire.peer.translate import (
    Leave,
    milliseconds,
    report_of,
    report_of_update,
    to_header,
    to_peer_report,
    to_update,
)

MAX_TRIES = 1_000
"""Reports that are tried for one line of the ledger."""

MAX_NAMES = 200_000
"""Objects whose pseudonym is remembered."""

SLACK = 60_000
"""Milliseconds by which a version may differ from the receipt that it counts from."""


@dataclass(slots=True, kw_only=True)
class Wanted:
    """One line of the ledger, the release that it tells of, and the form that this names."""

    entry: Entry
    release: Release
    form: ReleaseForm
    tries: int = 0

    def can_be(self, received: datetime, *, is_own: bool) -> bool:
        """Tell whether a report that was received then can be the one that went."""
        counted, latest = self.release.version[1], milliseconds(self.entry.at)
        if is_own:
            # The version of another node's object says nothing of when it came here.
            latest = min(latest, counted + self._rounding() + SLACK)
        return self.tries < MAX_TRIES and counted - SLACK <= milliseconds(received) <= latest

    def _rounding(self) -> int:
        if self.form.cadence is None or Kept.TIME in self.form.keep:
            return 0
        return self.form.cadence // timedelta(milliseconds=1)


class Rebuild:
    """Looks for what these lines released. `key` is the partner's secret, `own` this node."""

    def __init__(self, wanted: Iterable[Wanted], *, own: str, key: bytes) -> None:
        self.found: dict[int, Report] = {}
        self._own = own
        self._key = key
        self._wanted: dict[str, list[Wanted]] = {}
        for each in wanted:
            self._wanted.setdefault(each.release.name, []).append(each)
        self._names: dict[tuple[Context, str], str] = {}
        self._hides = any(each.form.identity is Naming.PSEUDONYM for each in self._all())

    @property
    def is_done(self) -> bool:
        """Whether nothing is left to be looked for."""
        return not self._wanted

    def since(self) -> float:
        """Return from when on reports are needed at all, in seconds since 1970."""
        versions = [each.release.version[1] for each in self._all()]
        return (min(versions, default=0) - SLACK) / 1_000

    def lines_for(
        self, uid: str, context: Context, received: datetime, node: str
    ) -> Iterator[Wanted]:
        """Yield the lines that a report of that object, received then from `node`, may answer."""
        for name in self._names_of(uid, context):
            counted = milliseconds(received)
            lines = [
                each
                for each in self._wanted.get(name, ())
                if each.can_be(received, is_own=node == self._own)
            ]
            # Mostly a version counts from the receipt of the very report.
            yield from sorted(lines, key=lambda each: abs(each.release.version[1] - counted))

    def _all(self) -> Iterator[Wanted]:
        return chain.from_iterable(self._wanted.values())

    def _names_of(self, uid: str, context: Context) -> Iterator[str]:
        yield uid
        if not self._hides:
            return
        name = self._names.get((context, uid))
        if name is None:
            if len(self._names) >= MAX_NAMES:
                self._names.clear()
            name = self._names[context, uid] = pseudonym(self._key, context, uid)
        yield name

    def look(self, wanted: Wanted, report: Report) -> bool:
        """Tell whether this report is the one that went; it is kept then as it went."""
        wanted.tries += 1
        released = again(report, wanted.form, partner_key=self._key, at=wanted.entry.at)
        went = None if released is None else self._as_it_went(
            released, wanted.release, report.source
        )  # fmt: skip
        if went is None:
            return False
        # What was received stays in the journal; of a thousand objects it would be megabytes.
        self.found[wanted.entry.number] = replace(went, original=None)
        lines = self._wanted[wanted.release.name]
        lines.remove(wanted)
        if not lines:
            del self._wanted[wanted.release.name]
        return True

    def _as_it_went(self, released: Report, line: Release, source: Source) -> Report | None:
        """Return the report as the partner read it, rounded as the wire is; None: it is another."""
        leave = Leave(
            origin=source.node,
            grant=Grant(line.digest[:AGREEMENT], line.clause, line.form),
            path=() if source.node == self._own else (*source.hops, self._own),
        )
        # The bytes as received go along, or follow as a file where they are too long.
        for each in {True, released.original is None}:
            for payload, went in _payloads(
                released, leave, Version(*line.version), with_original=each
            ):
                if payload == line.payload:
                    return went
        return None


def _payloads(
    released: Report, leave: Leave, version: Version, *, with_original: bool
) -> Iterator[tuple[bytes, Report]]:
    """Yield what the ledger would have as its payload, as a record and as an update."""
    with suppress(NotExpressible):
        record = to_peer_report(released, leave, version=version, with_original=with_original)
        yield sha256(content_bytes(record)).digest(), report_of(record)
        header = to_header(released, leave, epoch=version.epoch)
        update = to_update(released, handle=0, version=version.ms, with_original=with_original)
        digest = digest_of_update(digest_of_subject(header), update)
        yield digest, report_of_update(header, update)
