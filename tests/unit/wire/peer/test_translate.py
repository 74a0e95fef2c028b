import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from accord.core.body import Alarm, Message, Opaque, Position, Removal, Shape
from accord.core.context import Context
from accord.core.geometry import Circle, Polyline
from accord.core.label import Label
from accord.core.marking import Marking, Opex
from accord.core.report import Form, Original, Report, Source
from accord.wire.errors import Malformed
from accord.wire.peer import cbor, plain
from accord.wire.peer.errors import NotExpressible
from accord.wire.peer.plain import content_bytes
from accord.wire.peer.protocol import Version
from accord.wire.peer.report import (
    NO_MARKS,
    AlarmBody,
    CircleBody,
    LineBody,
    OpaqueBody,
    Place,
    RemovalBody,
    WordsBody,
)
from accord.wire.peer.translate import (
    Leave,
    milliseconds,
    moment,
    report_of,
    report_of_update,
    to_header,
    to_peer_report,
    to_update,
)
from accord.wire.peer.updates import MAX_ORIGINAL
from support.builders import a_point, a_report
from support.peer import A_GRANT, NZL, a_label, a_subject, words

LEAVE = Leave(origin=NZL, grant=A_GRANT)
VERSION = Version(3, 5)
CAPITAL = Place(-412_800_000, 1_747_700_000)


def sent(report: Report) -> Report:
    return report_of(to_peer_report(report, LEAVE, version=VERSION))


def at(**position: object) -> Report:
    return a_report(body=Position(point=a_point(**position)))  # pyright: ignore[reportArgumentType]


def test_times_are_milliseconds_since_1970_rounded_down() -> None:
    assert milliseconds(datetime(1970, 1, 1, tzinfo=UTC)) == 0
    # RFC 8949, 3.4.2: 1363896240 is 2013-03-21T20:04:00Z.
    assert milliseconds(datetime(2013, 3, 21, 20, 4, 0, 1999, UTC)) == 1_363_896_240_001
    assert milliseconds(datetime(1969, 12, 31, 23, 59, 59, 999_999, UTC)) == -1
    assert moment(1_363_896_240_001) == datetime(2013, 3, 21, 20, 4, 0, 1000, UTC)


def test_a_position_is_in_whole_small_units() -> None:
    body = Position(
        point=a_point(-41.28, 174.77, hae=12.3456, circular_error=926.0, linear_error=0.5),
        course=359.96,
        speed=7.716,
        climb=-0.5,
    )
    update = to_update(a_report(body=body), handle=4, version=9)
    assert (update.handle, update.version) == (4, 9)
    assert (update.lat, update.lon, update.hae) == (-412_800_000, 1_747_700_000, 12_346)
    assert (update.circular_error, update.linear_error) == (926_000, 500)
    assert (update.course, update.speed, update.climb) == (0, 772, -50)


def test_the_address_of_who_has_no_certificate_stays_in_the_network() -> None:
    """Such a speaker is called by the channel and the address."""
    for address in ("198.51.100.7:60510", "[2001:db8::7]:60510", "198.51.100.7", "unknown"):
        source = Source(node=NZL, channel="cot-tcp", speaker=f"cot-tcp@{address}")
        report = replace(at(), source=source)
        header = to_header(report, LEAVE, epoch=1)
        record = to_peer_report(report, LEAVE, version=VERSION)
        for sent_bytes in (cbor.write(plain.header(header)), content_bytes(record)):
            assert address.encode() not in sent_bytes
        assert sent(report).source == Source(node=NZL, channel="cot-tcp", speaker="cot-tcp")
    for name in ("kiwi@example.nz", "cot-tls", "cot"):
        spoken = Source(node=NZL, channel="cot-tls", speaker=name)
        assert sent(replace(at(), source=spoken)).source == spoken


def test_a_place_on_a_grid_stays_on_it_to_the_bit() -> None:
    """What verifies a release compares with `round(x, 6)`."""
    for lat, lon in ((-41.283337, 174.766663), (0.000001, -179.999999), (89.999999, 0.1)):
        point = sent(at(lat=lat, lon=lon, circular_error=2778.0)).body
        assert isinstance(point, Position)
        assert point.point == a_point(lat, lon, circular_error=2778.0)


def test_a_header_takes_its_base_from_the_report_alone() -> None:
    body = Position(point=a_point(hae=1.0, circular_error=2.0), course=3.0, speed=4.0)
    header = to_header(a_report(body=body), LEAVE, epoch=3)
    assert header.base == (-412_800_000, 1_747_700_000, 1000, 2000, 30, 400, 300_000, False)
    bare = to_header(a_report(body=Position(point=None)), LEAVE, epoch=3)
    assert bare.base == (0, 0, 0, None, 0, 0, 300_000, False)


