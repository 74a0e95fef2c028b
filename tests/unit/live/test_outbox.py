from dataclasses import replace
from typing import Any

import pytest

from accord.core.body import Message, Removal
from accord.core.context import Context
from accord.core.report import Form, Report
from accord.live.outbox import DRAIN_STEP, Dispatch, Outbox, OutboxSettings
from support.builders import a_report

SETTINGS = OutboxSettings(limit_bytes=1000, limit_reports=100)


class Socket:
    """Takes what it is given, and can be full."""

    def __init__(self, **limits: Any) -> None:
        self.written: list[bytes] = []
        self.writes = 0
        self.cut: list[str] = []
        self.outbox = Outbox(
            replace(SETTINGS, **limits),
            form=Form.COT_XML,
            write=self.write,
            overflow=self.cut.append,
        )

    def write(self, batch: list[bytes]) -> None:
        self.writes += 1
        self.written += batch

    def give(self, *reports: Report) -> None:
        self.outbox.pending += [dispatch(r) for r in reports]
        self.outbox.flush()


def text(report: Report) -> bytes:
    return f"{report.uid}@{report.how}".encode()


def dispatch(report: Report) -> Dispatch:
    return Dispatch(report, {Form.COT_XML: text, Form.COT_PROTOBUF: lambda r: b"P" + text(r)})


def chat(words: str) -> Report:
    return a_report(words, how="h", body=Message(text=words, sender="U1", room="All Chat Rooms"))


def test_a_report_is_encoded_once_per_form_however_often_it_is_asked_for() -> None:
    calls: list[str] = []

    def encode(report: Report) -> bytes:
        calls.append(report.uid)
        return b"x"

    one = Dispatch(a_report(), {Form.COT_XML: encode})
    assert [one[Form.COT_XML], one[Form.COT_XML]] == [b"x", b"x"]
    assert calls == ["U1"]


def test_what_is_pending_leaves_in_one_write_in_order() -> None:
    socket = Socket()
    socket.give(a_report("A"), chat("hello"), a_report("A", how="2"))
    assert socket.written == [b"A@m-g", b"hello@h", b"A@2"]
    assert socket.writes == 1
    assert socket.outbox.sent == 3


def test_a_flush_with_nothing_pending_writes_nothing() -> None:
    socket = Socket()
    socket.outbox.flush()
    assert socket.writes == 0


def test_a_full_socket_gets_only_the_newest_position_of_each_object_in_the_old_place() -> None:
    socket = Socket()
    socket.outbox.pause()
    socket.give(a_report("A", how="1"), a_report("B", how="1"))
    socket.give(a_report("A", how="2"))
    assert socket.written == []
    assert socket.outbox.depth == 2
    socket.outbox.resume()
    assert socket.written == [b"A@2", b"B@1"]
    assert socket.outbox.replaced == 1
    assert socket.outbox.bytes_held == 0


def test_words_are_never_replaced_while_a_socket_is_full() -> None:
    socket = Socket()
    socket.outbox.pause()
    socket.give(chat("one"), chat("two"), chat("one"))
    socket.outbox.resume()
    assert socket.written == [b"one@h", b"two@h", b"one@h"]


def test_the_same_uid_in_two_contexts_is_two_objects() -> None:
    socket = Socket()
    socket.outbox.pause()
    socket.give(a_report("A", how="live"))
    socket.give(a_report("A", how="game", context=Context.exercise("X")))
    socket.outbox.resume()
    assert socket.written == [b"A@live", b"A@game"]


def test_a_removed_object_is_not_brought_back_by_a_position_held_before_the_removal() -> None:
    socket = Socket()
    socket.outbox.pause()
    socket.give(a_report("A", how="1"), a_report("gone", how="r", body=Removal(target="A")))
    socket.outbox.resume()
    assert socket.written == [b"gone@r"]


def test_an_object_that_returns_after_its_removal_comes_after_it() -> None:
    socket = Socket()
    socket.outbox.pause()
    socket.give(a_report("gone", how="r", body=Removal(target="A")), a_report("A", how="2"))
    socket.outbox.resume()
    assert socket.written == [b"gone@r", b"A@2"]


