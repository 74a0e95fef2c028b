"""An agreement by which statements of readiness go to a partner, and nothing else."""

from accord.core.label import Label
from accord.release.frontmatter import spell_key
from accord.release.load import load
from accord.release.signature import InForce, in_force
from support.agreements import NZL, USA, key_of, signatures

TEXT = f"""\
+++
id = "READINESS"
serial = 1
title = "Statements of readiness"
direction = "{USA} -> {NZL}"
valid = [2026-01-01T00:00:00Z, 2028-01-01T00:00:00Z]
contexts = ["live"]
onward = []

[party]
{USA} = "{spell_key(key_of(USA).public_key().public_bytes_raw())}"
{NZL} = "{spell_key(key_of(NZL).public_key().public_bytes_raw())}"

[level.OPEN]
USA = "UNCLASSIFIED"

[form.exact]

[usual]
kind = "t-x-readiness"
what = "opaque"
marking = "(U//REL TO NZL)"

[report."a statement of readiness"]

[report."a statement that is marked for others"]
marking = "(U//REL TO FRA)"

[report."a ship"]
kind = "a-f-S-X-M"
what = "track"
at = [-17.9, 178.0]
error = "50 m"
+++
# Statements of readiness

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

- withholds "a statement that is marked for others"

## 1 Readiness

What may be had and when, as the readiness desk states it.

```cedar
permit (principal, action == Accord::Action::"exact", resource)
when {{ resource.words.contains("readiness statement") }};
```

- releases "a statement of readiness" as exact
- withholds "a ship"
"""

MARKING = "(U//REL TO NZL)"
LABEL = Label(
    policy="USA", level="UNCLASSIFIED", originator="USA", releasable_to=frozenset({"NZL"})
)


def agreement() -> InForce:
    """The agreement, in force."""
    loaded = load(TEXT.encode(), {})
    return in_force(loaded, signatures(loaded.agreement))
