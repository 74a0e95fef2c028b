"""Load for a Cursor-on-Target stream server: clients that publish, and what each is sent.

    saturate  publishers write as fast as the connection takes it
    rate      every publisher sends on a schedule of its own, whatever the server does

A delivery is one event at one client that did not send it; every event is due at every other
client. Rates are of the window, the --seconds after --warmup.

    lost        deliveries missing before the newest that came on the same way: gaps, real loss
    undelivered all that had not come by the end of --drain: the lost, and what is still queued
    latency     from write() in the publisher to the read in the receiver, socket queues included;
                every delivery in rate, the first and last of each read in saturate
    lateness    of the generator itself. If its p99 is not far below the latency, or a process of it
                used a whole core, the generator was the limit, and only the server's CPU seconds
                per 1,000 deliveries mean anything.

Exit code 0 when every client connected and something was delivered.
"""

import argparse
import json
import multiprocessing
import random
import resource
import sys
import time
from array import array
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import fields
from multiprocessing.connection import Connection as Pipe

import cotwire
import procstat
from loadworker import WIRES, Connected, Load, Outcome, work

START_DELAY_S = 0.3
"""Until the word to begin has reached every process."""

Result = dict[str, object]


def run(load: Load, server: Sequence[int]) -> Result:
    """Do one run. `server` are the processes of the server under test, for what they cost."""
    before = procstat.sample(server)
    with _workers(load) as pipes:
        patience = load.connect_timeout * (1 + load.clients / load.connect_parallel) + load.settle
        connected: list[Connected] = [_hear(pipe, patience) for pipe in pipes]
        joined = procstat.sample(server)
        begin = time.monotonic() + START_DELAY_S
        for pipe in pipes:
            pipe.send(begin)
        _sleep_until(begin + load.warmup)
        at_start, busy_at_start = procstat.sample(server), procstat.machine_cpu_s()
        _sleep_until(begin + load.warmup + load.seconds)
        at_end, busy_at_end = procstat.sample(server), procstat.machine_cpu_s()
        outcomes: list[Outcome] = [_hear(pipe, load.drain + 60) for pipe in pipes]
    result = {
        **_what_was_done(load),
        **_how_they_came_in(connected),
        **_what_was_delivered(load, outcomes),
        "machine_cores": round((busy_at_end - busy_at_start) / load.seconds, 2),
    }
    if server:
        cpu_s = at_end.cpu_s - at_start.cpu_s
        delivered = sum(outcome.delivered_window for outcome in outcomes)
        result["server"] = {
            "cores": round(cpu_s / load.seconds, 3),
            "cpu_s_per_1000_deliveries": round(1000 * cpu_s / delivered, 5) if delivered else None,
            "pss_mb": [round(each.pss / 1e6, 1) for each in (before, joined, at_end)],
            "processes": at_end.processes,
        }
    return result


@contextmanager
def _workers(load: Load) -> Iterator[list[Pipe]]:
    context = multiprocessing.get_context("fork")
    shares = [list(range(load.clients))[start :: load.processes] for start in range(load.processes)]
    pipes, processes = [], []
    for share in filter(None, shares):
        mine, theirs = context.Pipe()
        process = context.Process(target=work, args=(load, share, theirs), daemon=True)
        process.start()
        pipes.append(mine)
        processes.append(process)
    try:
        yield pipes
    finally:
        for pipe, process in zip(pipes, processes, strict=True):
            if process.is_alive():
                pipe.send(None)
            process.join(5)
            if process.is_alive():
                process.kill()


def _hear(pipe: Pipe, within_s: float) -> object:
    if not pipe.poll(within_s):
        raise TimeoutError(f"a process of the generator was silent for {within_s:.0f} s")
    return pipe.recv()


def _sleep_until(monotonic: float) -> None:
    time.sleep(max(0.0, monotonic - time.monotonic()))


def _what_was_done(load: Load) -> Result:
    said = ("mode", "wire", "tls", "clients", "publishers", "rate", "seconds", "verify")
    event = cotwire.Emitter(0, load.run, load.size).xml(10**12)
    return {name: getattr(load, name) for name in said} | {"event_bytes": len(event)}


def _how_they_came_in(connected: Sequence[Connected]) -> Result:
    return {
        "connected": sum(each.clients for each in connected),
        "connect_errors": [error for each in connected for error in each.errors][:5],
        "connect_s": round(max(each.seconds for each in connected), 3),
        "settled_s": round(max(each.settled for each in connected), 3),
    }


