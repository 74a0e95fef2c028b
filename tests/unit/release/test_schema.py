import cedarpy

from accord.release.schema import ATTRIBUTES, schema


def test_cedar_reads_the_schema_strictly() -> None:
    text = schema(["exact", "coarse"])
    cedarpy.Schema.from_str(text)
    assert 'action "exact", "coarse"' in text


def test_every_attribute_is_mandatory() -> None:
    assert "?:" not in schema(["exact"])


def test_every_attribute_is_explained() -> None:
    for meanings in ATTRIBUTES.values():
        for meaning in meanings.values():
            assert len(meaning.says) > 10
