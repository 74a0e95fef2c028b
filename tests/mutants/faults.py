"""Faults put in on purpose, and the tests that must notice each. Text is replaced in a copy."""

from dataclasses import dataclass

RELEASE = "accord/release"
REDUCE = ("tests/unit/release/test_reduce.py",)
EXAMPLES = ("tests/golden/agreements/test_examples.py",)
FACTS = ("tests/unit/release/test_facts.py",)
AREA = ("tests/unit/release/test_area.py",)
FIT = ("tests/property/test_track_fit.py",)
DECIDE = ("tests/unit/release/test_decide.py",)
CHECK = ("tests/unit/release/test_verify.py",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """In this file, `instead` stands where `was` should."""

    title: str
    file: str
    was: str
    instead: str
    tests: tuple[str, ...]


def fault(title: str, file: str, was: str, instead: str, tests: tuple[str, ...]) -> Fault:
    return Fault(title=title, file=f"{RELEASE}/{file}.py", was=was, instead=instead, tests=tests)


FAULTS = (
    # Markings, time, third parties: what every agreement holds to
    fault("an unmarked report counts as marked", "facts",
          '            level != "",\n', "            True,\n", FACTS),
    fault("what another nation made counts as own", "facts",
          "third_party = hops > 0 or source.node != own or originator != own[:3]",
          "third_party = False", EXAMPLES),
    fault("a node's word is taken for whose information it is", "facts",
          "third_party = hops > 0 or source.node != own or originator != own[:3]",
          "third_party = originator != own[:3]", FACTS),
    fault("the marks are not looked at beside the clauses", "decide",
          "if label is None or situation.partner[:3] not in label.releasable_to:",
          "if label is None:", DECIDE),
    fault("an agreement that has ended goes on", "decide",
          "if not terms.since <= at < terms.until:", "if at < terms.since:", DECIDE),
    fault("a clock that cannot be trusted is trusted", "decide",
          "if not situation.synchronised:", "if False:", DECIDE),
    fault("what came out in another form leaves", "decide",
          "if verify(reduced, said.form, at=at) is not None:", "if False:", DECIDE),
    fault("the signature of one party is enough", "signature",
          "if party.signs and party.node not in agreed", "if party.signs and not agreed",
          ("tests/unit/release/test_signature.py",)),
    fault("a signature under another text counts", "signature",
          "if record.sha256 != agreement.digest:", "if not record.sha256:",
          ("tests/unit/release/test_signature.py",)),
    fault("an agreement goes on when Cedar says otherwise", "gate",
          "self.stopped = True", "self.stopped = False",
          ("tests/unit/release/test_gate.py",)),
    fault("the context is not looked at beside the clauses", "decide",
          "if not _is_in_context(report, label, terms):",
          "if False:", DECIDE),
    # Clauses
    fault("a forbid does not win", "compile",
          "if rule.effect is Effect.FORBID and rule.forms == everything:",
          "if rule.effect is Effect.FORBID and not rule.forms:", EXAMPLES),
    fault("the worst permitted form is taken, not the best", "compile",
          "    for rung, form in enumerate(forms):\n",
          "    for rung, form in reversed([*enumerate(forms)]):\n", EXAMPLES),
    fault("a clause for one partner is for all", "compile",
          "if rule.partner in (None, receiver.node)", "if rule.forms", EXAMPLES),
    fault("what contradicts its examples loads", "load",
          "        if found := list(faults):", "        if found := []:",
          ("tests/unit/release/test_load.py",)),
    fault("a promise that is not proved is kept all the same", "prove",
          "            if answer != z3.unsat:\n", "            if answer == z3.unknown:\n",
          EXAMPLES),
    fault("an area file that was not agreed is taken", "loaded",
          "if sha256(data).hexdigest() != area.sha256:", "if not area.sha256:",
          ("tests/unit/release/test_load.py",)),
    # Areas
    fault("an overlap counts as inside", "area",
          "if shapes[name].covers(place)", "if shapes[name].intersects(place)", AREA),
    fault("only what lies wholly in an area touches it", "area",
          "if shapes[name].intersects(place)", "if shapes[name].covers(place)", AREA),
    fault("the error of a position is left out", "area",
          "_circle(lat, lon, radius)", "_circle(lat, lon, NEAREST)", AREA),
    fault("a cell of the look-up answers for its edges too", "area",
          "unsure = tuple(sorted(found.touched - found.inside))", "unsure = ()", AREA),
    fault("a report without a position touches nothing", "area",
          "self._anywhere = Found(_NONE, frozenset(areas))", "self._anywhere = Found(_NONE, _NONE)",
          AREA),
    fault("an area ends at 180 degrees", "area",
          "for turn in (-720.0, -360.0, 0.0, 360.0)", "for turn in (0.0,)", AREA),
    fault("an error of the longitude is the same on every parallel", "area",
          "radius / (SEMI_MAJOR * math.cos(math.radians(farthest)))", "radius / SEMI_MAJOR", AREA),
    # Forms
    fault("remarks are kept", "reduce",
          "    if Kept.REMARKS not in keep:\n        return None\n", "", REDUCE),
    fault("the bytes as received are kept", "reduce",
          "            label=_label(report.label, form.keep),\n",
          "            label=_label(report.label, form.keep),\n"
          "            original=report.original,\n", REDUCE),
    fault("what the giver doubted is kept", "reduce",
          "            label=_label(report.label, form.keep),\n",
          "            label=_label(report.label, form.keep),\n"
          "            doubts=report.doubts,\n", REDUCE),
    fault("the uid is kept beside a pseudonym form", "reduce",
          "uid=self._name(report.uid)", "uid=report.uid", REDUCE),
    fault("what is removed keeps its uid", "reduce",
          "Removal(target=self._name(body.target))", "body", REDUCE),
    fault("the callsign is kept", "reduce",
          "callsign=identity.callsign if Kept.CALLSIGN in keep else None",
          "callsign=identity.callsign", REDUCE),
    fault("course is kept", "reduce",
          "course=body.course if Kept.COURSE in keep else None", "course=body.course", REDUCE),
    fault("the whole type is kept", "reduce",
          "report.kind if Kept.TYPE_DETAIL in form.keep else sort_of(report.kind)", "report.kind",
          REDUCE),
    fault("the exact time is kept", "reduce",
          "time = _whole(min(report.time, self.at), form.cadence)",
          "time = min(report.time, self.at)", REDUCE),
    fault("the time of receipt is kept", "reduce",
          "            received=time,\n", "            received=report.received,\n", REDUCE),
    fault("the minimum age is not looked at", "reduce",
          "if form.min_age and at - max(report.time, report.received) < form.min_age:",
          "if False:", REDUCE),
    fault("a source's clock makes a report old", "reduce",
          "at - max(report.time, report.received) < form.min_age",
          "at - report.time < form.min_age", REDUCE),
    fault("the cadence is not held to", "reduce",
          "if every is not None and not memory.take(key, at, every):", "if False:", REDUCE),
    fault("a directed report goes to everyone", "reduce",
          "if kind is None or (report.to and Kept.ADDRESSEES not in form.keep):",
          "if kind is None:", REDUCE),
    fault("a full memory of the cadence forgets who is still waiting", "cadence",
          "return len(self._due) < self.limit", "self._due.clear()\n        return True",
          ("tests/unit/release/test_cadence.py",)),
    fault("positions are rounded and not shifted", "coarsen",
          "lat, lon = moved(point.lat, point.lon, east=self.east, north=self.north)",
          "lat, lon = point.lat, point.lon", FIT),
    fault("the shift is any length from nothing up", "secret",
          "_INNER = 0.9", "_INNER = 0.0", FIT),
    fault("all partners have one shift and one name for an object", "secret",
          "hmac.digest(key, message", 'hmac.digest(b"0" * 32, message',
          ("tests/unit/release/test_secret.py",)),
    fault("the stated error leaves out the shift", "coarsen",
          "error = max(centre.reach + shifted + known, (1.0 + self.form.offset) * cell)",
          "error = centre.reach + known", ("tests/unit/release/test_coarsen.py",)),
    fault("a position off the grid passes the check", "verify",
          "    return None if _is_centre(point, cell) else", "    return None if cell else", CHECK),
    fault("a young report passes the check", "verify",
          "if form.min_age and at - report.time < form.min_age:", "if False:", CHECK),
)  # fmt: skip
