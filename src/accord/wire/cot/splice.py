"""Changes to an event's XML that leave every other byte as it came."""

import re
from collections.abc import Collection, Mapping
from typing import NamedTuple

from accord.wire.cot import xml

_BEGIN = b"<event"
_END = b"</event>"
_start_tags = re.compile(rb"""<[^>"']*(?:"[^"]*"[^>"']*|'[^']*'[^>"']*)*>""").finditer
_ATTRIBUTE_OF_EVENT = (
    rb"""<event(?:\s+[^\s=]+\s*=\s*(?:"[^"]*"|'[^']*'))*?"""
    rb"""(?P<own>\s+%b\s*=\s*(?P<value>"[^"]*"|'[^']*'))"""
)
_USUAL_END = b"</detail></event>"  # then nothing but the detail can end there


def without(frame: bytes, name: str) -> bytes:
    """Return the event less the children of `detail` of that name. Raises WireError."""
    kept: list[bytes] = []
    at = 0
    for child in Detail.of(frame).children:
        if child.name == name:
            kept += _up_to_a_gap(frame[at : child.start])
            at = child.end
    return b"".join([*kept, frame[at:]])


def _up_to_a_gap(before: bytes) -> tuple[bytes, bytes]:
    """Return what stands before a place left empty, kept from making `]]>` with what follows."""
    return before, b"<!---->" if before.endswith(b"]") else b""


def with_attribute(frame: bytes, name: str, value: str) -> bytes:
    """Return the event with an attribute, unless it has that one and not empty."""
    written = xml.written({name: value}).encode()
    found = re.match(_ATTRIBUTE_OF_EVENT % name.encode(), frame)
    if found is None:
        return frame[: len(_BEGIN)] + written + frame[len(_BEGIN) :]
    is_empty = len(found["value"]) == len(b"''")
    return frame[: found.start("own")] + written + frame[found.end() :] if is_empty else frame


def with_child(frame: bytes, child: bytes) -> bytes:
    """Return the event with one more child at the end of `detail`. Raises WireError."""
    if frame.endswith(_USUAL_END):
        return frame[: -len(_USUAL_END)] + child + _USUAL_END
    detail = Detail.of(frame).own
    if detail is None:
        end = len(frame) - len(_END)
        return b"%b<detail>%b</detail>%b" % (frame[:end], child, frame[end:])
    if detail.closes is None:
        opened, rest = frame[: detail.end - len(b"/>")], frame[detail.end :]
        return b"%b>%b</detail>%b" % (opened, child, rest)
    return frame[: detail.closes] + child + frame[detail.closes :]


class Span(NamedTuple):
    """Where an element stands in the bytes.

    Its inside is from `content` to `closes`, both None for `<x/>`. `scope` is what declares the
    namespaces above it; `is_plain` says that it has no inside and knows no namespace.
    """

    name: str
    start: int
    content: int | None
    closes: int | None
    end: int
    scope: Mapping[str, str]
    is_plain: bool


class Detail(NamedTuple):
    """The `detail` of one event, where it has one, and the children of it, in order."""

    frame: bytes
    own: Span | None
    children: list[Span]

    @classmethod
    def of(cls, frame: bytes) -> "Detail":
        """Return the detail of `<event ...>...</event>`. Raises WireError."""
        spans = _spans(frame)
        own = next((span for parent, span in spans if (parent, span.name) == _DETAIL), None)
        return cls(frame, own, [span for parent, span in spans if parent == "detail"])

    def inside(self, *, leaving_out: Collection[int]) -> bytes:
        """Return what is in it, less the children at those places, able to stand alone."""
        if self.own is None or self.own.content is None or self.own.closes is None:
            return b""
        pieces: list[bytes] = []
        at = self.own.content
        for place, span in enumerate(self.children):
            if place in leaving_out:
                pieces += _up_to_a_gap(self.frame[at : span.start])
            else:
                pieces += [self.frame[at : span.start], *self._standing_alone(span)]
            at = span.end
        return b"".join([*pieces, self.frame[at : self.own.closes]]).strip()

    def _standing_alone(self, span: Span) -> tuple[bytes, bytes, bytes]:
        named = span.start + len(f"<{span.name}".encode())
        opened, rest = self.frame[span.start : named], self.frame[named : span.end]
        return opened, _needed(span.scope, opened + rest) if span.scope else b"", rest


def _needed(scope: Mapping[str, str], child: bytes) -> bytes:
    """Return the declarations of the prefixes in the child, and of what has none.

    A prefix counts in values and text too, such as `xsi:type="k:a"`.
    """
    prefixes = {name: name.removeprefix("xmlns:") for name in scope}
    used = {
        name: scope[name]
        for name, prefix in prefixes.items()
        if prefix == "xmlns" or f"{prefix}:".encode() in child
    }
    return xml.written(used).encode()


_DETAIL = ("event", "detail")
_LEVELS = 3  # the event, its detail, and the children of that
_NOTHING: Mapping[str, str] = {}


class _Open(NamedTuple):
    """An element that has not ended: what declares the namespaces above it, and inside it."""

    name: str
    start: int
    scope: Mapping[str, str]
    inside: Mapping[str, str]


def _spans(frame: bytes) -> list[tuple[str, Span]]:
    """Return the event's children and theirs, each after its parent's name, as they end."""
    parser = xml.parser()
    path: list[_Open] = []
    spans: list[tuple[str, Span]] = []
    declares: dict[str, str] = {}
    deeper = 0

    def declared(prefix: str | None, uri: str | None) -> None:
        declares[f"xmlns:{prefix}" if prefix else "xmlns"] = uri or ""

    def started(name: str, _: dict[str, str]) -> None:
        nonlocal deeper
        if len(path) == _LEVELS:
            deeper += 1
        else:
            scope = inside = path[-1].inside if path else _NOTHING
            if declares:
                inside = {**scope, **declares}
                scope = {each: uri for each, uri in scope.items() if each not in declares}
            path.append(_Open(xml.raw(name), parser.CurrentByteIndex, scope, inside))
        declares.clear()

    def ended(_: str) -> None:
        nonlocal deeper
        if deeper:
            deeper -= 1
            return
        child = path.pop()
        if path:
            spans.append((path[-1].name, _span(frame, child, parser.CurrentByteIndex)))

    parser.StartNamespaceDeclHandler = declared
    parser.StartElementHandler, parser.EndElementHandler = started, ended
    xml.parse(parser, frame)
    return spans


def _span(frame: bytes, child: _Open, closes: int) -> Span:
    name, start, scope, inside = child
    content = next(_start_tags(frame, start)).end()
    if frame[content - 2 : content] == b"/>":
        return Span(name, start, None, None, content, scope, not inside)
    end = frame.index(b">", closes) + 1
    return Span(name, start, content, closes, end, scope, not inside and content == closes)
