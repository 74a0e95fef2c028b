"""What is wrong with an agreement, said with line, clause and a sentence."""

from collections.abc import Iterable
from dataclasses import dataclass

from accord.core.errors import AccordError


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong: where (None: not at one place), and what."""

    sentence: str
    line: int | None = None
    clause: str | None = None

    def __str__(self) -> str:
        where = [
            *([f"line {self.line}"] if self.line is not None else []),
            *([f"clause {self.clause}"] if self.clause is not None else []),
        ]
        return f"{', '.join(where)}: {self.sentence}" if where else self.sentence


class AgreementError(AccordError):
    """An agreement was refused; nothing of it takes effect."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(str(fault) for fault in self.faults))


def refuse(sentence: str, *, line: int | None = None, clause: str | None = None) -> AgreementError:
    """Return the refusal for one fault."""
    return AgreementError([Fault(sentence, line, clause)])
