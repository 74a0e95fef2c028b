"""Times the sync core with the real gate and prints what it does in a second, on one core.

- states of tracks decided, reduced, checked and put into frames, acknowledged 20 frames later
- the same taken in at the other end

Frames are made and read without signatures; bench/ledger.py and the guard have those. Seconds of
processor time, so that other work on the machine counts little. Exit code 1 when a goal is missed.
"""

import argparse
import random
import sys
from collections import Counter
from dataclasses import replace
from datetime import timedelta

from decide import AT, KEYS, OWN, PARTNER, agreement_text, reports, seconds

from accord.core.agreement import Situation
from accord.core.body import Position
from accord.core.geometry import Point
from accord.core.report import Report
from accord.federation.coalition import Coalition
from accord.federation.moment import Moment
from accord.federation.outgoing import Outgoing
from accord.federation.settings import SyncSettings
from accord.federation.sync import Pair, PartnerSync
from accord.federation.version import HybridClock
from accord.release.cadence import Cadence
from accord.release.decide import Released
from accord.release.gate import Gate
from accord.release.load import load
from accord.release.loaded import Loaded
from accord.release.signature import Act, in_force, sign
from accord.wire.peer.decode import Decoder
from accord.wire.peer.encode import Encoder
from accord.wire.peer.frame import Frame, FrameType, Handles
from accord.wire.peer.message import Ack, Held, Records, Updates
from accord.wire.peer.protocol import Lane

ENDS = {"session": bytes(16), "sender": OWN, "receiver": PARTNER}
SETTINGS = SyncSettings(
    window_bytes=1 << 20, window_least=1 << 20, linger=0.0, frame_bytes=16 * 1024
)


class Link:
    """One giver with a real gate, and one receiver, without a network."""

    def __init__(self, loaded: Loaded) -> None:
        terms = loaded.agreement
        signed = in_force(
            loaded, [sign(terms, Act.AGREE, node=n, key=k, at=AT) for n, k in KEYS.items()]
        )
        self.gate = gate = Gate(signed, key=b"k" * 32, salt=b"s" * 16, memory=Cadence(limit=10**6))
        self.situation = situation = Situation(own=OWN, partner=PARTNER, synchronised=True)
        held = Held(terms.id, terms.serial, bytes.fromhex(terms.digest))
        self.gives = self._sync(OWN, PARTNER, lambda report, at: gate.decide(report, at, situation))
        self.takes = self._sync(PARTNER, OWN, lambda report, at: gate.decide(report, at, situation))
        self.gives.agree([held], [])
        self.takes.agree([], [held])
        self.now = Moment(AT, 0.0)
        mine, theirs = self.gives.hello(self.now), self.takes.hello(self.now)
        if self.gives.connected(theirs, self.now) or self.takes.connected(mine, self.now):
            raise SystemExit("the link does not come up")
        self.encoder = Encoder(**ENDS, sign=lambda _: bytes(64), handles=Handles(limit=10**6))
        self.decoder = Decoder(**ENDS, verify=lambda *_: True, handles=Handles(limit=10**6))
        self.clock = HybridClock(1, limit=10**6)
        self.turn = 0

    def _sync(self, own: str, partner: str, decide: object) -> PartnerSync:
        return PartnerSync(
            Pair(own=own, partner=partner, epoch=1),
            SETTINGS,
            decide=decide,  # pyright: ignore[reportArgumentType]
            coalition=Coalition(limit=10**6, silent_after=60.0),
            random=random.Random(1).randbytes,
            counts=Counter(),
        )

    def give(self, made: list[Report]) -> list[Outgoing]:
        """Note the reports, and take every frame, acknowledged as they go."""
        self.turn += 1
        self.now = Moment(AT + timedelta(seconds=self.turn), float(self.turn))
        for report in made:
            version = self.clock.version(report.uid, self.now.at)
            self.gives.note(report, version, self.now)
        frames: list[Outgoing] = []
        while (outgoing := self.gives.next(self.now)) is not None:
            frames.append(outgoing)
            if len(frames) % 20 == 0:
                self.acknowledge(outgoing.number)
        if frames:
            self.acknowledge(frames[-1].number)
        return frames

    def acknowledge(self, number: int) -> None:
        ack = Frame(type=FrameType.ACK, number=number, lane=Lane.CONTROL, message=Ack(number))
        self.gives.received(ack, self.now)

    def read(self, frames: list[Outgoing]) -> list[Frame]:
        """The frames through the codec."""
        found: list[Frame] = []
        for each in frames:
            data = self.encoder.encode(each.message, number=each.number, lane=each.lane, at=each.at)
            frame = self.decoder.decode(data[2:])
            if frame is not None:
                found.append(frame)
        return found

    def take(self, frames: list[Frame]) -> int:
        effects = [effect for frame in frames for effect in self.takes.received(frame, self.now)]
        while self.takes.next(self.now) is not None:
            pass
        return len(effects)


def moved(made: list[Report], turn: int) -> list[Report]:
    """The same tracks, each a little further on."""
    found: list[Report] = []
    for report in made:
        body = report.body
        if not isinstance(body, Position) or body.point is None:
            continue
        at = AT + timedelta(seconds=turn)
        point = Point(lat=body.point.lat + 1e-5 * turn, lon=body.point.lon, circular_error=50.0)
        found.append(replace(report, time=at, start=at, received=at,
                             stale=at + timedelta(minutes=5),
                             body=Position(point=point, course=10.0, speed=7.0)))  # fmt: skip
    return found


def count(frames: list[Outgoing]) -> int:
    return sum(
        len(each.message.updates) if isinstance(each.message, Updates)
        else len(each.message.records) if isinstance(each.message, Records) else 0
        for each in frames
    )  # fmt: skip


def released_in_full(loaded: Loaded, number: int) -> list[Report]:
    """Tracks that the agreement releases as they are."""
    link = Link(loaded)
    found: list[Report] = []
    for report in moved(reports(40 * number, 16), 0):
        decision = link.gate.decide(report, AT, link.situation)
        if isinstance(decision, Released) and decision.form.exact:
            found.append(report)
    return found[:number]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tracks", type=int, default=1_000)
    parser.add_argument("--repeats", type=int, default=5)
    options = parser.parse_args()
    text, files = agreement_text(20, 5)
    loaded = load(text, files)
    tracks = released_in_full(loaded, options.tracks)
    link = Link(loaded)
    link.take(link.read(link.give(tracks)))
    turns = [moved(tracks, turn) for turn in range(1, options.repeats + 1)]
    sent: list[list[Outgoing]] = []
    took = seconds(lambda: sent.append(link.give(turns[len(sent)])), options.repeats)
    made = count(sent[-1])
    rate = made / took
    alone = seconds(
        lambda: [link.gate.decide(report, AT, link.situation) for report in tracks], options.repeats
    )
    print(f"tracks that are released            {len(tracks):>10,}")
    print(f"states released a second            {rate:>10,.0f}   (at least 20,000)")
    print(f"  of which the gate alone would be  {len(tracks) / alone:>10,.0f}")
    data = sum(each.size for each in sent[-1]) / max(1, made)
    print(f"bytes of a state, frames of many    {data:>10.1f}")
    read = [link.read(frames) for frames in sent]
    taken: list[int] = []
    took_in = seconds(lambda: taken.append(link.take(read[len(taken)])), options.repeats)
    print(f"states taken in a second            {taken[-1] / took_in:>10,.0f}")
    print(f"all from {options.repeats} turns; the gate decided each, Cedar one in a hundred")
    return 0 if rate >= 20_000 else 1


if __name__ == "__main__":
    sys.exit(main())
