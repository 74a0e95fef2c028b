"""What a hub does with words that somebody missed."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from accord.core.body import Message
from accord.core.context import Context
from accord.core.principal import Direction, Principal
from accord.core.report import Address, AddressKind, Form, Report
from accord.core.track import Track, TrackStatus
from accord.live.devices import Devices
from accord.live.hub import Hub, Receiver
from accord.live.outbox import Outbox, OutboxSettings
from accord.live.taken import GIVEN_BACK, Taken
from accord.live.words import Words, WordsSettings
from support.builders import a_report
from support.clock import START, ManualClock

KEA = Address(AddressKind.CALLSIGN, "KEA")
UID = Address(AddressKind.UID, "ANDROID-KEA")


def said(words: str, *to: Address, **changes: Any) -> Report:
    body = Message(text=words, sender="kiwi-1", room="All Chat Rooms")
    stale = START + timedelta(hours=24)
    return a_report(words, body=body, to=frozenset(to), stale=stale, **changes)


class Phone:
    """A receiver, what was written to it, and whether it takes any."""

    def __init__(self, hub: Hub, name: str, picture: tuple[Track, ...], room: int | None) -> None:
        self.got: list[str] = []
        self._room = room
        self.cut: list[str] = []
        self.outbox = Outbox(
            OutboxSettings(limit_reports=3),
            form=Form.COT_XML,
            write=self._take,
            overflow=self.cut.append,
        )
        principal = Principal(name=name, groups={"Blue": Direction.BOTH})
        self.receiver = Receiver(principal=principal, outbox=self.outbox)
        hub.join(self.receiver, picture)

    def _take(self, batch: list[bytes]) -> None:
        self.got += [each.decode() for each in batch]
        if self._room is not None and len(self.got) >= self._room:
            self.outbox.pause()

    def take(self) -> list[str]:
        got, self.got = self.got, []
        return got

    def reads(self) -> None:
        self._room = None
        self.outbox.resume()


class Node:
    """A hub whose flush is the test's to ask for."""

    def __init__(self) -> None:
        self.timers: list[Callable[[], None]] = []
        self.hub = Hub(
            encoders={Form.COT_XML: lambda report: report.uid.encode()},
            words=Words(WordsSettings(), clock=ManualClock()),
            flush_interval=0.005,
            schedule=lambda _, run: self.timers.append(run),
        )

    def join(
        self, name: str = "kea", *, picture: tuple[Track, ...] = (), room: int | None = None
    ) -> Phone:
        return Phone(self.hub, name, picture, room)

    def say(self, *reports: Report) -> None:
        for report in reports:
            self.hub.publish(report)
        timers, self.timers = self.timers, []
        for run in timers:
            run()


@pytest.fixture
def node() -> Node:
    return Node()


def a_track(uid: str) -> Track:
    report = a_report(uid)
    return Track(
        id=uid,
        context=report.context,
        claims={report.source: report},
        lead=report,
        status=TrackStatus.LIVE,
    )


def test_who_missed_words_gets_them_after_the_picture_and_before_live_traffic(node: Node) -> None:
    node.say(said("missed"))
    phone = node.join(picture=(a_track("ship"),))
    node.say(a_report("live"))
    assert phone.got == ["ship", "missed", "live"]


def test_things_are_no_words(node: Node) -> None:
    node.say(a_report("X"))
    assert node.join().got == []


def test_words_said_while_a_newcomer_is_still_sent_the_picture_reach_him_once(node: Node) -> None:
    phone = node.join(picture=(a_track("ship"),), room=1)
    node.say(said("meanwhile"))
    assert phone.take() == ["ship"]
    phone.reads()
    assert phone.take() == ["meanwhile"]


def test_who_comes_back_is_told_only_what_he_missed(node: Node) -> None:
    phone = node.join()
    node.say(said("heard"))
    node.hub.leave(phone.receiver)
    node.say(said("missed"))
    assert phone.got == ["heard"]
    assert node.join().got == ["missed"]


def test_words_to_one_who_is_away_reach_him_when_he_has_said_who_he_is(node: Node) -> None:
    node.say(said("to kea", KEA))
    phone = node.join()
    assert phone.got == []
    node.hub.address(phone.receiver, {UID, KEA})
    assert phone.got == ["to kea"]


