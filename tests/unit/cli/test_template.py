import re

import pytest

from accord.cli.template import settings_text
from accord.config.read import describe, read
from accord.config.settings import ListenSettings, NodeSettings, Settings


def _read(text: str) -> Settings:
    return read(Settings, text, file="accord.toml", overrides={})


@pytest.mark.parametrize(
    "name", ["", "Test node", 'HMNZS "Te Kaha"', "Aotearoa \N{KIWIFRUIT} ā \\"]
)
def test_a_new_file_says_who_the_node_is_and_nothing_else(name: str) -> None:
    node = NodeSettings(id="NZL-X", nation="NZL", name=name)
    assert _read(settings_text(node="NZL-X", nation="NZL", name=name)) == Settings(node=node)


def test_every_default_is_right_when_it_is_uncommented() -> None:
    text = settings_text(node="NZL-X", nation="NZL", name="")
    whole = re.sub(r"(?m)^#(?=\w+ = )", "", text.partition("# [group.NAME]")[0])
    assert whole != text
    settings = _read(whole)
    assert settings == Settings(node=NodeSettings(id="NZL-X", nation="NZL"))
    assert settings.listen == ListenSettings()


def test_every_key_stands_in_it_with_its_meaning() -> None:
    text = settings_text(node="NZL-X", nation="NZL", name="")
    for section in describe(Settings):
        assert f"[{section.name}]" in text
        for entry in section.entries:
            assert re.search(rf"(?m)^#?{entry.key} =", text)


def test_no_line_is_longer_than_people_like() -> None:
    text = settings_text(node="NZL-X", nation="NZL", name="")
    assert max(map(len, text.splitlines())) <= 100
