"""The agreements of a node as its guard sees them: read from the disk, again where they changed.

The guard reads the texts and verifies the signatures itself. It asks neither the node nor a solver:
a clause that nobody has proved was never put in force, and one that was suspended is seen here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from accord.core.agreement import Agreement
from accord.core.errors import AccordError
from accord.federation.guard.check import Terms
from accord.release.document import read_document
from accord.release.frontmatter import spell_key
from accord.release.signature import standing
from accord.storage.agreements import (
    CURRENT,
    PAUSED,
    SIGNATURE,
    TEXT,
    pause_beside,
    read_records,
)

AGREEMENTS = Path("agreements")
MAX_READ = 1_000
"""Agreements of one node that are looked at."""

_Marks = tuple[tuple[str, int, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pinned:
    """The keys of parties that two people compared: only what they signed counts."""

    own: str
    partner: str
    partner_key: str


class Agreed:
    """Every agreement that a node holds between itself and one partner; `look` reads them again.

    What cannot be read is in `trouble`, and counts as not in force.
    """

    def __init__(self, directory: Path, pinned: Pinned) -> None:
        self._directory = directory / AGREEMENTS
        self._pinned = pinned
        self._marks: _Marks | None = None
        self.terms: Mapping[bytes, Terms] = {}
        self.trouble = ""

    def look(self) -> bool:
        """Read them again where a file has changed; tell whether one had."""
        marks = self._seen()
        if marks == self._marks:
            return False
        self._marks = marks
        found: dict[bytes, Terms] = {}
        self.trouble = ""
        for path, replaced in self._texts().items():
            try:
                terms = self._read(path, replaced)
            except (OSError, ValueError, AccordError) as error:
                self.trouble = f"agreement {path.parent.parent.name} cannot be read: {error}"
                continue
            found[terms.key] = terms
        self.terms = found
        return True

    def _texts(self) -> dict[Path, str]:
        """Return each text with what keeps it from being in force, whatever its signatures.

        One that another serial has replaced can still be spoken of, as in a recall.
        """
        found: dict[Path, str] = {}
        for current in sorted(self._directory.glob(f"*/{CURRENT}"))[:MAX_READ]:
            try:
                serial = int(current.read_text("ascii"))
            except (OSError, ValueError):
                continue
            found[current.parent / str(serial) / TEXT] = ""
            for path in sorted(current.parent.glob(f"[0-9]*/{TEXT}")):
                found.setdefault(path, "another serial of it is current")
        return found

    def _seen(self) -> _Marks:
        """Return by what these files differ from those read before: of a signature, that it is."""
        watched = [path.with_name(CURRENT) for path in self._directory.glob(f"*/{CURRENT}")]
        for text in self._texts():
            watched += [text, *text.parent.glob(f"*{SIGNATURE}"), text.with_name(PAUSED)]
        marks: list[tuple[str, int, int]] = []
        for path in sorted(watched):
            try:
                stat = path.stat()
            except OSError:
                marks.append((str(path), 0, 0))
            else:
                marks.append((str(path), stat.st_ino, stat.st_mtime_ns))
        return tuple(marks)

    def _read(self, path: Path, replaced: str) -> Terms:
        agreement = read_document(path.read_bytes()).agreement
        if replaced:
            return Terms(agreement, replaced)
        try:
            faults = standing(agreement, read_records(sorted(path.parent.glob(f"*{SIGNATURE}"))))
        except AccordError as error:
            return Terms(agreement, str(error))
        why_not = "; ".join(map(str, faults)) or self._why_strange(agreement)
        if not why_not and pause_beside(path) is not None:
            why_not = "it is paused on this node"
        return Terms(agreement, why_not)

    def _why_strange(self, agreement: Agreement) -> str:
        """Hold the partner's key in the text against the one that two people compared."""
        for party in agreement.parties:
            if (
                party.node == self._pinned.partner
                and spell_key(party.key) != self._pinned.partner_key
            ):
                return f"the key of {party.node} in it is not the one that is pinned"
        return ""

    def between(self) -> list[Terms]:
        """Return those to which both nodes are parties, in force or not."""
        both = {self._pinned.own, self._pinned.partner}
        return [
            each
            for each in self.terms.values()
            if both <= {party.node for party in each.agreement.parties}
        ]
