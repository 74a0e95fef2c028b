import json
from dataclasses import replace
from typing import Any

import pytest

from accord.api.chat import (
    CHAT,
    DRAWINGS,
    MAX_VERTICES,
    MAX_WORDS,
    PEOPLE,
    Person,
    Spoken,
    message_json,
    routes,
)
from accord.core.body import Message, Position, Shape
from accord.core.geometry import Circle, Polyline
from accord.core.report import Address, AddressKind
from accord.live.page_voice import PageVoice
from accord.wire.cot.translate import to_xml
from support.builders import a_report
from support.page import AROHA, LOOKER, STRANGER, WIREMU, Asking, Page
from support.tak import FakeNode

RING = [[174.0, -41.0], [175.0, -41.0], [175.0, -42.0], [174.0, -41.0]]


class Chat:
    def __init__(self) -> None:
        self.node = FakeNode()
        self.people: list[Person] = []
        voice = PageVoice(self.node.bridge.intake, node="NZL", write=to_xml, clock=self.node.clock)
        asking = Asking()
        self.spoken = Spoken(voice)
        self.asking = asking
        self.page = Page(
            asking, routes(voice, self.node.words, asking.as_callers(), lambda: self.people)
        )

    async def texts(self, who: Any) -> list[str]:
        answer = await self.page.get(CHAT, who)
        return [each["text"] for each in answer.json()["messages"]]

    async def drawn(self, **said: Any) -> Any:
        answer = await self.page.send(DRAWINGS, said)
        assert answer.status_code == 201, answer.text
        (track,) = self.node.picture.everything()
        assert track.lead.uid == answer.json()["uid"]
        return track.lead


@pytest.fixture
def chat() -> Chat:
    return Chat()


async def test_words_are_heard_by_who_hears_the_group_and_by_oneself(chat: Chat) -> None:
    answer = await chat.page.send(CHAT, {"text": "kia ora"})
    assert answer.status_code == 201
    assert answer.json()["message"]["from"] == "aroha"
    assert await chat.texts(WIREMU) == ["kia ora"]
    assert await chat.texts(AROHA) == ["kia ora"]
    assert await chat.texts(STRANGER) == []


async def test_words_to_one_person_are_his_and_the_speakers_only(chat: Chat) -> None:
    await chat.page.send(CHAT, {"text": "psst", "room": "wiremu", "to": "NZL.wiremu"})
    assert await chat.texts(WIREMU) == ["psst"]
    assert await chat.texts(AROHA) == ["psst"]
    assert await chat.texts(LOOKER) == []


async def test_a_page_is_told_at_once_by_the_same_rule(chat: Chat) -> None:
    to_wiremu = a_report(
        to=frozenset({Address(AddressKind.UID, "NZL.wiremu")}), groups=frozenset({"Blue"})
    )
    is_for = chat.spoken.is_for(to_wiremu)
    told = []
    for who in (WIREMU, LOOKER, STRANGER):
        chat.asking.who = who
        told.append(is_for(chat.asking.caller))
    assert told == [True, False, False]


async def test_of_a_partners_words_the_partner_is_named() -> None:
    report = a_report(body=Message(text="hi", sender="EAGLE", room="All Chat Rooms"))
    source = replace(report.source, channel="partner:USA-PAC", node="USA-PAC")
    assert message_json(replace(report, source=source))["partner"] == "USA-PAC"
    assert message_json(report)["partner"] is None


@pytest.mark.parametrize(
    ("said", "who", "own", "status"),
    [
        ({"text": " "}, AROHA, True, 400),
        ({"text": "x" * (MAX_WORDS + 1)}, AROHA, True, 400),
        ({"text": "x", "room": 7}, AROHA, True, 400),
        ({"text": "x", "context": "exercise:TASMAN"}, AROHA, True, 403),
        ({"text": "x", "context": "nonsense"}, AROHA, True, 400),
        ({}, AROHA, True, 400),
        ({"text": "x"}, LOOKER, True, 403),
        ({"text": "x"}, None, True, 401),
        ({"text": "x"}, AROHA, False, 403),
    ],
)
async def test_what_may_not_be_said_is_refused_with_a_reason(
    chat: Chat,
    said: Any,
    who: Any,
    own: bool,
    status: int,
) -> None:
    answer = await chat.page.send(CHAT, said, who, own=own)
    assert answer.status_code == status
    assert answer.json()["detail"]
    assert await chat.texts(WIREMU) == []


