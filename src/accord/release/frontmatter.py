"""The front matter of an agreement: TOML tables -> who, when, forms, areas, levels, invariants."""

import base64
import binascii
import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast

from accord.core.agreement import AreaFile, Invariant, Party
from accord.core.context import Context, ContextKind
from accord.core.form import EVERYTHING, Kept, Naming, ReleaseForm, check_ladder
from accord.core.level import LevelTable, Rows
from accord.core.nation import check_nation, check_node
from accord.release.fault import AgreementError, Fault, refuse
from accord.release.toml import Table, lines_of

KEY_PREFIX = "ed25519:"
NO_KEY = "none"
"""In place of a key, of a party that cannot sign, such as a TAK server."""
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", re.ASCII)
_FILE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}\.geojson", re.ASCII)
_SHA256 = re.compile(r"[0-9a-f]{64}", re.ASCII)
_FORM = re.compile(r"[a-z][a-z0-9_-]{0,31}", re.ASCII)
_MAX_INVARIANTS = 100
_REQUIRED = ("id", "serial", "title", "direction", "valid")
_OPTIONAL = (
    "party", "contexts", "level", "form", "area", "onward", "assumed_error", "invariant", "usual",
    "report",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class FrontMatter:
    """Everything of an agreement but its clauses; `usual` and `reports` describe the examples."""

    id: str
    serial: int
    title: str
    parties: tuple[Party, ...]
    givers: tuple[str, ...]
    receivers: tuple[str, ...]
    since: datetime
    until: datetime
    contexts: frozenset[Context]
    levels: LevelTable
    forms: tuple[ReleaseForm, ...]
    areas: tuple[AreaFile, ...]
    onward: frozenset[str]
    assumed_error: float | None
    invariants: tuple[Invariant, ...]
    usual: dict[str, object]
    reports: tuple[tuple[str, Table], ...]


def read_front_matter(text: str, first_line: int) -> FrontMatter:
    """Read the TOML. Raises AgreementError with the line."""
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _not_toml(error, first_line) from None
    except RecursionError:
        raise refuse("the front matter is nested too deeply", line=first_line) from None
    table = Table(cast("dict[str, object]", values), (), lines_of(text, first_line))
    if faults := [*_misnamed(table)]:
        raise AgreementError(faults)
    parties = _parties(table)
    givers, receivers = _direction(table, {party.node for party in parties})
    _check_one_sided(table, parties, givers)
    since, until = table.moments("valid", 2)
    if since >= until:
        raise table.wrong("valid", "it ends before it begins")
    return FrontMatter(
        id=_matching(table, "id", _ID, "letters, digits, dots and hyphens"),
        serial=_serial(table),
        title=table.text("title"),
        parties=parties,
        givers=givers,
        receivers=receivers,
        since=since,
        until=until,
        contexts=_contexts(table),
        levels=_levels(table),
        forms=_forms(table),
        areas=_areas(table),
        onward=_onward(table),
        assumed_error=table.metres("assumed_error"),
        invariants=tuple(_invariants(table)),
        usual=table.table("usual").raw(),
        reports=tuple(table.tables("report")),
    )


def read_key(text: str) -> bytes:
    """Return the public key of `ed25519:BASE64`. ValueError says what is wrong."""
    if not text.startswith(KEY_PREFIX):
        raise ValueError(f"a key is {KEY_PREFIX} and 44 characters of base 64")
    try:
        key = base64.b64decode(text.removeprefix(KEY_PREFIX), validate=True)
    except binascii.Error:
        key = b""
    if len(key) != 32:
        raise ValueError(f"a key is {KEY_PREFIX} and 44 characters of base 64")
    return key


def read_party_key(text: str) -> bytes:
    """Return the key of a party, empty for one that has none. ValueError says what is wrong."""
    return b"" if text == NO_KEY else read_key(text)


def spell_key(key: bytes) -> str:
    """Write a public key so that `read_key` gives it back, or that there is none."""
    return KEY_PREFIX + base64.b64encode(key).decode() if key else NO_KEY


def _misnamed(table: Table) -> Iterable[Fault]:
    """Yield the keys that mean nothing and those that are missing: one is often the other."""
    for key in table.names():
        if key not in (*_REQUIRED, *_OPTIONAL):
            yield from table.unknown(key).faults
    for key in _REQUIRED:
        if key not in table:
            yield from table.missing(key).faults


def _not_toml(error: tomllib.TOMLDecodeError, first_line: int) -> AgreementError:
    said = str(error)
    match = re.search(r"at line (\d+)", said)
    line = first_line + int(match[1]) - 1 if match else first_line
    return refuse(f"the front matter is not TOML: {re.sub(r' [(]at .*', '', said)}", line=line)


def _matching(table: Table, key: str, pattern: re.Pattern[str], allowed: str) -> str:
    text = table.text(key)
    if pattern.fullmatch(text) is None:
        raise table.wrong(key, f"it can only be {allowed}")
    return text


def _serial(table: Table) -> int:
    serial = table.whole("serial")
    if not 1 <= serial <= 1_000_000:
        raise table.wrong("serial", "give a whole number from 1; each new text has a higher one")
    return serial


def _parties(table: Table) -> tuple[Party, ...]:
    given = table.table("party")
    parties = [
        Party(node=_node(given, node), key=given.read(node, read_party_key))
        for node in given.names()
    ]
    if len(parties) < 2 or len(parties) > 50:
        raise table.wrong("party", "an agreement has between 2 and 50 parties")
    if len({party.key for party in parties}) < len(parties):
        raise table.wrong("party", "two parties cannot have one key")
    return tuple(parties)


def _check_one_sided(table: Table, parties: tuple[Party, ...], givers: tuple[str, ...]) -> None:
    """Hold a text with a party that cannot sign to one giver, which signs for what it gives.

    Nobody's signature stands for another's: such a party is bound to nothing, and gives nothing.
    """
    unable = [party.node for party in parties if not party.signs]
    if not unable:
        return
    if len(parties) > 2:
        raise table.wrong("party", f"{unable[0]} cannot sign: then there is one other party only")
    if unable[0] in givers:
        raise table.wrong("direction", f"{unable[0]} cannot sign, so it only receives")


def _node(table: Table, node: str) -> str:
    try:
        return check_node(node, check_nation(node[:3]))
    except ValueError as error:
        raise table.wrong(node, str(error)) from None


def _direction(table: Table, parties: set[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Read `GIVER, GIVER -> RECEIVER, RECEIVER`."""
    sides = [
        tuple(node.strip() for node in side.split(","))
        for side in table.text("direction").split("->")
    ]
    if len(sides) != 2:
        raise table.wrong("direction", "say it as GIVER -> RECEIVER, with commas between several")
    givers, receivers = sides
    for node in (*givers, *receivers):
        if node not in parties:
            raise table.wrong("direction", f"{node!r} is none of the parties")
    if len(set(givers)) < len(givers) or len(set(receivers)) < len(receivers):
        raise table.wrong("direction", "it names one node twice on one side")
    if set(givers) == set(receivers) and len(givers) == 1:
        raise table.wrong("direction", "a node cannot release to itself")
    if parties - set(givers) - set(receivers):
        raise table.wrong("direction", "every party gives or receives")
    return givers, receivers


def _contexts(table: Table) -> frozenset[Context]:
    contexts: set[Context] = set()
    for text in table.texts("contexts"):
        try:
            context = Context.parse(text)
        except ValueError:
            raise table.wrong("contexts", f"{text!r} is neither live nor exercise:NAME") from None
        if context.kind not in (ContextKind.LIVE, ContextKind.EXERCISE):
            raise table.wrong("contexts", f"a {context.kind.value} is never released")
        contexts.add(context)
    if not contexts:
        raise table.wrong("contexts", 'say which: ["live"], or ["exercise:NAME"]')
    return frozenset(contexts)


def _levels(table: Table) -> LevelTable:
    rows: dict[str, dict[str, list[str] | str]] = {}
    levels = LevelTable.of({})
    for name, row in table.tables("level"):
        rows[name] = {
            policy: row.texts(policy) if row.is_list(policy) else row.text(policy)
            for policy in row.names()
        }
        try:
            levels = LevelTable.of(cast("Rows", rows))
        except ValueError as error:
            raise refuse(str(error), line=row.line) from None
    if not rows:
        raise table.wrong("level", "say which levels the parties agree on")
    return levels


def _forms(table: Table) -> tuple[ReleaseForm, ...]:
    forms = tuple(_form(name, given) for name, given in table.tables("form"))
    if not forms or len(forms) > 20:
        raise table.wrong("form", "an agreement has between 1 and 20 forms, best first")
    try:
        check_ladder(forms)
    except ValueError as error:
        raise table.wrong("form", str(error)) from None
    return forms


def _form(name: str, table: Table) -> ReleaseForm:
    if _FORM.fullmatch(name) is None:
        raise table.wrong("name", f"{name!r} can only be small letters, digits and hyphens")
    exact = table.flag("exact") or name == "exact"
    keep = EVERYTHING if exact or "strip" in table else frozenset[Kept]()
    keep = keep - _kept(table, "strip") | _kept(table, "keep")
    naming = table.text("identity", Naming.KEPT.value)
    if naming not in list(Naming):
        raise table.wrong("identity", f"it can only be {' or '.join(Naming)}")
    cell, offset = table.metres("cell"), table.number("offset") or 0.0
    cadence, min_age = table.span("cadence"), table.span("min_age") or timedelta(0)
    presence_only = table.flag("presence_only")
    table.finish()
    try:
        return ReleaseForm(
            name=name,
            exact=exact,
            cell=cell,
            offset=offset,
            cadence=cadence,
            min_age=min_age,
            keep=keep,
            identity=Naming(naming),
            presence_only=presence_only,
        )
    except ValueError as error:
        raise refuse(str(error), line=table.line) from None


def _kept(table: Table, key: str) -> frozenset[Kept]:
    words = table.texts(key)
    for word in words:
        if word not in list(Kept):
            raise table.wrong(key, f"{word!r} is none of {', '.join(Kept)}")
    return frozenset(Kept(word) for word in words)


def _areas(table: Table) -> tuple[AreaFile, ...]:
    areas: list[AreaFile] = []
    for name, given in table.tables("area"):
        file = _matching(given, "file", _FILE, "the name of a .geojson file beside the agreement")
        digest = _matching(given, "sha256", _SHA256, "64 small hexadecimal digits")
        given.finish()
        areas.append(AreaFile(name=name, file=file, sha256=digest))
    return tuple(areas)


def _onward(table: Table) -> frozenset[str]:
    nations = table.texts("onward")
    for nation in nations:
        try:
            check_nation(nation)
        except ValueError as error:
            raise table.wrong("onward", str(error)) from None
    return frozenset(nations)


def _invariants(table: Table) -> Iterable[Invariant]:
    rows = table.rows("invariant")
    if len(rows) > _MAX_INVARIANTS:
        raise table.wrong("invariant", f"more than {_MAX_INVARIANTS}")
    for row in rows:
        yield Invariant(
            sentence=row.text("says"),
            condition=row.code("condition"),
            line=row.line or 0,
            forms=frozenset(row.texts("forms")),
        )
        row.finish()
