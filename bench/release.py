"""Times what a release takes, from the decision to the signed frame, all on one core.

Ships move, and each state is decided by the worked agreement (exactly, or on a grid), written,
given to the guard's code, read and checked there, entered in a ledger on the disk, and signed.
Node and guard are two processes in truth; here one does the work of both, in frames of 20 states of
which 10 are entered at once, and in frames of 200 of which 5 are, which is how a link fills up when
more waits than it can take. Wall-clock seconds, since the disk is part of it: of the fastest round,
beside it the median. The processor's seconds stand beside them: what a machine that does other work
as well has of this one, and what is left of the wait for the disk when node and guard share a core.
Exit code 1 when the goal is missed on the wall clock.
"""

import argparse
import gc
import secrets
import sys
import tempfile
import time
from datetime import datetime, timedelta
from pathlib import Path
from statistics import median
from typing import NamedTuple

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from accord.core.agreement import Situation
from accord.core.body import Position
from accord.core.clock import SystemClock
from accord.core.context import LIVE
from accord.core.geometry import Point
from accord.core.identity import Identity
from accord.core.kind import Kind
from accord.core.label import Label
from accord.core.marking import UNMARKED
from accord.core.partner import NodeName, Profile
from accord.core.report import Report, Source
from accord.federation.guard.check import Checker, Terms
from accord.federation.guard.contents import Incoming, Outgoing
from accord.federation.guard.outlet import Outlet, Post
from accord.federation.guard.placeholders import Unsigned
from accord.federation.guard.session import Session
from accord.federation.outgoing import Outgoing as Frame
from accord.release.cadence import Cadence
from accord.release.decide import Released
from accord.release.gate import Gate
from accord.release.ledger.checkpoint import origin_of
from accord.release.ledger.entry import Body
from accord.release.ledger.note import Signer
from accord.release.load import load
from accord.release.signature import Act, InForce, in_force, sign
from accord.storage.ledger import Ledger
from accord.storage.ledger_reader import Owner, path_of
from accord.wire.peer.frame import Handles
from accord.wire.peer.message import Objects, PeerMessage, Updates
from accord.wire.peer.protocol import Lane
from accord.wire.peer.report import Grant, Header, Object
from accord.wire.peer.translate import Leave, milliseconds, to_header, to_update

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from support.agreements import FILES, key_of, text_of

OWN, PARTNER = NodeName("pac.example", "USA-PAC"), NodeName("jfnz.example", "NZL-JFNZ")
GOAL = 20_000
"""Releases a second on one core."""
SHIPS = 2_000


class Took(NamedTuple):
    """Seconds on the wall clock and of the processor."""

    wall: float
    busy: float

    @classmethod
    def now(cls) -> "Took":
        return cls(time.perf_counter(), time.process_time())

    def since(self, began: "Took") -> "Took":
        return Took(self.wall - began.wall, self.busy - began.busy)

    def plus(self, other: "Took") -> "Took":
        return Took(self.wall + other.wall, self.busy + other.busy)


class Shape(NamedTuple):
    """States in a frame, and frames that are entered at once."""

    states: int
    frames: int


SHAPES = (Shape(20, 10), Shape(200, 5))


def agreed() -> InForce:
    text = text_of("usa-nzl-maritime")
    loaded = load(text.encode(), FILES)
    parties = loaded.agreement.parties
    at = datetime(2026, 11, 1, tzinfo=SystemClock().now().tzinfo)
    return in_force(
        loaded,
        [
            sign(loaded.agreement, Act.AGREE, node=each.node, key=key_of(each.node), at=at)
            for each in parties
        ],
    )


def a_report(number: int, at: datetime, kind: str, step: int) -> Report:
    return Report(
        uid=f"MMSI-{338_000_000 + number}",
        context=LIVE,
        kind=Kind.of(kind),
        how="m-g",
        time=at,
        start=at,
        stale=at + timedelta(minutes=5),
        received=at,
        body=Position(
            point=Point(
                lat=-35.0 + 0.001 * (number % 1_000) + 0.0001 * step,
                lon=-177.9 + 0.0001 * step,
                circular_error=50.0,
            ),
            course=90.0,
            speed=7.5,
        ),
        identity=Identity(mmsi=str(338_000_000 + number)),
        marking=UNMARKED,
        source=Source(node=OWN.node, channel="feed:ais", speaker="ais"),
        groups=frozenset(),
        label=Label(
            policy="USA", level="UNCLASSIFIED", originator="USA", releasable_to=frozenset({"NZL"})
        ),
    )


