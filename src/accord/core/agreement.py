"""What two or more nations signed: an agreement, its clauses, and what a decision can be."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from accord.core.context import Context
from accord.core.form import ReleaseForm
from accord.core.level import LevelTable

_NOTHING: Mapping[str, frozenset[str]] = MappingProxyType({})


class Effect(StrEnum):
    """What a clause does with the reports it applies to. A forbid always wins."""

    PERMIT = "permit"
    FORBID = "forbid"


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """One party: its node, and its pinned identity, the Ed25519 public key it signs with.

    `key` empty: it has nothing to sign with, such as a TAK server, and only receives.
    """

    node: str
    key: bytes

    @property
    def signs(self) -> bool:
        """Whether it has a key, so that nothing flows before it has signed."""
        return bool(self.key)

    @property
    def nation(self) -> str:
        """The ISO 3166-1 alpha-3 code that the node id starts with."""
        return self.node[:3]


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """What a clause says of a report that is described in the agreement.

    `form` None: withheld. `partner` None: the same for every receiver.
    """

    report: str
    form: str | None
    partner: str | None
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """One numbered clause: heading, the human sentence, its Cedar text, its examples.

    `line` is that of the heading, `cedar_line` the first line of the Cedar text.
    """

    number: str
    title: str
    sentence: str
    cedar: str
    line: int
    cedar_line: int
    examples: tuple[Example, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Invariant:
    """What is true of every report that leaves: a sentence, and the Cedar condition that says it.

    `forms` empty: of every form; else only of what is released in those.
    """

    sentence: str
    condition: str
    line: int
    forms: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaFile:
    """A named area: the GeoJSON file beside the agreement, pinned by its SHA-256 in hexadecimal."""

    name: str
    file: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """One signed document, read: nothing is released but by its clauses.

    `givers` and `receivers` are node ids among the parties. `forms` are the ladder, best first.
    `contexts` are those whose reports may be released at all. `onward` are the nations to which a
    receiver may pass on what it got. `assumed_error` is the error radius in metres of a report
    that states none; None: such a report is inside no area. `digest` is the SHA-256 of the bytes
    that were read.
    """

    id: str
    serial: int
    title: str
    parties: tuple[Party, ...]
    givers: tuple[str, ...]
    receivers: tuple[str, ...]
    since: datetime
    until: datetime
    contexts: frozenset[Context]
    levels: LevelTable
    forms: tuple[ReleaseForm, ...]
    areas: tuple[AreaFile, ...]
    onward: frozenset[str]
    assumed_error: float | None
    invariants: tuple[Invariant, ...]
    clauses: tuple[Clause, ...]
    digest: str

    def form(self, name: str) -> ReleaseForm:
        """Return the form of that name. Raises KeyError."""
        for form in self.forms:
            if form.name == name:
                return form
        raise KeyError(name)

    def clause(self, number: str) -> Clause:
        """Return the clause of that number. Raises KeyError."""
        for clause in self.clauses:
            if clause.number == number:
                return clause
        raise KeyError(number)


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """What a decision depends on besides the report, the agreement and the time.

    `own` and `partner` are node ids. `synchronised`: the node's clock can be trusted. `incidents`
    are those open now. `onward` maps a nation to those that it lets its reports be passed on to.
    `missions` maps a uid to the missions that hold it.
    """

    own: str
    partner: str
    synchronised: bool
    incidents: frozenset[str] = frozenset()
    onward: Mapping[str, frozenset[str]] = field(default_factory=lambda: _NOTHING)
    missions: Mapping[str, frozenset[str]] = field(default_factory=lambda: _NOTHING)


class Reason(StrEnum):
    """Why a report was withheld."""

    NOT_PARTY = "the agreement does not run between these two nodes"
    NOT_IN_FORCE = "the agreement is not in force at this time"
    CLOCK = "the node's clock cannot be trusted"
    UNMARKED = "unmarked, or its marks are not understood"
    LEVEL = "its level is not in the agreement's table"
    CONTEXT = "its context, or its exercise mark, is none of the agreement's"
    NOT_GRANTED = "another nation made it and did not grant that it is passed on"
    FORBIDDEN = "a clause forbids it"
    NOT_PERMITTED = "no clause permits it"
    TOO_YOUNG = "younger than the permitted form may be"
    NOT_DUE = "not due yet in the permitted form"
    NOT_REDUCIBLE = "cannot be put into the permitted form"
    DISAGREES = "the compiled clauses and Cedar do not agree"
    STOPPED = "the agreement was stopped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Withheld:
    """The decision that nothing of the report leaves; `clause` is the one that decided, if any."""

    reason: Reason
    clause: str | None = None


NOT_BEGUN = "signed, not begun"
IN_FORCE = "in force"
"""How an agreement that all have signed stands before, and between, its two dates."""


def state_at(terms: Agreement, now: datetime) -> str:
    """Say how a signed agreement stands at that time."""
    if now < terms.since:
        return NOT_BEGUN
    return IN_FORCE if now < terms.until else "ended"
