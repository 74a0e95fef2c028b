"""One half of a position as people write it: every way in which it can be read, and why not."""

import re
from dataclasses import dataclass

MINUTE = 1.0 / 60.0
SECOND = 1.0 / 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Angle:
    """Degrees without a sign, in which notation, and what one in the last digit is worth."""

    degrees: float
    how: str
    unit: float


class UnreadableError(ValueError):
    """A text is no angle; the sentence says why."""


_MARKED = re.compile(
    r"(?P<degrees>\d{1,3}(?:\.\d+)?)(?: ?°| (?=.*'))"
    r"(?: ?(?P<minutes>\d{1,2}(?:\.\d+)?) ?(?:'|$|(?= ?\d))"
    r"(?: ?(?P<seconds>\d{1,2}(?:\.\d+)?) ?(?:\"|$))?)?"
)
_NUMBER = re.compile(r"\d+(?:\.\d+)*")
_FORMS = {
    2: "DD",
    3: "DDD",
    4: "DDMM",
    5: "DDDMM",
    6: "DDMMSS",
    7: "DDDMMSS",
}


def angles(text: str) -> tuple[Angle, ...]:
    """Return every way to read a text of digits, marks and points: one at least.

    UnreadableError says why there is none.
    """
    text = text.strip(" -:,;/")
    if any(mark in text for mark in "°'\""):
        return (_marked(text),)
    groups = [each for each in re.split(r"[ :\-]+", text) if each]
    if not groups or not all(_NUMBER.fullmatch(each) for each in groups):
        raise UnreadableError(f"{text!r} is no angle")
    if len(groups) == 1:
        return _alone(groups[0])
    return (_apart(text, groups),)


def _marked(text: str) -> Angle:
    match = _MARKED.fullmatch(text)
    if match is None:
        raise UnreadableError(f"{text!r} is no angle of degrees, minutes and seconds")
    return _made([each for each in match.groups() if each is not None])


def _apart(text: str, groups: list[str]) -> Angle:
    """Return what is written with its parts apart: degrees, minutes, and seconds or thousandths."""
    if len(groups) > 3:
        raise UnreadableError(f"{text!r} has more than degrees, minutes and seconds")
    if len(groups) == 3 and len(groups[2]) == 3 and groups[2].isdigit():
        groups = [groups[0], f"{groups[1]}.{groups[2]}"]
    return _made(groups)


def _made(parts: list[str]) -> Angle:
    """Return an angle of degrees, minutes and seconds; only the last part may have a fraction."""
    if any("." in each for each in parts[:-1]) or parts[-1].count(".") > 1:
        raise UnreadableError(f"{' '.join(parts)!r} has a fraction before its last part")
    for name, each in zip(("minutes", "seconds"), parts[1:], strict=False):
        if float(each) >= 60.0:
            raise UnreadableError(f"{each} {name}: there are fewer than 60")
    sizes = (1.0, MINUTE, SECOND)[: len(parts)]
    decimals = len(parts[-1].partition(".")[2])
    return Angle(
        degrees=sum(float(each) * size for each, size in zip(parts, sizes, strict=True)),
        how=("degrees", "degrees and minutes", "degrees, minutes and seconds")[len(parts) - 1],
        unit=sizes[-1] * 10.0**-decimals,
    )


def _alone(text: str) -> tuple[Angle, ...]:
    """Return the ways to read one group of digits and points."""
    whole, *rest = text.split(".")
    if len(rest) == 2:
        return _pointed([whole, *rest])
    if len(rest) > 2:
        raise UnreadableError(f"{text!r} has too many points")
    if len(whole) > 3:
        return (_packed(whole, rest),)
    found = [_made([text])]
    # People write 41.17 for 41 degrees and 17 minutes.
    if rest and len(rest[0]) == 2 and int(rest[0]) < 60:
        found.append(_made([whole, rest[0]]))
    return tuple(found)


def _pointed(parts: list[str]) -> tuple[Angle, ...]:
    """Return the two ways to read 41.17.30: with seconds, or with hundredths of a minute."""
    found = [_made([parts[0], f"{parts[1]}.{parts[2]}"])]
    if len(parts[2]) <= 2 and int(parts[2]) < 60:
        found.append(_made(parts))
    return tuple(found)


def _packed(whole: str, rest: list[str]) -> Angle:
    """Return 4117.5 or 0411730 by how many digits there are."""
    form = _FORMS.get(len(whole))
    if form is None:
        raise UnreadableError(f"{whole!r} has too many digits to tell degrees from minutes")
    wide = form.count("D")
    parts = [whole[:wide], *(whole[n : n + 2] for n in range(wide, len(whole), 2))]
    return _made([*parts[:-1], ".".join([parts[-1], *rest])])
