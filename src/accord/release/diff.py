"""Two texts of an agreement compared: in sentences, and by what each lets out of a recording."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta

from accord.core.agreement import Agreement, Clause, Situation
from accord.core.form import ReleaseForm
from accord.core.quantity import spell_duration
from accord.core.report import Report
from accord.release.facts import kind_facts
from accord.release.judge import judge
from accord.release.loaded import Loaded


def differences(old: Agreement, new: Agreement) -> Iterator[str]:
    """Yield a sentence for everything that the two texts do not say alike."""
    for what, say in _TERMS.items():
        before, after = say(old), say(new)
        if before != after:
            yield f"{what}: {before} becomes {after}"
    for what, say in _LISTS.items():
        yield from _listed(what, say(old), say(new))


def _listed(what: str, old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[str]:
    for name, said in old.items():
        if name not in new:
            yield f"{what} {name} goes: {said}"
        elif new[name] != said:
            yield f"{what} {name} changes: {said} becomes {new[name]}"
    for name, said in new.items():
        if name not in old:
            yield f"{what} {name} is new: {said}"


def _clause_says(clause: Clause) -> str:
    return f"{clause.sentence} [{' '.join(clause.cedar.split())}]"


def _form_says(form: ReleaseForm) -> str:
    said = [
        *(["everything as it is"] if form.exact else []),
        *(["presence only"] if form.presence_only else []),
        *([f"a grid of {form.cell:g} m, offset up to {form.offset:g} cells"] if form.cell else []),
        *([f"every {spell_duration(form.cadence)}"] if form.cadence else []),
        *([f"at least {spell_duration(form.min_age)} old"] if form.min_age > timedelta(0) else []),
        *([] if form.exact else [f"identity {form.identity}"]),
        *([] if form.exact else [f"keeps {', '.join(sorted(form.keep)) or 'nothing'}"]),
    ]
    return ", ".join(said)


def _levels_say(agreement: Agreement) -> str:
    table = agreement.levels
    said = (
        f"{policy} {word} is {table.names[rank]}"
        for (policy, word), rank in sorted(table.ranks.items())
    )
    return ", ".join(said)


_TERMS: Mapping[str, Callable[[Agreement], str]] = {
    "id": lambda it: it.id,
    "serial": lambda it: str(it.serial),
    "title": lambda it: it.title,
    "begins": lambda it: it.since.isoformat(),
    "ends": lambda it: it.until.isoformat(),
    "givers": lambda it: ", ".join(it.givers),
    "receivers": lambda it: ", ".join(it.receivers),
    "contexts": lambda it: ", ".join(sorted(map(str, it.contexts))),
    "onward": lambda it: ", ".join(sorted(it.onward)) or "nobody",
    "assumed error": lambda it: "none" if it.assumed_error is None else f"{it.assumed_error:g} m",
    "levels": _levels_say,
    "order of the forms": lambda it: ", ".join(form.name for form in it.forms),
}
_LISTS: Mapping[str, Callable[[Agreement], Mapping[str, str]]] = {
    "party": lambda it: {each.node: f"key {each.key.hex() or 'none'}" for each in it.parties},
    "area": lambda it: {area.name: f"{area.file}, SHA-256 {area.sha256}" for area in it.areas},
    "form": lambda it: {form.name: _form_says(form) for form in it.forms},
    "invariant": lambda it: {
        f'"{own.sentence}"': f"{own.condition}, of {', '.join(sorted(own.forms)) or 'all forms'}"
        for own in it.invariants
    },
    "clause": lambda it: {
        f"{clause.number} ({clause.title})": _clause_says(clause) for clause in it.clauses
    },
}


@dataclass(frozen=True, slots=True)
class Flow:
    """One sort of thing and what it was and will be released as; None: withheld."""

    what: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Count:
    """Of how many reports, and of how many objects."""

    reports: int
    objects: int


def flows(
    reports: Iterable[Report], old: Loaded, new: Loaded, situation: Situation
) -> dict[Flow, Count]:
    """Count by sort of thing what each of the two texts would let out of a recording."""
    counts: dict[Flow, tuple[int, set[str]]] = {}
    for report in reports:
        before, after = (
            judge(report, each, report.received, situation).form for each in (old, new)
        )
        flow = Flow(
            what=_sort_of(report),
            before=None if before is None else before.name,
            after=None if after is None else after.name,
        )
        number, objects = counts.get(flow, (0, set[str]()))
        objects.add(report.uid)
        counts[flow] = (number + 1, objects)
    return {flow: Count(number, len(objects)) for flow, (number, objects) in counts.items()}


def spell_flows(counts: Mapping[Flow, Count]) -> Iterator[str]:
    """Yield what starts, stops or changes as sentences, then what stays as it is."""
    for sentence in (_starts, _stops, _changes):
        for flow, count in sorted(counts.items(), key=lambda each: str(each[0])):
            said = sentence(flow)
            if said is not None:
                yield f"{said}: {count.reports} reports of {count.objects} objects"
    same = [count for flow, count in counts.items() if flow.before == flow.after]
    yield f"nothing changes for {sum(count.reports for count in same)} reports"


def _starts(flow: Flow) -> str | None:
    if flow.before is None and flow.after is not None:
        return f"{flow.what} starts to flow as {flow.after}"
    return None


def _stops(flow: Flow) -> str | None:
    if flow.after is None and flow.before is not None:
        return f"{flow.what} stops, which flowed as {flow.before}"
    return None


def _changes(flow: Flow) -> str | None:
    if None not in (flow.before, flow.after) and flow.before != flow.after:
        return f"{flow.what} flows as {flow.after} instead of {flow.before}"
    return None


def _sort_of(report: Report) -> str:
    facts = kind_facts(report.kind.text)
    return max(facts.words, key=len, default=facts.kind)
