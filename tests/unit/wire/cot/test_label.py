import pytest

from accord.core.label import Label
from accord.core.marking import Opex
from accord.wire.cot.label import attributes, label_of

NODE = "NZL-JFNZ"


def test_the_attributes_make_one_label() -> None:
    label = label_of("RESTRICTED", "ORCON", "NZL, USA", Opex.parse("e-TASMAN"), NODE)
    assert label == Label(
        policy="NZL",
        level="RESTRICTED",
        originator="NZL",
        releasable_to=frozenset({"NZL", "USA"}),
        caveats=frozenset({"ORCON"}),
        opex=Opex.parse("e-TASMAN"),
    )


@pytest.mark.parametrize("text", ["NZL,USA", "NZL USA", "NZL, USA", "REL TO NZL, USA", "USA NZL"])
def test_nations_are_separated_by_commas_or_spaces(text: str) -> None:
    label = label_of("RESTRICTED", None, text, None, NODE)
    assert label is not None
    assert label.releasable_to == {"NZL", "USA"}


@pytest.mark.parametrize("text", ["SI/ORCON", "SI//OC", "SI,ORCON", "ORCON, SI"])
def test_caveats_are_separated_by_slashes_or_commas(text: str) -> None:
    label = label_of("SECRET", text, None, None, NODE)
    assert label is not None
    assert (label.compartments, label.caveats) == ({"SI"}, {"ORCON"})


@pytest.mark.parametrize(
    ("access", "policy", "originator"),
    [
        ("SECRET", "NZL", "NZL"),
        ("USA SECRET", "USA", "USA"),
        ("NATO SECRET", "NATO", "NZL"),
    ],
)
def test_a_level_is_of_the_nodes_nation_unless_it_names_a_policy(
    access: str, policy: str, originator: str
) -> None:
    label = label_of(access, None, None, None, NODE)
    assert label is not None
    assert (label.policy, label.originator) == (policy, originator)


@pytest.mark.parametrize(
    ("access", "caveat", "releasable_to"),
    [
        (None, None, None),
        (None, None, "USA"),
        ("Undefined", None, None),
        ("Undefined", None, "USA"),
        # The examples of MITRE's base schema, which no two nations read alike.
        ("unrestricted", None, None),
        ("nato", None, None),
        ("coalition", None, None),
        ("restricted", None, "USA"),
        ("RESTRICTED", "PURPLE", "USA"),
        ("RESTRICTED", "ORCON PURPLE", "USA"),
        ("RESTRICTED", None, "USA, ATLANTIS"),
        ("RESTRICTED", None, "USA,,NZL"),
        ("RESTRICTED", None, "FVEY"),
        ("RESTRICTED", "NZEO", "USA"),
    ],
)
def test_what_is_not_understood_whole_is_no_label(
    access: str | None, caveat: str | None, releasable_to: str | None
) -> None:
    assert label_of(access, caveat, releasable_to, None, NODE) is None


def test_a_node_of_no_nation_gives_no_labels() -> None:
    assert label_of("SECRET", None, None, None, "XXX-1") is None


@pytest.mark.parametrize(
    ("access", "written"),
    [
        ("SECRET", "SECRET"),
        ("NZL SECRET", "SECRET"),
        ("USA CUI", "USA CUI"),
        ("NR", "NATO RESTRICTED"),
        ("CTS", "COSMIC TOP SECRET"),
    ],
)
def test_levels_are_written_in_full(access: str, written: str) -> None:
    label = label_of(access, "TK/OC", "USA NZL", None, NODE)
    assert label is not None
    assert attributes(label, NODE) == {
        "access": written, "caveat": "ORCON/TK", "releasableTo": "NZL, USA",
    }  # fmt: skip


def test_what_a_label_does_not_say_is_no_attribute() -> None:
    label = label_of("SECRET", None, None, None, NODE)
    assert label is not None
    assert attributes(label, NODE) == {"access": "SECRET"}
