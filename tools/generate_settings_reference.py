"""Writes docs/reference/settings.md from the settings dataclasses.

Run it after a change of settings; a test compares.
"""

from collections.abc import Iterator
from pathlib import Path

from accord.config.read import Section, describe
from accord.config.settings import Settings

TARGET = Path(__file__).parent.parent / "docs" / "reference" / "settings.md"

HEAD = """\
# Settings

<!-- Written by tools/generate_settings_reference.py; do not edit. -->

The file `accord.toml` in a node's directory (TOML 1.0). `accord init` writes one with every key in
it, commented out. What is not understood is refused with its line: an unknown key is never ignored.
A running node reads its settings once, at the start.

Durations are seconds or text such as `"10 min"` (ms, s, min, h, d); sizes are bytes or text such as
`"512 MiB"`. The addresses in `[listen]` can also be given as options of `accord serve`, which come
before the file (`--cot-tls 0.0.0.0:8089`, `--cot-tcp off`).
"""


def reference() -> str:
    """Return the page."""
    return "\n".join([HEAD, *map(_section, describe(Settings))])


def _section(section: Section) -> str:
    return "\n".join([f"## [{section.name}]", "", section.doc, "", *_table(section), ""])


def _table(section: Section) -> Iterator[str]:
    yield "| Key | Value | Default | Meaning |"
    yield "|---|---|---|---|"
    for entry in section.entries:
        default = "must be given" if entry.default is None else f"`{entry.default}`"
        yield f"| `{entry.key}` | {entry.allowed} | {default} | {entry.doc} |"


if __name__ == "__main__":
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    TARGET.write_text(reference(), "utf-8")
