"""What users of the page have saved for themselves; beside the other people, in their register."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from accord.storage.people import PeopleError, register_of_people

MAX_VIEWS = 50
"""Saved views of one user."""

MAX_ALL = 100_000
"""Saved views in one register."""


def owner_of(via: str, key: str) -> str:
    """Return what stands for one user: a user and a client may have one name and be two people."""
    return f"{via}:{key}"


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedView:
    """One view: what is wanted to be seen, under a name."""

    name: str
    saved: datetime
    view: Mapping[str, object]


class SavedViews:
    """The saved views in the register of people. Every method opens it anew: any thread may call.

    An `owner` is a text that stands for one user and no other.
    """

    def __init__(self, path: Path) -> None:
        self._register = register_of_people(path)

    def of(self, owner: str) -> list[SavedView]:
        """Return what one user has saved, in the order of the names."""
        with self._register.open() as register:
            rows = register.execute(
                "SELECT name, saved, view FROM saved_view WHERE owner = ? ORDER BY name", (owner,)
            ).fetchall()
        return [
            SavedView(name=name, saved=datetime.fromtimestamp(at, UTC), view=json.loads(view))
            for name, at, view in rows
        ]

    def save(self, owner: str, view: SavedView) -> None:
        """Keep a view in place of one of that name. PeopleError where there are too many."""
        with self._register.open() as register:
            others = "SELECT count(*) FROM saved_view WHERE owner = ? AND name != ?"
            if register.execute(others, (owner, view.name)).fetchone()[0] >= MAX_VIEWS:
                raise PeopleError(f"there are {MAX_VIEWS} saved views, which is the limit")
            if register.execute("SELECT count(*) FROM saved_view").fetchone()[0] >= MAX_ALL:
                raise PeopleError(f"the register holds {MAX_ALL} saved views, which is its limit")
            register.execute(
                "INSERT OR REPLACE INTO saved_view (owner, name, saved, view) VALUES (?, ?, ?, ?)",
                (owner, view.name, view.saved.timestamp(), json.dumps(view.view)),
            )

    def forget(self, owner: str, name: str) -> bool:
        """Forget a view; False where there is none of that name."""
        with self._register.open() as register:
            gone = register.execute(
                "DELETE FROM saved_view WHERE owner = ? AND name = ?", (owner, name)
            )
        return gone.rowcount == 1
