"""FederatedEvents byte for byte (federated.json), both directions.

The bytes were put together by hand from the table of fields; see SOURCES.md.
"""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from accord.wire.cot import federate, federated, xml
from accord.wire.cot.federated import Contact, Crud, Hops
from accord.wire.cot.message import CotEvent, CotPoint
from accord.wire.cot.prefixed import Prefixed, grpc_prefixed, prefixed

VECTORS: list[dict[str, Any]] = json.loads(
    (Path(__file__).parent / "federated.json").read_text("utf-8")
)
EVENTS = [each for each in VECTORS if "event" in each]
CONTACTS = [each for each in VECTORS if "contact" in each]


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def event_of(said: dict[str, Any]) -> CotEvent:
    return xml.read(
        xml.compose(
            uid=said["uid"], type=said["type"], how=said["how"], time=moment(said["time"]),
            start=moment(said["start"]), stale=moment(said["stale"]),
            point=CotPoint(*said["point"]), detail=said["detail"], marks=said["marks"],
        )
    )  # fmt: skip


def how(vector: dict[str, Any]) -> dict[str, Any]:
    hops = vector["hops"]
    return {
        "groups": tuple(vector["groups"]),
        "provenance": tuple((id_, name) for id_, name in vector["provenance"]),
        "hops": None if hops is None else Hops(*hops),
    }


@pytest.mark.parametrize("vector", EVENTS, ids=[each["name"] for each in EVENTS])
def test_an_event_is_written_as_these_bytes_and_read_from_them(vector: dict[str, Any]) -> None:
    said, message = vector["event"], bytes.fromhex(vector["hex"])
    event = event_of(said)
    written = federate.event_message(
        event, uids=tuple(said["uids"]), callsigns=tuple(said["callsigns"]), **how(vector)
    )
    assert written == message
    found = federated.read(message)
    assert found.event is not None
    assert found.event[1:8] == event[1:8]
    for name in ("groups", "provenance", "hops"):
        assert getattr(found, name) == how(vector)[name]
    assert found.event.opex == said["opex"]


@pytest.mark.parametrize("vector", CONTACTS, ids=[each["name"] for each in CONTACTS])
def test_a_contact_is_written_as_these_bytes_and_read_from_them(vector: dict[str, Any]) -> None:
    operation, uid, callsign = vector["contact"]
    contact, message = Contact(Crud[operation], uid, callsign), bytes.fromhex(vector["hex"])
    assert federate.contact_message(contact, **how(vector)) == message
    assert federated.read(message).contact == contact


def test_the_stream_of_all_is_these_bytes_in_each_version() -> None:
    messages = [bytes.fromhex(each["hex"]) for each in VECTORS]
    version1 = b"".join(len(m).to_bytes(4, "big") + m for m in messages)
    version2 = b"".join(b"\0" + len(m).to_bytes(4, "big") + m for m in messages)
    assert b"".join(map(prefixed, messages)) == version1
    assert b"".join(map(grpc_prefixed, messages)) == version2
    assert Prefixed(limit=10_000).receive(version1) == messages
    assert Prefixed(limit=10_000, is_grpc=True).receive(version2) == messages
