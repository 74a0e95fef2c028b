"""What a node has for the people on watch: alerts, the log, words and drawings of the page."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from pathlib import Path

from starlette.routing import BaseRoute

from accord.api import chat, drill, sending, watch, watch_cap
from accord.api.chat import Person, Spoken, message_json
from accord.api.drill import drill_json
from accord.api.watch import alert_json, entry_json, may_be_told
from accord.config import Settings, load
from accord.core.body import Message
from accord.core.errors import UsageError
from accord.core.principal import Principal
from accord.core.report import Report
from accord.desks.watch.alert import Act, Entry
from accord.desks.watch.desk import Around, WatchDesk
from accord.desks.watch.rules import text as rule_text
from accord.desks.watch.rules.names import Known, unknown
from accord.desks.watch.store import WATCH, WatchStore
from accord.live.page_voice import CHANNEL, PageVoice
from accord.live.words import Words
from accord.node.browsers import Browsers
from accord.observe.health import Status
from accord.picture.picture import Change
from accord.storage.partners import PARTNERS, Partners
from accord.storage.people import PEOPLE, People
from accord.storage.tak_partners import TakPartners
from accord.storage.users import Users
from accord.tak.session import Bridge
from accord.wire.cot.translate import to_xml

RULES = "watch.rules"
"""The file of a node's directory with its watch rules, where it has any."""

_OF_DRILLS = frozenset({Act.DRILL_BEGUN, Act.DRILL_ENDED})


def rules_of(path: Path) -> Sequence[rule_text.Rule]:
    """Return the rules of a file, none where it is not there. UsageError says what is wrong."""
    try:
        text = path.read_text("utf-8")
    except FileNotFoundError:
        return ()
    except UnicodeDecodeError:
        raise UsageError(f"{path} is no text in UTF-8: give a file of watch rules") from None
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from None
    return rule_text.read(text, file=str(path))


def known_in(directory: Path) -> Known:
    """Return what a node that need not run has that rules can name, by its settings and registers.

    UsageError where there is no node.
    """
    settings = load(directory)

    def partners() -> Collection[str]:
        path = directory / PARTNERS
        if not path.is_file():
            return ()
        nodes = (each.node for each in Partners(path).trusted().partners)
        return {*nodes, *(each.node for each in TakPartners(path).known().partners)}

    def people() -> Iterable[Principal] | None:
        if not knows_all_people(settings):
            return None
        bearers = People(directory / PEOPLE).credentials()
        members = (each.principal for each in bearers if each.revoked is None)
        accounts = Users(directory / PEOPLE).roll().accounts.values()
        return (*members, *(each.user.principal for each in accounts))

    return Known(node=settings.node.id, feeds=settings.feed, partners=partners, people=people)


def knows_all_people(settings: Settings) -> bool:
    """Tell whether all who may sign in are known: none does by another's word."""
    return not (settings.openid.issuer or settings.ldap.url)


class Watch:
    """Made in a running event loop; `run` keeps the desk going.

    `losses` counts what it left out. `known` returns what the node has that rules can name.
    """

    def __init__(  # noqa: PLR0913  one argument for each thing that it works with
        self,
        directory: Path,
        settings: Settings,
        *,
        browsers: Browsers,
        bridge: Bridge,
        words: Words,
        status: Callable[[], Status],
        losses: Counter[str],
        known: Callable[[], Known],
    ) -> None:
        rules = rules_of(directory / RULES)
        self._rules = rules
        self._known = known
        store = WatchStore(directory / WATCH)
        store.prepare()
        around = Around(
            picture=bridge.picture, status=status, tell=self._tell_entries, counts=losses
        )
        self.desk = WatchDesk(
            store, settings.watch, around, clock=bridge.clock, log=bridge.log,
            rules=rules,
        )  # fmt: skip
        self.voice = PageVoice(
            bridge.intake, node=settings.node.id, write=to_xml, clock=bridge.clock
        )
        self._node = settings.node.id
        self._spoken = Spoken(self.voice)
        self._browsers = browsers
        self._bridge = bridge
        self._words = words
        self._status = status

    def routes(self) -> Sequence[BaseRoute]:
        """Return the routes, for the API."""
        callers = self._browsers.callers
        return (
            *watch.routes(
                self.desk,
                callers,
                self._status,
                lambda: list(self.strange()),
                knows=self._browsers.knows,
            ),
            *watch_cap.routes(self.desk, callers, self._browsers.around, node=self._node),
            *drill.routes(self.desk, callers),
            *sending.routes(self.voice, self._browsers.around, callers, self.clients),
            *chat.routes(self.voice, self._words, callers, lambda: list(self._people())),
        )

    def strange(self) -> Iterator[str]:
        """Yield what rules name that is not there."""
        return unknown(self._rules, self._known())

    def see(self, change: Change) -> None:
        """Take note of a change of the picture; cheap for all but calls for help and words."""
        self.desk.see(change)
        report = change.report
        if report is not None and isinstance(report.body, Message):
            self._tell_words(report)

    def _tell_words(self, report: Report) -> None:
        told = {"t": "chat", "message": message_json(report)}
        self._browsers.stream.tell(told, self._spoken.is_for(report))

    def _tell_entries(self, entries: Sequence[Entry]) -> None:
        for entry in entries:
            to = may_be_told(entry)
            if entry.alert is not None:
                self._browsers.stream.tell({"t": "alert", "alert": alert_json(entry.alert)}, to)
            self._browsers.stream.tell({"t": "log", "entry": entry_json(entry)}, to)
            if entry.act in _OF_DRILLS:
                told = {"t": "drill", "drill": drill_json(self.desk.drill)}
                self._browsers.stream.tell(told, to)

    def clients(self, uid: str) -> Iterator[Principal]:
        """Yield who is connected as the TAK client of that uid."""
        return (each.principal for each in self._bridge.sessions if each.uid == uid)

    def _people(self) -> Iterator[Person]:
        """Yield TAK clients that have said who they are, and everybody with an open page."""
        for session in self._bridge.sessions:
            if session.uid is not None:
                yield Person(
                    name=session.principal.name,
                    callsign=session.callsign or session.principal.name,
                    uid=session.uid,
                    by=session.channel,
                    groups=frozenset(session.principal.groups),
                )
        for principal in {
            each.principal.name: each.principal for each in self._browsers.stream.callers()
        }.values():
            yield Person(
                name=principal.name,
                callsign=principal.name,
                uid=self.voice.uid_of(principal),
                by=CHANNEL,
                groups=frozenset(principal.groups),
            )
