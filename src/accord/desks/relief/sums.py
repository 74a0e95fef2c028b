"""What adds up: quantities that are left of needs and offers, persons of an account.

And what does not: sentences that somebody has to look at, mostly after two nodes have worked on
one incident unaware of each other.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from accord.desks.relief.fields import PRECEDENCES, STATES, TRIAGE, WHO
from accord.desks.relief.incident import HEAD, Incident, Record
from accord.desks.relief.line import NotTaken
from accord.desks.relief.reading import spelt_number

FOUND = ("unhurt", "injured", "dead")
_TINY = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """Of a need or an offer: how much of it there is, how much is matched. None: nobody said."""

    total: float | None
    matched: float

    @property
    def left(self) -> float | None:
        """What is not matched; below nothing where more was promised than there is."""
        return None if self.total is None else self.total - self.matched


def matches_of(incident: Incident, record: Record) -> Iterator[Record]:
    """Yield the matches of a need or an offer that stand."""
    return (
        each for each in incident.of("match")
        if each.text(record.sort) == record.id and each.text("status") != "withdrawn"
    )  # fmt: skip


def left_of(incident: Incident, record: Record, *, without: str = "") -> Left:
    """Return what is left of a need or an offer; `without` is a match that does not count."""
    stand = (each for each in matches_of(incident, record) if each.key != without)
    matched = sum(each.number("quantity") or 0.0 for each in stand)
    return Left(total=record.number("quantity"), matched=matched)


def check_match(incident: Incident, texts: Mapping[str, str], key: str = "") -> dict[str, str]:
    """Return a match with its quantity: as much as both have where none is said.

    `key` is the match that is changed. Raises NotTaken where the two cannot be matched.
    """
    sides = [_side(incident, sort, texts.get(sort, "")) for sort in ("need", "offer")]
    units = [each.text("unit") for each in sides]
    if all(units) and units[0].casefold() != units[1].casefold():
        raise NotTaken(
            f"the need is in {units[0]} and the offer in {units[1]}: say both in one unit", "unit"
        )
    lefts = [left_of(incident, each, without=key).left for each in sides]
    known = [each for each in lefts if each is not None]
    wanted = float(texts.get("quantity", "") or 0.0)
    if not wanted and not known:
        raise NotTaken("neither of them says a quantity: say how much", "quantity")
    wanted = wanted or min(known)
    for side, left in zip(sides, lefts, strict=True):
        if left is not None and texts.get("status") != "withdrawn":
            _check_left(side, wanted, left)
    return {**texts, "quantity": spelt_number(wanted)}


def _check_left(side: Record, wanted: float, left: float) -> None:
    if left <= _TINY:
        raise NotTaken(f"nothing is left of {side.sort} {side.id}", side.sort)
    if wanted > left + _TINY:
        raise NotTaken(
            f"only {_amount(left, side)} of {side.sort} {side.id} left, and "
            f"{spelt_number(wanted)} asked for", "quantity",
        )  # fmt: skip


def _amount(number: float, record: Record) -> str:
    return f"{spelt_number(number)} {record.text('unit')}".strip()


def _side(incident: Incident, sort: str, name: str) -> Record:
    found = incident.records.get(f"{sort}:{name}")
    if found is None:
        raise NotTaken(f"there is no {sort} {name or '(none said)'} on {incident.id}", sort)
    if found.text("status") == "withdrawn":
        raise NotTaken(f"{sort} {found.id} is withdrawn", sort)
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """An account of persons: how many by state, and how many are missing. None: nobody can say."""

    aboard: int | None
    found: int
    missing: int | None
    fault: str = ""
    """What does not add up, in a sentence."""


def tally(texts: Mapping[str, str]) -> Tally:
    """Return how an account adds up: missing is who was aboard and is not found."""
    numbers = {name: int(texts[name]) for name in (*FOUND, "aboard", "missing") if texts.get(name)}
    found = sum(numbers.get(each, 0) for each in FOUND)
    aboard, said = numbers.get("aboard"), numbers.get("missing")
    missing = said if aboard is None else aboard - found
    fault = ""
    if aboard is not None and found > aboard:
        fault = f"{found} are accounted for, of {aboard} aboard"
        missing = None
    elif aboard is not None and said is not None and said != missing:
        fault = f"{aboard} aboard and {found} accounted for leave {missing} missing, not {said}"
    hurt = sum(int(texts[each]) for each in TRIAGE if texts.get(each))
    if not fault and hurt > numbers.get("injured", 0):
        fault = f"{hurt} are triaged, of {numbers.get('injured', 0)} injured"
    return Tally(aboard=aboard, found=found, missing=missing, fault=fault)


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """All accounts of an incident together."""

    accounts: int
    aboard: int
    by_state: Mapping[str, int]
    unknown: int
    """Accounts of which nobody can say how many are missing."""


def totals(incident: Incident) -> Totals:
    """Return what the accounts of an incident come to."""
    accounts = [each.texts for each in incident.of("account")]
    tallies = [tally(each) for each in accounts]
    states = {name: sum(int(each.get(name) or 0) for each in accounts) for name in FOUND}
    states["missing"] = sum(each.missing or 0 for each in tallies)
    return Totals(
        accounts=len(accounts),
        aboard=sum(each.aboard or 0 for each in tallies),
        by_state=states,
        unknown=sum(each.missing is None for each in tallies),
    )


def check_record(sort: str, texts: Mapping[str, str]) -> None:
    """Refuse a record that is at odds with itself. Raises NotTaken."""
    for first, last in (("from", "until"), ("departs", "arrives")):
        if texts.get(first) and texts.get(last) and texts[first] > texts[last]:
            raise NotTaken(f"{last} is before {first}", last)
    if sort == "account" and tally(texts).fault:
        raise NotTaken(f"it does not add up: {tally(texts).fault}", "aboard")
    if sort == "medevac":
        _check_medevac(texts)


def _check_medevac(texts: Mapping[str, str]) -> None:
    patients = _sum(texts, PRECEDENCES)
    if not patients:
        raise NotTaken(f"line 3: say how many patients, as {', '.join(PRECEDENCES)}", "urgent")
    for line, names in ((5, ("litter", "ambulatory")), (8, WHO)):
        if _sum(texts, names) != patients:
            raise NotTaken(
                f"line {line} has {_sum(texts, names)} patients and line 3 has {patients}", names[0]
            )
    if int(texts.get("child") or 0) > patients:
        raise NotTaken("line 8: more children than patients", "child")
    for line, name, none in ((4, "equipment", "A"), (7, "marking", "D")):
        if none in texts[name] and len(texts[name]) > 1:
            raise NotTaken(f"line {line}: {none} is none, and others are said beside it", name)
    if "E" in texts["marking"] and not texts.get("marking_detail"):
        raise NotTaken("line 7: E is other, so say what", "marking_detail")


def _sum(texts: Mapping[str, str], names: tuple[str, ...]) -> int:
    return sum(int(texts[each]) for each in names if texts.get(each))


def doubts(incident: Incident) -> Iterator[str]:
    """Yield what somebody has to look at."""
    for key, name in incident.disputed:
        rivals = incident.records[key].values[name].rivals
        said = ", ".join(f"{e.by} of {e.node} says {e.fields[name]!r}" for e in rivals)
        what = "the incident" if key == HEAD else key.replace(":", " ")
        yield f"{name} of {what} is disputed: {said}; say it again to settle it"
    for record in (*incident.of("need"), *incident.of("offer")):
        left = left_of(incident, record).left
        if left is not None and left < -_TINY:
            yield f"{record.sort} {record.id} is promised {_amount(-left, record)} too much"
    for record in incident.of("account"):
        fault = tally(record.texts).fault
        if fault:
            yield f"account {record.id} does not add up: {fault}"
        yield from _listed(incident, record)


def _listed(incident: Incident, account: Record) -> Iterator[str]:
    """Yield where more persons are listed by name in a state than the account has in it."""
    states = Counter(
        each.text("state") for each in incident.of("person") if each.text("account") == account.id
    )
    said = tally(account.texts)
    for state in STATES:
        known = said.missing if state == "missing" else int(account.number(state) or 0)
        if known is not None and states[state] > known:
            yield (
                f"account {account.id} says {known} {state}, and {states[state]} persons are "
                "listed so"
            )
