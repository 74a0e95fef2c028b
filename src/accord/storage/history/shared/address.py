"""Where a shared history is: a URL of PostgreSQL, which has no password in it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Self
from urllib.parse import parse_qs, unquote, urlsplit

_SCHEMES = ("postgresql", "postgres")
_KNOWN = ("host", "sslmode", "sslrootcert")
_LOOPBACK = ("localhost", "127.0.0.1", "::1")

SSL_MODES = ("disable", "require", "verify-ca", "verify-full")
"""As libpq calls them (PostgreSQL 15, 34.1.2): no TLS, any certificate, one of a known authority,
and that in the name of the host."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """One database of one server. `host` is a directory where it is a socket of this machine."""

    host: str
    port: int
    database: str
    user: str
    ssl_mode: str
    ssl_root: Path | None = None

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `postgresql://USER@HOST:PORT/DATABASE`. ValueError says what is wrong with it."""
        parts = urlsplit(text)
        if parts.scheme not in _SCHEMES:
            raise ValueError("give postgresql://USER@HOST/DATABASE")
        if parts.password is not None:
            raise ValueError(
                "a password does not belong here: put it into a file (`password_file`) or into "
                "the environment (ACCORD_HISTORY_PASSWORD)"
            )
        asked = parse_qs(parts.query, strict_parsing=bool(parts.query))
        for name in asked:
            if name not in _KNOWN:
                raise ValueError(f"option {name}: known are {', '.join(_KNOWN)}")
        said = {name: values[-1] for name, values in asked.items()}
        host = said.get("host") or parts.hostname or "localhost"
        database, user = unquote(parts.path.lstrip("/")), unquote(parts.username or "")
        if not database or not user:
            raise ValueError("name the user and the database: postgresql://USER@HOST/DATABASE")
        root = said.get("sslrootcert")
        return cls(
            host=host,
            port=parts.port or 5432,
            database=database,
            user=user,
            ssl_mode=_mode(said.get("sslmode"), host),
            ssl_root=Path(root) if root else None,
        )

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.database} at {host}:{self.port}"


def _mode(said: str | None, host: str) -> str:
    if said is None:
        is_here = host.startswith("/") or host in _LOOPBACK
        return "disable" if is_here else "verify-full"
    if said not in SSL_MODES:
        raise ValueError(f"sslmode {said}: give one of {', '.join(SSL_MODES)}")
    return said
