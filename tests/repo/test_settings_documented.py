import re
import runpy
from pathlib import Path

import pytest

from accord.config.read import describe
from accord.config.settings import Settings

ROOT = Path(__file__).parents[2]
SECTIONS = tuple(describe(Settings))


def test_the_settings_reference_is_current() -> None:
    tool = runpy.run_path(str(ROOT / "tools" / "generate_settings_reference.py"))
    written = (ROOT / "docs" / "reference" / "settings.md").read_text("utf-8")
    assert written == tool["reference"](), "run python tools/generate_settings_reference.py"


def test_every_setting_says_what_it_means() -> None:
    entries = [(section.name, entry) for section in SECTIONS for entry in section.entries]
    assert not [(name, entry.key) for name, entry in entries if not entry.doc]


SOURCE = {
    path: path.read_text("utf-8")
    for path in (ROOT / "src" / "accord").rglob("*.py")
    if not path.name.endswith("_pb2.py")
}


@pytest.mark.parametrize(
    "key", sorted({entry.key for section in SECTIONS for entry in section.entries})
)
def test_every_setting_is_read_somewhere(key: str) -> None:
    use = re.compile(rf"\.{key}\b")
    assert any(use.search(text) for text in SOURCE.values()), f"nothing reads {key}"


STANDING = {section.name for section in SECTIONS if not section.name.endswith(".NAME")}


@pytest.mark.parametrize(
    "page", sorted((ROOT / "docs" / "how-to").glob("*.md")), ids=lambda path: path.stem
)
def test_a_block_with_a_section_that_init_wrote_says_that_it_stands_there_already(
    page: Path,
) -> None:
    lines = page.read_text("utf-8").splitlines()
    for number, line in enumerate(lines):
        named = re.fullmatch(r"\s*\[(\w+)\]", line)
        if named is None or named[1] not in STANDING:
            continue
        before = " ".join(lines[max(0, number - 12) : number])
        assert "there already" in before or "`accord.toml` already" in before, line
