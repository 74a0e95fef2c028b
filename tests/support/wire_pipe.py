"""Both ends of a link in one process: what is noted is decided, made, checked by a guard and read.

Every byte that the giving node's guard would write is kept. Nothing reads a clock, and random bytes
come from a seed: the same reports at the same times make the same bytes.
"""

import random
from collections import Counter
from datetime import datetime
from typing import cast

from accord.core.agreement import Situation, Withheld
from accord.core.partner import Profile
from accord.core.report import Report
from accord.federation.agreed import held
from accord.federation.coalition import Coalition
from accord.federation.effect import Broken, Effect, Left
from accord.federation.guard.check import Checker, Terms
from accord.federation.guard.contents import Incoming, Outgoing
from accord.federation.guard.inlet import Inlet
from accord.federation.guard.outlet import Outlet, Post
from accord.federation.guard.placeholders import Unsigned, handles_of
from accord.federation.guard.session import Session
from accord.federation.moment import Moment
from accord.federation.settings import SyncSettings
from accord.federation.sync import Pair, PartnerSync
from accord.release.cadence import Cadence
from accord.release.decide import Released, Towards, decide
from accord.release.signature import InForce
from accord.wire.peer.decode import Decoder
from accord.wire.peer.encode import Encoder
from accord.wire.peer.frame import Frame, Handles, Known
from accord.wire.peer.protocol import Version
from support.forms import KEY
from support.peer import is_signed, signer
from support.random_agreement import SINCE

EPOCH = 7
LIMIT = 1_000
SETTINGS = SyncSettings(linger=0.0, retry=1.0)


class Pipe:
    """One link, from `agreement`'s giver to its receiver. `pump` lets all go that may go now."""

    def __init__(self, agreement: InForce, *, own: str, partner: str, seed: int) -> None:
        self.agreement, self.own, self.partner = agreement, own, partner
        self.now = Moment(SINCE, 0.0)
        self.incidents: frozenset[str] = frozenset()
        self.released: dict[int, Released] = {}
        """What was last released of a report, by its `id`."""
        self.sent: list[bytes] = []
        """Each frame as the guard would write it, before TLS."""
        self.frames: list[Frame] = []
        """Each frame as the partner reads it."""
        self.effects: list[Effect] = []
        self.sessions = 0
        self._rolls = random.Random(seed)  # noqa: S311  tests, not keys
        self._memory = Cadence(limit=LIMIT)
        self._kept: list[Report] = []
        self.giver = self._core(own, partner)
        self.taker = self._core(partner, own)
        both = [held(agreement)]
        self.giver.agree(both, [])
        self.taker.agree([], both)
        terms = Terms(agreement.loaded.agreement)
        self._posts = self._post(own, partner, terms), self._post(partner, own, terms)

    def _core(self, own: str, partner: str) -> PartnerSync:
        return PartnerSync(
            Pair(own=own, partner=partner, epoch=EPOCH), SETTINGS, decide=self._decide,
            coalition=Coalition(limit=LIMIT, silent_after=60.0),
            random=self._rolls.randbytes, counts=Counter(),
        )  # fmt: skip

    def _post(self, own: str, partner: str, terms: Terms) -> Post:
        checker = Checker(own=own, partner=partner)
        checker.know({terms.key: terms})
        return Post(
            checker=checker, handles=Handles(limit=LIMIT), onward={}, notes=set(),
            outgoing=Outgoing(limit=1 << 20), incoming=Incoming(limit=1 << 20),
        )  # fmt: skip

    def _decide(self, report: Report, at: datetime) -> Released | Withheld:
        situation = Situation(
            own=self.own, partner=self.partner, synchronised=True, incidents=self.incidents
        )
        towards = Towards(situation=situation, key=KEY, memory=self._memory)
        said = decide(report, self.agreement, at, towards=towards)
        if isinstance(said, Released):
            self.released[id(report)] = said
        return said

    def note(self, report: Report, version: Version) -> None:
        """Offer a report that was accepted."""
        self._kept.append(report)
        self.giver.note(report, version, self.now)

    def begin(self) -> None:
        """Begin a session, as after a cut."""
        self.giver.disconnected(self.now)
        self.taker.disconnected(self.now)
        self.sessions += 1
        hellos = self.giver.hello(self.now), self.taker.hello(self.now)
        assert self.giver.connected(hellos[1], self.now) is None
        assert self.taker.connected(hellos[0], self.now) is None
        session, own, partner = self.sessions.to_bytes(16), self.own, self.partner
        given, taken = self.giver.given(), self.taker.taken()
        out, into = self._posts
        for post, objects in ((out, given), (into, taken)):
            post.handles.clear()
            known = handles_of(objects, limit=LIMIT)
            for each in objects:
                post.handles.put({each.handle: cast("Known", known.get(each.handle))})
        there = Session(session, own, partner, self.now.at, hellos[1].frame)
        back = Session(session, partner, own, self.now.at, hellos[0].frame)
        unsigned = Unsigned(Profile.MODERN, self._rolls.randbytes)
        self._made = unsigned.frames(there, given, limit=LIMIT)
        self._outlet = Outlet(there, out, sign=signer(own), verify=lambda *_: None)
        self._inlet = Inlet(back, into, verify=is_signed)
        self._decoder = Decoder(
            session=session, sender=own, receiver=partner, verify=is_signed,
            handles=handles_of(taken, limit=LIMIT),
        )  # fmt: skip
        self._back = (
            Encoder(session=session, sender=partner, receiver=own, sign=signer(partner),
                    handles=Handles(limit=LIMIT)),
            Decoder(session=session, sender=partner, receiver=own, verify=is_signed,
                    handles=Handles(limit=LIMIT)),
        )  # fmt: skip

    def pump(self, *, loses: bool = False) -> None:
        """Send all that may go now; where the line `loses`, nothing of it arrives."""
        while True:
            if not (self._there(loses=loses) or self._back_again()):
                return

    def _there(self, *, loses: bool) -> bool:
        outgoing = self.giver.next(self.now)
        if outgoing is None:
            return False
        data = self._made.make(outgoing)
        data = self._outlet.prepare(data, self.now.at).data
        self.sent.append(data)
        if loses:
            return True
        self._inlet.take(data)
        frame = self._decoder.decode(data)
        assert frame is not None
        self.frames.append(frame)
        self.effects += self.taker.received(frame, self.now)
        assert not isinstance(self.effects[-1] if self.effects else None, Broken | Left)
        return True

    def _back_again(self) -> bool:
        outgoing = self.taker.next(self.now)
        if outgoing is None:
            return False
        encoder, decoder = self._back
        data = encoder.encode(
            outgoing.message, number=outgoing.number, lane=outgoing.lane, at=outgoing.at
        )
        frame = decoder.decode(data[2:])
        assert frame is not None
        self.giver.received(frame, self.now)
        return True
