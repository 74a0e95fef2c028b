"""Times decisions by agreements and prints ratios, all from one run on one core.

- all forms of one report decided, compiled, against cedarpy asked in one batch with its handles
- decisions a second under 20 clauses and 5 areas, facts and look-up of areas included
- loading and proving an agreement of 50 clauses
- the look-up of areas, remembered and computed

Medians of repeats, in seconds of processor time, so that other work on the machine counts little.
Exit code 1 when a goal is missed.
"""

import argparse
import gc
import json
import random
import sys
import time
from base64 import b64encode
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from math import cos, pi, sin
from statistics import median

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from accord.core.agreement import Situation
from accord.core.body import Position
from accord.core.context import LIVE
from accord.core.geometry import Point
from accord.core.identity import Identity
from accord.core.kind import Kind
from accord.core.label import Label
from accord.core.marking import UNMARKED
from accord.core.report import Report, Source
from accord.release.area import Areas
from accord.release.cadence import Cadence
from accord.release.decide import Released, Towards, decide
from accord.release.geojson import load as read_geojson
from accord.release.judge import judge
from accord.release.load import load
from accord.release.loaded import Loaded
from accord.release.signature import Act, in_force, sign

OWN, PARTNER = "USA-PAC", "NZL-JFNZ"
AT = datetime(2026, 12, 1, 6, tzinfo=UTC)
KEYS = {
    node: Ed25519PrivateKey.from_private_bytes(sha256(node.encode()).digest())
    for node in (OWN, PARTNER)
}
FORMS = ("exact", "grid-1nm", "late-10nm", "presence")

FRONT = """+++
id = "BENCH"
serial = 1
title = "Bench"
direction = "USA-PAC -> NZL-JFNZ"
valid = [2026-11-01T00:00:00Z, 2027-11-01T00:00:00Z]
contexts = ["live"]
onward = []
assumed_error = "500 m"
[party]
{parties}
[level.RESTRICTED]
USA = ["UNCLASSIFIED", "RESTRICTED"]
NZL = "RESTRICTED"
[form.exact]
[form.grid-1nm]
cell = "1 NM"
cadence = "10 min"
offset = 0.5
keep = ["type-detail", "nation"]
identity = "pseudonym"
[form.late-10nm]
cell = "10 NM"
cadence = "60 min"
offset = 0.5
min_age = "30 min"
identity = "pseudonym"
[form.presence]
presence_only = true
cadence = "60 min"
identity = "pseudonym"
{areas}
[usual]
when = 2026-12-01T06:00:00Z
marking = "(R//REL TO NZL)"
at = [-41.0, 171.0]
error = "50 m"
kind = "a-f-S-C"
[report.early]
when = 2026-10-31T23:59:59Z
[report.unmarked]
unmarked = true
[report.foreign]
node = "AUS-HQ"
[report.exercise]
opex = "e-TASMAN"
{reports}
+++
# Bench

## 0.1 Validity

Only while it is valid.

```cedar
forbid (principal, action, resource)
unless {{
  context.synchronised &&
  context.now >= datetime("2026-11-01T00:00:00Z") &&
  context.now < datetime("2027-11-01T00:00:00Z")
}};
```

- withholds "early"

## 0.2 Marking

Only what is marked for the receiver.

```cedar
forbid (principal, action, resource)
unless {{
  resource.marked && resource.releasable_to.contains(principal.nation) &&
  resource.level == "RESTRICTED" && resource.compartments.isEmpty()
}};
```

- withholds "unmarked"

## 0.3 Third parties

Nothing that others made.

```cedar
forbid (principal, action, resource)
when {{
  (resource.third_party && !resource.onward.contains(principal.nation)) ||
  resource.caveats.contains("ORCON")
}};
```

- withholds "foreign"

## 0.4 Context

Only what is live.

```cedar
forbid (principal, action, resource)
unless {{ principal.contexts.contains(resource.context) }};
```

- withholds "exercise"
"""
CLAUSE = """
## {number} Group {number}

Tracks of the group.

```cedar
permit (principal == Accord::Node::"NZL-JFNZ", action == Accord::Action::"{form}", resource)
when {{
  resource.what == "track" && resource.kind like "a-f-*" && resource.domain == "{domain}" &&
  resource.groups.contains("Group {number}") && resource.inside.contains("A{area}")
}};
```

- releases "{number}" as {form}
"""
DOMAINS = {"surface": "a-f-S-C", "air": "a-f-A-M-F", "ground": "a-f-G-U-C"}


