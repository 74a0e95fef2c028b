"""PostgreSQL, as far as the history needs it: connections, each for one thread at a time.

The driver speaks asyncio. The history is slow work for threads, and so each connection has a thread
with a loop of its own, which whoever asks waits for.
"""

import asyncio
import os
import ssl
from collections.abc import Coroutine, Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any, TypeVar

from accord.storage.history.shared.address import Address
from accord.storage.history.shelf import HistoryFault

if TYPE_CHECKING:
    import asyncpg

SCHEMA = "accord_history"
PASSWORD = "ACCORD_HISTORY_PASSWORD"  # noqa: S105  the name of a variable
"""What the environment calls the password, where no file has it."""

CONNECT_SECONDS = 10.0
CLOSE_SECONDS = 2.0
NOTE_SECONDS, QUESTION_SECONDS, WRITE_SECONDS = 10.0, 60.0, 900.0
"""Seconds after which a server is given up that says nothing: asked how things are, for positions,
and to write, which is to index a day too."""

ROWS_AT_ONCE = 5_000
"""Rows that are taken from the server at once."""

_BUSY = ("55P03", "40P01")
"""lock_not_available, deadlock_detected (PostgreSQL 15, appendix A)."""

# 2000-01-01 in microseconds since 1970: PostgreSQL counts from there.
_EPOCH = 946_684_800_000_000

_Found = TypeVar("_Found")


class Busy(HistoryFault):
    """Others use what was to be changed; later it will do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """Where a node's shared history is, and who the node is there.

    The password is read each time, so that it may be changed while the node runs.
    """

    address: Address
    node: str
    directory: Path
    """The node's, from which other paths go."""
    password_file: Path | None = None

    def open(self, patience: float) -> "Connection":
        """Connect. HistoryFault where it cannot, and where PostGIS is missing."""
        return Connection(self, self._password(), patience)

    def _password(self) -> str | None:
        if self.password_file is None:
            return os.environ.get(PASSWORD)
        try:
            return self.password_file.read_text("utf-8").rstrip("\r\n")
        except (OSError, UnicodeDecodeError) as error:
            raise HistoryFault(
                f"[history] password_file {self.password_file} cannot be read: {error}"
            ) from None


