"""The smallest agreement that loads: two parties, an area, two clauses. It is quick to prove."""

from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from accord.release.document import read_document
from accord.release.frontmatter import spell_key
from accord.release.signature import Act, Record, sign
from support.agreements import SIGNED, key_of

GIVER, RECEIVER = "NZL-A", "FJI-B"
ID = "SMALL"
AREA = b'{"type": "Polygon", "coordinates": [[[175, -20], [179, -20], [179, -15], [175, -20]]]}'
FILES = {"sea.geojson": AREA}


def public(node: str) -> bytes:
    return key_of(node).public_key().public_bytes_raw()


KEYS = {node: public(node) for node in (GIVER, RECEIVER)}
SMALL = f"""\
+++
id = "{ID}"
serial = 1
title = "A small agreement"
direction = "{GIVER} -> {RECEIVER}"
valid = [2027-01-01T00:00:00Z, 2028-01-01T00:00:00Z]
contexts = ["live"]
onward = []

[party]
{GIVER} = "{spell_key(KEYS[GIVER])}"
{RECEIVER} = "{spell_key(KEYS[RECEIVER])}"

[level.OPEN]
NZL = "UNCLASSIFIED"

[form.exact]

[area.SEA]
file = "sea.geojson"
sha256 = "{sha256(AREA).hexdigest()}"

[usual]
kind = "a-f-S-X-M"
at = [-17.9, 178.0]
error = "50 m"
marking = "(U//REL TO FJI)"

[report."a ship"]

[report."a ship without a mark"]
unmarked = true
+++
# A small agreement

## 0 What every agreement keeps

Only what is marked, in time, live and the giver's own.

```cedar
forbid (principal, action, resource)
unless {{
  resource.marked &&
  resource.releasable_to.contains(principal.nation) &&
  context.synchronised &&
  context.now >= datetime("2027-01-01T00:00:00Z") &&
  context.now < datetime("2028-01-01T00:00:00Z") &&
  principal.contexts.contains(resource.context) &&
  !resource.third_party
}};
```

- withholds "a ship without a mark"

## 1 Ships

Ships wholly inside the area, exactly.

```cedar
permit (principal, action == Accord::Action::"exact", resource)
when {{ resource.domain == "surface" && resource.inside.contains("SEA") }};
```

- releases "a ship" as exact
"""


def small(serial: int = 1) -> bytes:
    return SMALL.replace("serial = 1\n", f"serial = {serial}\n").encode()


def signed(
    text: bytes, act: Act = Act.AGREE, *, keys: dict[str, Ed25519PrivateKey] | None = None
) -> list[Record]:
    """The signatures of all parties, the giver's first; `keys` are those that are not the usual."""
    terms = read_document(text).agreement
    own = {GIVER: key_of(GIVER), RECEIVER: key_of(RECEIVER), **(keys or {})}
    return [sign(terms, act, node=node, key=own[node], at=SIGNED) for node in (GIVER, RECEIVER)]
