import json
from pathlib import Path

import pytest

from accord.cli.main import main
from support.in_process import make_node
from support.past import keep
from support.released import heard


@pytest.fixture
def node(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> str:
    directory = make_node(tmp_path / "node")
    capsys.readouterr()
    return str(directory)


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    code = main(["track", *words])
    said = capsys.readouterr()
    return code, said.out or said.err


def test_what_was_decided_is_listed_with_who_and_why(
    node: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(capsys, "list", node) == (0, "nothing was decided\n")
    code, said = run(capsys, "join", node, "MMSI-512000001", "radar-7", "--why", "seen by eye")
    assert code == 0
    assert said.startswith("1  join MMSI-512000001 radar-7 [live]  ")
    assert said.endswith(": seen by eye\n")
    run(capsys, "split", node, "U", "feed:ais-north", "--why", "two ships")
    run(capsys, "prefer", node, "U", "tak", "--speaker", "kiwi-1", "--why", "is there")
    code, said = run(capsys, "undo", node, "1")
    assert code == 0
    assert " - undone " in said
    _, listed = run(capsys, "list", node, "--json")
    assert [
        (each["verdict"], each["source"], each["speaker"], each["undone"] is None)
        for each in json.loads(listed)
    ] == [
        ("prefer", "tak", "kiwi-1", True),
        ("split", "feed:ais-north", "ais-north", True),
        ("join", None, None, False),
    ]


def unheard_of(capsys: pytest.CaptureFixture[str], *words: str) -> list[str]:
    """Of what the command says that nothing is kept; the decision is taken all the same."""
    assert main(["track", *words, "--why", "seen by eye"]) == 0
    said = capsys.readouterr()
    assert said.out.count("\n") == 1
    return [each.partition(": nothing is kept")[0] for each in said.err.splitlines()]


def test_names_that_nothing_is_kept_of_are_told(
    node: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert unheard_of(capsys, "join", node, "SHIP-1", "SHIP-2") == ["SHIP-1", "SHIP-2"]
    keep(Path(node), [heard("SHIP-1", 0), heard("SHIP-2", 1)])
    assert unheard_of(capsys, "join", node, "SHIP-1", "SHIP") == ["SHIP"]
    assert unheard_of(capsys, "join", node, "SHIP-2~s1", "SHIP-1") == []
    by = ["tak", "--speaker", "kiwi-1"]
    assert unheard_of(capsys, "split", node, "SHIP-1", *by) == []
    assert unheard_of(capsys, "prefer", node, "SHIP-1", "feed:ais") == ["SHIP-1 by feed:ais ais"]
    drill = ["--context", "exercise:TASMAN"]
    assert unheard_of(capsys, "prefer", node, "SHIP-1", *by, *drill) == ["SHIP-1 by tak kiwi-1"]


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (("join", "A", "A", "--why", "x"), 1, "say which other track"),
        (("join", "A", "B", "--why", " "), 1, "say why"),
        (("split", "A", "tak", "--why", "x"), 2, "--speaker"),
        (("undo", "9"), 1, "no decision number 9"),
    ],
)
def test_what_cannot_be_decided_is_said_in_a_sentence(
    node: str,
    capsys: pytest.CaptureFixture[str],
    words: tuple[str, ...],
    code: int,
    sentence: str,
) -> None:
    found, said = run(capsys, words[0], node, *words[1:])
    assert found == code
    assert sentence in said


def test_a_context_that_is_none_is_refused(node: str) -> None:
    with pytest.raises(SystemExit):
        main(["track", "join", node, "A", "B", "--why", "x", "--context", "nowhere:"])
