"""Holds a ledger of a node against its signatures, by the keys that the node believes."""

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from accord.core.partner import Partner
from accord.release.ledger.audit import Audited, audit
from accord.release.ledger.checkpoint import cosigner_name
from accord.release.ledger.note import VerifierKey, pinned_keys, read_key
from accord.storage.ledger_reader import LedgerReader, reader_of
from accord.storage.partners import PARTNERS, Partners


def audited(directory: Path, partner: str, keys: Sequence[str] = ()) -> Audited:
    """Return what is wrong with the ledger for a partner; `keys` are verifier keys as text.

    Without: those kept with it, and the partner's as it is pinned. UsageError: there is no ledger.
    """
    with closing(reader_of(directory, partner)) as reader:
        return audit(reader, reader.owner.origin, _believed(directory, reader, keys))


def _believed(directory: Path, reader: LedgerReader, given: Sequence[str]) -> list[VerifierKey]:
    if given:
        return [read_key(each) for each in given]
    kept, found = reader.verifiers(), pinned(directory, reader.owner.partner)
    if found is None:
        return kept
    name = cosigner_name(found.name)
    ours = [key for key in kept if not key.scheme.is_timed]
    return [*ours, *(pinned_keys(name, each)[1] for each in found.ledger_keys())]


def pinned(directory: Path, partner: str) -> Partner | None:
    """Return what people compared of a partner; None: it is none."""
    path = directory / PARTNERS
    if not path.is_file():
        return None
    found = [each for each in Partners(path).trusted().partners if each.node == partner]
    return found[0] if found else None
