"""The whole of `accord.toml`. Each part's settings stand beside the part; only this file knows all.

A field of `Settings` is a section of the file; a field of a section is a key, with its type, its
default and in `metadata["doc"]` what it means.
"""

import socket
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from types import MappingProxyType

from accord.api.chart_settings import ChartSettings, check_name
from accord.api.performance import ReplaySettings
from accord.config.read import BadSetting, read
from accord.config.values import Endpoint
from accord.core.errors import UsageError
from accord.core.naming import is_name, read_group
from accord.core.nation import check_nation, check_node
from accord.core.principal import Direction, Group, Principal
from accord.desks.watch.board import WatchSettings
from accord.federation.link_settings import LinkSettings
from accord.federation.settings import SyncSettings
from accord.federation.tak.settings import TakFederationSettings
from accord.feeds import catalogue
from accord.feeds.settings import FeedSettings
from accord.live.intake import IntakeSettings
from accord.live.marking import DefaultMarkings, GroupSettings
from accord.live.outbox import OutboxSettings
from accord.live.views import StreamSettings
from accord.live.words import WordsSettings
from accord.observe.health import HealthSettings
from accord.picture.picture import PictureSettings
from accord.security.accounts import AccountSettings
from accord.security.authority import CertificateSettings
from accord.security.identity import FederationSettings
from accord.security.ldap_settings import LdapGroup, LdapSettings
from accord.security.openid import OpenIdGroup, OpenIdSettings
from accord.storage.files import FileSettings
from accord.storage.history.settings import HistorySettings
from accord.storage.missions import MissionSettings
from accord.storage.settings import JournalSettings
from accord.tak.server import ConnectionSettings
from accord.tak.session import CotSettings

SETTINGS_FILE = "accord.toml"


@contextmanager
def _blaming(key: str) -> Generator[None, None, None]:
    try:
        yield
    except ValueError as error:
        raise BadSetting(key, str(error)) from None


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeSettings:
    """Who this node is."""

    id: str = field(metadata={"doc": "NATION or NATION-NAME; part of every certificate"})
    nation: str = field(metadata={"doc": "ISO 3166-1 alpha-3 code of the nation that owns it"})
    name: str = field(default="", metadata={"doc": "what people call it"})

    def __post_init__(self) -> None:
        with _blaming("nation"):
            check_nation(self.nation)
        with _blaming("id"):
            check_node(self.id, self.nation)


_EVERYWHERE = "::"


@dataclass(frozen=True, slots=True, kw_only=True)
class ListenSettings:
    """Where the node listens: ADDRESS:PORT, or off. `[::]` takes IPv4 as well."""

    cot_tcp: Endpoint | None = field(
        default=Endpoint("127.0.0.1", 8087),
        metadata={"doc": "CoT without encryption; who connects is nobody in particular"},
    )
    cot_tls: Endpoint | None = field(
        default=Endpoint(_EVERYWHERE, 8089),
        metadata={"doc": "CoT over TLS, with a client certificate"},
    )
    cot_udp: Endpoint | None = field(
        default=None,
        metadata={"doc": "CoT datagrams (usual port 6969); a multicast address joins a mesh"},
    )
    api: Endpoint | None = field(
        default=Endpoint(_EVERYWHERE, 8443),
        metadata={"doc": "HTTP over TLS: health, status, metrics, CoT over WebSocket"},
    )
    enrol: Endpoint | None = field(
        default=Endpoint(_EVERYWHERE, 8446),
        metadata={"doc": "phones fetch their certificate here with a one-time token"},
    )
    ais: Endpoint | None = field(
        default=None,
        metadata={"doc": "AIS of live ships for chart plotters (usual port 10110)"},
    )
    replay: Endpoint | None = field(
        default=None,
        metadata={
            "doc": "replays that are begun on the page, for TAK clients with a certificate, apart "
            "from what is live (usual port 8189)"
        },
    )
    federation: Endpoint | None = field(
        default=Endpoint(_EVERYWHERE, 9010),
        metadata={"doc": "partner nodes, over TLS with the certificates of both"},
    )
    allow_plaintext: bool = field(
        default=False,
        metadata={"doc": "let cot_tcp, cot_udp and ais be reached from other machines"},
    )

    def __post_init__(self) -> None:
        if self.ais is not None and not (self.allow_plaintext or self.ais.is_loopback):
            raise BadSetting(
                "ais",
                "this would tell the ships of the picture to anyone who can reach it; set "
                "allow_plaintext = true in [listen] where that is meant",
            )
        for name, endpoint in (("cot_tcp", self.cot_tcp), ("cot_udp", self.cot_udp)):
            if endpoint is not None and not (self.allow_plaintext or endpoint.is_loopback):
                raise BadSetting(
                    name,
                    "this would carry CoT unencrypted, from and to anyone who can reach "
                    "it; use cot_tls, or set allow_plaintext = true in [listen]",
                )


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaintextSettings:
    """What connections without a certificate (cot_tcp, cot_udp, ais) may say and hear."""

    groups: tuple[str, ...] = field(
        default=("Everyone",),
        metadata={"doc": "their groups, each NAME or NAME:in, NAME:out, NAME:both"},
    )
    every_exercise: bool = field(
        default=True, metadata={"doc": "they take part in every exercise, not only in what is live"}
    )

    def __post_init__(self) -> None:
        with _blaming("groups"):
            self.directions()

    def directions(self) -> Mapping[Group, Direction]:
        """Return the groups with their directions. ValueError for a direction there is not."""
        return dict(map(read_group, self.groups))

    def principal(self, name: str) -> Principal:
        """Return who such a connection is."""
        groups = MappingProxyType(self.directions())
        return Principal(name=name, groups=groups, every_exercise=self.every_exercise)


