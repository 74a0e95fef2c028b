"""Whether memory stays flat when a million different objects pass through the picture.

Starts a node of its own, sends one position of each of N uids over one connection, and prints the
node's memory along the way. Flat means: from when the picture's limit was reached to the end it
grows by less than a tenth.
"""

import argparse
import contextlib
import socket
import sys
import tempfile
import threading
import time
from pathlib import Path

import procstat
from cotwire import iso
from servers import accord_node

BATCH = 500
STEPS = 20
GROWTH = 1.1


def events(first: int, count: int) -> bytes:
    now, stale = iso(), iso(600.0)
    return b"".join(
        f'<event version="2.0" uid="SOAK-{n}" type="a-u-S-X-M" how="m-g" time="{now}" '
        f'start="{now}" stale="{stale}"><point lat="{-60 + n % 1000 * 0.02:.4f}" '
        f'lon="{150 + n // 1000 % 1000 * 0.02:.4f}" hae="0" ce="10" le="9999999"/>'
        f'<detail><contact callsign="S{n}"/><track course="{n % 360}" speed="5"/></detail>'
        "</event>".encode()
        for n in range(first, first + count)
    )


def drain(connection: socket.socket) -> None:
    with contextlib.suppress(ConnectionError):
        while connection.recv(1 << 16):
            pass


def soak(target: str, pid: int, count: int) -> list[tuple[int, int]]:
    """Resident bytes after so many objects."""
    host, port = target.rsplit(":", 1)
    marks = {count * step // STEPS // BATCH * BATCH for step in range(1, STEPS + 1)}
    seen: list[tuple[int, int]] = []
    with socket.create_connection((host, int(port))) as connection:
        threading.Thread(target=drain, args=(connection,), daemon=True).start()
        for first in range(0, count, BATCH):
            connection.sendall(events(first, BATCH))
            if first + BATCH in marks:
                time.sleep(0.5)
                seen.append((first + BATCH, procstat.sample([pid]).rss))
                print(f"{seen[-1][0]:>9,} objects: {seen[-1][1] / 2**20:6.0f} MiB", flush=True)
    return seen


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--objects", type=int, default=1_000_000)
    options.add_argument("--limit", type=int, default=100_000, help="the picture's max_tracks")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="accord-bench-") as folder:
        settings = f"\n[picture]\nmax_tracks = {chosen.limit}\n"
        with accord_node(Path(folder), settings=settings) as (pid, listeners):
            seen = soak(listeners["cot-tcp"], pid, chosen.objects)
    full = [rss for objects, rss in seen if objects >= 2 * chosen.limit]
    growth = full[-1] / full[0]
    print(f"from {2 * chosen.limit:,} objects on: x {growth:.2f} (at most {GROWTH:g} asked)")
    return 0 if growth <= GROWTH else 1


if __name__ == "__main__":
    sys.exit(main())
