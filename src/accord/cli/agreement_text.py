"""The half of `accord agreement` that reads documents, and writes a new one."""

import argparse
import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from accord.cli.agreement_template import Answers, agreement_text
from accord.cli.recording import read_recording
from accord.core.agreement import Agreement, Situation
from accord.core.errors import AccordError, UsageError
from accord.core.label import Label
from accord.core.portion import read as read_portion
from accord.core.report import Report, Source
from accord.release.diff import Count, Flow, differences, flows, spell_flows
from accord.release.document import MAX_BYTES
from accord.release.explain import explain as explain_it
from accord.release.explain import explained, spell_explanation, title_of
from accord.release.geojson import MAX_BYTES as MAX_AREA_BYTES
from accord.release.load import disprove, load, spell_counterexample
from accord.release.loaded import Loaded, read
from accord.release.preview import Preview, Shown, geojson
from accord.release.preview import preview as preview_it
from accord.wire.cot import xml
from accord.wire.cot.translate import to_report
from accord.wire.errors import WireError

MAX_AREA_FILES = 200
_FROM_FILE = "a file"


def new(arguments: argparse.Namespace) -> int:
    """Write a document that loads as it is, with its area beside it."""
    path: Path = arguments.file
    if path.exists():
        raise UsageError(f"{path} is there already")
    (giver, giver_key), (receiver, receiver_key) = arguments.giver, arguments.receiver
    name, file = arguments.area
    data = _bytes(Path(file), MAX_AREA_BYTES)
    answers = Answers(
        id=arguments.id,
        title=arguments.title,
        giver=giver,
        receiver=receiver,
        keys={giver: giver_key, receiver: receiver_key},
        since=arguments.since,
        until=arguments.until,
        area=name,
        area_file=Path(file).name,
        area_data=data,
    )
    try:
        text = agreement_text(answers)
    except ValueError as error:
        raise UsageError(f"{file}: {error}") from None
    terms = load(text.encode(), {answers.area_file: data}).agreement
    path.write_text(text, "utf-8")
    beside = path.with_name(answers.area_file)
    if not beside.exists():
        beside.write_bytes(data)
    said = {"id": terms.id, "file": str(path), "sha256": terms.digest}
    print(json.dumps(said, indent=2) if arguments.json else f"written: {path}")
    return 0


def check(arguments: argparse.Namespace) -> int:
    """Load a document: read, validated, held to its examples, no clause dead, all proved."""
    held = loaded(arguments.file)
    terms = held.agreement
    said = {
        "ok": True,
        "id": terms.id,
        "serial": terms.serial,
        "sha256": terms.digest,
        "clauses": len(terms.clauses),
        "examples": sum(len(clause.examples) for clause in terms.clauses),
        "proved": len(held.promises) * len(held.receivers),
    }
    if arguments.json:
        print(json.dumps(said, indent=2, ensure_ascii=False))
    else:
        print(
            f"{terms.id} serial {terms.serial} loads: {said['clauses']} clauses, "
            f"{said['examples']} examples as stated, {said['proved']} proofs"
        )
    return 0


def prove(arguments: argparse.Namespace) -> int:
    """Print each invariant, proved or with a report that breaks it; fails if any is not proved."""
    held = read(*read_text(arguments.file))
    found = {(each.receiver.node, each.promise.sentence): each for each in disprove(held)}
    told = [
        (node, promise.sentence, found.get((node, promise.sentence)))
        for node in held.receivers
        for promise in held.promises
    ]
    if arguments.json:
        rows = [
            {"receiver": node, "invariant": sentence, "proved": broken is None}
            | ({} if broken is None else {"counterexample": spell_counterexample(held, broken)})
            for node, sentence, broken in told
        ]
        print(json.dumps(rows, indent=2, ensure_ascii=False))
    else:
        for node, sentence, broken in told:
            print(
                f"proved for {node}: {sentence}"
                if broken is None
                else spell_counterexample(held, broken)
            )
    return 1 if found else 0


def explain(arguments: argparse.Namespace) -> int:
    """Print which clause decides about a report, and why each other does not."""
    held = loaded(arguments.file)
    report, at, situation = _case(arguments, held)
    explanation = explain_it(report, held, arguments.at or at, situation)
    if explanation.judgement.facts is None:
        raise UsageError(f"{arguments.partner} is none of the receivers, or gives it itself")
    if arguments.json:
        print(json.dumps(explained(explanation), indent=2, ensure_ascii=False))
    else:
        print("\n".join(spell_explanation(explanation, lambda number: title_of(held, number))))
    return 0


def diff(arguments: argparse.Namespace) -> int:
    """Print what changes from one text to another, in sentences and on a recording."""
    old, new_one = loaded(arguments.old), loaded(arguments.new)
    sentences = list(differences(old.agreement, new_one.agreement))
    counted: dict[str, dict[Flow, Count]] = {}
    if arguments.recording is not None:
        reports = list(_recorded(arguments, new_one.agreement))
        for node in new_one.receivers:
            situation = _situation(arguments, new_one.agreement, node)
            counted[node] = flows(reports, old, new_one, situation)
    if arguments.json:
        print(json.dumps(_compared(sentences, counted), indent=2, ensure_ascii=False))
        return 0
    print("\n".join(sentences) if sentences else "the two say the same")
    for node, counts in counted.items():
        print(f"to {node}:")
        print("\n".join(f"  {line}" for line in spell_flows(counts)))
    return 0


