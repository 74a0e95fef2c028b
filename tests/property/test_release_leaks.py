"""Random agreements, random reports with a secret in every field: nothing removed comes out.

Runs at a size that fits a minute; `pytest tests/property/test_release_leaks.py
--leak-agreements 10000` is the whole.
"""

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import cast

import pytest

from accord.core.agreement import Reason, Situation, Withheld
from accord.core.context import LIVE, Context
from accord.core.form import Naming
from accord.core.report import Report, Source
from accord.release.cadence import Cadence
from accord.release.decide import Released, Towards, decide
from accord.release.preview import Preview, Shown, geojson
from accord.release.reduce import RELEASED
from accord.release.signature import InForce
from accord.wire.cot.translate import to_protobuf, to_xml
from support.forms import KEY
from support.planted import Planted, Planter, found_in, leaks, spelt
from support.random_agreement import OWN, PARTNER, random_agreement

REPORTS = 100
"""To each agreement."""
FEW = 12
"""Objects that they are about, so that there is a cadence to break."""
MINUTE = timedelta(minutes=1)


@dataclass(slots=True)
class Tally:
    """What became of the reports, and when each object was last released in each form."""

    released: Counter[str] = field(default_factory=Counter[str])
    withheld: Counter[Reason] = field(default_factory=Counter[Reason])
    last: dict[tuple[str, str, str], datetime] = field(
        default_factory=dict[tuple[str, str, str], datetime]
    )


def planted_reports(rolls: random.Random) -> Iterator[tuple[Planted, datetime]]:
    """Yield reports of a few objects, as a node of OWN has them, and when they are decided on."""
    planter = Planter(rolls.randrange(2**32))
    bodies = [rolls.choice(["position", "position", "alarm", "shape", "circle", "message",
                            "removal", "opaque"]) for _ in range(FEW)]  # fmt: skip
    firsts = [planter.plant(body) for body in bodies]
    for number in range(REPORTS):
        first = firsts[number % FEW]
        planted = planter.plant(bodies[number % FEW])
        planted.secrets["uid"] = [*planted.secrets["uid"], *first.secrets["uid"]]
        planted.report = as_had(rolls, planted.report, uid=first.report.uid)
        late = rolls.choice([0, 5, 40]) * MINUTE
        yield planted, planted.report.received + number * 2 * MINUTE + late


def as_had(rolls: random.Random, report: Report, *, uid: str) -> Report:
    """Return the report as this node has it: mostly its own and marked for the partner."""
    source, label, context = report.source, report.label, LIVE
    if rolls.random() < 0.9:
        source = Source(node=OWN, channel=source.channel, speaker=source.speaker)
    if rolls.random() < 0.1:
        label = None
    elif label is not None:
        nations = {"USA"} if rolls.random() < 0.1 else {"USA", "NZL"}
        label = replace(label, policy="USA", originator="USA", releasable_to=frozenset(nations))
    if rolls.random() < 0.1:
        context = Context.exercise(rolls.choice(["TASMAN", "OTHER"]))
    return replace(report, uid=uid, source=source, label=label, context=context)


@pytest.mark.timeout(0)  # its size is its limit: a busy machine needs longer
def test_nothing_that_a_decision_removes_is_found_in_what_leaves(
    pytestconfig: pytest.Config,
) -> None:
    total = Tally()
    agreements = cast("int", pytestconfig.getoption("--leak-agreements", 100))
    for number in range(agreements):
        rolls = random.Random(number)  # noqa: S311  reports, not keys
        agreement, tally = random_agreement(rolls), Tally()
        memory = Cadence(limit=1000)
        for planted, at in planted_reports(rolls):
            towards = Towards(
                situation=Situation(
                    own=OWN,
                    partner=PARTNER,
                    synchronised=rolls.random() < 0.98,
                    incidents=frozenset({"SAR"} if rolls.random() < 0.5 else set[str]()),
                ),
                key=KEY,
                memory=memory,
            )
            decision = decide(planted.report, agreement, at, towards=towards)
            hold_to(decision, planted, agreement, at, tally)
        total.released += tally.released
        total.withheld += tally.withheld
    assert sum(total.released.values()) > 0.1 * sum(total.withheld.values())
    assert total.withheld.keys() >= {
        *(Reason.NOT_PERMITTED, Reason.FORBIDDEN, Reason.UNMARKED, Reason.CONTEXT),
        *(Reason.NOT_REDUCIBLE, Reason.NOT_DUE, Reason.TOO_YOUNG, Reason.NOT_GRANTED),
        Reason.CLOCK,
    }


def hold_to(
    decision: Released | Withheld, planted: Planted, agreement: InForce, at: datetime, tally: Tally
) -> None:
    if isinstance(decision, Withheld):
        tally.withheld[decision.reason] += 1
        assert found_in(planted.secrets, [spelt(decision)]) == []
        return
    report, form = planted.report, decision.form
    tally.released[form.name] += 1
    assert report.label is not None
    assert PARTNER[:3] in report.label.releasable_to
    assert report.context in agreement.loaded.agreement.contexts
    assert at - report.time >= form.min_age
    if form.exact:
        return
    given = decision.report
    told = [
        spelt(decision),
        to_xml(given).decode(),
        to_protobuf(given).decode("latin-1"),
        on_the_map(decision, report, at),
    ]
    assert leaks(planted, form, told) == [], form
    assert given.original is None
    hold_to_names(given, report, form.identity)
    hold_to_cadence(decision, report, at, tally)


def on_the_map(decision: Released, report: Report, at: datetime) -> str:
    """Return the GeoJSON in which a preview shows it."""
    shown = Shown(
        report=decision.report,
        was=report,
        form=decision.form.name,
        clause=decision.clause,
        at=at,
    )
    return geojson(Preview(partner=PARTNER, shown=[shown]))


def hold_to_names(given: Report, report: Report, naming: Naming) -> None:
    if naming is Naming.PSEUDONYM:
        assert given.source == RELEASED
        assert given.uid != report.uid
        assert len(given.uid) == len("P-") + 32


def hold_to_cadence(decision: Released, report: Report, at: datetime, tally: Tally) -> None:
    body = type(report.body).__name__
    key = (report.uid, decision.form.name, f"{body} {report.context}")
    cadence, last = decision.form.cadence, tally.last.get(key)
    if cadence is not None and body in ("Position", "Alarm", "Shape"):
        assert last is None or at - last >= cadence
        tally.last[key] = at
