import asyncio

from accord.api.beginnings import AT_ONCE, Beginnings


class _Asks:
    """Somebody who asks when he may."""

    def __init__(self, name: int, turns: Beginnings, begun: list[int]) -> None:
        self._name, self._turns, self._begun = name, turns, begun

    def ask(self) -> None:
        if self._turns.may_begin(self):
            self.begin()

    def begin(self) -> None:
        self._begun.append(self._name)


def _asking(count: int) -> tuple[list[_Asks], list[int]]:
    turns, begun = Beginnings(), list[int]()
    return [_Asks(name, turns, begun) for name in range(count)], begun


async def test_a_few_begin_in_each_round_of_the_loop_in_the_order_of_coming() -> None:
    asking, begun = _asking(3 * AT_ONCE + 1)
    for each in asking:
        each.ask()
    rounds: list[int] = []
    while len(begun) < len(asking):
        rounds.append(len(begun))
        await asyncio.sleep(0)
    assert rounds == [AT_ONCE, 2 * AT_ONCE, 3 * AT_ONCE]
    assert begun == list(range(len(asking)))


async def test_who_comes_later_overtakes_nobody_who_waits() -> None:
    asking, begun = _asking(4 * AT_ONCE)
    *first, last = asking
    for each in first:
        each.ask()
    await asyncio.sleep(0)
    last.ask()
    while len(begun) < len(asking):  # noqa: ASYNC110  round by round
        await asyncio.sleep(0)
    assert begun == list(range(len(asking)))


async def test_who_comes_alone_does_not_wait() -> None:
    asking, begun = _asking(3)
    for count, each in enumerate(asking, start=1):
        each.ask()
        assert len(begun) == count
        await asyncio.sleep(0)
        await asyncio.sleep(0)
