"""The incidents of a node's directory: the node runs or not."""

from pathlib import Path

from accord.config import load
from accord.desks.relief.incidents import Incidents
from accord.desks.relief.store import INCIDENTS, ReliefStore


def incidents_of(directory: Path) -> Incidents:
    """Return the incidents of a node's directory. AccordError where there is no node."""
    settings = load(directory)
    incidents = Incidents(ReliefStore(directory / INCIDENTS), node=settings.node.id)
    incidents.store.prepare()
    return incidents
