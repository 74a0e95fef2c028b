"""A whole answer, as people ask for it: each time in a process of its own, by the clock.

    python bench/impact.py

The Pacific scenario, its four commitments, 1,000 draws. Promised: under 20 s on two cores with
nothing kept, under 1.5 GiB; under 2 s once more after one changed clause. Exit code 1 when a
promise is broken.
"""

import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SCENARIO = Path(__file__).parents[1] / "examples" / "scenarios" / "pacific" / "scenario.yaml"
CLAUSE = "base: FJ-NAN, count: 1, share_of_year: 0.5"
CHANGED = "base: FJ-NAN, count: 1, share_of_year: 0.6"
FIRST, AGAIN = 20.0, 2.0
MOST_MIB = 1536


def asked(folder: Path, *more: str) -> tuple[float, bytes]:
    """Ask in a new process; return the seconds by the clock, and the answer."""
    words = [sys.executable, "-m", "accord", "impact", "C1", "C2", "C3", "C4", "--json"]
    words += ["--scenario", str(folder / SCENARIO.name), "--cache", str(folder / "kept"), *more]
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(words, check=True, capture_output=True)
    spent, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    worked = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(f"{' '.join(more) or 'answer':12} {spent:7.2f} s, {worked:7.2f} s of processor", end="")
    return spent, done.stdout


def told(what: str, value: float, goal: float) -> bool:
    print(f"   {what}: goal {goal:g}, {'ok' if value < goal else 'MISSED'}")
    return value < goal


def main() -> int:
    text = SCENARIO.read_text("utf-8")
    assert CLAUSE in text
    held: list[bool] = []
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        (folder / SCENARIO.name).write_text(text)
        spent, first = asked(folder)
        held.append(told("nothing kept", spent, FIRST))
        spent, same = asked(folder)
        held.append(told("the same once more", spent, AGAIN))
        (folder / SCENARIO.name).write_text(text.replace(CLAUSE, CHANGED))
        spent, other = asked(folder)
        held.append(told("one clause changed", spent, AGAIN))
        asked(folder, "--html", str(folder / "answer.html"))
        print(f"   with its page of {(folder / 'answer.html').stat().st_size >> 10} kB")
    assert first == same != other
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    held.append(told(f"peak memory {peak:.0f} MiB", peak, MOST_MIB))
    return int(not all(held))


if __name__ == "__main__":
    sys.exit(main())