class Connection:
    """One connection. Whatever goes wrong is a HistoryFault, and says where."""

    def __init__(self, server: Server, password: str | None, patience: float) -> None:
        try:
            import asyncpg
        except ImportError:
            raise HistoryFault(
                "a history in PostgreSQL needs asyncpg, which is not installed: "
                "pip install 'accord[postgres]'"
            ) from None
        self.node = server.node
        self._address = server.address
        self._errors = (
            asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError,
            EOFError,
        )  # fmt: skip
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever, name="history", daemon=True)
        self._thread.start()
        self._db: asyncpg.Connection | None = None
        try:
            with self._faults("cannot be reached"):
                self._db = self._wait(_connected(server, password, patience))
            self._find_postgis()
        except BaseException:
            self.close()
            raise

    def _find_postgis(self) -> None:
        found = self.ask(
            "SELECT set_config('search_path', $1 || ', ' || quote_ident(n.nspname), false) "
            "FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace "
            "WHERE e.extname = 'postgis'",
            SCHEMA,
        )
        if not found:
            raise HistoryFault(
                f"the history {self._address} needs PostGIS: let an administrator of that database "
                "run CREATE EXTENSION postgis in it (Debian has it as postgresql-15-postgis-3)"
            )

    @contextmanager
    def _faults(self, what: str) -> Generator[None, None, None]:
        try:
            yield
        except self._errors as error:
            said = str(error).partition("\n")[0][:300] or type(error).__name__
            kind = Busy if getattr(error, "sqlstate", None) in _BUSY else HistoryFault
            raise kind(f"the history {self._address} {what}: {said}") from None

    def _wait(self, work: Coroutine[Any, Any, _Found]) -> _Found:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    def _do(self, work: Coroutine[Any, Any, _Found]) -> _Found:
        with self._faults("does not do as it is asked"):
            return self._wait(work)

    @property
    def _open(self) -> "asyncpg.Connection":
        assert self._db is not None  # noqa: S101  made whole or not at all
        return self._db

    def ask(self, sql: str, *values: object) -> "list[asyncpg.Record]":
        """Return what the server answers."""
        return self._do(self._open.fetch(sql, *values))

    def tell(self, sql: str, *values: object) -> int:
        """Change something; return how many rows it was."""
        said = self._do(self._open.execute(sql, *values))
        return int(said.rpartition(" ")[2]) if said[-1:].isdigit() else 0

    def tell_each(self, sql: str, values: Iterable[Sequence[Any]]) -> None:
        """Change something for each of these."""
        self._do(self._open.executemany(sql, values))

    def put(self, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        """Put rows into a table, by COPY."""
        self._do(
            self._open.copy_records_to_table(
                table, schema_name=SCHEMA, columns=columns, records=rows
            )
        )

    def each(self, sql: str, *values: object) -> "Iterator[asyncpg.Record]":
        """Yield what the server answers, some thousand rows at a time; only while it `looks`."""
        cursor = self._do(_cursor(self._open, sql, values))
        while rows := self._do(cursor.fetch(ROWS_AT_ONCE)):
            yield from rows

    @contextmanager
    def changes(self) -> Generator[None, None, None]:
        """Change what is told meanwhile, whole or not at all."""
        yield from self._transaction("BEGIN", "COMMIT")

    @contextmanager
    def looks(self) -> Generator[None, None, None]:
        """See everything meanwhile as it stands now."""
        yield from self._transaction("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", "ROLLBACK")

    def _transaction(self, begin: str, end: str) -> Generator[None, None, None]:
        self.tell(begin)
        try:
            yield
        except BaseException:
            with suppress(HistoryFault):
                self.tell("ROLLBACK")
            raise
        self.tell(end)

    def close(self) -> None:
        """Let it go."""
        if self._loop.is_closed():
            return
        if self._db is not None:
            with suppress(*self._errors):
                self._wait(_ended(self._db))
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


async def _cursor(db: "asyncpg.Connection", sql: str, values: Sequence[object]) -> "asyncpg.Cursor":
    return await db.cursor(sql, *values)


async def _ended(db: "asyncpg.Connection") -> None:
    try:
        await db.close(timeout=CLOSE_SECONDS)
    finally:
        db.terminate()
        await asyncio.sleep(0)


async def _connected(server: Server, password: str | None, patience: float) -> "asyncpg.Connection":
    import asyncpg

    address = server.address
    db = await asyncpg.connect(
        host=address.host,
        port=address.port,
        user=address.user,
        password=password,
        database=address.database,
        ssl=_tls(server),
        timeout=CONNECT_SECONDS,
        command_timeout=patience,
        # Planned anew with its values each time: only so are days left out that cannot answer.
        statement_cache_size=0,
        server_settings={
            "application_name": f"accord {server.node}",
            "enable_partitionwise_join": "on",
            "jit": "off",
            "lock_timeout": "5s",
            "idle_in_transaction_session_timeout": "15min",
            # A node that is cut off must not keep its successor from writing for two hours.
            "tcp_keepalives_idle": "60",
            "tcp_keepalives_interval": "10",
            "tcp_keepalives_count": "3",
        },
    )
    await db.set_type_codec(
        "timestamptz",
        schema="pg_catalog",
        format="tuple",
        encoder=lambda at: (round(at * 1e6) - _EPOCH,),
        decoder=lambda said: (said[0] + _EPOCH) / 1e6,
    )
    return db


def _tls(server: Server) -> ssl.SSLContext | bool:
    address = server.address
    if address.ssl_mode == "disable":
        return False
    context = ssl.create_default_context(
        cafile=server.directory / address.ssl_root if address.ssl_root else None
    )
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.check_hostname = address.ssl_mode == "verify-full"
    if address.ssl_mode == "require":
        context.verify_mode = ssl.CERT_NONE
    return context
