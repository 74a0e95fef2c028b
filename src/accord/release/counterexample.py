"""Makes the solver's counter-example one that people can read: plain where it can be plain."""

from collections.abc import Callable, Iterator
from typing import cast

from accord.release.facts import NONE, NOTHING, Facts, kind_facts

Breaks = Callable[[Facts], bool]
"""Tells whether a report would be released and breaks the invariant."""

PLAIN = Facts(
    marked=True,
    by_default=False,
    policy="",
    level="",
    compartments=NOTHING,
    caveats=NOTHING,
    releasable_to=NOTHING,
    originator="",
    opex=NONE,
    context="live",
    kind="a-f-S-X-M",
    what="track",
    domain="surface",
    affiliation="friend",
    words=frozenset({"ship", "merchant ship"}),
    nation="",
    groups=NOTHING,
    missions=NOTHING,
    directed=False,
    inside=NOTHING,
    touches=NOTHING,
    observed=0,
    received=0,
    third_party=False,
    onward=NOTHING,
    own_sensor=False,
    hops=0,
    emergency=False,
    now=0,
    synchronised=True,
    incidents=NOTHING,
)
"""A report with nothing remarkable about it."""

_KINDS = (
    "a-f-S-X-M", "a-f-S-C", "a-n-S-X-F", "a-f-A-M-F", "a-f-G-U-C", "a-f-U-S", "a-u-S", "a-h-S",
    "a-h-A-M-F", "b-a-o-tbl", "b-t-f", "u-d-f",
)  # fmt: skip
_OF_KIND = frozenset({"kind", "domain", "affiliation", "words"})


def plain(facts: Facts, breaks: Breaks) -> Facts:
    """Return a plainer report that breaks the same invariant; the same where there is none."""

    def still_breaks(changed: Facts) -> bool:
        return can_be(changed) and breaks(changed)

    for text in (*_KINDS, facts.kind):
        changed = _of_kind(facts, text)
        if still_breaks(changed):
            facts = changed
            break
    # Twice: some attributes can only become plain when others have.
    for name, value in (*PLAIN._asdict().items(), *PLAIN._asdict().items()):
        if name not in _OF_KIND:
            for changed in _plainer(facts, name, value):
                facts = changed if still_breaks(changed) else facts
    return _without_spare_members(facts, still_breaks)


def can_be(facts: Facts) -> bool:
    """Tell whether a report can have these attributes together (`Formulas.premises`)."""
    return (
        facts.inside <= facts.touches
        and (facts.hops == 0 or facts.third_party)
        and not (facts.own_sensor and facts.third_party)
        and (facts.what == "alarm" or not facts.emergency)
    )


def remarkable(facts: Facts) -> set[str]:
    """Return the names of the attributes that are not as in a plain report."""
    values = facts._asdict()
    times = (
        {"observed", "received"} if facts.observed == facts.received == facts.now else set[str]()
    )
    return {name for name, value in PLAIN._asdict().items() if values[name] != value} - times


def _of_kind(facts: Facts, text: str) -> Facts:
    kind, domain, affiliation, words = kind_facts(text)
    return facts._replace(kind=kind, domain=domain, affiliation=affiliation, words=words)


def _plainer(facts: Facts, name: str, value: object) -> Iterator[Facts]:
    if name in ("observed", "received"):
        value = facts.now
    if name != "now":
        yield facts._replace(**{name: value})


def _without_spare_members(facts: Facts, breaks: Breaks) -> Facts:
    for name in sorted(set(Facts._fields) - _OF_KIND):
        for member in sorted(_members(facts, name)):
            fewer = facts._replace(**{name: _members(facts, name) - {member}})
            facts = fewer if breaks(fewer) else facts
    return facts


def _members(facts: Facts, name: str) -> frozenset[str]:
    value = facts._asdict()[name]
    return cast("frozenset[str]", value) if isinstance(value, frozenset) else NOTHING
