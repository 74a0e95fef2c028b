"""The worked agreements, loaded and signed, and clauses compiled on their own."""

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache
from hashlib import sha256
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from accord.core.agreement import Agreement
from accord.core.kind import Kind
from accord.release.cedar import Language
from accord.release.compile import Receiver
from accord.release.counterexample import PLAIN
from accord.release.facts import Facts, kind_facts
from accord.release.load import load
from accord.release.loaded import Loaded
from accord.release.schema import schema
from accord.release.signature import Act, InForce, Record, in_force, sign

EXAMPLES = Path(__file__).parents[2] / "examples" / "agreements"
FILES = {path.name: path.read_bytes() for path in EXAMPLES.glob("*.geojson")}
USA, NZL = "USA-PAC", "NZL-JFNZ"
FORMS = ("exact", "coarse", "presence")
RECEIVER = Receiver(node=NZL, contexts=frozenset({"live", "exercise:TASMAN 26"}))
SIGNED = datetime(2026, 10, 1, 12, tzinfo=UTC)


def text_of(name: str) -> str:
    return (EXAMPLES / f"{name}.md").read_text("utf-8")


@cache
def example(name: str = "usa-nzl-maritime") -> Loaded:
    return load(text_of(name).encode(), FILES)


def key_of(node: str) -> Ed25519PrivateKey:
    """The private key whose public half stands in the worked agreements."""
    return Ed25519PrivateKey.from_private_bytes(sha256(f"example key of {node}".encode()).digest())


def signatures(terms: Agreement, act: Act = Act.AGREE) -> list[Record]:
    return [
        sign(terms, act, node=party.node, key=key_of(party.node), at=SIGNED)
        for party in terms.parties
    ]


@cache
def example_in_force(name: str = "usa-nzl-maritime") -> InForce:
    loaded = example(name)
    return in_force(loaded, signatures(loaded.agreement))


def language(forms: Sequence[str] = FORMS) -> Language:
    return Language(schema(forms), forms=forms, parties=(USA, NZL))


def facts(kind: str = "a-f-S-X-M", **changes: object) -> Facts:
    """Return a dull report's facts, changed; what its kind says of it goes with the kind."""
    text, domain, affiliation, words = kind_facts(Kind.of(kind).text)
    dull = PLAIN._replace(kind=text, domain=domain, affiliation=affiliation, words=words)
    return dull._replace(**changes)  # pyright: ignore[reportArgumentType]  a test says what it means
