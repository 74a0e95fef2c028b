from accord.posture.known import Known, Work, forget, one_by_one


class Disk:
    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}

    def get(self, name: str) -> bytes | None:
        return self.kept.get(name)

    def put(self, name: str, data: bytes) -> None:
        self.kept[name] = data


def test_tasks_are_done_in_their_order() -> None:
    done: list[int] = []
    tasks = [lambda n=n: done.append(n) for n in range(3)]
    assert len(list(one_by_one(tasks))) == 3
    assert done == [0, 1, 2]


def test_a_part_is_worked_out_once() -> None:
    known, made = Known("base", Work()), list[int]()

    def make() -> tuple[int, ...]:
        made.append(1)
        return (7,)

    part = known.part(tuple[int, ...], "a", make)
    assert not part.is_known
    assert known.part(tuple[int, ...], "a", make) is part  # two that want it share it
    part.work()
    part.work()
    again = known.part(tuple[int, ...], "a", make)
    assert (again.is_known, again.value, made, known.made) == (True, (7,), [1], 1)


def test_a_part_is_kept_for_the_next_time_under_what_it_hangs_on() -> None:
    disk = Disk()
    Known("one", Work(store=disk)).part(tuple[int, ...], "a", lambda: (7,)).work()
    assert Known("one", Work(store=disk)).part(tuple[int, ...], "a", tuple).value == (7,)
    assert not Known("other", Work(store=disk)).part(tuple[int, ...], "a", tuple).is_known
    assert not Known("one", Work(store=disk)).part(tuple[int, ...], "b", tuple).is_known


def test_what_was_kept_and_cannot_be_read_is_worked_out_again() -> None:
    disk = Disk()
    Known("one", Work(store=disk)).part(tuple[int, ...], "a", lambda: (7,)).work()
    disk.kept = dict.fromkeys(disk.kept, b"{")
    part = Known("one", Work(store=disk)).part(tuple[int, ...], "a", lambda: (8,))
    part.work()
    assert part.value == (8,)
    assert Known("one", Work(store=disk)).part(tuple[int, ...], "a", tuple).value == (8,)


def test_the_oldest_is_forgotten_to_make_room() -> None:
    known = Known("base", Work(limit=2))
    for name in "abc":
        known.part(tuple[str, ...], name, lambda name=name: (name,)).work()
    assert known.dropped == 1
    assert not known.part(tuple[str, ...], "a", tuple).is_known
    assert known.part(tuple[str, ...], "c", tuple).is_known


def test_forgetting_tells_how_many_went() -> None:
    known = {"a": 1, "b": 2, "c": 3}
    assert forget(known, 1) == 2
    assert known == {"c": 3}
    assert forget(known, 1) == 0
