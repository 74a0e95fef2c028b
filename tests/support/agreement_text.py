"""The text of a small agreement between two nations that do not exist as nodes."""

import re
from collections.abc import Iterable

import pytest

from accord.release.fault import AgreementError, Fault

TEXT = """\
+++
id = "TEST-1"
serial = 3
title = "A test"
direction = "NZL-A -> FJI-B"
valid = [2027-01-01T00:00:00Z, 2027-02-01T00:00:00Z]
contexts = ["live"]
onward = ["TON"]
assumed_error = "200 m"

[party]
NZL-A = "ed25519:0lnkWzVSaqW2JcdNW6LGs5Izb5y+rQwBHRqwpbj2X3o="
FJI-B = "ed25519:yqSyK6K0uQomlTdgcJeFTsWi7eecZBkYNQAYPFdiZJo="

[level.OPEN]
NZL = ["UNCLASSIFIED", "IN-CONFIDENCE"]
FJI = "UNCLASSIFIED"

[form.exact]

[form.coarse]
cell = "1 NM"
cadence = "10 min"
offset = 0.5
keep = ["type-detail", "nation"]
identity = "pseudonym"

[area.SEA]
file = "sea.geojson"
sha256 = "1111111111111111111111111111111111111111111111111111111111111111"

[[invariant]]
says = "nothing under water"
condition = 'resource.domain != "subsurface"'
forms = ["exact"]

[usual]
marking = "(U//REL TO FJI)"
at = [-18.0, 178.0]
kind = "a-f-S-C"

[report."a frigate"]

[report."a frigate without a mark"]
unmarked = true
+++
# A test

Words before the clauses.

## 0.1 Marking

Only what is marked.

```cedar
forbid (principal, action, resource)
unless { resource.marked };
```

- withholds "a frigate without a mark"

## 1 Ships

Ships on the surface,
exactly.

```cedar
permit (principal, action == Accord::Action::"exact", resource)
when { resource.domain == "surface" };
```

More words.

- releases "a frigate" as exact
- withholds "a frigate without a mark" to FJI-B.
"""
"""What every test changes one thing of."""


def changed(old: str, new: str) -> str:
    """The text with one thing in it replaced."""
    assert TEXT.count(old) == 1, old
    return TEXT.replace(old, new)


def line_of(text: str, part: str) -> int:
    """The line of the first place where that stands."""
    return text[: text.index(part)].count("\n") + 1


def faults_of(error: pytest.ExceptionInfo[AgreementError]) -> tuple[Fault, ...]:
    return error.value.faults


def spoken(faults: Iterable[Fault]) -> str:
    return re.sub(r"\s+", " ", "\n".join(map(str, faults)))
