from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import pytest

from accord.config.read import BadSetting, Section, describe, read
from accord.core.errors import UsageError


@dataclass(frozen=True, kw_only=True)
class Boat:
    """One boat,
    of many. Raises ValueError when it leaks.

    And more that is not for the heading.
    """

    hull: str = field(metadata={"doc": "its number"})
    crew: int = field(default=4, metadata={"doc": "people on board"})


@dataclass(frozen=True, kw_only=True)
class Harbour:
    """Where boats lie."""

    depth: float = field(default=3.5, metadata={"doc": "metres"})
    berths: int = field(default=10, metadata={"doc": "places"})
    name: str = field(default="", metadata={"doc": "what sailors call it"})

    def __post_init__(self) -> None:
        if self.depth > 100:
            raise BadSetting("depth", "no harbour is so deep")
        if self.berths > self.depth * 10:
            raise ValueError("too many berths for the depth")


@dataclass(frozen=True, kw_only=True)
class Port:
    """All of it."""

    harbour: Harbour = field(default_factory=Harbour)
    boat: Mapping[str, Boat] = field(default_factory=lambda: MappingProxyType({}))


def _read(text: str, **overrides: str) -> Port:
    options = {name.replace("__", "."): value for name, value in overrides.items()}
    return read(Port, text, file="port.toml", overrides=options)


def _refusal(text: str, **overrides: str) -> str:
    with pytest.raises(UsageError) as caught:
        _read(text, **overrides)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_an_empty_file_gives_the_defaults() -> None:
    assert _read("") == Port()


def test_sections_and_named_sections_are_read() -> None:
    port = _read('[harbour]\ndepth = 5\n[boat.kea]\nhull = "A1"\n[boat.tui]\nhull = "B2"\ncrew = 2')
    assert port.harbour == Harbour(depth=5.0)
    assert port.boat == {"kea": Boat(hull="A1"), "tui": Boat(hull="B2", crew=2)}


def test_an_unknown_key_is_named_with_value_line_and_what_was_meant() -> None:
    said = _refusal("# boats\n\n[harbour]\ndepht = 4\n")
    assert said.startswith("port.toml line 4: [harbour] depht = 4: ")
    assert "did you mean depth?" in said
    assert "depth, berths, name" in said


def test_an_unknown_section_is_named_with_its_line() -> None:
    said = _refusal("\n[harbor]\ndepth = 4\n")
    assert said.startswith("port.toml line 2: [harbor]: ")
    assert "did you mean harbour?" in said


def test_nothing_is_proposed_where_nothing_is_near() -> None:
    assert "did you mean" not in _refusal("zzz = 1")


def test_a_wrong_type_is_named_with_what_is_allowed() -> None:
    said = _refusal('[harbour]\n  "berths" = "many"')
    assert said == 'port.toml line 2: [harbour] berths = "many": give a whole number'


def test_the_line_is_the_right_one_of_two_sections_with_the_same_key() -> None:
    text = '[boat.kea]\nhull = "A"\n[boat."old tui"]\nhull = 7'
    assert _refusal(text).startswith("port.toml line 4: [boat.old tui] hull = 7: ")


def test_keys_in_dotted_and_inline_form_are_found() -> None:
    assert _refusal("harbour.depth = true").startswith("port.toml line 1: [harbour] depth = true")
    assert _refusal("\nharbour = { depth = [] }").startswith("port.toml line 2: [harbour] depth")


def test_a_long_value_is_shown_in_part() -> None:
    said = _refusal(f'[harbour]\ndepth = "{"x" * 1000}"')
    assert len(said) < 200


@pytest.mark.parametrize("text", ["harbour = 3", "[[harbour]]\ndepth = 1"])
def test_a_section_must_be_one(text: str) -> None:
    assert "write it as a section, [harbour]" in _refusal(text)


def test_a_named_section_must_have_a_name() -> None:
    assert "[boat.NAME]" in _refusal("boat = 3")


def test_a_missing_key_is_named_with_its_meaning() -> None:
    said = _refusal("\n[boat.kea]\ncrew = 3")
    assert said == "port.toml line 2: [boat.kea] hull is missing: its number"


def test_values_that_do_not_go_together_are_refused_at_the_key_or_the_section() -> None:
    assert _refusal("[harbour]\nberths = 1\ndepth = 101").startswith("port.toml line 3: ")
    said = _refusal("[harbour]\nberths = 90")
    assert said == "port.toml line 1: [harbour]: too many berths for the depth"


def test_a_section_or_key_that_stands_twice_is_named_with_both_lines() -> None:
    said = _refusal("[harbour]\n#berths = 1\n\n[ldap]\n\n[harbour]\nberths = 1")
    assert said == (
        "port.toml: [harbour] stands twice, at lines 1 and 6: put what is below both below one of "
        "them"
    )
    said = _refusal("[harbour]\nberths = 1\ndepth = 2\nberths = 3")
    assert said == (
        "port.toml: berths in [harbour] stands twice, at lines 2 and 4: leave one of them out"
    )


def test_what_is_not_toml_is_refused_with_its_line() -> None:
    said = _refusal("[harbour]\ndepth = = 3")
    assert said.startswith("port.toml: this is not TOML: ")
    assert "line 2" in said


def test_a_key_given_twice_is_refused() -> None:
    assert "lines 2 and 3" in _refusal("[harbour]\ndepth = 3\ndepth = 4\n")


def test_an_option_comes_before_the_file() -> None:
    assert _read('[harbour]\nname = "Akaroa"', harbour__name="Oban").harbour.name == "Oban"
    assert _read("", harbour__name="Oban").harbour.name == "Oban"


def test_an_option_that_is_wrong_is_named_as_such() -> None:
    said = _refusal("[harbour]\nberths = 3", harbour__berths="five")
    assert said == 'option --berths: [harbour] berths = "five": give a whole number'


def test_an_option_does_not_hide_that_its_section_is_none() -> None:
    assert "write it as a section" in _refusal("harbour = 3", harbour__name="Oban")


def test_every_key_is_described_with_type_default_and_meaning() -> None:
    harbour, boat = describe(Port)
    assert (harbour.name, harbour.doc) == ("harbour", "Where boats lie.")
    assert [(each.key, each.allowed, each.default, each.doc) for each in harbour.entries] == [
        ("depth", "a number", "3.5", "metres"),
        ("berths", "a whole number", "10", "places"),
        ("name", "text", '""', "what sailors call it"),
    ]
    assert isinstance(boat, Section)
    assert (boat.name, boat.doc) == ("boat.NAME", "One boat, of many.")
    assert boat.entries[0].default is None
