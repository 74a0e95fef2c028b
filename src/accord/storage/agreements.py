"""Which agreements a node holds, on disk: the texts, the areas, the signatures, the keys it knows.

Each serial of an agreement has a directory of its own, written whole before it counts. What is
refused changes nothing: the serial in force stays in force.
"""

import json
import os
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from typing import cast

from accord.core.agreement import Agreement, Party
from accord.release.document import read_document
from accord.release.fault import AgreementError, Fault, refuse
from accord.release.frontmatter import read_key, spell_key
from accord.release.load import load
from accord.release.loaded import Loaded
from accord.release.signature import (
    Act,
    InForce,
    Record,
    in_force,
    read_record,
    spell_record,
    standing,
    verify,
)

AGREEMENTS = "agreements"
"""Where a node keeps them, in its directory."""

TEXT = "agreement.md"
CURRENT = "current"
PARTIES = "parties.json"
SIGNATURE = ".sig"
PAUSED = "paused.json"
"""Beside a text while people of this node let nothing flow by it; its guards look for it too."""

MAX_PAUSE = 4_096
"""Bytes of such a file that are read."""


_PROVER = threading.Lock()
"""The solver has one memory for the whole process, and no two threads may use it at a time."""


def proved(data: bytes, files: Mapping[str, bytes]) -> Loaded:
    """Return the agreement in these bytes (`release.load`), from any thread, one at a time."""
    with _PROVER:
        return load(data, files)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """Who let nothing flow by an agreement on this node, since when and why.

    No party's signature is needed for it: it binds this node alone, and is ended here.
    """

    by: str
    at: datetime
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """One agreement that the node holds. `faults` is what keeps it from being in force.

    `terms` and `loaded` None: it does not load any more. `paused`: by people of this node.
    """

    id: str
    serial: int
    terms: Agreement | None
    faults: tuple[Fault, ...]
    loaded: Loaded | None = None
    paused: Pause | None = None


