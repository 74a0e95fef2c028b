"""`accord agreement pause` and `resume`: let nothing flow by an agreement, on this node alone."""

import argparse
import json
from pathlib import Path

from accord.cli import asking
from accord.cli.account import account
from accord.cli.agreement_signing import held_by
from accord.core.clock import SystemClock
from accord.core.errors import AccordError
from accord.storage.agreements import Pause


def pause(arguments: argparse.Namespace) -> int:
    """Write down that nothing flows by it; a node that runs stops it within a second."""
    asking.check_reason(arguments.reason)
    said = Pause(by=account(), at=SystemClock().now(), reason=arguments.reason)
    directory: Path = arguments.directory
    try:
        terms = held_by(directory).pause(arguments.id, said)
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
        terms = held_by(arguments.directory).go_on(arguments.id)
    except OSError as error:
        raise AccordError(f"the pause cannot be ended: {error.strerror}") from None
    if arguments.json:
        print(json.dumps({"id": terms.id, "serial": terms.serial, "paused": False}))
    else:
        print(f"not paused any more: {terms.id} serial {terms.serial}")
    return 0
