"""Who may see what. As a library: `from accord.release import load, decide`."""

from accord.core.agreement import Reason, Situation, Withheld
from accord.release.cadence import Cadence
from accord.release.decide import Released, Towards, decide
from accord.release.explain import explain
from accord.release.fault import AgreementError
from accord.release.gate import Gate
from accord.release.judge import judge
from accord.release.load import load
from accord.release.loaded import Loaded
from accord.release.preview import preview
from accord.release.signature import Act, InForce, Record, in_force, read_record, sign, spell_record

__all__ = [
    "Act",
    "AgreementError",
    "Cadence",
    "Gate",
    "InForce",
    "Loaded",
    "Reason",
    "Record",
    "Released",
    "Situation",
    "Towards",
    "Withheld",
    "decide",
    "explain",
    "in_force",
    "judge",
    "load",
    "preview",
    "read_record",
    "sign",
    "spell_record",
]