def _what_was_delivered(load: Load, outcomes: Sequence[Outcome]) -> Result:
    wall = max(outcome.wall_s for outcome in outcomes)
    total = {
        name: sum(getattr(outcome, name) for outcome in outcomes)
        for name in ("sent_window", "delivered_window", "bytes_window", "sent", "delivered")
    }
    is_exact = load.verify == "full"
    due = total["sent"] * (load.clients - 1)
    missing = due - total["delivered"]
    closed = [reason for outcome in outcomes for reason in outcome.closed]
    return {
        "sent_per_s": round(total["sent_window"] / wall, 1),
        "delivered_per_s": round(total["delivered_window"] / wall, 1),
        "mbytes_in_per_s": round(total["bytes_window"] / wall / 1e6, 2),
        "sent": total["sent"],
        "due": due,
        "delivered": total["delivered"],
        "undelivered_pct": round(100 * missing / due, 4) if due else None,
        "lost": sum(outcome.lost for outcome in outcomes) if is_exact else None,
        "repeated": sum(outcome.repeated for outcome in outcomes) if is_exact else None,
        "echoes": sum(outcome.echoes for outcome in outcomes),
        "drained_s": round(max(outcome.drained_s for outcome in outcomes), 2),
        "disconnected": len(closed),
        "disconnect_reasons": closed[:3],
        "latency_ms": _percentiles(outcome.latencies for outcome in outcomes),
        "lateness_ms": _percentiles(outcome.lateness for outcome in outcomes),
        "generator_cores": [round(outcome.cpu_s / outcome.wall_s, 2) for outcome in outcomes],
    }


def _percentiles(parts: Iterator[array]) -> dict[str, float]:
    ordered = sorted(nanoseconds for part in parts for nanoseconds in part)
    if not ordered:
        return {}
    marks = {"p50": 0.5, "p95": 0.95, "p99": 0.99, "p999": 0.999, "max": 1.0}
    last = len(ordered) - 1
    return {
        name: round(ordered[min(last, int(len(ordered) * mark))] / 1e6, 3)
        for name, mark in marks.items()
    }


def parser() -> argparse.ArgumentParser:
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = options.add_argument
    add("mode", choices=("saturate", "rate"))
    add("target", metavar="HOST:PORT")
    add("--publishers", type=int, default=1, help="clients that publish; they receive, too")
    add("--subscribers", type=int, default=0, help="clients that only receive")
    add("--rate", type=float, default=1.0, help="events/s of each publisher, in rate")
    add("--seconds", type=float, default=10.0, help="length of the window")
    add("--warmup", type=float, default=2.0)
    add("--drain", type=float, default=8.0, help="longest wait for stragglers")
    add("--settle", type=float, default=60.0, help="longest wait for silence after connecting")
    add("--hello-delay", type=float, default=0.0, help="between connecting and the first event")
    add("--connect-parallel", type=int, default=50, help="handshakes at a time, per process")
    add("--connect-timeout", type=float, default=30.0, help="seconds for one client")
    add("--size", type=int, default=0, help="pad the XML event to this many bytes")
    add("--batch", type=int, default=8, help="events in one write, in saturate")
    add(
        "--socket-buffer", type=int, default=65536, help="bytes that a client queues, and SO_SNDBUF"
    )
    add("--wire", choices=sorted(WIRES), default="xml")
    add("--tls", action="store_true")
    add("--ca", default="")
    add("--cert", default="")
    add("--key", default="")
    add("--processes", type=int, default=1, help="processes of the generator")
    add("--verify", choices=("full", "count"), default="full", help="full reads every stamp; count "
        "only counts, for more than 200,000 deliveries/s")  # fmt: skip
    add(
        "--server-pid",
        type=int,
        action="append",
        default=[],
        help="root process of the server; may be repeated",
    )
    add("--json", action="store_true", help="one line of JSON")
    return options


def main() -> int:
    options = vars(parser().parse_args())
    host, _, port = options["target"].rpartition(":")
    options |= {"host": host, "port": int(port), "run": f"{random.randrange(16**4):04x}"}
    load = Load(**{field.name: options[field.name] for field in fields(Load)})
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    result = run(load, options["server_pid"])
    if options["json"]:
        print(json.dumps(result))
    else:
        print("\n".join(f"{name:20} {value}" for name, value in result.items()))
    return 0 if result["connected"] == load.clients and result["delivered"] else 1


if __name__ == "__main__":
    sys.exit(main())
