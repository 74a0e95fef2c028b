"""Wherever the bytes on their way to a phone are split when it is cut off, no word is lost."""

from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from accord.core.body import Message
from accord.core.principal import Direction, Principal
from accord.core.report import Address, AddressKind, Form
from accord.live.hub import Hub, Receiver
from accord.live.outbox import Outbox, OutboxSettings
from accord.live.taken import Taken
from accord.live.words import Words, WordsSettings
from support.builders import a_report
from support.clock import ManualClock

KEA = Address(AddressKind.UID, "KEA")

STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("say"), st.sampled_from(["all", "kea", "position"])),
        st.tuples(st.just("arrives"), st.integers(0, 40)),
        st.tuples(st.just("reads"), st.integers(0, 40)),
        st.tuples(st.just("encrypts"), st.booleans()),
        st.tuples(st.sampled_from(["speaks", "look", "full", "room"]), st.none()),
        st.tuples(st.just("cut"), st.sampled_from(["closes", "breaks", "taken over"])),
    ),
    max_size=40,
)


class Phone:
    """One connection: bytes written, which its system has to `has`, and it has read to `read`."""

    def __init__(self, hub: Hub) -> None:
        self.data = b""
        self.has = self.read = 0
        self.is_encrypted = True
        self.outbox = Outbox(
            OutboxSettings(), form=Form.COT_XML, write=self._write, overflow=lambda _: None
        )
        self.outbox.taken = Taken(self, hub.watch, limit=100)
        principal = Principal(name="kea", groups={"Blue": Direction.BOTH})
        self.receiver = Receiver(principal=principal, outbox=self.outbox)
        hub.join(self.receiver, ())
        hub.address(self.receiver, [KEA])

    def _write(self, batch: list[bytes]) -> None:
        self.data += b"".join(batch)

    def written(self) -> int | None:
        return len(self.data) if self.is_encrypted else None

    def acknowledged(self) -> int:
        return self.has

    def words(self) -> list[int]:
        """Return the words that it has read whole."""
        *whole, _ = self.data[: self.read].split(b">")
        return [int(each[1:]) for each in whole if each.startswith(b"<")]


class World:
    def __init__(self) -> None:
        self.timers: list[Callable[[], None]] = []
        self.hub = Hub(
            encoders={Form.COT_XML: lambda report: report.uid.encode()},
            words=Words(WordsSettings(), clock=ManualClock()),
            flush_interval=0.005,
            schedule=lambda _, run: self.timers.append(run),
        )
        self.number = 0
        self.said: dict[str, list[int]] = {"all": [], "kea": []}
        self.heard: list[list[int]] = []
        self.dead: list[Phone] = []
        self.phone = Phone(self.hub)

    def tick(self) -> None:
        timers, self.timers = self.timers, []
        for run in timers:
            run()

    def say(self, what: str) -> None:
        self.number += 1
        if what == "position":
            self.hub.publish(a_report(f"({self.number}>"))
        else:
            body = Message(text="", sender="tui", room="")
            to = frozenset({KEA} if what == "kea" else ())
            self.hub.publish(a_report(f"<{self.number}>", body=body, to=to))
            self.said[what].append(self.number)
        self.tick()

    def step(self, what: str, how: str | int | bool | None) -> None:
        phone = self.phone
        match what, how:
            case "say", str():
                self.say(how)
            case "arrives", int():
                phone.has = min(phone.has + how, len(phone.data))
            case "reads", int():
                phone.read = min(phone.read + how, phone.has)
            case "encrypts", bool():
                phone.is_encrypted = how
            case "speaks", _:
                # It says something when it has read; what it had earlier is read by then.
                phone.read = phone.has
                phone.outbox.heard()
            case "full", _:
                phone.outbox.pause()
            case "room", _:
                phone.outbox.resume()
            case "cut", str():
                self.cut(how)
            case _:
                self.tick()

    def cut(self, how: str) -> None:
        phone = self.phone
        if how == "closes":
            phone.read = phone.has
        self.heard.append(phone.words())
        if how == "taken over":
            self.dead.append(phone)
        else:
            phone.outbox.close(is_orderly=how == "closes")
            self.hub.leave(phone.receiver)
        self.phone = Phone(self.hub)

    def finish(self) -> None:
        for each in self.dead:
            self.hub.leave(each.receiver)
        self.phone.outbox.resume()
        self.phone.has = self.phone.read = len(self.phone.data)
        self.heard.append(self.phone.words())
        self.phone.outbox.close(is_orderly=True)
        self.hub.leave(self.phone.receiver)
        last = Phone(self.hub)
        last.has = last.read = len(last.data)
        self.heard.append(last.words())


@given(STEPS)
def test_no_word_is_lost_and_each_connection_hears_them_in_order(
    steps: list[tuple[str, str | int | bool | None]],
) -> None:
    world = World()
    for what, how in steps:
        world.step(what, how)
    world.finish()
    heard = {word for each in world.heard for word in each}
    assert heard == {word for said in world.said.values() for word in said}


@given(st.lists(st.sampled_from(["all", "kea", "position"]), max_size=10), st.data())
def test_who_closes_hears_nothing_twice_but_what_he_had_no_whole_word_of(
    words: list[str], data: st.DataObject
) -> None:
    world = World()
    for each in words:
        world.say(each)
    phone = world.phone
    phone.has = data.draw(st.integers(0, len(phone.data)))
    world.cut("closes")
    world.finish()
    heard = [word for each in world.heard for word in each]
    assert sorted(heard) == sorted(word for said in world.said.values() for word in said)
    for said in world.said.values():
        assert [word for word in heard if word in said] == said
