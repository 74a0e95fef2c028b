from accord.core.body import Alarm, Message
from accord.federation.distress import Distress
from support.builders import a_report


def an_alarm(*, uid: str = "A", author: str | None = None, cancels: bool = False):
    return a_report(uid, author=author, body=Alarm(category="911", cancels=cancels))


def test_who_calls_is_in_distress_until_it_is_over() -> None:
    distress = Distress(limit=9)
    distress.released(an_alarm(author="KIWI-1"))
    assert distress.has("live", "KIWI-1")
    assert not distress.has("live", "A")
    assert not distress.has("exercise:TASMAN", "KIWI-1")
    distress.released(an_alarm(author="KIWI-1", cancels=True))
    assert not distress.has("live", "KIWI-1")


def test_an_alarm_of_nobody_else_is_its_own_caller() -> None:
    distress = Distress(limit=9)
    distress.released(an_alarm())
    distress.released(a_report("B", body=Message(text="help", sender="B", room="All")))
    assert distress.has("live", "A")
    assert not distress.has("live", "B")


def test_there_is_a_limit() -> None:
    distress = Distress(limit=1)
    distress.released(an_alarm(author="KIWI-1"))
    distress.released(an_alarm(author="KIWI-2"))
    assert not distress.has("live", "KIWI-2")
