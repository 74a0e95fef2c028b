"""CPU seconds and memory of a process and all it started, from /proc (Linux)."""

import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_TICKS_PER_S = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")
_PROC = Path("/proc")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """Totals over a process tree; memory in bytes.

    `pss` shares forked pages out among their owners: compare it, not `rss`, for servers of several
    processes.
    """

    cpu_s: float = 0.0
    rss: int = 0
    pss: int = 0
    processes: int = 0


def spoken_of(roots: Sequence[int], words: str) -> list[int]:
    """Return the processes of a tree that have these words on their command line."""
    found: list[int] = []
    for pid in _with_descendants(roots):
        with suppress(OSError):
            if words in (_PROC / str(pid) / "cmdline").read_text():
                found.append(pid)
    return found


def sample(roots: Sequence[int]) -> Sample:
    pids = _with_descendants(roots)
    stats = [fields for pid in pids if (fields := _stat(pid))]
    # proc(5): 14 to 17 are utime, stime, cutime, cstime; 24 is rss. These lists begin at field 3.
    return Sample(
        cpu_s=sum(int(ticks) for fields in stats for ticks in fields[11:15]) / _TICKS_PER_S,
        rss=sum(int(fields[21]) for fields in stats) * _PAGE,
        pss=sum(map(_pss, pids)),
        processes=len(stats),
    )


def machine_cpu_s() -> float:
    """CPU seconds of everything on the machine since it started, without idle and iowait."""
    with (_PROC / "stat").open() as file:
        ticks = [int(field) for field in file.readline().split()[1:]]
    return (sum(ticks) - ticks[3] - ticks[4]) / _TICKS_PER_S


def waited_s(pid: int) -> float:
    """Seconds for which a process's first thread could run and no core was free for it."""
    return int((_PROC / str(pid) / "schedstat").read_text().split()[1]) / 1e9


def _stat(pid: int) -> list[bytes]:
    """The fields of /proc/PID/stat from the third; none for a process that has gone."""
    try:
        return (_PROC / str(pid) / "stat").read_bytes().rsplit(b") ", 1)[1].split()
    except (OSError, IndexError):
        return []


def _with_descendants(roots: Sequence[int]) -> list[int]:
    children: dict[int, list[int]] = {}
    for entry in _PROC.iterdir():
        if entry.name.isdigit() and (fields := _stat(int(entry.name))):
            children.setdefault(int(fields[1]), []).append(int(entry.name))
    found: list[int] = []
    to_do = list(roots)
    while to_do:
        pid = to_do.pop()
        if pid not in found:
            found.append(pid)
            to_do.extend(children.get(pid, ()))
    return found


def _pss(pid: int) -> int:
    try:
        with (_PROC / str(pid) / "smaps_rollup").open() as file:
            for line in file:
                if line.startswith("Pss:"):
                    return int(line.split()[1]) * 1024
    except OSError:
        pass
    return 0
