"""Calling back what a partner was given, and offering no more of what is called back."""

from collections.abc import Callable

from accord.federation.given import Given, Had
from accord.federation.moment import Moment
from accord.federation.outflow import Outflow
from accord.federation.version import ObjectKey
from accord.wire.peer.record import Recall, RecallOf


def recalls_of(given: Given, own: ObjectKey, reason: str, now: Moment) -> tuple[Recall, ...]:
    """Return what calls back an object under each name and grant by which it was released."""
    return tuple(
        Recall(
            of=RecallOf.OBJECT,
            agreement=had.grant.agreement,
            clause=had.grant.clause,
            reason=reason,
            at=now.ms,
            origin=key.origin,
            context=key.context,
            uid=key.uid,
        )
        for key, had in given.of(own)
    )


def is_meant(recall: Recall, key: ObjectKey, had: Had) -> bool:
    """Tell whether a recall calls back what a partner was given under that key."""
    if recall.of is RecallOf.OBJECT:
        return key == ObjectKey(recall.origin, recall.context, recall.uid)
    if had.grant.agreement != recall.agreement:
        return False
    return recall.of is RecallOf.AGREEMENT or had.grant.clause == recall.clause


def take_back(
    out: Outflow, is_called: Callable[[ObjectKey, Had], bool], also: tuple[ObjectKey, ...] = ()
) -> None:
    """Offer no more of what is called back, nor of `also`, whatever waits of it."""
    owned = {had.own for key, had in out.given.all() if is_called(key, had)}
    owned.update(also)
    out.tracks.forget(owned)
    for log in out.logs.values():
        log.empty(lambda entry: entry.key in owned)
    for offered in out.offered.all():
        if offered.own in owned:
            out.offered.withdraw(offered.digest)
    out.given.forget(is_called)
