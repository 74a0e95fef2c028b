"""How partners that are refused stood when their links ended, and how far their ledgers go."""

from contextlib import closing
from pathlib import Path

from accord.federation import link_report
from accord.observe.partner_health import PartnerStatus
from accord.release.ledger.checkpoint import open_checkpoint
from accord.release.ledger.fault import LedgerFault
from accord.storage.ledger_reader import LedgerReader, path_of


class Parted:
    """Remembers links that ended in this life of the node; `directory` is where it has ledgers."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._last: dict[str, PartnerStatus] = {}
        self._cosigned: dict[str, tuple[int, int]] = {}

    def ended(self, last: PartnerStatus) -> None:
        """Take note how a link stood when it ended."""
        self._last[last.node] = last

    def status(self, node: str) -> PartnerStatus:
        """Return how a refused partner stands."""
        return link_report.refused(node, self._last.get(node), self._ledger(node))

    def _ledger(self, node: str) -> tuple[int, int] | None:
        """Return its lines, and how many of them are cosigned; None where it cannot be read."""
        path = path_of(self._directory, node)
        if not path.exists():
            return 0, 0
        try:
            with closing(LedgerReader(path)) as reader:
                found = self._cosigned.get(node)
                # Signatures are looked at again only when there are more lines.
                if found is None or found[0] != reader.size():
                    found = self._cosigned[node] = reader.size(), _cosigned(reader)
        except LedgerFault:
            return None
        return found


def _cosigned(reader: LedgerReader) -> int:
    keys = reader.verifiers()
    for note in reversed(reader.notes()):
        opened = open_checkpoint(note, reader.owner.origin, keys)
        if opened.cosigners:
            return opened.checkpoint.size
    return 0
