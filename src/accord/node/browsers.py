"""What a node has for people at a browser: accounts, the live picture, tracks to ask for."""

import secrets
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from starlette.routing import BaseRoute

from accord.api import openapi, page, saved_views, session
from accord.api.accounts import Accounts
from accord.api.caller import Callers
from accord.api.charts import Charts
from accord.api.directory import DirectoryDesk
from accord.api.kml import Kml
from accord.api.ogc import Ogc
from accord.api.openid import OpenId
from accord.api.stage import Stage
from accord.api.stream import Stream
from accord.api.tracks import TOLD, Around, Tracks
from accord.config import Settings
from accord.core.clock import Clock, SystemClock
from accord.federation.released_form import ReleasedForms
from accord.live.views import Views
from accord.node.kept import shelves
from accord.node.looking_back import LookingBack
from accord.node.own_certificates import own_name
from accord.observe.log import Log
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
        self.accounts = _accounts_of(directory, settings, clock, bridge.log)
        self._is_member = admission.is_member
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
        self._looking_back = LookingBack(directory, settings, self.callers, clock)
        self.past = self._looking_back.past
        node = settings.node
        self.stream = Stream(
            self.views,
            self.callers,
            self._looking_back.replays,
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
        self._ogc = Ogc(self._tracks, self._looking_back.around, self.callers)
        self._kml = Kml(self._tracks, self.callers, partial(own_name, directory, settings))
        self._charts = Charts(directory, settings.chart, self.callers)
        self._saved_views = SavedViews(directory / PEOPLE)

    def _how_far_back(self) -> float:
        return (self._clock.now() - TOLD).timestamp()

    def knows(self, name: str) -> bool:
        """Tell whether somebody of that name may sign in, or has a certificate."""
        return self.accounts.knows(name) or self._is_member(name)

    def routes(self) -> Sequence[BaseRoute]:
        """Return the routes, for the API."""
        return (
            *session.routes(self.accounts, self.callers),
            *self._openid.routes(),
            *self.stream.routes(),
            *self._looking_back.routes(),
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
        self._tracks.close()
        self._ogc.close()
        self._charts.close()
        self._openid.close()
        self._looking_back.close()
        self.accounts.close()


def _accounts_of(directory: Path, settings: Settings, clock: Clock, log: Log) -> Accounts:
    """Return who can sign in: people of the register, and of a directory where one is named."""
    known_there = None
    if settings.ldap.url:
        known_there = DirectoryDesk(
            settings.ldap, settings.ldap_group, directory=directory, clock=clock, log=log
        )
    return Accounts(
        Users(directory / PEOPLE),
        RollReader(directory / PEOPLE),
        settings.accounts,
        clock=clock,
        log=log,
        directory=known_there,
    )
