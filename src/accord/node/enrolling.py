"""How a node enrols clients: whose requests are signed, and what is entered of them."""

from dataclasses import replace
from pathlib import Path

from cryptography import x509

from accord.api.accounts import Accounts
from accord.api.problem import Problem
from accord.config import Settings
from accord.core.clock import Clock
from accord.core.principal import Role
from accord.observe.log import Log
from accord.security import keystore, renewal
from accord.security.authority import Authority
from accord.storage.people import People
from accord.tak import enrolment
from accord.tak.marti.profiles import PROFILES


class Enrolling:
    """Signs for whoever shows a one-time token, or is known by the directory (LDAP)."""

    def __init__(
        self,
        directory: Path,
        settings: Settings,
        *,
        people: People,
        accounts: Accounts,
        clock: Clock,
    ) -> None:
        self._directory = directory
        self._settings = settings
        self._people = people
        self._accounts = accounts
        self._clock = clock

    def answers(self, log: Log) -> enrolment.Enrolment:
        """Return what answers clients that enrol."""
        node = self._settings.node
        return enrolment.Enrolment(
            check=lambda name, token: self._people.check_token(name, token, self._clock.now()),
            sign=self._sign,
            authorities=keystore.read_certificates(self._directory / keystore.AUTHORITY),
            organisation=node.nation,
            unit=node.id,
            log=log,
            profiles=self._directory / PROFILES,
            vouch=self._vouch if self._settings.ldap.url else None,
            sign_vouched=self._sign_vouched,
        )

    async def _vouch(self, name: str, password: str, address: str) -> enrolment.Vouched:
        """Return who the directory says that is."""
        try:
            account = await self._accounts.vouched(name, password, address)
        except Problem as problem:
            said = enrolment.NOT_ACCEPTED if problem.status == 401 else str(problem)
            raise enrolment.Refused(problem.status, "not known by the directory", said) from None
        principal = account.user.principal
        if principal.role is Role.ADMINISTRATOR:
            # A certificate outlasts what the directory says; a session does not.
            principal = replace(principal, role=Role.MEMBER)
        return enrolment.Vouched(principal, account.hash)

    def _sign_vouched(
        self, somebody: enrolment.Vouched, request: x509.CertificateSigningRequest, device: str
    ) -> x509.Certificate:
        """Sign a request of somebody whom the directory knows, and enter him."""
        certificate = self._certified(somebody.principal.name, request)
        self._people.take_in(
            somebody.principal,
            somebody.kept,
            fingerprint=renewal.mark_of(certificate),
            now=self._clock.now(),
            ends=certificate.not_valid_after_utc,
            device=device,
        )
        return certificate

    def _certified(self, name: str, request: x509.CertificateSigningRequest) -> x509.Certificate:
        authority = Authority.load(
            self._directory / keystore.AUTHORITY, self._directory / keystore.AUTHORITY_KEY
        )
        now, valid = self._clock.now(), self._settings.certificates.client_valid
        return authority.certify(name, request.public_key(), now, valid)

    def _sign(
        self, username: str, token: str, request: x509.CertificateSigningRequest, device: str
    ) -> x509.Certificate:
        """Sign a request for which a token is given; the token is then used up."""
        certificate, now = self._certified(username, request), self._clock.now()
        self._people.use_token(
            username,
            token,
            fingerprint=renewal.mark_of(certificate),
            now=now,
            ends=certificate.not_valid_after_utc,
            device=device,
        )
        return certificate
