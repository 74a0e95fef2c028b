"""Who may see what. As a library: `from accord.release import load, decide`."""

from accord.release.decide import Released, Towards, decide
from accord.release.explain import explain
from accord.release.fault import AgreementError
from accord.release.gate import Gate
from accord.release.judge import judge
from accord.release.load import load
from accord.release.loaded import Loaded
from accord.release.preview import preview
from accord.release.signature import InForce, in_force, sign

__all__ = [
    "AgreementError",
    "Gate",
    "InForce",
    "Loaded",
    "Released",
    "Towards",
    "decide",
    "explain",
    "in_force",
    "judge",
    "load",
    "preview",
    "sign",
]
