from datetime import timedelta

import pytest

from accord.config.read import read
from accord.config.settings import Settings
from accord.core.errors import UsageError
from accord.storage.history.settings import HistorySettings

NODE = '[node]\nid = "NZL"\nnation = "NZL"\n'


def test_no_history_is_kept_unless_somebody_says_so() -> None:
    assert HistorySettings().keep is False


def test_sizes_and_times_are_read_as_people_write_them() -> None:
    text = NODE + '[history]\nkeep = true\nmax_bytes = "100 GiB"\nage = "90 d"\n'
    found = read(Settings, text, file="accord.toml", overrides={}).history
    assert (found.max_bytes, found.age) == (100 << 30, timedelta(days=90))


def test_a_budget_that_holds_nothing_is_refused() -> None:
    with pytest.raises(UsageError, match="channel_bytes"):
        read(Settings, NODE + "[history]\nchannel_bytes = 1\n", file="x", overrides={})


def test_a_shared_history_is_named_by_a_url_without_its_password() -> None:
    text = NODE + '[history]\nstore = "postgresql://a@db.example.org/h"\npassword_file = "p"\n'
    found = read(Settings, text, file="accord.toml", overrides={}).history
    assert (found.store, found.password_file) == ("postgresql://a@db.example.org/h", "p")
    text = NODE + '[history]\nstore = "postgresql://a:secret@db.example.org/h"\n'
    with pytest.raises(UsageError, match="store: a password does not belong here") as said:
        read(Settings, text, file="x", overrides={})
    assert "secret" not in str(said.value)


def test_a_password_of_nothing_is_refused() -> None:
    with pytest.raises(UsageError, match="password_file: it is of `store`"):
        read(Settings, NODE + '[history]\npassword_file = "p"\n', file="x", overrides={})
