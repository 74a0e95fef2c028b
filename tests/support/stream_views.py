"""A picture, the views of it, and pages that are told of it; time is a variable."""

from accord.core.body import Removal
from accord.core.context import LIVE, Context
from accord.core.kind import Kind
from accord.core.principal import Direction, Principal
from accord.core.report import Report
from accord.core.track import Track
from accord.live.view import Frame, View
from accord.live.views import StreamSettings, Views
from accord.picture.picture import Change, Picture, PictureSettings
from accord.wire.page import message
from accord.wire.page.translate import Given
from support.builders import a_report
from support.clock import ManualClock
from support.stream_page import Page


class Looked:
    """A picture that is told reports, and whoever looks at it."""

    def __init__(
        self, settings: StreamSettings | None = None, picture: PictureSettings | None = None
    ) -> None:
        self.clock = ManualClock()
        self.forms: dict[str, Given] = {}
        self.picture = Picture(picture or PictureSettings(), evicted=self._evicted)
        self.views = Views(
            settings or StreamSettings(),
            picture=self.picture,
            clock=self.clock,
            form_of=lambda report: self.forms.get(report.uid),
            boot="boot",
        )

    def _evicted(self, track: Track) -> None:
        self.views.evicted(track)

    def say(self, *reports: Report) -> None:
        for each in reports:
            self._tell(self.picture.apply(each))

    def _tell(self, change: Change | None) -> None:
        if change is not None:
            self.views.note(change)

    def remove(self, uid: str, *, named: str = "gone", context: Context = LIVE) -> None:
        """Let the source of `a_report` end a track."""
        now = self.clock.now()
        report = a_report(named, at=now, kind=Kind.of("t-x-d-d"), body=Removal(target=uid))
        self.say(a_report(named, at=now, kind=report.kind, body=report.body, context=context))

    def round(self) -> None:
        for change in self.picture.expire(self.clock.now()):
            self.views.note(change)
        self.views.begin_round()
        while self.views.step():
            pass


def somebody(
    *groups: str, name: str = "kiwi-1", exercises: frozenset[str] = frozenset()
) -> Principal:
    directions = dict.fromkeys(groups or ("Blue",), Direction.BOTH)
    return Principal(name=name, groups=directions, exercises=exercises)


def told(view: View, page: Page) -> list[Frame]:
    """Return what the page is told next: as api/stream.py does, without a socket."""
    while not view.is_whole:
        view.step()
    can_resume = page.epoch == view.epoch and page.seq and view.holds(page.seq)
    since = (page.seq or 0) if can_resume else 0
    begin = [] if can_resume else [message.snapshot(view.epoch, str(view.context), len(view))]
    return [*begin, *view.since(since)]


def tell(view: View, page: Page) -> None:
    page.take_all(told(view, page))