def test_what_comes_while_something_is_held_goes_behind_it() -> None:
    socket = Socket()
    socket.outbox.pause()
    socket.give(chat("first"))
    socket.outbox.is_paused = False
    socket.give(chat("second"))
    assert socket.written == [b"first@h", b"second@h"]


@pytest.mark.parametrize(
    ("limits", "word"), [({"limit_reports": 2}, "2 reports"), ({"limit_bytes": 8}, "8 bytes")]
)
def test_a_receiver_that_lets_too_much_wait_is_cut_off_once_with_the_limit_named(
    limits: dict[str, int], word: str
) -> None:
    socket = Socket(**limits)
    socket.outbox.pause()
    socket.give(chat("one"), chat("two"), chat("three"))
    socket.give(chat("four"))
    assert len(socket.cut) == 1
    assert word in socket.cut[0]
    assert socket.outbox.depth == 0
    socket.outbox.resume()
    assert socket.written == []


def test_the_bytes_held_are_those_of_what_waits_after_replacements() -> None:
    socket = Socket()
    socket.outbox.pause()
    socket.give(a_report("A", how="long-long"), a_report("A", how="s"))
    assert socket.outbox.bytes_held == len(b"A@s")


def test_what_was_held_leaves_in_steps_in_which_the_socket_may_say_that_it_is_full() -> None:
    socket = Socket()
    socket.outbox.pause()
    words = [chat(f"W{i}") for i in range(DRAIN_STEP + 5)]
    socket.give(*words)
    socket.outbox.resume()
    assert socket.written == [text(each) for each in words]
    assert socket.writes == 2
    assert (socket.outbox.depth, socket.outbox.bytes_held) == (0, 0)


def test_a_newcomer_catches_up_before_anything_later_and_in_steps() -> None:
    socket = Socket()
    reports = [a_report(f"T{i}") for i in range(DRAIN_STEP + 5)]
    socket.outbox.catch_up_with(iter([dispatch(r) for r in reports]))
    socket.give(chat("later"))
    assert socket.written == [text(r) for r in reports] + [b"later@h"]
    assert socket.writes == 3


def test_a_newcomer_with_a_full_socket_catches_up_when_it_reads() -> None:
    socket = Socket()
    socket.outbox.pause()
    socket.outbox.catch_up_with(iter([dispatch(a_report("old"))]))
    socket.give(a_report("new"))
    assert socket.written == []
    socket.outbox.resume()
    assert socket.written == [b"old@m-g", b"new@m-g"]


def test_what_waits_when_a_client_switches_form_is_sent_in_the_new_form() -> None:
    socket = Socket()
    socket.outbox.pause()
    socket.give(a_report("A"))
    socket.outbox.form = Form.COT_PROTOBUF
    socket.outbox.resume()
    assert socket.written == [b"PA@m-g"]


def test_a_closed_outbox_writes_and_keeps_nothing() -> None:
    socket = Socket()
    socket.outbox.close()
    socket.give(a_report("A"))
    socket.outbox.resume()
    assert socket.written == []
    assert socket.outbox.depth == 0


def test_words_that_are_taken_back_are_not_written_and_the_rest_is_in_order() -> None:
    socket = Socket()
    socket.outbox.pause()
    first, second, third = chat("first"), chat("second"), chat("third")
    socket.give(first, a_report("A"), second)
    socket.outbox.pending.append(dispatch(third))
    assert socket.outbox.words_waiting() == [first, second, third]
    socket.outbox.take_back([first, third, chat("never here")])
    assert socket.outbox.bytes_held == len(b"A@m-gsecond@h")
    assert socket.outbox.words_waiting() == [second]
    socket.outbox.resume()
    assert socket.written == [b"A@m-g", b"second@h"]
    assert socket.outbox.words_waiting() == []
    assert socket.outbox.bytes_held == 0
