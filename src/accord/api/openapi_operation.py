"""One operation of the HTTP interface, as a line of the tables that make its document."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One method of one path. `answers` maps a status to the schema of its body, "" for none.

    A problem can always come; `problems` are the statuses that mean something of their own.
    """

    method: str
    path: str
    says: str
    answers: Mapping[int, str]
    problems: tuple[int, ...] = ()
    parameters: tuple[str, ...] = ()
    body: str = ""
    is_open: bool = False
    """Whether it is answered to anybody."""


class Described(NamedTuple):
    """An operation of a desk, below its path: `made` is the status and the schema of its answer."""

    method: str
    path: str
    says: str
    made: tuple[int, str]
    parameters: tuple[str, ...] = ()
    body: str = ""


def described(
    below: str,
    table: Sequence[Described],
    *,
    always: frozenset[int],
    of_a_change: frozenset[int],
    whose: str = "",
) -> Iterator[Operation]:
    """Yield the operations of a desk, whose problems are alike: 404 is of what names one thing.

    `whose` is said of each: who alone may ask.
    """
    for each in table:
        of_one = frozenset({404} if "{" in each.path else ())
        changed = of_a_change if each.body else frozenset[int]()
        yield Operation(
            method=each.method,
            path=f"{below}/{each.path}",
            says=f"{each.says} {whose}".rstrip(),
            answers={each.made[0]: each.made[1]},
            problems=tuple(sorted(always | of_one | changed)),
            parameters=each.parameters,
            body=each.body,
        )


def change(path: str, says: str, body: str, made: str = "", *, method: str = "post") -> Operation:
    """Return an operation for who may do more than look; `made` is of what it answers with."""
    is_numbered = "{number}" in path
    return Operation(
        method=method,
        path=path,
        says=says,
        answers={201: made} if made else {204: ""},
        problems=(400, 401, 403, *((404,) if is_numbered else ()), 409, 413, 415, 503),
        parameters=("number",) if is_numbered else (),
        body=body,
    )
