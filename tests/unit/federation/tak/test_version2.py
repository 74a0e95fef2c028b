"""Both ends of version 2, each against the other; tests/node tries each against grpcio."""

import pytest
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import DataReceived

from accord.federation.tak import version2
from accord.federation.tak.version2 import DEAD_AFTER, HEALTH_EVERY, Version2Called, Version2Caller
from accord.wire.errors import Malformed, Unsupported, WireError
from support import fig

SERVICE = "/com.atakmap.FederatedChannel/"
SUBSCRIPTION = fig.inside(1, fig.text(1, "takserver"))


def linked(limit: int = 10_000) -> tuple[Version2Caller, Version2Called]:
    caller = Version2Caller(own="USA-PAC", authority="tak.example:9001", limit=limit)
    called = Version2Called(own="NZL-JFNZ", limit=limit)
    exchange(caller, called)
    return caller, called


def exchange(
    caller: Version2Caller, called: Version2Called, now: float = 0.0
) -> tuple[list[bytes], list[bytes]]:
    """What each end has heard of the other when neither has more to write."""
    by_caller: list[bytes] = []
    by_called: list[bytes] = []
    while True:
        up, down = caller.to_write(), called.to_write()
        if not up and not down:
            return by_caller, by_called
        by_called += called.receive(up, now)
        by_caller += caller.receive(down, now)


def test_both_ends_may_speak_once_both_have_subscribed() -> None:
    caller, called = linked()
    assert caller.is_ready
    assert called.is_ready
    caller.say(b"up")
    called.say(b"down")
    assert exchange(caller, called) == ([b"down"], [b"up"])


def test_before_the_server_serves_nothing_is_said() -> None:
    caller = Version2Caller(own="USA-PAC", authority="x", limit=100)
    assert not caller.is_ready
    caller.say(b"lost")
    called = Version2Called(own="NZL-JFNZ", limit=100)
    assert not called.is_ready
    assert exchange(caller, called) == ([], [])


def test_what_has_no_room_waits_and_arrives_whole() -> None:
    caller, called = linked(limit=300_000)
    message = bytes(range(256)) * 1_000
    caller.say(message)
    assert caller.waits
    assert exchange(caller, called) == ([], [message])
    assert not caller.waits


def test_what_is_too_long_is_thrown_away_and_counted() -> None:
    caller, called = linked(limit=100)
    caller.say(b"x" * 101)
    caller.say(b"next")
    assert exchange(caller, called) == ([], [b"next"])
    assert called.skipped == 1


def test_signs_of_life_are_given_and_answered() -> None:
    caller, called = linked()
    for now in (step * HEALTH_EVERY for step in range(20)):
        caller.tick(now)
        called.tick(now)
        exchange(caller, called, now)
    assert caller.is_ready


def test_an_end_that_hears_no_sign_of_life_gives_up() -> None:
    for end in linked():
        end.tick(0.0)
        end.tick(DEAD_AFTER)
        with pytest.raises(Unsupported, match="no sign of life"):
            end.tick(DEAD_AFTER + 1)


def test_no_second_sign_of_life_is_asked_for_before_the_first_is_answered() -> None:
    caller, _ = linked()
    caller.tick(0.0)
    caller.tick(HEALTH_EVERY)
    assert caller.to_write()
    caller.tick(2 * HEALTH_EVERY)
    assert not caller.to_write()


