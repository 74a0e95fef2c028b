"""The keys of this node over time: what it was before each succession, and who knows of it.

`federation/former/N` is the node's identity as it was before its Nth succession, whole: a partner
that has not taken that succession yet is met with it, so that nobody is locked out for having been
away. What is to be told lies beside it, and one file for each partner that has to be told.
"""

import base64
import json
import shutil
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from cryptography.hazmat.primitives.serialization import Encoding

from accord.core.errors import AccordError
from accord.core.partner import KeyOf, NodeName, Partner
from accord.security import identity, keystore, succession
from accord.security.identity import FederationAuthority, FederationSettings
from accord.security.signing import SigningKey
from accord.security.succession import Before, Succession

FORMER = Path("federation/former")
MAX_SUCCESSIONS = 1_000
"""Successions of one node."""

_SAID, _NEXT, _WAITS, _TAKEN = "succession.json", "next", "waits", "taken"
_FILES = (
    identity.AUTHORITY_KEY, identity.AUTHORITY, identity.NODE_KEY, identity.NODE,
    identity.RELEASE_KEY, identity.LEDGER_KEY,
)  # fmt: skip
"""What an identity is made of; a key before what depends on it."""
_KEYS = {KeyOf.RELEASE: identity.RELEASE_KEY, KeyOf.LEDGER: identity.LEDGER_KEY}


@dataclass(frozen=True, slots=True)
class Made:
    """One succession of this node: when, of what key, and which partners have taken it."""

    number: int
    at: datetime
    said: Succession
    waits: tuple[str, ...]
    taken: tuple[tuple[str, datetime], ...]


def ourselves(home: Path, name: NodeName, party_key: str, made: datetime) -> Partner:
    """Return how others are to know the node whose identity lies there."""
    authority = identity.load_authority(home, name)
    release, ledger = (
        str(SigningKey.load(home / file).public)
        for file in (identity.RELEASE_KEY, identity.LEDGER_KEY)
    )
    return Partner(
        node=name.node,
        trust_domain=name.trust_domain,
        profile=authority.profile,
        authority=authority.certificate.public_bytes(Encoding.DER),
        party_key=party_key,
        release_key=release,
        ledger_key=ledger,
        made=made.replace(microsecond=0),
    )


