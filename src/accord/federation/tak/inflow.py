"""What comes of a TAK server, as reports of a third party, or why it is not taken."""

from datetime import datetime

from accord.core.report import Report, Source
from accord.core.tak_partner import TakPartner
from accord.wire.cot import federated
from accord.wire.cot.translate import to_report
from accord.wire.errors import WireError

A_CONTACT = "a contact, which its position names anyway"
A_LOOP = "it came from here"
TOO_FAR = "it came over too many servers"
CONTROL = "a task of servers to each other"
NO_GROUP = "of no group that is mapped to one here"

_REMOVAL = "t-x-d-d"
_SHOWN = 64
"""Characters of a server's name that are kept."""


def take(
    message: bytes, partner: TakPartner, *, own: str, hop_limit: int, received: datetime
) -> Report | str:
    """Return what a message says; a report is never live unless its detail has a mark of that.

    What TAK servers task each other with (types under `t`) is not taken but for removals: nor are
    readiness and cases of search, which only partner nodes say.
    """
    try:
        said = federated.read(message)
        if said.event is None:
            return A_CONTACT
        why_not = _why_not(said, own, hop_limit)
        if why_not:
            return why_not
        groups = partner.groups_for(said.groups)
        if not groups:
            return NO_GROUP
        hops = tuple((name or id_)[:_SHOWN] for id_, name in said.provenance)
        source = Source(node=partner.node, channel=partner.channel, speaker="", hops=hops)
        return to_report(said.event, source=source, groups=groups, received=received)
    except WireError as error:
        return error.reason


def _why_not(said: federated.Federated, own: str, hop_limit: int) -> str:
    if any(own in server for server in said.provenance):
        return A_LOOP
    if said.is_used_up or len(said.provenance) > hop_limit:
        return TOO_FAR
    kind = "" if said.event is None else said.event.type
    return CONTROL if kind.split("-", 1)[0] == "t" and kind != _REMOVAL else ""
