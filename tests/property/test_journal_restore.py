"""After a restart the picture is what it was, whatever was said in whatever order."""

from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from accord.core.body import Alarm
from accord.core.report import Form, Report
from accord.observe.log import Log
from accord.picture.picture import Picture, PictureSettings
from accord.storage.journal import Journal
from accord.storage.settings import JournalSettings
from accord.wire.cot import xml
from accord.wire.cot.translate import report_again, to_report
from support.builders import A_SOURCE
from support.clock import ManualClock
from support.cot import cot_xml
from support.database import MemoryDatabase

PICTURE = PictureSettings(max_age=timedelta(hours=6))
MAX_STALE = PICTURE.lost_after + PICTURE.removed_after
UIDS = ["A", "B", "C"]
SOURCES = {speaker: replace(A_SOURCE, speaker=speaker) for speaker in ("kiwi-1", "kiwi-2")}
"""One object each, as a session has it."""

LINE = '<link point="-41.0,174.0"/><link point="-41.1,174.1"/>'
CHAT = '<__chat id="All" chatroom="All" senderCallsign="K"><chatgrp uid0="A"/></__chat>'
KINDS = {
    "thing": ("a-f-G-U-C", "m-g", ""),
    "placed": ("a-h-G", "h-g-i-g-o", ""),
    "marker": ("b-m-p-s-m", "h-e", ""),
    "line": ("u-d-f", "h-e", LINE),
    "call for help": ("b-a-o-tbl", "h-e", '<emergency type="911 Alert"/>'),
    "its end": ("b-a-o-can", "h-e", '<emergency cancel="true"/>'),
    "words": ("b-t-f", "h-g-i-g-o", CHAT + "<remarks>hi</remarks>"),
    "carried": ("t-x-c-m", "m-g", ""),
    "removal": ("t-x-d-d", "m-g", '<link uid="A"/>'),
}
ADDRESS = '<marti><dest callsign="KAKA"/></marti>'
MARKS = {"live": "", "exercise": 'opex="e-KIWI"', "other exercise": 'opex="e-KAKA"'}


def spelt(time: datetime) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


@dataclass(frozen=True)
class Said:
    """One event, and how long it is until the next and whether it is written before that."""

    uid: str
    speaker: str
    what: str
    mark: str
    age: float
    valid: float
    lat: float
    is_addressed: bool
    pause: float
    is_written: bool

    def alone(self) -> str:
        """A uid that only one kind of thing has; calls for help share theirs with their ends."""
        return "call" if self.is_call() else self.what

    def is_call(self) -> bool:
        """Whether it begins or ends a call for help."""
        return self.what in ("call for help", "its end")

    def steady(self) -> "Said":
        """The same without doubts. Things, valid for one minute, and calls have their own uids."""
        is_thing = self.what == "thing"
        kind = "thing" if is_thing else "call" if self.is_call() else ""
        return replace(
            self,
            uid=kind + self.uid,
            valid=60.0 if is_thing else self.valid,
            age=min(self.age, 1.0),
            lat=-41.28,
        )

    def event(self, now: datetime) -> bytes:
        """The event as it comes now."""
        type_, how, inside = KINDS[self.what]
        time = now - timedelta(seconds=self.age)
        return cot_xml(
            self.uid,
            type_,
            inside + ADDRESS * self.is_addressed,
            how=how,
            point=f'<point lat="{self.lat}" lon="174.77" hae="0" ce="10" le="10"/>',
            time=spelt(time),
            start=spelt(time),
            stale=spelt(time + timedelta(seconds=self.valid)),
            more=MARKS[self.mark],
        )


