from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from accord.core.body import Alarm, Position, Shape
from accord.core.form import NAMING, PINPOINTING, REGISTERED, Kept, Naming, ReleaseForm
from accord.core.geometry import Circle, Point, distance
from accord.core.report import Report
from accord.release.cadence import Cadence
from accord.release.reduce import reduce
from accord.release.verify import verify
from accord.wire.cot.translate import to_protobuf, to_xml
from support.builders import a_report
from support.forms import EXACT, KEY, OTHER_KEY
from support.planted import NOON, Planted, Planter, leaks, otherwise, removed_by, spelt

LATER = NOON + timedelta(hours=30)
BODIES = ("position", "alarm", "shape", "circle", "message", "removal", "opaque")


@st.composite
def release_forms(draw: st.DrawFn) -> ReleaseForm:
    """Every form that can be made, but for sizes that change nothing."""
    place = draw(st.sampled_from(["true", "cell", "presence"]))
    naming = draw(st.sampled_from(Naming))
    keep = draw(st.frozensets(st.sampled_from(Kept)))
    if place != "true":
        keep -= PINPOINTING
    keep = keep - NAMING if naming is Naming.PSEUDONYM else keep | REGISTERED
    cadences = st.sampled_from([timedelta(minutes=10), timedelta(hours=1), timedelta(seconds=7)])
    needs_cadence = place == "cell" or Kept.TIME not in keep
    return ReleaseForm(
        name="any",
        cell=draw(st.floats(10.0, 1e6)) if place == "cell" else None,
        offset=draw(st.floats(0.4, 0.5)) if place == "cell" else 0.0,
        cadence=draw(cadences if needs_cadence else st.none() | cadences),
        min_age=draw(st.sampled_from([timedelta(0), timedelta(minutes=30)])),
        keep=keep,
        identity=naming,
        presence_only=place == "presence",
    )


@st.composite
def planted_ones(draw: st.DrawFn) -> Planted:
    return Planter(draw(st.integers(0, 2**32))).plant(draw(st.sampled_from(BODIES)))


planted_reports = planted_ones()
latitudes = st.floats(-90.0, 90.0) | st.sampled_from([-90.0, -89.999, 0.0, 89.999, 90.0])
longitudes = st.floats(-180.0, 180.0) | st.sampled_from([-180.0, 180.0])


def given_to_partner(report: Report, form: ReleaseForm, *, key: bytes = KEY) -> Report | None:
    result = reduce(report, form, partner_key=key, at=LATER, memory=Cadence(limit=1))
    return result if isinstance(result, Report) else None


@given(planted_reports, release_forms())
def test_what_is_released_passes_the_check_that_shares_no_code_with_it(
    planted: Planted, form: ReleaseForm
) -> None:
    released = given_to_partner(planted.report, form)
    assert released is None or verify(released, form, at=LATER) is None


@given(planted_reports, release_forms())
def test_nothing_that_a_form_takes_away_is_found_in_what_is_released(
    planted: Planted, form: ReleaseForm
) -> None:
    released = given_to_partner(planted.report, form)
    if released is None:
        return
    assert released.original is None
    told = [spelt(released), to_xml(released).decode(), to_protobuf(released).decode("latin-1")]
    assert leaks(planted, form, told) == []


@given(planted_reports)
def test_the_search_finds_what_is_there(planted: Planted) -> None:
    strict = ReleaseForm(
        name="strict", presence_only=True, cadence=timedelta(hours=1), identity=Naming.PSEUDONYM
    )
    found = {leak.partition(":")[0] for leak in leaks(planted, strict, [spelt(planted.report)])}
    assert found == planted.secrets.keys() & removed_by(strict)
    backwards = spelt(planted.report).swapcase()[::-1]
    assert {"uid", "callsign", "mmsi", "source", "groups", "how"} <= {
        leak.partition(":")[0] for leak in leaks(planted, strict, [backwards])
    }


@given(planted_reports, st.integers(0, 2**32), release_forms())
def test_what_is_released_does_not_depend_on_what_the_form_takes_away(
    planted: Planted, seed: int, form: ReleaseForm
) -> None:
    body = next(name for name in BODIES if same_body(planted, Planter(0).plant(name)))
    other = otherwise(planted.report, Planter(seed).plant(body).report, form)
    assert given_to_partner(other, form) == given_to_partner(planted.report, form)


