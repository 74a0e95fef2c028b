"""Whose device a uid is, and for how long."""

from collections import Counter
from datetime import UTC, datetime, timedelta

from accord.core.principal import Device, Direction, Principal
from accord.live.devices import Devices

AT = datetime(2026, 1, 2, tzinfo=UTC)
WEEK = timedelta(days=7)


def person(name: str, *groups: str, credential: str = "c") -> Principal:
    return Principal(
        name=name,
        groups=dict.fromkeys(groups or ("Blue",), Direction.BOTH),
        credential=credential,
    )


def devices(each: int = 16, limit: int = 100) -> tuple[Devices, Counter[str]]:
    counts: Counter[str] = Counter()
    return Devices(each=each, kept=WEEK, counts=counts, limit=limit), counts


def test_who_says_a_uid_first_has_it_until_he_was_silent_for_so_long() -> None:
    made, counts = devices()
    bob, erin = person("bob"), person("erin")
    made.note("U", bob, AT)
    made.note("U", erin, AT + WEEK - timedelta(seconds=1))
    assert made.person("U") == "bob"
    assert counts == {"uids that are another's device": 1}
    made.note("U", erin, AT + WEEK)
    assert made.person("U") == "erin"


def test_the_devices_of_who_was_revoked_are_anybodys() -> None:
    made, _ = devices()
    made.note("U", person("bob"), AT)
    made.is_member = lambda name: name != "bob"
    assert not made.is_anothers("U", person("erin"), AT)
    made.note("U", person("erin"), AT)
    assert made.person("U") == "erin"
    assert made.is_anothers("U", person("bob"), AT)


def test_it_is_anothers_for_who_shares_a_group_with_him_alone() -> None:
    made, _ = devices()
    bob = person("bob")
    made.note("U", bob, AT)
    assert made.is_anothers("U", person("erin"), AT)
    assert not made.is_anothers("U", person("carol", "Red"), AT)
    assert not made.is_anothers("U", bob, AT)
    assert not made.is_anothers("U", person("erin"), AT + WEEK)
    assert not made.is_anothers("V", person("erin"), AT)
    made.note("U", person("bob", "Red"), AT)  # he has switched Blue off
    assert made.is_anothers("U", person("erin"), AT)


def test_who_has_no_certificate_has_no_device() -> None:
    made, _ = devices()
    made.note("U", person("mesh", credential=""), AT)
    assert (made.of("U"), made.person("U")) == (None, "")


def test_so_many_of_one_person_and_of_all_are_remembered() -> None:
    made, counts = devices(each=2, limit=3)
    for uid in ("A", "B", "C"):
        made.note(uid, person("bob"), AT)
    assert [made.person(uid) for uid in "ABC"] == ["bob", "bob", ""]
    made.note("A", person("bob"), AT)  # B was used longest ago
    made.note("D", person("erin"), AT)
    made.note("E", person("erin"), AT)
    assert [made.person(uid) for uid in "ABDE"] == ["bob", "", "erin", "erin"]
    assert counts == {
        "devices of one person not remembered": 1,
        "devices forgotten for want of room": 1,
    }


def test_what_is_noted_is_told_and_can_be_known_again() -> None:
    made, _ = devices()
    told: list[Device] = []
    made.noted = told.append
    made.note("U", person("bob"), AT)
    assert told == [Device(uid="U", person="bob", groups=frozenset({"Blue"}), used=AT)]
    later, _ = devices()
    later.restore(told)
    assert later.is_anothers("U", person("erin"), AT)


def test_a_device_that_lapsed_is_nobodys_when_another_says_its_uid_who_can_have_none() -> None:
    made, _ = devices()
    made.note("U", person("bob"), AT)
    mesh = person("mesh", credential="")
    made.note("U", mesh, AT + timedelta(days=1))
    assert made.person("U") == "bob"
    made.note("U", mesh, AT + WEEK)
    assert made.person("U") == ""
