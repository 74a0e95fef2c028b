"""What Accord uses of asyncpg, which brings no types."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from ssl import SSLContext
from typing import Any

class PostgresError(Exception):
    sqlstate: str | None

class InterfaceError(Exception): ...
class InternalClientError(Exception): ...

class Record:
    def __getitem__(self, key: int | str) -> Any: ...
    def __len__(self) -> int: ...
    def values(self) -> Iterable[Any]: ...

class Cursor:
    async def fetch(self, n: int) -> list[Record]: ...

class Connection:
    async def execute(self, query: str, *args: Any, timeout: float | None = None) -> str: ...
    async def executemany(
        self, command: str, args: Iterable[Sequence[Any]], *, timeout: float | None = None
    ) -> None: ...
    async def fetch(self, query: str, *args: Any, timeout: float | None = None) -> list[Record]: ...
    async def cursor(self, query: str, *args: Any, timeout: float | None = None) -> Cursor: ...
    async def copy_records_to_table(
        self,
        table_name: str,
        *,
        records: Iterable[Sequence[Any]],
        columns: Iterable[str] | None = None,
        schema_name: str | None = None,
        timeout: float | None = None,
    ) -> str: ...
    async def set_type_codec(
        self,
        typename: str,
        *,
        schema: str = "public",
        encoder: Callable[[Any], Any],
        decoder: Callable[[Any], Any],
        format: str = "text",
    ) -> None: ...
    def is_closed(self) -> bool: ...
    def terminate(self) -> None: ...
    async def close(self, *, timeout: float | None = None) -> None: ...

async def connect(
    *,
    host: str | None = None,
    port: int | None = None,
    user: str | None = None,
    password: str | None = None,
    database: str | None = None,
    timeout: float = 60,
    statement_cache_size: int = 100,
    command_timeout: float | None = None,
    ssl: SSLContext | bool | None = None,
    server_settings: Mapping[str, str] | None = None,
) -> Connection: ...
