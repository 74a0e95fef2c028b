"""The status for people: plain text, as `accord status` prints it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from accord.core.naming import printable
from accord.core.principal import Direction, Group
from accord.core.quantity import about_duration, about_size
from accord.observe.ending import Ending
from accord.observe.health import ClientStatus, RateStatus, SourceStatus, Status
from accord.observe.partner_health import (
    AgreementStatus,
    ByFileStatus,
    LinkState,
    PartnerStatus,
)

Row = Sequence[object]

_NEVER_HEARD = {LinkState.REFUSED: "not known", LinkState.UP: "nothing yet"}
"""What stands where a partner was never heard, if not "never"."""

MAX_CELL = 40
"""Letters shown of what a client says it is: nobody's callsign makes the table unreadable."""


def as_text(status: Status) -> str:
    """Write the status as tables of text."""
    return "\n".join(map(printable, _lines(status))) + "\n"


def _lines(status: Status) -> Iterator[str]:
    node, now = status.node, status.at
    title = f"{node.id} {node.name}".strip()
    yield f"{title}   up {about_duration(now - node.started)}   accord {node.version}"
    yield ""
    yield from ([f"! {each}" for each in status.problems] or ["no problems"])
    yield from (f"partner {each.node}: {each.note}" for each in status.partners if each.note)
    listeners = [(each.name, each.address, each.connections) for each in status.listeners]
    yield from _table("LISTENER", ("address", "connections"), listeners)
    yield from _table("REPORTS", ("total", "/s 1 min", "/s 5 min"), map(_rate, status.rates))
    yield ""
    yield from _kept(status)
    yield from _who_speaks(status)
    yield from _partners(status)
    partners = {each.node: _lost(each) for each in status.partners}
    drops = (*_drops(status.drops), *_drops(partners))
    yield from _table("DROPPED", ("reason", "count"), drops)
    yield from _certificates(status)


def _kept(status: Status) -> Iterator[str]:
    picture, journal = status.picture, status.journal
    contexts = ", ".join(f"{name} {count}" for name, count in picture.contexts.items())
    yield f"picture   {picture.tracks} of {picture.limit} tracks   {contexts}".rstrip()
    yield (
        f"journal   {journal.trouble or 'keeping everything'}   "
        f"{about_size(journal.waiting_bytes)} of {about_size(journal.limit_bytes)} waiting"
    )
    for each in status.budgets:
        yield f"{each.what:<9} {about_size(each.used)} of {about_size(each.budget)}"


def _who_speaks(status: Status) -> Iterator[str]:
    now = status.at
    yield from _table(
        "CLIENT",
        ("callsign", "uid", "address", "form", "for", "groups", "in", "refused", "out", "waiting"),
        (_client(each, now) for each in status.clients),
    )
    groups = [(each.name, each.speak, each.hear) for each in status.groups]
    yield from _table("GROUP", ("speak", "hear"), groups)
    sources = (_source(each, now) for each in status.sources)
    yield from _table("SOURCE", ("channel", "state", "reports", "last useful"), sources)


def _partners(status: Status) -> Iterator[str]:
    now = status.at
    yield from _table(
        "PARTNER",
        ("link", "for", "last heard", "last report", "received", "waiting", "lag", "released",
         "withheld", "ledger"),
        (_partner(each, now) for each in status.partners),
    )  # fmt: skip
    yield from _table(
        "BY FILE",
        ("last for it", "with", "answered", "last of it", "made", "with"),
        (
            _by_file(each.node, each.by_file, now)
            for each in status.partners
            if each.by_file is not None
        ),
    )
    yield from _table(
        "AGREEMENT",
        ("serial", "partner", "way", "here", "at the partner"),
        (_agreement(it, each.node, now) for each in status.partners for it in each.agreements),
    )
    yield from _table("RELEASED TO", ("clause and form", "reports"), _counts(status, "released"))
    yield from _table(
        "WITHHELD FROM", ("clause and reason", "reports"), _counts(status, "withheld")
    )


def _certificates(status: Status) -> Iterator[str]:
    certificates = [
        (
            each.file,
            each.subject,
            f"{each.not_after:%Y-%m-%d}",
            about_duration(each.not_after - status.at),
            "" if each.warning == Ending.LATER else each.warning,
        )
        for each in status.certificates
    ]
    yield from _table("CERTIFICATE", ("subject", "ends", "in", "warning"), certificates)


