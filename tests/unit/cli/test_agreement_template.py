from dataclasses import replace
from datetime import UTC, datetime

import pytest

from accord.cli.agreement_template import Answers, agreement_text
from accord.release.frontmatter import spell_key
from accord.release.load import load
from support.agreements import FILES, key_of


def _answers(**changes: object) -> Answers:
    answers = Answers(
        id="TEST-1",
        title="A trial",
        giver="USA-PAC",
        receiver="NZL-JFNZ",
        keys={},
        since=datetime(2027, 1, 1, tzinfo=UTC),
        until=datetime(2027, 6, 1, 12, 30, tzinfo=UTC),
        area="SEA",
        area_file="area.geojson",
        area_data=FILES["nz-approaches.geojson"],
    )
    changed = replace(answers, **changes)  # pyright: ignore[reportArgumentType]  a test's own
    keys = {
        node: spell_key(key_of(node).public_key().public_bytes_raw())
        for node in (changed.giver, changed.receiver)
    }
    return replace(changed, keys=keys)


@pytest.mark.parametrize("file", sorted(FILES))
def test_a_new_text_loads_with_any_area(file: str) -> None:
    answers = _answers(area_data=FILES[file])
    terms = load(agreement_text(answers).encode(), {"area.geojson": FILES[file]}).agreement
    assert (terms.id, terms.serial, terms.title) == ("TEST-1", 1, "A trial")
    assert (terms.givers, terms.receivers) == (("USA-PAC",), ("NZL-JFNZ",))
    assert (terms.since, terms.until) == (answers.since, answers.until)


@pytest.mark.parametrize(
    "changes",
    [
        {"giver": "AUS", "receiver": "FJI-HQ"},
        {"giver": "NZL-A", "receiver": "NZL-B"},
        {"title": 'Te Moana-nui-a-Kiwa, "the great sea"'},
        {"area": "GREAT-SEA"},
    ],
)
def test_a_new_text_loads_for_any_two_parties_and_names(changes: dict[str, object]) -> None:
    answers = _answers(**changes)
    terms = load(agreement_text(answers).encode(), {"area.geojson": answers.area_data}).agreement
    assert (terms.givers, terms.receivers) == ((answers.giver,), (answers.receiver,))
    assert terms.title == answers.title


def test_what_is_no_area_is_refused() -> None:
    with pytest.raises(ValueError, match=r"\w"):
        agreement_text(_answers(area_data=b"{}"))
