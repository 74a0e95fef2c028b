"""On what the main figure rests: each assumption moved to its ends alone, all else as it is."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from accord.posture.answer import Bar
from accord.posture.model import Capability, Notice, PlatformClass, Scenario, Stated, Unit
from accord.posture.response import Transit

AVAILABILITY_STEP = 0.2
SPEED_STEP = 0.1
"""Of itself: weather, loading and currents."""

Figure = Callable[[Scenario, Callable[[Transit], Transit]], float | None]
"""Works the main figure out again, of another scenario and with other hours under way."""


def same(transit: Transit) -> Transit:
    """Return the hours under way as they are."""
    return transit


Movers = frozenset[tuple[str, str]]
"""Partner and class of the units that a commitment moves or changes."""


def bars(
    scenario: Scenario, figure: Figure, movers: Movers, capability: Capability
) -> tuple[Bar, ...]:
    """Return what the figure of a capability rests on, the most decisive first.

    Asked about are the units of the classes that a commitment moves, and those of everybody else
    that have the capability.
    """
    platforms = sorted({platform for _, platform in movers})
    able = [each for each in scenario.units.values() if scenario.class_of(each).can(capability)]
    found = [
        *_availability(scenario, figure, movers, able),
        *(_notice_bar(scenario, figure, scenario.classes[each]) for each in platforms),
        *(_speed_bar(scenario, figure, scenario.classes[each]) for each in platforms),
    ]
    return tuple(sorted(found, key=lambda each: (-spread(each), each.assumption)))


def spread(bar: Bar) -> float:
    """Return by how much the figure moves from end to end; none where one end has no figure."""
    return 0.0 if bar.low is None or bar.high is None else abs(bar.high - bar.low)


def _availability(
    scenario: Scenario, figure: Figure, movers: Movers, every: Sequence[Unit]
) -> Iterator[Bar]:
    for partner, platform in sorted(movers):
        units = [each for each in every if (each.partner, each.platform) == (partner, platform)]
        if units:
            name = f"availability of {partner} {scenario.classes[platform].name}"
            yield _availability_bar(scenario, figure, units, name)
    others = [each for each in every if (each.partner, each.platform) not in movers]
    if others:
        yield _availability_bar(scenario, figure, others, "availability of all other units")


def _availability_bar(
    scenario: Scenario, figure: Figure, units: list[Unit], assumption: str
) -> Bar:
    def moved(step: float) -> Scenario:
        return replace(
            scenario,
            units=scenario.units
            | {
                each.id: replace(
                    each,
                    availability=Stated(
                        min(1.0, max(0.0, each.availability.value + step)), each.availability.origin
                    ),
                )
                for each in units
            },
        )

    return Bar(
        assumption=assumption,
        value=_range([each.availability.value for each in units]),
        origin=units[0].availability.origin,
        low_label=f"{AVAILABILITY_STEP:g} less",
        high_label=f"{AVAILABILITY_STEP:g} more",
        low=figure(moved(-AVAILABILITY_STEP), same),
        high=figure(moved(AVAILABILITY_STEP), same),
    )


def _range(values: list[float]) -> str:
    least, most = min(values), max(values)
    return f"{least:g}" if least == most else f"{least:g} to {most:g}"


def _notice_bar(scenario: Scenario, figure: Figure, platform: PlatformClass) -> Bar:
    notice = platform.notice.value
    return Bar(
        assumption=f"notice of {platform.name}",
        value=f"{notice.least:g} to {notice.most:g} h",
        origin=platform.notice.origin,
        low_label=f"{notice.least:g} h",
        high_label=f"{notice.most:g} h",
        low=figure(_with_notice(scenario, platform, notice.least), same),
        high=figure(_with_notice(scenario, platform, notice.most), same),
    )


def _with_notice(scenario: Scenario, platform: PlatformClass, hours: float) -> Scenario:
    notice = Stated(Notice(hours, hours, hours), platform.notice.origin)
    return replace(
        scenario, classes=scenario.classes | {platform.id: replace(platform, notice=notice)}
    )


def _speed_bar(scenario: Scenario, figure: Figure, platform: PlatformClass) -> Bar:
    return Bar(
        assumption=f"speed of {platform.name}",
        value=f"{platform.cruise:g} kt",
        origin=platform.origin,
        low_label=f"{SPEED_STEP:.0%} slower",
        high_label=f"{SPEED_STEP:.0%} faster",
        low=figure(scenario, _scaled(platform.id, 1.0 / (1.0 - SPEED_STEP))),
        high=figure(scenario, _scaled(platform.id, 1.0 / (1.0 + SPEED_STEP))),
    )


def _scaled(platform: str, factor: float) -> Callable[[Transit], Transit]:
    """Return what makes the hours under way of one class longer or shorter."""
    own = np.float32(factor)

    def change(transit: Transit) -> Transit:
        return lambda post: transit(post) * (own if post.platform == platform else np.float32(1.0))

    return change
