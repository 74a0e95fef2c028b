"""Answers in lumps: the same bytes as an encoder's own, and no lump larger than one part more."""

import json
from typing import Any

import pytest

from accord.tak.marti.long_json import LUMP, LongAnswer, Parts, encode, lumps, lumps_of


@pytest.mark.parametrize(
    "said",
    [
        {}, [], None, True, -1, 1.5, "ā \" \\ \n \u2028", {"a": {"b": [1, {"c": []}]}, "ā": {}},
        [[], {}, [None, "x"]], {"1": "2"},
    ],
)  # fmt: skip
def test_json_is_what_an_encoder_would_write(said: object) -> None:
    compact = json.dumps(said, ensure_ascii=False, separators=(",", ":"))
    assert b"".join(lumps_of(said)).decode() == compact


def test_parts_go_out_as_they_were_written() -> None:
    said = {"none": Parts([]), "some": Parts(['{"a": 1}', encode("ā")]), "after": 0}
    written = b"".join(lumps_of(said)).decode()
    assert written == '{"none":[],"some":[{"a": 1},"ā"],"after":0}'


def test_what_is_no_json_is_refused() -> None:
    with pytest.raises(ValueError, match="JSON compliant"):
        lumps_of({"a": float("nan")})


def test_lumps_are_full_and_one_part_longer_at_most() -> None:
    pieces = [b"x" * 1000] * 1000
    found = list(lumps(pieces))
    assert b"".join(found) == b"".join(pieces)
    assert all(LUMP <= len(each) < LUMP + 1000 for each in found[:-1])
    assert list(lumps([])) == []


async def test_an_answer_is_sent_lump_by_lump_with_its_whole_length() -> None:
    sent: list[dict[str, Any]] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        raise AssertionError("nothing is read")

    await LongAnswer([b"[1,", b"2]"], 201)({"type": "http"}, receive, send)
    begin, *bodies = sent
    assert begin["status"] == 201
    assert dict(begin["headers"]) == {
        b"content-length": b"5", b"content-type": b"application/json",
    }  # fmt: skip
    assert [each["body"] for each in bodies] == [b"[1,", b"2]", b""]
    assert [each.get("more_body", False) for each in bodies] == [True, True, False]
