from hashlib import sha256

import pytest

from accord.federation.contents import Offered, OfferedContents, WantedContents
from accord.wire.peer.message import Chunk, Want
from accord.wire.peer.protocol import BLOCK, Lane

DATA = bytes(n % 251 for n in range(5_000))
DIGEST = sha256(DATA).digest()


def offered(data: bytes = DATA, **changes: object) -> Offered:
    return Offered(
        digest=sha256(data).digest(), size=len(data), read=lambda at, n: data[at : at + n],
        **{"lane": Lane.FILES} | changes,  # pyright: ignore[reportArgumentType]
    )  # fmt: skip


def pair() -> tuple[OfferedContents, WantedContents]:
    gives, takes = OfferedContents(limit=2), WantedContents(limit=2)
    gives.offer(offered())
    gives.said(DIGEST)
    assert takes.begin(DIGEST, len(DATA), Lane.FILES)
    return gives, takes


def ask(gives: OfferedContents, takes: WantedContents) -> list[bool]:
    return [gives.want(want) for _, want in takes.questions()]


def sent(gives: OfferedContents, most: int = 4_096) -> Chunk | None:
    asked = gives.asked(Lane.FILES)
    return None if asked is None else gives.chunk(asked[0], most)


def test_content_comes_whole_and_is_then_wanted_no_more() -> None:
    gives, takes = pair()
    assert ask(gives, takes) == [True]
    done = None
    while (chunk := sent(gives, 1_100)) is not None:
        assert len(chunk.data) <= 1_024
        done = takes.take(chunk)
    assert done == DIGEST
    assert takes.finish(DIGEST) == DATA
    assert ask(gives, takes) == []
    takes.tell(takes.came_whole())
    assert takes.came_whole() == ()
    assert ask(gives, takes) == [True]
    assert gives.all() == ()


def test_after_a_cut_only_what_lacks_is_asked_for() -> None:
    gives, takes = pair()
    ask(gives, takes)
    first = sent(gives)
    assert first is not None
    takes.take(first)
    gives.clear()
    takes.clear()
    gives.said(DIGEST)
    ask(gives, takes)
    assert gives.waiting(Lane.FILES) == 2 * BLOCK
    rest = sent(gives)
    assert rest is not None
    assert rest.first == 8
    assert takes.take(rest) == DIGEST


def test_what_a_reference_stands_for_waits_in_each_session_for_the_reference() -> None:
    """Without it the guards of neither node know what the chunks are of."""
    gives, takes = OfferedContents(limit=2), WantedContents(limit=2)
    gives.offer(offered(lane=Lane.CHAT))
    assert takes.begin(DIGEST, len(DATA), Lane.CHAT, is_named=False)
    assert ask(gives, takes) == []
    assert takes.begin(DIGEST, len(DATA), Lane.CHAT, is_named=False)
    assert ask(gives, takes) == []
    assert takes.begin(DIGEST, len(DATA), Lane.CHAT)
    assert ask(gives, takes) == [True]
    assert gives.asked(Lane.CHAT) is None
    gives.said(DIGEST)
    assert gives.asked(Lane.CHAT) is not None
    gives.clear()
    takes.clear()
    assert ask(gives, takes) == []
    takes.named(DIGEST)
    takes.named(b"another")
    assert ask(gives, takes) == [True]
    assert gives.asked(Lane.CHAT) is None
    gives.said(DIGEST)
    gives.withdraw(DIGEST)
    gives.offer(offered(lane=Lane.CHAT))
    takes.clear()
    takes.named(DIGEST)
    assert ask(gives, takes) == [True]
    assert gives.asked(Lane.CHAT) is None


def test_content_of_another_digest_is_refused() -> None:
    gives, takes = pair()
    ask(gives, takes)

    takes.take(Chunk(1, 0, bytes(4_096)))
    with pytest.raises(ValueError, match="not what its digest says"):
        takes.take(Chunk(1, 8, DATA[4_096:]))
    assert len(takes) == 0


@pytest.mark.parametrize("chunk", [Chunk(1, 9, bytes(BLOCK)), Chunk(1, 0, bytes(100))])
def test_a_chunk_that_fits_nowhere_is_refused(chunk: Chunk) -> None:
    gives, takes = pair()
    ask(gives, takes)
    with pytest.raises(ValueError, match="does not fit"):
        takes.take(chunk)


def test_a_chunk_that_was_not_asked_for_is_nothing() -> None:
    _, takes = pair()
    assert takes.take(Chunk(77, 0, bytes(BLOCK))) is None


def test_a_file_cannot_be_asked_for_before_it_was_released() -> None:
    gives = OfferedContents(limit=1)
    gives.offer(offered(is_file=True))
    want = Want(ticket=1, digest=DIGEST, first=0, blocks=b"\x80")
    assert not gives.want(want)
    gives.released(DIGEST, "an item")  # pyright: ignore[reportArgumentType]
    assert gives.want(want)
    assert not gives.want(Want(ticket=2, digest=DIGEST, first=0, blocks=b"\x80"))


def test_a_room_that_is_too_small_for_a_block_gets_nothing() -> None:
    gives, takes = pair()
    ask(gives, takes)
    assert sent(gives, BLOCK - 1) is None


def test_there_is_a_limit_to_what_is_offered_and_wanted() -> None:
    gives, takes = pair()
    for n in range(3):
        gives.offer(offered(bytes([n])))
    assert len(gives.all()) == 2
    assert takes.begin(DIGEST, 1, Lane.FILES)
    assert takes.begin(b"2", 1, Lane.FILES)
    assert not takes.begin(b"3", 1, Lane.FILES)
    assert len(takes) == 2


def test_what_is_offered_is_had_by_its_digest_and_nothing_else_is() -> None:
    gives, _ = pair()
    found = gives.get(DIGEST)
    assert found is not None
    assert found.read(0, found.size) == DATA
    assert gives.get(sha256(b"other").digest()) is None