def same_body(one: Planted, other: Planted) -> bool:
    mine, theirs = one.report.body, other.report.body
    if isinstance(mine, Shape) and isinstance(theirs, Shape):
        return type(mine.outline) is type(theirs.outline)
    return type(mine) is type(theirs)


@given(planted_reports, release_forms())
def test_names_have_one_length_whatever_they_stand_for(planted: Planted, form: ReleaseForm) -> None:
    named = replace(planted.report, uid=planted.report.uid * 3)
    short, long = given_to_partner(planted.report, form), given_to_partner(named, form)
    if short is not None and long is not None and form.identity is Naming.PSEUDONYM:
        assert len(short.uid) == len(long.uid)
        assert short.uid != long.uid


@given(latitudes, longitudes, st.none() | st.floats(0.0, 1e5), release_forms())
def test_a_position_is_never_sharpened(
    lat: float, lon: float, error: float | None, form: ReleaseForm
) -> None:
    truth = Point(lat=lat, lon=lon, circular_error=error)
    released = given_to_partner(a_report(body=Position(point=truth), at=NOON), form)
    assert released is not None
    assert isinstance(released.body, Position)
    place = released.body.point
    if form.presence_only:
        assert place is None
    elif form.cell is None:
        assert place == truth
    else:
        assert place is not None
        assert place.circular_error is not None
        assert place.circular_error >= form.cell * (1 + form.offset)
        # The distance on the sphere is within 0.56 % of that on the ellipsoid.
        assert distance(truth, place) + (error or 0.0) <= place.circular_error * 1.0056


@given(planted_reports, release_forms())
def test_times_are_never_sharpened(planted: Planted, form: ReleaseForm) -> None:
    released = given_to_partner(planted.report, form)
    if released is not None:
        assert released.time <= planted.report.time
        assert Kept.TIME in form.keep or released.time.microsecond == 0
        assert released.stale > released.time


@given(planted_reports, release_forms())
def test_partners_cannot_tell_by_the_name_that_they_speak_of_one_object(
    planted: Planted, form: ReleaseForm
) -> None:
    one, other = (given_to_partner(planted.report, form, key=key) for key in (KEY, OTHER_KEY))
    if one is not None and other is not None:
        assert (one.uid == other.uid) is (form.identity is Naming.KEPT)


@given(planted_reports)
def test_exact_gives_the_report_itself(planted: Planted) -> None:
    assert given_to_partner(planted.report, EXACT) is planted.report


@given(planted_reports, release_forms())
def test_a_place_is_given_as_one_of_the_same_body(planted: Planted, form: ReleaseForm) -> None:
    released = given_to_partner(planted.report, form)
    if released is None:
        return
    assert type(released.body) is type(planted.report.body)
    if isinstance(released.body, Alarm):
        assert released.body.cancels is False
    if isinstance(released.body, Shape) and isinstance(released.body.outline, Circle):
        was = planted.report.body
        assert isinstance(was, Shape)
        assert isinstance(was.outline, Circle)
        assert released.body.outline.radius >= was.outline.radius


@given(st.lists(st.integers(0, 7200), min_size=1, max_size=60), release_forms(), st.integers(1, 4))
def test_the_cadence_holds_for_every_object_whatever_comes_when(
    seconds: list[int], form: ReleaseForm, limit: int
) -> None:
    memory, released = Cadence(limit=limit), dict[str, list[int]]()
    for number, second in enumerate(sorted(seconds)):
        uid, at = f"U{number % 3}", LATER + timedelta(seconds=second)
        result = reduce(a_report(uid, at=NOON), form, partner_key=KEY, at=at, memory=memory)
        if isinstance(result, Report):
            released.setdefault(uid, []).append(second)
    assert len(memory) <= limit
    if form.cadence is not None:
        for times in released.values():
            gaps = [late - early for early, late in pairwise(times)]
            assert all(gap >= form.cadence.total_seconds() for gap in gaps)
