"""What is wrong with a scenario, said with its line and a sentence; nothing of it is taken."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

from accord.core.errors import AccordError

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong: on which line, counted from 1, and what."""

    line: int
    sentence: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.sentence}"


class ScenarioError(AccordError):
    """A scenario was refused as a whole; `faults` says everything that is wrong, in its order."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(sorted(faults, key=lambda fault: (fault.line, fault.sentence)))
        super().__init__("\n".join(str(fault) for fault in self.faults))


def refuse(line: int, sentence: str) -> ScenarioError:
    """Return the refusal for one fault."""
    return ScenarioError([Fault(line, sentence)])


def attempt(action: Callable[[], T], faults: list[Fault]) -> T | None:
    """Return what an action makes; where it refuses, None, and `faults` has why."""
    try:
        return action()
    except ScenarioError as error:
        faults += error.faults
        return None