class Peer:
    """An end of HTTP/2 that says what it is told."""

    def __init__(self, *, is_client: bool) -> None:
        self.http = H2Connection(H2Configuration(client_side=is_client, header_encoding="utf-8"))
        self.http.initiate_connection()
        self.heard: dict[int, list[bytes]] = {}
        self.headers: dict[int, list[tuple[str, str]]] = {}
        self.streams: dict[str, int] = {}

    def receive(self, data: bytes) -> None:
        for event in self.http.receive_data(data):
            if isinstance(event, DataReceived):
                self.heard.setdefault(event.stream_id, []).append(event.data)
            headers = getattr(event, "headers", None)
            if headers is not None:
                said = self.headers.setdefault(event.stream_id, [])  # type: ignore[attr-defined]
                said += headers
                for name, value in headers:
                    if name == ":path":
                        self.streams[value.rpartition("/")[2]] = event.stream_id  # type: ignore[attr-defined]

    def ask(self, rpc: str, message: bytes | None = None, *, ends: bool = False) -> int:
        stream = self.http.get_next_available_stream_id()
        head = [(":method", "POST"), (":scheme", "https"), (":path", rpc), (":authority", "x")]
        self.http.send_headers(stream, head)
        if message is not None:
            self.http.send_data(stream, b"\0" + fig.framed(message), end_stream=ends)
        return stream

    def answer(self, rpc: str, message: bytes | None = None, status: int | None = None) -> None:
        stream = self.streams[rpc]
        self.http.send_headers(stream, [(":status", "200")])
        if message is not None:
            self.http.send_data(stream, b"\0" + fig.framed(message))
        if status is not None:
            self.http.send_headers(stream, [("grpc-status", str(status))], end_stream=True)


def asked(called: Version2Called, peer: Peer) -> None:
    called.receive(peer.http.data_to_send(), 0.0)
    peer.receive(called.to_write())


def a_called_end() -> tuple[Version2Called, Peer]:
    called, peer = Version2Called(own="USA-PAC", limit=1_000), Peer(is_client=True)
    asked(called, peer)
    return called, peer


def test_the_called_end_says_at_once_that_it_serves() -> None:
    called, peer = a_called_end()
    stream = peer.ask(f"{SERVICE}ServerFederateGroupsStream", SUBSCRIPTION, ends=True)
    asked(called, peer)
    assert peer.heard[stream] == [b"\0" + fig.framed(fig.inside(1, fig.whole(1, 1)))]
    assert ("content-type", "application/grpc") in peer.headers[stream]


def test_whoever_has_not_subscribed_is_not_connected() -> None:
    called, peer = a_called_end()
    stream = peer.ask(f"{SERVICE}HealthCheck", fig.whole(1, 1), ends=True)
    asked(called, peer)
    assert peer.heard[stream] == [b"\0" + fig.framed(fig.whole(1, 3))]
    assert ("grpc-status", "0") in peer.headers[stream]


@pytest.mark.parametrize(
    "rpc", [f"{SERVICE}SendOneBlob", f"{SERVICE}GetAuthTokenByX509", "/other.Service/HealthCheck"]
)
def test_what_is_not_known_here_is_refused_as_that(rpc: str) -> None:
    called, peer = a_called_end()
    stream = peer.ask(rpc, b"x", ends=True)
    asked(called, peer)
    assert ("grpc-status", "12") in peer.headers[stream]


def test_missions_are_taken_and_thrown_away() -> None:
    called, peer = a_called_end()
    peer.ask(f"{SERVICE}ServerROLStream", b"create mission\n{}")
    peer.ask(f"{SERVICE}ClientROLStream", SUBSCRIPTION, ends=True)
    assert called.receive(peer.http.data_to_send(), 0.0) == []


@pytest.mark.parametrize("message", [b"\xff\xff", fig.inside(1, b"")])
def test_a_subscription_of_nobody_ends_it(message: bytes) -> None:
    called, peer = a_called_end()
    peer.ask(f"{SERVICE}ClientEventStream", message, ends=True)
    with pytest.raises(Malformed):
        called.receive(peer.http.data_to_send(), 0.0)


def test_a_second_subscription_changes_nothing() -> None:
    called, peer = a_called_end()
    first = peer.ask(f"{SERVICE}ClientEventStream", SUBSCRIPTION, ends=True)
    second = peer.ask(f"{SERVICE}ClientEventStream", SUBSCRIPTION, ends=True)
    asked(called, peer)
    called.say(b"down")
    peer.receive(called.to_write())
    assert (first in peer.heard, second in peer.heard) == (True, False)


def test_an_end_that_says_no_more_has_left() -> None:
    called, peer = a_called_end()
    peer.ask(f"{SERVICE}ServerEventStream", b"last", ends=True)
    with pytest.raises(Unsupported, match="ended by the other end"):
        called.receive(peer.http.data_to_send(), 0.0)