SAID = st.builds(
    Said,
    uid=st.sampled_from(UIDS),
    speaker=st.sampled_from(sorted(SOURCES)),
    what=st.sampled_from([*sorted(KINDS), "thing", "thing", "placed", "line"]),
    mark=st.sampled_from([*sorted(MARKS), "live", "live", "live"]),
    age=st.sampled_from([0.0, 1.0, 900.0, -60.0]),
    valid=st.sampled_from([1.0, 60.0, 3_600.0, 100_000.0]),
    lat=st.sampled_from([-41.28, -41.29, -10.0]),
    is_addressed=st.sampled_from([False] * 5 + [True]),
    pause=st.sampled_from([0.1, 1.0, 650.0, 5_000.0]),
    is_written=st.booleans(),
)


def believed(picture: Picture) -> Counter[Any]:
    return Counter(
        (track.id, track.context, frozenset(track.claims.items()), track.lead, track.status)
        for track in picture.everything()
    )


def is_over(claim: Report, now: datetime) -> bool:
    """Whether the claim alone would be on no picture: docs/reference/journal.md says when."""
    is_old = claim.received < now - PICTURE.max_age
    if isinstance(claim.body, Alarm):
        return is_old
    return claim.stale < (now if is_old else now - MAX_STALE)


def shown(picture: Picture) -> Counter[Any]:
    """What is on the map: the lead of each track, and how it stands."""
    return Counter(
        (track.id, track.context, track.lead, track.status) for track in picture.everything()
    )


def claims(picture: Picture) -> set[Report]:
    return {claim for track in picture.everything() for claim in track.claims.values()}


class Node:
    """What a node does between its door and its disk."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.journal = Journal(
            MemoryDatabase(), JournalSettings(), clock=self.clock, log=Log(self.clock)
        )
        self.picture = Picture(PICTURE)
        self.words: list[Report] = []

    def hear(self, event: bytes, speaker: str) -> None:
        report = to_report(
            xml.read(event),
            source=SOURCES[speaker],
            groups=frozenset({"Blue"}),
            received=self.clock.now(),
        )
        change = self.picture.apply(report)
        if change is not None:
            assert self.journal.append(change.sequence, change.report or report)
            if event.find(b"<__chat") >= 0:
                self.words.append(change.report or report)

    def live(self, everything: list[Said]) -> None:
        """Hear everything, and let time pass."""
        for said in everything:
            self.hear(said.event(self.clock.now()), said.speaker)
            self.clock.advance(seconds=said.pause)
            if said.is_written:
                self.journal.write()
            self.picture.expire(self.clock.now())
        self.journal.write()

    def restart(self) -> tuple[Picture, list[Report]]:
        """Make the picture again, and say which words came back."""
        again = Picture(PICTURE, sequence=self.journal.last_sequence())
        words: list[Report] = []
        for report in self.journal.restore(
            self.clock.now(),
            max_age=PICTURE.max_age,
            max_stale=MAX_STALE,
            decode={Form.COT_XML: report_again},
        ):
            if report.kind.text == "b-t-f":
                words.append(report)
            again.apply(report)
        again.expire(self.clock.now())
        return again, words


@given(st.lists(SAID, min_size=1, max_size=20))
def test_the_picture_after_a_restart_is_the_one_before(everything: list[Said]) -> None:
    """Of one source: jumps, wrong clocks, removals, and all that ends by itself."""
    node = Node()
    node.live([replace(said, uid=said.alone(), speaker="kiwi-1") for said in everything])
    again, words = node.restart()
    assert believed(again) == believed(node.picture)
    assert words == node.words
    assert again.sequence >= node.journal.last_sequence()


@given(st.lists(SAID, min_size=1, max_size=20))
def test_what_several_said_of_one_thing_comes_back_as_one_track(everything: list[Said]) -> None:
    """Beside the leads, what is over may stay away, and what an earlier track held come back."""
    node = Node()
    node.live([said.steady() for said in everything])
    again, words = node.restart()
    assert shown(again) == shown(node.picture)
    over = {claim for claim in claims(node.picture) if is_over(claim, node.clock.now())}
    assert claims(again) >= claims(node.picture) - over
    assert words == node.words
