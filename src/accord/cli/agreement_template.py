"""The text of a new agreement: the clauses that every agreement needs, and three to begin with."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from json import dumps

from accord.release.geojson import load
from accord.release.reference import spell_moment


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What has to be known before there can be a text. `keys` are by node, as text."""

    id: str
    title: str
    giver: str
    receiver: str
    keys: Mapping[str, str]
    since: datetime
    until: datetime
    area: str
    area_file: str
    area_data: bytes


def agreement_text(answers: Answers) -> str:
    """Return an agreement that loads as it is, for people to go on from."""
    return _TEXT.format_map(_words(answers))


def _words(answers: Answers) -> dict[str, str]:
    giver, receiver = answers.giver, answers.receiver
    inside = _point_in(answers.area_data)
    outside = (-inside[0], inside[1] - 180.0 if inside[1] > 0 else inside[1] + 180.0)
    levels = "\n".join(
        f'{nation} = "UNCLASSIFIED"' for nation in dict.fromkeys((giver[:3], receiver[:3]))
    )
    return {
        "id": dumps(answers.id),
        "title": answers.title,
        "quoted_title": dumps(answers.title, ensure_ascii=False),
        "giver": giver,
        "receiver": receiver,
        "giver_key": answers.keys[giver],
        "receiver_key": answers.keys[receiver],
        "levels": levels,
        "nation": receiver[:3],
        "since": _whole(answers.since),
        "until": _whole(answers.until),
        "area": answers.area,
        "file": answers.area_file,
        "sha256": sha256(answers.area_data).hexdigest(),
        "inside": f"[{inside[0]}, {inside[1]}]",
        "outside": f"[{outside[0]}, {outside[1]}]",
    }


def _point_in(data: bytes) -> tuple[float, float]:
    """Return a latitude and longitude well inside the area."""
    point = load(data).representative_point()
    lon = (point.x + 180.0) % 360.0 - 180.0
    return round(point.y, 4), round(lon, 4)


def _whole(moment: datetime) -> str:
    return spell_moment(round(moment.timestamp()) * 1000).replace(".000Z", "Z")


_TEXT = """\
+++
id = {id}
serial = 1
title = {quoted_title}
direction = "{giver} -> {receiver}"
valid = [{since}, {until}]
contexts = ["live"]
onward = []
assumed_error = "500 m"

[party]
{giver} = "{giver_key}"
{receiver} = "{receiver_key}"

# What the parties' own levels are worth here. What is not in the table is not released.
[level.UNCLASSIFIED]
{levels}

# The ladder, best first: a report is released in the best form that a clause permits.
[form.exact]

[form.grid-1nm]
cell = "1 NM"
cadence = "10 min"
offset = 0.5
keep = ["type-detail"]
identity = "pseudonym"

[area.{area}]
file = "{file}"
sha256 = "{sha256}"

# What must be true of everything that leaves, whatever the clauses say; proved when it is loaded.
[[invariant]]
says = "aircraft are never released exactly, but when they call for help"
condition = 'resource.domain != "air" || resource.emergency'
forms = ["exact"]

# What the reports below have in common, where they do not say otherwise.
[usual]
kind = "a-f-S-X-M"
at = {inside}
error = "50 m"
marking = "(U//REL TO {nation})"

[report."ship in the area"]

[report."ship far away"]
at = {outside}

[report."own aircraft in the area"]
kind = "a-f-A-M-F"

[report."ship without a mark"]
unmarked = true

[report."ship marked for nobody"]
marking = "(U)"

[report."ship when the agreement has ended"]
when = {until}

[report."ship with the clock in doubt"]
clock_in_doubt = true

[report."ship of an exercise"]
opex = "e-TRIAL"

[report."ship that a third party reported"]
hops = ["AUS-HQ"]
originator = "AUS"
marking = "(//{nation} U//REL TO {nation})"

[report."call for help"]
kind = "b-a-o-tbl"
what = "alarm"
incidents = ["SAR"]

[report."call for help, no incident open"]
kind = "b-a-o-tbl"
what = "alarm"
+++
# {title}

What no clause permits is withheld. A clause that forbids always wins.

## 0.1 Validity

Nothing is released before this agreement begins, after it ends, or while the giver's clock
cannot be trusted.

```cedar
forbid (principal, action, resource)
unless {{
  context.synchronised &&
  context.now >= datetime("{since}") &&
  context.now < datetime("{until}")
}};
```

- withholds "ship when the agreement has ended"
- withholds "ship with the clock in doubt"

## 0.2 Marking

Only what is marked, at the agreed level, releasable to the receiver's nation, and in no
compartment.

```cedar
forbid (principal, action, resource)
unless {{
  resource.marked &&
  resource.level == "UNCLASSIFIED" &&
  resource.releasable_to.contains(principal.nation) &&
  resource.compartments.isEmpty()
}};
```

- withholds "ship without a mark"
- withholds "ship marked for nobody"

## 0.3 Third parties

What another nation made is passed on only where that nation granted it. ORCON is never passed on.

```cedar
forbid (principal, action, resource)
when {{
  (resource.third_party && !resource.onward.contains(principal.nation)) ||
  resource.caveats.contains("ORCON")
}};
```

- withholds "ship that a third party reported"

## 0.4 Exercise and live never mix

Only what belongs to a context that this agreement is for.

```cedar
forbid (principal, action, resource)
unless {{ principal.contexts.contains(resource.context) }};
```

- withholds "ship of an exercise"

## 1 Surface picture

Ships wholly inside {area}, exactly as they are.

```cedar
permit (principal, action == Accord::Action::"exact", resource)
when {{
  resource.what == "track" &&
  resource.domain == "surface" &&
  resource.inside.contains("{area}")
}};
```

- releases "ship in the area" as exact
- withholds "ship far away"

## 2 Own aircraft

The giver's own aircraft inside {area}, on a grid of one nautical mile every ten minutes.

```cedar
permit (principal, action == Accord::Action::"grid-1nm", resource)
when {{
  resource.what == "track" &&
  resource.kind like "a-f-A*" &&
  resource.inside.contains("{area}")
}};
```

- releases "own aircraft in the area" as grid-1nm

## 3 Calls for help

Calls for help inside {area}, exactly, while a search and rescue incident is open.

```cedar
permit (principal, action == Accord::Action::"exact", resource)
when {{
  resource.emergency &&
  context.incidents.contains("SAR") &&
  resource.inside.contains("{area}")
}};
```

- releases "call for help" as exact
- withholds "call for help, no incident open"
"""
