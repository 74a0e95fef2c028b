"""The scoreboard of the link: two hops of 9,600 bit/s, 200 ships, a cut, and what comes after it.

Three node processes in network namespaces, NZL - USA - AUS, made from nothing and agreed. Times are
those at which a TAK client at AUS hears what a client told NZL, counted from the moment at which
the radio is heard again: dialling, TLS and HELLO of both hops are in them.

    sudo .venv/bin/python bench/scoreboard.py           about 27 minutes
    sudo .venv/bin/python bench/scoreboard.py --quick   about 2; the missed updates come faster
    sudo .venv/bin/python bench/scoreboard.py --kills 50 --seed 7    what is lost by kills

Exit code 1 when a goal is missed, 77 where such a network may not be made.
"""

import argparse
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from chain import COT, IDS, NEIGHBOURS, SETTINGS, Chain, ChainError, chain
from radio import PLACES, NotPermitted, Radio, radio
from traffic import Ear, Fleet, chat, mayday

RATE = "9600bit"
SUSPENDED = "partner suspended an agreement"
CHAT_CLAUSE = "3"
SKIPPED = 77


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How much of everything: `cut` seconds in which `rounds` updates of each ship are missed."""

    ships: int = 200
    rounds: int = 60
    chats: int = 40
    cut: float = 600.0
    idle: float = 180.0
    moving: float = 60.0
    kills: int = 24
    lossy: bool = True
    patience: float = 180.0
    keepalive: float = SETTINGS["sync"]["keepalive"]
    silent_after: float = SETTINGS["sync"]["silent_after"]

    def settings(self) -> dict[str, dict[str, object]]:
        """Return the nodes' settings."""
        slow = {"keepalive": self.keepalive, "silent_after": self.silent_after}
        return {**SETTINGS, "sync": {**SETTINGS["sync"], **slow}}