def test_bytes_that_are_no_http_2_end_it() -> None:
    with pytest.raises(Malformed, match="HTTP/2"):
        Version2Called(own="X", limit=10).receive(b"GET / HTTP/1.1\r\n\r\n" * 10, 0.0)


def test_an_end_that_closes_is_heard() -> None:
    called, peer = a_called_end()
    peer.http.close_connection()
    with pytest.raises(Unsupported, match="ends the connection"):
        called.receive(peer.http.data_to_send(), 0.0)


def test_a_call_that_is_broken_off_is_over() -> None:
    called, peer = a_called_end()
    stream = peer.ask(f"{SERVICE}ServerEventStream")
    asked(called, peer)
    peer.http.reset_stream(stream)
    with pytest.raises(Unsupported):
        called.receive(peer.http.data_to_send(), 0.0)


def a_calling_end() -> tuple[Version2Caller, Peer]:
    caller, peer = Version2Caller(own="USA-PAC", authority="x", limit=1_000), Peer(is_client=False)
    peer.receive(caller.to_write())
    return caller, peer


def test_the_calling_end_names_itself_and_a_version() -> None:
    _, peer = a_calling_end()
    said = b"".join(peer.heard[peer.streams["ClientEventStream"]])
    subscription = fig.fields(said[5:])
    assert fig.fields(subscription[1][0])[1] == [b"USA-PAC"]
    assert fig.fields(subscription[3][0])[1][0] >= 1


def test_a_server_without_groups_is_spoken_to_all_the_same() -> None:
    caller, peer = a_calling_end()
    peer.answer("ServerFederateGroupsStream", status=12)
    caller.receive(peer.http.data_to_send(), 0.0)
    assert caller.is_ready


@pytest.mark.parametrize(
    ("rpc", "message", "status"),
    [
        ("ServerFederateGroupsStream", None, 7),
        ("ServerFederateGroupsStream", b"\xff\xff", None),
        ("ClientEventStream", None, 0),
        ("ClientEventStream", None, 16),
    ],
)
def test_an_answer_that_leads_nowhere_ends_it(
    rpc: str, message: bytes | None, status: int | None
) -> None:
    caller, peer = a_calling_end()
    peer.answer(rpc, message, status)
    with pytest.raises(WireError):
        caller.receive(peer.http.data_to_send(), 0.0)


def test_a_server_that_is_not_serving_yet_is_waited_for() -> None:
    caller, peer = a_calling_end()
    peer.answer("ServerFederateGroupsStream", fig.inside(1, fig.whole(1, 2)))
    caller.receive(peer.http.data_to_send(), 0.0)
    assert not caller.is_ready


@pytest.mark.parametrize(
    ("message", "status"), [(fig.whole(1, 2), 0), (None, 14), (b"\xff\xff", None)]
)
def test_a_sign_of_life_that_is_none_ends_it(message: bytes | None, status: int | None) -> None:
    caller, peer = a_calling_end()
    caller.tick(0.0)
    caller.tick(HEALTH_EVERY)
    peer.receive(caller.to_write())
    peer.answer("HealthCheck", message, status)
    with pytest.raises(WireError):
        caller.receive(peer.http.data_to_send(), HEALTH_EVERY)


def test_one_event_alone_is_taken_and_answered() -> None:
    called, peer = a_called_end()
    stream = peer.ask(f"{SERVICE}SendOneEvent", b"event", ends=True)
    assert called.receive(peer.http.data_to_send(), 0.0) == [b"event"]
    peer.receive(called.to_write())
    assert b"".join(peer.heard[stream]) == b"\0" + fig.framed(b"")


def test_whoever_asks_who_this_is_is_told() -> None:
    called, peer = a_called_end()
    stream = peer.ask(f"{SERVICE}getIdentity", b"", ends=True)
    asked(called, peer)
    assert fig.fields(b"".join(peer.heard[stream])[5:])[1] == [b"USA-PAC"]


def test_the_calls_are_those_of_the_service() -> None:
    assert version2.SERVICE == SERVICE
