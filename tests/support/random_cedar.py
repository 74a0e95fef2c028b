"""Random conditions over every attribute and operator, and reports biased to meet them."""

import random
from collections.abc import Callable, Sequence

from accord.release.facts import DOMAINS, WORDS, Facts, kind_facts
from accord.release.schema import CONTEXT, RESOURCE
from accord.release.terms import Sort

KINDS = (
    "a-f-S-X-M", "a-f-S-C", "a-n-S-X-F", "a-h-A-M-F", "a-f-A-M-F", "a-f-U-S", "a-u-G", "a-f",
    "a", "", "b-a-o-tbl", "b-t-f", "u-d-f", "a-f-S*", "a-fS-X", "a--S", "t-x-d-d",
    "a-f-\\u{55}", "\\u0055",
)  # fmt: skip
PATTERNS = (
    "a-f-S*",
    "a-*-S*",
    "*",
    "a-f-S-X-M",
    "*-M*",
    "a-f-*-M-*",
    "b-*",
    "a-f-S\\\\*",
    "**M",
    "a-*-\\\\u{55}*",
    "a-*-\\u{55}*",
    "*\\\\u0055",
    "",
)
SETS: dict[str, Sequence[str]] = {
    "compartments": ("SI", "TK"),
    "caveats": ("ORCON", "NOFORN"),
    "releasable_to": ("NZL", "USA", "AUS"),
    "words": ("ship", "submarine", "helicopter", "alarm"),
    "groups": ("Blue", "Red", "SAR"),
    "missions": ("Blue", "SAR"),
    "inside": ("WEST", "EAST"),
    "touches": ("WEST", "EAST", "QUIET"),
    "onward": ("NZL", "AUS"),
    "incidents": ("SAR", "Blue"),
}
TEXTS: dict[str, Sequence[str]] = {
    "policy": ("NZL", "USA", ""),
    "level": ("RESTRICTED", "SECRET", ""),
    "originator": ("NZL", "USA", "AUS"),
    "opex": ("none", "exercise", "operation"),
    "context": ("live", "exercise:TASMAN 26"),
    "what": ("track", "alarm", "message"),
    "domain": tuple(DOMAINS.values()),
    "affiliation": ("friend", "hostile", "none", "other"),
    "nation": ("NZL", "USA", ""),
}
SPANS = ("0ms", "30m", "1h30m", "-1h", "8h", "1d")
MOMENTS = ("2026-11-01T00:00:00Z", "2026-11-01T12:00:00.500+0200", "2026-11-02")
NOW = 1_793_491_200_000  # 2026-11-01T00:00:00Z
_SPAN_MS = (0, 1, -1, 1_799_999, 1_800_000, 5_400_000, 28_800_000, 86_400_000, 3_600_000)


class Conditions:
    """Writes conditions; the same for the same seed."""

    def __init__(self, rolls: random.Random) -> None:
        self._rolls = rolls

    def write(self, depth: int = 3) -> str:
        if depth == 0 or self._rolls.random() < 0.3:
            return self._atom()
        parts = [self.write(depth - 1) for _ in range(3)]
        shape = self._rolls.choice(["({0} && {1})", "({0} || {1})", "!({0})", "({0} && {1} && {2})",
            "(if {0} then {1} else {2})", "({0}) == ({1})"])  # fmt: skip
        return shape.format(*parts)

    def _atom(self) -> str:
        of: Callable[[], str] = self._rolls.choice(
            [self._flag, self._text, self._kind, self._set, self._set, self._number, self._time]
        )
        return of()

    def _pick(self, sort: Sort) -> str:
        names = [
            *(f"resource.{name}" for name, it in RESOURCE.items() if it.sort is sort),
            *(f"context.{name}" for name, it in CONTEXT.items() if it.sort is sort),
        ]
        return self._rolls.choice([name for name in names if name != "resource.kind"])

    def _flag(self) -> str:
        return self._rolls.choice(["{0}", "!{0}", "{0} == true", "{0} != false"]).format(
            self._pick(Sort.BOOL)
        )

    def _text(self) -> str:
        name = self._pick(Sort.STRING)
        word, other = (self._rolls.choice(TEXTS[name.partition(".")[2]]) for _ in range(2))
        return self._rolls.choice(
            [
                f'{name} == "{word}"',
                f'{name} != "{word}"',
                f'["{word}", "{other}"].contains({name})',
                f"{name} == {self._pick(Sort.STRING)}",
                f"{name} == principal.nation",
                f'(if {self._flag()} then {name} else "{word}") == "{other}"',
            ]
        )

    def _kind(self) -> str:
        kind, other = (self._rolls.choice(KINDS).replace("\\", "\\\\") for _ in range(2))
        return self._rolls.choice(
            [
                f'resource.kind like "{self._rolls.choice(PATTERNS)}"',
                f'resource.kind like "{self._rolls.choice(PATTERNS)}"',
                f'resource.kind == "{kind}"',
                f'"{kind}" != resource.kind',
                f'["{kind}", "{other}"].contains(resource.kind)',
            ]
        )

    def _set(self) -> str:
        name = self._pick(Sort.SET)
        words = SETS[name.partition(".")[2]]
        word, other = (self._rolls.choice(words) for _ in range(2))
        another = self._rolls.choice([self._pick(Sort.SET), "principal.contexts"])
        return self._rolls.choice(
            [
                f'{name}.contains("{word}")',
                f"{name}.contains(principal.nation)",
                f"{name}.contains({self._pick(Sort.STRING)})",
                f'{name}.containsAny(["{word}", "{other}"])',
                f'{name}.containsAll(["{word}", "{other}"])',
                f"{name}.containsAny({another})",
                f"{name}.containsAll({another})",
                f"{name}.isEmpty()",
                f"{name} == {another}",
                f'{name} == ["{word}", "{other}"]',
                "principal.contexts.contains(resource.context)",
            ]
        )

    def _number(self) -> str:
        sign = self._rolls.choice(["<", "<=", ">", ">=", "==", "!="])
        return f"resource.hops {sign} {self._rolls.randrange(4)}"

    def _time(self) -> str:
        sign = self._rolls.choice(["<", "<=", ">", ">=", "==", "!="])
        span = f'duration("{self._rolls.choice(SPANS)}")'
        moment = f'datetime("{self._rolls.choice(MOMENTS)}")'
        one, other = self._pick(Sort.MOMENT), self._pick(Sort.MOMENT)
        return self._rolls.choice(
            [
                f"{one} {sign} {moment}",
                f"{one} {sign} {other}",
                f"{one}.durationSince({other}) {sign} {span}",
                f"{one}.toTime() {sign} {span}",
            ]
        )


