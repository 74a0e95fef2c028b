"""The answer in plain words, made from its numbers and from nothing else.

Each sentence has its figure, the clause that it comes from, and what it rests on.
"""

from accord.posture.answer import Answer, Case
from accord.posture.clause_words import tell_clauses, tell_feasibility
from accord.posture.fleet_words import (
    tell_fragility,
    tell_next,
    tell_presence,
    tell_sharing,
    tell_surveillance,
)
from accord.posture.model import Scenario
from accord.posture.response_words import tell_places, tell_response
from accord.posture.sentence import Sentence, Telling

_TOLD = (
    tell_response,
    tell_places,
    tell_surveillance,
    tell_presence,
    tell_sharing,
    tell_fragility,
    tell_feasibility,
    tell_next,
    tell_clauses,
)
"""Topic by topic, in their order."""


def sentences(answer: Answer, case: Case, scenario: Scenario) -> list[Sentence]:
    """Return what one case comes to, in words."""
    telling = Telling(answer, case, scenario)
    return [each for tell in _TOLD for each in tell(telling)]
