import json
from datetime import UTC
from pathlib import Path

import pytest

from accord.core.label import Label
from accord.wire.label import nato

HERE = Path(__file__).parent
NAMES = sorted(path.stem for path in HERE.glob("*.xml"))


def _said(label: Label) -> dict[str, object]:
    return {
        "policy": label.policy,
        "level": label.level,
        "originator": label.originator,
        "compartments": sorted(label.compartments),
        "releasable_to": sorted(label.releasable_to),
        "caveats": sorted(label.caveats),
        "created": label.created and label.created.isoformat(),
        "review": label.review and label.review.isoformat(),
    }


def test_there_are_labels() -> None:
    assert NAMES == ["least", "national", "nato"]


@pytest.mark.parametrize("name", NAMES)
def test_a_label_is_read_as_what_stands_beside_it(name: str) -> None:
    label = nato.read((HERE / f"{name}.xml").read_bytes(), nation="NZL")
    assert _said(label) == json.loads((HERE / f"{name}.json").read_text())
    assert label.created is not None
    assert label.created.tzinfo is UTC


@pytest.mark.parametrize("name", ["national", "nato"])
def test_what_was_read_is_written_and_read_again_the_same(name: str) -> None:
    label = nato.read((HERE / f"{name}.xml").read_bytes(), nation="NZL")
    assert nato.read(nato.write(label), nation="NZL") == label
