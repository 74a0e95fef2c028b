from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any, cast

import pytest
from lxml import etree

from accord.api.sending import SEND, routes
from accord.api.tracks import Around
from accord.core.body import Alarm, Position, Shape
from accord.core.context import Context
from accord.core.geometry import Circle
from accord.core.marking import Marking
from accord.core.principal import Direction, Principal
from accord.core.report import Report
from accord.live.page_voice import PageVoice
from accord.picture.picture import PictureSettings
from accord.wire.cot.translate import to_xml
from support.builders import a_point, a_report
from support.page import AROHA, LOOKER, STRANGER, Asking, Page
from support.tak import FakeNode, own_position

MOA = "MOA-1"
GRID = Position(point=a_point(circular_error=1852.0), course=90.0, speed=5.0)


class Sending:
    """Moa at a TAK client and weka at another one, and a page that asks."""

    def __init__(self) -> None:
        self.node = FakeNode()
        voice = PageVoice(self.node.bridge.intake, node="NZL", write=to_xml, clock=self.node.clock)
        self.session, self.moa = self.node.join("moa")
        self.session.receive(own_position(MOA, "MOA"))
        _, self.weka = self.node.join("weka")
        around = Around(
            picture=self.node.picture,
            settings=PictureSettings(),
            shelves=cast("Any", None),  # nobody asks for a story
            form_of=lambda _: None,
            clock=self.node.clock,
        )
        asking = Asking()
        self.page = Page(asking, routes(voice, around, asking.as_callers(), self.clients))
        self.settle()

    def clients(self, uid: str) -> Iterator[Principal]:
        return (each.principal for each in self.node.bridge.sessions if each.uid == uid)

    def settle(self) -> None:
        self.node.tick()
        for peer in (self.moa, self.weka):
            peer.take()

    def there_is(self, **changes: Any) -> Report:
        report = a_report("SHIP", at=self.node.clock.now(), **changes)
        self.node.picture.apply(report)
        return report

    async def send(self, who: Principal = AROHA, **said: Any) -> Any:
        answer = await self.page.send(SEND, {"to": MOA, **said}, who)
        self.node.tick()
        return answer


@pytest.fixture
def sending() -> Sending:
    return Sending()


async def test_a_track_is_shown_to_one_client_as_a_mark_of_its_own_that_says_by_whom(
    sending: Sending,
) -> None:
    ship = sending.there_is(body=GRID, marking=Marking(access="R", releasable_to="NZL"))
    answer = await sending.send(uid="SHIP", valid_minutes=30)
    assert answer.status_code == 201
    (sent,) = sending.moa.take()
    event = etree.fromstring(sent.text)
    assert event.get("uid") == answer.json()["uid"] != "SHIP"
    contact, point = event.find("detail/contact"), event.find("point")
    assert contact is not None
    assert point is not None
    assert contact.get("callsign") == "CALL-SHIP (aroha)"
    assert event.get("type") == ship.kind.text
    assert (event.get("access"), event.get("releasableTo")) == ("R", "NZL")
    assert float(point.get("ce", "0")) == 1852.0
    assert sending.weka.take() == []
    assert [each.lead.uid for each in sending.node.picture.everything()] == ["MOA-1", "SHIP"]


async def test_a_place_is_shown_by_its_name(sending: Sending) -> None:
    answer = await sending.send(point=[174.5, -41.5], name="Look here")
    assert answer.status_code == 201
    (sent,) = sending.moa.take()
    event = etree.fromstring(sent.text)
    contact, point = event.find("detail/contact"), event.find("point")
    assert contact is not None
    assert point is not None
    assert contact.get("callsign") == "Look here (aroha)"
    assert event.get("type") == "b-m-p-s-m"
    assert (point.get("lat"), point.get("lon")) == ("-41.5", "174.5")


async def test_a_drawing_goes_with_its_outline_and_a_call_for_help_as_a_place(
    sending: Sending,
) -> None:
    circle = Shape(outline=Circle(centre=a_point(), radius=500.0), anchor=a_point())
    drawn = sending.there_is(body=circle)
    sending.node.picture.apply(
        replace(drawn, uid="SOS", body=Alarm(category="911", point=a_point()))
    )
    for uid in ("SHIP", "SOS"):
        assert (await sending.send(uid=uid)).status_code == 201
    first, second = (etree.fromstring(each.text) for each in sending.moa.take())
    assert first.find("detail/shape/ellipse") is not None
    assert second.find("detail/emergency") is None


async def test_it_is_valid_for_as_long_as_is_said(sending: Sending) -> None:
    await sending.send(point=[1.0, 2.0], valid_minutes=30)
    kept = sending.node.kept[-1]
    assert kept.stale - kept.start == timedelta(minutes=30)


@pytest.mark.parametrize(
    ("said", "who", "status"),
    [
        ({"uid": "SHIP"}, LOOKER, 403),
        ({"uid": "SHIP", "to": "nobody"}, AROHA, 404),
        ({"uid": "none"}, AROHA, 404),
        ({"uid": "SHIP"}, STRANGER, 404),
        ({"uid": "NOWHERE"}, AROHA, 409),
        ({"uid": "SHIP", "valid_minutes": 0}, AROHA, 400),
        ({"uid": "SHIP", "context": "exercise:TASMAN"}, AROHA, 403),
        ({}, AROHA, 400),
        ({"point": [200, 0]}, AROHA, 400),
        ({"uid": 7}, AROHA, 400),
    ],
)
async def test_what_cannot_be_shown_goes_to_nobody(
    sending: Sending, said: Any, who: Principal, status: int
) -> None:
    ship = sending.there_is()
    sending.node.picture.apply(replace(ship, uid="NOWHERE", body=Position(point=None)))
    answer = await sending.send(who, **said)
    assert answer.status_code == status
    assert sending.moa.take() == []


async def test_a_client_outside_the_exercise_or_the_groups_is_not_said_to_have_got_it(
    sending: Sending,
) -> None:
    player = replace(AROHA, exercises=frozenset({"TASMAN"}))
    tasman = Context.exercise("TASMAN")
    sending.there_is(context=tasman)
    assert (await sending.send(player, uid="SHIP", context="exercise:TASMAN")).status_code == 404
    green = Principal(name="green", groups={"Green": Direction.BOTH})
    assert (await sending.send(green, point=[1.0, 2.0])).status_code == 404
