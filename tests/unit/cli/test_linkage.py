import json
from collections.abc import Generator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from accord.cli.linkage import Linkage, linkage
from accord.cli.main import main
from accord.cli.partner import _links_of
from accord.core.clock import SystemClock
from accord.observe.partner_health import AgreementStatus, LinkState, PartnerStatus
from accord.security import identity
from accord.security.identity import FederationSettings
from accord.storage.partners import PARTNERS, Partners
from support.clock import START
from support.fake_node import FakeNode, a_node_directory
from support.health import A_PARTNER, a_status
from support.partners import USA, partner_of
from support.tls import TestAuthority

WHY = "USA-X has not activated A-1 serial 3, so nothing flows by it"
WAITS = "waiting for ours: USA-X has activated B-2 serial 1, and this node has not"
OURS = AgreementStatus(
    id="A-1", serial=3, gives=True, takes=False, here=True, there="not activated", why=WHY
)
THEIRS = AgreementStatus(
    id="B-2", serial=1, gives=False, takes=True, here=False, there="activated", why=WAITS
)
BOTH = AgreementStatus(id="C-3", serial=1, gives=True, takes=True, here=True, there="activated")
PARTNER = replace(A_PARTNER, node=USA, agreements=(OURS, THEIRS, BOTH), unverified={"AUS-X": 7})


def a_node(tmp_path: Path) -> TestAuthority:
    """The directory of a node that has USA-X as a partner."""
    authority = a_node_directory(tmp_path / "nzl")
    identity.prepare(
        authority.directory, FederationSettings().name_of("NZL-X"), FederationSettings(),
        SystemClock().now(),
    )  # fmt: skip
    register = Partners(authority.directory / PARTNERS)
    register.prepare()
    register.add(partner_of(USA), SystemClock().now())
    return authority


def linkage_of(tmp_path: Path, partner: PartnerStatus) -> Linkage:
    """What a running node says whose partner stands like that."""
    authority = a_node(tmp_path)
    with FakeNode(authority, a_status(partners=(partner,))).running():
        links = linkage(authority.directory)
    assert links is not None
    return links


@pytest.fixture
def directory(tmp_path: Path) -> Generator[Path]:
    """That of a node that runs, and has these agreements with USA-X."""
    authority = a_node(tmp_path)
    with FakeNode(authority, a_status(partners=(PARTNER,))).running():
        yield authority.directory


def said(capsys: pytest.CaptureFixture[str], *arguments: object) -> str:
    assert main([*map(str, arguments)]) == 0
    return capsys.readouterr().out


def test_a_running_node_says_how_agreements_stand_and_who_is_passed_on_in_vain(
    directory: Path,
) -> None:
    links = linkage(directory)
    assert links is not None
    assert links.states == {USA: "up"}
    assert [each.sentence for each in links.of(USA)] == [
        WHY, WAITS, "C-3 serial 1 at USA-X: activated",
    ]  # fmt: skip
    assert links.of("AUS-X") == ()
    assert links.strange == {USA: ("AUS-X",)}


def test_a_node_that_does_not_run_says_nothing(tmp_path: Path) -> None:
    assert linkage(tmp_path) is None


def test_the_list_of_partners_says_what_the_other_side_has_not_activated(
    directory: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = said(capsys, "partner", "list", directory)
    assert f"\n  link up\n  {WHY}\n  {WAITS}\n  C-3 serial 1 at USA-X: activated\n" in out
    (told,) = json.loads(said(capsys, "partner", "list", directory, "--json"))
    assert (told["link"], told["agreements"][:2]) == ("up", [WHY, WAITS])
    shown = said(capsys, "partner", "show", directory, USA)
    assert f"agreements            {WHY}, {WAITS}, " in shown


def test_the_list_of_agreements_says_what_waits_for_ours(
    directory: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = said(capsys, "agreement", "list", directory)
    assert out.startswith(f"{WAITS}\n")
    assert "no agreement is activated here" in out


def test_an_agreement_that_has_ended_is_said_to_have(tmp_path: Path) -> None:
    status = a_status()
    ended = replace(BOTH, until=status.at, since=status.at - timedelta(days=9))
    flows = replace(ended, id="D-4", until=status.at + timedelta(seconds=1))
    links = linkage_of(tmp_path, replace(PARTNER, agreements=(ended, flows)))
    assert [each.sentence for each in links.of(USA)] == [
        f"C-3 serial 1 ended at {status.at:%Y-%m-%d %H:%MZ}: nothing flows by it",
        "D-4 serial 1 at USA-X: activated",
    ]


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"since": START, "ended": "the partner stops"},
         "link down since 2026-01-02 03:04:05Z: the partner stops"),
        ({"since": START}, "link down since 2026-01-02 03:04:05Z"),
        ({"since": None}, "link down"),
    ],
)  # fmt: skip
def test_a_link_that_is_down_says_since_when_and_why(
    tmp_path: Path, changes: dict[str, Any], line: str
) -> None:
    partner = replace(PARTNER, state=LinkState.DOWN, **changes)
    assert next(_links_of(USA, linkage_of(tmp_path, partner))) == line


def test_a_partner_that_is_refused_is_said_to_be_whatever_is_activated(
    directory: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said(capsys, "partner", "deny", directory, USA)
    out = said(capsys, "partner", "list", directory)
    assert f"\n  refused here, so nothing flows: accord partner allow {directory} {USA}\n" in out
    assert "link" not in out
    assert "activated" not in out


def test_a_partner_without_an_agreement_is_said_to_get_nothing() -> None:
    links = Linkage(states={USA: "down"}, agreements=(), strange={})
    assert list(_links_of(USA, links)) == [
        "link down", "no agreement with it is activated here: nothing flows",
    ]  # fmt: skip
