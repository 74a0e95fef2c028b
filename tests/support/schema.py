"""Holds JSON to the schemas of an OpenAPI document: the part of JSON Schema that ours use."""

from collections.abc import Iterator
from typing import Any

_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "number": (int, float),
    "object": (dict,),
    "array": (list,),
    "null": (type(None),),
}
_KNOWN = {
    "type", "properties", "required", "items", "enum", "anyOf", "additionalProperties", "minimum",
    "maximum", "minItems", "maxItems", "maxLength", "format", "default", "$ref",
}  # fmt: skip


def faults(value: Any, schema: Any, document: Any, *, closed: bool, at: str = "$") -> list[str]:
    """What is wrong with a value; `closed`: a key that no schema names is wrong too."""
    return list(_faults(value, schema, document, closed, at))


def _faults(value: Any, schema: Any, document: Any, closed: bool, at: str) -> Iterator[str]:
    assert set(schema) <= _KNOWN, schema
    if "$ref" in schema:
        yield from _faults(value, resolved(schema["$ref"], document), document, closed, at)
        return
    if "anyOf" in schema:
        found = [list(_faults(value, each, document, closed, at)) for each in schema["anyOf"]]
        yield from min(found, key=len)
        return
    named = schema["type"]
    types = [named] if isinstance(named, str) else named
    if not any(_is_a(value, each) for each in types):
        yield f"{at}: {value!r} is no {named}"
    elif isinstance(value, dict):
        yield from _faults_of_object(value, schema, document, closed, at)
    elif isinstance(value, list):
        if not schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", len(value)):
            yield f"{at}: there are {len(value)}"
        for place, each in enumerate(value):
            yield from _faults(each, schema["items"], document, closed, f"{at}[{place}]")
    else:
        yield from _faults_of_word(value, schema, at)


def _faults_of_word(value: Any, schema: Any, at: str) -> Iterator[str]:
    if "enum" in schema and value not in schema["enum"]:
        yield f"{at}: {value!r} is none of {schema['enum']}"
    if value is not None and not isinstance(value, str):
        least, most = schema.get("minimum", value), schema.get("maximum", value)
        if not least <= value <= most:
            yield f"{at}: {value!r} is out of range"


def _is_a(value: Any, name: str) -> bool:
    is_flag = isinstance(value, bool)
    return isinstance(value, _TYPES[name]) and (not is_flag or name == "boolean")


def _faults_of_object(
    value: dict[str, Any], schema: Any, document: Any, closed: bool, at: str
) -> Iterator[str]:
    properties, more = schema.get("properties", {}), schema.get("additionalProperties")
    for key in schema.get("required", ()):
        if key not in value:
            yield f"{at}: there is no {key}"
    for key, each in value.items():
        if key in properties:
            yield from _faults(each, properties[key], document, closed, f"{at}.{key}")
        elif more is not None:
            yield from _faults(each, more, document, closed, f"{at}.{key}")
        elif closed and properties:
            yield f"{at}: {key} is not described"


def resolved(ref: str, document: Any) -> Any:
    """What a reference within the document stands for."""
    found = document
    for part in ref.removeprefix("#/").split("/"):
        found = found[part]
    return found
