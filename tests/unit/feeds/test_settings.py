import pytest

from accord.core.context import LIVE, Context
from accord.feeds.settings import (
    FeedSettings,
    Format,
    Transport,
    check_url,
    place_of,
    sites,
    split_address,
)


def settings(**changes: object) -> FeedSettings:
    values = {
        "format": Format.AIS,
        "transport": Transport.TCP,
        "address": "192.0.2.1:10110",
        "groups": ("Watch",),
        **changes,
    }
    return FeedSettings(**values)  # type: ignore[arg-type]  # values are a test's


def test_a_feed_is_live_unless_an_exercise_is_named() -> None:
    assert settings().context == LIVE
    assert settings(exercise="DEMO").context == Context.exercise("DEMO")


def test_a_feed_without_groups_is_refused() -> None:
    with pytest.raises(ValueError, match="name at least one"):
        settings(groups=())


@pytest.mark.parametrize("address", ["10110", "host:", ":10110", "host:0", "host:65536", "host:²"])
def test_an_address_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match="HOST:PORT"):
        settings(address=address)
    settings(address=address, transport=Transport.FILE)


def test_an_address_may_be_of_ipv6() -> None:
    assert split_address("[2001:db8::1]:10110") == ("2001:db8::1", 10110)


@pytest.mark.parametrize(
    ("format_", "transport", "address"),
    [
        (Format.READSB, Transport.TCP, "192.0.2.1:1"),
        (Format.AIS, Transport.HTTP, "http://192.0.2.1/"),
        (Format.BEAST, Transport.FILE, "day.bin"),
        (Format.ASTERIX, Transport.FILE, "day.ast"),
        (Format.DIS, Transport.TCP, "192.0.2.1:3000"),
        (Format.JSON, Transport.UDP, "192.0.2.1:3000"),
    ],
)
def test_a_format_only_comes_by_what_can_bring_it(
    format_: Format, transport: Transport, address: str
) -> None:
    with pytest.raises(ValueError, match=format_.value):
        settings(format=format_, transport=transport, address=address)


@pytest.mark.parametrize(
    ("format_", "transport", "address"),
    [
        (Format.READSB, Transport.HTTP, "https://receiver.example/aircraft.json"),
        (Format.GPX, Transport.FILE, "route.gpx"),
        (Format.BEAST, Transport.TCP, "192.0.2.1:30005"),
        (Format.NMEA, Transport.SERIAL, "/dev/ttyUSB0"),
        (Format.AIS, Transport.UDP, "239.192.0.4:60004"),
        (Format.SBS, Transport.TCP_SERVER, "[::]:30003"),
        (Format.ASTERIX, Transport.UDP, "232.1.1.11:8600"),
        (Format.DIS, Transport.UDP, "0.0.0.0:3000"),
        (Format.JSON, Transport.MQTT, "mqtt://broker.example/vans/#"),
        (Format.AIS, Transport.MQTT, "mqtts://me@broker.example/ais"),
    ],
)
def test_what_fits_is_taken(format_: Format, transport: Transport, address: str) -> None:
    assert settings(format=format_, transport=transport, address=address).address == address


@pytest.mark.parametrize(
    "url", ["ftp://x/", "http://", "http://x:0/", "http://x:y/", "http://x/a b", "http://[::1", "x"]
)
def test_a_url_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="URL"):
        check_url(url)


@pytest.mark.parametrize("wrong", [{"baud": 1234}, {"every": 1e6}, {"exercise_number": 256}])
def test_a_number_that_cannot_be_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        settings(**wrong)


@pytest.mark.parametrize("exercise", ["", "TASMAN"])
def test_a_simulation_is_never_live_whatever_the_settings_say(exercise: str) -> None:
    made = settings(
        format=Format.DIS, transport=Transport.UDP, address="0.0.0.0:3000", exercise=exercise
    )
    assert made.context == Context.exercise(exercise or "UNNAMED")


@pytest.mark.parametrize(
    "radar",
    ["25 -41.3 174.8 500", "256/1 0 0 0", "25/201 -41.3 174.8", "25/201 95 0 0", "25/201 x"],
)
def test_a_radar_that_stands_nowhere_is_refused(radar: str) -> None:
    with pytest.raises(ValueError, match="radar '"):
        settings(radars=(radar,))


def test_where_radars_stand_is_read() -> None:
    assert sites(("25/201 -41.3 174.8 500", "1/2 0 -0.5 12.5")) == {
        (25, 201): (-41.3, 174.8, 500.0),
        (1, 2): (0.0, -0.5, 12.5),
    }


@pytest.mark.parametrize("place", ["-41.3", "-41.3, 174.8", "91 0", "0 181", "north"])
def test_a_receiver_that_stands_nowhere_is_refused(place: str) -> None:
    with pytest.raises(ValueError, match="stands_at"):
        settings(stands_at=place)
    assert place_of("-41.3 174.8") == (-41.3, 174.8)
    assert place_of("") is None


@pytest.mark.parametrize("wrong", [{"fields": ("lat",)}, {"kind": "b-m-p"}, {"kind": "ship"}])
def test_a_mapping_or_a_kind_that_is_none_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"OURS = THEIRS|kind"):
        settings(**wrong)


def test_a_topic_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="mqtt://HOST"):
        settings(format=Format.JSON, transport=Transport.MQTT, address="broker")
