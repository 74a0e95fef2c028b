"""What a node has for commitments: the register of statements, and its routes."""

from collections.abc import Sequence
from pathlib import Path

from starlette.routing import BaseRoute

from accord.api import commitments
from accord.config import Settings
from accord.core.clock import Clock
from accord.desks.commitment.store import COMMITMENTS, CommitmentStore
from accord.node.browsers import Browsers


class Commitments:
    """The register of one node; every answer reads it anew."""

    def __init__(
        self, directory: Path, settings: Settings, *, browsers: Browsers, clock: Clock
    ) -> None:
        self._store = CommitmentStore(directory / COMMITMENTS)
        self._store.prepare()
        self._callers = browsers.callers
        self._nation = settings.node.nation
        self._clock = clock

    def routes(self) -> Sequence[BaseRoute]:
        """Return the routes, for the API."""
        return commitments.routes(
            self._store, self._callers, nation=self._nation, clock=self._clock
        )
