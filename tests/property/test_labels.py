"""Whatever a label is written in, it is read again the same; what is not understood is no label."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from accord.core import portion
from accord.core.handling import CAVEATS, COMPARTMENTS, LEVELS, NotUnderstood
from accord.core.label import Label
from accord.core.marking import Opex, OpexKind
from accord.core.nation import NATIONS
from accord.wire.cot.label import attributes, label_of
from accord.wire.errors import WireError
from accord.wire.label import nato
from support.labels import labels

NODE = "NZL-JFNZ"
OPEX = st.none() | st.builds(Opex, st.sampled_from(OpexKind), st.text(max_size=5))
NATION = st.sampled_from(["NZL", "USA", "FJI"])
WORDS = st.sampled_from(
    [
        *LEVELS,
        *LEVELS.values(),
        *CAVEATS,
        *COMPARTMENTS,
        "NZL",
        "USA",
        "NATO",
        "NS",
        "REL TO",
        "REL",
    ]
)
GLUE = st.sampled_from(["//", "/", ", ", ",", " ", "(", ")", ""])
NEARLY_A_MARK = st.lists(WORDS | GLUE | st.text(max_size=2), max_size=9).map("".join)


@given(labels(), NATION)
def test_a_portion_mark_is_read_again_the_same_on_any_nations_paper(
    label: Label, paper: str
) -> None:
    written = portion.write(label, nation=paper)
    kept = replace(label, originator=paper) if label.policy == "NATO" else label
    assert portion.read(written, nation=paper) == kept


@given(labels(), OPEX)
def test_cot_attributes_are_read_again_the_same(label: Label, opex: Opex | None) -> None:
    said = attributes(label, NODE)
    again = label_of(said.get("access"), said.get("caveat"), said.get("releasableTo"), opex, NODE)
    assert again == replace(label, opex=opex)


@given(labels(dated=True))
def test_nato_xml_is_read_again_the_same(label: Label) -> None:
    assert nato.read(nato.write(label), nation="NZL") == label


@given(NEARLY_A_MARK)
def test_text_is_a_mark_that_is_written_the_same_or_is_refused(text: str) -> None:
    try:
        label = portion.read(f"({text})", nation="NZL")
    except NotUnderstood:
        return
    assert portion.read(portion.write(label, nation="NZL"), nation="NZL") == label


@given(st.none() | NEARLY_A_MARK, st.none() | NEARLY_A_MARK, st.none() | NEARLY_A_MARK)
def test_attributes_never_release_to_a_nation_that_they_do_not_name(
    access: str | None, caveat: str | None, releasable_to: str | None
) -> None:
    label = label_of(access, caveat, releasable_to, None, NODE)
    if label is not None:
        assert label.releasable_to <= NATIONS
        assert all(nation in (releasable_to or "") for nation in label.releasable_to)


@given(labels(dated=True), st.data())
def test_damaged_xml_is_refused_or_read_but_raises_nothing_else(
    label: Label, data: st.DataObject
) -> None:
    document = bytearray(nato.write(label))
    at = data.draw(st.integers(0, len(document) - 1))
    document[at : at + data.draw(st.integers(0, 30))] = data.draw(st.binary(max_size=5))
    try:
        found = nato.read(bytes(document), nation="NZL")
    except WireError:
        return
    assert nato.read(nato.write(found), nation="NZL") == found


@given(labels(), st.text(st.characters(exclude_characters="/,"), min_size=1, max_size=6))
def test_a_word_more_that_nobody_knows_leaves_no_label(label: Label, word: str) -> None:
    said = attributes(label, NODE)
    if word in CAVEATS or word in COMPARTMENTS or word in {c.short for c in CAVEATS.values()}:
        return
    caveat = "/".join(filter(None, [said.get("caveat"), word]))
    assert label_of(said["access"], caveat, said.get("releasableTo"), None, NODE) is None
