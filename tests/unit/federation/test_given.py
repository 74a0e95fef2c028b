from accord.federation.given import Given, Had
from accord.federation.version import ObjectKey, id_of
from accord.wire.peer.protocol import Version
from support.peer import A_GRANT

OWN, KEY = ObjectKey("NZL", "live", "own"), ObjectKey("NZL", "live", "P-1")
HAD = Had(OWN, A_GRANT, durable=False)


def test_a_partner_has_what_it_acknowledged_and_all_before() -> None:
    given = Given(limit=5)
    given.sent(KEY, HAD)
    assert given.of_own(OWN)
    assert not given.has(KEY, Version(1, 5))
    given.arrived(KEY, Version(1, 5))
    given.arrived(KEY, Version(1, 4))
    assert given.has(KEY, Version(1, 5))
    assert not given.has(KEY, Version(1, 6))
    given.sent(KEY, HAD)
    assert given.version(KEY) == Version(1, 5)
    assert given.of(OWN) == ((KEY, HAD._replace(version=Version(1, 5))),)


def test_how_many_objects_are_remembered_has_a_limit() -> None:
    given = Given(limit=2)
    for n in range(4):
        given.sent(KEY._replace(uid=str(n)), HAD._replace(own=OWN._replace(uid=str(n))))
    assert len(given) == 2
    assert not given.of_own(OWN._replace(uid="0"))


def test_comparing_teaches_what_the_partner_has_and_has_no_more() -> None:
    given = Given(limit=5)
    given.sent(KEY, HAD)
    given.arrived(KEY, Version(1, 5))
    other = KEY._replace(uid="other")
    assert given.entries(durable=True) == []
    assert given.entries(durable=False) == [(5, id_of(KEY, Version(1, 5)))]
    lost = given.compared([id_of(other, Version(1, 9))], {id_of(KEY, Version(1, 5))})
    assert [had.own for had in lost] == [OWN]
    assert given.has(other, Version(1, 9))
    assert not given.has(KEY, Version(1, 5))


def test_what_is_called_back_is_not_there_any_more() -> None:
    given = Given(limit=5)
    given.sent(KEY, HAD)
    given.forget(lambda key, _: key == KEY)
    assert given.all() == ()
    given.restore([(KEY, HAD)])
    assert given.of_own(OWN)


def test_where_it_is_in_doubt_nothing_counts_as_there_and_all_can_be_called_back() -> None:
    given = Given(limit=5)
    given.sent(KEY, HAD)
    given.arrived(KEY, Version(1, 5))
    given.compared([id_of(KEY, Version(1, 4))], set())
    assert given.in_doubt() == (OWN,)
    assert not given.has(KEY, Version(1, 4))
    assert given.of(OWN) == ((KEY, HAD),)
