"""Where `accord impact` takes scenarios and commitments from: files, and a node's registers."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time
from pathlib import Path

from accord.core.errors import AccordError, UsageError
from accord.desks.commitment.statement import is_statement, read_statement
from accord.desks.commitment.store import COMMITMENTS, CommitmentStore
from accord.posture.checks import find_faults
from accord.posture.fault import Fault, ScenarioError
from accord.posture.model import Commitment, Scenario
from accord.posture.scenario import read_scenario
from accord.storage.charts import zones

MAX_BYTES = 4 << 20
"""Of a scenario, or of a statement."""


def read_source(path: Path, baseline: date | None) -> Scenario:
    """Return a scenario, from a file or from the registers of a node, as it stood on a day."""
    if path.is_dir():
        return _of_node(path, baseline)
    scenario = read_scenario(read_text(path), name=path.name, zones=zones())
    return scenario if baseline is None else replace(scenario, as_of=baseline)


def read_text(path: Path) -> str:
    """Return what a file says. UsageError where it cannot be read."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise UsageError(f"{path} is larger than {MAX_BYTES >> 20} MB")
        return path.read_text("utf-8")
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise UsageError(f"{path} is no text in UTF-8") from None


def write_text(path: Path, text: str) -> None:
    """Write a file. AccordError where it cannot be written."""
    try:
        path.write_text(text, "utf-8")
    except OSError as error:
        raise AccordError(f"{path} cannot be written: {error.strerror}") from None


def chosen(scenario: Scenario, names: Sequence[str]) -> list[Commitment]:
    """Return the commitments that are asked about: of the scenario by name, or of statement files.

    UsageError names one that is not there, ScenarioError what is wrong with one.
    """
    found: dict[str, Commitment] = {}
    for name in names:
        commitment = scenario.commitments.get(name) or _of_file(name, scenario)
        if commitment.id in found:
            raise UsageError(f"{commitment.id} is asked about twice")
        found[commitment.id] = commitment
    return list(found.values())


def _of_file(name: str, scenario: Scenario) -> Commitment:
    path = Path(name)
    if not path.is_file():
        known = ", ".join(scenario.commitments) or "none"
        raise UsageError(f"there is no commitment {name}, and no file of that name; known: {known}")
    text = read_text(path)
    if not is_statement(text):
        raise UsageError(f"{name} is no statement: it begins with schema: accord-statement/1")
    return checked(read_statement(text).commitment(), scenario)


def checked(commitment: Commitment, scenario: Scenario) -> Commitment:
    """Return the commitment. ScenarioError where it names what the scenario does not have."""
    alone = replace(scenario, commitments={commitment.id: commitment})
    faults = [each for each in find_faults(alone) if each.section == "commitments"]
    if faults:
        raise ScenarioError(Fault(1, f"{each.id}: {each.sentence}") for each in faults)
    return commitment


def _of_node(directory: Path, baseline: date | None) -> Scenario:
    from accord.cli.register_scenario import scenario_of  # brings the whole node along

    at = None if baseline is None else datetime.combine(baseline, time.max, UTC)
    scenario = scenario_of(directory, at)
    held = {each.id: each for each in _held(directory)}
    return replace(scenario, commitments=scenario.commitments | held)


def _held(directory: Path) -> Iterator[Commitment]:
    path = directory / COMMITMENTS
    if path.exists():
        for each in CommitmentStore(path).all():
            yield each.commitment()
