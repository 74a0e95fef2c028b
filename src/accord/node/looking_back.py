"""What a node has of the past for people at a browser: their own replays, courses, exports."""

import secrets
from collections.abc import Callable, Sequence
from pathlib import Path

from starlette.routing import BaseRoute

from accord.api.caller import Callers
from accord.api.history import Around, History
from accord.api.history_export import HistoryExport
from accord.api.replay import Replays
from accord.config import Settings
from accord.core.clock import Clock
from accord.core.context import Context
from accord.core.principal import Principal
from accord.federation.released_form import ReleasedForms
from accord.live.long_ago import LongAgo
from accord.live.replay import Replay, ReplaySettings
from accord.node.history_reading import archive_of, past_forms
from accord.node.kept import past


class LookingBack:
    """Made in a running event loop. `past` and `around` are what others look back with."""

    def __init__(self, directory: Path, settings: Settings, callers: Callers, clock: Clock) -> None:
        # Of its own, since it is asked by threads.
        form_of = past_forms(ReleasedForms(directory, clock).of)
        defaults = settings.default_markings()
        self._archive = archive_of(directory, settings, clock)
        beyond = LongAgo(self._archive, defaults) if settings.history.keep else None
        self.past = past(directory, defaults, beyond)
        self._as_lived = ReplaySettings(
            picture=settings.picture,
            journal=settings.journal,
            form_of=form_of,
            history=None if beyond is None else beyond.reel,
        )
        self._boot = secrets.token_hex(5)
        self.replays = Replays(self._replay, clock)
        self.around = Around(
            past=self.past, form_of=form_of, clock=clock, nation=settings.node.nation
        )
        self._history = History(self.around, callers)
        self._export = HistoryExport(self._archive, callers, clock)

    def _replay(self, by: Principal, context: Context, is_awaited: Callable[[], bool]) -> Replay:
        name = f"{self._boot}.{secrets.token_hex(4)}"
        return Replay(self.past, self._as_lived, by, context, name=name, is_awaited=is_awaited)

    def routes(self) -> Sequence[BaseRoute]:
        """Return the routes; they stand before those of tracks, for a uid may have slashes."""
        return (*self._history.routes(), *self._export.routes())

    def close(self) -> None:
        """End the threads and let the history go; after all others who look into it."""
        self.replays.close()
        self._history.close()
        self._export.close()
        self._archive.close()
