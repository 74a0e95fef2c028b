import pytest

from accord.core.body import Alarm, Message
from accord.core.geometry import Point
from accord.core.identity import Identity
from accord.core.kind import Kind
from accord.desks.watch.rules.seen import Matches, seen_in
from accord.desks.watch.rules.text import read
from support.builders import a_report
from support.rules import a_ship

(RULE,) = read("rule r\nof a-.-S\nwhen calls", file="x")


def test_a_track_is_called_by_the_best_name_it_has() -> None:
    for identity, name in (
        (Identity(callsign="ZMAB", name="ARAHURA"), "ARAHURA"),
        (Identity(callsign="KIWI"), "KIWI"),
        (Identity(), "U1"),
    ):
        found = seen_in("U1", a_ship("U1", 0.0, 0.0, identity=identity))
        assert found is not None
        assert found.name == name


def test_what_has_no_place_is_not_seen() -> None:
    assert seen_in("U1", a_report(body=Alarm(category="911"))) is None
    assert seen_in("U1", a_report(body=Message(text="x", sender="y", room="z"))) is None


def test_a_call_says_for_what() -> None:
    body = Alarm(category="911", point=Point(lat=0.0, lon=0.0))
    found = seen_in("U1", a_report(body=body))
    assert found is not None
    assert (found.calls, found.speed) == ("911", None)


def test_kinds_are_remembered_within_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Matches, "LIMIT", 10)
    matches = Matches(RULE)
    for number in range(matches.LIMIT + 1):
        assert matches(a_report(kind=Kind.of(f"a-n-S-{number}")))
    assert not matches(a_report(kind=Kind.of("a-n-A")))
    assert len(matches._known) <= 2