class Bench:
    def __init__(self, directory: Path, *, kind: str, shape: Shape = SHAPES[0]) -> None:
        self.shape = shape
        self.agreement = agreed()
        terms = Terms(self.agreement.loaded.agreement)
        self.prefix = terms.key
        self.kind = kind
        self.at = SystemClock().now()
        self.gate = self.fresh_gate()
        self.situation = Situation(own=OWN.node, partner=PARTNER.node, synchronised=True)
        key = Ed25519PrivateKey.generate()
        author = Signer(origin_of(OWN, PARTNER.node), key)
        owner = Owner(author.key.name, OWN.node, PARTNER.node)
        self.ledger = Ledger(path_of(directory, PARTNER.node), owner, [author.key])
        checker = Checker(own=OWN.node, partner=PARTNER.node)
        checker.know({terms.key: terms})
        session = Session(bytes(16), OWN.node, PARTNER.node, self.at, 65_535)
        post = Post(
            checker=checker, handles=Handles(limit=SHIPS), onward={},
            outgoing=Outgoing(limit=1), incoming=Incoming(limit=1), notes=set(),
        )  # fmt: skip
        self.outlet = Outlet(session, post, sign=key.sign, verify=lambda *_: None)
        self.unsigned = Unsigned(Profile.MODERN, secrets.token_bytes)
        self.frames = self.unsigned.frames(session, (), limit=SHIPS)
        self.headers: dict[str, int] = {}
        self.number = 1
        self.spent: dict[str, Took] = {}

    def fresh_gate(self) -> Gate:
        """A gate that has released nothing yet, as if the cadence were over."""
        memory = Cadence(limit=10 * SHIPS)
        return Gate(self.agreement, key=bytes(32), salt=b"salt", memory=memory)

    def timed(self, step: str, began: Took) -> Took:
        now = Took.now()
        self.spent[step] = self.spent.get(step, Took(0.0, 0.0)).plus(now.since(began))
        return now

    def frame(self, message: PeerMessage) -> bytes:
        self.number += 1
        made = Frame(
            number=self.number, lane=Lane.TRACKS, at=milliseconds(self.at), message=message, size=0
        )
        return self.frames.make(made)

    def introduce(self) -> None:
        """Send the headers, and forget what that took."""
        self.gate = self.fresh_gate()
        for begin in range(0, SHIPS, 20):
            objects: list[Object] = []
            for number in range(begin, begin + 20):
                released = self.gate.decide(
                    a_report(number, self.at, self.kind, 0), self.at, self.situation
                )
                assert isinstance(released, Released), released
                grant = Grant(self.prefix, released.clause, released.form.name)
                leave = Leave(origin=OWN.node, grant=grant)
                header: Header = to_header(released.report, leave, epoch=7)
                self.headers[released.report.uid] = number
                objects.append(Object(number=number + 1, handle=number, header=header))
            ready = self.outlet.prepare(self.frame(Objects(tuple(objects))), self.at)
            self.ledger.append(ready.lines, self.at)

    def releases(self, step: int) -> int:
        """Release every ship once more; return how many that were."""
        self.gate = self.fresh_gate()
        self.spent = {}
        count, at_once = 0, self.shape.states * self.shape.frames
        for begin in range(0, SHIPS, at_once):
            reports = [
                a_report(number, self.at, self.kind, step)
                for number in range(begin, begin + at_once)
            ]
            count += self.send(reports)
        return count

    def send(self, reports: list[Report]) -> int:
        began = Took.now()
        released = [self.gate.decide(each, self.at, self.situation) for each in reports]
        began = self.timed("decide, reduce, verify", began)
        version = milliseconds(self.at)
        if self.kind.startswith("a-f-A"):
            version -= (version + 62_135_596_800_000) % 600_000
        frames: list[bytes] = []
        for place in range(0, len(released), self.shape.states):
            updates = [
                to_update(each.report, handle=self.headers[each.report.uid], version=version)
                for each in released[place : place + self.shape.states]
                if isinstance(each, Released)
            ]
            updates.sort(key=lambda each: each.handle)
            frames.append(self.frame(Updates(tuple(updates), secrets.token_bytes(16))))
        began = self.timed("encode", began)
        lines: list[Body] = []
        for frame in frames:
            lines += self.outlet.prepare(frame, self.at).lines
        began = self.timed("guard: read, check, sign", began)
        self.ledger.append(lines, self.at)
        self.timed("guard: enter in the ledger", began)
        return len(lines)


def rounds_of(kind: str, shape: Shape, rounds: int) -> list[dict[str, Took]]:
    """Return how long each step of each round took."""
    with tempfile.TemporaryDirectory() as directory:
        bench = Bench(Path(directory), kind=kind, shape=shape)
        bench.introduce()
        # As `accord serve` and its guards do: what is there at the start is not looked through
        # again, and cycles are looked for seldom.
        gc.collect()
        gc.freeze()
        gc.set_threshold(50_000, 20, 20)
        found: list[dict[str, Took]] = []
        for step in range(1, rounds + 1):
            if bench.releases(step) != SHIPS:
                raise SystemExit("not all were released")
            found.append(bench.spent)
        gc.unfreeze()
        bench.ledger.close()
        return found


def whole(spent: dict[str, Took]) -> Took:
    return Took(
        sum(each.wall for each in spent.values()), sum(each.busy for each in spent.values())
    )


def show(title: str, found: list[dict[str, Took]]) -> bool:
    """Print what the rounds took; tell whether the goal is met."""
    best = min(found, key=lambda spent: whole(spent).wall)
    usual = median(whole(spent).wall for spent in found)
    busy = min(whole(spent).busy for spent in found)
    rate = SHIPS / whole(best).wall
    print(f"{title}: {rate:,.0f} a second on one core (median of {len(found)} rounds "
          f"{SHIPS / usual:,.0f}; of the processor alone {SHIPS / busy:,.0f})")  # fmt: skip
    for step, took in best.items():
        each = min(spent[step].busy for spent in found)
        print(f"    {step:<28}{1e6 * took.wall / SHIPS:6.1f} us each, "
              f"{1e6 * each / SHIPS:5.1f} of the processor")  # fmt: skip
    guard = sum(took.wall for step, took in best.items() if step.startswith("guard"))
    slower = SHIPS / max(guard, whole(best).wall - guard)
    print(f"    of the two processes the slower: {slower:,.0f} a second", flush=True)
    return rate >= GOAL


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=10)
    rounds: int = parser.parse_args().rounds
    met = True
    for title, kind in (("exactly", "a-f-S-C"), ("on a grid of 1 NM", "a-f-A-M-F")):
        for shape in SHAPES:
            found = rounds_of(kind, shape, rounds)
            met &= show(f"{title}, frames of {shape.states}", found)
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
