from accord.wire.errors import Malformed, WireError
from accord.wire.peer.errors import Forged, NotDeterministic, Replayed, UnknownType


def test_every_refusal_is_counted_under_words_of_its_own() -> None:
    kinds = (Forged, NotDeterministic, Replayed, UnknownType, Malformed, WireError)
    assert len({kind.reason for kind in kinds}) == len(kinds)
    assert all(issubclass(kind, WireError) for kind in kinds)
