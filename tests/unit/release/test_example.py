from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from accord.core import portion
from accord.core.body import Alarm, Body, Message, Opaque, Position, Removal, Shape
from accord.core.context import LIVE, Context
from accord.core.geometry import Circle, Point
from accord.core.marking import Marking, Opex
from accord.core.report import Address, AddressKind
from accord.release.document import read_document
from accord.release.example import Described, describe
from accord.release.fault import AgreementError
from support.agreement_text import TEXT, changed, line_of

HERE = Point(lat=-18.0, lon=178.0)


def _describe(said: str = "", text: str = TEXT) -> Described:
    """The first report of the agreement, with more said of it."""
    whole = text.replace('[report."a frigate"]\n', f'[report."a frigate"]\n{said}\n')
    document = read_document(whole.encode())
    name, table = document.reports[0]
    return describe(document.agreement, name, table, document.usual)


def _refusal(said: str) -> str:
    with pytest.raises(AgreementError) as refused:
        _describe(said)
    (fault,) = refused.value.faults
    assert fault.line is not None
    return fault.sentence


def test_a_report_is_what_the_usual_one_says() -> None:
    described = _describe()
    report = described.report
    assert described.name == report.uid == "a frigate"
    assert report.kind.text == "a-f-S-C"
    assert report.body == Position(point=HERE)
    assert report.label == portion.read("(U//REL TO FJI)", nation="NZL")
    assert report.context == LIVE
    assert (report.source.node, report.source.hops) == ("NZL-A", ())
    assert report.groups == report.to == frozenset()
    assert report.original is None


def test_it_is_decided_half_way_through_the_agreement_unless_it_says_when() -> None:
    assert _describe().at == datetime(2027, 1, 16, 12, tzinfo=UTC)
    at = datetime(2027, 1, 5, tzinfo=UTC)
    described = _describe('when = 2027-01-05T00:00:00Z\nage = "40 min"')
    assert described.at == at
    assert described.report.time == described.report.received == at - timedelta(minutes=40)
    assert described.report.stale > described.report.start


def test_how_things_stand_is_part_of_the_description() -> None:
    said = 'clock_in_doubt = true\nincidents = ["SAR"]\nmissions = ["M"]\ngranted_to = ["TON"]'
    situation = _describe(said).situation("FJI-B")
    assert (situation.own, situation.partner) == ("NZL-A", "FJI-B")
    assert not situation.synchronised
    assert situation.incidents == {"SAR"}
    assert situation.missions == {"a frigate": {"M"}}
    assert situation.onward == {"NZL": {"TON"}}


def test_a_clock_is_trusted_unless_it_is_in_doubt() -> None:
    assert _describe().synchronised


def test_what_another_nation_made_came_over_its_node_and_is_that_nations() -> None:
    said = 'hops = ["TON-C"]\noriginator = "TON"\ngranted_to = ["FJI"]'
    described = _describe(said)
    assert (described.report.source.node, described.report.source.hops) == ("TON-C", ("TON-C",))
    assert described.report.label is not None
    assert described.report.label.originator == "TON"
    assert described.onward == {"TON": {"FJI"}}


def test_an_unmarked_report_has_no_label_whatever_is_usual() -> None:
    described = _describe("unmarked = true")
    assert described.report.label is None
    assert described.onward == {"NZL": frozenset()}


def test_a_mark_can_be_by_default() -> None:
    label = _describe("by_default = true").report.label
    assert label is not None
    assert label.by_default


def test_opex_is_in_the_mark_in_the_label_and_sets_the_context() -> None:
    report = _describe('opex = "e-TASMAN"').report
    opex = Opex.parse("e-TASMAN")
    assert report.marking == Marking(opex=opex)
    assert report.label is not None
    assert report.label.opex == opex
    assert report.context == Context.exercise("TASMAN")
    assert _describe('context = "exercise:X"').report.context == Context.exercise("X")


@pytest.mark.parametrize(
    ("said", "body"),
    [
        ('course = 90\nspeed = 7.5\nerror = "50 m"',
         Position(point=replace(HERE, circular_error=50.0), course=90.0, speed=7.5)),
        ('what = "message"\ntext = "Good morning"',
         Message(text="Good morning", sender="", room="")),
        ('what = "alarm"\ntext = "911"', Alarm(category="911", point=HERE)),
        ('what = "shape"\nradius = "2 km"', Shape(outline=Circle(centre=HERE, radius=2000.0))),
        ('what = "removal"\ntext = "U1"', Removal(target="U1")),
        ('what = "opaque"', Opaque()),
    ],
)  # fmt: skip
def test_every_sort_of_report_can_be_described(said: str, body: Body) -> None:
    assert _describe(said).report.body == body


def test_a_report_need_not_have_a_position() -> None:
    text = changed("at = [-18.0, 178.0]\n", "")
    assert _describe(text=text).report.body == Position(point=None)


def test_everything_else_that_clauses_can_ask_for_can_be_said() -> None:
    report = _describe(
        'uid = "MMSI-512000001"\nhow = "h-e"\ncallsign = "KIWI"\nname = "TE KAHA"\n'
        'mmsi = "512000001"\nnation = "NZL"\nchannel = "feed:ais"\ngroups = ["A"]\nto = ["B"]'
    ).report
    assert (report.uid, report.how, report.source.channel) == ("MMSI-512000001", "h-e", "feed:ais")
    who = report.identity
    assert (who.callsign, who.name, who.mmsi, who.nation) == (
        "KIWI", "TE KAHA", "512000001", "NZL",
    )  # fmt: skip
    assert report.groups == {"A"}
    assert report.to == {Address(AddressKind.CALLSIGN, "B")}


@pytest.mark.parametrize(
    ("said", "refusal"),
    [
        ('from = "FJI-B"', "'FJI-B' is none of the givers"),
        ('marking = "(PURPLE)"', "'PURPLE' is no level"),
        ('opex = "x"', "is none of o-NAME"),
        ('context = "war:X"', "war"),
        ("at = [91, 0]", "at: "),
        ('kind = "ship"', "'ship' is not a CoT type, such as a-f-S"),
        ('what = "thing"', "track, shape, message"),
        ('what = "shape"', "needs `at` and `radius`"),
        ('error = "wide"', "give a distance"),
        ('age = "old"', "duration"),
        ("colour = 1", "no such key: report.a frigate.colour"),
    ],
)
def test_a_description_that_cannot_be_is_refused(said: str, refusal: str) -> None:
    assert refusal in _refusal(said)


def test_a_refusal_names_the_line_of_the_description() -> None:
    with pytest.raises(AgreementError) as refused:
        _describe("colour = 1")
    text = TEXT.replace('[report."a frigate"]\n', '[report."a frigate"]\ncolour = 1\n')
    assert refused.value.faults[0].line == line_of(text, "colour")
