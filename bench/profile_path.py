"""The path of a position through the node, without sockets and disk: µs per event, and whose.

Everything is real from the bytes of a client to the outboxes of all others; what is written is
counted and thrown away.
"""

import argparse
import cProfile
import pstats
import sys
import time
from collections.abc import Callable

from cotwire import Emitter

from accord.core.clock import SystemClock
from accord.core.principal import Direction, Principal
from accord.core.report import Form, Report
from accord.live.hub import Hub
from accord.live.intake import Intake, IntakeSettings
from accord.live.outbox import OutboxSettings
from accord.live.words import Words, WordsSettings
from accord.observe.log import Log
from accord.picture.picture import Picture, PictureSettings
from accord.tak.session import Bridge, CotSettings, TakSession
from accord.wire.cot.translate import to_xml

CHUNK = 50
"""Events in one read."""


class Nothing:
    """A journal that keeps nothing and is never behind."""

    def append(self, sequence: int, report: Report) -> bool:  # noqa: ARG002  a journal's own
        return True

    def is_congested(self) -> bool:
        return False


class Sink:
    """A connection that takes everything at once."""

    def __init__(self) -> None:
        self.taken = 0

    def write(self, data: bytes) -> None:
        self.taken += len(data)

    def close(self) -> None:
        pass

    abort = close


class Path:
    """A node's middle, with clients."""

    def __init__(self, clients: int) -> None:
        clock, journal = SystemClock(), Nothing()
        self.due: list[Callable[[], None]] = []
        picture = Picture(PictureSettings())
        hub = Hub(
            encoders={Form.COT_XML: to_xml},
            words=Words(WordsSettings(), clock=clock),
            flush_interval=0.005,
            schedule=lambda _seconds, run: self.due.append(run),
        )
        bridge = Bridge(
            node="NZL",
            clock=clock,
            intake=Intake(IntakeSettings(), picture=picture, journal=journal, hub=hub),
            hub=hub,
            picture=picture.everything,
            is_congested=journal.is_congested,
            outbox=OutboxSettings(),
            cot=CotSettings(),
            log=Log(clock),
        )
        groups = {"Everyone": Direction.BOTH}
        self.sessions = [
            TakSession(
                bridge,
                Sink(),
                principal=Principal(name=f"client-{n}", groups=groups),
                channel="cot-tcp",
                address=f"192.0.2.1:{n}",
            )
            for n in range(clients)
        ]
        for session in self.sessions:
            session.open()
        emitters = [Emitter(n, "profile") for n in range(clients)]
        self.chunks = [
            b"".join(each.xml(time.monotonic_ns()) for _ in range(CHUNK)) for each in emitters
        ]

    def run(self, rounds: int) -> int:
        """Let every client speak in turn; returns how many events there were."""
        for _ in range(rounds):
            for session, chunk in zip(self.sessions, self.chunks, strict=True):
                session.receive(chunk)
                while self.due:
                    self.due.pop()()
        return rounds * len(self.sessions) * CHUNK


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--clients", type=int, default=20)
    options.add_argument("--rounds", type=int, default=20)
    chosen = options.parse_args()
    path = Path(chosen.clients)
    path.run(1)
    begun = time.process_time()
    events = path.run(chosen.rounds)
    print(f"{(time.process_time() - begun) / events * 1e6:.1f} µs of CPU per event")
    with cProfile.Profile() as profile:
        path.run(chosen.rounds)
    pstats.Stats(profile, stream=sys.stdout).sort_stats("cumulative").print_stats(
        "accord|expat", 30
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
