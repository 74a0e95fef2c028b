"""The words that handling marks are made of: levels, compartments and caveats.

The vocabulary is closed. A word that is not here is not understood, and what is not understood is
never released. The words are those of public documents:

- [DoDM] US DoD Manual 5200.01 volume 2 (change 4, 2020), enclosure 4: portion marks and their short
  forms, dissemination controls, marks of foreign governments and of NATO.
- [PSR] New Zealand Protective Security Requirements: classifications and endorsement markings.
- [PSPF] Australian Protective Security Policy Framework, policy 8: classifications and caveats.
- [GSC] United Kingdom Government Security Classifications policy.
- [TBS] Canada, Treasury Board, Directive on Security Management: security categories.
- [IGI] France, instruction generale interministerielle 1300 (2021) and instruction 901.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from accord.core.nation import NATIONS

NATO = "NATO"
"""The one policy that is no nation's."""

LEVELS: Mapping[str, str] = MappingProxyType(
    {
        # As the mark is written in full, and its short form; what has none is written in full.
        "UNCLASSIFIED": "U",  # [DoDM]
        "RESTRICTED": "R",  # [DoDM], of foreign governments and NATO; [PSR]
        "CONFIDENTIAL": "C",  # [DoDM]
        "SECRET": "S",  # [DoDM]
        "TOP SECRET": "TS",  # [DoDM]
        "CUI": "CUI",  # [DoDM]
        "IN-CONFIDENCE": "IN-CONFIDENCE",  # [PSR]
        "SENSITIVE": "SENSITIVE",  # [PSR]
        "OFFICIAL": "OFFICIAL",  # [PSPF], [GSC]
        "OFFICIAL: SENSITIVE": "OFFICIAL: SENSITIVE",  # [PSPF]
        "OFFICIAL-SENSITIVE": "OFFICIAL-SENSITIVE",  # [GSC]
        "PROTECTED": "PROTECTED",  # [PSPF]
        "PROTECTED A": "PROTECTED A",  # [TBS]
        "PROTECTED B": "PROTECTED B",  # [TBS]
        "PROTECTED C": "PROTECTED C",  # [TBS]
        "DIFFUSION RESTREINTE": "DIFFUSION RESTREINTE",  # [IGI]
        "TRES SECRET": "TRES SECRET",  # [IGI]
    }
)

NATO_LEVELS: Mapping[str, str] = MappingProxyType(
    {
        # [DoDM]: the short form of NATO's marks names the policy as well.
        "UNCLASSIFIED": "NU",
        "RESTRICTED": "NR",
        "CONFIDENTIAL": "NC",
        "SECRET": "NS",
        "TOP SECRET": "CTS",
    }
)

COMPARTMENTS = frozenset({"HCS", "SI", "TK"})
"""Control systems of [DoDM] that are written with the level."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Caveat:
    """A limit on handling: its short form, and the one nation that it keeps to where it does so.

    `informs` says that it tells of the content and limits nobody.
    """

    short: str
    only: str | None = None
    informs: bool = False


CAVEATS: Mapping[str, Caveat] = MappingProxyType(
    {
        "NOFORN": Caveat(short="NF", only="USA"),  # [DoDM]
        "ORCON": Caveat(short="OC"),  # [DoDM]
        "IMCON": Caveat(short="IMC"),  # [DoDM]
        "PROPIN": Caveat(short="PR"),  # [DoDM]
        "RELIDO": Caveat(short="RELIDO"),  # [DoDM]
        "LIMDIS": Caveat(short="DS"),  # [DoDM]
        "AUSTEO": Caveat(short="AUSTEO", only="AUS"),  # [PSPF]
        "AGAO": Caveat(short="AGAO", only="AUS"),  # [PSPF]
        "NZEO": Caveat(short="NZEO", only="NZL"),  # [PSR]
        "UK EYES ONLY": Caveat(short="UK EYES ONLY", only="GBR"),  # [GSC]
        "ACCOUNTABLE MATERIAL": Caveat(short="ACCOUNTABLE MATERIAL"),  # [PSR]
        "COMMERCIAL": Caveat(short="COMMERCIAL", informs=True),  # [PSR]
        "MEDICAL": Caveat(short="MEDICAL", informs=True),  # [PSR]
        "POLICY": Caveat(short="POLICY", informs=True),  # [PSR]
        "STAFF": Caveat(short="STAFF", informs=True),  # [PSR]
    }
)

_FULL_LEVELS = {short: word for word, short in LEVELS.items()} | {word: word for word in LEVELS}
_FULL_NATO = {short: word for word, short in NATO_LEVELS.items()}
_FULL_CAVEATS = {c.short: word for word, c in CAVEATS.items()} | {word: word for word in CAVEATS}


class NotUnderstood(ValueError):
    """A word of a mark that is not in the vocabulary, or words that contradict each other."""


def level(text: str) -> str:
    """Return the level in full, from its full or short form. Raises NotUnderstood."""
    if text not in _FULL_LEVELS:
        raise NotUnderstood(f"{text!r} is no level; there are {', '.join(LEVELS)}")
    return _FULL_LEVELS[text]


def level_on_paper_of(nation: str, text: str) -> tuple[str, str]:
    """Return policy and level; a level that names no policy is of that nation's."""
    return (nation, _FULL_LEVELS[text]) if text in _FULL_LEVELS else foreign_level(text)


def foreign_level(text: str) -> tuple[str, str]:
    """Return policy and level of `GBR SECRET`, `NATO RESTRICTED`, `COSMIC TOP SECRET`, `NS`.

    Raises NotUnderstood.
    """
    if text in _FULL_NATO:
        return NATO, _FULL_NATO[text]
    policy, _, word = text.partition(" ")
    if policy == "COSMIC" and word == "TOP SECRET":
        return NATO, word
    if policy == NATO and word in NATO_LEVELS and word != "TOP SECRET":
        return NATO, word
    if policy in NATIONS:
        return policy, level(word)
    raise NotUnderstood(f"{text!r} is no level of a nation or of NATO")


def nations(words: Iterable[str]) -> frozenset[str]:
    """Return the nations of those alpha-3 codes, at least one. Raises NotUnderstood."""
    found = frozenset(words)
    unknown = sorted(found - NATIONS)
    if unknown or not found:
        raise NotUnderstood(f"REL TO names {unknown or 'nobody'}: give alpha-3 codes of nations")
    return found


@dataclass(frozen=True, slots=True)
class Limits:
    """Compartments and caveats, told apart."""

    compartments: frozenset[str]
    caveats: frozenset[str]


def limits(words: Iterable[str]) -> Limits:
    """Return what those words are, each in full. Raises NotUnderstood."""
    compartments: set[str] = set()
    caveats: set[str] = set()
    for word in words:
        if word in COMPARTMENTS:
            compartments.add(word)
        elif word in _FULL_CAVEATS:
            caveats.add(_FULL_CAVEATS[word])
        else:
            raise NotUnderstood(f"{word!r} is no caveat or compartment that is understood")
    return Limits(frozenset(compartments), frozenset(caveats))
