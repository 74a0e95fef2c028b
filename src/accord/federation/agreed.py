"""The agreements of this node that are in force, and what they decide towards one partner."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from accord.core.agreement import Agreement, Reason, Situation, Withheld
from accord.core.partner import Partner
from accord.core.report import Report
from accord.federation.standing import OTHER_KEY, PAUSED, SUSPENDED, WITHDRAWN, Stopped
from accord.release.cadence import Cadence
from accord.release.decide import Released
from accord.release.fault import AgreementError
from accord.release.frontmatter import spell_key
from accord.release.gate import Gate
from accord.release.signature import Act, InForce, Record
from accord.storage.agreements import CURRENT, Agreements, Pause
from accord.wire.peer.message import Held
from accord.wire.peer.protocol import AGREEMENT

AGREEMENTS = Path("agreements")

_Seen = tuple[tuple[str, int, int], ...]


class Agreed:
    """The agreements in force in a node's directory. `trouble` says why others are not.

    `stopped` are those that a party has suspended or withdrawn, and its signature under that, and
    those that people of this node have paused.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory / AGREEMENTS
        self._seen: _Seen | None = None
        self.in_force: tuple[InForce, ...] = ()
        self.trouble: Mapping[str, str] = {}
        self.stopped: tuple[tuple[Agreement, Record | Pause], ...] = ()

    def has_changed(self) -> bool:
        """Tell whether a file is another than when they were read."""
        return self._files() != self._seen

    def read(self) -> None:
        """Read them all: each is held to its examples and proved again."""
        self._seen = self._files()
        held, found, trouble = Agreements(self._directory), list[InForce](), dict[str, str]()
        stopped: list[tuple[Agreement, Record | Pause]] = []
        for name in sorted(path.parent.name for path in self._directory.glob(f"*/{CURRENT}")):
            try:
                found.append(held.in_force(name))
            except (AgreementError, OSError) as error:
                trouble[name] = str(error)
                stopped += _stopped(held, name)
        signed = {terms.id for terms, _ in stopped}
        stopped += [each for each in held.paused() if each[0].id not in signed]
        self.in_force, self.trouble, self.stopped = tuple(found), trouble, tuple(stopped)

    def _files(self) -> _Seen:
        found: list[tuple[str, int, int]] = []
        for path in sorted((*self._directory.glob("*/*"), *self._directory.glob("*/*/*"))):
            try:
                stat = path.stat()
            except OSError:
                continue
            found.append((str(path), stat.st_ino, stat.st_mtime_ns))
        return tuple(found)


def _stopped(agreements: Agreements, name: str) -> list[tuple[Agreement, Record]]:
    try:
        found = agreements.stopped(name)
    except (AgreementError, OSError):
        return []  # `trouble` says so already
    return [] if found is None else [found]


def held(agreement: InForce) -> Held:
    """Return what two nodes compare of an agreement."""
    return _held(agreement.loaded.agreement)


def _held(terms: Agreement) -> Held:
    return Held(terms.id, terms.serial, bytes.fromhex(terms.digest))


def prefix_of(terms: Agreement) -> bytes:
    """Return how frames name an agreement: by the first bytes of its text's SHA-256."""
    return bytes.fromhex(terms.digest)[:AGREEMENT]


Refused = Callable[[str, int, Withheld, Report], None]
"""Told what an agreement (id, serial) withheld."""


