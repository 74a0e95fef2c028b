"""METHANE and the nine-line request, as they are read over the radio.

METHANE is the report of a major incident of JESIP and MIMMS; the nine lines are those of a request
for medical evacuation, with the meanings that ATAK's form has. Both are for helping people: nothing
of them is for weapons.
"""

from collections.abc import Iterator, Mapping

from accord.core.context import LIVE, Context
from accord.desks.relief.fields import PRECEDENCES, SORTS, TRIAGE, WHO
from accord.desks.relief.incident import Incident, Record
from accord.desks.relief.incidents import find
from accord.desks.relief.line import NotTaken
from accord.desks.relief.names import names_of
from accord.desks.relief.reading import point_of
from accord.search.positions import spell_position, spoken_position

_EQUIPMENT = {
    "A": "none", "B": "hoist", "C": "extraction equipment", "D": "ventilator",
}  # fmt: skip
_SECURITY = {
    "N": "no danger at the place", "P": "danger possible", "E": "danger near the place, approach "
    "with care", "X": "danger near the place, escort required",
}  # fmt: skip
_MARKING = {
    "A": "panels", "B": "pyrotechnic signal", "C": "smoke", "D": "none", "E": "other",
}  # fmt: skip
NONE = "none"

FORMS = ("methane", "medevac")


def spoken(form: Record, context: Context) -> str:
    """Return a form as it is read out, line by line."""
    mark = "" if context == LIVE else f"EXERCISE EXERCISE EXERCISE ({context.name})"
    read = _methane if form.sort == "methane" else _medevac
    body = [f"{name}: {text}" for name, text in read(form.texts)]
    title = "METHANE report" if form.sort == "methane" else "Request for medical evacuation"
    return "\n".join(filter(None, (mark, f"{title} {form.id}", *body, "Over.", mark))) + "\n"


def spoken_of(incident: Incident, name: str) -> str:
    """Return a form by its name as it is read out; names on lists are not. Raises NotTaken."""
    letter = name.upper().rpartition("-")[2][:1]
    sort = next((each for each in FORMS if SORTS[each].letter == letter), None)
    if sort is None:
        raise NotTaken(f"{name[:80]} is no METHANE report (T) and no nine-line request (E)")
    form = find(incident, sort, name)
    return names_of(incident).without(spoken(form, incident.context))


def _methane(said: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    yield "M, major incident", said.get("major", NONE)
    yield "E, exact location", _place(said)
    yield "T, type", said.get("type", NONE)
    yield "H, hazards", said.get("hazards", NONE)
    yield "A, access", said.get("access", NONE)
    counts = _counts(said, (*TRIAGE, "dead"))
    yield "N, number of casualties", counts or "not known"
    services = f"present {said.get('present', NONE)}; required {said.get('required', NONE)}"
    yield "E, emergency services", services
    if said.get("callsign"):
        yield "From", said["callsign"]


def _medevac(said: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    yield "Line 1, location", _place(said)
    yield "Line 2, frequency and callsign", f"{said.get('frequency')}, {said.get('callsign')}"
    yield "Line 3, patients", _counts(said, PRECEDENCES)
    yield "Line 4, special equipment", _spelt(said, "equipment", _EQUIPMENT)
    yield "Line 5, patients by type", _counts(said, ("litter", "ambulatory"))
    yield "Line 6, security", _spelt(said, "security", _SECURITY)
    detail = f" ({said['marking_detail']})" if said.get("marking_detail") else ""
    yield "Line 7, marking", f"{_spelt(said, 'marking', _MARKING)}{detail}"
    yield "Line 8, who they are", _counts(said, (*WHO, "child"))
    obstacles = f"; obstacles: {said['obstacles']}" if said.get("obstacles") else ""
    yield "Line 9, terrain", f"{said.get('terrain', NONE)}{obstacles}"
    if said.get("injuries"):
        yield "Injuries", said["injuries"]


def _place(said: Mapping[str, str]) -> str:
    if not said.get("position"):
        return said.get("where", "not known")
    point = point_of(said["position"])
    where = f", {said['where']}" if said.get("where") else ""
    return f"{spoken_position(point)} ({spell_position(point)}){where}"


def _counts(said: Mapping[str, str], names: tuple[str, ...]) -> str:
    return ", ".join(f"{said[n]} {n.replace('_', ' ')}" for n in names if said.get(n))


def _spelt(said: Mapping[str, str], name: str, words: Mapping[str, str]) -> str:
    return ", ".join(f"{each}, {words[each]}" for each in said.get(name, "") if each in words)
