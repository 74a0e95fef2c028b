from pathlib import Path

import pytest

from accord.core.user import User, UserRole
from accord.storage import saved_views
from accord.storage.people import People, PeopleError, PeopleFault
from accord.storage.saved_views import SavedView, SavedViews, owner_of
from accord.storage.users import Users
from support.clock import START


@pytest.fixture
def kept(tmp_path: Path) -> SavedViews:
    People(tmp_path / "people.sqlite").create()
    return SavedViews(tmp_path / "people.sqlite")


def a_view(name: str, **view: object) -> SavedView:
    return SavedView(name=name, saved=START, view=view)


def test_views_are_read_as_they_were_saved_and_are_ones_own(kept: SavedViews) -> None:
    kept.save("password:moana", a_view("Straits", text="ferry", area=[174, -42, 175, -41]))
    kept.save("password:moana", a_view("All"))
    kept.save("certificate:moana", a_view("Straits"))
    straits = a_view("Straits", text="ferry", area=[174, -42, 175, -41])
    assert kept.of("password:moana") == [a_view("All"), straits]
    assert kept.of("certificate:moana") == [a_view("Straits")]
    assert kept.of("password:aroha") == []


def test_a_view_takes_the_place_of_one_of_its_name(kept: SavedViews) -> None:
    kept.save("a", a_view("Straits", text="one"))
    kept.save("a", a_view("Straits", text="two"))
    assert kept.of("a") == [a_view("Straits", text="two")]


def test_a_view_that_is_forgotten_is_gone_once(kept: SavedViews) -> None:
    kept.save("a", a_view("Straits"))
    assert kept.forget("a", "Straits")
    assert not kept.forget("a", "Straits")


def test_one_user_has_so_many_and_can_change_those(
    kept: SavedViews, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(saved_views, "MAX_VIEWS", 1)
    kept.save("a", a_view("Straits"))
    kept.save("a", a_view("Straits", text="again"))
    kept.save("b", a_view("Straits"))
    with pytest.raises(PeopleError, match="the limit"):
        kept.save("a", a_view("Another"))


def test_one_register_has_so_many(kept: SavedViews, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(saved_views, "MAX_ALL", 1)
    kept.save("a", a_view("Straits"))
    with pytest.raises(PeopleError, match="its limit"):
        kept.save("b", a_view("Straits"))


def test_who_gets_the_name_of_somebody_who_is_gone_has_none_of_his_views(
    kept: SavedViews, tmp_path: Path
) -> None:
    users = Users(tmp_path / "people.sqlite")
    users.add(User(name="Moana", role=UserRole.WATCH, groups={}, added=START), "hash")
    owner = owner_of("password", "moana")
    kept.save(owner, a_view("Straits"))
    users.remove("moana")
    assert kept.of(owner) == []


def test_a_register_that_cannot_be_read_says_so(tmp_path: Path) -> None:
    with pytest.raises(PeopleFault, match="register of people"):
        SavedViews(tmp_path / "none.sqlite").of("a")
