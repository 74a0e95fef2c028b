"""An agreement with a TAK server, which has no key: the giver's signature is all there is."""

from functools import cache
from pathlib import Path

from accord.release.document import read_document
from accord.release.frontmatter import spell_key
from accord.release.load import load
from accord.release.signature import Act, InForce, Record, in_force, sign
from accord.storage.agreements import Agreements
from support.agreements import SIGNED, key_of

OWN, SERVER = "USA-PAC", "NZL-TAK"
TEXT = f"""\
+++
id = "ONE-SIDED"
serial = 1
title = "Ships, aircraft and words for a TAK server"
direction = "{OWN} -> {SERVER}"
valid = [2026-01-01T00:00:00Z, 2040-01-01T00:00:00Z]
contexts = ["live", "exercise:TASMAN 26"]
onward = []

[party]
{OWN} = "{spell_key(key_of(OWN).public_key().public_bytes_raw())}"
{SERVER} = "none"

[level.OPEN]
USA = "UNCLASSIFIED"
NZL = "UNCLASSIFIED"

[form.exact]

[form.grid]
cell = "1 NM"
cadence = "10 min"
offset = 0.5
keep = ["type-detail"]
identity = "pseudonym"

[usual]
kind = "a-f-S-X-M"
at = [-17.9, 178.0]
error = "50 m"
marking = "(U//REL TO NZL)"

[report."a ship"]

[report."an aircraft"]
kind = "a-f-A-M-F"

[report."words"]
kind = "b-t-f"
what = "message"
text = "Good morning"

[report."a ship without a mark"]
unmarked = true
+++
# Ships, aircraft and words for a TAK server

## 0 What every agreement keeps

Only what is marked, in time, of its context and the giver's own.

```cedar
forbid (principal, action, resource)
unless {{
  resource.marked &&
  resource.releasable_to.contains(principal.nation) &&
  context.synchronised &&
  context.now >= datetime("2026-01-01T00:00:00Z") &&
  context.now < datetime("2040-01-01T00:00:00Z") &&
  principal.contexts.contains(resource.context) &&
  (!resource.third_party || resource.onward.contains(principal.nation))
}};
```

- withholds "a ship without a mark"

## 1 Ships

Ships, exactly.

```cedar
permit (principal, action == Accord::Action::"exact", resource)
when {{ resource.domain == "surface" }};
```

- releases "a ship" as exact

## 2 Aircraft

Aircraft on a grid of a nautical mile, under other names.

```cedar
permit (principal, action == Accord::Action::"grid", resource)
when {{ resource.domain == "air" }};
```

- releases "an aircraft" as grid

## 3 Words, alarms, drawings, removals

What is no track and is understood, exactly.

```cedar
permit (principal, action == Accord::Action::"exact", resource)
when {{ resource.what != "track" && resource.what != "opaque" }};
```

- releases "words" as exact
"""


@cache
def signatures(text: str = TEXT, act: Act = Act.AGREE) -> list[Record]:
    """That of the giver."""
    return [sign(read_document(text.encode()).agreement, act, node=OWN, key=key_of(OWN), at=SIGNED)]


@cache
def one_sided_in_force(text: str = TEXT) -> InForce:
    return in_force(load(text.encode(), {}), signatures(text))


def agree(directory: Path, text: str = TEXT) -> None:
    """Put the agreement in force on a node, as `accord agreement activate` does."""
    trusted = {OWN: key_of(OWN).public_key().public_bytes_raw()}
    agreements = Agreements(directory / "agreements")
    agreements.activate(text.encode(), {}, signatures(text), trusted=trusted)
