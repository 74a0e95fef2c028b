"""One sentence of an answer, and what sentences about one case are made from."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from accord.posture.answer import Answer, Case
from accord.posture.model import Scenario


class Topic(StrEnum):
    """What a sentence is about; the order in which they are told."""

    RESPONSE = "response"
    PLACES = "places"
    SURVEILLANCE = "surveillance"
    PRESENCE = "presence"
    SHARING = "sharing of the load"
    FRAGILITY = "fragility"
    FEASIBILITY = "feasibility"
    NEXT = "one more unit"
    CLAUSES = "clauses without a number"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """One sentence, the clauses that it comes from, and what it rests on."""

    topic: Topic
    text: str
    clauses: tuple[str, ...]
    rests_on: str


@dataclass(frozen=True)
class Telling:
    """One case of an answer that is put into words."""

    answer: Answer
    case: Case
    scenario: Scenario

    @property
    def names(self) -> str:
        """What its commitments are called together."""
        return " and ".join(self.case.commitments)

    @cached_property
    def clauses(self) -> tuple[str, ...]:
        """The clauses that move a unit; where none does, the commitments."""
        moved = {str(each.clause) for each in self.case.applied.moves}
        return tuple(sorted(moved)) or self.case.commitments

    def say(self, topic: Topic, text: str, rests_on: str) -> Sentence:
        """Return a sentence that comes from all its clauses."""
        return Sentence(topic=topic, text=text, clauses=self.clauses, rests_on=rests_on)

    def say_of(self, topic: Topic, text: str, clauses: Iterable[object], rests_on: str) -> Sentence:
        """Return a sentence that comes from some clauses."""
        return Sentence(topic=topic, text=text, clauses=tuple(map(str, clauses)), rests_on=rests_on)
