"""An answer as plain values, for machines: what `accord impact --json` prints."""

from collections.abc import Mapping
from dataclasses import asdict

from accord.posture.answer import Answer, Case, Line, Seen, WhileKept
from accord.posture.feasibility import Feasibility
from accord.posture.model import Scenario
from accord.posture.response import Change, Interval, Summary
from accord.posture.unknown import not_known
from accord.posture.words import sentences

Plain = dict[str, object]


def as_plain(answer: Answer, scenario: Scenario) -> Plain:
    """Return the answer; hours and shares as numbers, None where nothing is known."""
    return {
        "context": str(answer.context),
        "scenario": answer.scenario,
        "as_of": answer.as_of.isoformat(),
        "draws": answer.draws,
        "days": answer.days,
        "main_area": answer.main_area,
        "surveillance": _seen(answer.seen),
        "cases": [_case(answer, each, scenario) for each in answer.cases],
        "not_known": not_known(scenario, answer.as_of),
    }


def _case(answer: Answer, case: Case, scenario: Scenario) -> Plain:
    return {
        "commitments": list(case.commitments),
        "sentences": [
            {
                "topic": each.topic.value,
                "text": each.text,
                "clauses": list(each.clauses),
                "rests_on": each.rests_on,
            }
            for each in sentences(answer, case, scenario)
        ],
        "moves": [
            {
                "clause": str(each.clause),
                "unit": each.unit,
                "from": each.source,
                "to": each.base,
                "share_of_year": each.season.share,
            }
            for each in case.applied.moves
        ],
        "refused": [{"clause": str(clause), "why": why} for clause, why in case.applied.refused],
        "headline": _maybe(case.headline),
        "most": _maybe(case.most),
        "cost": _maybe(case.cost),
        "while_kept": None if case.while_kept is None else _kept(case.while_kept),
        "lines": [_line(each) for each in case.lines],
        "surveillance": None if case.seen is None else _seen(case.seen),
        "sharing": [
            {"capability": str(each.capability), "hours": each.hours, "parts": each.parts}
            for each in case.shares
        ],
        "fragility": [
            {**asdict(each), "single_point": each.is_single_point} for each in case.losses
        ],
        "feasibility": [_feasible(each) for each in case.feasibility],
        "sensitivity": [
            {
                "assumption": each.assumption,
                "value": each.value,
                "grade": each.origin.grade.value,
                "low": {"if": each.low_label, "hours": each.low},
                "high": {"if": each.high_label, "hours": each.high},
            }
            for each in case.bars
        ],
        "more_units": [
            {
                "class": each.platform,
                "capability": str(each.capability),
                "hours": each.hours,
                "bases": list(each.bases),
                "gain": each.gain,
                "gap": each.gap,
            }
            for each in case.places
        ],
        "presence_days": [
            {"area": area, "partner": partner, "month": str(month), "days": days}
            for (area, partner, month), days in sorted(case.presence.items())
        ],
    }


def _line(line: Line) -> Plain:
    return {"area": line.area, "capability": str(line.capability), **_change(line.change)}


def _maybe(line: Line | None) -> Plain | None:
    return None if line is None else _line(line)


def _kept(kept: WhileKept) -> Plain:
    return {
        "share_of_year": kept.share,
        "headline": _change(kept.headline),
        "cost": None if kept.cost is None else _change(kept.cost),
    }


def _change(change: Change) -> Plain:
    return {
        "before": _summary(change.before),
        "after": _summary(change.after),
        "mean_before": change.before_mean,
        "mean_after": change.after_mean,
        "difference": _interval(change.difference),
        "better": change.better,
        "worse": change.worse,
    }


def _interval(interval: Interval | None) -> Plain | None:
    return None if interval is None else asdict(interval)


def _summary(summary: Summary) -> Plain:
    return {
        "mean": summary.mean,
        "worst": summary.worst,
        "within": {str(hours): share for hours, share in summary.within.items()},
        "served": summary.served,
    }


def _seen(seen: Seen) -> Mapping[str, float]:
    return {"best": seen.best.mean, "even": seen.even.mean, "never": seen.best.never}


def _feasible(each: Feasibility) -> Plain:
    remedy = each.remedy
    return {
        "partner": each.partner,
        "class": each.platform,
        "clauses": [str(clause) for clause in each.clauses],
        "units": each.units,
        "usable": each.usable,
        "wanted": each.wanted,
        "enough": each.enough,
        "days": each.days,
        "days_short": each.days_short,
        "verdict": each.verdict.value,
        "bites": None if each.bites is None else each.bites.isoformat(),
        "remedy": None
        if remedy is None
        else {**asdict(remedy), "later": remedy.later and remedy.later.isoformat()},
    }
