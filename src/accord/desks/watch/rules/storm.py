"""Many alerts of one rule at once are told as one: a storm hides what matters in it."""

from collections.abc import Collection, Iterable, Iterator

from accord.core.principal import Group
from accord.desks.watch.alert import Condition, Kind
from accord.desks.watch.conditions import short
from accord.desks.watch.rules.text import Rule

MANY = 25
"""Alerts of one rule, for the same people, above which they are one."""

FEW = 15
"""At most so many, and they are told one by one again."""


class Storm:
    """Folds what one rule says, for each audience by itself."""

    def __init__(self, rule: Rule) -> None:
        self._rule = rule
        self._raging: set[frozenset[Group] | None] = set()

    def folded(self, conditions: Collection[Condition]) -> Iterable[Condition]:
        """Yield the conditions, or one in their place for each audience that has too many."""
        if len(conditions) <= FEW:
            self._raging.clear()
            return conditions
        return self._folded(conditions)

    def _folded(self, conditions: Iterable[Condition]) -> Iterator[Condition]:
        by_groups: dict[frozenset[Group] | None, list[Condition]] = {}
        for each in conditions:
            by_groups.setdefault(each.groups, []).append(each)
        self._raging = {
            groups
            for groups, found in by_groups.items()
            if len(found) > (FEW if groups in self._raging else MANY)
        }
        for groups, found in by_groups.items():
            if groups in self._raging:
                yield self._one(groups)
            else:
                yield from found

    def _one(self, groups: frozenset[Group] | None) -> Condition:
        rule = self._rule
        said = f"{rule.name}: more than {FEW} at once; see the tracks"
        return Condition(
            key=f"{Kind.RULE} {rule.name} {rule.context} storm {sorted(groups or ())}",
            kind=Kind.RULE,
            priority=rule.priority,
            text=short(f"{said}. {rule.say}" if rule.say else said),
            context=rule.context,
            groups=groups,
            escalation=rule.escalation,
        )
