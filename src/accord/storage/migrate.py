"""Numbered migrations: `migrations/NNNN_PART.sql`, each applied once and whole.

The number of the last one applied stands in the file itself (`PRAGMA user_version`).
"""

import sqlite3
from importlib.resources import files

from accord.core.errors import AccordError


class NewerVersion(AccordError):
    """The file was written by a newer version of Accord than this one."""


def migrate(connection: sqlite3.Connection, part: str, *, file: str) -> None:
    """Bring a file to the newest version of its part; a part is such as `journal`.

    `file` is what an error calls it. Raises NewerVersion, and sqlite3.Error where a migration
    fails, which then has changed nothing.
    """
    scripts = scripts_of(part)
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    if version > len(scripts):
        raise NewerVersion(
            f"{file} is of version {version} and this Accord knows versions up to {len(scripts)}: "
            "start the newer Accord that wrote it, or move the file away to begin without it"
        )
    for number, script in list(enumerate(scripts, 1))[version:]:
        whole = f"BEGIN IMMEDIATE;\n{script}\nPRAGMA user_version = {number};\nCOMMIT;"
        try:
            connection.executescript(whole)
        except sqlite3.Error:
            connection.rollback()
            raise


def scripts_of(part: str) -> list[str]:
    """Return the migrations of a part, in order."""
    found = (files("accord.storage") / "migrations").iterdir()
    ours = {each.name: each for each in found if each.name.endswith(f"_{part}.sql")}
    return [ours[name].read_text("utf-8") for name in sorted(ours)]
