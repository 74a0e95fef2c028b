"""Agreements made of random forms and clauses: read and signed, neither proved nor sensible."""

import random
from base64 import b64encode
from collections.abc import Iterator
from datetime import UTC, datetime
from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from accord.core.form import NAMING, PINPOINTING, REGISTERED, Kept
from accord.release.fault import AgreementError
from accord.release.frontmatter import spell_key
from accord.release.loaded import Loaded, read
from accord.release.signature import Act, InForce, Record, in_force, sign
from support.areas import as_bytes, rectangle

OWN, PARTNER = "USA-PAC", "NZL-JFNZ"
SINCE, UNTIL = datetime(2026, 11, 1, tzinfo=UTC), datetime(2027, 11, 1, tzinfo=UTC)
FILES = {
    "wide.geojson": as_bytes(rectangle(150.0, -60.0, 179.0, -20.0)),
    "half.geojson": as_bytes(rectangle(165.0, -60.0, -170.0, -20.0)),
}
_KEYS = {
    node: Ed25519PrivateKey.from_private_bytes(sha256(node.encode()).digest())
    for node in (OWN, PARTNER)
}
_CONDITIONS = (
    *(f'resource.what == "{what}"' for what in ("track", "alarm", "shape", "message", "removal")),
    *(f'resource.what != "{what}"' for what in ("message", "removal")),
    *('resource.domain == "surface"', 'resource.kind like "a-f-*"', "!resource.directed"),
    *('resource.inside.contains("WIDE")', 'resource.inside.contains("HALF")'),
    *('!resource.touches.contains("HALF")', "resource.emergency", "!resource.third_party"),
    *("resource.hops == 0", 'resource.releasable_to.contains("NZL")', "!resource.by_default"),
    *('context.incidents.contains("SAR")', "resource.releasable_to.contains(principal.nation)"),
)


def random_agreement(rolls: random.Random) -> InForce:
    """Return an agreement in force between OWN and PARTNER."""
    return random_signed(rolls)[0]


def random_signed(rolls: random.Random) -> tuple[InForce, str, list[Record]]:
    """Return an agreement in force with its text and signatures."""
    loaded, text = None, ""
    while loaded is None:
        text = _text(rolls)
        loaded = _read(text)
    terms = loaded.agreement
    signed = [sign(terms, Act.AGREE, node=node, key=key, at=SINCE) for node, key in _KEYS.items()]
    return in_force(loaded, signed), text, signed


def party_key(node: str) -> str:
    """Return the public key of a party as it is pinned."""
    return spell_key(_KEYS[node].public_key().public_bytes_raw())


def _read(text: str) -> Loaded | None:
    """Return the agreement, None where chance put its forms into no order, best first."""
    try:
        return read(text.encode(), FILES)
    except AgreementError as error:
        if "gives more than" in str(error):
            return None
        raise


def _text(rolls: random.Random) -> str:
    forms = [f"form-{number}" for number in range(rolls.randint(1, 4))]
    return "\n".join([*_front(rolls, forms), *_clauses(rolls, forms)])


def _front(rolls: random.Random, forms: list[str]) -> Iterator[str]:
    yield "+++"
    yield f'id = "RANDOM-{rolls.randrange(10**6)}"\nserial = {rolls.randint(1, 99)}'
    yield f'title = "Random"\ndirection = "{OWN} -> {PARTNER}"'
    yield f"valid = [{SINCE:%Y-%m-%dT%H:%M:%SZ}, {UNTIL:%Y-%m-%dT%H:%M:%SZ}]"
    contexts = rolls.choice(['["live"]', '["live", "exercise:TASMAN"]'])
    yield f"contexts = {contexts}"
    yield 'onward = []\nassumed_error = "100 m"'
    yield "[party]"
    for node, key in _KEYS.items():
        public = key.public_key().public_bytes_raw()
        yield f'{node} = "ed25519:{_base64(public)}"'
    yield '[level.RESTRICTED]\nUSA = ["UNCLASSIFIED", "RESTRICTED"]\nNZL = ["RESTRICTED"]'
    for name in forms:
        yield from _form(rolls, name)
    for name, file in zip(("WIDE", "HALF"), FILES, strict=True):
        yield f'[area.{name}]\nfile = "{file}"\nsha256 = "{sha256(FILES[file]).hexdigest()}"'
    yield '[usual]\nmarking = "(U//REL TO NZL)"\nat = [-29.2, -177.9]\nerror = "50 m"'
    yield '[report."any"]\nkind = "a-f-S-C"\n+++\n# Random\n'


def _base64(data: bytes) -> str:
    return b64encode(data).decode()


def _form(rolls: random.Random, name: str) -> Iterator[str]:
    yield f"[form.{name}]"
    place = rolls.choice(["exact", "true", "cell", "cell", "presence"])
    if place == "exact":
        yield "exact = true"
        return
    pseudonym = rolls.random() < 0.5
    keep = {kept for kept in Kept if rolls.random() < 0.4}
    keep = keep - NAMING if pseudonym else keep | REGISTERED
    if place != "true":
        keep -= PINPOINTING
    yield f"keep = {[kept.value for kept in sorted(keep)]}"
    yield f"identity = {'pseudonym' if pseudonym else 'kept'!r}"
    yield f"cadence = {rolls.choice(['7 s', '10 min', '60 min'])!r}"
    if rolls.random() < 0.3:
        yield 'min_age = "30 min"'
    if place == "cell":
        yield f"cell = {rolls.choice(['100 m', '1 NM', '10 NM'])!r}\noffset = 0.5"
    if place == "presence":
        yield "presence_only = true"


def _clauses(rolls: random.Random, forms: list[str]) -> Iterator[str]:
    count = rolls.randint(2, 7)
    for number in range(1, count + 1):
        forbids = number > 1 and rolls.random() < 0.25
        conditions = rolls.sample(_CONDITIONS, 1 if rolls.random() < 0.6 else 2)
        action = "action" if forbids else f'action == Accord::Action::"{rolls.choice(forms)}"'
        effect = "forbid" if forbids else "permit"
        yield f"## {number} Clause\n\nA random clause.\n\n```cedar"
        yield f"{effect} (principal, {action}, resource)\nwhen {{ {' && '.join(conditions)} }};"
        yield '```\n\n- withholds "any"\n'
