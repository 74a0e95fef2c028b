"""What people, groups and exercises may be called."""

from collections.abc import Collection, Iterable, Mapping
from itertools import count
from shlex import quote

from accord.core.principal import Direction, Group, Principal, Role

MAX_NAME = 64  # X.520 ub-common-name; counted in bytes of UTF-8 where certificates are made

NOT_IN_NAMES = '/\\:*?"<>|,;=+#'
"""A person's name is a file's too, on any system, and part of a subject."""


def check_person(name: str) -> None:
    """ValueError when this cannot be a person's name, which is also a file's."""
    if not name.isprintable() or not 0 < len(name.encode()) <= MAX_NAME or name[0] in ".-":
        raise ValueError(f"name {name!r}: give 1 to {MAX_NAME} bytes of text, not . or - first")
    if name != name.strip():
        raise ValueError(f"name {name!r}: it cannot begin or end with a blank")
    wrong = next((each for each in name if each in NOT_IN_NAMES), None)
    if wrong is not None:
        raise ValueError(f"name {name!r}: {wrong} cannot be in it")


def is_name(text: str) -> bool:
    """Tell whether people can read a name in a list and type it again."""
    return bool(text) and text.isprintable() and text == text.strip()


def printable(text: str, instead: str = "?") -> str:
    """Return what others wrote so that it steers no terminal and breaks no line."""
    return "".join(each if each.isprintable() else instead for each in text)


def free_name(stem: str, names: Collection[str]) -> str:
    """Return a name that begins so and that nobody has given, the next by number if it is free."""
    number = sum(each.startswith(stem) for each in names) + 1
    return next(name for at in count(number) if (name := f"{stem}{at}") not in names)


def is_group(text: str) -> bool:
    """Tell whether a group may be called so: behind a colon stands its direction."""
    return is_name(text) and ":" not in text


def read_group(text: str) -> tuple[Group, Direction]:
    """Read NAME or NAME:in, NAME:out, NAME:both. ValueError says what is allowed."""
    name, _, direction = text.partition(":")
    if text == name:
        direction = "both"
    if not is_group(name) or direction.upper() not in Direction.__members__:
        raise ValueError(f"group {text!r}: give NAME, NAME:in, NAME:out or NAME:both")
    return name, Direction[direction.upper()]


def spell_groups(groups: Mapping[Group, Direction]) -> str:
    """Return groups as --group takes them, joined by commas; a dash for none.

    A name that has a comma in it stands in quotes.
    """
    spelt = (
        _with_direction(_quoted(name), direction) for name, direction in sorted(groups.items())
    )
    return ",".join(spelt) or "-"


def spell_options(who: Principal) -> str:
    """Return the options by which a client is added again as it is, ready for a shell."""
    exercises = ["*"] if who.every_exercise else sorted(who.exercises)
    return " ".join(
        [
            *(f"--group {quote(_with_direction(*each))}" for each in sorted(who.groups.items())),
            *([] if who.role is Role.MEMBER else [f"--role {who.role.value}"]),
            *(f"--exercise {quote(each)}" for each in exercises),
        ]
    )


def _with_direction(name: Group, direction: Direction) -> str:
    return name if direction is Direction.BOTH else f"{name}:{str(direction.name).lower()}"


def spell_names(names: Iterable[str]) -> str:
    """Return names in their order, joined by commas as groups are; a dash for none."""
    return ",".join(_quoted(name) for name in sorted(names)) or "-"


def _quoted(name: str) -> str:
    """Return a name that one list tells from two names (RFC 4180, 2.6 and 2.7)."""
    if "," not in name and '"' not in name:
        return name
    return '"' + name.replace('"', '""') + '"'
