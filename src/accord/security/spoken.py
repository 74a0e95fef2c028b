"""A fingerprint that two people compare by voice: nine words, and the same as digits.

90 bits of SHA-256: to make another invitation with the same words takes 2^90 tries. The words are
those of SLIP-0039: 1,024, of 4 to 8 letters, told apart by their first four.
"""

import hashlib
import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

WORDS = 9
_BITS_OF_WORD = 10
_DIGITS = 28
"""As many as 90 bits need."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """A fingerprint as people say it."""

    number: int

    @classmethod
    def of(cls, data: bytes) -> "Spoken":
        """Return the fingerprint of these bytes."""
        digest = hashlib.sha256(data).digest()
        return cls(int.from_bytes(digest) >> (8 * len(digest) - WORDS * _BITS_OF_WORD))

    @classmethod
    def parse(cls, text: str) -> "Spoken":
        """Read what was said, as words or as digits; of a word four letters are enough.

        ValueError says what is wrong.
        """
        parts = re.findall(r"[a-z0-9]+", text.lower())
        if parts and all(each.isdecimal() for each in parts):
            return cls(_read_digits("".join(parts)))
        if len(parts) != WORDS:
            count = f"{len(parts)} word{'' if len(parts) == 1 else 's'}"
            raise ValueError(
                f"give {WORDS} words or {_DIGITS} digits, not {count}: have them read it again"
            )
        number = 0
        for place, each in enumerate(parts, 1):
            number = number << _BITS_OF_WORD | _read_word(place, each)
        return cls(number)

    @property
    def words(self) -> str:
        """The words, three to a line's worth."""
        mask = (1 << _BITS_OF_WORD) - 1
        places = range((WORDS - 1) * _BITS_OF_WORD, -1, -_BITS_OF_WORD)
        return " ".join(_words()[self.number >> place & mask] for place in places)

    @property
    def digits(self) -> str:
        """The same number in decimal digits, in groups of four."""
        return " ".join(re.findall("....", f"{self.number:0{_DIGITS}d}"))


def _read_digits(text: str) -> int:
    number = int(text) if len(text) == _DIGITS else -1
    if not 0 <= number < 1 << WORDS * _BITS_OF_WORD:
        raise ValueError(
            f"give {WORDS} words or {_DIGITS} digits; this is no such number, of {len(text)} digits"
        )
    return number


def _read_word(place: int, text: str) -> int:
    found = [n for n, word in enumerate(_words()) if word == text or text == word[:4]]
    if not found:
        raise ValueError(
            f"word {place}, {text[:20]!r} is none of the words that fingerprints are made of: have "
            "them spell it; its first four letters are enough"
        )
    return found[0]


@cache
def _words() -> tuple[str, ...]:
    text = (files("accord.security") / "spoken_words.txt").read_text("ascii")
    return tuple(line for line in text.splitlines() if not line.startswith("#"))
