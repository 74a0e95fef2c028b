import json
from pathlib import Path

import pytest

from accord.cli.main import main
from accord.node.journalled import Journalled
from accord.storage.history.pieces import HOUR, Budgets
from support.histories import AnyKept
from support.histories import kept as kept
from support.moving import SIX, SharedKept, a_row
from support.past import keep
from support.postgres import Postgres
from support.postgres import postgres as postgres
from support.released import heard

WHEN = ("--from", "2027-03-01T06:00Z", "--to", "2027-03-01T07:00Z")


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    (tmp_path / "accord.toml").write_text('[node]\nid = "NZL-A"\nnation = "NZL"\n')
    return tmp_path


@pytest.fixture
def its(directory: Path, kept: AnyKept) -> AnyKept:
    """What the node of that directory keeps, by each store: both lie in `history`."""
    if isinstance(kept, SharedKept):
        address = kept.server.address
        store = f"postgresql://{address.user}@localhost:{address.port}/{address.database}"
        with (directory / "accord.toml").open("a") as settings:
            settings.write(f'[history]\nstore = "{store}?host={address.host}"\n')
    return kept


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str]:
    code = main(["history", *map(str, arguments)])
    said = capsys.readouterr()
    return code, said.out + said.err


def export(capsys, directory: Path, form: str, *options: str) -> tuple[int, str]:
    return run(capsys, "export", directory, directory / "out", "--format", form, *WHEN, *options)


def test_positions_are_exported_without_a_history_too(directory: Path, capsys) -> None:
    keep(directory, [heard("SHIP-1", 0), heard("SHIP-2", 10)])
    code, said = export(capsys, directory, "geojson", "--uid", "SHIP-2")
    assert (code, said) == (0, f"1 positions in {directory / 'out'}\n")
    (told,) = json.loads((directory / "out").read_text())["features"]
    assert told["properties"]["uid"] == "SHIP-2"


def test_only_what_is_asked_for_is_exported(directory: Path, capsys, its: AnyKept) -> None:
    its.take_in(a_row(0, uid="A"), a_row(1, uid="B", groups=("Red",)), a_row(2, uid="C", lat=10.0))
    code, _ = export(capsys, directory, "csv", "--group", "Blue", "--area", "177,-19,179,-17")
    assert code == 0
    lines = (directory / "out").read_text().splitlines()
    assert [line.split(",")[1] for line in lines[1:]] == ["A"]


def test_what_a_format_cannot_say_is_said(directory: Path, capsys, its: AnyKept) -> None:
    its.take_in(a_row(0, cell=(177.0, -19.0, 179.0, -17.0)))
    assert "1 positions are known as cells only, which gpx cannot say: left out" in export(
        capsys, directory, "gpx"
    )[1]  # fmt: skip


def test_a_journal_with_more_than_is_looked_at_is_said(
    directory: Path, capsys, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Journalled.after, "__defaults__", (1,))
    keep(directory, [heard("SHIP-1", 0), heard("SHIP-1", 1)])
    assert "not whole" in export(capsys, directory, "csv")[1]


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        (("--area", "1,2,3"), "give west,south,east,north"),
        (("--area", "0,50,1,40"), "not a range of latitudes"),
        (("--context", "dream"), "give live or exercise:NAME"),
        (("--to", "2027-03-01T05:00Z"), "give a moment after --from"),
    ],
)
def test_what_is_wrong_is_said(directory: Path, capsys, options, problem: str) -> None:
    try:
        code, said = export(capsys, directory, "csv", *options)
    except SystemExit as ended:
        code, said = ended.code, capsys.readouterr().err
    assert code == 2
    assert problem in said


def test_nothing_is_written_over(directory: Path, capsys) -> None:
    (directory / "out").write_text("mine")
    code, said = export(capsys, directory, "csv")
    assert (code, (directory / "out").read_text()) == (2, "mine")
    assert "is there already" in said


def test_a_journal_that_cannot_be_read_is_said(directory: Path, capsys) -> None:
    (directory / "journal.sqlite").write_bytes(b"x" * 1000)
    code, said = export(capsys, directory, "csv")
    assert code == 1
    assert "the journal cannot be read" in said


