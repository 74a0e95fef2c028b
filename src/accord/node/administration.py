"""What a node has for administrators at the page: users, clients, certificates, what was done."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from starlette.routing import BaseRoute

from accord.api.office import Office
from accord.api.office_clients import OfficeClients, Reach
from accord.api.office_users import OfficeUsers
from accord.config import Settings
from accord.core.clock import Clock
from accord.node import listeners
from accord.node.browsers import Browsers
from accord.node.own_certificates import LOCAL, own_name
from accord.security import keystore
from accord.security.pkcs12 import trust_store
from accord.storage.people import PEOPLE, People
from accord.storage.users import Users
from accord.tak.packages import (
    API_PORT,
    ENROLMENT_PORT,
    PACKAGE_PASSWORD,
    KeyStore,
    Server,
    enrolment_package,
)

NOTED = {
    "POST /api/v1/partners/{node}/recalls": "federation recall",
    "POST /api/v1/agreements/{id}/pause": "agreement pause",
    "POST /api/v1/agreements/{id}/resume": "agreement resume",
    "POST /api/v1/drill": "drill declare",
    "DELETE /api/v1/drill": "drill end",
}
"""What administrators do by routes of other parts, by what the audit calls it."""


class Administration:
    """Made in a running event loop. `port` is where the node listens, by the listener's name."""

    def __init__(
        self,
        directory: Path,
        settings: Settings,
        *,
        browsers: Browsers,
        clock: Clock,
        port: Callable[[str], int | None],
    ) -> None:
        self._directory = directory
        self._settings = settings
        self._port = port
        register = directory / PEOPLE
        people, users = People(register), Users(register)
        self._office = Office(register, browsers.callers, clock)
        reach = Reach(
            directory=directory,
            port=port(listeners.ENROL),
            certificates=settings.certificates,
            host=self._host,
            package=self._package,
        )
        least = settings.accounts.password_length
        self._parts = (
            OfficeUsers(self._office, users, least=least),
            OfficeClients(self._office, people, users, reach),
            self._office,
        )

    def routes(self) -> Sequence[BaseRoute]:
        """Return the routes, for the API."""
        return [route for part in self._parts for route in part.routes()]

    def noting(self, routes: Iterable[BaseRoute]) -> list[BaseRoute]:
        """Return routes of other parts, so that the audit has what administrators do by them."""
        return self._office.noting(routes, NOTED)

    def _host(self, asked: str) -> str:
        """Return the name that the page was reached by, where the server certificate is for it."""
        # A phone reaches nothing by a name that every machine calls itself.
        return own_name(self._directory, self._settings, "" if asked in LOCAL else asked)

    def _package(self, name: str, host: str) -> bytes:
        chain = keystore.read_certificates(self._directory / keystore.AUTHORITY)
        node = self._settings.node
        server = Server(
            description=node.name or node.id,
            host=host,
            port=self._port(listeners.COT_TLS) or 0,
            api_port=self._port(listeners.API) or API_PORT,
            enrolment_port=self._port(listeners.ENROL) or ENROLMENT_PORT,
        )
        store = KeyStore(
            file="truststore.p12",
            data=trust_store(chain, PACKAGE_PASSWORD),
            password=PACKAGE_PASSWORD,
        )
        return enrolment_package(server, username=name, truststore=store)
