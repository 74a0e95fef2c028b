"""What a node has for people at a browser: accounts, the live picture, tracks to ask for."""

import secrets
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from starlette.routing import BaseRoute

from accord.api import openapi, page, saved_views, session
from accord.api.accounts import Accounts
from accord.api.caller import Callers
from accord.api.charts import Charts
from accord.api.directory import DirectoryDesk
from accord.api.history import Around as AroundHistory
from accord.api.history import History
from accord.api.history_export import HistoryExport
from accord.api.kml import Kml
from accord.api.ogc import Ogc
from accord.api.openid import OpenId
from accord.api.replay import Replays
from accord.api.stage import Stage
from accord.api.stream import Stream
from accord.api.tracks import TOLD, Around, Tracks
from accord.config import Settings
from accord.core.clock import SystemClock
from accord.core.context import Context
from accord.core.principal import Principal
from accord.federation.released_form import ReleasedForms
from accord.live.long_ago import LongAgo
from accord.live.replay import Replay, ReplaySettings
from accord.live.views import Views
from accord.node.history_reading import archive_of, past_forms
from accord.node.kept import past, shelves
from accord.node.own_certificates import own_name
from accord.picture.picture import Picture
from accord.security.admission import Admission
from accord.storage.people import PEOPLE
from accord.storage.saved_views import SavedViews
from accord.storage.users import RollReader, Users
from accord.tak.session import Bridge, spell_address


class Browsers:
    """Made in a running event loop; `close` when nobody is answered any more."""

    def __init__(
        self,
        directory: Path,
        settings: Settings,
        *,
        admission: Admission,
        picture: Picture,
        bridge: Bridge,
        stage: Stage,
    ) -> None:
        clock = SystemClock()
        form_of = ReleasedForms(directory, clock).of
        known_there = None
        if settings.ldap.url:
            known_there = DirectoryDesk(
                settings.ldap, settings.ldap_group, directory=directory, clock=clock, log=bridge.log
            )
        self.accounts = Accounts(
            Users(directory / PEOPLE),
            RollReader(directory / PEOPLE),
            settings.accounts,
            clock=clock,
            log=bridge.log,
            directory=known_there,
        )
        self.callers = Callers(
            self.accounts,
            node=settings.node.id,
            admit=admission.admit,
            why_gone=admission.why_gone,
        )
        self._openid = OpenId(
            settings.openid,
            settings.openid_group,
            directory=directory,
            accounts=self.accounts,
            cookie=self.callers.cookie,
            clock=clock,
        )
        self.views = Views(
            settings.stream,
            picture=picture,
            clock=clock,
            form_of=form_of,
            boot=secrets.token_hex(5),
        )
        node = settings.node
        self._boot = secrets.token_hex(5)
        # Of its own, since it is asked by threads.
        past_form_of = past_forms(ReleasedForms(directory, clock).of)
        defaults = settings.default_markings()
        self._archive = archive_of(directory, settings, clock)
        beyond = LongAgo(self._archive, defaults) if settings.history.keep else None
        self.past = past(directory, defaults, beyond)
        self._as_lived = ReplaySettings(
            picture=settings.picture,
            journal=settings.journal,
            form_of=past_form_of,
            history=None if beyond is None else beyond.reel,
        )
        self._replays = Replays(self._replay, clock)
        self.stream = Stream(
            self.views,
            self.callers,
            self._replays,
            stage,
            node={"id": node.id, "name": node.name, "nation": node.nation},
            max_browsers=settings.stream.max_browsers,
            clock=clock,
            refuse=lambda why, of: bridge.refuse(why, spell_address(of.client)),
        )
        self._clock = clock
        self.around = Around(
            picture=picture,
            settings=settings.picture,
            shelves=shelves(directory, since=self._how_far_back),
            form_of=form_of,
            clock=clock,
        )
        self._tracks = Tracks(self.around, self.callers)
        looking = AroundHistory(
            past=self.past, form_of=past_form_of, clock=clock, nation=node.nation
        )
        self._history = History(looking, self.callers)
        self._export = HistoryExport(self._archive, self.callers, clock)
        self._ogc = Ogc(self._tracks, looking, self.callers)
        self._kml = Kml(self._tracks, self.callers, partial(own_name, directory, settings))
        self._charts = Charts(directory, settings.chart, self.callers)
        self._saved_views = SavedViews(directory / PEOPLE)

    def _replay(self, by: Principal, context: Context, is_awaited: Callable[[], bool]) -> Replay:
        name = f"{self._boot}.{secrets.token_hex(4)}"
        return Replay(self.past, self._as_lived, by, context, name=name, is_awaited=is_awaited)

    def _how_far_back(self) -> float:
        return (self._clock.now() - TOLD).timestamp()

    def routes(self) -> Sequence[BaseRoute]:
        """Return the routes, for the API."""
        return (
            *session.routes(self.accounts, self.callers),
            *self._openid.routes(),
            *self.stream.routes(),
            *self._history.routes(),
            *self._export.routes(),
            *self._tracks.routes(),
            *self._ogc.routes(),
            *self._kml.routes(),
            *self._charts.routes(),
            *saved_views.routes(self._saved_views, self.callers, self._clock),
            *openapi.routes(),
            *page.routes(),
        )

    def close(self) -> None:
        """End the threads, and note what is to be known after a restart."""
        self._replays.close()
        self._history.close()
        self._export.close()
        self._tracks.close()
        self._ogc.close()
        self._charts.close()
        self._openid.close()
        self._archive.close()
        self.accounts.close()
