"""TLS 1.3 between partner nodes: one context per partner, with that partner's authority alone.

Dialling, a node knows whom it calls, and takes that partner's context. It says who it is itself in
the server name (SNI): the called node chooses by it the context that holds the caller's authority.
A false server name gains nothing: the certificate must then be of the authority that belongs to
that name, and afterwards `PartnerAdmission.admit`, which knows nothing of server names, decides by
what the certificate itself claims. A server name that is no partner's is answered like one that is:
it meets a context without any authority and fails at the same place, so that nobody learns who the
partners are.

No session is ever taken up again: each connection shows both certificates, which are looked at.
"""

import ssl
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

from accord.core.clock import Clock
from accord.core.errors import AccordError
from accord.core.partner import NodeName, Partner, Profile
from accord.security import identity, keystore
from accord.security.tls import Failed, watched_by

CNSA_CIPHER = "TLS_AES_256_GCM_SHA384"
_CNSA_CURVE = "secp384r1"

MAX_CONTEXTS = 256
"""Partners whose TLS is kept ready for their calls; more than a node can have."""

OfDomain = Callable[[str], Partner | None]
"""Returns the partner of a trust domain, None where there is none or it is refused."""


class PartnerTls:
    """The TLS of one node towards its partners; `directory` holds its certificate.

    When that is made again, calls from then on show the new one.
    """

    def __init__(
        self,
        directory: Path,
        name: NodeName,
        profile: Profile,
        *,
        of_domain: OfDomain,
        clock: Clock,
    ) -> None:
        self._directory = directory
        self._name = name
        self._profile = profile
        self._of_domain = of_domain
        self._clock = clock
        self._called_by = lru_cache(maxsize=MAX_CONTEXTS)(self._trusting)

    @property
    def server_name(self) -> str:
        """What this node says in SNI when it dials: its own trust domain."""
        return self._name.trust_domain

    def dialling(self, partner: Partner, *, failed: Failed | None = None) -> ssl.SSLContext:
        """Return TLS for calling a partner, to be used with `server_name`.

        AccordError when this node's own certificate cannot be read.
        """
        context = self._context(ssl.PROTOCOL_TLS_CLIENT)
        # The server name says who calls. Who was called is in the certificate, as its URI.
        context.check_hostname = False
        self._trust(context, partner)
        _watch(context, failed)
        return context

    def listening(self, *, failed: Failed | None = None) -> ssl.SSLContext:
        """Return TLS for being called by any partner, whichever are there at the time.

        AccordError when this node's own certificate cannot be read.
        """
        context = self._context(ssl.PROTOCOL_TLS_SERVER)
        context.sni_callback = self._choose
        _watch(context, failed)
        return context

    def _choose(
        self, tls: ssl.SSLSocket | ssl.SSLObject, server_name: str | None, base: ssl.SSLContext
    ) -> int | None:
        """Have the caller's certificate checked against the authority of whom it says it is."""
        del base
        partner = self._of_domain(server_name) if server_name else None
        try:
            tls.context = self._called_by(partner, self._certificate_file())
        except (AccordError, OSError):  # the files are just being made again
            return ssl.ALERT_DESCRIPTION_INTERNAL_ERROR
        return None

    def _certificate_file(self) -> tuple[int, int]:
        """Return by what the file of this node's certificate differs from the one before it."""
        stat = (self._directory / identity.NODE).stat()
        return stat.st_ino, stat.st_mtime_ns

    def _trusting(self, partner: Partner | None, _file: tuple[int, int]) -> ssl.SSLContext:
        """Return what trusts one partner's authority, or nobody's."""
        context = self._context(ssl.PROTOCOL_TLS_SERVER)
        if partner is not None:
            self._trust(context, partner)
        return context

    def _trust(self, context: ssl.SSLContext, partner: Partner) -> None:
        for authority in partner.authorities(self._clock.now()):
            context.load_verify_locations(cadata=authority)

    def _context(self, protocol: int) -> ssl.SSLContext:
        context = ssl.SSLContext(protocol)
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        context.verify_mode = ssl.CERT_REQUIRED
        context.verify_flags |= ssl.VERIFY_X509_STRICT
        if protocol == ssl.PROTOCOL_TLS_SERVER:
            context.num_tickets = 0
        if self._profile is Profile.CNSA:
            context.set_ecdh_curve(_CNSA_CURVE)
        keystore.load_chain(
            context, self._directory / identity.NODE, self._directory / identity.NODE_KEY
        )
        return context


def certificate_of(tls: ssl.SSLObject) -> bytes | None:
    """Return the other end's certificate (DER), for PartnerAdmission."""
    return tls.getpeercert(binary_form=True)


def is_strong_enough(tls: ssl.SSLObject, profile: Profile) -> bool:
    """Tell whether what TLS has agreed on is what the profile asks for."""
    cipher = tls.cipher()
    return profile is Profile.MODERN or (cipher is not None and cipher[0] == CNSA_CIPHER)


def _watch(context: ssl.SSLContext, failed: Failed | None) -> None:
    if failed is not None:
        context.sslobject_class = watched_by(failed)
