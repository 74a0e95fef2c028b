import re
from enum import IntEnum
from pathlib import Path

import pytest

from accord.wire.peer.fields import DOUBTS
from accord.wire.peer.message import Farewell
from accord.wire.peer.protocol import DURABLE_LANES, FrameType, Lane, Profile
from accord.wire.peer.record import DocumentKind, Outcome, RotationOf
from accord.wire.peer.report import DoubtFlag

SCHEMA = (Path(__file__).parents[4] / "docs/reference/peer-protocol.cddl").read_text()


def test_frames_have_the_numbers_of_the_schema() -> None:
    listed = dict(re.findall(r"^(\w+) += \[(\d+), (?:nth|1), ", SCHEMA, re.MULTILINE))
    assert {kind.name.lower(): str(kind.value) for kind in FrameType} == listed


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (Lane, "0 emergency, 1 control, 2 chat, 3 durable, 4 tracks, 5 files"),
        (Farewell, "0 stopping, 1 protocol, 2 trust, 3 agreement, 4 clock, 5 guard, 6 busy"),
        (Outcome, "0 dropped, 1 not held, 2 passed on, 3 taken, 4 refused"),
        (RotationOf, "0 authority, 1 leaf, 2 release key, 3 ledger key"),
    ],
)
def test_words_have_the_numbers_of_the_schema(words: type[IntEnum], line: str) -> None:
    assert f"; {line}\n" in SCHEMA
    told = dict(re.findall(r"(\d) (\w+)", line))
    assert {str(w.value): w.name.split("_")[0].lower() for w in words} == told


def test_documents_profiles_and_doubts_have_the_numbers_of_the_schema() -> None:
    assert "; 0 agreement, 1 its signature, 2 area, 3 denied, 4 incident, 5 mission" in SCHEMA
    assert [kind.name for kind in DocumentKind] == [
        "AGREEMENT", "AGREEMENT_SIGNATURE", "AREA", "DENIED", "INCIDENT", "MISSION",
    ]  # fmt: skip
    assert [*map(int, DocumentKind)] == [0, 1, 2, 3, 4, 5]
    assert "; 1 Ed25519, 2 ECDSA with P-384 and SHA-384" in SCHEMA
    assert (Profile.MODERN, Profile.CNSA) == (1, 2)
    (told,) = re.findall(r"; doubts: ((?:\d+ [\w ]+,?\s*;?\s*)+)", SCHEMA)
    assert [int(each) for each in re.findall(r"\d+", told)] == [*map(int, DoubtFlag)]
    assert [*map(int, DoubtFlag)] == [1 << n for n in range(10)]
    assert sum(DoubtFlag) == DOUBTS


def test_records_of_the_first_four_lanes_are_logged() -> None:
    assert [*DURABLE_LANES] == [0, 1, 2, 3]
