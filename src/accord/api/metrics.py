"""The status as Prometheus reads it: text exposition format 0.0.4."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from accord.observe.health import SourceState, Status
from accord.observe.partner_health import LinkState

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"

Labels = tuple[tuple[str, str], ...]
Sample = tuple[Labels, float]


@dataclass(frozen=True, slots=True)
class Metric:
    """One family: name without the prefix `accord_`, type, help, samples."""

    name: str
    type: str
    help: str
    samples: Iterable[Sample]


def exposition(status: Status) -> str:
    """Write the status; ends with a line feed, as the format wants."""
    metrics = (*_parts(status), *_counts(status), *_queues(status), *_limits(status))
    return "".join(map(_family, metrics))


# No label takes a value that a client chooses: who scrapes must not be flooded with series.


def _parts(status: Status) -> Iterator[Metric]:
    started = status.node.started.timestamp()
    connections = [((("listener", each.name),), each.connections) for each in status.listeners]
    yield _gauge("started_time_seconds", "When the node started (Unix time).", _one(started))
    yield _gauge("problems", "Problems that status names now.", _one(len(status.problems)))
    yield _gauge("connections", "Connections by listener.", connections)
    yield _gauge("tracks", "Tracks in the picture.", _one(status.picture.tracks))
    yield _gauge("sources", "Sources by state.", _sources(status))
    yield _gauge("partner_links", "Links to partners by state.", _links(status))


def _counts(status: Status) -> Iterator[Metric]:
    for rate in status.rates:
        help_ = f"Reports {rate.what} since the start."
        yield Metric(f"{rate.what}_total", "counter", help_, _one(rate.total))
    help_ = "What was not taken or not kept, by part and reason."
    yield Metric("dropped_total", "counter", help_, _drops(status))


def _queues(status: Status) -> Iterator[Metric]:
    journal, clients = status.journal, status.clients
    reports = sum(client.waiting for client in clients)
    size = sum(client.waiting_bytes for client in clients)
    yield _gauge("journal_waiting_bytes", "Bytes to be written.", _one(journal.waiting_bytes))
    yield _gauge("journal_ok", "1 while everything is kept, else 0.", _one(not journal.trouble))
    yield _gauge("outbox_waiting_reports", "Reports that wait for clients.", _one(reports))
    yield _gauge("outbox_waiting_bytes", "Bytes that wait for clients.", _one(size))


def _limits(status: Status) -> Iterator[Metric]:
    used = [((("what", each.what),), each.used) for each in status.budgets]
    budget = [((("what", each.what),), each.budget) for each in status.budgets]
    ends = [((("file", each.file),), each.not_after.timestamp()) for each in status.certificates]
    services = [((("service", each.what),), not each.trouble) for each in status.services]
    yield _gauge("service_ok", "1 while what the node asks elsewhere can be asked.", services)
    yield _gauge("tracks_limit", "Tracks that the picture may hold.", _one(status.picture.limit))
    yield _gauge("used_bytes", "What is used of a budget.", used)
    yield _gauge("budget_bytes", "The budget.", budget)
    yield _gauge("certificate_end_time_seconds", "When a certificate ends (Unix time).", ends)


def _gauge(name: str, help_: str, samples: Iterable[Sample]) -> Metric:
    return Metric(name, "gauge", help_, samples)


def _one(value: float) -> tuple[Sample]:
    return (((), value),)


def _drops(status: Status) -> Iterator[Sample]:
    for part, reasons in status.drops.items():
        for reason, count in reasons.items():
            yield (("part", part), ("reason", reason)), count


def _links(status: Status) -> Iterator[Sample]:
    for state in LinkState:
        yield (("state", state.value),), sum(each.state is state for each in status.partners)


def _sources(status: Status) -> Iterator[Sample]:
    for state in SourceState:
        yield (("state", state.value),), sum(each.state is state for each in status.sources)


def _family(metric: Metric) -> str:
    name = f"accord_{metric.name}"
    lines = [f"# HELP {name} {metric.help}", f"# TYPE {name} {metric.type}"]
    lines.extend(f"{name}{_labels(labels)} {_number(value)}" for labels, value in metric.samples)
    return "\n".join(lines) + "\n"


def _labels(labels: Labels) -> str:
    inside = ",".join(f'{name}="{_escape(value)}"' for name, value in labels)
    return f"{{{inside}}}" if inside else ""


def _escape(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else repr(float(value))
