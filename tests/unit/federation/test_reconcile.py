import hashlib
import random

import pytest

from accord.federation.reconcile import MOST_LIMIT, Entry, Reconciliation, fingerprint


def entry(n: int) -> Entry:
    return 1_700_000_000_000 + 1_000 * n, hashlib.sha256(str(n).encode()).digest()[:12]


def compare(one: list[Entry], other: list[Entry], limit: int = MOST_LIMIT) -> tuple[int, int]:
    """Compare two sets and check what comes out; return the bytes and the messages."""
    asks = Reconciliation(one, limit=limit, begins=True)
    answers = Reconciliation(other, limit=limit, begins=False)
    parts, size, count = asks.begin(), 0, 0
    for turn in range(2_000):
        if not parts:
            break
        size += sum(
            8 + len(p.prefix) + len(p.fingerprint or b"") + 12 * len(p.ids or ()) for p in parts
        )
        count += 1
        assert len(parts) <= 128
        parts = (asks if turn % 2 else answers).answer(parts)
    own, theirs = {each for _, each in one}, {each for _, each in other}
    assert (asks.lacking, asks.extra) == (theirs - own, own - theirs)
    return size, count


@pytest.mark.parametrize("count", [0, 1, 15, 16, 17, 800])
@pytest.mark.parametrize("limit", [500, MOST_LIMIT])
def test_what_differs_is_found(count: int, limit: int) -> None:
    chance = random.Random(count)  # noqa: S311
    entries = [entry(n) for n in range(count)]
    some = [each for each in entries if chance.random() < 0.95]
    compare(entries, entries, limit)
    compare(entries, some, limit)
    compare(some, entries, limit)
    compare(entries, [], limit)
    compare([], entries[:200], limit)


def test_equal_sets_cost_one_message_of_few_bytes() -> None:
    entries = [entry(n) for n in range(5_000)]
    assert compare(entries, entries) == (24, 1)


def test_what_lacks_at_the_end_costs_few_bytes() -> None:
    entries = [entry(n) for n in range(5_000)]
    size, _ = compare(entries[:-20], entries)
    assert size < 3_000


def test_a_fingerprint_does_not_depend_on_the_order() -> None:
    entries = [entry(n) for n in range(5)]
    assert fingerprint(entries) == fingerprint(entries[::-1]) != fingerprint(entries[1:])
