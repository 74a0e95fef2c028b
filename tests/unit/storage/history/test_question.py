from accord.core.context import LIVE, Context
from accord.core.geometry import Box
from accord.storage.history.question import FOR_EVER, Condition, Hold, Question, Stretch, held
from support.histories import AnyKept
from support.moving import SIX, Kept, a_row
from support.past import blue

ALL = Stretch(since=0, until=FOR_EVER)


def uids(kept: AnyKept, question: Question | Stretch) -> list[str]:
    asked = Question(stretch=question) if isinstance(question, Stretch) else question
    with kept.look() as look:
        return sorted(row.label.uid for row in look.rows(asked))


def test_both_ends_of_a_stretch_belong_to_it(kept: AnyKept) -> None:
    kept.take_in(*(a_row(n, uid=f"S{n}") for n in range(4)))
    stretch = Stretch(since=SIX + 1, until=SIX + 2)
    assert uids(kept, stretch) == ["S1", "S2"]


def test_only_the_objects_that_are_asked_for_are_found(kept: AnyKept) -> None:
    kept.take_in(a_row(0, uid="S1"), a_row(1, uid="S2' OR true --"))
    stretch = Stretch(since=0, until=FOR_EVER, uids=frozenset({"S2' OR true --"}))
    assert uids(kept, stretch) == ["S2' OR true --"]


def test_an_area_may_span_the_antimeridian(kept: AnyKept) -> None:
    kept.take_in(a_row(0, uid="W", lon=-179.5), a_row(1, uid="E", lon=179.5),
                 a_row(2, uid="FAR", lon=0.0))  # fmt: skip
    fiji = Box(south=-20, west=179, north=-15, east=-179)
    stretch = Stretch(since=0, until=FOR_EVER, area=fiji)
    assert uids(kept, stretch) == ["E", "W"]


def test_a_cell_is_in_an_area_that_it_reaches_into(kept: AnyKept) -> None:
    kept.take_in(
        a_row(0, uid="IN", lat=0.0, lon=0.0, cell=(9.0, 9.0, 11.0, 11.0)),
        a_row(1, uid="OUT", lat=10.0, lon=10.0, cell=(0.0, 0.0, 1.0, 1.0)),
        a_row(2, uid="OVER", lat=10.0, lon=180.0, cell=(170.0, 9.0, -170.0, 11.0)),
    )
    near = Stretch(since=0, until=FOR_EVER, area=Box(south=10, west=10, north=12, east=12))
    assert uids(kept, near) == ["IN"]
    over = Box(south=10, west=175, north=12, east=-175)
    assert uids(kept, Stretch(since=0, until=FOR_EVER, area=over)) == ["OVER"]


def test_what_may_meet_a_stretch_is_told_by_time_and_area() -> None:
    here = Box(south=0, west=0, north=10, east=10)
    stretch = Stretch(since=100, until=200, area=here)
    assert stretch.may_meet(200, 300, None)
    assert not stretch.may_meet(201, 300, None)
    assert not stretch.may_meet(0, 99, here)
    assert stretch.may_meet(0, 150, Box(south=10, west=10, north=20, east=20))
    assert not stretch.may_meet(0, 150, Box(south=11, west=0, north=20, east=10))
    assert not stretch.may_meet(0, 150, Box(south=0, west=11, north=10, east=20))
    over = Box(south=0, west=170, north=10, east=5)
    assert stretch.may_meet(0, 150, over)


def test_somebody_is_told_what_he_hears_and_of_no_exercise_that_he_is_not_in(kept: AnyKept) -> None:
    drill = Context.exercise("TASMAN")
    kept.take_in(
        a_row(0, uid="BOTH", groups=("Blue", "Red")), a_row(1, uid="RED", groups=("Red",)),
        a_row(2, uid="NONE", groups=()), a_row(3, uid="DRILL", context=str(drill)),
    )  # fmt: skip
    nothing = frozenset[str]()

    def told(by, context=LIVE, groups=nothing) -> list[str]:
        return uids(kept, Question.of(by, ALL, context, groups))

    assert told(blue()) == ["BOTH"]
    assert told(blue("Blue", "Red"), groups=frozenset({"Red"})) == ["BOTH", "RED"]
    assert told(blue(), groups=frozenset({"Red"})) == ["BOTH"]
    assert told(blue(), context=drill) == []
    assert told(blue(exercises=frozenset({"TASMAN"})), context=drill) == ["DRILL"]
    assert uids(kept, Question(stretch=ALL)) == ["BOTH", "NONE", "RED"]


def test_whoever_hears_nothing_is_told_nothing(kept: AnyKept) -> None:
    kept.take_in(a_row(0))
    assert uids(kept, Question(stretch=ALL, hears=frozenset())) == []


def test_rows_are_held_by_one_hold_or_another(tmp_path) -> None:
    kept = Kept(tmp_path)
    kept.take_in(*(a_row(n, uid=f"S{n}") for n in range(4)))
    holds = [
        Hold(name="a", stretch=Stretch(since=0, until=SIX), why="x"),
        Hold(name="b", stretch=Stretch(since=0, until=FOR_EVER, uids=frozenset({"S3"})), why="x"),
    ]

    def told(condition: Condition) -> list[str]:
        files = [kept.shelf.directory / each.file for each in kept.shelf.pieces()]
        return sorted(row.label.uid for row in kept.engine.find(files, where=[condition]))

    assert told(held(holds)) == ["S0", "S3"]
    assert told(held([])) == []


def test_a_moment_before_or_after_all_clocks_is_no_fault(kept: AnyKept) -> None:
    stretch = Stretch(since=-1e12, until=1e12)
    assert uids(kept, stretch) == []
