import pytest

from accord.wire.errors import FrameTooLarge, Malformed, Unsupported, WireError
from accord.wire.label.xml import MAX_BYTES, Element, read, write

NAMESPACE = "urn:example:x"
TREE = Element("a", {"k": "v"}, (Element("b", {}, text="one & <two>"), Element("c", {})))


def _read(text: str) -> Element:
    return read(text.encode(), namespace=NAMESPACE)


def test_a_tree_is_written_and_read_again_the_same() -> None:
    data = write(TREE, namespace=NAMESPACE, prefix="p")
    assert data.startswith(
        b"<?xml version='1.0' encoding='UTF-8'?>\n<p:a xmlns:p=\"urn:example:x\""
    )
    assert read(data, namespace=NAMESPACE) == TREE


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        ('<!DOCTYPE a [<!ENTITY e "x">]><a xmlns="urn:example:x">&e;</a>', Unsupported),
        ('<!DOCTYPE a SYSTEM "http://192.0.2.1/a.dtd"><a xmlns="urn:example:x"/>', Unsupported),
        ('<a xmlns="urn:example:x">&e;</a>', Malformed),
        ('<a xmlns="urn:example:x"><!-- b --></a>', Unsupported),
        ('<a xmlns="urn:example:x">SEC<!-- -->RET</a>', Unsupported),
        ('<a xmlns="urn:example:x"><?b c?></a>', Unsupported),
        ('<a xmlns="urn:example:y"/>', Unsupported),
        ("<a/>", Unsupported),
        ('<a xmlns="urn:example:x"><b xmlns="">c</b></a>', Unsupported),
        ('<a xmlns="urn:example:x">words<b/></a>', Malformed),
        ('<a xmlns="urn:example:x"><b/>words</a>', Malformed),
        ('<a xmlns="urn:example:x">', Malformed),
        ("", Malformed),
        ("words", Malformed),
    ],
)
def test_anything_but_elements_of_the_namespace_is_refused(
    text: str, refusal: type[WireError]
) -> None:
    with pytest.raises(refusal):
        _read(text)


def test_a_text_that_is_not_utf_8_is_refused_whatever_it_declares() -> None:
    text = "<?xml version='1.0' encoding='utf-16'?><a xmlns='urn:example:x'/>"
    with pytest.raises(Malformed):
        read(text.encode("utf-16"), namespace=NAMESPACE)


def test_size_is_limited_before_anything_is_read() -> None:
    with pytest.raises(FrameTooLarge):
        read(b"<" * (MAX_BYTES + 1), namespace=NAMESPACE)


def test_depth_is_limited() -> None:
    with pytest.raises(Malformed):
        _read('<a xmlns="urn:example:x">' + "<a>" * 500 + "</a>" * 500 + "</a>")
