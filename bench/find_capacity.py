"""The highest rate that a server holds: nothing missing, and p99 under a limit.

Doubles the offered rate until a step fails, then halves the interval. A step that fails is tried
once more, since shared machines have bad moments. What a server delivers while it is saturated
flatters one that only queues; this is the figure to compare servers by.

Arguments after -- go to cotload.py. The last line is the best step as JSON.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

COTLOAD = Path(__file__).with_name("cotload.py")
STEP_WITHIN_S = 180
BUSY_CORES = 0.93
"""A generator's process that uses more of its core may itself be what is late."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """What to look for; rates in events/s of all publishers together."""

    target: str
    publishers: int = 10
    subscribers: int = 10
    start: float = 500.0
    end: float = 200_000.0
    p99_ms: float = 1000.0
    undelivered_pct: float = 0.0
    seconds: float = 4.0
    halvings: int = 3
    more: Sequence[str] = ()

    def best(self) -> dict | None:
        """The result of the highest step that was held, or None."""
        best, held, failed, rate = None, 0.0, None, self.start
        while rate <= self.end:
            result = self._step(rate)
            if result is None:
                failed = rate
                break
            best, held, rate = result, rate, rate * 2
        for _ in range(self.halvings if failed else 0):
            middle = (held + failed) / 2
            result = self._step(middle)
            if result is None:
                failed = middle
            else:
                best, held = result, middle
        return best

    def _step(self, rate: float) -> dict | None:
        for _attempt in range(2):
            result = self._offer(rate)
            is_held = self._is_held(result)
            print(
                f"{rate:9.0f} events/s: {_said(result)}{'' if is_held else '  NOT HELD'}",
                flush=True,
            )
            if is_held:
                return result
        return None

    def _offer(self, rate: float) -> dict | None:
        options = {
            "--publishers": self.publishers,
            "--subscribers": self.subscribers,
            "--rate": rate / self.publishers,
            "--seconds": self.seconds,
            "--warmup": 1.5,
            "--drain": 4,
        }
        given = [str(part) for option in options.items() for part in option]
        command = [sys.executable, str(COTLOAD), "rate", self.target, *given, "--json", *self.more]
        try:
            done = subprocess.run(
                command, stdout=subprocess.PIPE, text=True, timeout=STEP_WITHIN_S, check=False
            )
            return json.loads(done.stdout)
        except (ValueError, subprocess.TimeoutExpired):
            return None

    def _is_held(self, result: dict | None) -> bool:
        return bool(
            result
            and result["connected"] == result["clients"]
            and result["undelivered_pct"] is not None
            and result["undelivered_pct"] <= self.undelivered_pct
            and result["latency_ms"].get("p99", float("inf")) <= self.p99_ms
        )


def _said(result: dict | None) -> str:
    if result is None:
        return "no result"
    latency = result["latency_ms"]
    busy = max(result["generator_cores"]) > BUSY_CORES
    return (
        f"undelivered {result['undelivered_pct']} %, "
        f"p50 {latency.get('p50')} ms, p99 {latency.get('p99')} ms, "
        f"server {result.get('server', {}).get('cores')} cores{', generator busy' if busy else ''}"
    )


def main() -> int:
    own, more = _split(sys.argv[1:])
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("target", metavar="HOST:PORT")
    for name, default in (
        ("publishers", 10), ("subscribers", 10), ("start", 500.0), ("end", 200_000.0),
        ("p99-ms", 1000.0), ("undelivered-pct", 0.0), ("seconds", 4.0), ("halvings", 3),
    ):  # fmt: skip
        options.add_argument(f"--{name}", type=type(default), default=default)
    best = Search(**vars(options.parse_args(own)), more=more).best()
    print(json.dumps(best))
    return 0 if best else 1


def _split(arguments: list[str]) -> tuple[list[str], list[str]]:
    cut = arguments.index("--") if "--" in arguments else len(arguments)
    return arguments[:cut], arguments[cut + 1 :]


if __name__ == "__main__":
    sys.exit(main())
