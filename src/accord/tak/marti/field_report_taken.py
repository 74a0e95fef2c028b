"""Packages with reports of the CI-TRAP tool, taken: held to what they say, and kept or not."""

import hashlib
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from accord.core.errors import AccordError
from accord.core.principal import Group, Principal
from accord.storage.field_reports import Changed, Extent, FieldReport, FieldReports
from accord.storage.files import PUBLIC, About, FileStore, Stored
from accord.tak.marti.field_report_package import (
    Enclosed,
    Told,
    enclosed_in,
    repacked,
    told_in,
    with_id,
)
from accord.tak.marti.mission_package import BadPackage

CITRAP = "citrap"
"""The mission of which TAK Server tells that there is a new report, and the keyword of each."""


class NotInExercise(AccordError):
    """A report is of an exercise in which its sender takes no part; the text says which."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filing:
    """Who files a report, under which uid, and what it was before, or the groups of a new one."""

    by: Principal
    by_uid: str
    groups: frozenset[Group] = frozenset()
    before: FieldReport | None = None


class Taking:
    """Takes packages. Its methods are for threads."""

    def __init__(self, files: FileStore, reports: FieldReports) -> None:
        self._files = files
        self._reports = reports

    def read(self, package: Path | BinaryIO) -> Enclosed:
        """Return the report in a package that lies at a path, or is open. BadPackage."""
        return enclosed_in(package, self._files.settings.max_file)

    def opened(self, report: FieldReport) -> BinaryIO:
        """Open the package of a report: who changes that meanwhile takes nothing from it.

        Changed where it is not that of the report any more.
        """
        try:
            return self._files.path(report.hash).open("rb")
        except FileNotFoundError:
            raise Changed(f"the report {report.id} was changed meanwhile: send it again") from None

    def repack(
        self, before: FieldReport, target: Path, entries: Mapping[str, bytes | Path]
    ) -> None:
        """Write a report's package anew, with these entries too, or in place of those it had.

        BadPackage, and Changed where it is not that of the report any more.
        """
        with self.opened(before) as package:
            repacked(package, target, entries)

    def take(self, package: Path, filing: Filing, now: datetime) -> tuple[FieldReport, Stored]:
        """Keep the report in a package; one that has no id is given one, in its package too.

        BadPackage, NotInExercise, Full, and Changed where it is not any more what it was before.
        """
        enclosed = self.read(package)
        told = told_in(enclosed.xml)
        _require_fit(told, filing)
        if told.id:
            return self._kept(package, enclosed, told, filing, now)
        report_id = filing.before.id if filing.before else str(uuid.uuid4())
        with_one = Enclosed(enclosed.entry, with_id(enclosed.xml, report_id))
        written = self._files.incoming()
        try:
            repacked(package, written, {with_one.entry: with_one.xml})
            return self._kept(written, with_one, told_in(with_one.xml), filing, now)
        finally:
            written.unlink(missing_ok=True)

    def _kept(
        self, package: Path, enclosed: Enclosed, told: Told, filing: Filing, now: datetime
    ) -> tuple[FieldReport, Stored]:
        with package.open("rb") as data:
            sha256 = hashlib.file_digest(data, "sha256").hexdigest()
        before = filing.before
        report = FieldReport(
            id=told.id,
            owner=before.owner if before else filing.by.name,
            creator_uid=filing.by_uid,
            groups=before.groups if before else filing.groups,
            context=told.context,
            time=told.time,
            said=told.said,
            extent=told.extent,
            hash=sha256,
            entry=enclosed.entry,
            filed=now,
        )
        self._files.claim([sha256])
        try:
            stored = self._stored(package, report)
            self._reports.keep(report, before, by=filing.by)
        finally:
            self._files.release([sha256])  # what was not kept goes
        if before is not None and before.hash != sha256:
            self._files.let_go([before.hash])
        return report, stored

    def _stored(self, package: Path, report: FieldReport) -> Stored:
        name = f"{report.id}.zip"
        for each in self._files.all(report.filed, sha256=report.hash):
            if (each.about.name, each.about.submitter) == (name, report.owner):
                return each
        about = About(
            name=name,
            mime="application/zip",
            tool=PUBLIC,
            keywords=(CITRAP,),
            submitter=report.owner,
            creator_uid=report.creator_uid,
            groups=frozenset(),  # who sees the report has it, and nobody else
            uid=report.id,
            place=_place(report.extent),
        )
        return self._files.keep(package, report.hash, about, report.filed)

    def forget(self, report: FieldReport, now: datetime) -> Stored | None:
        """Forget a report and its package, and return what was kept of that."""
        found = self._files.all(now, sha256=report.hash)
        self._reports.forget(report)
        self._files.let_go([report.hash])
        return next((each for each in found if each.about.submitter == report.owner), None)


def _require_fit(told: Told, filing: Filing) -> None:
    before = filing.before
    if before is not None and told.id not in ("", before.id):
        raise BadPackage(f"the report has the id {told.id}, and is sent as {before.id}")
    if before is not None and told.context != before.context:
        # What is said in an exercise is not made live by leaving out its mark.
        raise BadPackage(f"the report is of {before.context}, and is sent as of {told.context}")
    if not filing.by.takes_part_in(told.context):
        raise NotInExercise(f"the report is of {told.context}, in which you take no part")


def _place(extent: Extent | None) -> dict[str, str]:
    if extent is None:
        return {}
    lat, lon = (extent.south + extent.north) / 2, (extent.west + extent.east) / 2
    return {"Latitude": f"{lat:.7f}", "Longitude": f"{lon:.7f}"}
