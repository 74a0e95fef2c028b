"""What a node has for the people on watch: alerts, the log, words and drawings of the page."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from pathlib import Path

from starlette.routing import BaseRoute

from accord.api import chat, drill, sending, watch, watch_cap
from accord.api.chat import Person, Spoken, message_json
from accord.api.drill import drill_json
from accord.api.watch import alert_json, entry_json, may_be_told
from accord.config import SETTINGS_FILE, Settings
from accord.core.body import Message
from accord.core.errors import UsageError
from accord.core.principal import Principal
from accord.core.report import Report
from accord.desks.watch.alert import Act, Entry
from accord.desks.watch.desk import Around, WatchDesk
from accord.desks.watch.rules import text as rule_text
from accord.desks.watch.store import WATCH, WatchStore
from accord.live.page_voice import CHANNEL, PageVoice
from accord.live.words import Words
from accord.node.browsers import Browsers
from accord.observe.health import Status
from accord.picture.picture import Change
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


def _strange(rules: Iterable[rule_text.Rule], feeds: Collection[str]) -> Iterator[str]:
    for each in rules:
        if isinstance(each.when, rule_text.SilentFeed) and each.when.name not in feeds:
            yield (
                f"watch rule {each.name} is about the feed {each.when.name}, which {SETTINGS_FILE} "
                "does not have"
            )


class Watch:
    """Made in a running event loop; `run` keeps the desk going.

    `losses` counts what it left out. `strange` says what rules name that is not there.
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
    ) -> None:
        rules = rules_of(directory / RULES)
        self.strange = tuple(_strange(rules, settings.feed))
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
            *watch.routes(self.desk, callers, self._status),
            *watch_cap.routes(self.desk, callers, self._browsers.around, node=self._node),
            *drill.routes(self.desk, callers),
            *sending.routes(self.voice, self._browsers.around, callers, self.clients),
            *chat.routes(self.voice, self._words, callers, lambda: list(self._people())),
        )

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
