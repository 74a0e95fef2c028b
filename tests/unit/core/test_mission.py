"""Roles and permissions by TAK Server's names, and what each role may do."""

from dataclasses import replace
from datetime import timedelta

from accord.core.mission import (
    ChangeType,
    ItemKind,
    Mission,
    MissionRole,
    Permission,
    Subscription,
    key_of,
)
from accord.core.principal import Direction, Principal
from support.clock import START

MISSION = Mission(
    guid="g", name="Search", creator="kiwi", creator_uid="U", groups=frozenset({"Blue"}),
    made=START, edited=START,
)  # fmt: skip


def member(uid: str, person: str, role: MissionRole) -> Subscription:
    return Subscription(id=uid, client_uid=uid, person=person, role=role, at=START)


def who(name: str, **groups: Direction) -> Principal:
    return Principal(name=name, groups=groups)


def test_each_role_may_do_what_tak_server_lets_it() -> None:
    assert MissionRole.READ_ONLY.permissions == (Permission.READ,)
    assert MissionRole.SUBSCRIBER.permissions == (Permission.READ, Permission.WRITE)
    assert set(MissionRole.OWNER.permissions) == set(Permission)
    assert {each.value for each in Permission} == {
        "MISSION_READ", "MISSION_WRITE", "MISSION_DELETE", "MISSION_SET_ROLE",
        "MISSION_SET_PASSWORD", "MISSION_UPDATE_GROUPS", "MISSION_MANAGE_FEEDS",
        "MISSION_MANAGE_LAYERS",
    }  # fmt: skip


def test_a_person_is_the_most_of_what_his_clients_are() -> None:
    mission = replace(
        MISSION,
        subscriptions=(
            member("a", "moa", MissionRole.READ_ONLY),
            member("b", "moa", MissionRole.OWNER),
            member("c", "kea", MissionRole.SUBSCRIBER),
        ),
    )
    assert mission.subscribed_role(who("moa")) is MissionRole.OWNER
    assert mission.subscribed_role(who("kea")) is MissionRole.SUBSCRIBER
    assert mission.subscribed_role(who("tui")) is None


def test_a_group_has_a_default_role_of_its_own_and_the_most_of_them_counts() -> None:
    mission = replace(
        MISSION,
        groups=frozenset({"Blue", "Red", "Green"}),
        default_role=MissionRole.READ_ONLY,
        group_roles={"Blue": MissionRole.SUBSCRIBER, "Red": MissionRole.OWNER},
    )
    both = Direction.BOTH
    assert mission.role_for(who("a", Green=both)) is MissionRole.READ_ONLY
    assert mission.role_for(who("a", Blue=both)) is MissionRole.SUBSCRIBER
    assert mission.role_for(who("a", Green=both, Blue=both)) is MissionRole.SUBSCRIBER
    assert mission.role_for(who("a", Blue=both, Red=both)) is MissionRole.OWNER
    # Nobody has a group's own role by only hearing it.
    assert mission.role_for(who("a", Red=Direction.OUT)) is MissionRole.READ_ONLY
    assert mission.role_for(who("a", Red=Direction.OUT, Blue=both)) is MissionRole.SUBSCRIBER
    assert mission.role_for(who("a", Red=Direction.IN, Green=both)) is MissionRole.READ_ONLY
    assert replace(mission, default_role=MissionRole.OWNER).role_for(who("a")) is MissionRole.OWNER
    lower = replace(MISSION, group_roles={"Blue": MissionRole.READ_ONLY})
    assert lower.role_for(who("a", Blue=both)) is MissionRole.READ_ONLY


def test_only_map_layers_and_external_data_are_all_that_is_said_of_them() -> None:
    assert {each for each in ItemKind if each.is_described} == {
        ItemKind.MAP_LAYER, ItemKind.EXTERNAL,
    }  # fmt: skip


def test_a_mission_that_nobody_owns_is_left_to_who_made_it() -> None:
    assert MISSION.is_left_to(who("kiwi"))
    assert not MISSION.is_left_to(who("moa"))
    owned = replace(MISSION, subscriptions=(member("a", "moa", MissionRole.OWNER),))
    assert not owned.is_left_to(who("kiwi"))


def test_a_mission_is_seen_by_who_hears_a_group_of_it() -> None:
    assert MISSION.is_seen_by(who("moa", Blue=Direction.OUT))
    assert not MISSION.is_seen_by(who("moa", Blue=Direction.IN))
    assert not MISSION.is_seen_by(who("moa", Red=Direction.BOTH))
    assert not replace(MISSION, groups=frozenset()).is_seen_by(who("moa", Blue=Direction.BOTH))


def test_a_mission_is_open_without_password_and_list_of_guests() -> None:
    assert MISSION.is_open
    assert not replace(MISSION, password="kept").is_open
    assert not replace(MISSION, invite_only=True).is_open
    assert "kept" not in repr(replace(MISSION, password="kept"))


def test_a_mission_ends_at_its_time_and_most_never() -> None:
    ends = replace(MISSION, expires=int(START.timestamp()) + 60)
    assert not MISSION.has_ended(START + timedelta(days=9999))
    assert not ends.has_ended(START)
    assert ends.has_ended(START + timedelta(seconds=60))


def test_names_are_compared_without_case_and_outer_blanks() -> None:
    assert key_of(" Straße ") == key_of("STRASSE")


def test_a_data_feed_that_comes_or_goes_is_a_change_of_its_own() -> None:
    """As TAK Server's are (5.7, public source: MissionChangeType)."""
    others = set(ItemKind) - {ItemKind.FEED}
    assert {each.put_in for each in others} == {ChangeType.ADD_CONTENT}
    assert {each.taken_out for each in others} == {ChangeType.REMOVE_CONTENT}
    assert ItemKind.FEED.put_in is ChangeType.CREATE_DATA_FEED
    assert ItemKind.FEED.taken_out is ChangeType.DELETE_DATA_FEED