def preview(arguments: argparse.Namespace) -> int:
    """Print what of a recording the partner would have got, and by which clause."""
    held = loaded(arguments.file)
    partner = arguments.partner or _first_receiver(held.agreement, arguments)
    if partner not in held.receivers:
        raise UsageError(f"{partner} is none of the receivers")
    situation = _situation(arguments, held.agreement, partner)
    found = preview_it(_recorded(arguments, held.agreement), held, situation)
    if arguments.geojson is not None:
        arguments.geojson.write_text(geojson(found), "utf-8")
    if arguments.json:
        print(json.dumps(_previewed(found, arguments.samples), indent=2, ensure_ascii=False))
        return 0
    print(f"of {found.looked_at} reports {partner} would have got {len(found.shown)}")
    for (clause, form), number in sorted(found.released.items()):
        print(f"  {number} as {form} by clause {clause} ({title_of(held, clause)})")
    for (reason, clause), number in found.withheld.most_common():
        print(f"  {number} withheld: {reason}{'' if clause is None else f' (clause {clause})'}")
    for each in found.samples(arguments.samples):
        print(f"  {_sample(each)}")
    return 0


def _first_receiver(terms: Agreement, arguments: argparse.Namespace) -> str:
    giver = arguments.giver or terms.givers[0]
    return next((node for node in terms.receivers if node != giver), terms.receivers[0])


def loaded(path: Path) -> Loaded:
    """Load a document with the area files beside it. Raises AgreementError."""
    return load(*read_text(path))


def read_text(path: Path) -> tuple[bytes, dict[str, bytes]]:
    """Return the bytes of a document, and the area files beside it by name."""
    beside = sorted(path.parent.glob("*.geojson"))[:MAX_AREA_FILES]
    return _bytes(path, MAX_BYTES), {each.name: _bytes(each, MAX_AREA_BYTES) for each in beside}


def _bytes(path: Path, limit: int) -> bytes:
    if path.exists() and not path.is_file():
        raise UsageError(f"{path}: not a file")
    try:
        with path.open("rb") as file:
            # One byte more than is taken, so that what is too large is refused as such.
            return file.read(limit + 1)
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from None


def _case(arguments: argparse.Namespace, held: Loaded) -> tuple[Report, datetime, Situation]:
    """Return the report that is meant, when it is decided, and how things stand."""
    described = held.described.get(arguments.report)
    if described is not None:
        situation = described.situation(arguments.partner)
        opened = situation.incidents | frozenset(arguments.incident)
        return described.report, described.at, replace(situation, incidents=opened)
    terms = held.agreement
    if arguments.recording is not None:
        report = _newest(arguments.report, _recorded(arguments, terms))
    elif Path(arguments.report).is_file():
        report = _from_file(Path(arguments.report), arguments.giver or terms.givers[0])
    else:
        raise UsageError(
            f"{arguments.report!r} is no example of the agreement and no file; for a uid, say "
            "--recording FILE"
        )
    return report, report.received, _situation(arguments, terms, arguments.partner)


def _newest(uid: str, reports: Iterable[Report]) -> Report:
    newest = None
    for report in reports:
        newest = report if report.uid == uid else newest
    if newest is None:
        raise AccordError(f"there is no report of {uid} in the recording")
    return newest


def _from_file(path: Path, giver: str) -> Report:
    source = Source(node=giver, channel="tak", speaker=_FROM_FILE)
    try:
        event = xml.read(_bytes(path, MAX_BYTES))
        return to_report(event, source=source, groups=frozenset({"file"}), received=event.time)
    except WireError as error:
        raise UsageError(f"{path}: {error}") from None


def _recorded(arguments: argparse.Namespace, terms: Agreement) -> Iterable[Report]:
    giver = arguments.giver or terms.givers[0]
    return read_recording(
        arguments.recording,
        giver=giver,
        mark=_mark(arguments.marking, giver),
        begins=arguments.begins or terms.since,
        exercise=arguments.exercise,
    )


def _mark(text: str | None, giver: str) -> Label | None:
    if text is None:
        return None
    try:
        return replace(read_portion(text, nation=giver[:3]), by_default=True)
    except ValueError as error:
        raise UsageError(f"option --marking: {error}") from None


def _situation(arguments: argparse.Namespace, terms: Agreement, partner: str) -> Situation:
    return Situation(
        own=arguments.giver or terms.givers[0],
        partner=partner,
        synchronised=True,
        incidents=frozenset(arguments.incident),
    )


def _compared(sentences: list[str], counted: dict[str, dict[Flow, Count]]) -> dict[str, object]:
    rows = [
        {
            "receiver": node,
            "what": flow.what,
            "before": flow.before,
            "after": flow.after,
            "reports": count.reports,
            "objects": count.objects,
        }
        for node, counts in counted.items()
        for flow, count in counts.items()
    ]
    return {"differences": sentences, "flows": rows}


def _previewed(found: Preview, samples: int) -> dict[str, object]:
    return {
        "partner": found.partner,
        "looked_at": found.looked_at,
        "shown": len(found.shown),
        "released": [
            {"clause": clause, "form": form, "reports": number}
            for (clause, form), number in sorted(found.released.items())
        ],
        "withheld": [
            {"reason": reason, "clause": clause, "reports": number}
            for (reason, clause), number in found.withheld.most_common()
        ],
        "samples": [_sample(each) for each in found.samples(samples)],
    }


def _sample(shown: Shown) -> str:
    return f"{shown.was.uid} at {shown.at:%H:%M:%S}Z: {shown.form} by clause {shown.clause}"
