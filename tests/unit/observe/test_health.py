import json
from dataclasses import replace
from datetime import timedelta

import pytest

from accord.core.principal import Direction
from accord.observe.health import (
    SAMPLE_STEP,
    BudgetStatus,
    CertificateStatus,
    ClientStatus,
    GroupStatus,
    Health,
    HealthSettings,
    Heard,
    JournalStatus,
    ListenerStatus,
    Parts,
    PictureStatus,
    ServiceStatus,
    SourceState,
    Status,
    as_json,
)
from accord.observe.partner_health import LinkState, PartnerStatus
from support.clock import START, ManualClock
from support.health import A_CLIENT, A_NODE, A_PARTNER, a_status

KIWI = Heard(channel="tak", speaker="kiwi-1", since=START, accepted=0, last_useful=None)


class Node:
    """The parts of a node, as lists that a test fills."""

    def __init__(self, **settings: object) -> None:
        self.clock = ManualClock()
        self.clients: list[ClientStatus] = []
        self.heard: list[Heard] = []
        self.totals = {"accepted": 0}
        self.trouble = ""
        self.partners: list[PartnerStatus] = []
        self.budgets: list[BudgetStatus] = []
        self.certificates: list[CertificateStatus] = []
        self.troubles: list[str] = []
        self.services: tuple[ServiceStatus, ...] = ()
        self.health = Health(
            replace(HealthSettings(), **settings),  # type: ignore[arg-type]
            node=A_NODE,
            clock=self.clock,
            parts=Parts(
                listeners=lambda: [ListenerStatus(name="api", address="127.0.0.1:1")],
                clients=lambda: self.clients,
                heard=lambda: self.heard,
                totals=lambda: self.totals,
                drops=lambda: {"wire": {"malformed": 1}},
                picture=lambda: PictureStatus(tracks=1, limit=2, contexts={}, counts={}),
                journal=lambda: JournalStatus(
                    waiting_bytes=0, limit_bytes=1, counts={}, trouble=self.trouble
                ),
                partners=lambda: self.partners,
                budgets=lambda: self.budgets,
                certificates=lambda: self.certificates,
                troubles=lambda: self.troubles,
                services=lambda: self.services,
            ),
        )

    def gathered(self, *services: ServiceStatus) -> Status:
        self.services = services
        return self.health.gather()

    def states(self) -> dict[str, SourceState]:
        return {each.speaker: each.state for each in self.health.gather().sources}


@pytest.fixture
def node() -> Node:
    return Node()


def test_a_service_that_cannot_be_asked_is_a_problem_with_its_beginning() -> None:
    node = Node()
    asked = ServiceStatus(what="directory", address="ldaps://there")
    assert node.gathered(asked).problems == ()
    away = replace(asked, trouble="no answer")
    assert node.gathered(away).problems == (
        "the directory ldaps://there cannot be asked: no answer",
    )
    status = node.gathered(replace(away, since=START))
    assert status.problems[0].endswith(f" cannot be asked since {START:%Y-%m-%d %H:%MZ}: no answer")
    assert status.services[0].since == START


def test_a_quiet_node_has_no_problems(node: Node) -> None:
    status = node.health.gather()
    assert status.problems == ()
    assert status.at == START
    assert status.node is A_NODE
    assert status.drops == {"wire": {"malformed": 1}}


def test_rates_come_from_samples(node: Node) -> None:
    for _ in range(13):
        node.health.sample()
        node.clock.advance(seconds=SAMPLE_STEP.total_seconds())
        node.totals["accepted"] += 10
    (rate,) = node.health.gather().rates
    assert (rate.what, rate.total, rate.one_minute) == ("accepted", 130, 2.0)


def test_a_connected_source_that_says_nothing_is_silent(node: Node) -> None:
    node.heard = [KIWI]
    node.clock.advance(minutes=2)
    assert node.states() == {"kiwi-1": SourceState.SPEAKING}
    node.clock.advance(seconds=1)
    assert node.states() == {"kiwi-1": SourceState.SILENT}
    assert node.health.gather().problems == ("tak kiwi-1 is connected and silent; never heard",)


def test_a_source_that_stops_is_silent_and_says_since_when(node: Node) -> None:
    node.heard = [replace(KIWI, last_useful=START, accepted=1)]
    node.clock.advance(minutes=5)
    assert node.health.gather().problems == (
        "tak kiwi-1 is connected and silent; the last was 5 min ago",
    )


def test_a_source_that_has_gone_is_still_known_and_no_problem(node: Node) -> None:
    node.heard = [replace(KIWI, last_useful=START)]
    node.health.sample()
    node.heard = []
    node.clock.advance(hours=1)
    (source,) = node.health.gather().sources
    assert (source.state, source.last_useful) == (SourceState.GONE, START)
    assert node.health.gather().problems == ()


def test_a_source_that_should_be_connected_and_is_not_is_down_and_says_why(node: Node) -> None:
    node.heard = [replace(KIWI, trouble="connection refused")]
    assert node.states() == {"kiwi-1": SourceState.DOWN}
    assert node.health.gather().problems == ("tak kiwi-1 is not connected: connection refused",)


