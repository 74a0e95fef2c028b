import hashlib
from importlib.resources import files

import pytest

from accord.security.spoken import Spoken

LIST = "bcc4555340332d169718aed8bf31dd9d5248cb7da6e5d355140ef4f1e601eec3"
"""SHA-256 of wordlist.txt as published in shamir-mnemonic 0.3.0."""

FIRST, LAST = "academic", "zero"
"""Words 0 and 1023 of SLIP-0039."""

LARGEST = 2**90 - 1


def test_the_words_are_those_that_were_published() -> None:
    text = (files("accord.security") / "spoken_words.txt").read_text("ascii")
    words = [line for line in text.splitlines() if not line.startswith("#")]
    assert hashlib.sha256("".join(f"{each}\n" for each in words).encode()).hexdigest() == LIST


def test_four_letters_tell_the_words_apart() -> None:
    text = (files("accord.security") / "spoken_words.txt").read_text("ascii")
    words = [line for line in text.splitlines() if not line.startswith("#")]
    assert len({each[:4] for each in words}) == len(words) == 1024


def test_a_fingerprint_is_the_first_90_bits_of_sha_256() -> None:
    # FIPS 180-4 example values: the digest of nothing begins e3b0c442 98fc1c14 9afbf4c8
    assert Spoken.of(b"").number == 0xE3B0C44298FC1C149AFBF4C8 >> 6


def test_each_word_says_ten_bits_the_first_the_highest() -> None:
    assert Spoken(0).words == " ".join([FIRST] * 9)
    assert Spoken(LARGEST).words == " ".join([LAST] * 9)
    assert Spoken(1023).words == " ".join([FIRST] * 8 + [LAST])
    assert Spoken(1023 << 80).words == " ".join([LAST] + [FIRST] * 8)


def test_digits_say_the_same_number_in_groups_of_four() -> None:
    assert Spoken(0).digits == " ".join(["0000"] * 7)
    assert Spoken(LARGEST).digits == "1237 9400 3928 5380 2748 9912 4223"  # 2^90 - 1


@pytest.mark.parametrize("number", [0, 1, 1023, 1024, 2**89 + 12345, LARGEST])
def test_what_is_said_is_understood_in_words_and_in_digits(number: int) -> None:
    spoken = Spoken(number)
    assert Spoken.parse(spoken.words) == spoken
    assert Spoken.parse(spoken.digits) == spoken
    assert Spoken.parse(f"  {spoken.words.upper().replace(' ', ', ')}\n") == spoken
    assert Spoken.parse(" ".join(word[:4] for word in spoken.words.split())) == spoken
    assert Spoken.parse(spoken.digits.replace(" ", "-")) == spoken


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "give 9 words or 28 digits"),
        ("academic", "not 1 word:"),
        (" ".join([FIRST] * 8), "not 8 words"),
        (" ".join([FIRST] * 10), "not 10 words"),
        (" ".join([FIRST] * 8 + ["wrong"]), "word 9, 'wrong' is none of the words"),
        (" ".join([FIRST] * 8 + ["aca"]), "'aca' is none of the words"),
        (" ".join([FIRST] * 8 + ["academia"]), "'academia' is none of the words"),
        ("1234", "this is no such number"),
        ("9" * 28, "this is no such number"),
        ("0" * 29, "this is no such number"),
    ],
)
def test_what_cannot_be_a_fingerprint_is_refused(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Spoken.parse(text)
