"""Who is admitted, by certificate; and who is to be thrown out, at once.

The register of people is changed by the command line and by enrolment while the node runs. The node
looks whether it changed every LOOK_EVERY, so that a revocation reaches live connections well within
2 seconds; and when a certificate comes that it does not know, for that one may be just signed.
"""

from collections.abc import Callable, Iterable, Iterator

from accord.core.clock import Clock
from accord.core.principal import Credential, Principal
from accord.security.authority import fingerprint

LOOK_EVERY = 0.5
"""Seconds between looks at the register."""

REVOKED = "revoked"
ENDED = "certificate has ended"
CHANGED = "membership changed"
UNKNOWN = "certificate is not in the register"


class Admission:
    """Knows every certificate of the register as of the last look; fails closed.

    `read` returns the whole register, or None where it has not changed since the last call.
    """

    def __init__(self, read: Callable[[], Iterable[Credential] | None], *, clock: Clock) -> None:
        self._read = read
        self._clock = clock
        self._known: dict[str, Credential] = {}
        self._people: frozenset[str] = frozenset()
        self.look()

    def look(self) -> None:
        """Read the register again where it has changed."""
        known = self._read()
        if known is not None:
            self._known = {each.principal.credential: each for each in known}
            self._people = frozenset(each.name for each in self.members())

    def admit(self, certificate: bytes) -> Principal | str:
        """Return who a certificate (DER) belongs to, or in a few words why it is refused."""
        mark = fingerprint(certificate)
        if mark not in self._known:
            self.look()
        return self.bearer(mark)

    def bearer(self, mark: str) -> Principal | str:
        """Return who a certificate of that fingerprint belongs to now, or why it is refused."""
        credential = self._known.get(mark)
        if credential is None:
            return UNKNOWN
        return self._why_not(credential) or credential.principal

    def is_member(self, name: str) -> bool:
        """Tell whether anybody of that name has a certificate that is not revoked."""
        return name in self._people

    def members(self) -> Iterator[Principal]:
        """Yield the bearer of each certificate that is not revoked."""
        return (each.principal for each in self._known.values() if each.revoked is None)

    def _why_not(self, credential: Credential) -> str | None:
        if credential.revoked is not None:
            return REVOKED
        until = credential.principal.until
        return ENDED if until is not None and self._clock.now() >= until else None

    def why_gone(self, principal: Principal) -> str | None:
        """Return why somebody who was admitted is not any more, None where he still is.

        Who connected without a certificate was never admitted by one.
        """
        if not principal.credential:
            return None
        credential = self._known.get(principal.credential)
        if credential is None:
            return UNKNOWN
        return self._why_not(credential) or (CHANGED if credential.principal != principal else None)

    def credentials(self) -> Iterable[Credential]:
        """Return every certificate of the register."""
        return self._known.values()
