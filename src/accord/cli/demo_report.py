"""What the demonstration says in the end: what was received, what crossed, what is missing."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict

from accord.cli.demo_cast import Party
from accord.cli.demo_client import EXERCISE, DemoClient
from accord.cli.demo_cut import Link
from accord.cli.demo_ledger import FRAMES, Verdict, crossing
from accord.cli.demo_view import describe

Group = tuple[Party, Sequence[DemoClient]]
"""A node of the demonstration and its clients."""

PHONE = """To connect a phone, make a node of your own:
  accord init DIR --node NZL-ME --nation NZL
  accord client add DIR NAME --group Watch    (import the .zip it writes into ATAK, WinTAK or iTAK)
  accord serve DIR"""


def shortfalls(
    groups: Sequence[Group], links: Sequence[Link] = (), verdicts: Sequence[Verdict] = ()
) -> list[str]:
    """Return in words what should have been received and was not, or should not and was."""
    missing: list[str] = []
    for party, clients in groups:
        partners = [other for other, _ in groups if other is not party]
        for client in clients:
            missing += _of_client(client)
            missing += _of_partners(client, partners)
    for link in links:
        missing += [
            f"{way} has not caught up after the cut"
            for way, each in link.catch_ups.items()
            if each.whole is None
        ]
    missing += [f"the ledgers of {each.nodes} differ" for each in verdicts if not each.agrees]
    return missing


def _of_client(client: DemoClient) -> Iterator[str]:
    tally = client.tally
    received = {
        "no AIS track": tally.ais,
        f"no position of {client.other}": tally.positions_of[client.other],
        f"no words of {client.other}": tally.spoken_to,
        "no protobuf": tally.heard_protobuf or not client.wants_protobuf,
    }
    yield from (f"{client.name} received {what}" for what, so in received.items() if not so)


def _of_partners(client: DemoClient, partners: Sequence[Party]) -> Iterator[str]:
    heard = client.tally.positions_of
    for party in partners:
        if not heard[party.crosses]:
            yield f"{client.name} received no position of {party.crosses} from {party.node}"
        for name in party.stays:
            if heard[name]:
                yield f"{client.name} received {name}, which {party.node} does not release"


def summary(
    clients: Sequence[DemoClient],
    elapsed: float,
    links: Sequence[Link] = (),
    verdicts: Sequence[Verdict] = (),
) -> dict[str, object]:
    """Return what was received and what crossed, for machines."""
    return {
        "seconds": round(elapsed, 1),
        "exercise": EXERCISE,
        "clients": [
            {
                "name": client.name,
                "messages": client.tally.events,
                "tracks": len(client.tally.tracks),
                "ais_reports": client.tally.ais,
                "positions_of_the_other": client.tally.positions_of[client.other],
                "words_of_the_other": client.tally.spoken_to,
                "form": "protobuf" if client.tally.heard_protobuf else "xml",
                "refused": client.tally.faults,
            }
            for client in clients
        ],
        "links": [_link(each) for each in links],
        "ledgers": [asdict(each) for each in verdicts],
    }


def _link(link: Link) -> dict[str, object]:
    return {
        "nodes": link.name,
        "ways": [
            {
                "way": way.name,
                "frame_sent": way.giver.frame_sent % FRAMES,
                "frame_received": way.receiver.frame_received % FRAMES,
                "sessions": len(way.receiver.sessions),
                "released": dict(way.giver.released),
                "received": dict(way.receiver.received),
                "withheld": [
                    {"clause": clause or None, "reason": reason, "count": count}
                    for (clause, reason), count in sorted(way.giver.withheld.items())
                ],
                "after_the_cut": link.catch_ups[way.name].told() if link.catch_ups else None,
            }
            for way in link.ways
        ],
    }


def report(
    clients: Sequence[DemoClient],
    elapsed: float,
    missing: Sequence[str],
    *,
    links: Sequence[Link] = (),
    verdicts: Sequence[Verdict] = (),
    as_json: bool,
) -> None:
    """Print the summary, and what is missing."""
    if as_json:
        said = {**summary(clients, elapsed, links, verdicts), "missing": list(missing)}
        print(json.dumps(said, indent=2))
        return
    print(f"After {elapsed:.0f} s:")
    for client in clients:
        rate = client.tally.events / max(elapsed, 0.001)
        print(f"  {client.name} received {describe(client, rate)}")
    for line in (*_crossed(links), *_compared(verdicts, links)):
        print(f"  {line}")
    for line in missing:
        print(f"  missing: {line}")
    print(PHONE)


def _crossed(links: Sequence[Link]) -> Iterator[str]:
    for link in links:
        for way in link.ways:
            yield f"{way.name}: {way.frames}"
            for clause, what, told in crossing(way):
                yield f"  clause {clause} {what}: {told}"
            if way.name in link.catch_ups:
                yield f"  after the cut: {link.catch_ups[way.name].told()}"


def _compared(verdicts: Sequence[Verdict], links: Sequence[Link]) -> Iterator[str]:
    """Yield what both ledgers say: of each version once, however many lines it was sent in."""
    lines = {
        (way.name, clause): count
        for link in links for way in link.ways for clause, count in way.giver.released.items()
    }  # fmt: skip
    for verdict in verdicts:
        state = "agree" if verdict.agrees else "DIFFER"
        yield f"the ledgers of {verdict.nodes} {state}:"
        for each in verdict.clauses:
            on_the_way = f", {each.lost} on the way at a cut or the end" if each.lost else ""
            same = "=" if each.sent == each.received else ("agrees" if each.is_same else "DIFFERS")
            yield (
                f"  {each.way}, clause {each.clause}: sent "
                f"{_versions(each.sent, lines.get((each.way, each.clause)))} {same} "
                f"received {each.received}{on_the_way}"
            )


def _versions(count: int, lines: int | None) -> str:
    again = "" if lines in (None, count) else f" ({lines} lines)"
    return f"{count} version{'' if count == 1 else 's'}{again}"
