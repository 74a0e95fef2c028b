"""Runs this project's node and its peers through the same loads and prints one table of ratios.

Starts the servers itself, each afresh for each cell, and goes through all servers with one load
before the next load, so that a change in the machine meets all alike. Cells are medians of the
repeats. Takes about a minute per repeat, and about five for the capacity search.
"""

import argparse
import json
import operator
import statistics
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from find_capacity import Search
from servers import SERVERS, NotHere, Server, started

COTLOAD = Path(__file__).with_name("cotload.py")
RUN_WITHIN_S = 240
OURS = "accord"
Result = dict


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    seconds: float
    repeats: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """What is asked of ours: at most or at least so many times another's, or a plain limit."""

    holds: Callable[[float, float], bool]
    limit: float
    against: str = ""

    def __str__(self) -> str:
        sign = "at least" if self.holds is operator.ge else "at most"
        return f"{sign} {self.limit:g}" + (f" x {self.against}" if self.against else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One line of the table: a value out of a result of cotload.py."""

    title: str
    path: tuple[str, ...]
    goal: Goal

    def of(self, result: Result) -> float | None:
        value: object = result
        for key in self.path:
            value = value.get(key) if isinstance(value, dict) else None
        return value if isinstance(value, int | float) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    run: Callable[[Server, Settings], Result | None]
    figures: tuple[Figure, ...]
    repeats: bool = field(default=True)


def _load(*arguments: str) -> Callable[[Server, Settings], Result | None]:
    def run(server: Server, settings: Settings) -> Result | None:
        mode, *rest = arguments
        command = [
            sys.executable, str(COTLOAD), mode, server.target, *rest, *server.options,
            "--seconds", str(settings.seconds), "--server-pid", str(server.pid), "--json",
        ]  # fmt: skip
        try:
            done = subprocess.run(
                command, stdout=subprocess.PIPE, text=True, timeout=RUN_WITHIN_S, check=False
            )
            return json.loads(done.stdout)
        except (ValueError, subprocess.TimeoutExpired):
            return None

    return run


def _capacity(server: Server, _settings: Settings) -> Result | None:
    more = ("--verify", "count", "--server-pid", str(server.pid), *server.options)
    return Search(target=server.target, more=more).best()


CPU = ("server", "cpu_s_per_1000_deliveries")
SCENARIOS = {
    "saturate": Scenario(
        run=_load("saturate", "--publishers", "10", "--subscribers", "10", "--verify", "count"),
        figures=(
            Figure(
                title="20 clients all-to-all, saturated: deliveries/s",
                path=("delivered_per_s",),
                goal=Goal(holds=operator.ge, limit=0.5, against="ceiling"),
            ),
            Figure(
                title="the same: CPU-s per 1,000 deliveries",
                path=CPU,
                goal=Goal(holds=operator.le, limit=2, against="nats-server"),
            ),
        ),
    ),
    "capacity": Scenario(
        run=_capacity,
        repeats=False,
        figures=(
            Figure(
                title="20 clients all-to-all, highest rate held: deliveries/s",
                path=("delivered_per_s",),
                goal=Goal(holds=operator.ge, limit=12, against="taky"),
            ),
        ),
    ),
    "many": Scenario(
        run=_load("rate", "--publishers", "200", "--rate", "1"),
        figures=(
            Figure(
                title="200 clients all-to-all, 1/s each: undelivered, %",
                path=("undelivered_pct",),
                goal=Goal(holds=operator.le, limit=0),
            ),
            Figure(
                title="the same: p99, ms",
                path=("latency_ms", "p99"),
                goal=Goal(holds=operator.le, limit=50),
            ),
        ),
    ),
    "steady": Scenario(
        run=_load("rate", "--publishers", "50", "--rate", "10"),
        figures=(
            Figure(
                title="50 clients all-to-all, 10/s each: CPU-s per 1,000 deliveries",
                path=CPU,
                goal=Goal(holds=operator.le, limit=2, against="ceiling"),
            ),
        ),
    ),
}

Cells = dict[tuple[str, str], list[Result]]


def measure(scenarios: Sequence[str], servers: Sequence[str], settings: Settings) -> Cells:
    """Run everything; a server that cannot run is named and left out."""
    cells: Cells = {}
    missing: set[str] = set()
    for name in scenarios:
        for _ in range(settings.repeats if SCENARIOS[name].repeats else 1):
            for server in servers:
                if server in missing:
                    continue
                _say(f"{name}: {server}")
                try:
                    with started(server) as running:
                        result = SCENARIOS[name].run(running, settings)
                except NotHere as reason:
                    _say(f"{server} is left out: {reason}")
                    missing.add(server)
                    continue
                if result is not None:
                    cells.setdefault((name, server), []).append(result)
                    _say(f"    others used {_other_cores(result):.2f} cores")
    return cells


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _other_cores(result: Result) -> float:
    own = sum(result["generator_cores"]) + result.get("server", {}).get("cores", 0.0)
    return max(0.0, result["machine_cores"] - own)


def table(cells: Cells, scenarios: Sequence[str], servers: Sequence[str]) -> str:
    rows = [
        ["", *servers, "ratio", "asked for", "held"],
        ["---", *["---:"] * len(servers), "---:", "---", "---"],
    ]
    for name in scenarios:
        for figure in SCENARIOS[name].figures:
            values = {
                server: _median([figure.of(result) for result in cells.get((name, server), [])])
                for server in servers
            }
            rows.append([figure.title, *map(_shown, values.values()), *_verdict(figure, values)])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _median(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return statistics.median(known) if known else None


def _shown(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _verdict(figure: Figure, values: dict[str, float | None]) -> list[str]:
    goal, ours = figure.goal, values.get(OURS)
    other = values.get(goal.against) if goal.against else 1.0
    if ours is None or not other:
        return ["-", str(goal), "-"]
    ratio = ours / other
    held = "yes" if goal.holds(ratio, goal.limit) else "NO"
    return [f"{ratio:.3g}" if goal.against else "", str(goal), held]


def main() -> int:
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--servers", nargs="+", choices=SERVERS, default=list(SERVERS))
    options.add_argument("--scenarios", nargs="+", choices=SCENARIOS, default=list(SCENARIOS))
    options.add_argument("--repeats", type=int, default=3)
    options.add_argument("--seconds", type=float, default=6.0, help="window of each run")
    options.add_argument("--keep", type=Path, help="write every result here, as JSON")
    chosen = options.parse_args()
    settings = Settings(seconds=chosen.seconds, repeats=chosen.repeats)
    cells = measure(chosen.scenarios, chosen.servers, settings)
    if chosen.keep:
        kept = [
            {"scenario": key[0], "server": key[1], "results": value} for key, value in cells.items()
        ]
        chosen.keep.write_text(json.dumps(kept, indent=1))
    print(table(cells, chosen.scenarios, chosen.servers))
    noise = max((_other_cores(each) for cell in cells.values() for each in cell), default=0.0)
    print(f"\nAt most {noise:.2f} cores were used by others meanwhile.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