def check_exercise(name: str) -> None:
    """ValueError when this cannot be an exercise's name."""
    if not is_name(name):
        raise ValueError(f"exercise {name!r}: give a name that can be printed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The whole of `accord.toml`: each field a section."""

    node: NodeSettings = field(metadata={"doc": "a section that every node has"})
    listen: ListenSettings = field(default_factory=ListenSettings)
    plaintext: PlaintextSettings = field(default_factory=PlaintextSettings)
    connections: ConnectionSettings = field(default_factory=ConnectionSettings)
    cot: CotSettings = field(default_factory=CotSettings)
    intake: IntakeSettings = field(default_factory=IntakeSettings)
    picture: PictureSettings = field(default_factory=PictureSettings)
    chat: WordsSettings = field(default_factory=WordsSettings)
    outbox: OutboxSettings = field(default_factory=OutboxSettings)
    stream: StreamSettings = field(default_factory=StreamSettings)
    replay: ReplaySettings = field(default_factory=ReplaySettings)
    watch: WatchSettings = field(default_factory=WatchSettings)
    journal: JournalSettings = field(default_factory=JournalSettings)
    history: HistorySettings = field(default_factory=HistorySettings)
    certificates: CertificateSettings = field(default_factory=CertificateSettings)
    accounts: AccountSettings = field(default_factory=AccountSettings)
    federation: FederationSettings = field(default_factory=FederationSettings)
    link: LinkSettings = field(default_factory=LinkSettings)
    sync: SyncSettings = field(default_factory=SyncSettings)
    tak_federation: TakFederationSettings = field(default_factory=TakFederationSettings)
    health: HealthSettings = field(default_factory=HealthSettings)
    files: FileSettings = field(default_factory=FileSettings)
    missions: MissionSettings = field(default_factory=MissionSettings)
    group: Mapping[Group, GroupSettings] = field(default_factory=dict[str, GroupSettings])
    feed: Mapping[str, FeedSettings] = field(default_factory=dict[str, FeedSettings])
    chart: Mapping[str, ChartSettings] = field(default_factory=dict[str, ChartSettings])
    openid: OpenIdSettings = field(default_factory=OpenIdSettings)
    openid_group: Mapping[str, OpenIdGroup] = field(default_factory=dict[str, OpenIdGroup])
    ldap: LdapSettings = field(default_factory=LdapSettings)
    ldap_group: Mapping[str, LdapGroup] = field(default_factory=dict[str, LdapGroup])

    def __post_init__(self) -> None:
        with _blaming("chart"):
            for name in self.chart:
                check_name(name)

    def default_markings(self) -> DefaultMarkings:
        """Return the marks of what comes without one, for the intake."""
        return DefaultMarkings(
            self.node.nation,
            channels={catalogue.channel(name): each.marking for name, each in self.feed.items()},
            groups={name: each.marking for name, each in self.group.items()},
        )


def load(directory: Path, overrides: Mapping[str, str] = MappingProxyType({})) -> Settings:
    """Read the settings of a node's directory.

    `overrides` maps `section.key` to text from the command line. UsageError says what is wrong,
    with key, value and line.
    """
    path = directory / SETTINGS_FILE
    try:
        text = path.read_text("utf-8")
    except FileNotFoundError:
        raise UsageError(
            f"{directory} holds no {SETTINGS_FILE}; `accord init {directory} --node NODE "
            "--nation NATION` makes a node there"
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"cannot read {path}: {error}") from None
    settings = read(Settings, text, file=str(path), overrides=overrides)
    return replace(settings, listen=_listening_here(settings.listen))


def _listening_here(listen: ListenSettings) -> ListenSettings:
    """Take `0.0.0.0` for `[::]` on a machine that cannot have both on one socket."""
    if socket.has_dualstack_ipv6():
        return listen
    given = {entry.name: getattr(listen, entry.name) for entry in fields(listen)}
    ipv4 = {
        name: Endpoint("0.0.0.0", endpoint.port)  # noqa: S104  what [::] stands for
        for name, endpoint in given.items()
        if isinstance(endpoint, Endpoint) and endpoint.host == _EVERYWHERE
    }
    return replace(listen, **ipv4)
