"""An answer as plain values, for machines: what `accord impact --json` prints."""

from collections.abc import Mapping
from dataclasses import asdict

from accord.posture.answer import Answer, Bar, Case, Line, Place, Seen, WhileKept
from accord.posture.applied import Move
from accord.posture.feasibility import Feasibility
from accord.posture.model import Scenario
from accord.posture.response import Change, Interval, Summary
from accord.posture.sentence import Sentence
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
        "sentences": [_sentence(each) for each in sentences(answer, case, scenario)],
        "moves": [_move(each) for each in case.applied.moves],
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
        "sensitivity": [_bar(each) for each in case.bars],
        "more_units": [_place(each) for each in case.places],
        "presence_days": [
            {"area": area, "partner": partner, "month": str(month), "days": days}
            for (area, partner, month), days in sorted(case.presence.items())
        ],
    }


def _sentence(sentence: Sentence) -> Plain:
    return {
        "topic": sentence.topic.value,
        "text": sentence.text,
        "clauses": list(sentence.clauses),
        "rests_on": sentence.rests_on,
    }


def _move(move: Move) -> Plain:
    return {
        "clause": str(move.clause),
        "unit": move.unit,
        "from": move.source,
        "to": move.base,
        "share_of_year": move.season.share,
    }


def _bar(bar: Bar) -> Plain:
    return {
        "assumption": bar.assumption,
        "value": bar.value,
        "grade": bar.origin.grade.value,
        "low": {"if": bar.low_label, "hours": bar.low},
        "high": {"if": bar.high_label, "hours": bar.high},
    }


def _place(place: Place) -> Plain:
    return {
        "class": place.platform,
        "capability": str(place.capability),
        "hours": place.hours,
        "bases": list(place.bases),
        "gain": place.gain,
        "gap": place.gap,
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
