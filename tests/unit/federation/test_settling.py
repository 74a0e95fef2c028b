from dataclasses import dataclass

from accord.federation.settling import AT_ONCE, Change, Settling
from accord.federation.taking import Took
from accord.federation.version import ObjectKey
from accord.wire.peer.message import Want
from accord.wire.peer.protocol import Lane, Version
from accord.wire.peer.report import Grant

KEY = ObjectKey("USA", "live", "M")
OLD, NEW = (Took(Version(1, ms), Grant(bytes(8), "1", "exact"), durable=True) for ms in (1, 2))


@dataclass
class Disk:
    given: int = 0
    settled: int = 0


def a_frame(settling: Settling, number: int, mark: int) -> None:
    settling.came(number, {Lane.CHAT: mark})


def test_a_frame_counts_as_come_when_what_it_brought_is_on_the_disk() -> None:
    disk = Disk()
    settling = Settling(disk)
    a_frame(settling, 2, 1)
    assert (settling.settle(), settling.frame, settling.marks) == ([], 0, {})
    disk.given = 3
    settling.placed()
    disk.settled = 2
    assert settling.settle() == []
    disk.settled = 3
    (came,) = settling.settle()
    assert (came.frame, settling.frame, settling.marks) == (2, 2, {Lane.CHAT: 1})
    assert not settling


def test_what_comes_later_waits_for_its_own_place_and_for_all_before() -> None:
    disk = Disk()
    settling = Settling(disk)
    a_frame(settling, 2, 1)
    disk.given = 1
    settling.placed()
    settling.passed(3)
    a_frame(settling, 4, 2)
    disk.given = 2
    settling.placed()
    disk.settled = 1
    settling.settle()
    assert (settling.frame, settling.marks) == (3, {Lane.CHAT: 1})
    disk.settled = 2
    settling.settle()
    assert (settling.frame, settling.marks) == (4, {Lane.CHAT: 2})


def test_what_brings_nothing_to_the_disk_waits_for_nothing() -> None:
    settling = Settling(Disk())
    settling.passed(2)
    assert settling.frame == 2


def test_a_disk_that_has_all_at_once_lets_all_count_at_once() -> None:
    settling = Settling(AT_ONCE)
    a_frame(settling, 2, 1)
    settling.placed()
    assert settling.settle()
    assert settling.frame == 2


def test_of_another_session_no_frame_and_no_number_is_acknowledged() -> None:
    settling = Settling(AT_ONCE)
    a_frame(settling, 7, 9)
    settling.begin({Lane.CHAT: 4})
    settling.placed()
    assert len(settling.settle()) == 1
    assert (settling.frame, settling.marks) == (0, {Lane.CHAT: 4})


def test_what_had_been_taken_is_as_it_was_before_what_is_not_on_the_disk() -> None:
    other = KEY._replace(uid="N")
    settling = Settling(Disk())
    settling.changed(Change(KEY, OLD, NEW))
    a_frame(settling, 2, 1)
    settling.changed(Change(KEY, NEW, None))
    settling.changed(Change(other, None, NEW))
    assert settling.before({other: NEW}) == {KEY: OLD}
    assert settling.before({}) == {KEY: OLD}


def test_what_a_frame_changed_and_thanks_for_comes_with_it() -> None:
    settling = Settling(AT_ONCE)
    thanks = ((Lane.CHAT, Want(ticket=1, digest=bytes(32), first=0, blocks=b"")),)
    settling.changed(Change(KEY, None, NEW))
    settling.buried((KEY, NEW.version, 5))
    settling.came(2, {}, thanks)
    settling.placed()
    (came,) = settling.settle()
    assert (came.changes, came.buried, came.thanks) == (
        [Change(KEY, None, NEW)], [(KEY, NEW.version, 5)], thanks,
    )  # fmt: skip
