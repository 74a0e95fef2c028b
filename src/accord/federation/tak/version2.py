"""TAK federation version 2: which calls are made of whom, and what is said in them.

Both ends keep calls open for as long as they are linked: one for what the called end says, one for
what the caller says. Missions and files (ROL) are neither asked for nor sent.
"""

from typing import TypeVar

from google.protobuf.message import DecodeError, Message

from accord.federation.tak.rpc import OK, UNIMPLEMENTED, Call, Calls, Heard
from accord.wire.cot import fig_pb2
from accord.wire.errors import Malformed, Unsupported

SERVICE = "/com.atakmap.FederatedChannel/"
DOWN, UP = "ClientEventStream", "ServerEventStream"
"""What the called end says, and what the caller says."""
GROUPS_DOWN, GROUPS_UP = "ServerFederateGroupsStream", "ClientFederateGroupsStream"
ROL_DOWN, ROL_UP = "ClientROLStream", "ServerROLStream"
HEALTH, IDENTITY, ONE_EVENT = "HealthCheck", "getIdentity", "SendOneEvent"
HEALTH_EVERY = 3.0
"""Seconds between signs of life (healthCheckIntervalSeconds)."""
DEAD_AFTER = 15.0
"""Seconds without one, after which a TAK server gives the other end up too."""

_Status = fig_pb2.ServerHealth
_Said = TypeVar("_Said", bound=Message)


class _Version2:
    """What both ends have in common. `own` is the name under which this node is known there."""

    def __init__(self, *, own: str, is_client: bool, authority: str, limit: int) -> None:
        self._own = own
        self._calls = Calls(SERVICE, is_client=is_client, authority=authority, limit=limit)
        self._out: Call | None = None
        self._heard: float | None = None

    @property
    def is_ready(self) -> bool:
        """Whether there is a call in which messages are said."""
        return self._out is not None

    @property
    def waits(self) -> bool:
        """Whether the other end has no room for something yet."""
        return self._out is not None and bool(self._out.waiting)

    @property
    def skipped(self) -> int:
        """Return how many messages were thrown away."""
        return self._calls.skipped

    def say(self, message: bytes) -> None:
        """Say a message; it is lost where there is no call for it, as with the connection."""
        if self._out is not None:
            self._calls.say(self._out, message)

    def to_write(self) -> bytes:
        """Return the bytes that are to be written now."""
        return self._calls.to_write()

    def _subscription(self) -> bytes:
        return fig_pb2.Subscription(
            identity=self._identity(),
            # Of version 0 a TAK server leaves signs of life unanswered.
            version=fig_pb2.TakServerVersion(major=5),
        ).SerializeToString()

    def _identity(self) -> fig_pb2.Identity:
        kind = fig_pb2.Identity.ConnectionType.FEDERATION_TAK_CLIENT
        return fig_pb2.Identity(name=self._own, uid=self._own, server_id=self._own, type=kind)

    def _check_alive(self, now: float) -> None:
        if self._heard is None:
            self._heard = now
        if now - self._heard > DEAD_AFTER:
            raise Unsupported(f"no sign of life for {DEAD_AFTER:.0f} s")


