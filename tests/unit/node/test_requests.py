import json
from pathlib import Path

import pytest

from accord.core.errors import AccordError
from accord.node import requests
from accord.node.requests import (
    Answer,
    BundleTold,
    ExportWanted,
    ImportWanted,
    InFlight,
    RecallWanted,
    Request,
    SuspensionWanted,
    Told,
    Wanted,
)
from support.clock import START

OBJECT = RecallWanted(partner="NZL-JFNZ", uid="FRIGATE")
STOPPED = SuspensionWanted(agreement="SMALL", serial=2, record="signed")
OUT = ExportWanted(partner="NZL-JFNZ")
IN = ImportWanted(partner="NZL-JFNZ", file="ab12")


def put(directory: Path, wanted: Wanted = OBJECT) -> Request:
    return requests.put(directory, wanted, reason="why", by="mere", at=START)


@pytest.mark.parametrize("wanted", [OBJECT, STOPPED, OUT, IN])
def test_what_was_asked_is_read_as_it_was_asked(tmp_path: Path, wanted: Wanted) -> None:
    asked = put(tmp_path, wanted)
    assert asked.number == 1
    assert requests.read(tmp_path, 1) == asked
    assert (asked.wanted, asked.reason, asked.by, asked.at) == (wanted, "why", "mere", START)


def test_each_request_has_the_next_number_and_none_is_written_over(tmp_path: Path) -> None:
    assert [put(tmp_path).number for _ in range(3)] == [1, 2, 3]
    assert set(requests.numbers(tmp_path)) == {1, 2, 3}
    place = tmp_path / requests.REQUESTS
    assert requests._put(place, 1, OBJECT, reason="x", by="x", at=START).number == 4
    assert requests.read(tmp_path, 2).reason == "why"
    assert sorted(each.name for each in place.iterdir()) == ["1", "2", "3", "4"]


def test_an_answer_is_there_when_it_was_written_and_can_grow(tmp_path: Path) -> None:
    put(tmp_path)
    assert requests.answered(tmp_path, 1) is None
    told = Told(partner="NZL-JFNZ", digest="ab", agreement="SMALL", clause="1", name="FRIGATE")
    flying = InFlight(partner="NZL-JFNZ", name="A", agreement="SMALL", clause="1", form="exact")
    said = Answer(partners=["NZL-JFNZ"], recalls=[told], in_flight=[flying])
    requests.answer(tmp_path, 1, said)
    assert requests.answered(tmp_path, 1) == said
    assert not said.is_complete
    told.outcome = "DROPPED"
    requests.answer(tmp_path, 1, said)
    again = requests.answered(tmp_path, 1)
    assert again is not None
    assert again.is_complete
    assert set(requests.numbers(tmp_path)) == {1}


def test_an_answer_says_which_bundle_it_is_about(tmp_path: Path) -> None:
    put(tmp_path, OUT)
    said = Answer(bundle=BundleTold(partner="NZL-JFNZ", id="ab", made=5, items=2, bytes=90))
    requests.answer(tmp_path, 1, said)
    assert requests.answered(tmp_path, 1) == said


@pytest.mark.parametrize(
    "change",
    [
        {"ask": "delete"},
        {"partner": 7},
        {"at": "2026-01-02T03:04:05"},
        {"at": "yesterday"},
        {"reason": "x" * (requests.MAX_REASON + 1)},
    ],
)
def test_what_is_no_request_is_refused(tmp_path: Path, change: dict[str, object]) -> None:
    put(tmp_path)
    path = tmp_path / requests.REQUESTS / "1"
    path.write_text(json.dumps({**json.loads(path.read_text("utf-8")), **change}), "utf-8")
    with pytest.raises(AccordError, match="is no request"):
        requests.read(tmp_path, 1)


def test_what_is_not_there_or_cut_short_is_said(tmp_path: Path) -> None:
    put(tmp_path)
    with pytest.raises(AccordError, match="cannot read"):
        requests.read(tmp_path, 9)
    place = tmp_path / requests.REQUESTS
    (place / "1").write_bytes(b'{"ask"')
    (place / f"1{requests.ANSWER}").write_bytes(b"[]")
    with pytest.raises(AccordError, match="is no request"):
        requests.read(tmp_path, 1)
    with pytest.raises(AccordError, match="is no answer"):
        requests.answered(tmp_path, 1)
    (place / f"2{requests.ANSWER}").mkdir()
    with pytest.raises(AccordError, match="cannot read"):
        requests.answered(tmp_path, 2)


def test_only_so_many_wait_and_only_so_many_are_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(requests, "MAX_OPEN", 2)
    monkeypatch.setattr(requests, "MAX_KEPT", 1)
    put(tmp_path)
    put(tmp_path)
    with pytest.raises(AccordError, match="2 requests wait"):
        put(tmp_path)
    requests.answer(tmp_path, 2, Answer())
    put(tmp_path)
    requests.forget_old(tmp_path)  # the first is not answered
    assert set(requests.numbers(tmp_path)) == {1, 3}


def test_a_place_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "federation").write_bytes(b"")
    with pytest.raises(AccordError, match="cannot write"):
        put(tmp_path)
