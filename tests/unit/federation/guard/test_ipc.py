import pytest
from hypothesis import given
from hypothesis import strategies as st

from accord.federation.guard import ipc
from accord.federation.guard.talk import (
    MAX_UNVERIFIED,
    Bundled,
    Came,
    Closed,
    Connected,
    Content,
    Give,
    Greet,
    GuardRefused,
    HandleOf,
    Leave,
    Message,
    Note,
    Prime,
    Role,
    Sent,
    Setup,
    Standing,
    Step,
    Stop,
    TakCame,
    TakGive,
    TakHeard,
    TakSetup,
    TakSkipped,
    ToSend,
    TurnedAway,
    Up,
    Withheld,
)
from accord.release.ledger.entry import Count
from accord.wire.peer import cbor
from accord.wire.peer.frame import LONGEST_FRAME, Known
from accord.wire.peer.message import Farewell
from accord.wire.peer.report import Object, Reference
from support.peer import A_GRANT, a_header, an_object

MESSAGES: list[Message] = [
    TakSetup(
        directory="/srv/accord", node="NZL-X", trust_domain="nzl-x", profile="modern",
        partner="AUS-TAK", max_message=131_072, handshake_timeout=15, checkpoint_every=600,
    ),
    TakGive(3, 7, b"report"), TakCame(3, b"message"), TakSkipped(2), TakHeard(3),
    Setup(
        directory="/srv/accord", node="NZL-X", trust_domain="nzl-x", profile="modern",
        partner="USA-X", their_epoch=7, frame_bytes=16_384, max_handles=10, max_content=1_000,
        handshake_timeout=15, checkpoint_every=600,
    ),
    Prime(True, True, {3: HandleOf(Known(a_header(), bytes(32)), A_GRANT)}),
    Prime(False, False, {4: HandleOf(Known(None, bytes(32)), None)}),
    Greet(1, b"hello"),
    Give(1, b"frame"),
    Content(bytes(32), 3, b"abc"),
    Withheld("A-1", 3, 1, 2, (Count(clause=None, reason="unmarked", sort="ship", count=7),)),
    Leave(1, 9, Farewell.STOPPING),
    Stop(),
    Up(1, Role.CALLED, "192.0.2.1:4711"),
    Connected(1, b"hello"),
    Came(1, b"frame", ("AUS-X",)),
    Sent(1, 9, 120),
    GuardRefused(9, "it has no mark", "MMSI-1"),
    Closed(1, "frame forged", "by whom"),
    TurnedAway("too slow", "192.0.2.1:4711"),
    ToSend(Note.CHECKPOINT, b"note"),
    Standing(1, 2, 3, ""),
    Bundled(Step.FRAME, b"frame"),
    Bundled(Step.READ),
]  # fmt: skip


@pytest.mark.parametrize("message", MESSAGES, ids=lambda each: type(each).__name__)
def test_what_is_said_is_heard(message: Message) -> None:
    data = ipc.encode(message)
    assert ipc.decode(data[ipc.LENGTH :]) == message


def test_all_whom_one_frame_can_have_words_of_are_named() -> None:
    names = tuple(f"{'A' * 60}{n:04}" for n in range(MAX_UNVERIFIED))
    came = Came(1, bytes(LONGEST_FRAME), names)
    assert ipc.decode(ipc.encode(came)[ipc.LENGTH :]) == came


def test_every_message_is_tried_here() -> None:
    assert {type(each) for each in MESSAGES} == set(Message.__args__)


@given(st.data())
def test_any_chunking_gives_the_same_messages(data: st.DataObject) -> None:
    whole = b"".join(map(ipc.encode, MESSAGES))
    reader, found, at = ipc.Reader(), [], 0
    while at < len(whole):
        size = data.draw(st.integers(1, 400))
        found += reader.receive(whole[at : at + size])
        at += size
    assert found == MESSAGES


@pytest.mark.parametrize(
    "value", [[99], [], 7, [4, 1], [4, 1, "text"], [8, 1], [3, -1, b"x"], [9, 1, 5, "x"]]
)
def test_what_is_not_in_the_schema_is_refused(value: object) -> None:
    with pytest.raises(ipc.IpcError):
        ipc.decode(cbor.write(value))


@given(st.binary(max_size=200))
def test_hostile_bytes_are_refused_or_are_the_one_spelling_of_a_message(data: bytes) -> None:
    try:
        message = ipc.decode(data)
    except ipc.IpcError:
        return
    assert ipc.encode(message)[ipc.LENGTH :] == data


def test_a_message_that_is_too_long_is_refused_before_it_is_read() -> None:
    with pytest.raises(ipc.IpcError, match="too long"):
        ipc.Reader().receive((ipc.LONGEST + 1).to_bytes(ipc.LENGTH))
    with pytest.raises(ipc.IpcError, match="bytes"):
        ipc.encode(Content(bytes(32), 1, bytes(ipc.LONGEST)))


def test_many_handles_are_told_in_pieces_of_which_the_first_says_so() -> None:
    objects = [an_object(number=n + 1, handle=n) for n in range(3_000)]
    told = ipc.primes(objects, outbound=True)
    assert len(told) > 1
    assert [each.is_first for each in told] == [True] + [False] * (len(told) - 1)
    assert sum(len(each.known) for each in told) == 3_000
    for each in told:
        assert ipc.decode(ipc.encode(each)[ipc.LENGTH :]) == each


def test_that_there_are_no_handles_is_told_too() -> None:
    assert ipc.primes([], outbound=False) == [Prime(False, True, {})]


def test_a_header_that_is_still_to_come_is_told_by_its_digest() -> None:
    reference = Object(number=1, handle=5, header=Reference(bytes([9]) * 32, 70_000))
    (told,) = ipc.primes([reference], outbound=False)
    assert told.known[5].known == Known(None, bytes([9]) * 32)


def test_content_is_given_in_pieces() -> None:
    content = bytes(ipc.PIECE + 1)
    told = ipc.pieces(bytes(32), content)
    assert [len(each.data) for each in told] == [ipc.PIECE, 1]
    assert {each.size for each in told} == {ipc.PIECE + 1}
    assert ipc.pieces(bytes(32), b"") == [Content(bytes(32), 0, b"")]
