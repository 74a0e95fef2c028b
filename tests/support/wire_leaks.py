"""What one node accepts, full of secrets, and what of it may not be in the bytes for a partner.

Beside words, which `planted.py` finds, these are places and times as the wire has them, digests of
names, and counts: what follows each other without gaps tells of nothing that was left out.
"""

import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import datetime, timedelta
from hashlib import blake2b, md5, sha1, sha256
from typing import NamedTuple, cast

from accord.core.body import Alarm, Removal
from accord.core.context import LIVE, Context
from accord.core.form import Kept
from accord.core.report import Report, Source
from accord.federation.version import HybridClock, ObjectKey, id_of
from accord.release.decide import Released
from accord.release.signature import InForce
from accord.wire.peer.frame import Frame
from accord.wire.peer.message import Objects, Records, Updates
from accord.wire.peer.protocol import Lane, Version
from accord.wire.peer.record import Record
from accord.wire.peer.report import Grant, Header, Object, PeerReport
from accord.wire.peer.translate import milliseconds
from support.planted import Planted, Planter, found_in, removed_by, spelt
from support.random_agreement import OWN

ALWAYS = ("position",) * 4 + ("alarm", "alarm")
BODIES = ("position", "alarm", "shape", "circle", "message", "removal", "opaque")
OBJECTS = 10
REPORTS = 80
EVERY = timedelta(seconds=75)
CUTS = 0.05
FIRST_YEAR = -62_135_596_800_000


class Step(NamedTuple):
    """A report that was accepted, in the version that it got, and how things stood then."""

    planted: Planted
    other: Report
    version: Version
    at: datetime
    has_incident: bool
    is_cut: bool
    waits: bool
    """Whether it shares its frames with what comes next."""


def story(rolls: random.Random, *, epoch: int, reports: int = REPORTS) -> list[Step]:
    """What one node accepts of a few objects, some of them in distress, some taken away again."""
    planter = Planter(rolls.randrange(2**32))
    clock = HybridClock(epoch, limit=1_000)
    bodies = [*ALWAYS, *(rolls.choice(BODIES) for _ in range(OBJECTS - len(ALWAYS)))]
    rolls.shuffle(bodies)
    firsts = [planter.plant(body).report for body in bodies]
    steps: list[Step] = []
    for number in range(reports):
        which = number % OBJECTS
        planted, other = planter.plant(bodies[which]), planter.plant(bodies[which])
        report = as_had(rolls, planted.report, firsts, which)
        later = number * EVERY
        planted.report = replace(
            report, time=report.time + later, start=report.start + later,
            stale=report.stale + later, received=report.received + later,
        )  # fmt: skip
        planted.secrets["uid"] = [report.uid, *names_in(report)]
        version = clock.version((report.context, report.uid), planted.report.received)
        at = planted.report.received.replace(microsecond=0) + rolls.choice((1, 1, 45)) * EVERY
        last = steps[-1].at if steps else at
        steps.append(
            Step(planted, other.report, version, max(at, last + timedelta(seconds=3)),
                 rolls.random() < 0.5, rolls.random() < CUTS, rolls.random() < 0.5)
        )  # fmt: skip
    return steps


def as_had(rolls: random.Random, report: Report, firsts: Sequence[Report], which: int) -> Report:
    """The report as this node has it: mostly its own and marked for the partner."""
    source, label, context = report.source, report.label, LIVE
    if rolls.random() < 0.95:
        source = Source(node=OWN, channel=source.channel, speaker=source.speaker)
    if rolls.random() < 0.1:
        label = None
    elif label is not None:
        nations = {"USA"} if rolls.random() < 0.15 else {"USA", "NZL"}
        label = replace(label, policy="USA", originator="USA", releasable_to=frozenset(nations))
    if rolls.random() < 0.05:
        context = Context.exercise(rolls.choice(["TASMAN", "OTHER"]))
    body, author, someone = report.body, report.author, rolls.choice(firsts).uid
    if isinstance(body, Alarm):
        author, body = someone, replace(body, cancels=rolls.random() < 0.3)
    if isinstance(body, Removal):
        body = Removal(target=someone)
    return replace(report, uid=firsts[which].uid, source=source, label=label, context=context,
                   body=body, author=author)  # fmt: skip


