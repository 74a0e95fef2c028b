"""Two nodes become partners by the command line alone; and what is offered in place of that."""

import json
import re
import shlex
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from support.agreements import EXAMPLES
from support.node_process import accord, accord_well

pytestmark = [pytest.mark.process, pytest.mark.timeout(400)]

PAGE = (Path(__file__).parents[2] / "docs" / "how-to" / "link-two-nodes.md").read_text("utf-8")
COMMANDS = re.findall(r"(?m)^    \./accord (.*?)(?: {2,}.*)?$", PAGE)

PYTHON = [sys.executable]
WORDS = re.compile(r"(?m)^  ((?:[a-z]+ ){8}[a-z]+)$")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two nodes, each with its invitation."""
    made = tmp_path_factory.mktemp("partners")
    for node in ("NZL", "USA"):
        accord_well("init", made / node, "--node", f"{node}-X", "--nation", node)
        key = accord_well("agreement", "key", made / f"{node}.key").strip()
        given = ("--party-key", key, "--address", "node.example:9010")
        said = accord_well("partner", "invite", made / node, made / f"{node}.txt", *given)
        (made / f"{node}.words").write_text(WORDS.findall(said)[0], "utf-8")
    return made


def words_of(folder: Path, node: str) -> str:
    """What `partner invite` printed to be read out."""
    return (folder / f"{node}.words").read_text("utf-8")


def refused(*arguments: str | Path, code: int = 1) -> str:
    done = accord("partner", "add", *arguments)
    assert done.returncode == code, done
    assert done.stdout == ""
    assert re.fullmatch(r"accord: .+\n", done.stderr), done.stderr
    return done.stderr


def cut(data: bytes) -> bytes:
    return data[: len(data) // 2]


def edited(data: bytes) -> bytes:
    return data.replace(b"node.example", b"evil.example")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (cut, "no invitation that can be used"),
        (edited, "was changed on its way"),
    ],
)
def test_what_was_damaged_or_changed_on_its_way_adds_nobody(
    folder: Path, tmp_path: Path, change: Callable[[bytes], bytes], said: str
) -> None:
    file = tmp_path / "usa.txt"
    file.write_bytes(change((folder / "USA.txt").read_bytes()))
    assert said in refused(folder / "NZL", file, "--expect", words_of(folder, "USA"))


def test_a_file_of_a_gigabyte_is_refused_without_being_read(folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "usa.txt"
    with file.open("wb") as huge:
        huge.truncate(1 << 30)
    limited = ["bash", "-c", 'ulimit -v 900000; exec "$@"', "bash"]  # kB, less than the file
    command = [*PYTHON, "-m", "accord", "partner", "add", str(folder / "NZL"), str(file)]
    done = subprocess.run(
        [*limited, *command], capture_output=True, text=True, timeout=120, check=False
    )
    assert (done.returncode, done.stderr) == (
        1, f"accord: {file}: this is longer than invitations are: 8000 characters\n",
    )  # fmt: skip


def test_the_invitation_of_another_node_or_of_this_one_is_refused(folder: Path) -> None:
    words = words_of(folder, "USA")
    assert "this node itself" in refused(folder / "NZL", folder / "NZL.txt", "--expect", words)
    own = words_of(folder, "NZL")
    assert "is not the fingerprint of this" in refused(
        folder / "NZL", folder / "USA.txt", "--expect", own
    )


def test_without_a_person_nobody_is_added(folder: Path) -> None:
    done = subprocess.run(
        [*PYTHON, "-m", "accord", "partner", "add", str(folder / "NZL"), str(folder / "USA.txt")],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert "nobody is here to compare" in done.stderr


def test_a_clock_that_is_a_day_ahead_is_named(folder: Path, tmp_path: Path) -> None:
    """The program's clock is told to be a day off, as faketime would."""
    late = (
        "import sys; from datetime import timedelta; from accord.core import clock; "
        "now = clock.SystemClock.now; "
        "clock.SystemClock.now = lambda self: now(self) + timedelta(days=1); "
        "from accord.cli.main import main; sys.exit(main(sys.argv[1:]))"
    )
    file = tmp_path / "late.txt"
    given = ["partner", "invite", str(folder / "USA"), str(file)]
    done = subprocess.run(
        [*PYTHON, "-c", late, *given], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    said = refused(folder / "NZL", file, "--expect", words_of(folder, "USA"))
    assert "one of the two clocks is wrong" in said


def test_the_steps_of_the_page_make_two_nodes_partners(tmp_path: Path) -> None:
    """docs/how-to/link-two-nodes.md, to the letter; words and keys are what commands printed.

    But for the nodes that run, which the demonstration has.
    """
    said: dict[str, str] = {}
    for step in COMMANDS:
        if step.startswith(("serve", "status")):
            continue
        if step.startswith("agreement sign"):
            _copy_example(tmp_path, said)
        typed = re.sub(r"(NZL|USA)-(KEY|WORDS)", lambda found: said[found[0]], step)
        arguments = [
            str(tmp_path / each) if re.fullmatch(r"(nzl|usa|agreement\.)[\w.]*", each) else each
            for each in shlex.split(typed)
        ]
        out = accord_well(*arguments)
        nation = next((each for each in ("NZL", "USA") if f"{each.lower()}" in step), "")
        if step.startswith("agreement key"):
            said[f"{nation}-KEY"] = out.strip()
        if step.startswith("partner invite"):
            said[f"{nation}-WORDS"] = WORDS.findall(out)[0]
    for ours, theirs in (("nzl", "USA-PAC"), ("usa", "NZL-JFNZ")):
        listed = json.loads(accord_well("partner", "list", tmp_path / ours, "--json"))
        assert [each["node"] for each in listed] == [theirs]
        (held,) = json.loads(accord_well("agreement", "list", tmp_path / ours, "--json"))
        assert held["state"] == "in force"


def _copy_example(directory: Path, said: Mapping[str, str]) -> None:
    """As the page has it: the worked example with both keys under [party], unless it is there."""
    file = directory / "agreement.md"
    if file.exists():
        return
    for area in EXAMPLES.glob("*.geojson"):
        (directory / area.name).write_bytes(area.read_bytes())
    text = (EXAMPLES / "usa-nzl-maritime.md").read_text("utf-8")
    for node in ("USA-PAC", "NZL-JFNZ"):
        text, count = re.subn(
            rf'(?m)^{node} = ".*"$', f'{node} = "{said[f"{node[:3]}-KEY"]}"', text
        )
        assert count == 1
    file.write_text(text, "utf-8")
