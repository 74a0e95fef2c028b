"""Whom an event is for, and whom it claims to speak for."""

from typing import NamedTuple

from accord.core.principal import Group
from accord.core.report import Address, AddressKind
from accord.wire.cot import detail
from accord.wire.cot.message import CotEvent
from accord.wire.errors import Malformed, Unsupported

_ADDRESSED = {"callsign": AddressKind.CALLSIGN, "uid": AddressKind.UID}
_GEOCHAT = "GeoChat."


class Addressees(NamedTuple):
    """`to` empty is everyone in the groups; `groups` None is every group the sender speaks in."""

    to: frozenset[Address] = frozenset()
    groups: frozenset[Group] | None = None


EVERYONE = Addressees()


def addressees(event: CotEvent) -> Addressees:
    """Return whom the event is for: by `marti/dest`, and chat without one by its conversation.

    Raises Unsupported for missions and for destinations that are not understood, Malformed as
    `author` does.
    """
    destinations = detail.destinations(event)
    if destinations:
        return _directed(destinations)
    return _conversation(event) if _base(event) == "b-t-f" else EVERYONE


def partner(event: CotEvent) -> str:
    """Return the uid that chat names as the one it is with, empty where it is with no one alone.

    ATAK writes it as `chatgrp/@uid1` beside a `dest` with his callsign; without `chatgrp` it is the
    conversation's. Raises Malformed as `detail.chat` does.
    """
    if _base(event) != "b-t-f":
        return ""
    words = detail.chat(event)
    others = words.uids[1:] if words.uids else (words.conversation,)
    return others[0] if len(others) == 1 else ""


def author(event: CotEvent) -> str | None:
    """Return the uid of the contact for which the event claims to speak, None where for none.

    That is: its words, its call for help. (A client's own position is told by `announcement`.)
    Raises Malformed where it names several.
    """
    base = _base(event)
    if base == "b-t-f":
        return _chat_author(event, detail.chat(event))
    return detail.linked_uid(event) if f"{base}-".startswith("b-a-") else None


def _base(event: CotEvent) -> str:
    return event.type.partition(";")[0]


def _directed(destinations: frozenset[tuple[str, str]]) -> Addressees:
    unknown = {key for key, _ in destinations} - {*_ADDRESSED, "group"}
    if unknown & detail.MISSIONS:
        raise Unsupported(
            "marti/dest names a mission, into which only a client's own connection says something"
        )
    if unknown:
        raise Unsupported(f"marti/dest with {', '.join(sorted(unknown))}")
    groups = frozenset(value for key, value in destinations if key == "group") or None
    people = [(key, value) for key, value in destinations if key in _ADDRESSED]
    if any(key == "callsign" and value in detail.EVERYONE for key, value in people):
        return Addressees(groups=groups)
    return Addressees(frozenset(Address(_ADDRESSED[key], value) for key, value in people), groups)


def _conversation(event: CotEvent) -> Addressees:
    """Return who takes part: all, a team, those in `chatgrp`, else the one it is named for."""
    words = detail.chat(event)
    if not words.conversation or words.conversation in detail.EVERYONE:
        return EVERYONE
    if words.conversation in detail.TEAMS:
        return Addressees(frozenset({Address(AddressKind.TEAM, words.conversation)}))
    people = set(words.uids[1:]) - {_chat_author(event, words)} or {words.conversation}
    return Addressees(frozenset(Address(AddressKind.UID, uid) for uid in people))


def _chat_author(event: CotEvent, words: detail.Chat) -> str | None:
    """Return the sender: `chatgrp/@uid0`, `link/@uid`, or from `GeoChat.SENDER.CONVERSATION.ID`."""
    linked = detail.linked_uid(event)
    if words.uids:
        if linked not in (None, words.uids[0]):
            raise Malformed("chatgrp and link name different senders")
        return words.uids[0]
    if linked is not None or not event.uid.startswith(_GEOCHAT):
        return linked
    rest = event.uid.removeprefix(_GEOCHAT)
    return rest.partition(f".{words.conversation}." if words.conversation else ".")[0]
