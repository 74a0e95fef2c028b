import asyncio

from accord.node.offers import MAX_WAITING, Accepted, Offers
from accord.wire.peer.protocol import Version
from support.builders import a_report


class World:
    """A journal that settles when it is told to, and what is done of offers, in turn."""

    def __init__(self) -> None:
        self.settled = 0
        self.done: list[str] = []
        self.offers = Offers(
            settled_to=lambda: self.settled,
            offer=lambda accepted: self.done.append(accepted.report.uid),
            write=lambda: self.done.append(f"written, {self.offers.settled} settled"),
            wake=self._wake,
        )
        self._woken = asyncio.Event()

    def _wake(self) -> None:
        self.done.append(f"woken, {self.offers.settled} settled")
        self._woken.set()

    async def until(self, done: str) -> None:
        while done not in self.done:
            self._woken.clear()
            await self._woken.wait()

    def add(self, sequence: int) -> None:
        report = a_report(f"R{sequence}")
        self.offers.add(Accepted(sequence, report, Version(1, sequence), None))


async def test_what_is_on_the_disk_is_offered_and_written_before_it_counts() -> None:
    world = World()
    world.add(1)
    world.add(2)
    world.settled = 1
    world.offers.look()
    assert world.done == ["R1", "written, 0 settled", "woken, 1 settled"]
    assert (world.offers.given, world.offers.settled) == (2, 1)


async def test_what_the_journal_does_not_keep_waits_for_what_was_before_it() -> None:
    world = World()
    world.add(1)
    world.add(0)
    world.offers.look()
    assert "R0" not in world.done
    world.settled = 1
    world.offers.look()
    assert world.offers.settled == 2


async def test_the_journal_is_looked_at_until_nothing_waits() -> None:
    world = World()
    world.add(1)
    await world.until("woken, 0 settled")
    world.settled = 1
    await world.until("woken, 1 settled")
    world.add(2)
    world.settled = 2
    await world.until("woken, 2 settled")
    assert [each for each in world.done if each.startswith("R")] == ["R1", "R2"]


async def test_beyond_a_limit_the_oldest_is_offered_as_it_is() -> None:
    world = World()
    for number in range(MAX_WAITING + 2):
        world.add(number + 1)
    assert world.done == ["R1", "R2"]
    assert world.offers.settled == 2
