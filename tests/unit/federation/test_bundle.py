from hashlib import sha256

import cbor2
import pytest

from accord.federation import bundle
from accord.federation.bundle import MAX_ANSWERS, Bundle, BundleFault, Head

HEAD = Head(
    id=b"i" * 16, writer="NZL-A", reader="USA-B", made=1_780_000_000_000, answers=(b"a" * 16,)
)
SEAL = bytes(range(64))
FRAMES = (b"hello", b"updates")


def by_hand(
    head: bytes | None = None,
    frames: tuple[bytes, ...] = FRAMES,
    seal: bytes = SEAL,
    magic: bytes = b"accord bundle 1\n",
) -> bytes:
    """A file as the module's own description has it, made of that alone."""
    said = head
    if said is None:
        said = cbor2.dumps([b"i" * 16, "NZL-A", "USA-B", 1_780_000_000_000, [b"a" * 16]])
    data = magic + len(said).to_bytes(2) + said
    for frame in frames:
        data += len(frame).to_bytes(2) + frame
    data += b"\0\0"
    return data + sha256(data).digest() + seal


def written(frames: tuple[bytes, ...] = FRAMES) -> bytes:
    data = bundle.begin(HEAD) + b"".join(map(bundle.framed, frames)) + bundle.END
    return data + sha256(data).digest() + SEAL


def test_a_bundle_is_written_as_it_is_described() -> None:
    assert written() == by_hand()


def test_a_bundle_is_read_as_it_was_written() -> None:
    data = by_hand()
    found = bundle.read(data)
    assert found == Bundle(head=HEAD, frames=FRAMES, digest=data[-96:-64], seal=SEAL)


def test_every_cut_is_seen() -> None:
    data = by_hand()
    for size in range(len(data) - 64):
        with pytest.raises(BundleFault):
            bundle.read(data[:size])


def test_a_seal_that_is_cut_or_has_something_behind_it_is_none() -> None:
    data = by_hand()
    for wrong in (data[:-1], data[:-63], data + bytes(33)):
        with pytest.raises(BundleFault):
            bundle.read(wrong)


def test_every_altered_byte_before_the_seal_is_seen() -> None:
    data = by_hand()
    for place in range(len(data) - 64):
        altered = bytearray(data)
        altered[place] ^= 1
        with pytest.raises(BundleFault):
            bundle.read(bytes(altered))


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"%PDF-1.7", "no bundle"),
        (b"", "no bundle"),
        (by_hand(magic=b"accord bundle 2\n"), "version"),
        (by_hand(head=b"\xff"), "beginning"),
        (by_hand(head=cbor2.dumps([b"i" * 16, "NZL-A", "USA-B", 1])), "beginning"),
        (by_hand(head=cbor2.dumps([b"i", "NZL-A", "USA-B", 1, []])), "beginning"),
        (
            by_hand(
                head=cbor2.dumps([b"i" * 16, "N", "USA-B", 1, [bytes(16)] * (MAX_ANSWERS + 1)])
            ),
            "beginning",
        ),
        (by_hand(frames=()), "HELLO"),
    ],
)
def test_what_is_no_bundle_is_refused_in_a_sentence(data: bytes, said: str) -> None:
    with pytest.raises(BundleFault, match=said):
        bundle.read(data)


def test_a_seal_is_over_who_speaks_to_whom_and_over_all_bytes() -> None:
    assert bundle.seal_words(HEAD, b"d" * 32) == cbor2.dumps(
        ["accord bundle 1", "NZL-A", "USA-B", b"d" * 32]
    )


def test_no_two_bundles_are_one_session() -> None:
    assert bundle.session_of(b"a" * 16) != bundle.session_of(b"b" * 16)
    assert len(bundle.session_of(b"a" * 16)) == 16