def test_what_a_form_does_not_keep_is_not_sent() -> None:
    source = Source(node="", channel="released", speaker="")
    report = a_report(source=source, groups=frozenset(), body=Position(point=None))
    subject = to_header(report, LEAVE, epoch=3).subject
    assert (subject.source, subject.groups, subject.to, subject.author) == (None, (), (), None)
    assert (subject.label, subject.marks, subject.path) == (None, NO_MARKS, ())
    assert sent(report) == report
    header = to_header(report, LEAVE, epoch=3)
    assert report_of_update(header, to_update(report, handle=0, version=0)) == report


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (
            Shape(outline=Circle(centre=a_point(), radius=1852.0), anchor=a_point()),
            CircleBody(CAPITAL, 1_852_000, Place(-412_800_000, 1_747_700_000)),
        ),
        (
            Shape(outline=Polyline(points=(a_point(), a_point(0, 0)), closed=True)),
            LineBody((CAPITAL, Place(0, 0)), closed=True),
        ),
        (Message(text="Kia ora", sender="TUI", room="Ops"), WordsBody("Kia ora", "TUI", "Ops")),
        (Alarm(category="911", cancels=True), AlarmBody("911", None, cancels=True)),
        (Removal(target="U2"), RemovalBody("U2")),
        (Opaque(), OpaqueBody()),
    ],
)
def test_every_body_has_its_own(body: object, expected: object) -> None:
    report = replace(a_report(), body=body)  # pyright: ignore[reportArgumentType]
    assert to_peer_report(report, LEAVE, version=VERSION).body == expected
    assert sent(report) == report


def test_only_a_position_is_an_update() -> None:
    with pytest.raises(NotExpressible):
        to_update(a_report(body=Opaque()), handle=0, version=0)


@pytest.mark.parametrize(
    "report",
    [
        pytest.param(at(circular_error=math.inf), id="an infinite error"),
        pytest.param(at(circular_error=-1.0), id="a negative error"),
        pytest.param(
            a_report(body=Position(point=None, speed=math.nan)), id="a speed that is no number"
        ),
        pytest.param(a_report(body=Position(point=None, course=math.inf)), id="an infinite course"),
        pytest.param(a_report(body=Position(point=None, climb=1e9)), id="a climb past all bounds"),
        pytest.param(a_report("x" * 257), id="a uid that is too long"),
        pytest.param(a_report("\ud800"), id="a uid that is not Unicode"),
        pytest.param(a_report(groups=frozenset(map(str, range(65)))), id="too many groups"),
    ],
)
def test_what_the_wire_has_no_words_for_is_not_sent(report: Report) -> None:
    with pytest.raises(NotExpressible):
        to_peer_report(report, LEAVE, version=VERSION)
    with pytest.raises(NotExpressible):
        to_header(report, LEAVE, epoch=3)


def test_bytes_as_received_go_along_unless_they_are_left_out() -> None:
    report = a_report(original=Original(Form.AIS, b"!AIVDM"))
    header = to_header(report, LEAVE, epoch=3)
    assert report_of_update(header, to_update(report, handle=0, version=0)) == report
    bare = to_update(report, handle=0, version=0, with_original=False)
    assert report_of_update(header, bare) == replace(report, original=None)


@pytest.mark.parametrize("form", [Form.NMEA, Form.ADSB, Form.GEOJSON, Form.PEER])
def test_bytes_of_a_form_that_the_protocol_has_no_number_for_stay(form: Form) -> None:
    report = a_report(original=Original(form, b"*8D"))
    header = to_header(report, LEAVE, epoch=3)
    update = to_update(report, handle=0, version=0)
    assert report_of_update(header, update) == replace(report, original=None)


def test_an_update_with_too_many_bytes_as_received_is_not_made() -> None:
    report = a_report(original=Original(Form.COT_XML, bytes(MAX_ORIGINAL + 1)))
    with pytest.raises(NotExpressible):
        to_update(report, handle=0, version=0)
    assert sent(report) == report


def test_a_label_with_a_word_from_elsewhere_is_none_and_the_rest_arrives() -> None:
    for label in (a_label(level="SOMETHING NEW"), a_label(opex="x-unknown")):
        report = report_of(words(subject=a_subject(label=label)))
        assert report.label is None
        assert report.uid == "MMSI-512000001"


@pytest.mark.parametrize(
    "subject",
    [
        a_subject(context="live:NAME"),
        a_subject(context="somewhere"),
        a_subject(marks=NO_MARKS._replace(opex="x-unknown")),
    ],
)
def test_a_context_that_cannot_be_is_refused(subject: object) -> None:
    with pytest.raises(Malformed):
        report_of(words(subject=subject))


def test_an_exercise_stays_one() -> None:
    opex = Opex.parse("e-TASMAN 26")
    label = Label(
        policy="NZL", level="SECRET", originator="NZL", releasable_to=frozenset({"AUS"}), opex=opex,
        created=datetime(2026, 1, 2, tzinfo=UTC), by_default=True,
    )  # fmt: skip
    report = a_report(
        context=Context.exercise("TASMAN 26"), label=label, marking=Marking(access="s", opex=opex)
    )
    assert sent(report) == report


def test_a_report_with_microseconds_is_a_millisecond_older_at_most() -> None:
    report = a_report(received=datetime(2026, 1, 2, 3, 4, 5, 999, UTC))
    found = sent(report).received
    assert timedelta(0) <= report.received - found < timedelta(milliseconds=1)