def test_words_are_kept_for_whose_uid_they_name_where_their_one_callsign_is_not_his(
    node: Node,
) -> None:
    words, uid = said("to kea", KEA), UID.value
    assert node.hub.meant(words, uid) is words  # whose it is is not known
    devices = Devices(each=1, kept=timedelta(days=7), counts=node.hub.counts)
    node.hub.devices = devices
    assert node.hub.meant(words, uid) is words
    kea = Principal(name="kea", groups={"Blue": Direction.BOTH}, credential="k")
    devices.note(uid, kea, START)
    assert node.hub.meant(words, uid).to == {UID}
    for other in (said("to two", KEA, UID), said("by uid", UID),
                  replace(words, groups=frozenset({"Red"}))):  # fmt: skip
        assert node.hub.meant(other, uid) is other
    node.hub.address(node.join("moa").receiver, {KEA})
    assert node.hub.meant(words, uid).to == {UID}
    node.hub.address(node.join("kea").receiver, {KEA})
    assert node.hub.meant(words, uid) is words
    assert node.hub.counts["words to a callsign kept for whose uid they name"] == 2


def test_words_by_two_names_of_one_reach_him_once(node: Node) -> None:
    node.say(said("to kea", KEA, UID))
    phone = node.join()
    node.hub.address(phone.receiver, {UID})
    node.hub.address(phone.receiver, {UID, KEA})
    assert phone.got == ["to kea"]


def test_who_changes_his_name_and_changes_it_back_is_told_nothing_twice(node: Node) -> None:
    phone = node.join()
    node.hub.address(phone.receiver, {KEA})
    node.say(said("to kea", KEA))
    node.hub.address(phone.receiver, {UID})
    node.say(said("while he was another", KEA))
    node.hub.address(phone.receiver, {KEA})
    assert phone.got == ["to kea", "while he was another"]


def test_who_breaks_off_before_he_says_who_he_is_loses_no_words(node: Node) -> None:
    node.say(said("to kea", KEA))
    node.hub.leave(node.join().receiver)
    phone = node.join()
    node.hub.address(phone.receiver, {KEA})
    assert phone.got == ["to kea"]


def test_words_that_waited_when_he_broke_off_are_told_when_he_is_back(node: Node) -> None:
    phone = node.join()
    node.hub.address(phone.receiver, {KEA})
    phone.outbox.pause()
    node.say(said("to all"), said("to kea", KEA))
    node.hub.publish(said("not even flushed"))
    node.hub.leave(phone.receiver)
    again = node.join()
    node.hub.address(again.receiver, {KEA})
    assert phone.got == []
    assert again.got == ["to all", "not even flushed", "to kea"]


def test_words_that_waited_when_he_was_cut_off_for_being_slow_are_told_when_he_is_back(
    node: Node,
) -> None:
    phone = node.join()
    phone.outbox.pause()
    node.say(*(said(text) for text in "abcd"))
    assert phone.cut == ["too slow: more than 3 reports waiting"]
    node.say(said("before he has gone"))
    node.hub.leave(phone.receiver)
    assert node.join().got == ["a", "b", "c", "d", "before he has gone"]


def test_missed_words_that_he_did_not_take_are_missed_still(node: Node) -> None:
    node.say(said("missed"), said("missed too"))
    slow = node.join(picture=(a_track("ship"),), room=1)
    node.hub.leave(slow.receiver)
    assert slow.got == ["ship"]
    assert node.join().got == ["missed", "missed too"]


def test_positions_that_waited_are_not_told_as_words(node: Node) -> None:
    phone = node.join()
    phone.outbox.pause()
    node.say(a_report("X"))
    node.hub.leave(phone.receiver)
    assert node.join().got == []


def test_words_are_sent_to_who_may_hear_them(node: Node) -> None:
    node.say(said("red", KEA, groups=frozenset({"Red"})))
    phone = node.join()
    node.hub.address(phone.receiver, {KEA})
    assert phone.got == []


def test_the_speaker_is_not_told_his_own_words(node: Node) -> None:
    mine = said("mine", KEA)
    node.say(replace(mine, source=replace(mine.source, speaker="kea")))
    phone = node.join()
    node.hub.address(phone.receiver, {KEA})
    assert phone.got == []


def with_certificate(receiver: Receiver) -> Receiver:
    receiver.principal = replace(receiver.principal, credential=f"of {receiver.principal.name}")
    return receiver