class Agreements:
    """The agreements of one node, in a directory."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def activate(
        self,
        data: bytes,
        files: Mapping[str, bytes],
        records: Iterable[Record],
        *,
        trusted: Mapping[str, bytes],
    ) -> InForce:
        """Put an agreement in force in place of a lower serial of it. Raises AgreementError.

        `trusted` are the keys of parties that somebody has compared by another way; a key that is
        not known yet, or not the known one, must be among them.
        """
        loaded = proved(data, files)
        terms = loaded.agreement
        place = self._directory / terms.id / str(terms.serial)
        is_here = self._is_here(terms.id, terms.serial, terms.digest)
        # Somebody's suspension stays with the text, whoever activates it once more.
        agreed = in_force(loaded, [*records, *(_records(place) if is_here else ())])
        known = self._known_keys()
        _check_keys(terms.parties, known, trusted)
        if is_here:
            for record in agreed.records:
                _write(place / record_name(record), spell_record(record).encode())
        else:
            needed = {area.file: files[area.file] for area in terms.areas}
            _write_whole(place, {TEXT: data, **needed}, agreed.records)
        self._write_keys(known | {p.node: p.key for p in terms.parties if p.signs})
        _write(self._directory / terms.id / CURRENT, f"{terms.serial}\n".encode())
        return agreed

    def add(self, record: Record) -> None:
        """Keep a party's signature, such as one that suspends. Raises AgreementError."""
        place, loaded = self._held(record.agreement)
        wrong = verify(record, loaded.agreement)
        if wrong is not None:
            raise refuse(wrong)
        _write(place / record_name(record), spell_record(record).encode())

    def in_force(self, name: str) -> InForce:
        """Return the agreement of that id. AgreementError says why it is not in force."""
        place, loaded = self._held(name)
        agreed = in_force(loaded, _records(place))
        pause = pause_beside(place / TEXT)
        if pause is not None:
            raise AgreementError([_fault_of(pause)])
        return agreed

    def pause(self, name: str, pause: Pause) -> Agreement:
        """Let nothing flow by the current text of that id, on this node. Raises AgreementError."""
        terms = self._current(name)
        said = {"by": pause.by, "at": pause.at.isoformat(), "reason": pause.reason}
        place = self._directory / terms.id / str(terms.serial)
        _write(place / PAUSED, json.dumps(said, ensure_ascii=False).encode())
        return terms

    def go_on(self, name: str) -> Agreement:
        """End the pause of the current text of that id. Raises AgreementError: there is none."""
        terms = self._current(name)
        path = self._directory / terms.id / str(terms.serial) / PAUSED
        try:
            path.unlink()
        except FileNotFoundError:
            raise refuse(f"{terms.id} serial {terms.serial} is not paused") from None
        return terms

    def paused(self) -> "list[tuple[Agreement, Pause]]":
        """Return every current text that is paused, without proving it."""
        found: list[tuple[Agreement, Pause]] = []
        for path in sorted(self._directory.glob(f"*/*/{PAUSED}")):
            name, pause = path.parent.parent.name, pause_beside(path)
            serial = self.serial(name)
            if pause is None or serial is None or path.parent.name != str(serial):
                continue
            terms = self.terms(name, serial)
            if terms is not None:
                found.append((terms, pause))
        return found

    def _current(self, name: str) -> Agreement:
        serial = self.serial(name)
        terms = None if serial is None else self.terms(name, serial)
        if terms is None:
            raise refuse(f"this node holds no agreement {name!r} that can be read")
        return terms

    def stopped(self, name: str) -> tuple[Agreement, Record] | None:
        """Return who suspended or withdrew the agreement of that id last; None: nobody.

        Raises AgreementError.
        """
        place, loaded = self._held(name)
        terms = loaded.agreement
        acts = [each for each in _records(place) if each.act is not Act.AGREE]
        done = [each for each in acts if verify(each, terms) is None]
        return (terms, max(done, key=lambda each: each.at)) if done else None

    def held(self, name: str) -> Loaded:
        """Return the current text of that id, in force or not. Raises AgreementError."""
        return self._held(name)[1]

    def terms(self, name: str, serial: int) -> Agreement | None:
        """Return the text of that serial, current or not, without proving it; None: it is gone."""
        place = self._directory / name / str(serial) / TEXT
        if self.serial(name) is None:
            return None
        try:
            return read_document(place.read_bytes()).agreement
        except (OSError, AgreementError):
            return None

    def known_key(self, node: str) -> bytes | None:
        """Return the key of a party that somebody has compared by another way, if there is one."""
        return self._known_keys().get(node)

    def know(self, node: str, key: bytes) -> None:
        """Take a key for that party's, as somebody has compared it by another way."""
        known = self._known_keys()
        if known.get(node) != key:
            self._directory.mkdir(exist_ok=True)
            self._write_keys(known | {node: key})

    def list(self) -> "list[Held]":
        """Return all, by id; one that does not load any more is listed with its faults."""
        if not self._directory.is_dir():
            return []
        names = sorted(
            each.name for each in self._directory.iterdir() if (each / CURRENT).is_file()
        )
        return [self._listed(name) for name in names]

    def unproved(self) -> "list[Held]":
        """Return all, by id, as `list` but without what the solver says: that takes seconds."""
        if not self._directory.is_dir():
            return []
        names = (path.parent.name for path in self._directory.glob(f"*/{CURRENT}"))
        return [self._read_only(name) for name in sorted(names)]

    def _read_only(self, name: str) -> Held:
        serial = self.serial(name) or 0
        place = self._directory / name / str(serial)
        try:
            terms = read_document((place / TEXT).read_bytes()).agreement
            faults = tuple(standing(terms, _records(place)))
        except AgreementError as error:
            return Held(id=name, serial=serial, terms=None, faults=error.faults)
        except OSError as error:
            fault = Fault(f"its text cannot be read: {error.strerror}")
            return Held(id=name, serial=serial, terms=None, faults=(fault,))
        pause = pause_beside(place / TEXT)
        return Held(id=name, serial=serial, terms=terms, faults=faults, paused=pause)

    def text(self, name: str) -> bytes | None:
        """Return the bytes of the current text of that id; None: there is none to be read."""
        serial = self.serial(name)
        try:
            return None if serial is None else self._text_at(name, serial)
        except OSError:
            return None

    def _text_at(self, name: str, serial: int) -> bytes:
        return (self._directory / name / str(serial) / TEXT).read_bytes()

    def areas(self) -> "dict[str, bytes]":
        """Return the area files of the current texts, by name; of two of one name the last."""
        found: dict[str, bytes] = {}
        for current in sorted(self._directory.glob(f"*/{CURRENT}")):
            serial = self.serial(current.parent.name)
            for path in sorted((current.parent / str(serial)).glob("*.geojson")):
                found[path.name] = path.read_bytes()
        return found

    def _listed(self, name: str) -> Held:
        try:
            place, loaded = self._held(name)
        except AgreementError as error:
            return Held(id=name, serial=self.serial(name) or 0, terms=None, faults=error.faults)
        terms = loaded.agreement
        pause = pause_beside(place / TEXT)
        faults = (*standing(terms, _records(place)), *(() if pause is None else [_fault_of(pause)]))
        return Held(
            id=name, serial=terms.serial, terms=terms, faults=faults, loaded=loaded, paused=pause
        )

    def _held(self, name: str) -> tuple[Path, Loaded]:
        serial = self.serial(name)
        if serial is None:
            raise refuse(f"this node holds no agreement {name!r}")
        place = self._directory / name / str(serial)
        files = {each.name: each.read_bytes() for each in place.glob("*.geojson")}
        return place, proved((place / TEXT).read_bytes(), files)

    def serial(self, name: str) -> int | None:
        """Return the current serial of that id, None where there is none."""
        if "/" in name or name.startswith("."):
            return None
        try:
            return int((self._directory / name / CURRENT).read_text("ascii"))
        except (OSError, ValueError):
            return None

    def _is_here(self, name: str, serial: int, digest: str) -> bool:
        """Tell whether this text is the current one. Raises AgreementError for an older serial."""
        current = self.serial(name)
        if current is None or serial > current:
            return False
        if serial < current:
            raise refuse(f"serial {current} of {name} is here already; a new text has a higher one")
        if self._held(name)[1].agreement.digest != digest:
            raise refuse(f"another text of {name} with serial {serial} is here already")
        return True

    def _known_keys(self) -> dict[str, bytes]:
        try:
            text = (self._directory / PARTIES).read_text("utf-8")
        except FileNotFoundError:
            return {}
        keys = cast("dict[str, str]", json.loads(text))
        return {node: read_key(key) for node, key in keys.items()}

    def _write_keys(self, known: Mapping[str, bytes]) -> None:
        keys = {node: spell_key(key) for node, key in sorted(known.items())}
        _write(self._directory / PARTIES, json.dumps(keys, indent=1).encode())


