"""A replay ends with the same picture however fast it was played."""

from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from accord.core.context import LIVE
from accord.core.report import Report
from accord.live.player import Player, Wanted, context_named
from accord.live.reel import Reel
from support.past import AS_LIVED, ends, keep
from support.released import after, heard

END = 1800.0
STEP = 0.25
"""Seconds of the clock on the wall between two steps (node/replaying.py)."""

events = st.lists(
    st.tuples(
        st.sampled_from(["S1", "S2", "S3"]),
        st.integers(0, int(END)),
        st.integers(-89, 89),
        st.integers(30, 900),
        st.booleans(),
    ),
    max_size=15,
)


def reports(said: list[tuple[str, int, int, int, bool]]) -> list[Report]:
    in_order = sorted(said, key=lambda each: each[1])
    return [
        ends(uid, at) if is_end else heard(uid, at, at=(lat, 178.0), valid=valid)
        for uid, at, lat, valid, is_end in in_order
    ]


def played(kept: list[Report], speed: float, begin: float) -> set[tuple[object, ...]]:
    """Play it by a clock that is stepped, as fast as asked for; return the picture at the end."""
    with TemporaryDirectory() as name:
        past = keep(Path(name), kept)
        wanted = Wanted(LIVE)
        reel = Reel(
            past, AS_LIVED.picture, AS_LIVED.journal,
            wanted=wanted.of_origin, is_awaited=lambda: True,
        )  # fmt: skip
        player = Player(reel, AS_LIVED.picture, context_named("R"), wanted=wanted)
        player.begin(after(begin))
        to = player.at
        while player.at < after(END):
            to = min(after(END), to + timedelta(seconds=STEP * speed))
            player.show(*player.fetch(to))
        return {
            (track.id, track.status, claim.source, claim.time, claim.body, claim.received)
            for track in player.picture.everything()
            for claim in track.claims.values()
        }


@settings(max_examples=15, deadline=None)
@given(events, st.integers(0, 900))
def test_the_last_picture_is_the_same_at_any_speed(
    said: list[tuple[str, int, int, int, bool]], begin: int
) -> None:
    kept = reports(said)
    assert played(kept, 100, begin) == played(kept, 600, begin)


def test_the_last_picture_is_the_same_at_the_pace_it_was_and_a_hundred_times_as_fast() -> None:
    kept = [heard("S1", END - 40), heard("S2", END - 20), ends("S2", END - 20),
            heard("S1", END - 10, at=(-20, 178.0)), heard("S3", END - 1)]  # fmt: skip
    assert played(kept, 1, END - 35) == played(kept, 100, END - 35)
    assert len(played(kept, 1, END - 35)) == 2
