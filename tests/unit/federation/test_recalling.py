import pytest

from accord.federation.given import Given, Had
from accord.federation.recalling import is_meant, recalls_of
from accord.federation.version import ObjectKey
from accord.wire.peer.record import Recall, RecallOf
from accord.wire.peer.report import Grant
from support.coalition import Network

KEY, OWN = ObjectKey("NZL", "live", "P-1"), ObjectKey("NZL", "live", "own")
HAD = Had(OWN, Grant(b"agreemen", "2", "exact"), durable=False)


def recall(of: RecallOf, **changes: str | bytes) -> Recall:
    said = {"agreement": b"agreemen", "clause": "2", "reason": "x", **changes}
    return Recall(of=of, at=1, **said)  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        (recall(RecallOf.OBJECT, origin="NZL", context="live", uid="P-1"), True),
        (recall(RecallOf.OBJECT, origin="NZL", context="live", uid="own"), False),
        (recall(RecallOf.CLAUSE), True),
        (recall(RecallOf.CLAUSE, clause="3"), False),
        (recall(RecallOf.AGREEMENT, clause=""), True),
        (recall(RecallOf.AGREEMENT, clause="", agreement=bytes(8)), False),
    ],
)
def test_a_recall_means_what_left_by_it(said: Recall, meant: bool) -> None:
    assert is_meant(said, KEY, HAD) is meant


def test_an_object_is_called_back_under_each_name_that_the_partner_knows() -> None:
    given = Given(limit=9)
    given.sent(KEY, HAD)
    given.sent(KEY._replace(uid="P-2"), HAD._replace(grant=Grant(b"agreemen", "3", "coarse")))
    given.sent(KEY._replace(uid="P-3"), HAD._replace(own=KEY))
    now = Network().node("NZL-A").now
    found = recalls_of(given, OWN, "why", now)
    assert [(each.uid, each.clause, each.reason) for each in found] == [
        ("P-1", "2", "why"),
        ("P-2", "3", "why"),
    ]
