import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from accord.cli.agreement_text import loaded
from accord.core.errors import AccordError, UsageError
from accord.release.document import MAX_BYTES
from accord.release.fault import AgreementError
from support.agreement_command import accord_agreement
from support.agreements import EXAMPLES, NZL, USA
from support.small_agreement import FILES, GIVER, ID, KEYS, RECEIVER, SMALL

RECORDING = EXAMPLES.parent / "recordings" / "tasman-2012.nmea.gz"
MARITIME = EXAMPLES / "usa-nzl-maritime.md"
EVENT = (
    '<event version="2.0" uid="U1" type="{kind}" how="m-g" time="2027-01-02T03:04:05Z" '
    'start="2027-01-02T03:04:05Z" stale="2027-01-02T03:09:05Z" access="UNCLASSIFIED" '
    'releasableTo="FJI"><point lat="-17.9" lon="178" hae="0" ce="10" le="10"/></event>'
)

Say = Callable[..., tuple[int, str]]
Tell = Callable[..., Any]


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str]) -> Say:
    """Runs the command and gives its exit code and what it printed."""

    def run(*arguments: object) -> tuple[int, str]:
        return accord_agreement(*arguments), capsys.readouterr().out

    return run


@pytest.fixture
def tell(say: Say) -> Tell:
    """Runs the command with --json and gives what it printed, read."""

    def run(*arguments: object, code: int = 0) -> Any:
        ended, out = say(*arguments, "--json")
        assert ended == code
        return json.loads(out)

    return run


@pytest.fixture
def small(tmp_path: Path) -> Path:
    for name, data in FILES.items():
        (tmp_path / name).write_bytes(data)
    path = tmp_path / "small.md"
    path.write_text(SMALL)
    return path


def _changed(path: Path, old: str, new: str, name: str = "changed.md") -> Path:
    text = path.read_text()
    assert old in text
    other = path.with_name(name)
    other.write_text(text.replace(old, new))
    return other


def _new(path: Path, area: Path, *more: object) -> list[object]:
    keys = {node: f"ed25519:{value}" for node, value in _spelt().items()}
    return [
        "new", path, "--id", "X-1", "--title", "A trial", "--giver", f"{GIVER}={keys[GIVER]}",
        "--receiver", f"{RECEIVER}={keys[RECEIVER]}", "--since", "2027-01-01", "--until",
        "2028-01-01", "--area", f"SEA={area}", *more,
    ]  # fmt: skip


def _spelt() -> dict[str, str]:
    return {node: SMALL.split(f'{node} = "ed25519:')[1].split('"')[0] for node in KEYS}


def test_a_new_text_loads_as_it_is_with_its_area_beside_it(
    tmp_path: Path, say: Say, tell: Tell
) -> None:
    area = tmp_path / "from" / "sea.geojson"
    area.parent.mkdir()
    area.write_bytes(FILES["sea.geojson"])
    path = tmp_path / "new.md"
    assert say(*_new(path, area)) == (0, f"written: {path}\n")
    assert (tmp_path / "sea.geojson").read_bytes() == FILES["sea.geojson"]
    said = tell("check", path)
    assert (said["ok"], said["id"], said["serial"]) == (True, "X-1", 1)
    assert tell(*_new(tmp_path / "other.md", area))["sha256"] == said["sha256"]


def test_a_text_that_is_there_is_never_written_over(small: Path) -> None:
    with pytest.raises(UsageError, match="is there already"):
        accord_agreement(*_new(small, small.with_name("sea.geojson")))
    assert small.read_text() == SMALL


def test_an_area_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"none\.geojson: No such file"):
        accord_agreement(*_new(tmp_path / "a.md", tmp_path / "none.geojson"))
    (tmp_path / "bad.geojson").write_text("{}")
    with pytest.raises(UsageError, match=r"bad\.geojson: "):
        accord_agreement(*_new(tmp_path / "a.md", tmp_path / "bad.geojson"))
    assert not (tmp_path / "a.md").exists()


def test_check_says_how_much_was_checked(small: Path, say: Say) -> None:
    # Two clauses with an example each; six built-in promises towards one receiver.
    assert say("check", small) == (
        0, f"{ID} serial 1 loads: 2 clauses, 2 examples as stated, 6 proofs\n",
    )  # fmt: skip


def test_a_file_that_is_not_there_is_wrong_use_and_one_too_large_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"a\.md: No such file") as wrong:
        accord_agreement("check", tmp_path / "a.md")
    assert wrong.value.exit_code == 2
    (tmp_path / "big.md").write_bytes(b"x" * (MAX_BYTES + 10))
    with pytest.raises(AgreementError, match="at most") as refused:
        accord_agreement("check", tmp_path / "big.md")
    assert refused.value.exit_code == 1


