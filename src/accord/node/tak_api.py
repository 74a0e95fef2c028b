"""What a node has for TAK clients beside the stream: channels, files, videos, CoT, missions.

And what people at the page see of it.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

from starlette.requests import HTTPConnection
from starlette.routing import BaseRoute

from accord.api import missions as mission_routes
from accord.api import shared
from accord.config import Settings
from accord.core.principal import Principal
from accord.node.browsers import Browsers
from accord.node.data_feeds import data_feeds
from accord.picture.picture import Picture
from accord.storage.channels import Channels
from accord.storage.devices import DeviceStore
from accord.storage.field_reports import FieldReports
from accord.storage.files import FILES, FileStore
from accord.storage.map_layers import MapLayers
from accord.storage.mission_layers import LayerStore
from accord.storage.missions import MissionStore
from accord.storage.sent_tracks import SentTracks
from accord.storage.tak_file import TAK, TakFile
from accord.storage.videos import Videos
from accord.tak.endpoints import Endpoints
from accord.tak.kept_devices import KeptDevices
from accord.tak.marti.about import AboutNode
from accord.tak.marti.asked import Door
from accord.tak.marti.contacts import Contacts
from accord.tak.marti.cot import CotApi
from accord.tak.marti.data_feeds import DataFeedsApi
from accord.tak.marti.error_logs import ERROR_LOGS, ErrorLogs
from accord.tak.marti.exports import Exports
from accord.tak.marti.field_report_following import Following
from accord.tak.marti.field_reports import FieldReportsApi
from accord.tak.marti.files import FilesApi
from accord.tak.marti.groups import Groups
from accord.tak.marti.latest_kml import LatestKml
from accord.tak.marti.map_layers import MapLayersApi
from accord.tak.marti.mission_access import MissionAccess
from accord.tak.marti.mission_archive import MissionArchive
from accord.tak.marti.mission_contents import MissionContents
from accord.tak.marti.mission_external import MissionExternal
from accord.tak.marti.mission_family import MissionFamily
from accord.tak.marti.mission_feeds import MissionFeeds
from accord.tak.marti.mission_import import Packages
from accord.tak.marti.mission_invitations import MissionInvitations
from accord.tak.marti.mission_layers import MissionLayers
from accord.tak.marti.mission_logs import MissionLogs
from accord.tak.marti.mission_page import MissionPage
from accord.tak.marti.mission_people import MissionPeople
from accord.tak.marti.mission_tokens import Tokens
from accord.tak.marti.missions import MissionsApi
from accord.tak.marti.profiles import PROFILES, Profiles
from accord.tak.marti.sent_tracks import SentTracksApi
from accord.tak.marti.video import VideoApi
from accord.tak.missions import Missions
from accord.tak.session import Bridge


class TakApi:
    """Made in a running event loop.

    `host` returns a name that was asked for where it is the node's own, or else one that is.
    `missions.run` keeps what is said into missions, `devices.run` whose device each uid is.
    `switched` is told when somebody has switched channels, once his connections act so.
    """

    def __init__(  # noqa: PLR0913  one argument for each thing that it works with
        self,
        directory: Path,
        settings: Settings,
        *,
        bridge: Bridge,
        picture: Picture,
        identify: Callable[[HTTPConnection], Principal | str],
        browsers: Browsers,
        host: Callable[[str], str],
    ) -> None:
        file = TakFile(directory / TAK)
        file.prepare()
        node = settings.node.id
        channels = Channels(file)
        files = FileStore(file, directory / FILES, settings.files)
        files.prepare()
        self.endpoints = Endpoints(bridge)
        kept = MissionStore(file, settings.missions)
        feeds = data_feeds(settings)
        self.missions = Missions(
            kept, LayerStore(file, kept), bridge, feeds=feeds, let_go=files.let_go
        )
        self.devices = KeptDevices(
            DeviceStore(file), bridge.intake.devices, counts=bridge.hub.counts, log=bridge.log
        )
        self._bridge = bridge
        self.switched: Callable[[], None] = lambda: None
        bridge.acting, bridge.to_missions = channels.acting, self.missions.take
        door = Door(
            node=node,
            identify=identify,
            channels=channels,
            clock=bridge.clock,
            is_anothers=self.endpoints.is_anothers,
            host=host,
        )
        self.login_secret: bytes = file.secret("login tokens")
        tokens = Tokens(file.secret("mission tokens"), node=node)
        self._access = MissionAccess(door, self.missions, tokens, bridge)
        cot = CotApi(door, picture, browsers.past)
        sent = SentTracksApi(door, SentTracks(file, bridge.faults))
        reports = FieldReports(file, bridge.faults)
        following = Following(door, reports, self.missions)
        files_api = FilesApi(
            door=door,
            files=files,
            is_in_mission=lambda by, sha256: (
                self._access.may_have(by, sha256) or reports.may_have(by, sha256)
            ),
            missions_with=lambda sha256: [e.name for e in self.missions.with_file(sha256)],
            is_in_named=self._access.may_have_by,
        )
        logs = MissionLogs(self._access)
        packages = Packages(files, node, door.is_anothers)
        contents = MissionContents(self._access, packages, cot, logs)
        missions = MissionsApi(self._access, packages)
        archive = MissionArchive(self._access, missions, contents, files)
        invitations = MissionInvitations(self._access)
        people = MissionPeople(self._access, missions, invitations, self.endpoints, bridge.hub)
        shelf = shared.routes(
            shared.Shelf(
                missions=self.missions.store,
                files=files,
                acting=channels.acting,
                seen=self._access.visible,
                may_read=self._access.may_read,
                may_have=files_api.may_have,
                holding=self.missions.with_file,
            ),
            browsers.callers,
            bridge.clock,
        )
        room = mission_routes.routes(
            MissionPage(self._access, people, contents, logs, archive),
            browsers.callers,
            acting=channels.acting,
            # As PageVoice names them.
            uid_of=lambda principal: f"{node}.{principal.name}",
        )
        self._for_the_page = (*shelf, *room)
        self._parts = (
            AboutNode(door, max_file=settings.files.max_file),
            Contacts(door, self.endpoints, bridge),
            Groups(door, self._switched),
            files_api,
            cot,
            sent,
            LatestKml(door, picture),
            Exports(door, browsers.past, sent),
            Profiles(door, directory / PROFILES),
            VideoApi(door, Videos(file)),
            MapLayersApi(door, MapLayers(file)),
            DataFeedsApi(
                door, feeds, kept=settings.picture.lost_after + settings.picture.removed_after
            ),
            ErrorLogs(door, directory / ERROR_LOGS, bridge.log, bridge.faults),
            FieldReportsApi(door, files, reports, following),
            # Paths that name missions come last: `all` and `logs` are no names.
            following,
            logs,
            people,
            invitations,
            contents,
            archive,
            MissionLayers(self._access),
            MissionExternal(self._access),
            MissionFeeds(self._access),
            MissionFamily(self._access, missions),
            missions,
        )

    def _switched(self, member: Principal, by_uid: str) -> None:
        """Let every connection with a certificate act with the channels that are on now.

        All are told but the client that has switched them, if it says which it is.
        """
        now = self._bridge.clock.now()
        notice = self.missions.notices.channels_changed(by_uid, member.groups, now)
        for each in tuple(self._bridge.sessions):
            if (each.principal.name, each.principal.credential) == (
                member.name, member.credential
            ):  # fmt: skip
                each.regroup(None if by_uid and each.uid == by_uid else notice)
        self.switched()

    def routes(self) -> Sequence[BaseRoute]:
        """Return the routes, for the API."""
        return [route for part in self._parts for route in part.routes()]

    def for_the_page(self) -> Sequence[BaseRoute]:
        """Return the routes by which people at the page share in what clients do."""
        return self._for_the_page