def _check_keys(
    parties: Iterable[Party], known: Mapping[str, bytes], trusted: Mapping[str, bytes]
) -> None:
    for party in parties:
        if party.signs and party.key not in (known.get(party.node), trusted.get(party.node)):
            key = spell_key(party.key)
            raise refuse(
                f"the key of {party.node} is not one that this node knows: compare {key} with its "
                f"people by another way, and say that it is theirs: --trust {party.node}={key}"
            )


def _write_whole(place: Path, files: Mapping[str, bytes], records: Iterable[Record]) -> None:
    """Write a directory that is there whole or not at all; one that was left by a crash goes."""
    place.parent.mkdir(parents=True, exist_ok=True)
    new = Path(mkdtemp(prefix=".new-", dir=place.parent))
    signatures = {record_name(each): spell_record(each).encode() for each in records}
    for file, data in {**files, **signatures}.items():
        _write(new / file, data)
    rmtree(place, ignore_errors=True)
    new.rename(place)


def record_name(record: Record) -> str:
    """Return what the file of a signature is called."""
    return f"{record.node}.{record.act}{SIGNATURE}"


def pause_beside(text: Path) -> Pause | None:
    """Return by whom the agreement of that text is paused here; None: by nobody.

    One that cannot be read is a pause all the same: nothing flows by mistake.
    """
    try:
        with text.with_name(PAUSED).open("rb") as file:
            said = cast("dict[str, str]", json.loads(file.read(MAX_PAUSE)))
        at = datetime.fromisoformat(said["at"])
        if at.tzinfo is not None:
            return Pause(by=str(said["by"]), at=at, reason=str(said["reason"]))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError):
        pass
    return Pause(by="somebody", at=_LONG_AGO, reason=f"{PAUSED} cannot be read")


_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


def _fault_of(pause: Pause) -> Fault:
    return Fault(f"paused here by {pause.by} at {pause.at:%Y-%m-%d %H:%M:%SZ}: {pause.reason}")


def read_records(paths: Iterable[Path]) -> list[Record]:
    """Read signature files. AgreementError says which cannot be read."""
    records: list[Record] = []
    faults: list[Fault] = []
    for path in paths:
        try:
            records.append(read_record(path.read_text("utf-8")))
        except (OSError, ValueError) as error:
            faults.append(Fault(f"{path.name}: {error}"))
    if faults:
        raise AgreementError(faults)
    return records


def _records(place: Path) -> list[Record]:
    return read_records(sorted(place.glob(f"*{SIGNATURE}")))


def _write(path: Path, data: bytes) -> None:
    """Write a file so that it is there whole or not at all, whatever happens meanwhile."""
    new = path.with_name(path.name + ".new")
    with new.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)
