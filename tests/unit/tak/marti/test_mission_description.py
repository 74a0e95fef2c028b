"""What a mission was elsewhere, it is here: no more is seen or written than it says."""

import json
from datetime import UTC, datetime

import pytest

from accord.core.mission import NEVER, MissionRole
from accord.core.principal import Direction, Principal
from accord.tak.marti.mission_description import (
    Description,
    of_answer,
    of_manifest,
    read_description,
)
from accord.tak.marti.mission_package import Archived, BadPackage
from support.elsewhere import PARAMETERS, opentakserver_mission

KIWI = Principal(name="kiwi", groups={"Blue": Direction.BOTH, "Fire": Direction.OUT})
NOW = datetime(2026, 5, 1, tzinfo=UTC)


def archived(
    groups: tuple[str, ...] = ("Blue",), role: str = "MISSION_OWNER", **more: str
) -> Archived:
    said = {name: value for name, value in {**PARAMETERS, **more}.items() if value}
    return Archived(said, groups, role)


def test_the_manifest_of_tak_server_says_what_its_mission_was() -> None:
    assert of_manifest(archived(groups=("Blue", "Fire"))) == Description(
        name="Harbour watch",
        about={"description": "Boats & buoys", "tool": "public", "chatRoom": "Harbour"},
        groups=frozenset({"Blue", "Fire"}),
        role=MissionRole.OWNER,
    )
    more = of_manifest(
        archived(password_hash="$2a$10$x", expiration="1777629600", invite_only="true")
    )
    assert (more.has_password, more.invite_only, more.expires) == (True, True, 1777629600)
    odd = of_manifest(archived(expiration="soon", role=""))
    assert (odd.expires, odd.role) == (NEVER, None)


def test_the_answer_of_opentakserver_says_the_same_in_its_own_way() -> None:
    assert of_answer(opentakserver_mission(passwordProtected=True)) == Description(
        name="Harbour watch",
        keywords=("sea", "2026"),
        about={"description": "Boats & buoys", "tool": "public"},
        groups=frozenset({"Blue", "Fire"}),
        role=MissionRole.READ_ONLY,
        has_password=True,
    )
    assert of_answer({"name": "x", "defaultRole": "", "groups": None, "expiration": None}) == (
        Description(name="x")
    )


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"groups": "Blue"}, "groups is a list|groups is a text"),
        ({"groups": [{"id": 5}]}, "groups is a text"),
        ({"defaultRole": {"type": "MISSION_KING"}}, "defaultRole is one of"),
        ({"defaultRole": 7}, "defaultRole is one of"),
        ({"name": 7}, "name is a text"),
        ({"tool": {"a": 1}}, "tool is a text"),
    ],
)
def test_what_cannot_be_is_refused(said: dict[str, object], why: str) -> None:
    with pytest.raises(BadPackage, match=why):
        of_answer(said)
    with pytest.raises(BadPackage, match=why):
        read_description(json.dumps(said).encode())


def test_a_role_that_there_is_not_in_a_manifest_is_not_guessed() -> None:
    with pytest.raises(BadPackage, match="the manifest: defaultRole is one of"):
        of_manifest(archived(role="MISSION_KING"))


def test_it_is_seen_by_no_group_that_did_not_see_it() -> None:
    assert Description(groups=frozenset({"Blue", "Fire"})).groups_for(KIWI) == {"Blue"}
    assert Description().groups_for(KIWI) == {"Blue"}
    with pytest.raises(BadPackage, match="it was seen by Fire, and kiwi speaks in none"):
        Description(groups=frozenset({"Fire"})).groups_for(KIWI)


def test_an_end_that_is_over_is_none() -> None:
    soon = int(NOW.timestamp()) + 60
    assert Description(expires=soon).expires_after(NOW) == soon
    assert Description(expires=soon - 60).expires_after(NOW) == NEVER
