import gzip
import json

import h3
import pytest

from accord.posture.zones import MAX_BYTES, read_zones


def packed(tree: object) -> bytes:
    return gzip.compress(json.dumps(tree).encode())


def test_a_zone_is_the_cells_under_its_name() -> None:
    word = h3.latlng_to_cell(-18, 178, 3)
    assert read_zones(packed({"note": "x", "cells": {"Fiji": [word]}})) == {
        "Fiji": {h3.str_to_int(word)}
    }


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"plain", "cannot be read"),
        (gzip.compress(b"{"), "cannot be read"),
        (gzip.compress(b" " * (MAX_BYTES + 5)), "cannot be read"),
        (gzip.compress(b"[" * 100_000), "cannot be read"),
        (packed([1]), "no cells by name"),
        (packed({"cells": 3}), "no cells by name"),
    ],
    ids=["plain text", "half of JSON", "too large", "too deep", "a list", "a number for cells"],
)
def test_what_holds_no_zones_is_refused(data: bytes, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        read_zones(data)
