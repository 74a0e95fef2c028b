"""What a partner was given, and has acknowledged: to send nothing twice, and to call it back."""

from collections.abc import Callable, Iterable
from typing import NamedTuple

from accord.federation.reconcile import Entry
from accord.federation.version import ObjectKey, id_of
from accord.wire.peer.protocol import Version
from accord.wire.peer.report import Grant


class Had(NamedTuple):
    """One object at the partner: by what it left, and its version, None until acknowledged.

    `own` is the object as this node names it. `durable`: it went by a log.
    """

    own: ObjectKey
    grant: Grant
    durable: bool
    version: Version | None = None


class Given:
    """The objects that a partner was given, by the name that it knows; at most `limit` of them."""

    def __init__(self, *, limit: int) -> None:
        self.limit = limit
        self._had: dict[ObjectKey, Had] = {}
        self._owned: dict[ObjectKey, ObjectKey] = {}
        self._surely: set[bytes] = set()

    def __len__(self) -> int:
        return len(self._had)

    def version(self, key: ObjectKey) -> Version | None:
        """Return the newest version that the partner has acknowledged."""
        had = self._had.get(key)
        return None if had is None else had.version

    def has(self, key: ObjectKey, version: Version) -> bool:
        """Tell whether the partner has this version, or a newer one."""
        had = self._had.get(key)
        if had is not None and had.version is not None and had.version >= version:
            return True
        return bool(self._surely) and id_of(key, version) in self._surely

    def of_own(self, own: ObjectKey) -> bool:
        """Tell whether an object, as this node names it, was ever sent."""
        return self._owned.get(own) in self._had

    def sent(self, key: ObjectKey, had: Had) -> None:
        """Note that an object is on its way; a version that was acknowledged stays."""
        before = self._had.pop(key, None)
        if before is None and len(self._had) >= self.limit:
            del self._had[next(iter(self._had))]
        version = None if before is None else before.version
        self._owned[had.own] = key
        if len(self._owned) > self.limit:
            del self._owned[next(iter(self._owned))]
        self._had[key] = Had(had.own, had.grant, had.durable, version)

    def arrived(self, key: ObjectKey, version: Version) -> None:
        """Note that the partner has this version."""
        had = self._had.get(key)
        if had is not None and (had.version is None or had.version < version):
            self._had[key] = Had(had.own, had.grant, had.durable, version)

    def in_doubt(self) -> tuple[ObjectKey, ...]:
        """Take nothing for acknowledged any more; return what all was given, by its own names."""
        self._had = {key: Had(had.own, had.grant, had.durable) for key, had in self._had.items()}
        self._surely.clear()
        return tuple(had.own for had in self._had.values())

    def of(self, own: ObjectKey) -> tuple[tuple[ObjectKey, Had], ...]:
        """Return under which names an object of this node was given."""
        return tuple((key, had) for key, had in self._had.items() if had.own == own)

    def forget(self, is_meant: Callable[[ObjectKey, Had], bool]) -> None:
        """Take it that the partner does not have these."""
        self._had = {key: had for key, had in self._had.items() if not is_meant(key, had)}

    def entries(self, *, durable: bool) -> list[Entry]:
        """Return what the partner acknowledged, as it is compared."""
        return [
            (had.version.ms, id_of(key, had.version))
            for key, had in self._had.items()
            if had.durable is durable and had.version is not None
        ]

    def compared(self, lacking: Iterable[bytes], extra: set[bytes]) -> list[Had]:
        """Learn what the partner has that was not known here; return what it has no more."""
        self._surely.update(lacking)
        lost = {
            key: had
            for key, had in self._had.items()
            if had.version is not None and id_of(key, had.version) in extra
        }
        for key, had in lost.items():
            self._had[key] = Had(had.own, had.grant, had.durable)
        return list(lost.values())

    def all(self) -> tuple[tuple[ObjectKey, Had], ...]:
        """Return everything."""
        return tuple(self._had.items())

    def restore(self, entries: Iterable[tuple[ObjectKey, Had]]) -> None:
        """Go on with what was given before."""
        self._had = dict(entries)
        self._owned = {had.own: key for key, had in self._had.items()}
