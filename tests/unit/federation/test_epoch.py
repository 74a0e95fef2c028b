from datetime import timedelta
from pathlib import Path

import pytest

from accord.core.errors import AccordError
from accord.federation.epoch import RISES_EVERY, Epoch, cannot_be, is_behind
from accord.federation.moment import Moment
from accord.wire.peer.protocol import Lane, Mark
from support.clock import START

SECONDS = 1_767_323_045  # START


def test_a_new_epoch_is_begun_by_the_clock_and_stays(tmp_path: Path) -> None:
    path = tmp_path / "federation" / "epoch"
    assert Epoch(path, START).value == SECONDS
    assert Epoch(path, START + timedelta(days=1)).value == SECONDS


def test_an_epoch_rises_even_where_the_clock_has_gone_back(tmp_path: Path) -> None:
    path = tmp_path / "epoch"
    epoch = Epoch(path, START)
    assert epoch.rise(START - timedelta(days=1)) == SECONDS + 1
    assert epoch.rise(START + timedelta(seconds=60)) == SECONDS + 60
    assert Epoch(path, START).value == SECONDS + 60


def test_a_backup_put_back_twice_gives_no_epoch_twice(tmp_path: Path) -> None:
    path = tmp_path / "epoch"
    Epoch(path, START)
    backup = path.read_bytes()
    first = Epoch(path, START).rise(START + timedelta(days=1))
    path.write_bytes(backup)
    assert Epoch(path, START).rise(START + timedelta(days=2)) > first


def test_a_file_that_holds_no_epoch_is_said(tmp_path: Path) -> None:
    path = tmp_path / "epoch"
    path.write_text("soon\n")
    with pytest.raises(AccordError, match="holds no epoch"):
        Epoch(path, START)
    path.unlink()
    path.mkdir()
    with pytest.raises(AccordError, match="cannot read"):
        Epoch(path, START)


@pytest.mark.parametrize(
    ("resumes", "number", "behind"),
    [
        (7, 5, False),  # it has all of ours
        (7, 4, False),  # and lacks one
        (7, 6, True),  # it has one that we never wrote, as far as we know
        (6, 9, False),  # of the epoch before
        (8, 1, True),  # of an epoch that we have not begun
    ],
)
def test_who_is_behind_what_the_partner_holds_is_found(
    resumes: int, number: int, *, behind: bool
) -> None:
    assert is_behind(7, resumes, (Mark(Lane.CHAT, number),), {Lane.CHAT: 5}) is behind


def test_a_log_that_is_lost_whole_is_behind() -> None:
    assert is_behind(7, 7, (Mark(Lane.CHAT, 1),), {})


def test_what_partners_say_raises_it_once_a_day_at_most(tmp_path: Path) -> None:
    epoch, later = Epoch(tmp_path / "epoch", START), START + timedelta(days=1)
    assert epoch.passes(SECONDS - 1, Moment(later, 0.0))
    assert epoch.value == SECONDS
    assert epoch.passes(SECONDS, Moment(later, 1.0))
    risen = epoch.value
    assert risen == SECONDS + 86_400
    assert epoch.passes(risen - 1, Moment(later, 2.0))  # another partner, of the same backup
    assert not epoch.passes(risen, Moment(later, RISES_EVERY))
    assert epoch.value == risen
    assert epoch.passes(risen, Moment(later, 1.0 + RISES_EVERY))
    assert epoch.value == risen + 1


def test_an_epoch_that_is_still_to_come_was_none_of_this_node() -> None:
    assert cannot_be(7, SECONDS + 1, START)
    assert not cannot_be(7, SECONDS, START)
    assert not cannot_be(SECONDS + 9, SECONDS + 9, START)  # begun while its clock was wrong