def test_evidence_is_held_told_and_released(directory: Path, capsys, its: AnyKept) -> None:
    its.take_in(a_row(0))
    holding = ("hold", directory, "inquiry", "--from", "2027-03-01T06:00Z", "--why", "a court asks")
    assert run(capsys, *holding, "--area", "177,-19,179,-17", "--uid", "S1")[0] == 0
    code, said = run(capsys, "status", directory)
    assert code == 0
    assert "held: inquiry: 2027-03-01T06:00:00Z to further on, S1, in 177,-19,179,-17" in said
    assert "a court asks" in said
    assert run(capsys, *holding)[0] == 2
    told = json.loads(run(capsys, "status", directory, "--json")[1])
    assert told["holds"][0]["to"] is None
    assert told["channels"][0]["positions"] == 1
    assert run(capsys, "release", directory, "inquiry") == (0, "inquiry is held no longer\n")
    assert run(capsys, "release", directory, "inquiry")[0] == 2
    until = ("--to", "2027-03-01T07:00Z")
    assert run(capsys, *holding, *until)[0] == 0
    assert "to 2027-03-01T07:00:00Z: a court asks" in run(capsys, "status", directory)[1]


def test_a_database_that_is_away_is_said_by_every_command(
    directory: Path, capsys, postgres: Postgres
) -> None:
    store = f'store = "{postgres.url("no_such_database")}"\n'
    with (directory / "accord.toml").open("a") as settings:
        settings.write(f"[history]\n{store}")
    (directory / "history").mkdir()
    (directory / "history" / "journal-id").write_text("0123456789abcdef\n")
    for words in (("status",), ("release",)):
        code, said = run(capsys, *words, directory, *(("a",) if words == ("release",) else ()))
        assert code == 1
        assert "cannot be reached" in said
    code, said = export(capsys, directory, "csv")
    assert (code, "cannot be reached" in said) == (1, True)
    assert not (directory / "out").exists()


def test_no_more_is_held_than_can_be_and_only_under_a_name(
    directory: Path, capsys, monkeypatch: pytest.MonkeyPatch, its: AnyKept
) -> None:
    monkeypatch.setattr("accord.storage.history.shelf.MOST_HOLDS", 0)
    holding = ("hold", directory, "a", "--from", "2027-03-01T06:00Z", "--why")
    code, said = run(capsys, *holding, "x")
    assert (code, "release something first" in said) == (1, True)
    assert run(capsys, *holding, " ")[0] == 2


def test_where_there_is_no_history_that_is_said(directory: Path, capsys) -> None:
    assert run(capsys, "status", directory)[0] == 0
    assert run(capsys, "status", directory, "--json") == (0, "null\n")
    code, said = run(capsys, "release", directory, "a")
    assert (code, "keep = true" in said) == (1, True)


def test_one_that_is_to_be_kept_and_has_not_begun_is_said_to_be_none_yet(
    directory: Path, capsys
) -> None:
    with (directory / "accord.toml").open("a") as settings:
        settings.write("\n[history]\nkeep = true\n")
    code, said = run(capsys, "status", directory)
    assert (code, said.startswith("there is no history yet: it begins")) == (0, True)


def test_what_is_wrong_with_it_is_in_its_status(directory: Path, capsys, its: AnyKept) -> None:
    its.shelf.say("the disk is full", 0.0)
    its.take_in(batch=1, lost=3)
    code, said = run(capsys, "status", directory)
    assert code == 1
    assert "the disk is full" in said
    assert "lost: 3" in said


def test_what_went_is_in_its_status_by_channel_and_why(
    directory: Path, capsys, its: AnyKept
) -> None:
    its.take_in(a_row(0), a_row(1))
    its.tidy(SIX + 2 * HOUR)
    nothing = Budgets(channels={}, channel=1, whole=1 << 40, age=1e12)
    its.tidy(SIX + 2 * HOUR, nothing)
    code, said = run(capsys, "status", directory)
    assert code == 0
    assert "beyond its budget: 2 positions of feed:ais went, up to 2027-03-01T06:00:01Z" in said
    went = json.loads(run(capsys, "status", directory, "--json")[1])["went"]
    assert went == [
        {"channel": "feed:ais", "why": "budget", "positions": 2, "to": "2027-03-01T06:00:01Z"}
    ]