class OwnKeys:
    """The keys of one node, in its directory. AccordError says what cannot be read or written."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._place = directory / FORMER

    def numbers(self) -> list[int]:
        """Return the numbers of all successions, the first first."""
        if not self._place.is_dir():
            return []
        return sorted(int(each.name) for each in self._place.iterdir() if each.name.isdecimal())

    def all(self) -> list[Made]:
        """Return all successions, the first first."""
        return [self._read(number) for number in self.numbers()]

    def pending(self, partner: str) -> Made | None:
        """Return the first succession that a partner has not taken yet."""
        for number in self.numbers():
            if (self._place / str(number) / _WAITS / partner).exists():
                return self._read(number)
        return None

    def home(self, partner: str) -> Path:
        """Return where the identity lies that a partner knows."""
        for number in self.numbers():
            if (self._place / str(number) / _WAITS / partner).exists():
                return self._place / str(number)
        return self._directory

    def known_to(self, partner: str) -> tuple[object, ...]:
        """Return by what the identity that a partner knows differs from any other."""
        home = self.home(partner)
        return (home, *(_mark(home / file) for file in (*_KEYS.values(), identity.AUTHORITY)))

    def homes(self) -> list[Path]:
        """Return where the identities lie that some partner still knows, but for the newest."""
        return [
            self._place / str(number)
            for number in self.numbers()
            if any((self._place / str(number) / _WAITS).iterdir())
        ]

    def taken(self, number: int, partner: str, at: datetime) -> None:
        """Note that a partner has pinned what a succession told it."""
        place = self._place / str(number)
        keystore.write_private(place / _TAKEN / partner, f"{at:%Y-%m-%dT%H:%M:%SZ}\n".encode())
        with suppress(FileNotFoundError):
            (place / _WAITS / partner).unlink()

    def is_ours(self, said: Succession) -> bool:
        """Tell whether this node has made that succession."""
        return any(self._read(number).said == said for number in self.numbers())

    def _read(self, number: int) -> Made:
        place = self._place / str(number)
        try:
            row = json.loads((place / _SAID).read_bytes())
            said = Succession(
                KeyOf(row["of"]), row["text"].encode(), base64.b64decode(row["approval"])
            )
            taken = tuple(
                (each.name, datetime.fromisoformat(each.read_text("ascii").strip()))
                for each in sorted((place / _TAKEN).iterdir())
            )
            waits = tuple(sorted(each.name for each in (place / _WAITS).iterdir()))
            return Made(number, datetime.fromisoformat(row["at"]), said, waits, taken)
        except OSError as error:
            raise AccordError(f"cannot read {place}: {error.strerror}") from None
        except (ValueError, KeyError, TypeError, AttributeError):
            raise AccordError(f"{place} is no succession of keys") from None

    # Replacing.

    def finish(self) -> None:
        """Put new keys in their place where a crash has come before it."""
        for number in self.numbers():
            place = self._place / str(number) / _NEXT
            if place.is_dir():
                for file in _FILES:
                    with suppress(FileNotFoundError):  # the node and the command line both do it
                        keystore.write_private(self._directory / file, (place / file).read_bytes())
                shutil.rmtree(place, ignore_errors=True)

    def replace(
        self, of: KeyOf, name: NodeName, settings: FederationSettings, *, party_key: str,
        partners: Iterable[str], now: datetime,
    ) -> Made:  # fmt: skip
        """Make a key that succeeds, and note whom it is to be told to."""
        self.finish()
        number = max(self.numbers(), default=0) + 1
        if number > MAX_SUCCESSIONS:
            raise AccordError(f"there were {MAX_SUCCESSIONS} successions, which is the limit")
        try:
            self._place.mkdir(parents=True, exist_ok=True, mode=0o700)
            with TemporaryDirectory(dir=self._place, prefix=".new-") as made:
                self._make(Path(made), of, name, settings, party_key, now)
                for each in partners:
                    keystore.write_private(Path(made) / _WAITS / each, b"")
                Path(made).rename(self._place / str(number))
                Path(made).mkdir()  # which is then removed
        except OSError as error:
            raise AccordError(f"cannot write {self._place}: {error.strerror}") from None
        self.finish()
        return self._read(number)

    def _make(
        self, place: Path, of: KeyOf, name: NodeName, settings: FederationSettings,
        party_key: str, now: datetime,
    ) -> None:  # fmt: skip
        for each in (place, place / _NEXT):
            for file in _FILES:
                keystore.write_private(each / file, (self._directory / file).read_bytes())
        for each in (place / _WAITS, place / _TAKEN):
            each.mkdir(mode=0o700)
        before = Before(authority=identity.load_authority(place, name))
        if of is KeyOf.AUTHORITY:
            _new_authority(place / _NEXT, name, settings, now)
        else:
            before = replace(before, key=SigningKey.load(place / _KEYS[of]))
            SigningKey.create(settings.profile).save(place / _NEXT / _KEYS[of])
        # Later than every invitation of this second, and than the succession before.
        last = max((each.at for each in self.all()), default=now)
        at = (max(now, last) + timedelta(seconds=1)).replace(microsecond=0)
        new = ourselves(place / _NEXT, name, party_key, at)
        said = succession.write(of, new, identity.load_authority(place / _NEXT, name), before)
        row = {
            "of": of,
            "at": at.astimezone(UTC).isoformat(),
            "text": said.text.decode(),
            "approval": base64.b64encode(said.approval).decode(),
        }
        keystore.write_private(place / _SAID, json.dumps(row, indent=1).encode())

    def begin_anew(
        self, of: KeyOf, name: NodeName, settings: FederationSettings, now: datetime
    ) -> None:
        """Make a key in place of one that is not trusted any more: nobody is told over the link.

        What waits to be told is not told any more: it would be signed by what is not trusted.
        """
        self.finish()
        for number in self.numbers():
            for each in (self._place / str(number) / _WAITS).iterdir():
                each.unlink()
        if of is KeyOf.AUTHORITY:
            _new_authority(self._directory, name, settings, now)
        else:
            SigningKey.create(settings.profile).save(self._directory / _KEYS[of])


def _mark(file: Path) -> tuple[int, int]:
    try:
        stat = file.stat()
    except FileNotFoundError:
        return 0, 0
    return stat.st_ino, stat.st_mtime_ns


def _new_authority(home: Path, name: NodeName, settings: FederationSettings, now: datetime) -> None:
    made = FederationAuthority.create(name, settings.profile, now)
    issued = made.issue(now, settings.certificate_valid)
    keystore.write_key(home / identity.AUTHORITY_KEY, made.key)
    keystore.write_certificates(home / identity.AUTHORITY, made.certificate)
    keystore.write_key(home / identity.NODE_KEY, issued.key)
    keystore.write_certificates(home / identity.NODE, issued.certificate)
