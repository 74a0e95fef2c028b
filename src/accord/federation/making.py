"""Turns what was decided to leave into words of the wire: own ones, or another's as they are."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from accord.core.body import Alarm, Message
from accord.core.report import Report
from accord.federation.distress import Distress
from accord.federation.door import Door, Leaving
from accord.federation.given import Given
from accord.federation.tracks import Candidate, Release
from accord.federation.version import ObjectKey, as_released, key_of, words_of
from accord.wire.peer.protocol import Version
from accord.wire.peer.record import Content, Document, FileOffer, PassedRecord
from accord.wire.peer.report import Grant, Header
from accord.wire.peer.translate import (
    Leave,
    to_header,
    to_peer_report,
    to_subject,
    to_update,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """What frames are made with: `door` decides, `maker` words, `random` salts."""

    own: str
    door: Door
    given: Given
    distress: Distress
    maker: "Maker"
    random: Callable[[int], bytes]
    counts: Counter[str]


class NotYet(Exception):
    """There is no version for it in this cadence that would not tell its time."""


class Maker:
    """Makes one node's words for one partner.

    `originals`: positions take their bytes along; `chat_originals`: chat and alarms do.
    """

    def __init__(
        self, own: str, given: Given, *, originals: bool, chat_originals: bool = True
    ) -> None:
        self._own = own
        self._given = given
        self._originals = originals
        self._chat_originals = chat_originals

    def release(self, candidate: Candidate, leaving: Leaving, last: Release | None) -> Release:
        """Return what is made of a state. Raises NotExpressible, NotYet.

        `last` is what was made of the object before: its header goes on while it says the same.
        """
        carried = candidate.carried
        if carried is not None and carried.header and carried.update and _is_whole(leaving):
            key, version = key_of(carried.header.subject), _version_of(candidate)
            return Release(
                candidate.version, key, version, leaving, carried.header, carried.update, carried
            )
        key, version = self.named(candidate, leaving, last)
        report = leaving.released.report
        header = _header_again(last, leaving, version)
        if header is None:
            leave = self._leave(candidate, leaving.grant)
            header = to_header(report, leave, epoch=version.epoch)
        update = to_update(report, handle=0, version=version.ms, with_original=self._originals)
        return Release(candidate.version, key, version, leaving, header, update)

    def named(
        self, candidate: Candidate, leaving: Leaving, last: Release | None = None
    ) -> tuple[ObjectKey, Version]:
        """Return name and version under which this node's own words leave. Raises NotYet."""
        released = leaving.released
        report = released.report
        origin = self._own if candidate.carried is None else candidate.carried.path[0]
        key = ObjectKey(origin, words_of(report.context), report.uid)
        after = self._given.version(key)
        if last is not None and last.key == key:
            if last.source == candidate.version and last.leaving.grant == leaving.grant:
                return key, last.version
            after = last.version
        elif after is not None:
            # Nothing is remembered but how far the partner is: what is no newer is there already.
            after = None
        version = as_released(candidate.version, released.form, after)
        if version is None:
            raise NotYet
        return key, version

    def content(
        self, candidate: Candidate, leaving: Leaving, template: Content | None, version: Version
    ) -> Content | PassedRecord:
        """Return the content of a record. Raises NotExpressible."""
        carried = candidate.carried
        if carried is not None and carried.content is not None and _is_whole(leaving):
            return self._passed(candidate, leaving.grant)
        leave = self._leave(candidate, leaving.grant)
        report = leaving.released.report
        if isinstance(template, FileOffer):
            return FileOffer(
                subject=to_subject(report, leave),
                version=version,
                grant=leaving.grant,
                digest=template.digest,
                size=template.size,
                name=template.name,
                media=template.media,
            )
        if isinstance(template, Document):
            return Document(
                kind=template.kind,
                name=template.name,
                serial=template.serial,
                data=template.data,
                grant=leaving.grant,
            )
        with_original = self._chat_originals or not isinstance(report.body, Message | Alarm)
        return to_peer_report(report, leave, version=version, with_original=with_original)

    def _passed(self, candidate: Candidate, grant: Grant) -> PassedRecord:
        carried = candidate.carried
        assert carried is not None and carried.content is not None  # noqa: S101, PT018
        return PassedRecord(carried.place, carried.reference or carried.content, grant)

    def _leave(self, candidate: Candidate, grant: Grant) -> Leave:
        if candidate.carried is None:
            return Leave(origin=self._own, grant=grant)
        origin, *others = candidate.carried.path
        return Leave(origin=origin, grant=grant, path=(*others, self._own))


def _is_whole(leaving: Leaving) -> bool:
    return leaving.released.form.exact


def _version_of(candidate: Candidate) -> Version:
    carried = candidate.carried
    version = None if carried is None else carried.version
    return candidate.version if version is None else version


def _header_again(last: Release | None, leaving: Leaving, version: Version) -> Header | None:
    """Return the header that was made before, where it would be made the same way now."""
    if last is None or last.carried is not None or last.leaving.grant != leaving.grant:
        return None
    if last.header.epoch != version.epoch:
        return None
    before, report = last.leaving.released.report, leaving.released.report
    return last.header if _said(before) == _said(report) else None


def _said(it: Report) -> tuple[object, ...]:
    return (
        it.uid, it.kind, it.how, it.identity, it.marking, it.label, it.source, it.groups, it.to,
        it.author, it.context,
    )  # fmt: skip
