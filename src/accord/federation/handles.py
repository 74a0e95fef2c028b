"""Which header each handle of a link stands for, at the end that gives them out."""

from accord.federation.version import ObjectKey, key_of
from accord.wire.peer.report import Grant, Header, Object

Owner = tuple[ObjectKey, str]
"""An object and who made these words of it: the same can come over two ways."""


class GivenHandles:
    """The headers that a partner was given, each under a short number; at most `limit` of them.

    Headers are numbered from 1 without gaps. When all handles are taken, that of the object that
    has had it unused for longest is given again.
    """

    def __init__(self, *, limit: int) -> None:
        self.limit = limit
        self.last = 0
        self._same = self._told = 0
        self._objects: dict[Owner, Object] = {}
        self._free: list[int] = []

    def __len__(self) -> int:
        return len(self._objects)

    def known(self, header: Header, onward: Grant | None) -> Object | None:
        """Return what the partner was given of this header, whatever its base; None for nothing."""
        owner = _owner(header)
        given = self._objects.get(owner)
        if given is None or given.onward != onward or not _is_same(given.header, header, onward):
            return None
        self._objects[owner] = self._objects.pop(owner)
        return given

    def give(self, header: Header, onward: Grant | None) -> Object:
        """Give a header a handle, the one that its object had if it had one."""
        owner = _owner(header)
        before = self._objects.pop(owner, None)
        handle = self._next_handle() if before is None else before.handle
        self.last += 1
        given = Object(number=self.last, handle=handle, header=header, onward=onward)
        self._objects[owner] = given
        return given

    def objects(self) -> tuple[Object, ...]:
        """Return all that was given, in the order of the numbers."""
        return tuple(sorted(self._objects.values(), key=lambda each: each.number))

    def only_up_to(self, number: int) -> None:
        """Forget the headers after that number: the partner does not have them."""
        kept = {o: each for o, each in self._objects.items() if each.number <= number}
        gone = [each.handle for o, each in self._objects.items() if o not in kept]
        self._free += gone
        self._objects = kept
        self.last = number
        self._same = min(self._same, number)

    def restore(self, objects: tuple[Object, ...], last: int) -> None:
        """Go on with what was given before."""
        self._objects = {
            _owner(each.header): each for each in objects if isinstance(each.header, Header)
        }
        self.last = self._same = self._told = last
        taken = {each.handle for each in objects}
        self._free = [n for n in range(max(taken, default=-1) + 1) if n not in taken]

    def changes(self) -> tuple[int, int] | None:
        """Return from which number on headers are others than when this was asked last, and to.

        None where none are.
        """
        same, told = self._same, self._told
        self._same = self._told = self.last
        return None if same == told == self.last else (same, self.last)

    def gave(self, same: int, last: int) -> None:
        """Take note that after a number headers up to another were given, though not which."""
        self.only_up_to(min(same, self.last))
        self.last = max(self.last, last)

    def _next_handle(self) -> int:
        if self._free:
            return self._free.pop()
        if len(self._objects) < self.limit:
            return len(self._objects)
        return self._objects.pop(next(iter(self._objects))).handle


def _owner(header: Header) -> Owner:
    path = header.subject.path
    return key_of(header.subject), path[-1] if path else header.subject.origin


def _is_same(given: object, header: Header, onward: Grant | None) -> bool:
    """Tell whether updates may go under the given header: what is passed on needs it to the bit."""
    if given == header:
        return True
    return (
        onward is None
        and isinstance(given, Header)
        and (given.subject, given.epoch, given.grant)
        == (header.subject, header.epoch, header.grant)
    )
