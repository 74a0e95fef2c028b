"""The answer as one HTML file: complete in itself, without a script, made to be printed."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from html import escape

from accord.posture.answer import Answer, Case, Line
from accord.posture.backtest import Backtest, RouterCheck
from accord.posture.cells import size_km2
from accord.posture.figure import Chart, Land, bars_chart, legend, shares_chart
from accord.posture.model import Area, Origin, Scenario
from accord.posture.presence import months_from
from accord.posture.sentence import Sentence, Topic
from accord.posture.spell import place_name, spell_capability, spell_hours, spell_share
from accord.posture.style import STYLE
from accord.posture.unknown import not_known
from accord.posture.words import sentences


class Page:
    """Writes one answer; the same answer gives the same bytes."""

    def __init__(
        self,
        answer: Answer,
        scenario: Scenario,
        land: Land,
        *,
        backtests: Sequence[Backtest],
        router: RouterCheck,
    ) -> None:
        self._answer = answer
        self._scenario = scenario
        self._land = land
        self._backtests = backtests
        self._router = router
        self._chart = Chart(answer.cells)

    def write(self) -> str:
        """Return the whole file."""
        answer = self._answer
        last = answer.cases[-1]
        title = f"What {'do' if len(last.commitments) > 1 else 'does'} {_names(last)} change?"
        parts = [
            "<!doctype html>",
            f'<html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>',
            '<meta name="viewport" content="width=device-width">',
            f"<style>{STYLE}</style></head><body>",
            '<a class="skip" href="#answer">To the answer</a>',
            f'<header><p class="plan">PLAN {escape(str(answer.context))}: {_NOT_LIVE}</p>',
            f"<h1>{escape(title)}</h1>{self._about()}{self._contents()}</header>",
            '<main id="answer">',
            *(self._case(n, each) for n, each in enumerate(answer.cases)),
            self._unknown(),
            self._assumptions(),
            self._credibility(),
            "</main></body></html>\n",
        ]
        return "\n".join(parts)

    def _about(self) -> str:
        answer = self._answer
        texts = "".join(
            f"<li><b>{escape(each.id)}</b> {escape(each.text)} "
            f"({_mark(each.origin)}, {escape(each.origin.who)})</li>"
            for _, each in sorted(self._scenario.commitments.items())
            if each.id in self._answer.cases[-1].commitments
        )
        return (
            f"<ul>{texts}</ul><p>Scenario {escape(answer.scenario)} as of {answer.as_of}. Each "
            f"number is the posture with the commitment minus the posture without it, over "
            f"{answer.draws} paired draws of the year that follows.</p>"
        )

    def _contents(self) -> str:
        links = "".join(
            f'<li><a href="#case-{n}">{escape(_names(each))}</a></li>'
            for n, each in enumerate(self._answer.cases)
        )
        rest = (
            '<li><a href="#unknown">What is not known</a></li>'
            '<li><a href="#assumptions">Assumptions</a></li>'
            '<li><a href="#credibility">How far to believe it</a></li>'
        )
        return f'<nav aria-label="Contents"><ul>{links}{rest}</ul></nav>'

    def _case(self, n: int, case: Case) -> str:
        told = sentences(self._answer, case, self._scenario)
        return (
            f'<section id="case-{n}" aria-labelledby="case-{n}-title">'
            f'<h2 id="case-{n}-title">{escape(_names(case))}</h2>'
            f"{''.join(_topic(topic, told) for topic in Topic)}"
            f"{self._maps(n, case)}{self._bars(n, case)}{_shares(n, case)}"
            f"{self._lines(case)}{self._presence(case)}</section>"
        )

    def _maps(self, n: int, case: Case) -> str:
        shown = case.shown
        if shown is None:
            return ""
        what = spell_capability(shown.capability)
        area = place_name(self._scenario, self._answer.main_area)
        often = f"how often {what} is there within {shown.hours} h, in {area}"
        maps = "".join(
            f"<figure>{self._chart.draw(self._answer.cells, shares, self._land, title, name=name)}"
            f"<figcaption>{escape(title)}</figcaption></figure>"
            for shares, title, name in (
                (shown.before, f"Without: {often}", f"map-{n}-without"),
                (shown.after, f"With {_names(case)}: {often}", f"map-{n}-with"),
            )
        )
        # The key stands before the first map, which its hatching is drawn with.
        key = legend() if n == self._first_map() else ""
        return f'{key}<div class="maps">{maps}</div>'

    def _first_map(self) -> int:
        return next(n for n, each in enumerate(self._answer.cases) if each.shown is not None)

    def _bars(self, n: int, case: Case) -> str:
        headline = case.headline
        if headline is None or headline.change.difference is None or not case.bars:
            return ""
        now = headline.change.difference.mean
        rows = "".join(
            f'<tr><th scope="row">{escape(each.assumption)}</th><td>{escape(each.value)}</td>'
            f"<td>{_mark(each.origin)}</td><td>{escape(each.low_label)}: {_signed(each.low)}</td>"
            f"<td>{escape(each.high_label)}: {_signed(each.high)}</td></tr>"
            for each in case.bars
        )
        return (
            f"<h3>On what it rests</h3><figure>{bars_chart(case.bars, now, name=f'bars-{n}')}"
            f"<figcaption>The difference of {now:+.1f} h, as one assumption at a time is moved"
            f"</figcaption></figure>{_table(_BARS, rows, f'{_names(case)}: one at a time')}"
        )

    def _lines(self, case: Case) -> str:
        if not case.lines:
            return ""
        rows = "".join(self._line(each) for each in case.lines)
        return (
            f"<details><summary>Every area and place in which something changes</summary>"
            f"{_table(_LINES, rows, f'Response times without and with {_names(case)}')}</details>"
        )

    def _line(self, line: Line) -> str:
        change = line.change
        by = change.difference
        hours = "" if by is None else f"{by.mean:+.1f} ({by.low:+.1f} to {by.high:+.1f})"
        pairs = (
            (change.before.within[limit], change.after.within[limit])
            for limit in change.before.within
        )
        cells = (
            _hours(change.before_mean),
            _hours(change.after_mean),
            hours,
            f"{change.better:.0%} / {change.worse:.0%}",
            *(f"{spell_share(then)} to {spell_share(now)}" for then, now in pairs),
        )
        return (
            f'<tr><th scope="row">{escape(place_name(self._scenario, line.area))}</th>'
            f"<td>{escape(spell_capability(line.capability))}</td>"
            f"{''.join(f'<td>{each}</td>' for each in cells)}</tr>"
        )

    def _presence(self, case: Case) -> str:
        months = months_from(self._answer.as_of)
        sums: defaultdict[tuple[str, str], list[float]] = defaultdict(lambda: [0.0] * len(months))
        for sign, days in ((-1.0, self._answer.presence), (1.0, case.presence)):
            for (area, partner, month), count in days.items():
                sums[area, partner][months.index(month)] += sign * count
        rows = "".join(
            f'<tr><th scope="row">{escape(place_name(self._scenario, area))}, {partner}</th>'
            f"{''.join(f'<td>{each:+.1f}</td>' for each in counts)}<td>{sum(counts):+.1f}</td></tr>"
            for (area, partner), counts in sorted(sums.items())
            if any(abs(each) >= 0.05 for each in counts)
        )
        heads = ("Area and partner", *map(str, months), "Year")
        title = f"{_names(case)}: usable unit-days by month, with minus without"
        return _table(heads, rows, title) if rows else ""

    def _unknown(self) -> str:
        items = "".join(
            f"<li>{escape(each)}</li>" for each in not_known(self._scenario, self._answer.as_of)
        )
        return f'<section id="unknown"><h2>What is not known</h2><ul>{items}</ul></section>'

    def _assumptions(self) -> str:
        rows = "".join(self._assumed())
        heads = ("Value", "Is", "Standing", "Who says so", "As of", "Valid until")
        return (
            '<section id="assumptions"><h2>Assumptions</h2><details><summary>Every value that '
            f"the numbers rest on, and who says so</summary>{_table(heads, rows, 'Values')}"
            "</details></section>"
        )

    def _assumed(self) -> Iterator[str]:
        for each in self._scenario.classes.values():
            notice = each.notice.value
            said = f"{notice.least:g}, {notice.likely:g}, {notice.most:g} h"
            yield self._value(f"{each.name}: notice", said, each.notice.origin)
            yield self._value(f"{each.name}: cruise", f"{each.cruise:g} kt", each.origin)
            if each.swath is not None:
                said = f"{each.swath.value:g} nm to each side"
                yield self._value(f"{each.name}: swath", said, each.swath.origin)
        for area in self._scenario.areas.values():
            yield self._value(f"{area.name}: size", _size(area), area.origin)
        for unit in self._scenario.units.values():
            stated = unit.availability
            yield self._value(f"{unit.id}: availability", f"{stated.value:g}", stated.origin)

    def _value(self, name: str, said: str, origin: Origin) -> str:
        until = "" if origin.valid_until is None else str(origin.valid_until)
        stale = " (stale)" if origin.is_stale(self._answer.as_of) else ""
        return (
            f'<tr><th scope="row">{escape(name)}</th><td>{escape(said)}</td>'
            f"<td>{_mark(origin)}{stale}</td><td>{escape(origin.who)}</td><td>{origin.as_of}</td>"
            f"<td>{until}</td></tr>"
        )

    def _credibility(self) -> str:
        rows = "".join(
            f'<tr><th scope="row">{escape(each.event)}</th><td>{escape(each.unit)}</td>'
            f"<td>{each.distance_nm:.0f}</td>"
            f"<td>{each.transit_h[0]:.1f} to {each.transit_h[1]:.1f}</td>"
            f"<td>{escape(each.observed)}: about {each.observed_h:.0f} h</td>"
            f"<td>{escape(each.lesson)}</td></tr>"
            for each in self._backtests
        )
        return (
            '<section id="credibility"><h2>How far to believe it</h2>'
            f"<p>{escape(_LESSON)}</p>{_table(_BACKTESTS, rows, 'Two events, looked back on')}"
            f"{self._checked()}</section>"
        )

    def _checked(self) -> str:
        check = self._router
        return (
            f"<p>Routes at sea against {check.pairs} distances of NGA Pub. 151: half of them "
            f"within {check.median:.1%}, {check.mean:.1%} on average, "
            f"{check.within_5:.0%} of them within 5 %; the shortest is "
            f"{check.shortest:+.1%} of the great circle.</p>"
        )


_LESSON = (
    "The same hours under way, worked out for what happened: transit is the small error; notice, "
    "loading and permission are the large one. So the notice of a class is the first thing to ask "
    "its owner, and availability is a probability."
)
_NOT_LIVE = "nothing on this page is live. Values marked invented are exercise data."
_BARS = ("Assumption", "Is", "Standing", "Low end", "High end")
_LINES = (
    "Area or place", "Capability", "Without, h", "With, h", "Difference, h (95 %)",
    "Draws better / worse", "Within 6 h", "Within 24 h", "Within 72 h", "Within 120 h",
)  # fmt: skip
_BACKTESTS = ("Event", "Unit", "Distance, nm", "Model, h under way", "What happened", "Lesson")


def _names(case: Case) -> str:
    if len(case.commitments) == 1:
        return case.commitments[0]
    return f"{', '.join(case.commitments[:-1])} and {case.commitments[-1]}"


def _topic(topic: Topic, told: Sequence[Sentence]) -> str:
    its = "".join(
        f"<li>{escape(each.text)} <small>Clause {escape(', '.join(each.clauses))}. "
        f"Rests on: {escape(each.rests_on)}.</small></li>"
        for each in told
        if each.topic is topic
    )
    return f"<h3>{escape(topic.value.capitalize())}</h3><ul>{its}</ul>" if its else ""


def _shares(n: int, case: Case) -> str:
    rows = [
        (f"within {each.hours} h", each.parts)
        for each in case.shares
        if sum(each.parts.values()) > 0
    ]
    if not rows:
        return ""
    return (
        f"<figure>{shares_chart(rows, name=f'shares-{n}')}<figcaption>Who carries "
        f"{escape(spell_capability(case.shares[0].capability))}, at two thresholds"
        "</figcaption></figure>"
    )


def _mark(origin: Origin) -> str:
    words = escape(origin.grade.words)
    return f'<b class="invented">{words}</b>' if origin.is_invented else words


def _size(area: Area) -> str:
    cells = f"{size_km2(area.cells):,.0f} km\u00b2 as cells" if area.cells else "not drawn"
    published = area.published_km2
    return cells if published is None else f"{cells}; published {published:,.0f} km\u00b2"


def _signed(value: float | None) -> str:
    return "not served" if value is None else f"{value:+.1f} h"


def _hours(value: float | None) -> str:
    return "" if value is None else spell_hours(value)


def _table(heads: Sequence[str], rows: str, caption: str) -> str:
    head = "".join(f'<th scope="col">{escape(each)}</th>' for each in heads)
    # A wide table scrolls by itself, and can be scrolled by keyboard.
    return (
        f'<div class="wide" tabindex="0" role="region" aria-label="{escape(caption)}"><table>'
        f"<caption>{escape(caption)}</caption><thead><tr>{head}</tr></thead><tbody>{rows}</tbody>"
        "</table></div>"
    )
