import numpy as np

from accord.posture.fragility import Loss, fragility, who_meets
from accord.posture.stations import Post, Station

READY = np.zeros(2, dtype=np.float32)
NEVER = np.full(2, np.inf, dtype=np.float32)
WAYS = {
    "north": np.array([1.0, 99.0], dtype=np.float32),
    "south": np.array([99.0, 1.0], dtype=np.float32),
}
POSTS = [
    Station(Post("A", "SHIP", "north"), {"a1": READY, "a2": READY}),
    Station(Post("B", "SHIP", "south"), {"b1": READY}),
]


def found() -> dict[tuple[str, str], Loss]:
    losses = fragility(POSTS, lambda post: WAYS[post.base], hours=24.0, shape=(2, 2))
    return {(each.sort, each.name): each for each in losses}


def test_what_one_can_do_for_another_is_not_lost() -> None:
    losses = found()
    assert losses["unit", "a1"].lost == 0.0
    assert losses["unit", "a1"].served == 1.0


def test_a_lone_unit_its_base_and_its_partner_cost_the_same() -> None:
    losses = found()
    assert {losses[key].lost for key in (("unit", "b1"), ("base", "south"), ("partner", "B"))} == {
        0.5
    }
    assert losses["unit", "b1"].is_single_point


def test_without_the_only_class_nothing_is_left() -> None:
    loss = found()["class", "SHIP"]
    assert (loss.served, loss.lost) == (0.0, 1.0)


def test_the_worst_is_told_first() -> None:
    losses = fragility(POSTS, lambda post: WAYS[post.base], hours=24.0, shape=(2, 2))
    assert losses[0].name == "SHIP"
    assert [each.lost for each in losses] == sorted((each.lost for each in losses), reverse=True)


def test_where_nothing_is_served_nothing_is_a_single_point() -> None:
    assert not Loss("unit", "x", 0.0, 0.0).is_single_point


def test_a_partner_serves_what_any_of_his_posts_does() -> None:
    posts = [*POSTS, Station(Post("A", "SHIP", "south"), {"a3": NEVER})]
    meets = who_meets(posts, lambda post: WAYS[post.base], hours=24.0)
    assert meets["A"].tolist() == [[True, False]] * 2
    assert meets["B"].tolist() == [[False, True]] * 2
