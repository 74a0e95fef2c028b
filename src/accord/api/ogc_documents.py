"""What OGC API - Features says of itself: landing page, conformance, collections, definition."""

from importlib.metadata import version

Json = dict[str, object]

TRACKS, POSITIONS = "tracks", "positions"

OPENAPI = "application/vnd.oai.openapi+json;version=3.0"
SCHEMA = "application/schema+json"
_CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
_CLASS = "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/"

CONFORMANCE: Json = {
    "conformsTo": [f"{_CLASS}core", f"{_CLASS}oas30", f"{_CLASS}geojson"],
}

_TITLES = {
    TRACKS: ("The live picture", "Every track that you may see, as this node believes it now."),
    POSITIONS: (
        "The past picture",
        "Every position that this node kept and you may see; the last hour where no time is asked.",
    ),
}

PROPERTIES = (
    "uid", "name", "type", "affiliation", "body", "status", "source", "speaker", "node", "partner",
    "exercise", "emergency", "mmsi", "imo", "icao", "callsign", "nation", "how", "time",
    "received", "stale", "mark", "form",
)  # fmt: skip
"""What a feature has, besides how it moves and why it is doubted."""

_MOMENTS = ("time", "received", "stale")
_NUMBERS = ("hae", "precision", "course", "speed", "climb")


def _link(href: str, rel: str, kind: str, title: str) -> Json:
    return {"href": href, "rel": rel, "type": kind, "title": title}


def landing(root: str) -> Json:
    """Return the landing page of the interface at that address (17-069r4, 7.2)."""
    plain = "application/json"
    return {
        "title": "Accord",
        "description": "The operational picture of one node, for geographic information systems.",
        "links": [
            _link(root, "self", plain, "this document"),
            _link(f"{root}/api", "service-desc", OPENAPI, "the definition of the interface"),
            _link(f"{root}/conformance", "conformance", plain, "conformance classes"),
            _link(f"{root}/collections", "data", plain, "the collections"),
        ],
    }


def collection(root: str, name: str) -> Json:
    """Return what is said of one collection (17-069r4, 7.14)."""
    title, description = _TITLES[name]
    own = f"{root}/collections/{name}"
    return {
        "id": name,
        "title": title,
        "description": description,
        "itemType": "feature",
        "extent": {
            "spatial": {"bbox": [[-180, -90, 180, 90]], "crs": _CRS84},
            "temporal": {"interval": [[None, None]]},
        },
        "crs": [_CRS84],
        "links": [
            _link(own, "self", "application/json", "this document"),
            _link(f"{own}/items", "items", "application/geo+json", "the features"),
            # GDAL knows the relation in this case only; relations have none (RFC 8288, 2.1.1).
            _link(f"{own}/schema", "describedBy", SCHEMA, "what a feature has"),
        ],
    }


def schema(root: str, name: str) -> Json:
    """Return which properties features have: columns are known where no feature is told yet."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"{root}/collections/{name}/schema",
        "title": _TITLES[name][0],
        **_feature_schema(),
    }


def collections(root: str) -> Json:
    """Return both collections (17-069r4, 7.13)."""
    return {
        "links": [_link(f"{root}/collections", "self", "application/json", "this document")],
        "collections": [collection(root, each) for each in (TRACKS, POSITIONS)],
    }


def definition(root: str) -> Json:
    """Return the interface as OpenAPI 3.0 (17-069r4, 7.3)."""
    return {
        "openapi": "3.0.3",
        "info": {"title": "Accord: OGC API - Features", "version": version("accord")},
        "servers": [{"url": root}],
        "paths": {
            "/": _plain("The landing page."),
            "/conformance": _plain("The conformance classes."),
            "/api": _plain("This document."),
            "/collections": _plain("The collections."),
            "/collections/{collectionId}": _plain("One collection.", "collectionId"),
            "/collections/{collectionId}/schema": _plain(
                "What a feature has.", "collectionId", kind=SCHEMA
            ),
            "/collections/{collectionId}/items": _items(),
            "/collections/{collectionId}/items/{featureId}": _plain(
                "One feature.", "collectionId", "featureId", kind="application/geo+json"
            ),
        },
        "components": {"schemas": {"Feature": _feature_schema()}},
    }


def _plain(says: str, *in_path: str, kind: str = "application/json") -> Json:
    said: Json = {
        "summary": says,
        # GDAL says the time that its address has to every document.
        "parameters": [*map(_in_path, in_path), _in_query("datetime", {"type": "string"})],
        "responses": {
            "200": {"description": "Done.", "content": {kind: {"schema": {"type": "object"}}}},
            "default": {"description": "Refused, or failed."},
        },
    }
    return {"get": said}


def _in_path(name: str) -> Json:
    return {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}


def _items() -> Json:
    bbox: Json = {"type": "array", "items": {"type": "number"}, "minItems": 4, "maxItems": 6}
    parameters = [
        _in_path("collectionId"),
        {**_in_query("bbox", bbox), "style": "form", "explode": False},
        _in_query("datetime", {"type": "string"}),
        _in_query("limit", {"type": "integer", "minimum": 1, "maximum": 10_000, "default": 100}),
        _in_query("kind", {"type": "string"}),
        _in_query("context", {"type": "string"}),
        _in_query("cursor", {"type": "string"}),
    ]
    said = _plain("Features of a collection.", kind="application/geo+json")
    got = said["get"]
    return {"get": {**got, "parameters": parameters}} if isinstance(got, dict) else said


def _in_query(name: str, schema: Json) -> Json:
    return {"name": name, "in": "query", "required": False, "schema": schema}


def _column(name: str) -> Json:
    if name == "emergency":
        return {"type": "boolean"}
    moment: Json = {"format": "date-time"} if name in _MOMENTS else {}
    return {"type": "string", "nullable": True, **moment}


def _feature_schema() -> Json:
    texts: Json = {each: _column(each) for each in (*PROPERTIES, "doubts")}
    numbers: Json = {each: {"type": "number", "nullable": True} for each in _NUMBERS}
    return {
        "type": "object",
        "required": ["type", "geometry", "properties"],
        "properties": {
            "type": {"type": "string", "enum": ["Feature"]},
            "id": {"type": "string"},
            "geometry": {"type": "object", "nullable": True},
            "properties": {"type": "object", "properties": {**texts, **numbers}},
        },
    }