def test_a_recording_at_its_end_is_no_problem(node: Node) -> None:
    node.heard = [replace(KIWI, last_useful=START, is_over=True)]
    node.clock.advance(hours=1)
    assert node.states() == {"kiwi-1": SourceState.ENDED}
    assert node.health.gather().problems == ()


def test_a_source_that_comes_back_is_not_silent_at_once_and_keeps_its_last_time(
    node: Node,
) -> None:
    node.health.remember(replace(KIWI, last_useful=START))
    node.clock.advance(hours=1)
    node.heard = [replace(KIWI, since=node.clock.now())]
    (source,) = node.health.gather().sources
    assert (source.state, source.last_useful) == (SourceState.SPEAKING, START)


def test_sources_are_forgotten_oldest_first_and_counted() -> None:
    node = Node(max_sources=2)
    for number in range(5):
        node.health.remember(replace(KIWI, speaker=f"kiwi-{number}"))
    assert list(node.states()) == ["kiwi-3", "kiwi-4"]
    assert node.health.forgotten == 3


def test_trouble_of_the_journal_is_a_problem(node: Node) -> None:
    node.trouble = "picture without history: the disk is full"
    assert node.health.gather().problems == ("journal: picture without history: the disk is full",)


def test_what_a_part_says_is_wrong_is_a_problem(node: Node) -> None:
    node.troubles = ["the register of people cannot be read"]
    assert node.health.gather().problems == ("the register of people cannot be read",)


def test_a_budget_is_a_problem_before_it_is_passed(node: Node) -> None:
    node.budgets = [
        BudgetStatus(what="disk", used=900, budget=1000),
        BudgetStatus(what="memory", used=901, budget=1000),
    ]
    assert node.health.gather().problems == ("memory: 901 B of 1000 B used",)


def test_a_certificate_is_a_problem_before_it_ends_and_after(node: Node) -> None:
    node.certificates = [
        CertificateStatus(
            file=name,
            subject="x",
            not_after=START + timedelta(days=days),
            warning="30 days",
            remedy="replace it",
        )
        for name, days in (("a.pem", 31), ("b.pem", 10), ("c.pem", 0))
    ]
    assert node.health.gather().problems == (
        "b.pem ends in 10 d; replace it",
        "c.pem ended on 2026-01-02; replace it",
    )


def test_groups_count_who_speaks_and_who_hears(node: Node) -> None:
    node.clients = [A_CLIENT, replace(A_CLIENT, groups={"Red": Direction.IN})]
    assert node.health.gather().groups == (
        GroupStatus(name="Blue", speak=1, hear=1),
        GroupStatus(name="Red", speak=1, hear=1),
    )


def test_a_status_is_json_with_moments_as_rfc_3339() -> None:
    read = json.loads(json.dumps(as_json(a_status())))
    assert read["at"] == "2026-01-02T03:14:05.678000Z"
    assert read["clients"][0]["groups"] == {"Blue": "both", "Red": "out"}
    assert read["clients"][0]["callsign"] == "KIWI 1"
    assert read["sources"][0]["state"] == "speaking"
    assert read["rates"][0]["five_minutes"] is None
    assert read["problems"] == []


def test_what_json_cannot_say_is_an_error() -> None:
    with pytest.raises(TypeError, match="object has no place in JSON"):
        as_json({"a": object()})


def test_a_partner_that_is_heard_is_no_problem() -> None:
    node = Node()
    node.partners = [A_PARTNER]
    status = node.health.gather()
    assert status.partners == (A_PARTNER,)
    assert status.problems == ()


@pytest.mark.parametrize("state", [LinkState.DOWN, LinkState.SILENT])
def test_what_a_silent_partner_gave_is_said_to_be_missing(state: LinkState) -> None:
    node = Node()
    node.clock.advance(minutes=14)
    node.partners = [replace(A_PARTNER, state=state)]
    (problem,) = node.health.gather().problems
    assert problem == f"partner USA-PAC is {state}: last heard 5 min ago; its reports are missing"


def test_a_partner_that_was_never_heard_is_named() -> None:
    node = Node()
    node.partners = [replace(A_PARTNER, state=LinkState.DOWN, last_heard=None)]
    (problem,) = node.health.gather().problems
    assert "never heard" in problem


def test_a_link_that_is_stopped_and_an_agreement_that_is_not_alike_are_problems() -> None:
    node = Node()
    node.partners = [
        replace(
            A_PARTNER, state=LinkState.STOPPED, trouble="the guard refused", blocked=("by A-1",)
        )
    ]
    assert node.health.gather().problems == (
        "partner USA-PAC: the guard refused",
        "partner USA-PAC: by A-1",
    )


def test_what_was_useful_while_the_clock_was_ahead_counts_as_useful_when_it_was_set_back(
    node: Node,
) -> None:
    node.heard = [replace(KIWI, last_useful=START + timedelta(hours=2))]
    node.health.sample()
    node.heard = []
    node.health.set_back(START)
    (source,) = node.health.gather().sources
    assert source.last_useful == START
