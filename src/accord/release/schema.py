"""What a clause can speak of: every attribute, its sort, and the strict Cedar schema of them.

Every attribute is mandatory. Cedar skips a clause that meets an error, a forbid as well; with a
complete report and no arithmetic there is nothing to meet.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from accord.release.terms import Holder, Sort

NAMESPACE = "Accord"


@dataclass(frozen=True, slots=True)
class Meaning:
    """The sort of an attribute, and what it means in a sentence for the reference."""

    sort: Sort
    says: str


RESOURCE: Mapping[str, Meaning] = MappingProxyType(
    {
        "marked": Meaning(Sort.BOOL, "its marks were given and all of them understood"),
        "by_default": Meaning(Sort.BOOL, "its marks are the default of its group or feed"),
        "policy": Meaning(Sort.STRING, "whose marking policy the marks follow"),
        "level": Meaning(Sort.STRING, "its level, as the agreement's own table maps it"),
        "compartments": Meaning(Sort.SET, "the compartments it is in"),
        "caveats": Meaning(Sort.SET, "its caveats, such as ORCON"),
        "releasable_to": Meaning(Sort.SET, "the nations it is marked releasable to"),
        "originator": Meaning(Sort.STRING, "the nation that made it"),
        "opex": Meaning(Sort.STRING, "operation, exercise, simulation, or none given"),
        "context": Meaning(Sort.STRING, "its context: live, or exercise:NAME"),
        "kind": Meaning(Sort.STRING, "its CoT type, such as a-f-S-X-M"),
        "what": Meaning(Sort.STRING, "track, shape, message, alarm, removal or opaque"),
        "domain": Meaning(Sort.STRING, "surface, subsurface, air, ground, space, special or other"),
        "affiliation": Meaning(Sort.STRING, "friend, hostile, neutral, unknown and so on"),
        "words": Meaning(Sort.SET, "plain words for its kind, such as merchant ship"),
        "nation": Meaning(Sort.STRING, "the nation that the object itself belongs to, if known"),
        "groups": Meaning(Sort.SET, "the groups it was said into"),
        "missions": Meaning(Sort.SET, "the missions that hold it"),
        "directed": Meaning(Sort.BOOL, "it was addressed to single persons"),
        "inside": Meaning(Sort.SET, "the areas that hold all of where it may be"),
        "touches": Meaning(Sort.SET, "the areas that hold any of where it may be"),
        "observed": Meaning(Sort.MOMENT, "when it happened, by the clock of its source"),
        "received": Meaning(Sort.MOMENT, "when the giver's node got it"),
        "third_party": Meaning(Sort.BOOL, "another nation made it, or it came over another node"),
        "onward": Meaning(Sort.SET, "the nations its originator lets it be passed on to"),
        "own_sensor": Meaning(Sort.BOOL, "it came from one of the giver's own feeds"),
        "hops": Meaning(Sort.LONG, "how many nodes it came over"),
        "emergency": Meaning(Sort.BOOL, "a call for help that was not cancelled"),
    }
)
"""The attributes of a report, `resource` in a clause."""

CONTEXT: Mapping[str, Meaning] = MappingProxyType(
    {
        "now": Meaning(Sort.MOMENT, "the time of the decision"),
        "synchronised": Meaning(Sort.BOOL, "the giver's clock can be trusted"),
        "incidents": Meaning(Sort.SET, "the incidents that are open now"),
    }
)
"""The attributes of the situation, `context` in a clause."""

PRINCIPAL: Mapping[str, Meaning] = MappingProxyType(
    {
        "nation": Meaning(Sort.STRING, "the receiver's nation"),
        "contexts": Meaning(Sort.SET, "the contexts that the agreement is for"),
    }
)
"""The attributes of the receiver, `principal` in a clause."""

ATTRIBUTES: Mapping[Holder, Mapping[str, Meaning]] = MappingProxyType(
    {Holder.RESOURCE: RESOURCE, Holder.CONTEXT: CONTEXT, Holder.PRINCIPAL: PRINCIPAL}
)


def schema(forms: Iterable[str]) -> str:
    """Return the Cedar schema of an agreement with these release forms as its actions."""
    actions = ", ".join(_quoted(form) for form in forms)
    return (
        f"namespace {NAMESPACE} {{\n"
        f"  entity Node = {_record(PRINCIPAL)};\n"
        f"  entity Report = {_record(RESOURCE)};\n"
        f"  action {actions} appliesTo {{\n"
        f"    principal: [Node], resource: [Report], context: {_record(CONTEXT)}\n"
        "  };\n}\n"
    )


def _record(attributes: Mapping[str, Meaning]) -> str:
    return "{" + ", ".join(f"{name}: {it.sort.value}" for name, it in attributes.items()) + "}"


def _quoted(text: str) -> str:
    return '"' + text + '"'