def _table(name: str, columns: Sequence[str], rows: Iterable[Row]) -> Iterator[str]:
    """Yield an empty line, a head and the rows, in columns as wide as they need; or nothing."""
    cells = [[str(cell) for cell in row] for row in rows]
    if not cells:
        return
    table = [[name, *columns], *cells]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    yield ""
    for row in table:
        padded = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        yield "  ".join(padded).rstrip()


def _rate(rate: RateStatus) -> Row:
    return rate.what, rate.total, _number(rate.one_minute), _number(rate.five_minutes)


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.1f}"


def _client(client: ClientStatus, now: datetime) -> Row:
    return (
        client.name,
        _cut(client.callsign or "-"),
        _cut(client.uid or "-"),
        client.address,
        client.form,
        about_duration(now - client.since),
        _cut(_memberships(client.groups)),
        client.accepted,
        sum(client.refused.values()),
        client.sent,
        client.waiting,
    )


def _cut(text: str) -> str:
    return text if len(text) <= MAX_CELL else f"{text[: MAX_CELL - 1]}…"


def _memberships(groups: Mapping[Group, Direction]) -> str:
    spelled = (
        name if direction is Direction.BOTH else f"{name}:{str(direction.name).lower()}"
        for name, direction in sorted(groups.items())
    )
    return ",".join(spelled) or "-"


def _ago(at: datetime | None, now: datetime, *, never: str = "never") -> str:
    return never if at is None else f"{about_duration(now - at)} ago"


def _source(source: SourceStatus, now: datetime) -> Row:
    last = source.last_useful
    return source.speaker, source.channel, source.state.value, source.accepted, _ago(last, now)


def _partner(partner: PartnerStatus, now: datetime) -> Row:
    last, since, report = partner.last_heard, partner.since, partner.last_report
    return (
        partner.node,
        partner.state.value,
        "-" if since is None else about_duration(now - since),
        _ago(last, now, never=_NEVER_HEARD.get(partner.state, "never")),
        _ago(report, now, never="never"),
        partner.reports,
        _waiting(partner),
        about_duration(timedelta(seconds=partner.lag)),
        sum(partner.released.values()),
        sum(partner.withheld.values()),
        "not known" if partner.lines is None else f"{partner.cosigned} of {partner.lines} cosigned",
    )


def _waiting(partner: PartnerStatus) -> str:
    """Say what waits for the link, and what for an agreement that gives the partner anything."""
    waiting = str(sum(partner.waiting.values()))
    return f"{waiting}, {partner.held_back} held back" if partner.held_back else waiting


def _by_file(partner: str, it: ByFileStatus, now: datetime) -> Row:
    answered = "-" if it.last_out is None else ("yes" if it.is_answered else "not yet")
    return (
        partner, _ago(it.last_out, now), it.items_out, answered, _ago(it.last_in, now),
        _ago(it.made, now), it.items_in,
    )  # fmt: skip


def _agreement(it: AgreementStatus, partner: str, now: datetime) -> Row:
    ways = {(True, False): "we give", (False, True): "we take"}
    way = ways.get((it.gives, it.takes), "we give and take")
    return it.id, it.serial, partner, way, _here(it, now), it.there


def _here(it: AgreementStatus, now: datetime) -> str:
    if it.stopped:
        return it.stopped
    if not it.here or it.since is None or it.until is None:
        return "not activated"
    if now < it.since:
        return f"begins {it.since:%Y-%m-%d %H:%MZ}"
    return f"{'ENDED' if it.until <= now else 'in force until'} {it.until:%Y-%m-%d %H:%MZ}"


def _counts(status: Status, what: str) -> Iterator[Row]:
    for each in status.partners:
        counts: Mapping[str, int] = getattr(each, what)
        for key, count in sorted(counts.items()):
            yield each.node, key, count


def _lost(partner: PartnerStatus) -> Mapping[str, int]:
    strange = {f"{node} is not a partner here": n for node, n in partner.unverified.items()}
    return {**partner.refused, **partner.closed, **strange}


def _drops(drops: Mapping[str, Mapping[str, int]]) -> Iterator[Row]:
    for part, reasons in drops.items():
        for reason, count in sorted(reasons.items()):
            yield part, reason, count
