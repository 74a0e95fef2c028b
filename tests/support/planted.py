"""Reports with a secret of its own in every field, and a search that finds it in what came out.

A secret is a word of twenty consonants, or the fraction of a number. A word is looked for as it is
and in every form that keeps its length: in the other case, shifted by any number of letters,
reversed. What a form changes and does not take away, places and times, is not looked for here.
"""

import random
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import Enum
from itertools import pairwise
from typing import cast

from accord.core.body import Alarm, Body, Message, Opaque, Position, Removal, Shape
from accord.core.context import LIVE
from accord.core.form import Kept, Naming, ReleaseForm
from accord.core.geometry import Circle, Point, Polyline
from accord.core.identity import Identity
from accord.core.kind import Kind
from accord.core.label import Label
from accord.core.marking import Marking
from accord.core.report import Address, AddressKind, Form, Original, Report, Source

_LETTERS = "bcdfghjklmnpqrstvwxz"
_BODIES = ("position", "alarm", "shape", "circle", "message", "removal", "opaque")
NOON = datetime(2026, 11, 3, 12, tzinfo=UTC)


@dataclass(slots=True)
class Planted:
    """A report and what was hidden in it: for each field the texts that give it away."""

    report: Report
    secrets: dict[str, list[str]] = field(default_factory=dict[str, list[str]])