class Decisions:
    """What leaves for one partner: asked of every agreement by which this node gives to it.

    Nothing does by a text that names another key of the partner's people than is pinned of it.
    """

    def __init__(
        self, own: str, partner: Partner, *, key: bytes, salt: bytes, limit: int, refused: Refused
    ) -> None:
        self._own = own
        self._pinned = partner
        self._partner = partner.node
        self._key = key
        self._salt = salt
        self._memory = Cadence(limit=limit)
        self._refused = refused
        self._gates: dict[Held, Gate] = {}
        self._situation = Situation(own=own, partner=partner.node, synchronised=True)
        self.gives: tuple[Held, ...] = ()
        self.takes: tuple[Held, ...] = ()
        self.terms: Mapping[tuple[str, int], Agreement] = {}
        self.stopped_here: tuple[Stopped, ...] = ()

    def agree(
        self, in_force: Sequence[InForce], stopped: Iterable[tuple[Agreement, Record | Pause]] = ()
    ) -> None:
        """Decide by these from now on; a gate that has stopped stays stopped.

        `stopped` as `Agreed` has it: nothing is decided by that, and people are told.
        """
        own, partner = self._own, self._partner
        strange = [each for each in in_force if _is_strange(each, self._pinned)]
        in_force = [each for each in in_force if each not in strange]
        known = [_of_both(terms, record, own, partner) for terms, record in stopped]
        known += [_of_other_key(each, own, self._pinned) for each in strange]
        self.stopped_here = tuple(each for each in known if each.gives or each.takes)
        gives = [each for each in in_force if _runs(each, own, partner)]
        self.takes = tuple(held(each) for each in in_force if _runs(each, partner, own))
        self.gives = tuple(map(held, gives))
        loaded = (each.loaded.agreement for each in in_force)
        self.terms = {(each.id, each.serial): each for each in loaded}
        self._gates = {held(each): self._gate(each) for each in gives}
        self._situation = Situation(
            own=own, partner=partner, synchronised=True, onward=_onward(own, in_force)
        )

    def _gate(self, agreement: InForce) -> Gate:
        before = self._gates.get(held(agreement))
        if before is not None:
            return before
        return Gate(agreement, key=self._key, salt=self._salt, memory=self._memory)

    @property
    def stopped(self) -> tuple[str, ...]:
        """The agreements whose compiled clauses and Cedar did not agree."""
        return tuple(each.id for each, gate in self._gates.items() if gate.stopped)

    def decide(self, report: Report, at: datetime) -> Released | Withheld:
        """Return what leaves of the report by the first agreement that lets it out."""
        situation = self._situation
        said = Withheld(reason=Reason.NOT_PARTY)
        for terms, gate in self._gates.items():
            decision = gate.decide(report, at, situation)
            if isinstance(decision, Released):
                return decision
            if said.reason is Reason.NOT_PARTY or decision.clause is not None:
                said = decision
            if decision.reason is not Reason.NOT_DUE:
                self._refused(terms.id, terms.serial, decision, report)
        return said


def _of_both(terms: Agreement, record: Record | Pause, own: str, partner: str) -> Stopped:
    if isinstance(record, Pause):
        how, by = PAUSED, record.by
    else:
        how, by = WITHDRAWN if record.act is Act.WITHDRAW else SUSPENDED, record.node
    return Stopped(
        held=_held(terms),
        gives=_gives(terms, own, partner),
        takes=_gives(terms, partner, own),
        how=how,
        by=by,
        at=record.at,
    )


def _is_strange(agreement: InForce, partner: Partner) -> bool:
    """Tell whether it was signed with another key of the partner's than two people compared."""
    return any(
        party.node == partner.node and spell_key(party.key) != partner.party_key
        for party in agreement.loaded.agreement.parties
    )


def _of_other_key(agreement: InForce, own: str, partner: Partner) -> Stopped:
    return Stopped(
        held=held(agreement),
        gives=_runs(agreement, own, partner.node),
        takes=_runs(agreement, partner.node, own),
        how=OTHER_KEY,
        by=partner.node,
        at=partner.made,
    )


def _runs(agreement: InForce, giver: str, receiver: str) -> bool:
    return _gives(agreement.loaded.agreement, giver, receiver)


def _gives(terms: Agreement, giver: str, receiver: str) -> bool:
    return giver in terms.givers and receiver in terms.receivers and giver != receiver


def _onward(own: str, in_force: Sequence[InForce]) -> Mapping[str, frozenset[str]]:
    """Return for each nation to which others what it gave may be passed on."""
    found: dict[str, frozenset[str]] = {}
    for agreement in in_force:
        terms = agreement.loaded.agreement
        if own not in terms.receivers:
            continue
        for giver in terms.givers:
            if giver != own:
                found[giver[:3]] = found.get(giver[:3], frozenset()) | terms.onward
    return found
