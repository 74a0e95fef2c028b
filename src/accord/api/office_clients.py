"""Who may connect, for administrators: clients, one-time tokens, certificates, groups."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import segno
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from accord.api.answer import NOT_KEPT, answer
from accord.api.caller import Via
from accord.api.certificate_calendar import Dated, calendar
from accord.api.office import PATH, Office, kept, name_in
from accord.api.office_given import MEMBERSHIP, change_in, given_in
from accord.api.problem import Problem
from accord.core.enrolment import scan_text
from accord.core.principal import Principal, Role
from accord.core.rfc3339 import spell
from accord.observe.health import as_json
from accord.security import keystore
from accord.security.authority import CertificateSettings
from accord.storage.people import Membership, People
from accord.storage.users import Users

CLIENTS = f"{PATH}/clients"
ONE = f"{CLIENTS}/{{name}}"
CERTIFICATES = f"{PATH}/certificates"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """How phones come to the node. `port` is that of enrolment, None where it is off.

    `host` chooses a name that the server certificate is for; `package` makes what a phone takes in
    first, so that it trusts the node.
    """

    directory: Path
    port: int | None
    certificates: CertificateSettings
    host: Callable[[str], str]
    package: Callable[[str, str], bytes]


class OfficeClients:
    """Lists, adds, changes and throws out clients."""

    def __init__(self, office: Office, people: People, users: Users, reach: Reach) -> None:
        self._office = office
        self._people = people
        self._users = users
        self._reach = reach

    def routes(self) -> Sequence[BaseRoute]:
        """Return the routes."""
        return [
            Route(CLIENTS, self.all, methods=["GET"]),
            Route(CLIENTS, self.add, methods=["POST"]),
            Route(ONE, self.change, methods=["PUT"]),
            Route(ONE, self.revoke, methods=["DELETE"]),
            Route(f"{ONE}/token", self.issue, methods=["POST"]),
            Route(f"{ONE}/token", self.withdraw, methods=["DELETE"]),
            Route(f"{ONE}/package", self.package, methods=["GET"]),
            Route(f"{PATH}/tokens", self.tokens, methods=["GET"]),
            Route(CERTIFICATES, self.certificates, methods=["GET"]),
            Route(f"{CERTIFICATES}/{{fingerprint}}", self.revoke_one, methods=["DELETE"]),
            Route(f"{PATH}/groups", self.groups, methods=["GET"]),
        ]

    async def all(self, request: Request) -> Response:
        """Answer with everybody who may connect, or was thrown out."""
        self._office.look(request)
        now = self._office.clock.now()
        found = await kept(lambda: self._people.memberships(now))
        return answer({"clients": [_json(each) for each in found]})

    async def add(self, request: Request) -> Response:
        """Enter a client, with a one-time token that is answered this once."""
        said = await self._office.said(request, "name", *MEMBERSHIP)
        given = given_in(said, Role, usual=Role.MEMBER)
        if given.groups is None:
            raise Problem(400, "give the groups that it is in", parameter="groups")
        self._require_enrolment()
        client = Principal(
            name=name_in(said),
            groups=given.groups,
            role=given.role or Role.MEMBER,
            exercises=given.exercises or frozenset(),
            every_exercise=given.every_exercise,
        )
        now = self._office.clock.now()

        def work(people: People, _: object) -> str:
            people.add(client, now)
            return people.issue_token(
                client.name, now=now, valid=self._reach.certificates.token_valid
            )

        token = await self._office.do(
            request, "client add", client.name, work, detail=given.in_words(is_new=True)
        )
        return self._given(request, client.name, token, now)

    def _require_enrolment(self) -> None:
        if self._reach.port is None:
            raise Problem(409, "the listener enrol is off in accord.toml: no client could enrol")
        if not (self._reach.directory / keystore.AUTHORITY_KEY).exists():
            said = "the authority's key is not on this machine: issue a certificate where it is, "
            raise Problem(409, f"{said}and give it to accord client add --certificate")

    def _given(self, request: Request, name: str, token: str, now: datetime) -> Response:
        host = self._reach.host(request.url.hostname or "")
        scan = scan_text(host, self._reach.port or 0, username=name, token=token)
        told = {
            "name": name,
            "token": token,
            "until": spell(now + self._reach.certificates.token_valid),
            "scan": scan,
            "qr": segno.make(scan, error="m").svg_data_uri(scale=4),
        }
        return answer(told, status=201)

    async def change(self, request: Request) -> Response:
        """Give a client another role, other groups or exercises; it connects anew."""
        said = await self._office.said(request, *MEMBERSHIP)
        given = change_in(said, Role)
        name: str = request.path_params["name"]
        if given.role not in (None, Role.ADMINISTRATOR):
            self._office.refuse_oneself(request, name, Via.CERTIFICATE)
        await self._office.do(
            request, "client set", name,
            lambda people, _: people.change(
                name, role=given.role, groups=given.groups,
                exercises=given.exercises, every_exercise=given.every_exercise,
            ),
            detail=given.in_words(is_new=False),
        )  # fmt: skip
        return Response(status_code=204)

    async def revoke(self, request: Request) -> Response:
        """Throw somebody out, with every certificate and token."""
        await self._office.said(request)
        name, now = request.path_params["name"], self._office.clock.now()
        self._office.refuse_oneself(request, name, Via.CERTIFICATE)
        await self._office.do(
            request, "client revoke", name, lambda people, _: people.revoke(name, now)
        )
        return Response(status_code=204)

    async def issue(self, request: Request) -> Response:
        """Give a client another one-time token; the one before is void."""
        await self._office.said(request)
        self._require_enrolment()
        name, now = request.path_params["name"], self._office.clock.now()
        valid = self._reach.certificates.token_valid
        token = await self._office.do(
            request, "token issue", name,
            lambda people, _: people.issue_token(name, now=now, valid=valid),
        )  # fmt: skip
        return self._given(request, name, token, now)

    async def withdraw(self, request: Request) -> Response:
        """Let a token be used no more."""
        await self._office.said(request)
        name: str = request.path_params["name"]
        await self._office.do(
            request, "token withdraw", name, lambda people, _: people.withdraw_token(name)
        )
        return Response(status_code=204)

    async def tokens(self, request: Request) -> Response:
        """Answer with the tokens that can be used still; themselves are not kept."""
        self._office.look(request)
        now = self._office.clock.now()
        found = await kept(lambda: self._people.tokens(now))
        told = [{"name": each.name, "ends": spell(each.ends)} for each in found]
        return answer({"tokens": told})

    async def package(self, request: Request) -> Response:
        """Answer with what a phone takes in before it enrols: it holds no secret."""
        self._office.look(request)
        name, now = request.path_params["name"], self._office.clock.now()
        known = await kept(lambda: self._people.memberships(now))
        if all(each.principal.name != name for each in known):
            raise Problem(404, f"there is no client {name} in the register")
        data = self._reach.package(name, self._reach.host(request.url.hostname or ""))
        return Response(
            data,
            media_type="application/zip",
            headers={**NOT_KEPT, "Content-Disposition": "attachment; filename=trust.zip"},
        )

    async def certificates(self, request: Request) -> Response:
        """Answer with the calendar: every certificate that is not revoked, by its end."""
        self._office.look(request)
        now = self._office.clock.now()
        found = await kept(lambda: self._calendar(now))
        told = [certificate_json(each) for each in found]
        return answer({"certificates": told})

    def _calendar(self, now: datetime) -> list[Dated]:
        return calendar(self._reach.directory, self._people, self._reach.certificates, now)

    async def revoke_one(self, request: Request) -> Response:
        """Refuse one certificate from now on; its owner's others stay."""
        await self._office.said(request)
        mark, now = request.path_params["fingerprint"].lower(), self._office.clock.now()
        if self._office.look(request).principal.credential == mark:
            raise Problem(409, "that is the certificate you ask with: use the command line")
        await self._office.do(
            request, "certificate revoke", mark,
            lambda people, _: people.revoke_certificate(mark, now),
        )  # fmt: skip
        return Response(status_code=204)

    async def groups(self, request: Request) -> Response:
        """Answer with every group, and who is in it in which direction."""
        self._office.look(request)
        now = self._office.clock.now()
        members = await kept(lambda: self._people.memberships(now))
        roll = await kept(self._users.roll)
        clients = [each.principal for each in members if each.revoked is None]
        users = [each.user.principal for each in roll.accounts.values()]
        return answer({"groups": _groups(clients, users)})


def _groups(clients: Iterable[Principal], users: Iterable[Principal]) -> list[dict[str, object]]:
    found: dict[str, dict[str, dict[str, object]]] = {}
    for kind, people in (("clients", clients), ("users", users)):
        for each in people:
            for group, direction in each.groups.items():
                of = found.setdefault(group, {"clients": {}, "users": {}})
                of[kind][each.name] = as_json(direction)
    return [{"name": name, **found[name]} for name in sorted(found)]


def _json(each: Membership) -> dict[str, object]:
    who = each.principal
    return {
        "name": who.name,
        "role": who.role.value,
        "groups": as_json(who.groups),
        "exercises": sorted(who.exercises),
        "every_exercise": who.every_exercise,
        "added": spell(each.added),
        "revoked": as_json(each.revoked),
        "certificates": each.certificates,
        "ends": as_json(each.ends),
        "has_token": each.has_open_token,
    }


def certificate_json(each: Dated) -> dict[str, object]:
    """Return a line of the calendar as pages and commands tell it."""
    return {
        "of": each.of,
        "fingerprint": each.fingerprint,
        "issued": spell(each.issued),
        "ends": spell(each.ends),
        "warning": each.warning.value,
        "remedy": each.remedy,
    }
