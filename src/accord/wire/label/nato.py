"""Labels <-> NATO confidentiality label XML: a subset of ADatP-4774, edition A version 1.

Read and written is what is publicly documented of the standard and listed here, and no more;
everything else in a label makes it not understood. Names and pages are as the public study of the
disclosed text in linagora/dcs-onlyoffice (docs/research/labelling-standards.md, 2026) cites them.

| Element or attribute | Source in ADatP-4774 (A)(1) | Here |
|---|---|---|
| `originatorConfidentialityLabel` | appendix 1, page 1-1 | the root, and no other |
| `@ReviewDateTime` | appendix 1, page 1-2 | `review` |
| `ConfidentialityInformation` | appendix 1, page 1-3 | |
| `PolicyIdentifier`, `@URI` | appendix 1, pages 1-4 to 1-6 | `policy`: NATO or an alpha-3 code |
| `Classification` | appendix 1, page 1-6 | `level`, without the word NATO or COSMIC |
| `Category`, `@Type`, `@TagName`, `@URI` | appendix 1, pages 1-7 and 1-8 | by type and tag name |
| `GenericValue` | appendix 1, page 1-9 | a word of the mark |
| `OriginatorID`, `@IDType` | appendix 1, pages 1-9 and 1-10 | of the label's author; read past |
| `CreationDateTime` | appendix 1, page 1-3 | `created` |

Tag names are those of NATO's own policy (appendix 2, pages 2-2 to 2-8): `Context`, which must be
there under that policy, `Releasable To`, `Additional Sensitivity` and `Administrative`. National
policies are written with the same names. The exercise mark has no place in this syntax.
"""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

from accord.core.handling import CAVEATS, NATO, NotUnderstood, limits, nations
from accord.core.label import Label, originator
from accord.core.rfc3339 import spell
from accord.wire.errors import Malformed, Unsupported
from accord.wire.label import xml
from accord.wire.label.xml import Element

NAMESPACE = "urn:nato:stanag:4774:confidentialitymetadatalabel:1:0"
PREFIX = "slab"
"""The prefix of the examples in ADatP-4774; any is read."""

NATO_URI = "urn:oid:1.3.26.1.3.1"
"""NATO's own policy (appendix 2, page 2-1)."""

_ROOT = "originatorConfidentialityLabel"
_CHILDREN = (
    ("ConfidentialityInformation", "CreationDateTime"),
    ("ConfidentialityInformation", "OriginatorID", "CreationDateTime"),
)
_OID = re.compile(r"urn:oid:[0-9]+(\.[0-9]+)+").fullmatch
_MOMENT = re.compile(
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[-+]\d\d:\d\d)", re.ASCII
).fullmatch

_CONTEXT = ("PERMISSIVE", "Context")
_RELEASABLE = ("PERMISSIVE", "Releasable To")
_SENSITIVITY = ("RESTRICTIVE", "Additional Sensitivity")
_ADMINISTRATIVE = ("INFORMATIVE", "Administrative")
_TAGS = frozenset({_CONTEXT, _RELEASABLE, _SENSITIVITY, _ADMINISTRATIVE})

Categories = dict[tuple[str, str], list[str]]
"""The words of a label by type and tag name."""


def read(data: bytes, *, nation: str) -> Label:
    """Return the label in a document; under NATO's policy it is that nation's. Raises WireError."""
    root = xml.read(data, namespace=NAMESPACE)
    if root.name != _ROOT:
        raise Unsupported(f"{root.name} is not {_ROOT}")
    _attributes(root, optional={"ReviewDateTime", "Id"})
    said = {child.name: child for child in root.children}
    if tuple(child.name for child in root.children) not in _CHILDREN:
        raise Unsupported(f"a label holds {' or '.join(map(', '.join, _CHILDREN))}")
    _attributes(said["ConfidentialityInformation"])
    if "OriginatorID" in said:
        _attributes(said["OriginatorID"], required={"IDType"})
    review = root.attributes.get("ReviewDateTime")
    try:
        return _label(
            said["ConfidentialityInformation"],
            nation,
            created=_moment(_text(said["CreationDateTime"])),
            review=None if review is None else _moment(review),
        )
    except NotUnderstood as error:
        raise Unsupported(str(error)) from None


