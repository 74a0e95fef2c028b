from accord.release.compile import compile_condition
from accord.release.counterexample import PLAIN, can_be, plain, remarkable
from accord.release.facts import Facts, kind_facts
from support.agreements import RECEIVER, facts, language

CEDAR = language()


def _plain(found: Facts, text: str) -> Facts:
    return plain(found, compile_condition(CEDAR.condition(text), RECEIVER))


def test_the_plain_report_can_be() -> None:
    kind, domain, affiliation, words = kind_facts(PLAIN.kind)
    assert (PLAIN.domain, PLAIN.affiliation, PLAIN.words) == (domain, affiliation, words)
    assert PLAIN.kind == kind
    assert can_be(PLAIN)
    assert remarkable(PLAIN) == set()


def test_everything_that_does_not_matter_becomes_plain() -> None:
    odd = facts(
        "a--U",
        marked=False,
        policy="something else (3)",
        groups=frozenset({"Blue", "Red"}),
        inside=frozenset({"X"}),
        touches=frozenset({"X", "Y"}),
        hops=7,
        third_party=True,
        observed=-5,
        now=1000,
        received=3,
    )
    found = _plain(odd, '!resource.marked && resource.groups.contains("Red")')
    assert found == PLAIN._replace(
        marked=False, groups=frozenset({"Red"}), now=1000, observed=1000, received=1000
    )
    assert remarkable(found) == {"marked", "groups", "now"}


def test_what_matters_stays() -> None:
    passed_on = facts("a--U", hops=3, third_party=True)
    found = _plain(passed_on, 'resource.domain == "subsurface" && resource.hops > 1')
    assert (found.kind, found.domain) == ("a-f-U-S", "subsurface")
    assert (found.hops, found.third_party) == (3, True)


def test_a_kind_that_is_like_no_usual_one_stays() -> None:
    assert _plain(facts("x-y"), 'resource.kind == "x-y"').kind == "x-y"


def test_what_cannot_be_is_not_said_to_be() -> None:
    emergency = facts(what="alarm", emergency=True, inside=frozenset("A"), touches=frozenset("A"))
    found = _plain(emergency, 'resource.emergency && resource.inside.contains("A")')
    assert found.what == "alarm"
    assert found.touches == {"A"}
    assert not can_be(emergency._replace(what="track"))
    assert not can_be(emergency._replace(touches=frozenset()))
    assert not can_be(PLAIN._replace(hops=1))
    assert not can_be(PLAIN._replace(own_sensor=True, third_party=True))


def test_what_cannot_be_at_all_is_left_as_it_is() -> None:
    impossible = facts(hops=2, own_sensor=True)
    assert _plain(impossible, "resource.own_sensor && resource.hops == 2") == impossible


def test_the_age_matters_when_it_does() -> None:
    late = facts(now=10_000, observed=4_000, received=4_000)
    found = _plain(late, 'context.now.durationSince(resource.observed) > duration("5s")')
    assert (found.observed, found.received) == (4_000, 10_000)
    assert "observed" in remarkable(found)
