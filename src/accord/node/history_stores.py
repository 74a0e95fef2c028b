"""Which store a node's settings ask for: pieces in its directory, or a shared one in PostgreSQL."""

from pathlib import Path

from accord.config import Settings
from accord.node.history_process import HISTORY
from accord.node.journalled import Journalled
from accord.storage.history.contract import Register, Source, Writer
from accord.storage.history.engine import Engine
from accord.storage.history.pieced import PiecedSource
from accord.storage.history.shared.address import Address
from accord.storage.history.shared.connection import Server
from accord.storage.history.shared.register import SharedRegister
from accord.storage.history.shared.source import SharedSource
from accord.storage.history.shared.store import SharedStore
from accord.storage.history.shelf import Shelf
from accord.storage.history.store import Store


def server_of(directory: Path, settings: Settings) -> Server | None:
    """Return where the shared history is; None where the settings name none."""
    asked = settings.history
    if not asked.store:
        return None
    return Server(
        address=Address.parse(asked.store),
        node=settings.node.id,
        directory=directory,
        password_file=directory / asked.password_file if asked.password_file else None,
    )


def register_of(directory: Path, settings: Settings) -> Register:
    """Return what is noted of a node's history."""
    server = server_of(directory, settings)
    if server is None:
        return Shelf(directory / HISTORY)
    return SharedRegister(server, directory / HISTORY)


def source_of(directory: Path, settings: Settings) -> Source:
    """Return where questions about a node's history are answered from."""
    server = server_of(directory, settings)
    if server is None:
        return PiecedSource(directory / HISTORY)
    return SharedSource(server, directory / HISTORY)


def writer_of(directory: Path, settings: Settings, journal: Journalled) -> Writer:
    """Return what writes a node's history. HistoryFault where a shared one cannot be reached."""
    place, server = directory / HISTORY, server_of(directory, settings)
    if server is None:
        engine = Engine(place, memory=settings.history.memory)
        return Store(Shelf(place), engine, again=journal.again)
    return SharedStore(server, place)
