import pytest

from accord.core.context import LIVE, Context
from accord.feeds.settings import FeedSettings, Format, Transport, check_url, split_address


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


@pytest.mark.parametrize("wrong", [{"baud": 1234}, {"every": 1e6}])
def test_a_number_that_cannot_be_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        settings(**wrong)