def names_in(report: Report) -> list[str]:
    named = [report.author] if report.author is not None else []
    return [*named, report.body.target] if isinstance(report.body, Removal) else named


@dataclass
class Captured:
    """What a partner got of a node's reports: the bytes, what they say, what its node was handed.

    `released` are the last releases of reports, by their `id`.
    """

    agreement: InForce
    released: Mapping[int, Released]
    sent: Sequence[bytes]
    frames: Sequence[Frame]
    accepted: Sequence[Report]


# What may not be in the bytes.


def kept_back(steps: Sequence[Step], got: Captured) -> tuple[dict[str, set[str]], set[int]]:
    """The secrets that no release lets out: words by field, and places and times as on the wire."""
    words: dict[str, set[str]] = {}
    numbers: set[int] = set()
    let_out: set[str] = set()
    let_out_numbers: set[int] = set()
    for planted in (step.planted for step in steps):
        said = got.released.get(id(planted.report))
        gone = None if said is None else removed_by(said.form)
        for name, found in planted.secrets.items():
            if gone is None or name in gone:
                words.setdefault(name, set()).update(each for each in found if each.isalpha())
            else:
                let_out |= set(found)
        for name, values in numbers_of(planted.report).items():
            (numbers if gone is None or name in gone else let_out_numbers).update(values)
    return {name: found - let_out for name, found in words.items()}, numbers - let_out_numbers


def numbers_of(report: Report) -> dict[str, set[int]]:
    """Places in 1e-7 degrees and times in ms: those that nothing which may leave has by chance.

    Coarse places have six decimals, and coarse times are whole seconds, with a small count.
    """
    places = {round(each * 1e7) for point in points_in(report.body) for each in point}
    times = {
        milliseconds(each) for each in (report.time, report.start, report.stale, report.received)
    }
    return {
        "place": {each for each in places if each % 10},
        "time": {each for each in times if each % 1_000 > REPORTS},
    }


def points_in(value: object) -> Iterator[tuple[float, float]]:
    if not is_dataclass(value):
        return
    lat, lon = getattr(value, "lat", None), getattr(value, "lon", None)
    if lat is not None and lon is not None:
        yield lat, lon
    for each in fields(value):
        below = getattr(value, each.name)
        for one in below if isinstance(below, tuple) else (below,):
            yield from points_in(one)


def numbers_in(value: object) -> Iterator[int]:
    """Every number in what was read, however deep."""
    if isinstance(value, int) and not isinstance(value, bool):
        yield int(value)
    elif isinstance(value, tuple | list):
        for each in cast("Sequence[object]", value):
            yield from numbers_in(each)
    elif is_dataclass(value):
        for each in fields(value):
            yield from numbers_in(getattr(value, each.name))


def digests_of(uid: str) -> Iterator[bytes]:
    data = uid.encode()
    for make in (sha256, sha1, md5, blake2b):
        yield make(data).digest()[:8]


def in_bytes(places: Sequence[tuple[float, float]], bases: set[tuple[int, int]]) -> Iterator[bytes]:
    """A place as it may stand in bytes: in CBOR, packed after each base, and as plain integers."""
    for place in places:
        lat, lon = round(place[0] * 1e7), round(place[1] * 1e7)
        yield cbor_int(lat) + cbor_int(lon)
        yield lat.to_bytes(4, "big", signed=True) + lon.to_bytes(4, "big", signed=True)
        yield lat.to_bytes(4, "little", signed=True) + lon.to_bytes(4, "little", signed=True)
        for base in bases:
            yield varint(lat - base[0]) + varint(lon - base[1])


def cbor_int(value: int) -> bytes:
    """RFC 8949, 3.1: major types 0 and 1, four bytes."""
    return bytes([0x1A if value >= 0 else 0x3A]) + (value if value >= 0 else ~value).to_bytes(4)


