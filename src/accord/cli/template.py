"""The `accord.toml` of a new node: every key with its default, commented out."""

from collections.abc import Iterator, Mapping
from json import dumps
from textwrap import wrap

from accord.config.read import Entry, Section, describe
from accord.config.settings import Settings

HEAD = """\
# Settings of this node, read once at the start. Every key stands here with its default;
# remove the # before one to change it. What is not understood is refused with its line.
"""


def settings_text(*, node: str, nation: str, name: str) -> str:
    """Return the text of a settings file that says who the node is, and nothing else."""
    given = {"node.id": node, "node.nation": nation, "node.name": name}
    return "\n".join([HEAD, *(_section(section, given) for section in describe(Settings))])


def _section(section: Section, given: Mapping[str, str]) -> str:
    is_example = section.name.endswith(".NAME")
    head = f"# [{section.name}]" if is_example else f"[{section.name}]"
    entries = [line for entry in section.entries for line in _entry(section, entry, given)]
    return "\n".join([*_comment(section.doc), head, *entries, ""])


def _entry(section: Section, entry: Entry, given: Mapping[str, str]) -> Iterator[str]:
    value = given.get(f"{section.name}.{entry.key}")
    if value is not None:
        yield from _comment(entry.doc)
        yield f"{entry.key} = {dumps(value, ensure_ascii=False)}"
    else:
        default = "" if entry.default is None else entry.default
        yield from _comment(f"{entry.doc} ({entry.allowed})")
        yield f"#{entry.key} = {default}".rstrip()


def _comment(text: str) -> list[str]:
    return [f"# {line}" for line in wrap(text, 96)]