def random_facts(rolls: random.Random) -> Facts:
    """Return facts that can be those of a report: what goes together, goes together."""
    kind, domain, affiliation, words = kind_facts(rolls.choice(KINDS))
    now = NOW + rolls.choice(_SPAN_MS)
    emergency = rolls.random() < 0.2
    hops = rolls.choice([0, 0, 0, 1, 2, 3])
    third_party = hops > 0 or rolls.random() < 0.3
    inside = _some(rolls, SETS["inside"])
    text = {name: rolls.choice([*words, "another"]) for name, words in TEXTS.items()}
    return Facts(
        marked=rolls.random() < 0.8,
        by_default=rolls.random() < 0.3,
        policy=text["policy"],
        level=text["level"],
        compartments=_some(rolls, SETS["compartments"]),
        caveats=_some(rolls, SETS["caveats"]),
        releasable_to=_some(rolls, SETS["releasable_to"]),
        originator=text["originator"],
        opex=text["opex"],
        context=text["context"],
        kind=kind,
        what="alarm" if emergency else text["what"],
        domain=domain,
        affiliation=affiliation,
        words=words,
        nation=text["nation"],
        groups=_some(rolls, SETS["groups"]),
        missions=_some(rolls, SETS["missions"]),
        directed=rolls.random() < 0.3,
        inside=inside,
        touches=inside | _some(rolls, SETS["touches"]),
        observed=now - rolls.choice(_SPAN_MS),
        received=now - rolls.choice(_SPAN_MS),
        third_party=third_party,
        onward=_some(rolls, SETS["onward"]),
        own_sensor=not third_party and rolls.random() < 0.5,
        hops=hops,
        emergency=emergency,
        now=now,
        synchronised=rolls.random() < 0.8,
        incidents=_some(rolls, SETS["incidents"]),
    )


def random_rules(rolls: random.Random, forms: Sequence[str], parties: Sequence[str]) -> list[str]:
    """Return the Cedar text of a handful of clauses."""
    conditions = Conditions(rolls)
    texts: list[str] = []
    for _ in range(rolls.randint(3, 9)):
        effect = rolls.choice(["permit", "permit", "forbid"])
        some = ", ".join(f'Accord::Action::"{form}"' for form in rolls.sample(list(forms), 2))
        action = rolls.choice(
            ["action", f'action == Accord::Action::"{rolls.choice(forms)}"', f"action in [{some}]"]
        )
        whom = rolls.choice(
            ["principal", "principal", f'principal == Accord::Node::"{rolls.choice(parties)}"',
             "principal is Accord::Node"]
        )  # fmt: skip
        when = rolls.choice(["when", "unless"])
        text = f"{effect} ({whom}, {action}, resource) {when} {{ {conditions.write()} }}"
        if rolls.random() < 0.3:
            text += f" unless {{ {conditions.write(1)} }}"
        texts.append(text + ";")
    return texts


def _some(rolls: random.Random, words: Sequence[str]) -> frozenset[str]:
    return frozenset(word for word in (*words, "another") if rolls.random() < 0.4)


assert set(WORDS.values()) >= set(SETS["words"])
