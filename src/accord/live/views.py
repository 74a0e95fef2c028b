"""The views that browsers look at, and what the picture tells them.

While nobody looks, what changes is not even noted.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from accord.core.body import Removal
from accord.core.clock import Clock
from accord.core.context import Context
from accord.core.principal import Group, Principal
from accord.core.report import Report
from accord.core.track import Track, TrackStatus
from accord.live.past import RECALLED as RECALLED_UID
from accord.live.view import LOST, NO_ROOM, RECALLED, REMOVED, FormOf, View
from accord.picture.picture import Change, Picture
from accord.picture.query import Filter


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamSettings:
    """How many browsers look at the picture, and how long they may be away."""

    max_browsers: int = field(
        default=200, metadata={"doc": "browsers at one time; beyond, a new one is turned away"}
    )
    kept_for: timedelta = field(
        default=timedelta(minutes=5),
        metadata={
            "doc": "a browser that comes back within this is told what changed; later, everything"
        },
    )
    max_gone: int = field(
        default=50_000,
        metadata={
            "doc": "tracks that are gone which a view remembers; who missed more is told everything"
        },
    )


class Views:
    """One view per audience and context that somebody looks at, or did lately.

    `note` is to be told of every change. `boot` is of this life of the node alone.
    """

    def __init__(
        self,
        settings: StreamSettings,
        *,
        picture: Picture,
        clock: Clock,
        form_of: FormOf,
        boot: str,
    ) -> None:
        self._settings = settings
        self._picture = picture
        self._clock = clock
        self._form_of = form_of
        self._boot = boot
        self._made = 0
        self._views: dict[tuple[Context, frozenset[Group]], View] = {}
        self._noted: dict[Context, dict[str, tuple[Track, str]]] = {}

    def __len__(self) -> int:
        """Return how many views there are."""
        return len(self._views)

    def contexts(self, principal: Principal) -> list[str]:
        """Return the contexts there are that he takes part in, live first."""
        known = {str(each) for each in self._picture.contexts if principal.takes_part_in(each)}
        return ["live", *sorted(known - {"live"})]

    def open(self, principal: Principal, context: Context) -> View:
        """Return what he sees of a context that he takes part in; `close` it when he looks away."""
        key = (context, principal.hears)
        view = self._views.get(key)
        if view is None:
            view = self._begin(principal, context)
            self._views[key] = view
        view.users += 1
        view.left = None
        return view

    def close(self, view: View) -> None:
        """Note that one looks away."""
        view.users -= 1
        if not view.users:
            view.left = self._clock.now()

    def _begin(self, principal: Principal, context: Context) -> View:
        if len(self._views) >= self._settings.max_browsers:
            self._forget_one()
        self._made += 1
        view = View(
            f"{self._boot}.{self._made}",
            principal,
            context,
            picture=self._picture.settings,
            form_of=self._form_of,
            max_gone=self._settings.max_gone,
        )
        view.begin(self._clock.now())
        view.note({t.id: (t, "") for t in self._picture.tracks(Filter(context=context))})
        return view

    def note(self, change: Change) -> None:
        """Take note of what happened to a track."""
        track = change.track
        if track is not None and self._views:
            is_over = track.status is TrackStatus.REMOVED
            self._note(track, _why(change.report) if is_over else "")

    def evicted(self, track: Track) -> None:
        """Take note that a track had to go, because the picture was full."""
        if self._views:
            self._note(track, NO_ROOM)

    def _note(self, track: Track, why: str) -> None:
        self._noted.setdefault(track.context, {})[track.id] = (track, why)

    def begin_round(self) -> None:
        """Hand each view what was noted, and forget those that nobody looked at for so long."""
        if not self._views:
            return
        now = self._clock.now()
        noted, self._noted = self._noted, {}
        as_it_is = {context: self._as_it_is(context, each) for context, each in noted.items()}
        for key, view in list(self._views.items()):
            if view.left is not None and now - view.left >= self._settings.kept_for:
                del self._views[key]
                continue
            view.begin(now)
            view.note(as_it_is.get(view.context, {}))

    def _as_it_is(
        self, context: Context, noted: Mapping[str, tuple[Track, str]]
    ) -> dict[str, tuple[Track, str]]:
        """Return the tracks as the picture has them now; what it has not is gone.

        A track can have been too large for the picture, or have come again after it went.
        """
        found: dict[str, tuple[Track, str]] = {}
        for track_id, (track, why) in noted.items():
            now = self._picture.get(context, track_id)
            if now is not None and now.id == track_id:
                found[track_id] = (now, "")
            else:
                found[track_id] = (replace(track, status=TrackStatus.REMOVED), why or NO_ROOM)
        return found

    def step(self) -> bool:
        """Take in some of what waits for each view; tell whether there is more."""
        return sum(view.step() for view in self._views.values()) > 0

    def _forget_one(self) -> None:
        """Forget the view that nobody has looked at for longest, where there is one."""
        left = [(view.left, key) for key, view in self._views.items() if view.left is not None]
        if left:
            _, key = min(left, key=_since)
            del self._views[key]


def _since(left: tuple[datetime, object]) -> datetime:
    return left[0]


def _why(ended_by: Report | None) -> str:
    if ended_by is None:
        return LOST
    is_recall = (
        isinstance(ended_by.body, Removal)
        and ended_by.source.is_partners
        and ended_by.uid.endswith(RECALLED_UID)
    )
    return RECALLED if is_recall else REMOVED
