"""docs/reference/peer-protocol.md says every frame, reason and limit that the code has."""

import json
import re
from pathlib import Path

import pytest

from accord.federation.reconcile import fingerprint
from accord.federation.version import ObjectKey, id_of
from accord.security.invitation import write_invitation
from accord.wire.errors import FrameTooLarge, Malformed
from accord.wire.peer import bodies, cbor, contents, difference, frame, updates
from accord.wire.peer.errors import Forged, NotDeterministic, Replayed, UnknownType
from accord.wire.peer.protocol import BLOCK, FrameType, Lane, Version
from support.partners import USA, authority_of, partner_of

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs/reference/peer-protocol.md").read_text("utf-8")


def row(start: str) -> str:
    """The row of a table that begins so."""
    return next(line for line in TEXT.splitlines() if line.startswith(f"| {start}"))


@pytest.mark.parametrize("kind", FrameType)
def test_every_frame_has_its_row(kind: FrameType) -> None:
    _, _, _, signed, lanes, files, _ = row(f"{kind.value} | {kind.name}").split("|")
    assert (signed.strip() == "yes") == (kind in frame.SIGNED)
    allowed = sorted(frame.LANES[kind])
    spelled = {(0, 4): "0, 4", (0, 1, 2, 3): "0 to 3", tuple(Lane): "any", (1,): "1"}
    assert lanes.strip() == spelled[tuple(allowed)]
    for pattern in re.findall(r"`([^`]+)`", files):
        assert [*(ROOT / "tests/golden/peer").glob(f"{pattern}.json")]


def test_every_golden_file_is_one_of_a_row() -> None:
    names = {path.stem for path in (ROOT / "tests/golden/peer").glob("*.json")}
    rows = "\n".join(row(f"{kind.value} | {kind.name}") for kind in FrameType)
    told = {re.sub(r"^record_.*", "record_*", name) for name in names}
    assert {name for name in told if f"`{name}`" not in rows} == set()


@pytest.mark.parametrize(
    "error", [FrameTooLarge, Malformed, NotDeterministic, Replayed, Forged, UnknownType]
)
def test_every_reason_is_said(error: type[Exception]) -> None:
    assert row(f"`{error.reason}`")  # pyright: ignore[reportAttributeAccessIssue]


@pytest.mark.parametrize(
    ("start", "numbers"),
    [
        ("frame, HELLO", (frame.LONGEST_FRAME, frame.LONGEST_HELLO)),
        ("nesting", (cbor.MAX_DEPTH,)),
        ("headers, updates", (contents.MAX_ITEMS,)),
        (
            "records, grants and statements",
            (difference.ALWAYS, difference.TIMES, difference.MAX_SPELLED_OUT),
        ),
        ("what is said as otherwise", (difference.MAX_SAID_AGAIN,)),
        ("agreements each way", (bodies.MAX_AGREEMENTS,)),
        ("bytes as received", (updates.MAX_ORIGINAL,)),
        ("points of a shape", (contents.MAX_POINTS,)),
        ("chunk, blocks", (bodies.MAX_CHUNK, bodies.MAX_WANTED * 8)),
        ("parts of a RANGE", (bodies.MAX_PARTS,)),
        ("hops, path", (contents.MAX_HOPS,)),
    ],
)
def test_every_limit_is_that_of_the_code(start: str, numbers: tuple[int, ...]) -> None:
    said = [int(found.replace(",", "")) for found in re.findall(r"\d[\d,]*", row(start))]
    assert tuple(said[: len(numbers)]) == numbers


def test_units_of_content_are_said() -> None:
    assert f"blocks of {BLOCK} bytes" in TEXT
    assert contents.MAX_CONTENT == 1 << 30
    assert "content of a reference or file | 1 GiB" in TEXT


@pytest.mark.parametrize(
    ("section", "golden", "size"),
    [("Packed updates", "updates", 14), ("What is said again", "records_alike", 36)],
)
def test_the_worked_example_is_that_of_the_golden_file(
    section: str, golden: str, size: int
) -> None:
    text = re.split(r"^##", TEXT.partition(f"### {section}\n")[2], flags=re.MULTILINE)[0]
    lines = re.findall(r"^    ((?:[0-9a-f]{2} )+) +\S", text, re.MULTILINE)
    worked = "".join("".join(lines).split())
    file = json.loads((ROOT / f"tests/golden/peer/{golden}.json").read_text("utf-8"))
    assert len(worked) == 2 * size
    assert worked in file["hex"]


def test_what_ranges_are_compared_by_is_worked_out_there() -> None:
    ship = ObjectKey("NZL-JFNZ", "live", "MMSI-512000001")
    id_ = id_of(ship, Version(3, 1_795_599_999_100))
    for found in (id_, fingerprint([(1_795_599_999_100, id_)]), fingerprint([])):
        assert f"`{found.hex()}`" in TEXT


def test_every_line_of_an_invitation_is_said() -> None:
    said = write_invitation(partner_of(USA), authority_of(USA))
    section = TEXT.partition("## Certificates and invitations")[2].partition("## HELLO")[0]
    keys = [key for line in said.splitlines() for key, mark, _ in [line.partition(": ")] if mark]
    assert re.findall(r"`([a-z-]+): `", section) == keys
    assert f'| "{said.splitlines()[0]}" |' in section
