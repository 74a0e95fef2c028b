"""The demonstration's page: who may sign in to it, and where it is."""

from pathlib import Path
from urllib.parse import quote

from accord.cli.demo_client import EXERCISE

USER = "watch"
"""Who signs in, at every node."""

_SAID_BEFORE = "password "


def keep_password(directory: Path, said: str) -> None:
    """Keep beside a node the password that `accord user add --generate` printed once."""
    password = next(
        line.removeprefix(_SAID_BEFORE)
        for line in said.splitlines()
        if line.startswith(_SAID_BEFORE)
    )
    path = _beside(directory)
    path.touch(mode=0o600)
    path.write_text(password, "utf-8")


def page_of(directory: Path, api: str) -> str:
    """Return where a node's page is, with what signs in to it; `api` is HOST:PORT."""
    password = _beside(directory).read_text("utf-8")
    return f"https://{api}/#{quote(f'exercise:{EXERCISE}')} (sign in as {USER}, {password})"


def _beside(directory: Path) -> Path:
    return directory.with_name(f"{directory.name}.page-password")