def varint(value: int) -> bytes:
    """docs/reference/peer-protocol.md, "Packed updates"."""
    left, found = (2 * value if value >= 0 else -2 * value - 1), bytearray()
    while left > 0x7F:
        found.append(left & 0x7F | 0x80)
        left >>= 7
    return bytes([*found, left])


def hold_to_content(steps: Sequence[Step], got: Captured) -> None:
    """Look for all that was kept back in the bytes, in what they say, in what was handed on."""
    words, numbers = kept_back(steps, got)
    data = b"\n".join(got.sent)
    said = [data.decode("latin-1"), *map(spelt, got.accepted)]
    said += [spelt(each.message) for each in got.frames]
    assert found_in(words, said) == []
    text = "\n".join(said).lower()
    secrets = {each for found in words.values() for each in found}
    assert not [each for each in secrets if each[:10] in text or each[10:] in text]
    assert not numbers & {number for each in got.frames for number in numbers_in(each)}
    names = words.get("uid", set[str]())
    digests = [each for uid in names for each in digests_of(uid)]
    assert not [each for each in digests if each in data or each.hex() in text]
    hold_to_bytes(steps, got, names, data)


def hold_to_bytes(steps: Sequence[Step], got: Captured, names: set[str], data: bytes) -> None:
    """Look for what only raw bytes could have: packed places, the ids by which states are told."""
    given = [each.header for frame in got.frames for each in objects_in(frame)]
    bases = {
        (0, 0),
        *((each.base.lat, each.base.lon) for each in given if isinstance(each, Header)),
    }
    for step in steps:
        report = step.planted.report
        said = got.released.get(id(report))
        if said is None or "place" in removed_by(said.form):
            for each in in_bytes([*points_in(report.body)], bases):
                assert each not in data
        if report.uid in names:
            key = ObjectKey(OWN, str(report.context), report.uid)
            assert id_of(key, step.version) not in data


def objects_in(frame: Frame) -> Sequence[Object]:
    return frame.message.objects if isinstance(frame.message, Objects) else ()


# What counts tell.


def hold_to_counts(got: Captured) -> None:
    """Numbers of frames, records, headers and handles follow each other: none was left out."""
    frames = [frame.number for frame in got.frames]
    assert frames == [*range(2, 2 + len(frames))]
    given = [each for frame in got.frames for each in objects_in(frame)]
    assert [each.number for each in given] == [*range(1, 1 + len(given))]
    handles = list(dict.fromkeys(each.handle for each in given))
    assert handles == [*range(len(handles))]
    for lane in Lane:
        numbers = [record.number for frame in got.frames if frame.lane is lane
                   for record in records_in(frame)]  # fmt: skip
        assert numbers == [*range(1, 1 + len(numbers))]


def records_in(frame: Frame) -> Sequence[Record]:
    return frame.message.records if isinstance(frame.message, Records) else ()


def hold_to_versions(got: Captured) -> None:
    """A version is a whole step of the cadence, and counts on by one for each before in the step.

    Where a form told the time, it told the version with it.
    """
    forms = {form.name: form for form in got.agreement.loaded.agreement.forms}
    seen: Counter[str] = Counter()
    for uid, grant, version in versions_in(got.frames):
        form = forms[grant.form]
        if form.cadence is not None and Kept.TIME not in form.keep:
            within = (version.ms - FIRST_YEAR) % (form.cadence // timedelta(milliseconds=1))
            assert within <= seen[uid]
        seen[uid] += 1


def versions_in(frames: Sequence[Frame]) -> Iterator[tuple[str, Grant, Version]]:
    headers: dict[int, Header] = {}
    for frame in frames:
        headers |= {
            each.handle: each.header
            for each in objects_in(frame)
            if isinstance(each.header, Header)
        }
        for record in records_in(frame):
            assert isinstance(record.content, PeerReport)
            yield record.content.subject.uid, record.content.grant, record.content.version
        if isinstance(frame.message, Updates):
            for update in frame.message.updates:
                it = headers[update.handle]
                yield it.subject.uid, it.grant, Version(it.epoch, update.version)