QUICK = Plan(
    cut=15.0, idle=10.0, moving=10.0, kills=4, lossy=False, patience=90.0, keepalive=5.0,
    silent_after=12.0,
)  # fmt: skip
"""A short cut is noticed only where silence is noticed sooner."""
KILLS = Plan(ships=20, rounds=0, idle=0, moving=0, lossy=False, patience=300.0)
SMALL = Plan(
    ships=8, rounds=3, chats=4, cut=6.0, idle=0, moving=0, kills=0, lossy=False, patience=30.0,
    keepalive=2.0, silent_after=5.0,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table; `most` None where nothing is asked."""

    title: str
    value: float | None
    unit: str
    most: float | None = None

    @property
    def met(self) -> bool | None:
        if self.most is None:
            return None
        return self.value is not None and self.value <= self.most


class Board:
    """The chain, who speaks at its near end, and who listens at its far end."""

    def __init__(self, made: Chain, net: Radio, plan: Plan, rng: random.Random) -> None:
        self.chain, self.radio, self.plan, self.rng = made, net, plan, rng
        self.fleet = Fleet(plan.ships, rng)
        self.far = Ear()
        self.said: list[str] = []
        self._speaker = net.connect("near", ("127.0.0.1", COT))
        self.listen()

    def listen(self) -> None:
        """Listen at the far end (again)."""
        self.far.close()
        self.far.listen(self.radio.connect("far", ("127.0.0.1", COT)))

    def tell(self, said: bytes) -> None:
        """Tell the near node; who finds it gone says it again when it is back."""
        while not self._is_told(said):
            self._speaker.close()
            time.sleep(0.2)
            self.reconnect()

    def _is_told(self, said: bytes) -> bool:
        try:
            self._speaker.sendall(said)
        except OSError:
            return False
        return True

    def reconnect(self) -> None:
        try:
            self._speaker = self.radio.connect("near", ("127.0.0.1", COT))
        except OSError:
            time.sleep(0.2)

    def say(self, count: int, prefix: str) -> list[str]:
        names = [f"{prefix}-{number}" for number in range(count)]
        for name in names:
            self.tell(chat(name, self.rng))
        self.said += names
        return names

    def until(self, is_so: Callable[[], bool], patience: float | None = None) -> float | None:
        """Return the time at which it is so, None where it is not within patience."""
        until = time.monotonic() + (patience or self.plan.patience)
        while time.monotonic() < until:
            if is_so():
                return time.monotonic()
            time.sleep(0.02)
        return None

    def is_current(self) -> bool:
        """Tell whether the far end has the newest of every ship."""
        return self.far.has(self.fleet.newest)


def first_picture(board: Board) -> Iterator[Line]:
    """Let every ship be known at the far end, with nothing in the way."""
    board.fleet.round(board.tell, 0.5)
    if board.until(board.is_current) is None:
        raise ChainError(f"no picture came through: {board.chain.links('middle')}")
    yield Line("ships known at the far end before anything is measured", board.plan.ships, "")
    board.radio.shape(RATE)


def idle(board: Board) -> Iterator[Line]:
    """Count what a link says when there is nothing to say: both directions together."""
    time.sleep(3)
    before = [board.radio.sent("near", "middle"), board.radio.sent("middle", "near")]
    time.sleep(board.plan.idle)
    after = [board.radio.sent("near", "middle"), board.radio.sent("middle", "near")]
    counts = [now.since(then) for now, then in zip(after, before, strict=True)]
    tls, ip = sum(each.of_tls for each in counts), sum(each.of_ip for each in counts)
    keepalive = SETTINGS["sync"]["keepalive"]
    seconds = board.plan.idle * keepalive / board.plan.keepalive
    yield Line(f"idle link, a sign of life in {keepalive:g} s, TLS", tls / seconds, "B/s", 10)
    yield Line("  with IP and TCP headers", ip / seconds, "B/s", 10)


def moving(board: Board) -> Iterator[Line]:
    """Count the bytes of a position update while all ships report every 10 s."""
    hops = [("near", "middle"), ("middle", "far")]
    before = [board.radio.sent(*hop) for hop in hops]
    lines = [_lines(board, *hop) for hop in hops]
    until = time.monotonic() + board.plan.moving
    while time.monotonic() < until:
        board.fleet.round(board.tell, 10.0 * board.plan.ships / 200)
    board.until(board.is_current)
    for hop, then, had in zip(hops, before, lines, strict=True):
        sent = board.radio.sent(*hop).since(then)
        updates = _lines(board, *hop) - had
        name = f"{IDS[hop[0]][:3]} to {IDS[hop[1]][:3]}"
        asked = 30 if hop[0] == "near" else None
        yield Line(
            f"a position update, {name}, signature and TLS", sent.of_tls / updates, "B", asked
        )
        yield Line("  with IP and TCP headers", sent.of_ip / updates, "B")
        if hop[0] == "near":
            frames = Counter(each["frame"] for each in board.chain.lines(*hop)[-updates:])
            yield Line("  updates in a frame", updates / len(frames), "")


def _lines(board: Board, place: str, towards: str) -> int:
    return board.chain.links(place)[IDS[towards]]["lines"]


def cut(board: Board, lost: int, mark: str) -> Iterator[Line]:
    """Cut both hops, let updates be missed, and time what comes when they are heard again."""
    plan, fleet = board.plan, board.fleet
    print(f"  ... cut for {plan.cut:g} s, {lost} % loss afterwards", flush=True)
    board.radio.hear(cut=True)
    had, began = fleet.sent, time.monotonic()
    for number in range(plan.rounds):
        if number == plan.rounds // 2:
            board.tell(mayday(f"MAYDAY-{mark}"))
            chats = board.say(plan.chats, f"CHAT-{mark}")
            if not lost:
                board.chain.suspend_spare()
        left = began + plan.cut - time.monotonic()
        fleet.round(board.tell, max(0.0, left / (plan.rounds - number)))
    yield Line(f"updates missed in {time.monotonic() - began:.0f} s of cut", fleet.sent - had, "")
    log = board.chain.log("far")
    heard_before = log.read_text().count(SUSPENDED)
    up = time.monotonic()
    board.radio.hear(percent_lost=lost)
    title = f" after link-up{f', {lost} % loss' if lost else ''}"
    far, late = board.far.first, f"MAYDAY-LATE-{mark}"
    sent_late = suspended = picture = chatted = None
    while time.monotonic() < up + plan.patience:
        now = time.monotonic()
        if suspended is None and log.read_text().count(SUSPENDED) > heard_before:
            suspended = now
        if sent_late is None and any(far.get(uid, 0) > up for uid in chats[plan.chats // 2 :]):
            board.tell(mayday(late))
            sent_late = now
        if chatted is None and all(uid in far for uid in chats):
            chatted = max(far[uid] for uid in chats)
        if picture is None and board.is_current():
            picture = now
        if None not in (picture, chatted, far.get(late)) and (lost or suspended):
            break
        time.sleep(0.02)
    yield Line("emergency" + title, _from(up, far.get(f"MAYDAY-{mark}")), "s", None if lost else 5)
    if not lost:
        yield Line("suspension" + title, _from(up, suspended), "s", 5)
    yield Line(f"{plan.chats} chats" + title, _from(up, chatted), "s", None if lost else 15)
    yield Line("whole picture" + title, _from(up, picture), "s", 75 if lost else 60)
    yield Line("emergency sent mid-backlog", _from(sent_late, far.get(late)), "s", 5)


def _from(begin: float | None, end: float | None) -> float | None:
    return None if begin is None or end is None else end - begin


def kills(board: Board) -> Iterator[Line]:
    """Kill nodes and guards at random while ships move and people talk."""
    print(f"  ... {board.plan.kills} kills", flush=True)
    board.radio.hear()
    board.radio.shape(None)
    victims = Counter[str]()
    for number in range(board.plan.kills):
        board.fleet.round(board.tell, 1.0)
        victims[_kill(board, board.rng.choice(PLACES), is_node=number % 2 == 0)] += 1
        board.say(5, f"KILLED-{number}")
    board.fleet.round(board.tell, 1.0)
    for what, count in sorted(victims.items()):
        yield Line(f"{what} killed at random", count, "")


def _kill(board: Board, place: str, *, is_node: bool) -> str:
    if not is_node:
        board.chain.kill_guard(place)
        return "guards"
    if place == "near":
        time.sleep(1)  # what its client said last may not be on its disk: that is before the link
    board.chain.kill_node(place)
    board.chain.start(place)
    if place == "near":
        board.reconnect()
    if place == "far":
        board.listen()
    return "nodes"


def kept(board: Board) -> Iterator[Line]:
    """Count what did not arrive, and hold the ledgers of each hop against each other."""
    far = board.far
    board.until(lambda: board.is_current() and all(each in far.first for each in board.said))
    lost = sum(each not in far.first for each in board.said)
    yield Line(f"of {len(board.said)} chats, lost", lost, "", 0)
    stale = sum(not far.has({uid: at}) for uid, at in board.fleet.newest.items())
    yield Line(f"of {board.plan.ships} ships, not the newest state", stale, "", 0)
    time.sleep(2)
    board.chain.stop()
    for place, other in NEIGHBOURS.items():
        name = f"{IDS[place][:3]} and {IDS[other][:3]}"
        found = board.chain.compared(place)
        clauses = found["given"]["clauses"]
        wrong = sum(
            each[what]["count"] for each in clauses for what in ("missing", "unsent", "differing")
        )
        yield Line(f"ledgers of {name}: releases", sum(each["sent"] for each in clauses), "")
        yield Line("  that only one of the two has, or otherwise", wrong, "", 0)
        chats = next(each for each in clauses if each["clause"] == CHAT_CLAUSE)
        twice = chats["received"] - len(board.said)
        yield Line("  chats received twice", twice, "", 0)


def measured(board: Board) -> Iterator[Line]:
    """Yield the whole table; a small one has only a cut, and what was kept, one of kills no cut."""
    yield from first_picture(board)
    if board.plan.moving:
        yield from idle(board)
        yield from moving(board)
    if board.plan.rounds:
        yield from cut(board, 0, "A")
    if board.plan.lossy:
        yield from cut(board, 5, "B")
    if board.plan.kills:
        yield from kills(board)
    yield from kept(board)


def shown(line: Line) -> str:
    value = "never" if line.value is None else f"{line.value:,.1f}".removesuffix(".0")
    asked = "" if line.most is None else f"at most {line.most:g}"
    return f"{line.title:58} {value:>8} {line.unit:5} {asked:12} {MET[line.met]}".rstrip()


MET = {None: "", True: "met", False: "MISSED"}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="short cuts, and few kills")
    parser.add_argument("--loss", action="store_true", help="with the cut before loss, if quick")
    parser.add_argument("--seed", type=int, default=4)
    parser.add_argument("--keep", type=Path, help="where to leave the nodes' directories and logs")
    parser.add_argument("--kills", type=int, help="so many kills, and nothing else")
    parser.add_argument("--small", action="store_true", help="8 ships, a cut, no loss, no kills")
    options = parser.parse_args()
    plan = SMALL if options.small else QUICK if options.quick else Plan()
    plan = replace(plan, lossy=plan.lossy or options.loss)
    if options.kills:
        plan = replace(KILLS, kills=options.kills)
    lines: list[Line] = []
    with tempfile.TemporaryDirectory(prefix="accord-bench-") as name:
        folder = options.keep or Path(name)
        folder.mkdir(exist_ok=True)
        try:
            with radio() as net:
                net.shape(None)
                with chain(folder, net, plan.settings()) as made:
                    board = Board(made, net, plan, random.Random(options.seed))
                    for line in measured(board):
                        lines.append(line)
                        print(shown(line), flush=True)
        except NotPermitted as why:
            print(f"not run: {why}", file=sys.stderr)
            return SKIPPED
    return 1 if any(line.met is False for line in lines) else 0


if __name__ == "__main__":
    sys.exit(main())
