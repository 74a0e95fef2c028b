"""What the handling attributes of a CoT event say, as a label.

The base schema leaves the words open ("unrestricted, nato, army, coalition": MITRE CoT 2.0), so
this node reads its own vocabulary and nothing else: `access` is a level, of the nation of the node
that gave the report unless it names a policy (`GBR SECRET`, `NATO RESTRICTED`); `caveat` holds
caveats and compartments, `releasableTo` alpha-3 codes, with or without REL TO before them.
"""

import re

from accord.core.handling import NATO, NotUnderstood, level_on_paper_of, limits, nations
from accord.core.label import Label, originator
from accord.core.marking import Opex

_BETWEEN_NATIONS = re.compile(r", ?| ")
_BETWEEN_CAVEATS = re.compile(r", ?|//?")


def label_of(
    access: str | None,
    caveat: str | None,
    releasable_to: str | None,
    opex: Opex | None,
    node: str,
) -> Label | None:
    """Return the label of those attributes of a report that the node gave.

    None where there is no level, or any word is not understood: then nothing may leave.
    """
    if access is None:
        return None
    nation = node[:3]
    try:
        policy, word = level_on_paper_of(nation, access)
        found = limits(_BETWEEN_CAVEATS.split(caveat) if caveat else ())
        return Label(
            policy=policy,
            level=word,
            originator=originator(policy, nation),
            compartments=found.compartments,
            releasable_to=_nations(releasable_to),
            caveats=found.caveats,
            opex=opex,
        )
    except NotUnderstood:
        return None


def attributes(label: Label, node: str) -> dict[str, str]:
    """Return what `label_of` reads again, less opex, dates and that a label is by default."""
    said = {
        "access": _access(label, node[:3]),
        "caveat": "/".join(sorted(label.compartments | label.caveats)),
        "releasableTo": ", ".join(sorted(label.releasable_to)),
    }
    return {name: text for name, text in said.items() if text}


def _access(label: Label, nation: str) -> str:
    if label.policy == nation:
        return label.level
    is_cosmic = (label.policy, label.level) == (NATO, "TOP SECRET")
    return f"{'COSMIC' if is_cosmic else label.policy} {label.level}"


def _nations(text: str | None) -> frozenset[str]:
    if text is None:
        return frozenset()
    return nations(_BETWEEN_NATIONS.split(text.removeprefix("REL TO ")))
