from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from accord.core.context import LIVE, Context, ContextKind
from accord.core.mission import (
    ChangeType,
    Invitation,
    InviteeKind,
    Item,
    ItemKind,
    LogEntry,
    Mission,
    MissionRole,
    Subscription,
)
from accord.storage.missions import MissionSettings, MissionStore
from accord.storage.tak_file import Full, TakFile
from support.clock import START

ALWAYS = START - timedelta(days=1), START + timedelta(days=1)
MISSION = Mission(
    guid="g1", name="Search ā", creator="kiwi", creator_uid="U1", made=START, edited=START,
    groups=frozenset({"Blue", "a, b"}), keywords=("sea",), about={"description": "x"},
    password="kept", default_role=MissionRole.READ_ONLY, invite_only=True, expires=77,
    parent="g0", group_roles={"a, b": MissionRole.OWNER},
)  # fmt: skip
BUOY = Item(
    kind=ItemKind.UID, name="BUOY", at=START, creator_uid="U1", keywords=("k",),
    details={"type": "b-m-p-s-m", "location": {"lat": 1.5, "lon": 2.0}},
    context=Context(ContextKind.EXERCISE, "TASMAN"), event=b"<event/>", time=5.0,
)  # fmt: skip
FILE = Item(kind=ItemKind.HASH, name="ab", at=START, creator_uid="U2", details={"hash": "ab"})


@pytest.fixture
def store(tmp_path: Path) -> MissionStore:
    file = TakFile(tmp_path / "tak.sqlite")
    file.prepare()
    limits = MissionSettings(max_missions=2, max_items=3, max_bytes=100, max_changes=4, max_log=1)
    return MissionStore(file, limits)


def test_a_mission_is_read_as_it_was_kept(store: MissionStore) -> None:
    change = store.create(MISSION)
    assert (change.type, change.at, change.creator_uid) == (ChangeType.CREATE_MISSION, START, "U1")
    member = Subscription(id="s", client_uid="U2", person="moa", role=MissionRole.OWNER, at=START)
    guest = Invitation(
        id="i", kind=InviteeKind.TEAM, invitee="Cyan", role=MissionRole.SUBSCRIBER,
        creator_uid="U1", at=START,
    )  # fmt: skip
    store.subscribe("g1", member)
    store.invite("g1", guest)
    whole = replace(MISSION, subscriptions=(member,), invitations=(guest,))
    assert store.one("g1") == whole
    assert store.all() == [whole]
    store.subscribe("g1", replace(member, id="s2", role=MissionRole.READ_ONLY))
    store.uninvite("g1", InviteeKind.TEAM, "Cyan")
    found = store.one("g1")
    assert found is not None
    assert [(e.id, e.role) for e in found.subscriptions] == [("s2", MissionRole.READ_ONLY)]
    assert found.invitations == ()
    store.unsubscribe("g1", "U2")
    store.update(replace(MISSION, name="Other", invite_only=False))
    assert store.one("g1") == replace(MISSION, name="Other", invite_only=False)


def test_two_missions_may_have_one_name(store: MissionStore) -> None:
    store.create(MISSION)
    other = replace(MISSION, guid="g2", name="SEARCH Ā", groups=frozenset({"Green"}))
    store.create(other)
    assert store.all() == [MISSION, other]
    store.delete("g1", START)
    store.delete("g2", START)
    assert store.deleted()["search ā"] == MISSION.groups | other.groups


def test_what_was_in_a_mission_goes_with_it_and_its_name_is_remembered(store: MissionStore) -> None:
    store.create(MISSION)
    store.put("g1", [BUOY, FILE])
    assert store.hashes() == [("ab", "g1")]
    store.delete("g1", START)
    assert store.one("g1") is None
    assert store.deleted() == {"g1": MISSION.groups, "search ā": MISSION.groups}
    assert (store.items("g1"), store.changes("g1", *ALWAYS), store.hashes()) == ([], [], [])
    store.create(replace(MISSION, guid="g2"))
    store.create(replace(MISSION, guid="g3", name="Third"))
    with pytest.raises(Full, match="2 missions"):
        store.create(replace(MISSION, guid="g4", name="Fourth"))