def coast(number: int) -> bytes:
    """Return a ragged area of 200 corners; those of different numbers overlap."""
    rolls = random.Random(number)
    corners: list[list[float]] = []
    for step in range(200):
        turn = 2 * pi * step / 200
        reach = 5.0 + rolls.random()
        lon, lat = 171.0 + number / 4, -41.0 + number / 4
        corners.append([lon + reach * cos(turn), lat + reach * sin(turn)])
    corners.append(corners[0])
    return json.dumps({"type": "Polygon", "coordinates": [corners]}).encode()


def agreement_text(clauses: int, areas: int) -> tuple[bytes, dict[str, bytes]]:
    """Return a text that loads and proves: four clauses that forbid, the rest permit."""
    files = {f"a{number}.geojson": coast(number) for number in range(areas)}
    own = [*clauses_of(clauses - 4, areas)]
    parties = "\n".join(
        f'{node} = "ed25519:{b64encode(key.public_key().public_bytes_raw()).decode()}"'
        for node, key in KEYS.items()
    )
    text = FRONT.format(
        parties=parties,
        areas="\n".join(
            f'[area.A{number}]\nfile = "{name}"\nsha256 = "{sha256(data).hexdigest()}"'
            for number, (name, data) in enumerate(files.items())
        ),
        reports="\n".join(each.report for each in own),
    )
    return (text + "".join(each.text for each in own)).encode(), files


@dataclass(frozen=True, slots=True)
class Clause:
    text: str
    report: str


def clauses_of(count: int, areas: int) -> Iterator[Clause]:
    for number in range(1, count + 1):
        form = FORMS[number % len(FORMS)]
        domain, kind = [*DOMAINS.items()][number % len(DOMAINS)]
        report = (
            f'[report."{number}"]\ngroups = ["Group {number}"]\nkind = "{kind}"\nage = "40 min"'
        )
        area = number % areas
        text = CLAUSE.format(number=number, form=form, domain=domain, area=area)
        yield Clause(text, report)


def reports(count: int, groups: int) -> list[Report]:
    """Return tracks as a node of OWN has them; four in five in no group that a clause speaks of."""
    rolls = random.Random(7)
    label = Label(
        policy="USA", level="RESTRICTED", originator="USA", releasable_to=frozenset({"NZL"})
    )
    made: list[Report] = []
    for number in range(count):
        at = AT - timedelta(minutes=rolls.choice([0, 0, 0, 45]))
        place = Point(
            lat=-41.0 + rolls.uniform(-5.5, 5.5),
            lon=171.0 + rolls.uniform(-5.5, 5.5),
            circular_error=rolls.choice([10.0, 50.0, 200.0]),
        )
        group = rolls.randint(1, groups) if rolls.random() < 0.5 else 0
        made.append(
            Report(
                uid=f"U{number}",
                context=LIVE,
                kind=Kind.of(rolls.choice([*DOMAINS.values(), "a-n-S-X-M"])),
                how="m-g",
                time=at,
                start=at,
                stale=at + timedelta(minutes=5),
                received=at,
                body=Position(point=place, course=10.0, speed=7.0),
                identity=Identity(callsign="KEA"),
                marking=UNMARKED,
                source=Source(node=OWN, channel="feed:radar", speaker="radar"),
                groups=frozenset({f"Group {group}"}),
                label=label if rolls.random() < 0.95 else None,
            )
        )
    return made


