"""What is kept of whose device each uid is."""

from datetime import timedelta
from pathlib import Path

import pytest

from accord.core.principal import Device
from accord.storage.devices import DeviceStore
from accord.storage.tak_file import TakFile
from support.clock import START


@pytest.fixture
def file(tmp_path: Path) -> TakFile:
    made = TakFile(tmp_path / "tak.sqlite")
    made.prepare()
    return made


def device(uid: str, person: str = "bob", minutes: int = 0) -> Device:
    used = START + timedelta(minutes=minutes)
    return Device(uid=uid, person=person, groups=frozenset({"Blue", "Red"}), used=used)


def test_devices_are_known_again_in_the_order_of_their_use(file: TakFile) -> None:
    store = DeviceStore(file)
    store.put([device("A", minutes=2), device("B", minutes=1)])
    store.put([device("B", "erin", minutes=3)])
    assert DeviceStore(file).all() == [device("A", minutes=2), device("B", "erin", minutes=3)]


def test_so_many_are_kept_those_that_were_used_last(file: TakFile) -> None:
    store = DeviceStore(file, limit=2)
    store.put([device("A", minutes=2), device("B", minutes=1), device("C", minutes=3)])
    assert [each.uid for each in store.all()] == ["A", "C"]
