"""Five nodes, each linked to each: what one says comes to all others, and once."""

from collections.abc import Iterator

import pytest

from support.chain import FIVE, NZL, Chain, make_mesh

pytestmark = [pytest.mark.process, pytest.mark.timeout(600)]


@pytest.fixture
def mesh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chain]:
    five = make_mesh(tmp_path_factory.mktemp("mesh"))
    five.start(*FIVE)
    try:
        yield five
    finally:
        five.end()


def test_what_one_says_comes_to_all_others_once_though_one_of_them_dies_meanwhile(
    mesh: Chain,
) -> None:
    before, after = [f"A{number}" for number in range(10)], [f"B{number}" for number in range(10)]
    mesh.say(*before)
    mesh.kill(FIVE[1])
    mesh.say(*after)
    mesh.start(FIVE[1])
    said = before + after
    for name in FIVE:
        assert mesh.lacks(name, said) == []
    last = ["C0"]
    mesh.say(*last)
    for name in FIVE:
        if name != NZL:
            assert mesh.lacks(name, last) == []
            assert [mesh.times(name, uid) for uid in said + last] == [1] * 21, name
