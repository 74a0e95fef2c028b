"""XML of a label <-> a plain tree: no document type, entity or network, nothing but elements."""

from dataclasses import dataclass
from typing import cast

from lxml import etree
from lxml.etree import _Element as Node  # pyright: ignore[reportPrivateUsage]  its one name

from accord.wire.errors import FrameTooLarge, Malformed, Unsupported

MAX_BYTES = 1 << 16
"""Bytes of one label; real ones are about a kilobyte."""


@dataclass(frozen=True, slots=True)
class Element:
    """An element of the one namespace: attributes, and either children or text."""

    name: str
    attributes: dict[str, str]
    children: tuple["Element", ...] = ()
    text: str = ""


def read(data: bytes, *, namespace: str) -> Element:
    """Return the tree of a document in that namespace. Raises WireError."""
    if len(data) > MAX_BYTES:
        raise FrameTooLarge(f"the label has more than {MAX_BYTES} bytes")
    if b"<!DOCTYPE" in data:
        raise Unsupported("a document type definition stands before the label")
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        recover=False,
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise Malformed(f"the label is no XML: {error}") from None
    return _element(root, f"{{{namespace}}}")


def _element(node: Node, prefix: str) -> Element:
    """Return the element; comments, processing instructions and entities have no name of text."""
    tag = cast("object", node.tag)
    if not isinstance(tag, str):
        raise Unsupported("there is something other than elements and text in the label")
    if not tag.startswith(prefix):
        raise Unsupported(f"{tag} is not an element of {prefix}")
    children = tuple(_element(child, prefix) for child in node)
    texts = [node.text or "", *(child.tail or "" for child in node)]
    if children and any(text.strip() for text in texts):
        raise Malformed(f"{tag} holds both elements and text")
    attributes = {str(name): str(value) for name, value in node.attrib.items()}
    return Element(tag.removeprefix(prefix), attributes, children, "" if children else texts[0])


def write(root: Element, *, namespace: str, prefix: str) -> bytes:
    """Return the document, in UTF-8, with that prefix for its namespace."""
    node = _node(root, namespace, {prefix: namespace})
    etree.indent(node)
    return etree.tostring(node, xml_declaration=True, encoding="UTF-8") + b"\n"


def _node(element: Element, namespace: str, names: dict[str, str]) -> Node:
    node = etree.Element(f"{{{namespace}}}{element.name}", element.attributes, nsmap=names)
    node.text = element.text or None
    for child in element.children:
        node.append(_node(child, namespace, names))
    return node
