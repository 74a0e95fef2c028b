"""Whose device a uid is: his who said it first as his own, and for a while after he has gone.

A uid is a client's own word. Without this, whoever says another's uid first is him for the node.
"""

from collections import Counter, OrderedDict
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from accord.core.principal import Device, Principal


class Devices:
    """Remembers whose device which uid is. Only people with a certificate have devices.

    `each` is how many of one person are remembered, `kept` for how long after he was last heard;
    what is not remembered is counted in `counts`.
    """

    def __init__(
        self, *, each: int, kept: timedelta, counts: Counter[str], limit: int = 100_000
    ) -> None:
        self.noted: Callable[[Device], None] | None = None
        """Is told of every device that is remembered, or was used again."""
        self.is_member: Callable[[str], bool] = lambda _: True
        """Tells whether a person may connect: the devices of who may not any more are anybody's."""
        self._each = each
        self._kept = kept
        self._limit = limit
        self._counts = counts
        self._devices: OrderedDict[str, Device] = OrderedDict()
        self._held: Counter[str] = Counter()

    def restore(self, devices: Iterable[Device]) -> None:
        """Know again what was remembered, the device that was used last at the end."""
        for each in devices:
            self._keep(each)

    def of(self, uid: str) -> Device | None:
        """Return what is known of a uid."""
        return self._devices.get(uid)

    def person(self, uid: str) -> str:
        """Return whose device a uid is, empty where nobody's is known."""
        found = self._devices.get(uid)
        return "" if found is None else found.person

    def is_anothers(self, uid: str, principal: Principal, at: datetime) -> bool:
        """Tell whether a uid is the device of another person, who shares a group with somebody.

        Who shares none never learns that the uid is in use, and takes nothing from anybody.
        """
        found = self._devices.get(uid)
        if found is None or found.person == principal.name or self._has_lapsed(found, at):
            return False
        return not found.groups.isdisjoint(principal.groups)

    def note(self, uid: str, principal: Principal, at: datetime) -> None:
        """Note that somebody is heard under a uid: his device, unless it is another's still."""
        found, groups = self._devices.get(uid), frozenset(principal.groups)
        if found is not None and found.person != principal.name:
            if not self._has_lapsed(found, at):
                self._counts["uids that are another's device"] += 1
                return
            self._drop(uid)  # also where nobody has it after him
            found = None
        if not principal.credential:
            return
        if found is not None:
            groups |= found.groups  # those that he has switched off are his too
        elif self._held[principal.name] >= self._each:
            self._counts["devices of one person not remembered"] += 1
            return
        device = Device(uid=uid, person=principal.name, groups=groups, used=at)
        self._keep(device)
        if self.noted is not None:
            self.noted(device)

    def _has_lapsed(self, device: Device, at: datetime) -> bool:
        return at - device.used >= self._kept or not self.is_member(device.person)

    def _keep(self, device: Device) -> None:
        self._drop(device.uid)
        self._devices[device.uid] = device
        self._held[device.person] += 1
        if len(self._devices) > self._limit:
            self._drop(next(iter(self._devices)))
            self._counts["devices forgotten for want of room"] += 1

    def _drop(self, uid: str) -> None:
        gone = self._devices.pop(uid, None)
        if gone is not None:
            self._held[gone.person] -= 1
            if not self._held[gone.person]:
                del self._held[gone.person]
