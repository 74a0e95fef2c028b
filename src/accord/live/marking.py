"""The marks of what comes without one: a feed's own, or those of the groups it is said into."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from accord.core import portion
from accord.core.label import Label
from accord.core.marks import with_default
from accord.core.principal import Group
from accord.core.report import Report

MARKING = "the mark of what comes without one, such as (R//REL TO NZL, USA); empty: none"


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupSettings:
    """What holds for one group: a section [group.NAME] each."""

    marking: str = field(default="", metadata={"doc": MARKING})

    def __post_init__(self) -> None:
        check_marking(self.marking)


def check_marking(text: str) -> None:
    """Raise ValueError with a sentence for a mark that is not understood; empty is none."""
    if text:
        portion.check(text)


_NONE: Mapping[str, str] = MappingProxyType({})


class DefaultMarkings:
    """Puts the default mark where a report came without any, as its channel or groups have it."""

    def __init__(
        self,
        nation: str = "",
        *,
        channels: Mapping[str, str] = _NONE,
        groups: Mapping[Group, str] = _NONE,
    ) -> None:
        """Take the marks of channels, such as `feed:ais`, and of groups, as text; empty is none."""
        self._channels = _labels(channels, nation)
        self._groups = _labels(groups, nation)
        self._is_empty = not self._channels and not self._groups

    def marked(self, report: Report) -> Report:
        """Return the report with the default label, where it came without a mark."""
        if self._is_empty or report.label is not None:
            return report
        default = self._channels.get(report.source.channel) or self._of_groups(report.groups)
        return with_default(report, default)

    def _of_groups(self, groups: frozenset[Group]) -> Label | None:
        """Return the mark that all those groups have; where they differ, there is none."""
        labels = {self._groups.get(group) for group in groups}
        return labels.pop() if len(labels) == 1 else None


def _labels(texts: Mapping[str, str], nation: str) -> dict[str, Label]:
    return {name: portion.read(text, nation=nation) for name, text in texts.items() if text}
