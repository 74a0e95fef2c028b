"""What all links of one node share: what it has already, and who feeds it whose tracks.

In a mesh the same states come over several neighbours. One of them feeds a node with an origin's
tracks; the others are asked to send nothing more of that origin (PRUNE), until the feeder falls
silent (GRAFT). A prune lasts for a session at most.
"""

from collections import Counter

from accord.federation.settling import AT_ONCE, Disk
from accord.federation.version import ObjectKey, Versions
from accord.wire.peer.protocol import Version

ENOUGH = 3
"""States that came again from a neighbour, before it is asked to send no more."""


class Coalition:
    """One node's view of all its partners. Every `PartnerSync` of the node is given the same one.

    `silent_after`: seconds without a frame after which a neighbour feeds nothing any more. What
    comes must be on the `disk` before it is acknowledged; without one it is there at once.
    """

    def __init__(self, *, limit: int, silent_after: float, disk: Disk = AT_ONCE) -> None:
        self.disk = disk
        self.versions = Versions(limit=limit)
        self.silent_after = silent_after
        self._heard: dict[str, float] = {}
        self._feeder: dict[str, str] = {}
        self._again: Counter[tuple[str, str]] = Counter()
        self._given: dict[tuple[str, str], dict[ObjectKey, None]] = {}
        self._pruned: dict[str, set[str]] = {}

    def heard(self, partner: str, seconds: float) -> None:
        """Note that a frame of the partner came."""
        self._heard[partner] = seconds

    def gone(self, partner: str) -> None:
        """Note that there is no link to the partner: what it fed must come over others."""
        self._heard.pop(partner, None)
        self._pruned.pop(partner, None)
        self._forget(partner)

    def pruned(self, partner: str, seconds: float) -> frozenset[str]:
        """Return the origins of which the partner is to send no states now."""
        self._review(seconds)
        return frozenset(self._pruned.get(partner, ()))

    def state_came(self, partner: str, key: ObjectKey, version: Version, ms: int) -> bool:
        """Note a state from a partner; False where this node has it, or a newer one."""
        is_fresh = self.versions.take(key, version, ms)
        origin = key.origin
        given = self._given.setdefault((partner, origin), {})
        given[key] = None
        if len(given) > self.versions.limit:
            del given[next(iter(given))]
        if is_fresh and (origin not in self._feeder or partner == origin):
            self._feeder[origin] = partner
        feeder = self._feeder.get(origin)
        if feeder is None or feeder == partner:
            return is_fresh
        if is_fresh and not self._gives(feeder, key):
            self._unprune(partner, origin)
        if not is_fresh:
            self._again[partner, origin] += 1
            self._prune_if_enough(partner, origin, feeder)
        return is_fresh

    def _gives(self, feeder: str, key: ObjectKey) -> bool:
        return key in self._given.get((feeder, key.origin), ())

    def _prune_if_enough(self, partner: str, origin: str, feeder: str) -> None:
        given = self._given[partner, origin]
        # Only where the feeder gives all that this neighbour gives: agreements can differ.
        if self._again[partner, origin] >= ENOUGH and all(
            self._gives(feeder, key) for key in given
        ):
            self._pruned.setdefault(partner, set()).add(origin)

    def _unprune(self, partner: str, origin: str) -> None:
        self._again[partner, origin] = 0
        self._pruned.get(partner, set()).discard(origin)

    def _review(self, seconds: float) -> None:
        for partner, heard in list(self._heard.items()):
            if seconds - heard > self.silent_after:
                del self._heard[partner]
                self._forget(partner)

    def _forget(self, partner: str) -> None:
        """Let others feed what this partner fed, and forget what came again from it."""
        orphans = {origin for origin, feeder in self._feeder.items() if feeder == partner}
        for origin in orphans:
            del self._feeder[origin]
            for other in list(self._pruned):
                self._unprune(other, origin)
        for pair in [pair for pair in self._again if pair[0] == partner]:
            del self._again[pair]
        for pair in [pair for pair in self._given if pair[0] == partner]:
            del self._given[pair]