def test_a_callsign_in_use_is_nobody_elses_meanwhile(node: Node) -> None:
    kea, eve = node.join("kea"), node.join("eve")
    node.hub.address(with_certificate(kea.receiver), {KEA, UID})
    node.hub.address(with_certificate(eve.receiver), {KEA})
    node.say(said("for kea", KEA))
    assert (kea.take(), eve.take()) == (["for kea"], [])
    assert node.hub.counts["callsign is another's"] == 1
    node.hub.leave(kea.receiver)
    node.hub.address(eve.receiver, {KEA})
    node.say(said("for whoever is kea now", KEA))
    assert eve.take() == ["for whoever is kea now"]


def test_words_that_reached_a_callsign_are_not_given_to_its_next_holder(node: Node) -> None:
    kea = node.join("kea")
    node.hub.address(with_certificate(kea.receiver), {KEA})
    node.say(said("private", KEA))
    node.hub.leave(kea.receiver)
    eve = node.join("eve")
    node.hub.address(with_certificate(eve.receiver), {KEA})
    assert eve.take() == []
    assert kea.take() == ["private"]


def in_groups(node: Node, name: str, *groups: str) -> Phone:
    """A client with a certificate that both hears and speaks in these groups, called KEA."""
    phone = node.join(name)
    both = dict.fromkeys(groups, Direction.BOTH)
    principal = Principal(name=name, groups=both, credential=f"of {name}")
    node.hub.regroup(phone.receiver, principal, ())
    node.hub.address(phone.receiver, {KEA})
    return phone


def test_a_callsign_taken_in_another_group_swallows_no_words(node: Node) -> None:
    red, blue = in_groups(node, "red", "Red"), in_groups(node, "blue", "Blue")
    assert node.hub.counts["callsign is another's"] == 0
    assert node.hub.reached(KEA) == {"red", "blue"}
    node.say(said("in blue", KEA, groups=frozenset({"Blue"})))
    node.say(said("in red", KEA, groups=frozenset({"Red"})))
    assert (red.take(), blue.take()) == (["in red"], ["in blue"])


def test_who_shares_one_group_with_a_callsigns_bearer_bears_it_in_his_other_group(
    node: Node,
) -> None:
    first, second = in_groups(node, "first", "Blue"), in_groups(node, "second", "Blue", "Red")
    assert node.hub.counts["callsign is another's"] == 1
    assert node.hub.reached(KEA) == {"first"}
    node.say(said("in blue", KEA, groups=frozenset({"Blue"})))
    node.say(said("in red", KEA, groups=frozenset({"Red"})))
    assert (first.take(), second.take()) == (["in blue"], ["in red"])


def test_words_in_an_exercise_that_a_callsigns_bearer_is_not_in_reach_no_other(node: Node) -> None:
    first, eve = in_groups(node, "first", "Blue"), node.join("eve")
    player = replace(eve.receiver.principal, exercises=frozenset({"TASMAN"}), credential="e")
    node.hub.regroup(eve.receiver, replace(player, groups={"Blue": Direction.BOTH}), ())
    node.hub.address(eve.receiver, {KEA})
    words = said("played", KEA, groups=frozenset({"Blue"}))
    node.say(replace(words, context=Context.exercise("TASMAN")))
    assert (first.take(), eve.take()) == ([], [])


def test_a_callsign_is_its_next_bearers_when_the_first_has_left(node: Node) -> None:
    first, second = in_groups(node, "first", "Blue"), in_groups(node, "second", "Blue")
    node.hub.leave(first.receiver)
    assert node.hub.reached(KEA) == {"second"}
    node.say(said("to kea", KEA, groups=frozenset({"Blue"})))
    assert second.take() == ["to kea"]


def test_words_that_wait_for_a_dead_connection_go_to_the_one_that_takes_its_place(
    node: Node,
) -> None:
    dead = node.join()
    node.hub.address(dead.receiver, {KEA, UID})
    dead.outbox.pause()
    node.say(said("first", UID), said("to others", Address(AddressKind.UID, "ELSE")))
    node.hub.publish(said("second", KEA))
    again = node.join()
    node.hub.address(again.receiver, {KEA, UID})
    assert again.take() == ["first", "second"]
    dead.reads()
    node.hub.leave(dead.receiver)
    assert (dead.take(), again.take()) == ([], [])


def test_words_by_a_name_that_is_not_taken_over_stay_where_they_wait(node: Node) -> None:
    one = node.join()
    node.hub.address(one.receiver, {KEA, UID})
    one.outbox.pause()
    node.say(said("by uid", UID), said("by callsign", KEA))
    other = node.join()
    node.hub.address(other.receiver, {KEA})
    assert other.take() == ["by callsign"]
    one.reads()
    assert one.take() == ["by uid"]


