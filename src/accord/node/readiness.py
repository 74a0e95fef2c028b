"""What a node has for readiness: the register, its desk, and what partners stated."""

from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path

from starlette.routing import BaseRoute

from accord.api import readiness
from accord.config import Settings
from accord.core.errors import AccordError
from accord.desks.readiness.desk import ReadinessDesk
from accord.desks.readiness.register import Register
from accord.desks.readiness.schemes import read_schemes
from accord.desks.readiness.store import READINESS
from accord.desks.readiness.voice import StatementVoice
from accord.node.browsers import Browsers
from accord.picture.picture import Change
from accord.tak.session import Bridge

SCHEMES = Path("schemes.toml")
"""A nation's own schemes beside those that come with Accord; of one name, its own holds."""


def register_of(directory: Path) -> Register:
    """Return the register of a node's directory. AccordError where its schemes are not right."""
    ours = files("accord.desks.readiness") / SCHEMES.name
    schemes = dict(read_schemes(ours.read_text("utf-8")))
    own = directory / SCHEMES
    if own.is_file():
        try:
            schemes |= read_schemes(own.read_text("utf-8"))
        except (OSError, UnicodeDecodeError) as error:
            raise AccordError(f"cannot read {own}: {error}") from None
    return Register(directory / READINESS, schemes)


class Readiness:
    """Made in a running event loop; `desk.run` keeps what partners state."""

    def __init__(
        self, directory: Path, settings: Settings, *, browsers: Browsers, bridge: Bridge
    ) -> None:
        register = register_of(directory)
        register.store.prepare()
        node = settings.node
        voice = StatementVoice(bridge.intake, node=node.id)
        self.desk = ReadinessDesk(register, voice, node=node.id, clock=bridge.clock, log=bridge.log)
        self._callers = browsers.callers
        self._nation = node.nation

    def routes(self) -> Sequence[BaseRoute]:
        """Return the routes, for the API."""
        return readiness.routes(self.desk, self._callers, own=self._nation)

    def see(self, change: Change) -> None:
        """Take note of what a partner stated."""
        self.desk.see(change)
