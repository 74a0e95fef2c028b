"""What a partner had been given, and had not been asked to drop, at some moment."""

from accord.release.ledger.entry import Body, Entry, Passage, Recall, Release


class Outstanding:
    """Finds the newest version of each object, of at most `limit` objects, among lines of `own`.

    Lines are shown to it newest first. `recalled` counts objects that were taken back and not given
    again since, of at most `limit` as well; `beyond` lines of objects that there was no place for.
    """

    def __init__(self, own: str, *, limit: int) -> None:
        self.beyond = 0
        self._own = own
        self._limit = limit
        self._newest: dict[str, tuple[tuple[int, int], int]] = {}
        self._recalls: list[Recall] = []
        self._names: set[tuple[str, str]] = set()
        self._taken: set[str] = set()

    @property
    def recalled(self) -> int:
        """How many objects were taken back, and are."""
        return len(self._taken)

    def look(self, entry: Entry) -> bool:
        """Take a line into account; tell whether older versions of its object change nothing."""
        body = entry.body
        if isinstance(body, Release):
            self._release(entry.number, body)
            known = self._newest.get(body.name)
            return known is not None and body.version <= known[0]
        if isinstance(body, Recall) and body.by == self._own:
            self._recall(body)
        return False

    def numbers(self) -> list[int]:
        """Return the lines of the newest versions, the first line first."""
        return sorted(number for _, number in self._newest.values())

    def _recall(self, body: Recall) -> None:
        # There are as many recalls of one object as objects, and few of others.
        if body.name is not None and body.clause is None:
            self._names.add((body.agreement, body.name))
        else:
            self._recalls.append(body)

    def _release(self, number: int, body: Release) -> None:
        if (body.agreement, body.name) in self._names or any(
            takes_back(each, body) for each in self._recalls
        ):
            if body.name not in self._newest and len(self._taken) < self._limit:
                self._taken.add(body.name)
            return
        known = self._newest.get(body.name)
        if known is None and len(self._newest) >= self._limit:
            self.beyond += 1
        elif known is None or body.version > known[0]:
            self._newest[body.name] = body.version, number


def takes_back(recall: Recall, body: Body) -> bool:
    """Tell whether a recall is of what an earlier line released."""
    return isinstance(body, Release) and is_of(recall, body)


def is_of(recall: Recall, passage: Passage) -> bool:
    """Tell whether a recall of whoever gave it is of what went from one node to the other."""
    return (
        recall.agreement == passage.agreement
        and recall.clause in (None, passage.clause)
        and recall.name in (None, passage.name)
    )
