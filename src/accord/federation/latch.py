"""Why the link to a partner is stopped, on disk: it stays so over a restart, until a person looks.

The guard writes it before it tells the node, so that no crash between the two lets anything out.
"""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from accord.security import keystore

STOPPED = Path("federation/stopped")
MAX_SHOWN = 500
"""Characters of a file that are shown."""


@dataclass(frozen=True, slots=True)
class Latch:
    """Where the reason stands, in a node's directory, for one partner."""

    path: Path

    @classmethod
    def of(cls, directory: Path, partner: str) -> "Latch":
        """Return that of a partner."""
        return cls(directory / STOPPED / partner)

    def close(self, reason: str, at: datetime) -> None:
        """Stop the link. AccordError when that cannot be written; then nothing may leave either."""
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        keystore.write_private(self.path, f"{at:%Y-%m-%dT%H:%M:%SZ} {reason}\n".encode())

    def why(self) -> str:
        """Return why the link is stopped; empty where it is not."""
        try:
            text = self.path.read_text("utf-8", errors="replace")
        except FileNotFoundError:
            return ""
        except OSError as error:
            return f"{self.path} cannot be read: {error.strerror}"
        return text[:MAX_SHOWN].strip() or "stopped"

    def open(self) -> None:
        """Let the link run again: somebody has looked."""
        with suppress(FileNotFoundError):
            self.path.unlink()