class Planter:
    """Makes reports full of secrets; the same for the same seed."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311  tests, not keys
        self._secrets: dict[str, list[str]] = {}

    def plant(self, body: str | None = None) -> Planted:
        self._secrets = {}
        made, kind = self._body(body or self._random.choice(_BODIES))
        time = NOON + self._span()
        report = Report(
            uid=self._word("uid"),
            context=LIVE,
            kind=Kind.of(f"{kind}-{self._word('type-detail')}"),
            how=f"m-{self._word('how')}",
            time=time,
            start=time - self._span(),
            stale=time + timedelta(minutes=5) + self._span(),
            received=time + self._span(),
            body=made,
            identity=self._identity(),
            marking=Marking(access="RESTRICTED", releasable_to="NZL, USA"),
            source=Source(
                node=self._word("source"),
                channel=f"feed:{self._word('source')}",
                speaker=self._word("source"),
                hops=(self._word("source"),),
            ),
            groups=frozenset({self._word("groups")}),
            to=self._addressees(),
            author=self._word("uid") if self._random.random() < 0.5 else None,
            label=Label(
                policy="NZL",
                level="RESTRICTED",
                originator="NZL",
                releasable_to=frozenset({"NZL", "USA"}),
                created=time - self._span(),
            ),
            original=Original(Form.COT_XML, f"<x>{self._word('original')}</x>".encode()),
        )
        times = [report.time, report.start, report.stale, report.received]
        said = [f"{time:%M:%S.%f}"[:-3] for time in times]
        self._secrets["time"] = [one for one in said if not one.endswith(".000")]
        return Planted(report, self._secrets)

    def _word(self, name: str) -> str:
        word = "".join(self._random.choices(_LETTERS, k=20))
        self._secrets.setdefault(name, []).append(word)
        return word

    def _fraction(self, name: str, whole: int) -> float:
        """Return a number with a secret after the point; coarse places have six decimals there."""
        digits = str(self._random.randrange(10**11, 10**12))
        self._secrets.setdefault(name, []).append(f".{digits[:7]}")
        return float(f"{whole}.{digits}")

    def _span(self) -> timedelta:
        """Return up to five minutes and an odd number of microseconds."""
        return timedelta(microseconds=self._random.randrange(300 * 10**6) | 1)

    def _point(self, name: str = "place") -> Point:
        return Point(
            lat=self._fraction(name, self._random.randrange(-60, -20)),
            lon=self._fraction(name, self._random.randrange(150, 179)),
            hae=self._fraction("height", self._random.randrange(1000)),
            circular_error=self._fraction("error", self._random.randrange(50)),
            linear_error=self._fraction("height", self._random.randrange(50)),
        )

    def _addressees(self) -> frozenset[Address]:
        if self._random.random() < 0.8:
            return frozenset()
        return frozenset({Address(AddressKind.CALLSIGN, self._word("addressees"))})

    def _identity(self) -> Identity:
        return Identity(
            mmsi=self._word("mmsi"),
            imo=self._word("imo"),
            icao=self._word("icao"),
            callsign=self._word("callsign"),
            name=self._word("name"),
            nation="NZL",
        )

    def _body(self, body: str) -> tuple[Body, str]:  # noqa: PLR0911  one for each body
        match body:
            case "position":
                moving = Position(
                    point=self._point(),
                    course=self._fraction("course", self._random.randrange(360)),
                    speed=self._fraction("speed", self._random.randrange(30)),
                    climb=self._fraction("climb", self._random.randrange(30)),
                )
                return moving, "a-f-S"
            case "alarm":
                return Alarm(category=self._word("type-detail"), point=self._point()), "b-a-o"
            case "shape":
                points = tuple(self._point() for _ in range(5))
                return Shape(outline=Polyline(points=points), anchor=self._point()), "u-d-f"
            case "circle":
                radius = self._fraction("error", self._random.randrange(100, 10_000))
                return Shape(outline=Circle(centre=self._point(), radius=radius)), "u-d-c"
            case "message":
                words = Message(
                    text=self._word("remarks"),
                    sender=self._word("callsign"),
                    room=self._word("remarks"),
                )
                return words, "b-t-f"
            case "removal":
                return Removal(target=self._word("uid")), "t-x-d-d"
            case _:
                return Opaque(), "t-x"


def removed_by(form: ReleaseForm) -> frozenset[str]:
    """Return the names of what the form takes away, from the words of the agreement alone."""
    if form.exact:
        return frozenset()
    gone = {kept.value for kept in Kept} - {kept.value for kept in form.keep} | {"original"}
    if form.identity is Naming.PSEUDONYM:
        gone |= {"uid"}
    if form.cell is not None or form.presence_only:
        gone |= {"place", "error"}
    return frozenset(gone)


def leaks(planted: Planted, form: ReleaseForm, outputs: Iterable[str]) -> list[str]:
    """Return each secret that the form takes away and that is in an output all the same."""
    gone = removed_by(form)
    return found_in(
        {name: found for name, found in planted.secrets.items() if name in gone}, outputs
    )


def found_in(secrets: Mapping[str, Iterable[str]], outputs: Iterable[str]) -> list[str]:
    """Return each secret that is in an output, in any form that keeps its length."""
    text = "\n".join(outputs).lower()
    runs = "|".join(_steps(run) for run in _RUNS.findall(text))
    return [
        f"{name}: {secret}"
        for name, found in secrets.items()
        for secret in found
        if (_is_among(secret, runs) if secret.isalpha() else secret in text)
    ]


_RUNS = re.compile("[a-z]{20,}")


def _is_among(secret: str, runs: str) -> bool:
    return bool(runs) and (_steps(secret) in runs or _steps(secret[::-1]) in runs)


def _steps(word: str) -> str:
    """Return how far it is from each letter to the next, which no shift of all letters changes."""
    return "".join(chr(97 + (ord(b) - ord(a)) % 26) for a, b in pairwise(word))


def spelt(value: object) -> str:
    """Return every value in a result, fields of fields included, times to the microsecond."""
    if isinstance(value, Enum):
        return str(value.value)
    if is_dataclass(value) and not isinstance(value, type):
        return " ".join(spelt(getattr(value, each.name)) for each in fields(value))
    if isinstance(value, frozenset | tuple | list | set):
        return " ".join(sorted(spelt(each) for each in cast("Iterable[object]", value)))
    if isinstance(value, Mapping):
        items = cast("Mapping[object, object]", value).items()
        return " ".join(f"{spelt(key)} {spelt(each)}" for key, each in items)
    if isinstance(value, bytes):
        return f"{value.decode(errors='replace')} {value.hex()}"
    return value.isoformat() if isinstance(value, datetime) else repr(value)


def otherwise(report: Report, other: Report, form: ReleaseForm) -> Report:
    """Return the report with all that the form takes away as it is in the other, of the same body.

    Names stay: a pseudonym differs with the name, as it must.
    """
    gone = removed_by(form)
    changes = {name: getattr(other, _FIELDS[name]) for name in _FIELDS.keys() & gone}
    names = {name: getattr(other.identity, name) for name in _NAMES & gone}
    return replace(
        report,
        original=other.original,
        identity=replace(report.identity, **names),
        body=_other_body(report.body, other.body, gone),
        **{_FIELDS[name]: value for name, value in changes.items()},
        **({"received": other.received, "start": other.start} if "time" in gone else {}),
    )


_FIELDS = {"type-detail": "kind", "how": "how", "groups": "groups", "source": "source"}
_NAMES = frozenset({"mmsi", "imo", "icao", "callsign", "name"})


def _other_body(body: Body, other: Body, gone: frozenset[str]) -> Body:
    match body, other:
        case Position(), Position():
            moving = {
                name: getattr(other, name) for name in ("course", "speed", "climb") if name in gone
            }
            return replace(body, point=_other_point(body.point, other.point, gone), **moving)
        case Alarm(), Alarm():
            category = other.category if "type-detail" in gone else body.category
            return replace(
                body, category=category, point=_other_point(body.point, other.point, gone)
            )
        case Message(), Message():
            return replace(body, sender=other.sender) if "callsign" in gone else body
        case _:
            return body


def _other_point(point: Point | None, other: Point | None, gone: frozenset[str]) -> Point | None:
    if point is None or other is None:
        return point
    if "height" in gone:
        point = replace(point, hae=other.hae, linear_error=other.linear_error)
    return point
