"""What a node has for commitments: the register of statements, answers, and their routes."""

from collections.abc import Sequence
from pathlib import Path

from starlette.routing import BaseRoute

from accord.api import commitments
from accord.api.commitments import Standpoint
from accord.api.impact import Desk, Impact
from accord.config import Settings
from accord.core.clock import Clock
from accord.desks.commitment.answers import Answers
from accord.desks.commitment.runs import Runner
from accord.desks.commitment.sources import Sources
from accord.desks.commitment.store import COMMITMENTS, CommitmentStore
from accord.desks.commitment.tied import tied_in
from accord.node.browsers import Browsers
from accord.observe.broken import Broke


class Commitments:
    """The register of one node, every answer read anew; and what is worked out from it."""

    def __init__(
        self,
        directory: Path,
        settings: Settings,
        *,
        browsers: Browsers,
        clock: Clock,
        broke: Broke,
    ) -> None:
        self._store = CommitmentStore(directory / COMMITMENTS)
        self._store.prepare()
        self._callers = browsers.callers
        self._standpoint = Standpoint(
            nation=settings.node.nation, tied=lambda now: tied_in(directory, now)
        )
        self._clock = clock
        answers = Answers(directory)
        desk = Desk(
            sources=Sources(directory, self._store),
            runner=Runner(directory, answers, broke=broke),
            answers=answers,
        )
        self._impact = Impact(desk, browsers.callers, clock=clock)

    def routes(self) -> Sequence[BaseRoute]:
        """Return the routes, for the API."""
        return [
            *commitments.routes(self._store, self._callers, at=self._standpoint, clock=self._clock),
            *self._impact.routes(),
        ]

    def close(self) -> None:
        """Work out nothing more."""
        self._impact.close()
