"""Who gets what: an accepted report goes to the receivers that may see it, and nobody else."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace

from accord.core.body import Message
from accord.core.context import Context
from accord.core.principal import Group, Principal
from accord.core.report import Address, AddressKind, Report
from accord.core.track import Track
from accord.live.devices import Devices
from accord.live.outbox import Batch, Dispatch, Encoders, Outbox
from accord.live.taken import Watch
from accord.live.words import Words
from accord.picture.claims import lead_of
from accord.release.access import may_see


@dataclass(slots=True, eq=False, kw_only=True)
class Receiver:
    """Whoever gets changes: a TAK client, a browser, a mesh. `addresses` are what it answers to."""

    principal: Principal
    outbox: Outbox
    addresses: set[Address] = field(default_factory=set[Address])


_Put = Callable[[Dispatch], None]


class _Audience:
    """The receivers that may see reports of one context said into one set of groups."""

    __slots__ = ("receivers", "sample")

    def __init__(self, sample: Report) -> None:
        self.sample = sample
        self.receivers: dict[Receiver, _Put] = {}

    def admit(self, receiver: Receiver) -> None:
        if may_see(receiver.principal, self.sample):
            self.receivers[receiver] = receiver.outbox.pending.append


def _meets(bearer: Principal, other: Principal) -> bool:
    """Tell whether two people could be called in one group."""
    return bearer.name != other.name and not bearer.groups.keys().isdisjoint(other.groups)


def _shown_to(principal: Principal, track: Track) -> Report | None:
    """Return the claim that leads among those that somebody may see and did not make himself."""
    lead = track.lead
    if len(track.claims) == 1:
        is_own = lead.source.speaker == principal.name
        return lead if not is_own and may_see(principal, lead) else None
    visible = {
        said: claim
        for said, claim in track.claims.items()
        if claim.source.speaker != principal.name and may_see(principal, claim)
    }
    return lead_of(visible) if visible else None


class Hub:
    """Fans out. Receivers join, and get the picture; what is published later follows it.

    `schedule` runs a function after some seconds (the event loop's `call_later`).
    """

    MAX_AUDIENCES: int = 4096
    """Distinct (context, groups) remembered; beyond, the memory is cleared and counted."""

    def __init__(
        self,
        *,
        encoders: Encoders,
        words: Words,
        flush_interval: float,
        schedule: Callable[[float, Callable[[], None]], object],
    ) -> None:
        self.receivers: set[Receiver] = set()
        self.counts: Counter[str] = Counter()
        self.watch = Watch(schedule, self.counts)
        self.devices: Devices | None = None
        """Whose device a uid is, where that is known: what is addressed to it is his."""
        self._encoders = encoders
        self._words = words
        self._sent_to_others = 0
        self._replaced_for_others = 0
        self._flush_interval = flush_interval
        self._schedule = schedule
        self._is_flush_due = False
        self._audiences: dict[tuple[Context, frozenset[Group]], _Audience] = {}
        # In the order in which they took an address: who was there first bears a callsign.
        self._addressed: dict[Address, dict[Receiver, None]] = {}
        # What waits, while all of it is for one audience: joined once for most of that. As soon as
        # something else waits too, each receiver gets its own, in order.
        self._waiting: list[tuple[Dispatch, Receiver | None]] = []
        self._waiting_for: _Audience | None = None
        self._dirty_audiences: set[_Audience] = set()
        self._dirty_receivers: set[Receiver] = set()

    def join(self, receiver: Receiver, picture: Iterable[Track]) -> None:
        """Take a receiver in; before anything later it is sent what it may see of `picture`.

        After that come the words that it missed.
        """
        self.enter(receiver)
        receiver.outbox.catch_up_with(self._visible(receiver, picture))
        self._tell(receiver, self._words.missed(receiver.principal))

    def tell(self, receiver: Receiver, report: Report) -> None:
        """Send one report to one receiver, after all that it was sent before."""
        self._tell(receiver, [report])

    def _tell(self, receiver: Receiver, words: Iterable[Report]) -> None:
        told = [Dispatch(each, self._encoders) for each in words]
        if told:
            self._hand_out()
            receiver.outbox.pending += told
            receiver.outbox.flush()

    def enter(self, receiver: Receiver) -> None:
        """Take a receiver in that is sent nothing but what comes later."""
        self._hand_out()
        self.receivers.add(receiver)
        for audience in self._audiences.values():
            audience.admit(receiver)

    def regroup(self, receiver: Receiver, principal: Principal, picture: Iterable[Track]) -> None:
        """Let a receiver hear as that principal from now on, and send it the picture anew."""
        self.settle(receiver)
        receiver.principal = principal
        for audience in self._audiences.values():
            audience.receivers.pop(receiver, None)
            audience.admit(receiver)
        receiver.outbox.catch_up_with(self._visible(receiver, picture))

    def _visible(self, receiver: Receiver, picture: Iterable[Track]) -> Iterator[Dispatch]:
        principal, encoders = receiver.principal, self._encoders
        for track in picture:
            lead = _shown_to(principal, track)
            if lead is not None:
                yield Dispatch(lead, encoders)

    def leave(self, receiver: Receiver) -> None:
        """Let a receiver go; nothing more is written to it.

        Words to it that were not, or that it did not take, are given to another receiver of the
        same person by that name.
        """
        self._hand_out()
        self.receivers.discard(receiver)
        for audience in self._audiences.values():
            audience.receivers.pop(receiver, None)
        for address in receiver.addresses:
            self._unaddress(receiver, address)
        receiver.addresses.clear()
        self._dirty_receivers.discard(receiver)
        self._sent_to_others += receiver.outbox.sent
        self._replaced_for_others += receiver.outbox.replaced
        receiver.outbox.close()
        unsent = receiver.outbox.unsent
        self._words.left(receiver.principal, unsent)
        self._pass_on(receiver.principal, unsent)

    def _pass_on(self, principal: Principal, unsent: Iterable[Report]) -> None:
        """Give words that one receiver of a person was not sent to his others, newest first."""
        names = dict.fromkeys(name for each in unsent for name in each.to)
        others = {each: None for name in names for each in reversed(self._others(principal, name))}
        for other in others:
            his = {name for name in names if other in self._bearers(name)}
            self._tell(other, self._words.missed_by_name(other.principal, his))

    def _others(self, principal: Principal, name: Address) -> list[Receiver]:
        """Return who has taken a name and is that person, who took it last at the end."""
        taken = self._addressed.get(name, {})
        return [each for each in taken if each.principal.name == principal.name]

    @property
    def sent(self) -> int:
        """How many reports were written to receivers, also to those who have left."""
        return self._sent_to_others + sum(each.outbox.sent for each in self.receivers)

    @property
    def replaced(self) -> int:
        """How many positions gave way to newer ones, for receivers that were too slow."""
        return self._replaced_for_others + sum(each.outbox.replaced for each in self.receivers)

    def address(self, receiver: Receiver, addresses: Iterable[Address]) -> None:
        """Let a receiver be reached under these addresses from now on, and no others.

        It is sent the words to it that it missed. A callsign that somebody with a certificate bears
        is meanwhile nobody else's who shares a group with him; to be refused it is counted.
        """
        wanted = set(addresses)
        self.readdress(receiver, new=wanted - receiver.addresses, gone=receiver.addresses - wanted)

    def readdress(
        self, receiver: Receiver, *, new: AbstractSet[Address], gone: AbstractSet[Address]
    ) -> None:
        """Let a receiver be reached under other addresses than before, as `address` does."""
        for address in gone & receiver.addresses:
            self._unaddress(receiver, address)
        receiver.addresses -= gone
        for address in new:
            self._addressed.setdefault(address, {})[receiver] = None
        receiver.addresses |= new
        his = {address for address in new if receiver in self._bearers(address)}
        if any(each.kind is AddressKind.CALLSIGN for each in new - his):
            self.counts["callsign is another's"] += 1
        self._take_over(receiver, his)
        self._tell(receiver, self._words.missed_by_name(receiver.principal, his))

    def _take_over(self, receiver: Receiver, names: AbstractSet[Address]) -> None:
        """Take back the words to these names that wait for the same person's other receivers.

        A phone that comes back does so before its dead connection is noticed: what waits there, or
        was written and is not acknowledged, would never reach it.
        """
        others = {other: None for name in names for other in self._others(receiver.principal, name)}
        others.pop(receiver, None)
        for other in others:
            waiting = other.outbox.words_waiting()
            if waiting:
                other.outbox.take_back(self._words.untold(receiver.principal, names, waiting))

    def _bearers(
        self, address: Address, among: AbstractSet[Group] | None = None
    ) -> Collection[Receiver]:
        """Return who has an address: a callsign, whoever has no bearer of it in his groups.

        A uid has the person alone whose device it is, if he could be meant. `among` are the groups
        that are asked of; who is in none of these keeps nobody off.
        """
        taken: Collection[Receiver] = self._addressed.get(address, {})
        if address.kind is AddressKind.UID and taken:
            return self._of_device(address.value, taken, among)
        if address.kind is not AddressKind.CALLSIGN:
            return taken
        found: list[Receiver] = []
        certain: list[Principal] = []
        for each in taken:
            if among is not None and among.isdisjoint(each.principal.groups):
                continue
            if not any(_meets(holder, each.principal) for holder in certain):
                found.append(each)
                certain += [each.principal] if each.principal.credential else []
        return found

    def _of_device(
        self, uid: str, taken: Collection[Receiver], among: AbstractSet[Group] | None
    ) -> Collection[Receiver]:
        device = None if self.devices is None else self.devices.of(uid)
        if device is None or (among is not None and among.isdisjoint(device.groups)):
            return taken
        return [each for each in taken if each.principal.name == device.person]

    def reached(self, address: Address, among: AbstractSet[Group] | None = None) -> set[str]:
        """Return the names of the principals that are reached under an address now.

        With `among`, of those in one of these groups alone.
        """
        return {
            holder.principal.name
            for holder in self._bearers(address, among)
            if among is None or not among.isdisjoint(holder.principal.groups)
        }

    def meant(self, report: Report, uid: str) -> Report:
        """Return words to one callsign as words to the uid that they name too, if they need be.

        That is where the uid is the device of a person who is not reached by that callsign: he is
        away, and whoever takes his callsign meanwhile is not whom they are meant for.
        """
        device = None if self.devices is None else self.devices.of(uid)
        if device is None or len(report.to) != 1 or device.groups.isdisjoint(report.groups):
            return report
        (named,) = report.to
        if named.kind is not AddressKind.CALLSIGN:
            return report
        if device.person in self.reached(named, report.groups):
            return report
        self.counts["words to a callsign kept for whose uid they name"] += 1
        return replace(report, to=frozenset({Address(AddressKind.UID, uid)}))

    def _unaddress(self, receiver: Receiver, address: Address) -> None:
        known = self._addressed[address]
        known.pop(receiver, None)
        if not known:
            del self._addressed[address]

    def publish(self, report: Report, *, sender: Receiver | None = None) -> None:
        """Send a report to everyone who may see it, the sender apart; written at the next flush."""
        audience = self._audience(report)
        dispatch = Dispatch(report, self._encoders)
        by_address = self._addressees(report, audience, sender) if report.to else {}
        named = {each for receivers in by_address.values() for each in receivers}
        if isinstance(report.body, Message):
            told = [each.principal for each in named]
            self._words.keep(report, told=told, reached=by_address)
        if report.to:
            self._hand_out()
            for receiver in named:
                receiver.outbox.pending.append(dispatch)
            self._dirty_receivers.update(named)
        else:
            self._put(dispatch, audience, sender)
        if not self._is_flush_due:
            self._is_flush_due = True
            self._schedule(self._flush_interval, self.flush)

    def _addressees(
        self, report: Report, audience: _Audience, sender: Receiver | None
    ) -> dict[Address, list[Receiver]]:
        """Return who is sent a report, by the address that it reaches him under."""
        found: dict[Address, list[Receiver]] = {}
        for address in report.to:
            bearers = self._bearers(address, report.groups)
            named = [each for each in bearers if each in audience.receivers and each is not sender]
            if named:
                found[address] = named
        if not found:
            self.counts["no addressee connected"] += 1
        return found

    def _put(self, dispatch: Dispatch, audience: _Audience, sender: Receiver | None) -> None:
        if self._waiting_for is not audience:
            if self._waiting_for is None and not (self._dirty_audiences or self._dirty_receivers):
                self._waiting_for = audience
            else:
                self._hand_out()
                self._give(dispatch, audience, sender)
                return
        self._waiting.append((dispatch, sender))

    def _give(self, dispatch: Dispatch, audience: _Audience, sender: Receiver | None) -> None:
        for receiver, put in audience.receivers.items():
            if receiver is not sender:
                put(dispatch)
        self._dirty_audiences.add(audience)

    def settle(self, receiver: Receiver) -> None:
        """Write to one receiver what is pending for it, before something else is."""
        self._hand_out()
        receiver.outbox.flush()

    def _hand_out(self) -> None:
        """Give each receiver its own of what waits, before anything changes for one of them."""
        audience, self._waiting_for = self._waiting_for, None
        if audience is None:
            return
        waiting, self._waiting = self._waiting, []
        for dispatch, sender in waiting:
            self._give(dispatch, audience, sender)

    def _send_together(self, audience: _Audience) -> None:
        waiting, self._waiting = self._waiting, []
        everything = Batch([dispatch for dispatch, _ in waiting])
        senders = {sender for _, sender in waiting}
        for receiver in tuple(audience.receivers):
            if receiver in senders:
                others = [dispatch for dispatch, sender in waiting if sender is not receiver]
                if others:
                    receiver.outbox.send(Batch(others))
            else:
                receiver.outbox.send(everything)

    def flush(self) -> None:
        """Write everything that is pending, now."""
        self._is_flush_due = False
        audience, self._waiting_for = self._waiting_for, None
        if audience is not None:
            self._send_together(audience)
        audiences, self._dirty_audiences = self._dirty_audiences, set()
        receivers, self._dirty_receivers = self._dirty_receivers, set()
        for audience in audiences:
            for receiver in tuple(audience.receivers):
                receiver.outbox.flush()
        for receiver in receivers:
            receiver.outbox.flush()

    def _audience(self, report: Report) -> _Audience:
        key = (report.context, report.groups)
        audience = self._audiences.get(key)
        if audience is None:
            if len(self._audiences) >= self.MAX_AUDIENCES:
                self.flush()  # what is pending is found by its audience
                self._audiences.clear()
                self.counts["audiences forgotten"] += 1
            audience = self._audiences[key] = _Audience(report)
            for receiver in self.receivers:
                audience.admit(receiver)
        return audience
