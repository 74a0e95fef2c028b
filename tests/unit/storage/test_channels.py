from datetime import timedelta
from pathlib import Path

import pytest

from accord.core.principal import Direction, Principal
from accord.storage import channels
from accord.storage.channels import Channels
from accord.storage.tak_file import TakFile
from support.clock import START

IN, OUT, BOTH = Direction.IN, Direction.OUT, Direction.BOTH


def kea(credential: str = "c1", **groups: Direction) -> Principal:
    return Principal(
        name="kea", groups=groups or {"Blue": BOTH, "Red": BOTH}, credential=credential
    )


@pytest.fixture
def file(tmp_path: Path) -> TakFile:
    made = TakFile(tmp_path / "tak.sqlite")
    made.prepare()
    return made


def test_who_has_chosen_nothing_acts_with_all_his_channels(file: TakFile) -> None:
    member = kea()
    assert Channels(file).acting(member) is member


def test_a_choice_is_by_direction_and_outlasts_the_node(file: TakFile) -> None:
    Channels(file).switch(kea(), {"Red": OUT, "Blue": BOTH}, START)
    acting = Channels(file).acting(kea())
    assert acting.groups == {"Red": IN}
    assert (acting.speaks_in, acting.hears) == ({"Red"}, frozenset())
    assert (acting.name, acting.credential) == ("kea", "c1")


def test_each_certificate_has_its_choice_and_a_new_one_begins_with_the_last(file: TakFile) -> None:
    known = Channels(file)
    known.switch(kea("c1"), {"Red": BOTH}, START)
    assert known.acting(kea("c2")).groups == {"Blue": BOTH}
    known.switch(kea("c2"), {}, START + timedelta(seconds=1))
    for each in (known, Channels(file)):
        assert each.acting(kea("c1")).groups == {"Blue": BOTH}
        assert each.acting(kea("c2")).groups == {"Blue": BOTH, "Red": BOTH}
        assert each.acting(kea("c3")).groups == {"Blue": BOTH, "Red": BOTH}


def test_a_choice_opens_no_channel_that_one_is_not_in(file: TakFile) -> None:
    known = Channels(file)
    known.switch(kea(), {"Red": OUT, "Gone": BOTH}, START)
    assert known.off(kea(Red=OUT)) == {"Red": OUT}
    assert known.acting(kea(Red=IN)).groups == {"Red": IN}
    assert known.acting(kea(Blue=BOTH)).groups == {"Blue": BOTH}


def test_so_many_choices_of_one_person_are_remembered(
    file: TakFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(channels, "MAX_CLIENTS", 2)
    known = Channels(file)
    for number in range(3):
        off = {"Red": BOTH} if number == 0 else {}
        known.switch(kea(f"c{number}"), off, START + timedelta(seconds=number))
    with file.look() as rows:
        assert rows.execute("SELECT credential FROM channel ORDER BY at").fetchall() == [
            ("c1",), ("c2",),
        ]  # fmt: skip


def test_a_channel_keeps_its_number(file: TakFile) -> None:
    first = Channels(file).numbers({"Red", "Blue"}, START)
    assert {each.since for each in first.values()} == {START}
    later = Channels(file).numbers({"Amber", "Blue", "Red"}, START + timedelta(days=1))
    assert {group: later[group] for group in first} == first
    assert len({each.bit for each in later.values()}) == 3
    assert later["Amber"].since == START + timedelta(days=1)