def test_prove_says_of_each_promise_whether_it_is_proved(small: Path, say: Say, tell: Tell) -> None:
    code, out = say("prove", small)
    assert code == 0
    assert f"proved for {RECEIVER}: nothing unmarked leaves\n" in out
    assert len(out.splitlines()) == 6
    assert all(row["proved"] for row in tell("prove", small))


def test_prove_shows_a_report_that_breaks_a_promise(small: Path, say: Say, tell: Tell) -> None:
    leaky = _changed(small, "  context.synchronised &&\n", "")
    code, out = say("prove", leaky)
    assert code == 1
    assert 'not proved: "nothing leaves while the giver\'s clock cannot be trusted"' in out
    assert "synchronised: no" in out
    broken = [row for row in tell("prove", leaky, code=1) if not row["proved"]]
    assert [row["receiver"] for row in broken] == [RECEIVER]
    assert "Clause 1 would release this" in broken[0]["counterexample"]


def test_explain_names_the_clause_that_decided_and_why_the_others_did_not(
    small: Path, say: Say, tell: Tell
) -> None:
    code, out = say("explain", small, "a ship without a mark", RECEIVER)
    assert code == 0
    assert out.startswith("WITHHELD")
    assert "What every agreement keeps" in out
    said = tell("explain", small, "a ship", RECEIVER)
    assert (said["released"], said["form"], said["clause"]) == (True, "exact", "1")
    assert [clause["decided"] for clause in said["clauses"]] == [False, True]


def test_a_cot_event_in_a_file_can_be_explained(small: Path, tell: Tell) -> None:
    event = small.with_name("event.cot")
    event.write_text(EVENT.format(kind="a-n-S-X-M"))
    assert tell("explain", small, event, RECEIVER)["form"] == "exact"
    event.write_text(EVENT.format(kind="a-n-A-C"))
    assert tell("explain", small, event, RECEIVER)["form"] is None
    event.write_text(EVENT.format(kind="a-n-S-X-M").replace("UNCLASSIFIED", "PURPLE"))
    assert tell("explain", small, event, RECEIVER)["clause"] == "0"
    said = tell("explain", small, event, RECEIVER, "--at", "2029-01-01")
    assert said["released"] is False
    event.write_text("<event")
    with pytest.raises(UsageError, match=r"event\.cot: "):
        accord_agreement("explain", small, event, RECEIVER)


def test_a_ship_of_a_recording_can_be_explained(tell: Tell) -> None:
    report = ["explain", MARITIME, "MMSI-308484000", NZL, "--recording", RECORDING]
    assert tell(*report)["released"] is False
    said = tell(*report, "--marking", "(U//REL TO NZL)")
    assert (said["form"], said["clause"]) == ("exact", "1")
    with pytest.raises(AccordError, match="no report of MMSI-1 in the recording"):
        accord_agreement("explain", MARITIME, "MMSI-1", NZL, "--recording", RECORDING)


def test_what_cannot_be_explained_is_said(small: Path) -> None:
    with pytest.raises(UsageError, match="is no example of the agreement and no file"):
        accord_agreement("explain", small, "a whale", RECEIVER)
    with pytest.raises(UsageError, match="is none of the receivers"):
        accord_agreement("explain", small, "a ship", GIVER)


def test_diff_says_in_sentences_what_two_texts_say_differently(
    small: Path, say: Say, tell: Tell
) -> None:
    assert say("diff", small, small) == (0, "the two say the same\n")
    other = _changed(small, "2028-01-01T00:00:00Z", "2027-06-01T00:00:00Z")
    code, out = say("diff", small, other)
    assert code == 0
    assert "ends: 2028-01-01T00:00:00+00:00 becomes 2027-06-01T00:00:00+00:00\n" in out
    assert tell("diff", small, other)["differences"] == out.splitlines()


