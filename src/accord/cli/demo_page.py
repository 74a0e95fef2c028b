"""The demonstration's page: who may sign in to it, and where it is."""

from pathlib import Path
from urllib.parse import quote

from accord.cli.demo_client import EXERCISE

USER = "watch"
"""Who signs in, at every node."""

CHIEF = "chief"
"""Who signs in as administrator: he pauses, recalls, and declares a drill."""

_SAID_BEFORE = "password "


def keep_password(directory: Path, said: str, *, of: str = USER) -> None:
    """Keep beside a node the password that `accord user add --generate` printed once."""
    password = next(
        line.removeprefix(_SAID_BEFORE)
        for line in said.splitlines()
        if line.startswith(_SAID_BEFORE)
    )
    path = _beside(directory, of)
    path.touch(mode=0o600)
    path.write_text(password, "utf-8")


def page_of(directory: Path, api: str) -> str:
    """Return where a node's page is, with what signs in to it; `api` is HOST:PORT."""
    watch, chief = (_beside(directory, of).read_text("utf-8") for of in (USER, CHIEF))
    address = f"https://{api}/#{quote(f'exercise:{EXERCISE}')}"
    return f"{address} (sign in as {USER}, {watch}; as administrator: {CHIEF}, {chief})"


def _beside(directory: Path, of: str) -> Path:
    return directory.with_name(f"{directory.name}.{of}-password")
