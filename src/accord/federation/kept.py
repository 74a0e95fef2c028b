"""What came of a partner, as the journal keeps it: the report in the bytes of the peer protocol."""

from dataclasses import replace
from datetime import datetime

from accord.core.body import Removal
from accord.core.kind import Kind
from accord.core.principal import Group
from accord.core.report import Form, Original, Report, Source
from accord.federation.carried import Carried
from accord.wire.errors import Malformed
from accord.wire.peer.contents import read_content
from accord.wire.peer.errors import NotExpressible
from accord.wire.peer.plain import content_bytes
from accord.wire.peer.protocol import Version
from accord.wire.peer.record import Recall
from accord.wire.peer.report import Grant, PeerReport
from accord.wire.peer.translate import Leave, milliseconds, report_of, to_peer_report

_RECALLED = "recalled"
"""The form, and where a recall names no clause the clause, by which a recall ends a report."""

_NO_REPORT = "what was kept of a partner is no report"


def with_original(report: Report, carried: Carried) -> Report:
    """Return the report with bytes by which it can be had again; those it came with stay."""
    version, subject = carried.version, carried.subject
    if report.original is not None or version is None or subject is None:
        return report
    leave = Leave(origin=subject.origin, grant=carried.grant, path=subject.path)
    said = content_bytes(to_peer_report(report, leave, version=version))
    return replace(report, original=Original(Form.PEER, said))


def removal(claim: Report, recall: Recall, at: datetime) -> Report:
    """Return what ends what a partner said and has called back, in bytes that can be kept."""
    report = replace(
        claim,
        uid=f"{claim.uid[:500]}-recalled",
        kind=Kind.of("t-x-d-d"),
        time=at,
        start=at,
        stale=at,
        received=at,
        body=Removal(target=claim.uid),
        author=None,
        original=None,
    )
    grant = Grant(recall.agreement, recall.clause or _RECALLED, _RECALLED)
    leave = Leave(origin=claim.source.node, grant=grant, path=claim.source.hops)
    try:
        said = content_bytes(to_peer_report(report, leave, version=Version(0, milliseconds(at))))
    except NotExpressible:  # such as a name that only this node gave it
        return report
    return replace(report, original=Original(Form.PEER, said))


def report_again(
    original: Original, *, source: Source, groups: frozenset[Group], received: datetime
) -> Report:
    """Return the report again from the bytes that were kept. Raises WireError."""
    content = read_content(original.data)
    if not isinstance(content, PeerReport):
        raise Malformed(_NO_REPORT)
    report = report_of(content)
    return replace(report, source=source, groups=groups, received=received, original=original)
