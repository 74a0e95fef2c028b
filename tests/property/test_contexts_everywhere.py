"""Contexts never mix, from a client's bytes to everybody else's, on the picture and on disk.

Every event says in an element of its own, which nothing in the node reads, what world it belongs
to and who sent it. Whatever leaves the node, or stays in it, is held against that.
"""

import re
import tempfile
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st

from accord.core.context import Context
from accord.core.report import Form, Original, Report
from accord.observe.log import Log
from accord.picture.picture import Picture, PictureSettings
from accord.storage.journal import Journal
from accord.storage.settings import JournalSettings
from accord.storage.sqlite import SqliteDatabase
from accord.tak.session import TakSession
from accord.wire.cot import protobuf, xml
from accord.wire.cot.translate import report_again
from support.clock import START, ManualClock
from support.cot import CONTACT, cot_xml, stream_frame
from support.tak import FakeNode, FakePeer, Sent, own_position

FEWER = settings(max_examples=settings().max_examples // 2)  # each of them is a node or four

LIVE, TASMAN, OTHER = "live", "exercise:TASMAN", "exercise:OTHER"
# How an event says which world it is in: the attribute, the element of detail that repeats it.
SPELLINGS = {
    LIVE: [("", ""), ('opex="o-"', ""), ('opex="o-TASMAN"', "")],
    TASMAN: [
        ('opex="e-TASMAN"', ""),
        ('opex="s-TASMAN"', ""),
        ("", '<__exercise opex="e-TASMAN"/>'),
        ('opex="e-TASMAN"', '<__exercise opex="e-TASMAN"/>'),
    ],
    OTHER: [('opex="e-OTHER"', ""), ("", '<__exercise opex="s-OTHER"/>')],
}
WORLDS = sorted(SPELLINGS)
# Who speaks and hears, and in which worlds.
PEOPLE: dict[str, tuple[dict[str, Any], set[str]]] = {
    "outside": ({}, {LIVE}),
    "player": ({"exercises": frozenset({"TASMAN"})}, {LIVE, TASMAN}),
    "umpire": ({"every_exercise": True}, {LIVE, TASMAN, OTHER}),
}
NAMES = sorted(PEOPLE)
CHAT = '<__chat id="{0}" chatroom="{0}" senderCallsign="K"/><remarks>kia ora</remarks>'
TO_UMPIRE = '<marti><dest callsign="umpire"/></marti>'
KINDS = {
    "thing": ("a-h-S", '<track course="1" speed="2"/>'),
    "thing for one": ("a-h-S", TO_UMPIRE),
    "drawing": ("u-d-f", '<link point="-41,174"/><link point="-42,175"/>'),
    "alarm": ("b-a-o-tbl", '<emergency type="911"/>'),
    "end of alarm": ("b-a-o-can", '<emergency cancel="true"/>'),
    "removal": ("t-x-d-d", '<link uid="X" relation="none"/>'),
    "words": ("b-t-f", CHAT.format("All Chat Rooms")),
    "words to one": ("b-t-f", CHAT.format("own-outside")),
    "own position": ("a-f-G-U-C", CONTACT),
    "carried": ("y-a", ""),
}


class Said(NamedTuple):
    """One event of one client."""

    number: int
    by: str
    world: str
    spelling: int
    kind: str
    uid: str
    form: Form
    cut: int

    def event(self) -> bytes:
        """The bytes of it, later by a second than those of the one before."""
        spellings = SPELLINGS[self.world]
        more, mark = spellings[self.spelling % len(spellings)]
        type_, inside = KINDS[self.kind]
        is_own = self.kind == "own position"
        time = xml.instant(START + timedelta(seconds=self.number))
        stale = xml.instant(START + timedelta(seconds=self.number + 3600))
        said = f'<said in="{self.world}" by="{self.by}" number="{self.number}"/>'
        frame = cot_xml(
            f"own-{self.by}" if is_own else self.uid,
            type_,
            inside.replace("KIWI1", self.by) + mark + said,
            time=time,
            start=time,
            stale=stale,
            more=more,
        )
        if self.form is Form.COT_PROTOBUF:
            return stream_frame(protobuf.write(xml.read(frame)))
        return frame


def _numbered(history: list[Said]) -> list[Said]:
    return [each._replace(number=number) for number, each in enumerate(history)]


def histories(kinds: Iterable[str]) -> st.SearchStrategy[list[Said]]:
    event = st.builds(
        Said,
        number=st.just(0),
        by=st.sampled_from(NAMES),
        world=st.sampled_from(WORLDS),
        spelling=st.integers(0, 11),
        kind=st.sampled_from(list(kinds)),
        uid=st.sampled_from(["X", "Y"]),
        form=st.sampled_from([Form.COT_XML, Form.COT_PROTOBUF]),
        cut=st.integers(0, 1000),
    )
    return st.lists(event, min_size=5, max_size=25).map(_numbered)


HISTORIES = histories([*sorted(KINDS), *["thing"] * 4])


class Node(FakeNode):
    """A node, clients of each kind, and all they were sent: in XML, late, in protobuf and slow."""

    def __init__(self, journal: Journal | None = None) -> None:
        super().__init__()
        self.journal = journal
        self.sessions: dict[str, TakSession] = {}
        self.got: dict[str, FakePeer] = {}
        for name in NAMES:
            self.join_as(name, name)
            self.sessions[name].receive(own_position(f"own-{name}", name))
            self.join_as(f"{name} by web", name, over_websocket=True)
            self.sessions[f"{name} by web"].pause()

    def append(self, sequence: int, report: Report) -> bool:
        return self.journal is None or self.journal.append(sequence, report)

    def join_as(self, label: str, name: str, *, over_websocket: bool = False) -> None:
        rights, _ = PEOPLE[name]
        self.sessions[label], self.got[label] = self.connect(
            label, over_websocket=over_websocket, **rights
        )

    def live(self, history: list[Said]) -> "Node":
        """Hear everything, let newcomers come, slow ones read, and everybody go."""
        for said in history:
            data, session = said.event(), self.sessions[said.by]
            session.receive(data[: said.cut])
            session.receive(data[said.cut :])
            self.tick()
        for name in NAMES:
            self.join_as(f"{name} come late", name)
            self.sessions[f"{name} by web"].resume()
        for session in self.sessions.values():
            session.closed()
            self.tick()
        return self


@contextmanager
def keeping_node(history: list[Said]) -> Generator[tuple[Node, Journal], None, None]:
    """A node after all this, with its journal on disk."""
    clock = ManualClock()
    with tempfile.TemporaryDirectory() as directory:
        database = SqliteDatabase(
            Path(directory) / "journal.sqlite", max_bytes=64 << 20, spare_bytes=0
        )
        journal = Journal(database, JournalSettings(), clock=clock, log=Log(clock))
        journal.start()
        node = Node(journal).live(history)
        journal.stop()
        yield node, journal


def restored(journal: Journal) -> list[Report]:
    decode = {Form.COT_XML: report_again, Form.COT_PROTOBUF: report_again}
    return list(journal.restore(START, max_age=timedelta(hours=1), decode=decode))


def worlds_said(text: str) -> set[str]:
    """The world that an event was sent in; none for what the node says itself."""
    return set(re.findall(r'<said in="([^"]*)"', text))


def worlds_marked(text: str) -> set[str]:
    """The worlds that a receiver takes a message to be in, by its exercise mark."""
    marks = re.findall(r'<__exercise opex="[es]-(\w+)"', text)
    return {f"exercise:{name}" for name in marks} or {LIVE}


def numbers_of(sent: list[Sent], world: str) -> list[str]:
    """The numbers of the events of one world, in order, that somebody was sent."""
    said = [re.search(r'<said in="([^"]*)" by="\w+" number="(\d+)"', each.text) for each in sent]
    return [match[2] for match in said if match is not None and match[1] == world]


def is_permitted(text: str) -> bool:
    """Whether the sender may speak in the world that the event is from."""
    said = re.search(r'<said in="([^"]*)" by="(\w+)"', text)
    return said is None or said[1] in PEOPLE[said[2]][1]


def text_of(original: Original | None) -> str:
    assert original is not None
    data = original.data
    event = xml.read(data) if original.form is Form.COT_XML else protobuf.read(data)
    assert event is not None
    return event.xml.decode()


@FEWER
@given(HISTORIES)
def test_nobody_is_sent_anything_of_a_world_he_is_not_in(history: list[Said]) -> None:
    for label, peer in Node().live(history).got.items():
        _, worlds = PEOPLE[label.split()[0]]
        for sent in peer.take():
            marked = worlds_marked(sent.text)
            assert worlds_said(sent.text) in (marked, set()), sent.text
            assert marked <= worlds, sent.text
            assert is_permitted(sent.text)


@FEWER
@given(histories(["own position"]))
def test_who_goes_is_gone_from_the_world_he_was_last_seen_in(history: list[Said]) -> None:
    last = dict.fromkeys(NAMES, LIVE)
    for said in history:
        if said.kind == "own position" and said.world in PEOPLE[said.by][1]:
            last[said.by] = said.world
    for peer in Node().live(history).got.values():
        for sent in peer.take():
            gone = re.fullmatch(r"own-(\w+)-gone", sent.uid)
            assert gone is None or worlds_marked(sent.text) == {last[gone[1]]}


@FEWER
@given(HISTORIES)
def test_picture_and_journal_hold_everything_under_its_own_world(history: list[Said]) -> None:
    with keeping_node(history) as (node, journal):
        kept = [(each.context, text_of(each.original)) for each in journal.read(0, 999)]
        again = Picture(PictureSettings())
        for report in restored(journal):
            again.apply(report)
            kept.append((report.context, text_of(report.original)))
        assert len(kept) >= len(NAMES)
        for track in (*node.picture.everything(), *again.everything()):
            claims = [*track.claims.values(), track.lead]
            kept += [(track.context, text_of(claim.original)) for claim in claims]
            assert {claim.context for claim in claims} == {track.context}
        for context, text in kept:
            assert worlds_said(text) in ({str(context)}, set()), text
            assert is_permitted(text)


@FEWER
@given(HISTORIES)
def test_each_world_is_as_if_it_were_the_only_one(history: list[Said]) -> None:
    mixed = Node().live(history)
    heard = {label: peer.take() for label, peer in mixed.got.items()}
    for world in WORLDS:
        alone = Node().live([each for each in history if each.world == world])
        for label, peer in alone.got.items():
            assert numbers_of(heard[label], world) == numbers_of(peer.take(), world)
        assert leads(mixed, Context.parse(world)) == leads(alone, Context.parse(world))


def leads(made: Node, context: Context) -> dict[str, str]:
    tracks = [track for track in made.picture.everything() if track.context == context]
    return {track.id: text_of(track.lead.original) for track in tracks}
