"""Says what rules name that is not there: such a rule is never met, or met for ever. Pure.

None of it is refused: a partner or a person may come to be known while the node runs.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass

from accord.core.context import LIVE
from accord.core.kind import Affiliation, Dimension
from accord.core.principal import Principal
from accord.desks.watch.rules.text import Rule, SilentFeed, SilentPartner

ANY = "."


def _everybody() -> None:
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What a node knows that rules can name.

    `partners` and `people` are asked only where a rule names one. `people` returns None where
    somebody may sign in who is not known yet.
    """

    node: str
    feeds: Collection[str]
    partners: Callable[[], Collection[str]]
    people: Callable[[], Iterable[Principal] | None] = _everybody


def unknown(rules: Iterable[Rule], known: Known) -> Iterator[str]:
    """Yield what each rule names that there is none of, with what to do."""
    for rule in rules:
        for what in _unknown(rule, known):
            yield f"watch rule {rule.name} {what}"


def _unknown(rule: Rule, known: Known) -> Iterator[str]:
    match rule.when:
        case SilentFeed(name=name) if name not in known.feeds:
            yield f"is about the feed {name}, which accord.toml does not have"
        case SilentPartner(name=name) if name == known.node:
            yield f"is about the partner {name}, which is this node itself"
        case SilentPartner(name=name) if name not in known.partners():
            yield f"is about the partner {name}, which is none of this node's (`accord partner`)"
        case _:
            pass
    for pattern in dict.fromkeys(rule.kinds):
        if why := _why_no_type(pattern):
            yield f"is about the type {pattern}, which nothing has: {why}"
    yield from _unknown_people(rule, known)


def _unknown_people(rule: Rule, known: Known) -> Iterator[str]:
    to = "" if rule.escalation is None else rule.escalation.offer_to
    if not to and rule.context == LIVE:
        return
    found = known.people()
    if found is None:
        return
    people = tuple(found)
    if to and to not in {each.name for each in people}:
        yield f"offers its alerts to {to}, who is not known here: see that the name is spelt so"
    if not any(each.takes_part_in(rule.context) for each in people):
        yield f"is about {rule.context}, which nobody here takes part in: nobody is told its alerts"


def _why_no_type(pattern: str) -> str:
    """Return why no type of CoT is under a pattern; empty where one may be.

    The letters are those of MIL-STD-2525 as MITRE's CoT types have them.
    """
    atoms = pattern.split("-")
    if len(atoms[0]) > 1:
        return f"a type of CoT begins with one letter and not with {atoms[0]!r}"
    if atoms[0] != "a":
        return ""
    for atom, letters, which in zip(
        atoms[1:], (Affiliation, Dimension), ("second", "third"), strict=False
    ):
        if atom != ANY and atom not in set(letters):
            return f"its {which} letter is one of {' '.join(letters)}, or `{ANY}` for any"
    return ""
