"""Keys that succeed others: this node's, told to each partner until it has taken them; and theirs.

A partner is met with the key that it knows until its signed receipt says that it has pinned the
next. What a partner says of its own new key is held against what is pinned, and takes its place.
"""

from collections import deque
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol

from accord.core.errors import AccordError
from accord.core.partner import Partner
from accord.federation.moment import Moment
from accord.federation.succeeding import digest_of, rotation_of, succession_of
from accord.federation.sync import PartnerSync
from accord.observe.log import Log
from accord.security import succession
from accord.security.own_keys import Made, OwnKeys
from accord.security.succession import SuccessionError
from accord.storage.partners import PARTNERS, Partners
from accord.wire.peer.record import Outcome, Receipt, Rotation
from accord.wire.peer.translate import milliseconds

MAX_TOLD = 40
"""Successions of one partner that are looked at in an hour: each takes time of the whole node."""
HOUR = 3_600.0

UNREADABLE = "it cannot be read"
TOO_OFTEN = "it is one of too many in an hour"
UNKNOWN = "the register does not have it so"


class Tie(Protocol):
    """One partner."""

    @property
    def sync(self) -> PartnerSync:
        """What goes to it."""
        ...


class Successions:
    """Tells partners of this node's new keys, and takes theirs.

    `changed` is told of which partner's link something must be remembered and sent, `again` which
    link is to be made again: the partner knows another key of this node from now on.
    """

    def __init__(
        self, directory: Path, ties: Mapping[str, Tie], *, now: Callable[[], Moment],
        changed: Callable[[str], None], again: Callable[[str], None], log: Log,
    ) -> None:  # fmt: skip
        self._keys = OwnKeys(directory)
        self._register = Partners(directory / PARTNERS)
        self._ties = ties
        self._now = now
        self._changed = changed
        self._again = again
        self._log = log
        self._homes: dict[str, tuple[object, ...]] = {}
        self._told: dict[str, int] = {}
        self._waits: dict[str, str] = {}
        self._came: dict[str, deque[float]] = {}

    def look(self) -> None:
        """Tell what has to be told, and make links again whose partner knows another key now."""
        try:
            self._keys.finish()
            for node in list(self._ties):
                self._look_at(node)
        except (OSError, AccordError) as error:
            self._log.burst("successions", reason=str(error))

    def _look_at(self, node: str) -> None:
        known = self._keys.known_to(node)
        if self._homes.setdefault(node, known) != known:
            # The receipt is acknowledged first, or it would go again by the link made anew.
            if self._ties[node].sync.is_acknowledged():
                self._again(node)
            return
        pending = self._keys.pending(node)
        if pending is None:
            self._waits.pop(node, None)
        elif self._told.get(node) != pending.number:
            self._told[node] = pending.number
            self._waits[node] = (
                f"it has not taken this node's {pending.said.of} key of {pending.at:%Y-%m-%d} yet"
            )
            self._ties[node].sync.rotate(_record(pending), self._now())
            self._changed(node)

    def begun(self, node: str) -> None:
        """Take note of a new link, on which what was said before may not have been kept."""
        self._homes[node] = self._keys.known_to(node)
        self._told.pop(node, None)

    def of(self, partner: Partner) -> tuple[str, ...]:
        """Return in sentences which keys were succeeded, and what a partner has not taken yet."""
        last = {each.of: each.succeeded for each in partner.history}
        theirs = (f"its {of} key succeeded another on {at:%Y-%m-%d}" for of, at in last.items())
        waits = self._waits.get(partner.node)
        return (*theirs, waits) if waits else tuple(theirs)

    def receipted(self, node: str, receipt: Receipt) -> bool:
        """Take a partner's answer to a succession; False where it answers something else."""
        try:
            return self._receipted(node, receipt)
        except AccordError as error:
            self._log.burst("successions", reason=str(error))
            return True

    def _receipted(self, node: str, receipt: Receipt) -> bool:
        pending = self._keys.pending(node)
        if pending is None or digest_of(_record(pending)) != receipt.recall:
            return receipt.outcome in (Outcome.TAKEN, Outcome.REFUSED)
        if receipt.outcome is Outcome.TAKEN:
            self._keys.taken(pending.number, node, self._now().at)
            self._log.event("key taken", partner=node, of=pending.said.of)
        else:
            self._waits[node] = f"it has refused this node's new {pending.said.of} key"
            self._log.trouble("key refused", partner=node, of=pending.said.of)
        return True

    def came(self, node: str, rotation: Rotation) -> list[str]:
        """Pin a partner's new key, and answer; return what is to be counted where it is not."""
        if not self._is_looked_at(node):  # an answer would cost what looking costs
            return [f"a new key that is not taken: {TOO_OFTEN}"]
        why = self._take(node, rotation)
        outcome = Outcome.REFUSED if why else Outcome.TAKEN
        self._ties[node].sync.answer(digest_of(rotation), outcome, 0, self._now())
        self._changed(node)
        return [f"a new key that is not taken: {why}"] if why else []

    def _is_looked_at(self, node: str) -> bool:
        came, seconds = self._came.setdefault(node, deque(maxlen=MAX_TOLD)), self._now().seconds
        if len(came) == MAX_TOLD and seconds - came[0] < HOUR:
            return False
        came.append(seconds)
        return True

    def _take(self, node: str, rotation: Rotation) -> str:
        said = succession_of(rotation)
        if said is None:
            return UNREADABLE
        now = self._now().at
        try:
            # The register, not the link, says what is pinned: it may be a moment ahead.
            known = self._register.trusted().partner(node)
            if known is None:
                return UNKNOWN
            new = succession.read(said, known, now)
            if new != known:
                self._register.take_succession(known, new, now)
        except AccordError as error:
            self._log.trouble("key not taken", partner=node, reason=str(error))
            return error.reason if isinstance(error, SuccessionError) else UNKNOWN
        self._log.event("partner has a new key", partner=node, of=said.of, key=new.key(said.of))
        return ""


def _record(made: Made) -> Rotation:
    return rotation_of(made.said, milliseconds(made.at))
