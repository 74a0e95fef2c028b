"""`accord agreement pause` and `resume`: let nothing flow by an agreement, on this node alone."""

import argparse
import json
from pathlib import Path

from accord.cli import asking
from accord.cli.account import account
from accord.core.clock import SystemClock
from accord.core.errors import AccordError, UsageError
from accord.storage.agreements import AGREEMENTS, Agreements, Pause


def pause(arguments: argparse.Namespace) -> int:
    """Write down that nothing flows by it; a node that runs stops it within a second."""
    asking.check_reason(arguments.reason)
    said = Pause(by=account(), at=SystemClock().now(), reason=arguments.reason)
    directory: Path = arguments.directory
    try:
        terms = _held(directory).pause(arguments.id, said)
    except OSError as error:
        raise AccordError(f"the pause cannot be written: {error.strerror}") from None
    if arguments.json:
        print(json.dumps({"id": terms.id, "serial": terms.serial, "paused": True}))
    else:
        when = "" if asking.runs(directory) else "; partners are told when the node runs"
        print(f"paused: {terms.id} serial {terms.serial} on this node{when}")
        print(f"it goes on with: accord agreement resume {directory} {terms.id}")
    return 0


def resume(arguments: argparse.Namespace) -> int:
    """End a pause. AgreementError: it is not paused."""
    try:
        terms = _held(arguments.directory).go_on(arguments.id)
    except OSError as error:
        raise AccordError(f"the pause cannot be ended: {error.strerror}") from None
    if arguments.json:
        print(json.dumps({"id": terms.id, "serial": terms.serial, "paused": False}))
    else:
        print(f"not paused any more: {terms.id} serial {terms.serial}")
    return 0


def _held(directory: Path) -> Agreements:
    if not directory.is_dir():
        raise UsageError(f"{directory} is no directory of a node")
    return Agreements(directory / AGREEMENTS)
