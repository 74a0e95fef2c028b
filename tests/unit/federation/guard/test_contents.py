from hashlib import sha256

from accord.federation.guard.contents import MAX_TICKETS, Incoming, Outgoing, Whole
from accord.wire.peer.message import Chunk, Want
from accord.wire.peer.protocol import BLOCK
from accord.wire.peer.report import Reference

TEXT = b"".join(n.to_bytes(2) for n in range(640))  # two blocks and a half
DIGEST = sha256(TEXT).digest()


def want(ticket: int = 1, digest: bytes = DIGEST) -> Want:
    return Want(ticket=ticket, digest=digest, first=0, blocks=b"\xe0")


def given(limit: int = 10_000) -> Outgoing:
    outgoing = Outgoing(limit=limit)
    outgoing.give(DIGEST, len(TEXT), TEXT[:700])
    assert outgoing.get(DIGEST) is None
    outgoing.give(DIGEST, len(TEXT), TEXT[700:])
    return outgoing


def test_a_piece_of_what_was_released_and_asked_for_may_leave() -> None:
    outgoing = given()
    outgoing.clear(DIGEST)
    outgoing.wanted(want())
    assert outgoing.get(DIGEST) == TEXT
    assert outgoing.why_not(Chunk(1, 1, TEXT[BLOCK : 2 * BLOCK])) == ""
    assert outgoing.why_not(Chunk(1, 2, TEXT[2 * BLOCK :])) == ""


def test_nothing_else_may() -> None:
    outgoing = given()
    outgoing.wanted(want())
    assert "not released" in outgoing.why_not(Chunk(1, 0, TEXT[:BLOCK]))
    outgoing.clear(DIGEST)
    assert "did not ask" in outgoing.why_not(Chunk(2, 0, TEXT[:BLOCK]))
    assert "not part" in outgoing.why_not(Chunk(1, 0, b"something else"))
    assert "not part" in outgoing.why_not(Chunk(1, 1, TEXT[:BLOCK]))
    assert "not part" in outgoing.why_not(Chunk(1, 9, b"x"))


def test_content_that_is_not_what_its_digest_says_is_forgotten() -> None:
    outgoing = Outgoing(limit=10_000)
    outgoing.give(DIGEST, 3, b"abc")
    assert outgoing.get(DIGEST) is None


def test_content_over_the_limit_is_not_kept_and_the_oldest_makes_room() -> None:
    outgoing = given(limit=len(TEXT))
    outgoing.give(bytes(32), len(TEXT) + 1, b"x")
    other = TEXT[::-1]
    outgoing.give(sha256(other).digest(), len(other), other)
    assert outgoing.get(DIGEST) is None
    assert outgoing.get(sha256(other).digest()) == other


def test_so_many_contents_are_asked_for_at_a_time() -> None:
    outgoing = given()
    outgoing.clear(DIGEST)
    for ticket in range(MAX_TICKETS + 1):
        outgoing.wanted(want(ticket))
    assert "did not ask" in outgoing.why_not(Chunk(0, 0, TEXT[:BLOCK]))
    assert outgoing.why_not(Chunk(1, 0, TEXT[:BLOCK])) == ""


def test_a_piece_by_a_number_that_was_asked_anew_is_outdated_where_it_may_not_leave() -> None:
    outgoing = given()
    outgoing.clear(DIGEST)
    outgoing.wanted(want())
    piece = Chunk(1, 0, TEXT[:BLOCK])
    outgoing.wanted(want())
    assert not outgoing.is_outdated(Chunk(1, 0, b"something else"))
    outgoing.wanted(want(digest=bytes(32)))
    assert outgoing.is_outdated(piece)
    outgoing.wanted(want())
    assert not outgoing.is_outdated(piece)


def test_a_piece_by_a_number_after_which_too_many_came_is_outdated() -> None:
    outgoing = given()
    outgoing.clear(DIGEST)
    for ticket in range(MAX_TICKETS + 1):
        outgoing.wanted(want(ticket))
    assert outgoing.is_outdated(Chunk(0, 0, TEXT[:BLOCK]))
    assert not outgoing.is_outdated(Chunk(1, 0, b"something else"))
    assert not outgoing.is_outdated(Chunk(MAX_TICKETS + 1, 0, TEXT[:BLOCK]))


def test_what_a_reference_stands_for_is_put_together() -> None:
    incoming = Incoming(limit=10_000)
    incoming.referred(Reference(DIGEST, len(TEXT)))
    incoming.wanted(want())
    assert incoming.chunk(Chunk(1, 2, TEXT[2 * BLOCK :])) is None
    assert incoming.chunk(Chunk(1, 0, TEXT[: 2 * BLOCK])) == Whole(DIGEST, TEXT, None)
    assert incoming.chunk(Chunk(1, 0, TEXT[: 2 * BLOCK])) is None  # it is there


def test_what_nobody_asked_for_or_is_not_right_comes_to_nothing() -> None:
    incoming = Incoming(limit=10_000)
    assert incoming.chunk(Chunk(1, 0, TEXT)) is None
    incoming.referred(Reference(DIGEST, len(TEXT)))
    incoming.wanted(want())
    assert incoming.chunk(Chunk(1, 40, b"beyond the end")) is None
    assert incoming.chunk(Chunk(1, 0, bytes(len(TEXT)))) is None


def test_only_so_much_is_put_together_at_a_time() -> None:
    incoming = Incoming(limit=len(TEXT))
    incoming.referred(Reference(DIGEST, len(TEXT)))
    incoming.referred(Reference(bytes(32), 1))
    incoming.wanted(want())
    assert incoming.chunk(Chunk(1, 0, TEXT)) is None
    for ticket in range(2, MAX_TICKETS + 3):
        incoming.wanted(want(ticket, bytes(32)))


def test_of_many_small_contents_the_oldest_makes_room() -> None:
    incoming = Incoming(limit=1 << 20)
    incoming.referred(Reference(DIGEST, len(TEXT)))
    incoming.wanted(want())
    for number in range(MAX_TICKETS):
        incoming.referred(Reference(number.to_bytes(32), 1))
    assert incoming.chunk(Chunk(1, 0, TEXT)) is None
