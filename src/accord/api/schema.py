"""The parts that JSON schemas of the HTTP interface are made of (JSON Schema 2020-12)."""

from collections.abc import Mapping

Json = dict[str, object]

TEXT: Json = {"type": "string"}
WHOLE: Json = {"type": "integer", "minimum": 0}
FLAG: Json = {"type": "boolean"}
NUMBER: Json = {"type": "number"}
MAYBE_TEXT: Json = {"type": ["string", "null"]}
MAYBE_NUMBER: Json = {"type": ["number", "null"]}
TEXTS: Json = {"type": "array", "items": TEXT}
MOMENT: Json = {"type": "string", "format": "date-time"}
ANYTHING: Json = {"type": "object"}
MAYBE_ANYTHING: Json = {"type": ["object", "null"]}


def object_of(keys: Mapping[str, Json], *, optional: frozenset[str] = frozenset()) -> Json:
    """Return the schema of an object with those keys, all of them there but the optional."""
    required = [key for key in keys if key not in optional]
    return {"type": "object", "properties": dict(keys), "required": required}


def ref(name: str) -> Json:
    """Return a reference to a schema of the document."""
    return {"$ref": f"#/components/schemas/{name}"}


def list_of(of: Json) -> Json:
    """Return the schema of a list."""
    return {"type": "array", "items": of}


def maybe(of: Json) -> Json:
    """Return the schema of something that can be missing."""
    return {"anyOf": [of, {"type": "null"}]}


def one_of(words: list[str]) -> Json:
    """Return the schema of one of those words."""
    return {"type": "string", "enum": words}
