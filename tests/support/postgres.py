"""A PostgreSQL of its own for tests, with PostGIS: begun once in a process, a database for each."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Generator
from contextlib import suppress
from pathlib import Path

import pytest

from accord.storage.history.shared.address import Address
from accord.storage.history.shared.connection import Server

OWNER = "accord"
TEMPLATE = "with_postgis"
PASSWORD = "a pass:word/of@tests"
WITHIN = 60.0

# By socket whoever may open it; by TCP with the password (PostgreSQL 15, 21.1).
_HBA = "local all all trust\nhost all all 127.0.0.1/32 scram-sha-256\n"
_QUICK = "fsync = off\nfull_page_writes = off\nshared_buffers = 32MB\nmax_connections = 60\n"


def binaries() -> Path | None:
    """Where Debian has them, the newest first, or where PATH does."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), reverse=True)
    named = shutil.which("initdb")
    found += [Path(named).resolve()] if named else []
    return found[0].parent if found else None


class Postgres:
    """One server. It refuses to be run by root, and so runs as another user where tests are his."""

    def __init__(self, settings: str = _QUICK) -> None:
        place = binaries()
        if place is None:
            pytest.skip("no PostgreSQL here (Debian: apt-get install postgresql)")
        self._bin = place
        self._user: int | None = None
        self._group: int | None = None
        self.directory = Path(tempfile.mkdtemp(prefix="accord-pg-"))
        if os.geteuid() == 0:
            user = _another()
            os.chown(self.directory, user.pw_uid, user.pw_gid)
            self._user, self._group = user.pw_uid, user.pw_gid
        with socket.socket() as tried:
            tried.bind(("127.0.0.1", 0))
            self.port: int = tried.getsockname()[1]
        self._process: subprocess.Popen[bytes] | None = None
        self._count = 0
        self._make(settings)

    def _make(self, settings: str) -> None:
        data = self.directory / "data"
        self._run("initdb", "-D", data, "-N", "-U", OWNER, "-A", "trust", "-E", "UTF8",
                  "--locale=C.UTF-8")  # fmt: skip
        (data / "pg_hba.conf").write_text(_HBA)
        with (data / "postgresql.conf").open("a") as file:
            file.write(
                f"port = {self.port}\nlisten_addresses = '127.0.0.1'\n"
                f"unix_socket_directories = '{self.directory}'\n{settings}"
            )
        self.start()
        self.sql("postgres", f"ALTER ROLE {OWNER} PASSWORD '{PASSWORD}'")
        self.sql("postgres", f"CREATE DATABASE {TEMPLATE}")
        try:
            self.sql(TEMPLATE, "CREATE EXTENSION postgis")
        except subprocess.CalledProcessError:
            self.close()
            pytest.skip("no PostGIS here (Debian: apt-get install postgresql-15-postgis-3)")

    def _run(self, program: str, *arguments: object) -> None:
        subprocess.run(
            [self._bin / program, *map(str, arguments)], check=True, cwd=self.directory,
            stdout=subprocess.DEVNULL, env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"},
            user=self._user, group=self._group,
            extra_groups=[] if self._user is not None else None,
        )  # fmt: skip

    def start(self) -> None:
        """Begin it, and wait until it answers."""
        with (self.directory / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [self._bin / "postgres", "-D", self.directory / "data"], cwd=self.directory,
                stdout=subprocess.DEVNULL, stderr=log, user=self._user, group=self._group,
                extra_groups=[] if self._user is not None else None,
            )  # fmt: skip
        until = time.monotonic() + WITHIN
        while True:
            try:
                self.sql("postgres", "SELECT 1")
            except subprocess.CalledProcessError:
                assert time.monotonic() < until, (self.directory / "log").read_text()
                time.sleep(0.05)
            else:
                return

    def stop(self) -> None:
        """End it at once, as when the machine goes down: who is connected is not asked."""
        if self._process is not None:
            self._process.send_signal(signal.SIGQUIT)
            self._process.wait(WITHIN)
            self._process = None

    def close(self) -> None:
        self.stop()
        shutil.rmtree(self.directory, ignore_errors=True)

    def sql(self, database: str, *told: str) -> str:
        """Tell it something as its administrator, by psql; return what it says."""
        return subprocess.run(
            [self._bin / "psql", "-XqAt", "-v", "ON_ERROR_STOP=1", "-h", self.directory, "-p",
             str(self.port), "-U", OWNER, "-d", database,
             *(part for each in told for part in ("-c", each))],
            check=True, capture_output=True, text=True,
        ).stdout.strip()  # fmt: skip

    def database(self) -> str:
        """Make a database with PostGIS, and return its name."""
        self._count += 1
        name = f"history_{self._count}"
        self.sql("postgres", f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
        return name

    def url(self, database: str) -> str:
        return f"postgresql://{OWNER}@localhost:{self.port}/{database}?host={self.directory}"

    def server(self, database: str, node: str = "NZL-A") -> Server:
        return Server(
            address=Address.parse(self.url(database)), node=node, directory=self.directory
        )


def _another() -> pwd.struct_passwd:
    for name in ("postgres", "nobody"):
        with suppress(KeyError):
            return pwd.getpwnam(name)
    pytest.skip("root cannot run PostgreSQL, and there is neither a user postgres nor nobody")


@pytest.fixture(scope="session")
def postgres() -> Generator[Postgres, None, None]:
    """A server for all tests of this process. One that ends it begins it again."""
    server = Postgres()
    yield server
    server.close()
