"""An agreement by which cases of search and rescue go both ways, and nothing else."""

from accord.release.frontmatter import spell_key
from support.agreements import NZL, USA, key_of

TEXT = f"""\
+++
id = "SAR-CASES"
serial = 1
title = "Cases of search and rescue"
direction = "{USA}, {NZL} -> {USA}, {NZL}"
valid = [2026-01-01T00:00:00Z, 2028-01-01T00:00:00Z]
contexts = ["live"]
onward = []

[party]
{USA} = "{spell_key(key_of(USA).public_key().public_bytes_raw())}"
{NZL} = "{spell_key(key_of(NZL).public_key().public_bytes_raw())}"

[level.OPEN]
USA = "UNCLASSIFIED"
NZL = "UNCLASSIFIED"

[form.exact]

[usual]
kind = "t-x-sar"
what = "opaque"
from = "{USA}"
marking = "(U//REL TO NZL, USA)"

[report."a line of a case"]

[report."a line that is marked for others"]
marking = "(U//REL TO FRA)"

[report."a ship"]
kind = "a-f-S-X-M"
what = "track"
at = [-17.9, 178.0]
error = "50 m"
+++
# Cases of search and rescue

## 0 What every agreement keeps

Only what is marked, in time, live and the giver's own.

```cedar
forbid (principal, action, resource)
unless {{
  resource.marked &&
  resource.releasable_to.contains(principal.nation) &&
  context.synchronised &&
  context.now >= datetime("2026-01-01T00:00:00Z") &&
  context.now < datetime("2028-01-01T00:00:00Z") &&
  principal.contexts.contains(resource.context) &&
  !resource.third_party
}};
```

- withholds "a line that is marked for others"

## 1 Cases

A case that is shared: its facts, its areas, what was covered, its reports.

```cedar
permit (principal, action == Accord::Action::"exact", resource)
when {{ resource.words.contains("search case") }};
```

- releases "a line of a case" as exact
- withholds "a ship"
"""
