"""The status for people: plain text, as `accord status` prints it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from accord.core.principal import Direction, Group
from accord.core.quantity import about_duration, about_size
from accord.observe.health import ClientStatus, PartnerStatus, RateStatus, SourceStatus, Status

Row = Sequence[object]

MAX_CELL = 40
"""Letters shown of what a client says it is: nobody's callsign makes the table unreadable."""


def as_text(status: Status) -> str:
    """Write the status as tables of text."""
    return "\n".join(_lines(status)) + "\n"


def _lines(status: Status) -> Iterator[str]:
    node, picture, journal, now = status.node, status.picture, status.journal, status.at
    title = f"{node.id} {node.name}".strip()
    yield f"{title}   up {about_duration(now - node.started)}   accord {node.version}"
    yield ""
    yield from ([f"! {each}" for each in status.problems] or ["no problems"])
    listeners = [(each.name, each.address, each.connections) for each in status.listeners]
    yield from _table("LISTENER", ("address", "connections"), listeners)
    yield from _table("REPORTS", ("total", "/s 1 min", "/s 5 min"), map(_rate, status.rates))
    yield ""
    contexts = ", ".join(f"{name} {count}" for name, count in picture.contexts.items())
    yield f"picture   {picture.tracks} of {picture.limit} tracks   {contexts}".rstrip()
    yield (
        f"journal   {journal.trouble or 'keeping everything'}   "
        f"{about_size(journal.waiting_bytes)} of {about_size(journal.limit_bytes)} waiting"
    )
    for each in status.budgets:
        yield f"{each.what:<9} {about_size(each.used)} of {about_size(each.budget)}"
    yield from _table(
        "CLIENT",
        ("callsign", "uid", "address", "form", "for", "groups", "in", "refused", "out", "waiting"),
        (_client(each, now) for each in status.clients),
    )
    groups = [(each.name, each.speak, each.hear) for each in status.groups]
    yield from _table("GROUP", ("speak", "hear"), groups)
    sources = (_source(each, now) for each in status.sources)
    yield from _table("SOURCE", ("channel", "state", "reports", "last useful"), sources)
    yield from _table(
        "PARTNER",
        ("link", "for", "last heard", "waiting", "lag", "released", "withheld", "ledger"),
        (_partner(each, now) for each in status.partners),
    )
    partners = {each.node: {**each.refused, **each.closed} for each in status.partners}
    drops = (*_drops(status.drops), *_drops(partners))
    yield from _table("DROPPED", ("reason", "count"), drops)
    certificates = [
        (
            each.file,
            each.subject,
            f"{each.not_after:%Y-%m-%d}",
            about_duration(each.not_after - now),
        )
        for each in status.certificates
    ]
    yield from _table("CERTIFICATE", ("subject", "ends", "in"), certificates)


def _table(name: str, columns: Sequence[str], rows: Iterable[Row]) -> Iterator[str]:
    """Yield an empty line, a head and the rows, in columns as wide as they need; or nothing."""
    cells = [[_printable(str(cell)) for cell in row] for row in rows]
    if not cells:
        return
    table = [[name, *columns], *cells]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    yield ""
    for row in table:
        padded = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        yield "  ".join(padded).rstrip()


def _printable(text: str) -> str:
    """Keep what a client calls itself from steering the terminal."""
    return "".join(letter if letter.isprintable() else "?" for letter in text)


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


def _source(source: SourceStatus, now: datetime) -> Row:
    last = source.last_useful
    ago = "never" if last is None else f"{about_duration(now - last)} ago"
    return source.speaker, source.channel, source.state.value, source.accepted, ago


def _partner(partner: PartnerStatus, now: datetime) -> Row:
    last, since = partner.last_heard, partner.since
    return (
        partner.node,
        partner.state.value,
        "-" if since is None else about_duration(now - since),
        "never" if last is None else f"{about_duration(now - last)} ago",
        sum(partner.waiting.values()),
        about_duration(timedelta(seconds=partner.lag)),
        sum(partner.released.values()),
        sum(partner.withheld.values()),
        f"{partner.cosigned} of {partner.lines} cosigned",
    )


def _drops(drops: Mapping[str, Mapping[str, int]]) -> Iterator[Row]:
    for part, reasons in drops.items():
        for reason, count in sorted(reasons.items()):
            yield part, reason, count
