"""The files with passwords that a node's settings name, and which of them others may read."""

import stat
from collections.abc import Iterator
from pathlib import Path

from accord.config import Settings


def secret_files(directory: Path, settings: Settings) -> Iterator[tuple[str, Path]]:
    """Yield each such file, after the setting that names it."""
    named = [
        ("[openid] client_secret_file", settings.openid.client_secret_file),
        ("[ldap] password_file", settings.ldap.password_file),
        ("[history] password_file", settings.history.password_file),
        *((f"[feed.{name}] password_file", feed.password_file)
          for name, feed in settings.feed.items()),
    ]  # fmt: skip
    for setting, file in named:
        if file:
            yield setting, directory / file


def exposed(directory: Path, settings: Settings) -> Iterator[str]:
    """Say of each that others of this machine may read what to do; of one that is gone, nothing."""
    for setting, path in secret_files(directory, settings):
        try:
            mode = stat.S_IMODE(path.stat().st_mode)
        except OSError:
            continue  # whoever needs it says so
        if mode & 0o077:
            yield f"{setting}: others may read {path} (mode {mode:o}): chmod 600 {path}"