def test_another_person_of_the_same_name_takes_no_words_over(node: Node) -> None:
    kea, eve = node.join("kea"), node.join("eve")
    node.hub.address(kea.receiver, {KEA})
    kea.outbox.pause()
    node.say(said("for kea", KEA))
    node.hub.address(eve.receiver, {KEA})
    kea.reads()
    assert (kea.take(), eve.take()) == (["for kea"], [])


def test_words_that_another_connection_of_his_was_sent_are_not_sent_again(node: Node) -> None:
    dead, again = node.join(), node.join()
    for each in (dead, again):
        node.hub.address(each.receiver, {KEA})
    dead.outbox.pause()
    node.say(said("to both", KEA))
    third = node.join()
    node.hub.address(third.receiver, {KEA})
    node.hub.leave(dead.receiver)
    assert (again.take(), third.take()) == (["to both"], [])


def test_words_that_a_connection_was_cut_off_with_go_to_one_that_is_there(node: Node) -> None:
    dead = node.join()
    node.hub.address(dead.receiver, {KEA, UID})
    dead.outbox.pause()
    node.say(said("a", KEA), said("b", UID), said("c", KEA), said("d", UID))
    assert dead.cut == ["too slow: more than 3 reports waiting"]
    again = node.join()
    node.hub.address(again.receiver, {KEA, UID})
    assert again.take() == []
    node.hub.leave(dead.receiver)
    assert again.take() == ["a", "b", "c", "d"]


class Buffers:
    """What lies between the node and a phone: bytes written, and how many the phone's system has.

    Each of the tests' reports is as long as its uid. What is written at once counts as one.
    """

    def __init__(self, phone: Phone, hub: Hub) -> None:
        self.has = 0
        self._phone = phone
        phone.outbox.taken = Taken(self, hub.watch, limit=10)

    def written(self) -> int:
        return sum(map(len, self._phone.got))

    def acknowledged(self) -> int:
        return self.has

    def take(self, *words: str) -> None:
        """Let the phone's system have these."""
        self.has += sum(map(len, words))


def test_words_in_buffers_when_he_was_cut_off_are_told_when_he_is_back_in_front_of_newer_ones(
    node: Node,
) -> None:
    phone = node.join()
    node.hub.address(phone.receiver, {KEA})
    buffers = Buffers(phone, node.hub)
    node.say(said("heard"), said("to kea", KEA), a_report("X"))
    node.say(said("too", KEA), said("to all"))
    buffers.take("heard", "to kea", "X")
    phone.outbox.close(is_orderly=True)
    node.say(said("newer"), said("newer too", KEA))
    node.hub.leave(phone.receiver)
    again = node.join()
    node.hub.address(again.receiver, {KEA})
    assert again.got == ["to all", "newer", "too", "newer too"]
    assert node.hub.counts[GIVEN_BACK] == 2


def test_words_in_buffers_of_a_dead_connection_go_to_the_one_that_takes_its_place(
    node: Node,
) -> None:
    dead = node.join()
    node.hub.address(dead.receiver, {KEA, UID})
    buffers = Buffers(dead, node.hub)
    node.say(said("one", KEA))
    node.say(said("two", UID), said("three", KEA))
    buffers.take("one")
    dead.outbox.pause()
    node.say(said("four", UID))
    again = node.join()
    node.hub.address(again.receiver, {KEA, UID})
    assert again.take() == ["two", "three", "four"]
    node.hub.leave(dead.receiver)
    assert again.take() == ["one"]  # it is not known whether it was read
    assert node.hub.counts[GIVEN_BACK] == 3


def test_words_of_a_connection_that_ends_go_to_another_of_his_that_is_there(node: Node) -> None:
    dead, other = node.join(), node.join()
    Buffers(dead, node.hub)
    node.hub.address(dead.receiver, {KEA})
    node.say(said("one", KEA))
    node.hub.address(other.receiver, {KEA, UID})
    node.hub.leave(dead.receiver)
    assert other.take() == ["one"]


def test_who_spoke_after_he_had_the_words_is_not_told_again(node: Node) -> None:
    phone = node.join()
    buffers = Buffers(phone, node.hub)
    node.say(said("one"))
    node.say(said("two"))
    buffers.take("one")
    phone.outbox.look()
    phone.outbox.heard()
    node.hub.leave(phone.receiver)
    assert node.join().got == ["two"]
