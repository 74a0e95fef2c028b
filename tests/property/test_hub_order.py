"""Whatever is said into which groups and to whom, each gets what is his, once, in order."""

from collections.abc import Callable
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from accord.core.principal import Direction, Principal
from accord.core.report import Address, AddressKind, Form
from accord.live.hub import Hub, Receiver
from accord.live.outbox import Outbox, OutboxSettings
from accord.live.words import Words, WordsSettings
from support.builders import a_report
from support.clock import ManualClock

MEMBERS = {"A": {"Blue"}, "B": {"Blue", "Red"}, "C": {"Red"}, "D": {"Blue"}}
PAUSED = ("pause", "resume")

STEPS = st.lists(
    st.one_of(
        st.tuples(
            st.just("say"),
            st.sampled_from(["", *MEMBERS]),
            st.sampled_from([("Blue",), ("Blue",), ("Red",), ("Blue", "Red")]),
            st.sampled_from(["", "", "", *MEMBERS]),
        ),
        st.tuples(
            st.sampled_from(["tick", "settle", "leave", "join", *PAUSED]),
            st.sampled_from([*MEMBERS]),
        ),
    ),
    max_size=30,
)


class World:
    """A hub, who is there, and what each should have been sent."""

    def __init__(self) -> None:
        self.timers: list[Callable[[], None]] = []
        self.hub = Hub(
            encoders={Form.COT_XML: lambda report: report.uid.encode()},
            words=Words(WordsSettings(), clock=ManualClock()),
            flush_interval=0.005,
            schedule=lambda _, run: self.timers.append(run),
        )
        self.here: dict[str, Receiver] = {}
        self.got: dict[str, list[bytes]] = {name: [] for name in MEMBERS}
        self.due: dict[str, list[bytes]] = {name: [] for name in MEMBERS}
        self.number = 0
        for name in MEMBERS:
            self.join(name)

    def join(self, name: str) -> None:
        if name in self.here:
            return
        outbox = Outbox(
            OutboxSettings(),
            form=Form.COT_XML,
            write=self.got[name].extend,
            overflow=lambda _: None,
        )
        groups = dict.fromkeys(MEMBERS[name], Direction.BOTH)
        receiver = Receiver(principal=Principal(name=name, groups=groups), outbox=outbox)
        self.here[name] = receiver
        self.hub.join(receiver, ())
        self.hub.address(receiver, [Address(AddressKind.UID, name)])

    def leave(self, name: str) -> None:
        receiver = self.here.pop(name, None)
        if receiver is not None:
            self.hub.leave(receiver)
            self.due[name] = list(self.got[name])

    def say(self, sender: str, groups: tuple[str, ...], to: str) -> None:
        self.number += 1
        uid = f"<{self.number}>"
        whom = frozenset({Address(AddressKind.UID, to)} if to else ())
        report = a_report(uid, groups=frozenset(groups), to=whom)
        self.hub.publish(report, sender=self.here.get(sender))
        for name in self.here:
            is_meant = name != sender and MEMBERS[name] & set(groups) and to in ("", name)
            self.due[name] += [uid.encode()] if is_meant else []

    def tick(self) -> None:
        timers, self.timers = self.timers, []
        for run in timers:
            run()


@given(STEPS)
def test_each_gets_what_is_his_once_and_in_order(steps: list[tuple[Any, ...]]) -> None:
    world = World()
    for what, *whom in steps:
        if what == "say":
            world.say(*whom)
        elif what in ("join", "leave"):
            getattr(world, what)(*whom)
        elif what == "tick":
            world.tick()
        elif (receiver := world.here.get(whom[0])) is not None:
            if what == "settle":
                world.hub.settle(receiver)
            else:
                getattr(receiver.outbox, what)()
    world.tick()
    for receiver in world.here.values():
        receiver.outbox.resume()
    assert world.got == world.due