def seconds(work: Callable[[], object], repeats: int) -> float:
    """Return the median time of the work, with no garbage collected in between."""
    times: list[float] = []
    for _ in range(repeats):
        gc.collect()
        gc.disable()
        started = time.process_time()
        work()
        times.append(time.process_time() - started)
        gc.enable()
    return median(times)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table; `met` None where nothing is asked."""

    title: str
    value: str
    met: bool | None = None


def cedar_against_compiled(loaded: Loaded, made: Sequence[Report], repeats: int) -> Iterator[Line]:
    situation = Situation(own=OWN, partner=PARTNER, synchronised=True)
    facts = [loaded.finder.facts(report, AT, situation) for report in made]
    choose, receiver = loaded.chooses[PARTNER], loaded.receivers[PARTNER]
    few = facts[:200]
    cedar = seconds(lambda: [loaded.reference.permitted(f, receiver) for f in few], repeats)
    ours = seconds(lambda: [choose(f) for f in facts], repeats)
    per_cedar, per_ours = cedar / len(few), ours / len(facts)
    yield Line("cedarpy, all forms of one report, one batch", f"{per_cedar * 1e6:.1f} us")
    yield Line("compiled, all forms of one report", f"{per_ours * 1e6:.2f} us")
    ratio = per_cedar / per_ours
    yield Line("cedarpy / compiled (at least 50)", f"{ratio:.0f}", ratio >= 50)


def decisions(loaded: Loaded, made: Sequence[Report], repeats: int) -> Iterator[Line]:
    situation = Situation(own=OWN, partner=PARTNER, synchronised=True)
    judged = seconds(lambda: [judge(r, loaded, AT, situation) for r in made], repeats)
    rate = len(made) / judged
    yield Line("judged a second, facts and areas included (at least 100,000)", f"{rate:,.0f}",
               rate >= 100_000)  # fmt: skip
    terms = loaded.agreement
    signed = in_force(
        loaded, [sign(terms, Act.AGREE, node=n, key=k, at=AT) for n, k in KEYS.items()]
    )

    def towards() -> Towards:
        return Towards(situation=situation, key=b"k" * 32, memory=Cadence(limit=10**6))

    outcomes = [decide(r, signed, AT, towards=towards()) for r in made]
    released = [o for o in outcomes if isinstance(o, Released)]
    rate = len(made) / seconds(lambda: decide_all(made, signed, towards()), repeats)
    yield Line("decided a second, reducing and checking included", f"{rate:,.0f}")
    yield Line("  of them released", f"{len(released) / len(made):.0%}")


def decide_all(made: Sequence[Report], signed: object, towards: Towards) -> None:
    for report in made:
        decide(report, signed, AT, towards=towards)


def loading(repeats: int) -> Iterator[Line]:
    text, files = agreement_text(50, 5)
    took = seconds(lambda: load(text, files), repeats)
    yield Line("50 clauses loaded, held to examples and proved (under 3 s)", f"{took:.2f} s",
               took < 3.0)  # fmt: skip


def areas(repeats: int) -> Iterator[Line]:
    """Time the look-up of areas: places in remembered cells, places in new ones."""
    geometries = {f"A{number}": read_geojson(coast(number)) for number in range(5)}
    rolls = random.Random(3)
    places = [(rolls.uniform(-46.5, -35.5), rolls.uniform(165.5, 176.5)) for _ in range(20_000)]
    cold = seconds(lambda: look_up_all(Areas(geometries), places[:2000]), repeats) / 2000
    warm_areas = Areas(geometries)
    look_up_all(warm_areas, places)
    before = warm_areas.computed
    warm = seconds(lambda: look_up_all(warm_areas, places), repeats) / len(places)
    unsure = (warm_areas.computed - before) / repeats / len(places)
    yield Line("5 areas of 200 corners, cell remembered", f"{warm * 1e6:.2f} us")
    yield Line("  of them on an edge, computed each time", f"{unsure:.1%}")
    yield Line("5 areas of 200 corners, cell new", f"{cold * 1e6:.1f} us")


def look_up_all(where: Areas, places: Sequence[tuple[float, float]]) -> None:
    for lat, lon in places:
        where.look_up(lat, lon, 50.0)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--reports", type=int, default=5000)
    options = parser.parse_args()
    text, files = agreement_text(20, 5)
    loaded = load(text, files)
    made = reports(options.reports, groups=16)
    lines: list[Line] = []
    for part in (
        cedar_against_compiled(loaded, made, options.repeats),
        decisions(loaded, made, options.repeats),
        loading(options.repeats),
        areas(options.repeats),
    ):
        for line in part:
            lines.append(line)
            print(f"{line.title:64} {line.value:>12} {MET[line.met]}", flush=True)
    return 1 if any(line.met is False for line in lines) else 0


MET = {None: "", True: "met", False: "MISSED"}

if __name__ == "__main__":
    sys.exit(main())
