"""Labels as portion marks: the text that staff write before a paragraph, `(R//REL TO NZL, USA)`.

The form is that of US DoD Manual 5200.01 volume 2, enclosure 4: level, compartments, caveats and
REL TO between double slashes, words of one kind between single ones. A mark of another policy than
the paper's starts with a double slash: `(//CAN S//REL TO USA, AUS, CAN, GBR)`, `(//NR)`. Joint
marks, DISPLAY ONLY and a REL that names nobody are not understood.
"""

from accord.core.handling import (
    CAVEATS,
    LEVELS,
    NATO,
    NATO_LEVELS,
    NotUnderstood,
    foreign_level,
    level,
    limits,
    nations,
)
from accord.core.label import Label, originator
from accord.core.nation import NATIONS

MAX_TEXT = 1024
"""Characters of a mark that is read."""

_REL_TO = "REL TO "


def read(text: str, *, nation: str) -> Label:
    """Return the label of a portion mark on a paper of that nation. Raises NotUnderstood."""
    if len(text) > MAX_TEXT or not (text.startswith("(") and text.endswith(")")):
        raise NotUnderstood(f"{text[:80]!r} is no portion mark such as (R//REL TO NZL, USA)")
    try:
        return _label(text[1:-1], nation)
    except NotUnderstood as error:
        raise NotUnderstood(f"{text}: {error}") from None


def check(text: str) -> None:
    """Raise NotUnderstood for what is no portion mark on the paper of any nation."""
    read(text, nation=min(NATIONS))


def _label(inside: str, nation: str) -> Label:
    if inside.startswith("//"):
        head, *parts = inside.removeprefix("//").split("//")
        policy, word = foreign_level(head)
    else:
        head, *parts = inside.split("//")
        policy, word = nation, level(head)
    words = [each for part in parts for each in part.split("/")]
    if len(set(words)) < len(words):
        raise NotUnderstood("it says one thing twice")
    lists = [each.removeprefix(_REL_TO) for each in words if each.startswith(_REL_TO)]
    if len(lists) > 1:
        raise NotUnderstood("it has more than one REL TO")
    found = limits(each for each in words if not each.startswith(_REL_TO))
    return Label(
        policy=policy,
        level=word,
        originator=originator(policy, nation),
        compartments=found.compartments,
        releasable_to=nations(lists[0].split(", ")) if lists else frozenset(),
        caveats=found.caveats,
    )


def write(label: Label, *, nation: str) -> str:
    """Return the label as a portion mark on a paper of that nation.

    A portion mark does not say opex, dates, by default, nor whose a mark under NATO's policy is.
    """
    parts = [
        _head(label, nation),
        "/".join(sorted(label.compartments)),
        "/".join(sorted(CAVEATS[caveat].short for caveat in label.caveats)),
        _releasable(label, nation),
    ]
    return f"({'//'.join(part for part in parts if part)})"


def _head(label: Label, nation: str) -> str:
    if label.policy == NATO:
        return f"//{NATO_LEVELS[label.level]}"
    short = LEVELS[label.level]
    return short if label.policy == nation else f"//{label.policy} {short}"


def _releasable(label: Label, nation: str) -> str:
    if not label.releasable_to:
        return ""
    return _REL_TO + ", ".join(sorted(label.releasable_to, key=lambda to: (to != nation, to)))
