from dataclasses import replace
from datetime import timedelta

import pytest

from accord.federation.link_report import told
from accord.federation.link_status import LinkStatus
from accord.federation.moment import Moment
from accord.federation.status import LaneStatus, SyncStatus
from accord.observe.health import LinkState
from accord.wire.peer.message import Lane
from support.clock import START

NOW = Moment(START, 1000.0)
LINK = LinkStatus(
    partner="USA", is_up=True, since=900.0, address="192.0.2.1:9010", is_dialled=True, stopped="",
    trouble="", guard=1, guards_ended=0, sent_bytes=10, received_bytes=20, lines=5, signed=4,
    cosigned=3, turned_away={"no certificate": 2}, closed={"frame forged": 1},
    unverified={"AUS": 1},
)  # fmt: skip
SYNC = SyncStatus(
    partner="USA", connected=True,
    lanes={Lane.CHAT: LaneStatus(waiting=2, lag=1.2), Lane.TRACKS: LaneStatus(waiting=7, lag=8.1)},
    in_flight=0, window=700, budget_second=None, budget_day=99, flowing={("1", "exact"): 4},
    withheld={"unmarked": 3}, blocked=("nothing by A-1",), last_heard=12.0, silent_for=None,
)  # fmt: skip


def test_a_link_is_told_in_times_of_day_and_by_names() -> None:
    said = told(LINK, SYNC, {"it came in a circle": 6}, NOW, ())
    assert said.state is LinkState.UP
    assert said.since == START - timedelta(seconds=100)
    assert said.last_heard == START - timedelta(seconds=12)
    assert said.waiting == {"chat": 2, "tracks": 7}
    assert said.lag == 8.1
    assert said.released == {"1 exact": 4}
    assert said.refused == {"it came in a circle": 6, "no certificate": 2, "AUS": 1}
    assert said.closed == {"frame forged": 1}
    assert said.trouble == ""


@pytest.mark.parametrize(
    ("link", "sync", "state"),
    [
        (replace(LINK, is_up=False, since=None), SYNC, LinkState.DOWN),
        (LINK, replace(SYNC, silent_for=70.0), LinkState.SILENT),
        (replace(LINK, is_up=False, stopped="the guard refused"), SYNC, LinkState.STOPPED),
    ],
)
def test_a_link_that_is_not_as_it_should_be_is_told_so(
    link: LinkStatus, sync: SyncStatus, state: LinkState
) -> None:
    assert told(link, sync, {}, NOW, ()).state is state


def test_everything_that_a_person_must_look_at_is_in_the_trouble() -> None:
    link = replace(LINK, stopped="the guard refused", trouble="the ledger is full")
    said = told(link, replace(SYNC, last_heard=None), {}, NOW, ("A-1",))
    assert said.last_heard is None
    for words in ("the guard refused", "the ledger is full", "A-1: its compiled clauses"):
        assert words in said.trouble
