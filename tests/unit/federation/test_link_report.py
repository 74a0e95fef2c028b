from dataclasses import replace
from datetime import timedelta

import pytest

from accord.federation.bundle_memory import BundleMemory, Passed, Sent
from accord.federation.link_report import Beside, refused, told
from accord.federation.link_status import LinkStatus
from accord.federation.moment import Moment
from accord.federation.standing import Standing
from accord.federation.status import LaneStatus, SyncStatus
from accord.observe.partner_health import ByFileStatus, LinkState
from accord.wire.peer.protocol import Lane
from accord.wire.peer.translate import moment
from support.agreements import example
from support.clock import START

NOW = Moment(START, 1000.0)
LINK = LinkStatus(
    partner="USA", is_up=True, since=900.0, address="192.0.2.1:9010", is_dialled=True, stopped="",
    ended="",
    trouble="", guard=1, guards_ended=0, sent_bytes=10, received_bytes=20, lines=5, signed=4,
    cosigned=3, turned_away={"no certificate": 2}, closed={"frame forged": 1},
    unverified={"AUS": 1},
)  # fmt: skip
SYNC = SyncStatus(
    partner="USA", connected=True,
    lanes={Lane.CHAT: LaneStatus(waiting=2, lag=1.2), Lane.TRACKS: LaneStatus(waiting=7, lag=8.1),
           Lane.DURABLE: LaneStatus(held_back=4)},
    in_flight=0, window=700, budget_second=None, budget_day=99, flowing={("1", "exact"): 4},
    withheld={("", "unmarked"): 3, ("0.2", "forbidden"): 2}, standing=(
        Standing("A-1", 3, True, False, True, "activated"),
        Standing("B-2", 1, False, True, False, "activated", "waiting for ours"),
    ), blocked=("nothing by A-1",), last_heard=12.0, silent_for=None,
)  # fmt: skip


def test_a_link_is_told_in_times_of_day_and_by_names() -> None:
    said = told(LINK, SYNC, {"it came in a circle": 6}, NOW, Beside())
    assert said.state is LinkState.UP
    assert said.since == START - timedelta(seconds=100)
    assert said.last_heard == START - timedelta(seconds=12)
    assert said.waiting == {"chat": 2, "tracks": 7, "durable": 0}
    assert said.held_back == 4
    assert said.lag == 8.1
    assert said.released == {"1 exact": 4}
    assert said.refused == {"it came in a circle": 6, "no certificate": 2}
    assert said.unverified == {"AUS": 1}
    assert said.withheld == {"unmarked": 3, "0.2 forbidden": 2}
    assert said.closed == {"frame forged": 1}
    assert said.trouble == ""


@pytest.mark.parametrize(
    ("link", "sync", "state"),
    [
        (replace(LINK, is_up=False), SYNC, LinkState.DOWN),
        (LINK, replace(SYNC, silent_for=70.0), LinkState.SILENT),
        (replace(LINK, is_up=False, stopped="the guard refused"), SYNC, LinkState.STOPPED),
    ],
)
def test_a_link_that_is_not_as_it_should_be_is_told_so(
    link: LinkStatus, sync: SyncStatus, state: LinkState
) -> None:
    assert told(link, sync, {}, NOW, Beside()).state is state
    ended = replace(link, ended="the partner stops")
    assert told(ended, sync, {}, NOW, Beside()).ended == "the partner stops"


def test_everything_that_a_person_must_look_at_is_in_the_trouble() -> None:
    link = replace(LINK, stopped="the guard refused", trouble="the ledger is full")
    said = told(link, replace(SYNC, last_heard=None), {}, NOW, Beside(disagreeing=("A-1",)))
    assert said.last_heard is None
    for words in ("the guard refused", "the ledger is full", "A-1: its compiled clauses"):
        assert words in said.trouble


@pytest.mark.parametrize(("takes", "minutes"), [(True, 60), (False, 0)])
def test_how_far_apart_reports_can_be_is_told_of_what_the_partner_gives_by(
    takes: bool, minutes: int
) -> None:
    terms = example().agreement
    assert max(form.cadence or timedelta(0) for form in terms.forms) == timedelta(minutes=60)
    standing = Standing(terms.id, terms.serial, not takes, takes, True, "activated")
    beside = Beside(terms={(terms.id, terms.serial): terms})
    said = told(LINK, replace(SYNC, standing=(standing,)), {}, NOW, beside)
    assert said.cadence == 60 * minutes


def test_an_agreement_is_told_with_when_it_ends_where_it_is_activated_here() -> None:
    terms = example().agreement
    standing = Standing(terms.id, terms.serial, True, False, True, "activated")
    sync = replace(SYNC, standing=(standing, *SYNC.standing[1:]))
    held = {(terms.id, terms.serial): terms, ("B-2", 1): terms}
    first, second = told(LINK, sync, {}, NOW, Beside(terms=held)).agreements
    assert (first.since, first.until) == (terms.since, terms.until)
    assert (second.since, second.until, second.why) == (None, None, "waiting for ours")


def test_what_went_and_came_by_file_is_told_with_how_old_it_is() -> None:
    assert told(LINK, SYNC, {}, NOW, Beside(bundles=BundleMemory())).by_file is None
    memory = BundleMemory(forgotten=2)
    memory.wrote(Sent(b"a" * 16, 60_000, ()), 7)
    said = told(LINK, SYNC, {}, NOW, Beside(bundles=memory)).by_file
    assert said == ByFileStatus(
        last_out=moment(60_000), items_out=7, is_answered=False, last_in=None, made=None,
        items_in=0, forgotten=2,
    )  # fmt: skip
    memory.took(Passed(id=b"b" * 16, made=1_000, at=90_000, items=5))
    memory.answered([b"a" * 16])
    said = told(LINK, SYNC, {}, NOW, Beside(bundles=memory)).by_file
    assert said is not None
    assert (said.is_answered, said.last_in, said.made, said.items_in) == (
        True, moment(90_000), moment(1_000), 5,
    )  # fmt: skip


def test_a_partner_that_is_refused_is_told_as_its_last_link_stood() -> None:
    last = told(replace(LINK, ended="it is over"), SYNC, {}, NOW, Beside())
    said = refused("USA", last, (6, 5))
    assert (said.state, said.since, said.waiting, said.lag) == (LinkState.REFUSED, None, {}, 0.0)
    assert (said.last_heard, said.released) == (START - timedelta(seconds=12), {"1 exact": 4})
    assert (said.lines, said.cosigned) == (6, 5)
    assert (said.held_back, said.blocked, said.agreements, said.ended) == (0, (), (), "")
    assert said.trouble.endswith("accord partner allow DIR USA")


def test_of_a_refused_partner_without_a_link_is_told_only_what_is_known() -> None:
    said = refused("USA", None, None)
    assert (said.node, said.state, said.last_heard) == ("USA", LinkState.REFUSED, None)
    assert (said.lines, said.cosigned) == (None, None)