class Version2Caller(_Version2):
    """The end that calls."""

    def __init__(self, *, own: str, authority: str, limit: int) -> None:
        super().__init__(own=own, is_client=True, authority=authority, limit=limit)
        subscription = self._subscription()
        self._groups = self._calls.call(GROUPS_DOWN, subscription, ends=True)
        self._calls.call(GROUPS_UP)
        self._down = self._calls.call(DOWN, subscription, ends=True)
        self._health: Call | None = None
        self._health_at: float | None = None

    def receive(self, data: bytes, now: float) -> list[bytes]:
        """Return the messages that these bytes complete. Raises WireError."""
        came: list[bytes] = []
        for heard in self._calls.receive(data):
            if heard.call is self._down and heard.message is not None:
                came.append(heard.message)
            else:
                self._hear(heard, now)
        return came

    def _hear(self, heard: Heard, now: float) -> None:
        call = heard.call
        if call is self._groups:
            self._hear_groups(heard)
        elif call is self._health:
            self._hear_health(heard, now)
        elif heard.ended is not None and call in (self._down, self._out):
            raise Unsupported(f"{call.rpc} was ended by the other end: status {heard.ended}")

    def _hear_groups(self, heard: Heard) -> None:
        """Begin to speak once the server says that it serves, or does not know the call."""
        if heard.ended not in (None, UNIMPLEMENTED):
            raise Unsupported(f"{GROUPS_DOWN} was ended by the other end: status {heard.ended}")
        is_serving = heard.ended == UNIMPLEMENTED
        if heard.message is not None:
            said = _read(fig_pb2.FederateGroups, heard.message)
            is_serving = said.stream_update.status == _Status.ServingStatus.SERVING
        if is_serving and self._out is None:
            self._out = self._calls.call(UP)

    def _hear_health(self, heard: Heard, now: float) -> None:
        if heard.message is not None:
            status = _read(fig_pb2.ServerHealth, heard.message).status
            if status != _Status.ServingStatus.SERVING:
                raise Unsupported(f"the server says that it does not serve: {status}")
            self._heard = now
        if heard.ended is not None:
            self._health = None
            if heard.ended != OK:
                raise Unsupported(f"{HEALTH} was ended with status {heard.ended}")

    def tick(self, now: float) -> None:
        """Give a sign of life when it is due. Raises WireError where none comes back."""
        self._check_alive(now)
        if self._health_at is None:
            self._health_at = now + HEALTH_EVERY
        if now < self._health_at or self._health is not None:
            return
        self._health_at = now + HEALTH_EVERY
        status = fig_pb2.ClientHealth.ServingStatus.SERVING
        said = fig_pb2.ClientHealth(status=status).SerializeToString()
        self._health = self._calls.call(HEALTH, said, ends=True)


class Version2Called(_Version2):
    """The end that is called."""

    def __init__(self, *, own: str, limit: int) -> None:
        super().__init__(own=own, is_client=False, authority="", limit=limit)

    def receive(self, data: bytes, now: float) -> list[bytes]:
        """Return the messages that these bytes complete. Raises WireError."""
        came: list[bytes] = []
        for heard in self._calls.receive(data):
            if heard.message is not None:
                self._said(heard.call, heard.message, now, came)
            elif heard.ended is not None:
                self._ended(heard.call)
            else:
                self._asked(heard.call)
        return came

    def _asked(self, call: Call) -> None:
        """Begin to answer: at once, where the other end says more only after that."""
        if call.rpc == GROUPS_DOWN:
            health = fig_pb2.ServerHealth(status=_Status.ServingStatus.SERVING)
            groups = fig_pb2.FederateGroups(stream_update=health)
            self._calls.answer(call, groups.SerializeToString())
        elif call.rpc in (UP, GROUPS_UP, ROL_UP):
            self._calls.answer(call, self._subscription())
        elif call.rpc in (DOWN, ROL_DOWN, HEALTH, ONE_EVENT):
            self._calls.answer(call)
        elif call.rpc == IDENTITY:
            self._calls.answer(call, self._identity().SerializeToString())
            self._calls.finish(call)
        else:
            self._calls.refuse(call)

    def _said(self, call: Call, message: bytes, now: float, came: list[bytes]) -> None:
        if call.rpc == UP:
            came.append(message)
        elif call.rpc == ONE_EVENT:
            came.append(message)
            self._calls.say(call, b"")
            self._calls.finish(call)
        elif call.rpc == DOWN:
            self._subscribed(call, message)
        elif call.rpc == HEALTH:
            self._heard = now
            self._answer_health(call)

    def _subscribed(self, call: Call, message: bytes) -> None:
        said = _read(fig_pb2.Subscription, message)
        if not said.identity.name:
            raise Malformed("a subscription of nobody")
        if self._out is None:
            self._out = call

    def _answer_health(self, call: Call) -> None:
        status = _Status.ServingStatus
        is_up = self._out is not None
        said = fig_pb2.ServerHealth(status=status.SERVING if is_up else status.NOT_CONNECTED)
        self._calls.say(call, said.SerializeToString())
        self._calls.finish(call)

    def _ended(self, call: Call) -> None:
        """Take note that the other end has no more to say in a call.

        What it says once and then listens goes on; where it spoke all the time the link is over.
        """
        if call.rpc == UP:
            raise Unsupported(f"{UP} was ended by the other end")

    def tick(self, now: float) -> None:
        """Raise WireError where no sign of life comes."""
        self._check_alive(now)


def _read(sort: type[_Said], message: bytes) -> _Said:
    try:
        return sort.FromString(message)
    except DecodeError:
        raise Malformed(f"a message is no {sort.__name__}") from None