def _label(said: Element, nation: str, *, created: datetime, review: datetime | None) -> Label:
    """Return the label. Raises WireError and NotUnderstood."""
    if [each.name for each in said.children[:2]] != ["PolicyIdentifier", "Classification"]:
        raise Malformed("ConfidentialityInformation starts with PolicyIdentifier, Classification")
    policy = _policy(said.children[0])
    # Of NATO's policy, case does not matter (page 5-2); of others, nothing is said.
    spelt: Callable[[str], str] = str.upper if policy == NATO else str
    words = {tag: list(map(spelt, given)) for tag, given in _categories(said.children[2:])}
    if words.pop(_CONTEXT, None) != ([NATO] if policy == NATO else None):
        raise Unsupported("the context is NATO under NATO's policy, and there is none otherwise")
    restricting, informing = words.get(_SENSITIVITY, []), words.get(_ADMINISTRATIVE, [])
    found = limits([*restricting, *informing])
    if {word for word in found.caveats if CAVEATS[word].informs} != set(informing):
        raise Unsupported(f"of {restricting} and {informing}, not the right ones only inform")
    return Label(
        policy=policy,
        level=spelt(_text(said.children[1])),
        originator=originator(policy, nation),
        compartments=found.compartments,
        releasable_to=nations(words[_RELEASABLE]) if _RELEASABLE in words else frozenset(),
        caveats=found.caveats,
        created=created,
        review=review,
    )


def _policy(element: Element) -> str:
    _attributes(element, optional={"URI"})
    name, uri = " ".join(element.text.split()), element.attributes.get("URI")
    if uri is not None and (not _OID(uri) or (uri == NATO_URI) is not (name == NATO)):
        raise Unsupported(f"{uri} is not the policy {name}")
    return name


def _categories(elements: tuple[Element, ...]) -> Iterator[tuple[tuple[str, str], list[str]]]:
    """Yield the words of each category. Raises WireError for an unknown, empty or repeated one."""
    seen: set[tuple[str, str]] = set()
    for element in elements:
        if element.name != "Category":
            raise Unsupported(f"{element.name} in ConfidentialityInformation")
        _attributes(element, required={"Type", "TagName"}, optional={"URI"})
        tag = element.attributes["Type"], element.attributes["TagName"]
        if tag not in _TAGS or tag in seen:
            raise Unsupported(f"the category {' '.join(tag)} is unknown, or there twice")
        seen.add(tag)
        if not element.children or any(e.name != "GenericValue" for e in element.children):
            raise Unsupported(f"the category {' '.join(tag)} holds no or other than GenericValue")
        yield tag, [_text(child) for child in element.children]


def _attributes(
    element: Element,
    *,
    required: frozenset[str] | set[str] = frozenset(),
    optional: frozenset[str] | set[str] = frozenset(),
) -> None:
    """Raise Unsupported where an attribute is missing or one that is not listed is there."""
    given = element.attributes.keys()
    if not required <= given <= required | optional:
        raise Unsupported(f"{element.name} with the attributes {sorted(given)}")


def _text(element: Element) -> str:
    """Return the text of an element that has nothing else. Raises Unsupported."""
    _attributes(element)
    if element.children or not element.text.strip():
        raise Unsupported(f"{element.name} holds no text alone")
    return " ".join(element.text.split())


def _moment(text: str) -> datetime:
    if not _MOMENT(text):
        raise Malformed(f"{text!r} is not like 2026-01-02T03:04:05Z")
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):
        raise Malformed(f"{text!r} is no moment of any day") from None


def write(label: Label) -> bytes:
    """Return the label as a document. Raises ValueError for what this syntax cannot say.

    It says both dates and no opex, and a nation's mark only on that nation's information. That a
    label is by default it does not say.
    """
    if label.opex is not None:
        raise ValueError("this label cannot say opex: the exercise mark would be lost")
    if label.created is None or label.review is None:
        raise ValueError("this label needs the dates of creation and review")
    if label.originator != originator(label.policy, label.originator):
        raise ValueError(f"a mark of {label.policy} on information of {label.originator}")
    root = Element(
        _ROOT,
        {"ReviewDateTime": spell(label.review)},
        (
            Element("ConfidentialityInformation", {}, tuple(_information(label))),
            Element("CreationDateTime", {}, text=spell(label.created)),
        ),
    )
    return xml.write(root, namespace=NAMESPACE, prefix=PREFIX)


def _information(label: Label) -> Iterator[Element]:
    is_nato = label.policy == NATO
    yield Element("PolicyIdentifier", {"URI": NATO_URI} if is_nato else {}, text=label.policy)
    yield Element("Classification", {}, text=label.level)
    informing = {caveat for caveat in label.caveats if CAVEATS[caveat].informs}
    for (kind, name), words in (
        (_CONTEXT, {NATO} if is_nato else set[str]()),
        (_SENSITIVITY, label.compartments | label.caveats - informing),
        (_RELEASABLE, label.releasable_to),
        (_ADMINISTRATIVE, informing),
    ):
        if words:
            values = tuple(Element("GenericValue", {}, text=word) for word in sorted(words))
            yield Element("Category", {"Type": kind, "TagName": name}, values)