def test_diff_counts_what_starts_and_stops_on_a_recording(
    tmp_path: Path, say: Say, tell: Tell
) -> None:
    for path in EXAMPLES.glob("*.geojson"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    old = tmp_path / "old.md"
    old.write_text(MARITIME.read_text())
    new = _changed(old, 'resource.domain == "surface" &&\n  resource.inside',
                   'resource.domain == "surface" && !resource.words.contains("tanker") &&\n'
                   '  resource.inside', "new.md")  # fmt: skip
    arguments = ["diff", old, new, "--against", RECORDING, "--marking", "(U//REL TO NZL)"]
    code, out = say(*arguments)
    assert code == 0
    assert f"to {NZL}:\n" in out
    assert "stops, which flowed as exact" in out
    (stopped,) = (row for row in tell(*arguments)["flows"] if row["before"] != row["after"])
    assert (stopped["receiver"], stopped["before"], stopped["after"]) == (NZL, "exact", None)
    assert stopped["reports"] >= stopped["objects"] >= 1


def test_preview_counts_by_clause_and_reason_and_draws_what_is_shown(
    tmp_path: Path, say: Say, tell: Tell
) -> None:
    drawn = tmp_path / "shown.geojson"
    arguments = ["preview", MARITIME, "--recording", RECORDING, "--marking", "(U//REL TO NZL)"]
    said = tell(*arguments, "--geojson", drawn, "--samples", 1)
    assert said["partner"] == NZL
    counted = sum(row["reports"] for row in said["released"] + said["withheld"])
    assert counted == said["looked_at"]
    assert said["shown"] == sum(row["reports"] for row in said["released"]) > 0
    assert len(json.loads(drawn.read_text())["features"]) > 0
    assert len(said["samples"]) == len(said["released"])
    code, out = say(*arguments)
    assert code == 0
    assert out.startswith(f"of {said['looked_at']} reports {NZL} would have got {said['shown']}\n")
    assert "as exact by clause 1 (Surface picture)" in out


def test_without_a_mark_nothing_of_a_recording_would_be_shown(tell: Tell) -> None:
    said = tell("preview", MARITIME, "--recording", RECORDING, "--partner", NZL)
    assert said["shown"] == 0
    assert {row["clause"] for row in said["withheld"]} == {"0.2"}


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--partner", USA], "none of the receivers"),
        (["--marking", "(PURPLE)"], "option --marking: .*PURPLE"),
        (["--recording", "/none.nmea"], "cannot be read"),
    ],
)
def test_a_preview_that_cannot_be_is_wrong_use(more: list[str], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        accord_agreement("preview", MARITIME, "--recording", RECORDING, *more)


def test_an_example_can_be_explained_with_an_incident_open(tell: Tell) -> None:
    report = ["explain", EXAMPLES / "search-and-rescue.md", "patrol aircraft on a quiet day"]
    asked = [*report, "FJI-RCC", "--at", "2027-06-01T05:00:00Z"]
    assert tell(*asked)["form"] != "exact"
    assert tell(*asked, "--incident", "SAR")["form"] == "exact"


@pytest.mark.parametrize(
    "name",
    [
        "search-and-rescue",
        pytest.param("exercise-endex", marks=pytest.mark.thorough),
        pytest.param("pacific-relief", marks=pytest.mark.thorough),
    ],
)
def test_a_preview_is_for_the_first_receiver_that_is_not_the_giver(name: str, tell: Tell) -> None:
    document = EXAMPLES / f"{name}.md"
    terms = loaded(document).agreement
    said = tell("preview", document, "--recording", RECORDING)
    assert said["partner"] != terms.givers[0]
    assert said["partner"] in terms.receivers
    assert (
        tell("preview", document, "--recording", RECORDING, "--giver", said["partner"])["partner"]
        == terms.receivers[0]
    )


def test_an_exercise_agreement_can_be_previewed_on_a_recording_put_into_the_exercise(
    tmp_path: Path, tell: Tell
) -> None:
    area = tmp_path / "sea.geojson"
    area.write_bytes(FILES["sea.geojson"])
    document = tmp_path / "exercise.md"
    document.write_text(
        SMALL.replace('contexts = ["live"]', 'contexts = ["exercise:KAURI"]').replace(
            "[usual]", '[usual]\nopex = "e-KAURI"'
        ).replace('resource.inside.contains("SEA")', "resource.marked")
    )  # fmt: skip
    asked = ["preview", document, "--recording", RECORDING, "--marking", "(U//REL TO FJI)"]
    assert tell(*asked)["shown"] == 0
    assert tell(*asked, "--exercise", "OTHER")["shown"] == 0
    assert tell(*asked, "--exercise", "KAURI")["shown"] > 0


@pytest.mark.timeout(30)
@pytest.mark.parametrize("name", ["pipe.md", "pipe.geojson"])
def test_only_regular_files_are_opened_since_a_pipe_would_never_end(small: Path, name: str) -> None:
    pipe = small.with_name(name)
    os.mkfifo(pipe)
    with pytest.raises(UsageError, match=f"{name}: not a file"):
        loaded(pipe if pipe.suffix == ".md" else small)