def test_items_come_back_in_order_as_they_are_kept_and_their_cot_apart(
    store: MissionStore,
) -> None:
    store.create(MISSION)
    added = store.put("g1", [BUOY, FILE])
    assert [(each.type, each.item) for each in added] == [
        (ChangeType.ADD_CONTENT, BUOY), (ChangeType.ADD_CONTENT, FILE),
    ]  # fmt: skip
    at = START.timestamp()
    place = '{"type": "b-m-p-s-m", "location": {"lat": 1.5, "lon": 2.0}}'
    assert store.items("g1") == [
        ("uid", "BUOY", at, "U1", '["k"]', place, "exercise:TASMAN"),
        ("hash", "ab", at, "U2", "[]", '{"hash": "ab"}', "live"),
    ]
    assert store.events("g1") == [("BUOY", "exercise:TASMAN", b"<event/>")]
    assert store.item("g1", ItemKind.UID, "BUOY") == replace(BUOY, event=b"")
    assert store.item("g1", ItemKind.HASH, "ab") == FILE
    made, buoy, file = store.changes("g1", *ALWAYS)
    assert made == (at, "CREATE_MISSION", "U1", "", "", "{}", "live")
    assert buoy == (at, "ADD_CONTENT", "U1", "uid", "BUOY", place, "exercise:TASMAN")
    assert (file.kind, file.name, file.context) == ("hash", "ab", "live")


def test_of_a_thing_what_is_newer_is_kept_and_its_first_coming_is_the_change(
    store: MissionStore,
) -> None:
    store.create(MISSION)
    store.put("g1", [BUOY])
    assert store.put("g1", [replace(BUOY, time=4.0, event=b"old")]) == []
    assert store.put("g1", [replace(BUOY, time=6.0, event=b"new", details={"type": "x"})]) == []
    assert store.put("g1", [replace(BUOY, time=5.5, event=b"between")]) == []
    assert store.put("g1", [replace(BUOY, time=0.0, event=b"")]) == []
    assert [each.event for each in store.events("g1")] == [b"new"]
    found = store.item("g1", ItemKind.UID, "BUOY")
    assert found is not None
    assert (found.time, found.details) == (6.0, {"type": "x"})
    assert store.set_keywords("g1", ItemKind.UID, "BUOY", ["z"])
    assert not store.set_keywords("g1", ItemKind.UID, "NONE", ["z"])
    assert store.items("g1")[0].keywords == '["z"]'


def test_limits_are_of_items_bytes_and_changes(store: MissionStore) -> None:
    store.create(MISSION)
    many = [replace(FILE, name=str(number)) for number in range(4)]
    with pytest.raises(Full, match="3 items"):
        store.put("g1", many)
    with pytest.raises(Full, match="100 bytes"):
        store.put("g1", [replace(BUOY, event=b"x" * 101)])
    assert store.items("g1") == []
    store.put("g1", many[:3])
    assert len(store.remove("g1", [(ItemKind.HASH, "0"), (ItemKind.HASH, "none")], "U", START)) == 1
    store.put("g1", [many[3]])
    told = store.changes("g1", *ALWAYS)
    assert [each.name for each in told if each.kind] == ["1", "2", "0", "3"]


def test_a_log_is_written_changed_and_struck(store: MissionStore) -> None:
    store.create(MISSION)
    store.create(replace(MISSION, guid="g2", name="Second"))
    entry = LogEntry(
        id="e", author="kiwi", creator_uid="U", content="ā", happened="then", created=START,
        changed=START, keywords=("k",), hashes=("h",),
    )  # fmt: skip
    store.write(["g1", "g2"], entry)
    assert store.log("g1", *ALWAYS) == [entry]
    assert store.log("g1", START + timedelta(seconds=1), ALWAYS[1]) == []
    assert store.entry("e") == (entry, ["g1", "g2"])
    store.write(["g1"], replace(entry, content="new"))
    assert store.log("g2", *ALWAYS) == []
    with pytest.raises(Full):
        store.write(["g2", "g1"], replace(entry, id="other"))
    assert store.entry("other") is None
    store.strike("e")
    assert store.entry("e") is None


def test_items_are_counted_by_mission_and_context_of_those_that_are_asked_for(
    store: MissionStore,
) -> None:
    for guid in ("g1", "g2"):
        store.create(replace(MISSION, guid=guid, name=guid))
        store.put(guid, [BUOY, FILE, replace(FILE, name="cd")])
    tasman = Context(ContextKind.EXERCISE, "TASMAN")
    assert sorted(store.counts(["g1", "none"]), key=str) == [
        ("g1", tasman, 1), ("g1", LIVE, 2),
    ]  # fmt: skip
    assert store.counts([]) == []
