from dataclasses import replace
from typing import Any

import cbor2
import pytest

from accord.federation.given import Had
from accord.federation.held import (
    Plain,
    entry_from_tuple,
    entry_to_tuple,
    had_from_tuple,
    had_to_tuple,
    object_from_tuple,
    object_to_tuple,
    took_from_tuple,
    took_to_tuple,
)
from accord.federation.log import Entry
from accord.federation.taking import Took
from accord.federation.tracks import Candidate
from accord.federation.version import ObjectKey
from accord.wire.peer.protocol import Version
from accord.wire.peer.record import Void
from support.builders import a_report
from support.peer import A_GRANT, an_object

KEY = ObjectKey("NZL", "live", "U1")


def again(value: Plain) -> Plain:
    """Through CBOR, with lists made tuples as HeldSync does."""

    def tuples(each: Any) -> Plain:
        return tuple(map(tuples, each)) if isinstance(each, list) else each

    return tuples(cbor2.loads(cbor2.dumps(value)))


def test_what_the_partner_has_comes_back() -> None:
    for had in (
        Had(KEY, A_GRANT, durable=True, version=Version(3, 5)),
        Had(KEY, A_GRANT, durable=False),
    ):
        assert had_from_tuple(again(had_to_tuple(KEY, had))) == (KEY, had)


def test_what_came_of_the_partner_comes_back() -> None:
    took = Took(Version(3, 5), A_GRANT, durable=True)
    assert took_from_tuple(again(took_to_tuple(KEY, took))) == (KEY, took)


def test_a_header_comes_back_with_its_onward_grant() -> None:
    for each in (an_object(), replace(an_object(), onward=A_GRANT)):
        assert object_from_tuple(again(object_to_tuple(each))) == each


def test_an_entry_comes_back_with_its_report() -> None:
    entry = Entry(1.0, key=KEY, candidate=Candidate(a_report(), Version(3, 5)))
    entry.number = 7
    found = entry_from_tuple(again(entry_to_tuple(entry)), 9.0)
    assert (found.number, found.key, found.since) == (7, KEY, 9.0)
    assert found.candidate is not None
    assert found.candidate.report == a_report()
    assert found.candidate.version == Version(3, 5)


def test_a_number_that_stands_for_nothing_comes_back() -> None:
    entry = Entry(1.0, content=Void())
    entry.number = 7
    found = entry_from_tuple(again(entry_to_tuple(entry)), 9.0)
    assert (found.number, found.content, found.candidate) == (7, Void(), None)


def test_what_the_wire_has_no_words_for_is_not_kept() -> None:
    report = a_report(uid="\ud800")
    assert entry_to_tuple(Entry(1.0, key=KEY, candidate=Candidate(report, Version(3, 5)))) is None


def test_content_that_is_not_this_nodes_own_is_spoilt() -> None:
    with pytest.raises(ValueError, match="not this node's own"):
        entry_from_tuple((1, None, cbor2.dumps([0, [bytes(32), 5]]), None, None, None), 0.0)
    with pytest.raises(ValueError, match="no report"):
        entry_from_tuple((1, tuple(KEY), None, cbor2.dumps([9, []]), (1, 2), None), 0.0)