async def test_what_the_door_does_not_let_in_is_said(chat: Chat) -> None:
    chat.node.join("aroha-phone", groups={})
    answer = await chat.page.send(
        DRAWINGS, {"geometry": {"type": "Point", "coordinates": [1, 2]}, "groups": ["Another"]}
    )
    assert answer.status_code == 409
    assert "group" in answer.json()["detail"]


async def test_a_point_a_line_an_area_and_a_circle_are_drawn_as_tak_has_them(chat: Chat) -> None:
    point = {"type": "Point", "coordinates": [174.0, -41.0]}
    mark = await chat.drawn(geometry=point, name="Wreck")
    assert (mark.kind.text, mark.identity.callsign) == ("b-m-p-s-m", "Wreck")
    assert isinstance(mark.body, Position)
    await chat.page.send(DRAWINGS, {"uid": mark.uid}, method="DELETE")
    line = await chat.drawn(geometry={"type": "LineString", "coordinates": RING[:3]})
    assert line.kind.text == "u-d-f"
    assert isinstance(line.body, Shape)
    assert isinstance(line.body.outline, Polyline)
    assert not line.body.outline.closed
    await chat.page.send(DRAWINGS, {"uid": line.uid}, method="DELETE")
    area = await chat.drawn(geometry={"type": "Polygon", "coordinates": [RING]})
    assert isinstance(area.body, Shape)
    assert isinstance(area.body.outline, Polyline)
    assert area.body.outline.closed
    await chat.page.send(DRAWINGS, {"uid": area.uid}, method="DELETE")
    circle = await chat.drawn(geometry=point, radius=250)
    assert circle.kind.text == "u-d-c-c"
    assert isinstance(circle.body, Shape)
    assert isinstance(circle.body.outline, Circle)


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"geometry": "here"},
        {"geometry": {"type": "Sphere", "coordinates": []}},
        {"geometry": {"type": "Point", "coordinates": [-41.0, 174.0]}},
        {"geometry": {"type": "Point", "coordinates": [float("nan"), 0.0]}},
        {"geometry": {"type": "Point", "coordinates": [1]}},
        {"geometry": {"type": "Point", "coordinates": [1, True]}},
        {"geometry": {"type": "Point", "coordinates": [1, 2]}, "radius": 0},
        {"geometry": {"type": "Point", "coordinates": [1, 2]}, "radius": True},
        {"geometry": {"type": "Point", "coordinates": [1, 2]}, "type": "t-x-d-d"},
        {"geometry": {"type": "Point", "coordinates": [1, 2]}, "valid_minutes": 0},
        {"geometry": {"type": "LineString", "coordinates": [[1, 2]]}},
        {"geometry": {"type": "LineString", "coordinates": [[0, 0]] * (MAX_VERTICES + 1)}},
        {"geometry": {"type": "Polygon", "coordinates": [RING[:3]]}},
        {"geometry": {"type": "Polygon", "coordinates": [[*RING[:3], RING[1]]]}},
        {"geometry": {"type": "Polygon", "coordinates": [RING, RING]}},
    ],
)
async def test_what_cannot_be_drawn_is_refused_with_what_is_wrong(chat: Chat, said: Any) -> None:
    request = chat.page
    request.asking.who = AROHA
    answer = await request._client.post(
        DRAWINGS,
        content=json.dumps(said),
        headers={"Origin": "https://node.example", "Content-Type": "application/json"},
    )
    assert answer.status_code == 400
    assert answer.json()["detail"]
    assert chat.node.picture.everything() == []


async def test_who_is_there_is_told_to_who_shares_a_group(chat: Chat) -> None:
    groups = frozenset({"Blue", "Green"})
    chat.people = [
        Person(name="moa-1", callsign="MOA", uid="MOA-1", by="cot-tls", groups=groups),
        Person(name="red", callsign="RED", uid="R", by="page", groups=frozenset({"Red"})),
    ]
    people = (await chat.page.get(PEOPLE)).json()["people"]
    assert [(each["callsign"], each["groups"]) for each in people] == [("MOA", ["Blue"])]
