import pytest

from accord.core.identity import UNKNOWN_IDENTITY, Identity

FERRY = Identity(mmsi="512000001", imo="9000001", callsign="ZMAA", name="KAITAKI")


@pytest.mark.parametrize(
    "other",
    [
        Identity(mmsi="512000001"),
        Identity(imo="9000001", name="ANOTHER NAME"),
        Identity(mmsi="512000001", imo="9000001", icao="c81234"),
    ],
)
def test_one_shared_registered_number_and_none_that_differs_settle_it(other: Identity) -> None:
    assert FERRY.settles(other)
    assert other.settles(FERRY)


@pytest.mark.parametrize(
    "other",
    [
        Identity(mmsi="512000002"),
        Identity(mmsi="512000001", imo="9000002"),
        Identity(mmsi="512000002", imo="9000001"),
    ],
)
def test_a_number_that_differs_settles_nothing(other: Identity) -> None:
    assert not FERRY.settles(other)
    assert not other.settles(FERRY)


def test_an_aircraft_is_settled_by_its_icao_address() -> None:
    assert Identity(icao="c81234").settles(Identity(icao="c81234", callsign="ANZ1"))


@pytest.mark.parametrize(
    "other",
    [Identity(callsign="ZMAA", name="KAITAKI"), Identity(icao="c81234"), UNKNOWN_IDENTITY],
)
def test_names_and_numbers_of_another_register_never_settle_it(other: Identity) -> None:
    assert not FERRY.settles(other)


def test_two_objects_that_say_nothing_are_not_the_same() -> None:
    assert not UNKNOWN_IDENTITY.settles(UNKNOWN_IDENTITY)
