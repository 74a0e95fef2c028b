from dataclasses import replace

import pytest

from accord.core import portion
from accord.core.marking import Marking
from accord.core.principal import Direction, Principal
from accord.core.report import Form, Report
from accord.live.hub import Hub
from accord.live.intake import Intake, IntakeSettings, Speaker
from accord.live.marking import DefaultMarkings, GroupSettings
from accord.live.words import Words, WordsSettings
from accord.picture.picture import Picture, PictureSettings
from support.builders import A_SOURCE, a_report
from support.clock import ManualClock

BLUE, RED = "(R//REL TO NZL, USA)", "(U//REL TO NZL, FJI)"


def _mark(report: Report) -> str | None:
    return None if report.label is None else portion.write(report.label, nation="NZL")


def _marked(defaults: DefaultMarkings, *groups: str, channel: str = "tak") -> str | None:
    source = replace(A_SOURCE, channel=channel)
    return _mark(defaults.marked(a_report(groups=frozenset(groups), source=source)))


def test_what_comes_without_a_mark_has_that_of_its_group() -> None:
    defaults = DefaultMarkings("NZL", groups={"Blue": BLUE, "Red": RED})
    assert _marked(defaults, "Blue") == BLUE
    assert _marked(defaults, "Red") == RED


@pytest.mark.parametrize("groups", [("Blue", "Red"), ("Blue", "Green"), ("Green",), ()])
def test_groups_that_do_not_agree_on_one_give_none(groups: tuple[str, ...]) -> None:
    defaults = DefaultMarkings("NZL", groups={"Blue": BLUE, "Red": RED, "Green": ""})
    assert _marked(defaults, *groups) is None


def test_groups_that_agree_give_theirs() -> None:
    defaults = DefaultMarkings("NZL", groups={"Blue": BLUE, "Azure": BLUE})
    assert _marked(defaults, "Blue", "Azure") == BLUE


def test_a_feeds_own_mark_comes_before_those_of_its_groups() -> None:
    defaults = DefaultMarkings("NZL", channels={"feed:ais": RED}, groups={"Blue": BLUE})
    assert _marked(defaults, "Blue", channel="feed:ais") == RED
    assert _marked(defaults, "Blue", channel="feed:other") == BLUE


def test_a_plain_level_is_of_the_nodes_own_nation() -> None:
    report = DefaultMarkings("FJI", groups={"Blue": "(R)"}).marked(a_report())
    assert report.label is not None
    assert (report.label.policy, report.label.originator) == ("FJI", "FJI")


def test_without_defaults_and_with_a_mark_the_report_is_left_as_it_is() -> None:
    unmarked = a_report()
    assert DefaultMarkings().marked(unmarked) is unmarked
    marked = a_report(label=portion.read("(S)", nation="NZL"))
    assert DefaultMarkings("NZL", groups={"Blue": BLUE}).marked(marked) is marked


def test_a_group_whose_mark_is_not_understood_is_refused() -> None:
    assert GroupSettings().marking == ""
    with pytest.raises(ValueError, match="PURPLE"):
        GroupSettings(marking="(PURPLE)")


class _Kept:
    def __init__(self) -> None:
        self.reports: list[Report] = []

    def append(self, sequence: int, report: Report) -> bool:
        self.reports.append(report)
        return sequence > 0


def test_the_door_marks_what_it_lets_in_and_never_what_was_marked_wrongly() -> None:
    kept, picture = _Kept(), Picture(PictureSettings())
    hub = Hub(
        encoders={Form.COT_XML: lambda _: b""},
        words=Words(WordsSettings(), clock=ManualClock()),
        flush_interval=0,
        schedule=lambda _, run: run(),
    )
    intake = Intake(
        IntakeSettings(),
        picture=picture,
        journal=kept,
        hub=hub,
        defaults=DefaultMarkings("NZL", groups={"Blue": BLUE}),
    )
    principal = Principal(name="A", groups={"Blue": Direction.BOTH})
    speaker = Speaker(principal=principal, source=A_SOURCE)
    assert intake.accept(a_report("plain"), speaker) is None
    assert intake.accept(a_report("wrong", marking=Marking(access="PURPLE")), speaker) is None
    assert [(r.uid, _mark(r), r.marking.by_default) for r in kept.reports] == [
        ("plain", BLUE, True),
        ("wrong", None, False),
    ]
    track = picture.get(a_report().context, "plain")
    assert track is not None
    assert _mark(track.lead) == BLUE
