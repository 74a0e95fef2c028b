"""An agreement read, validated and compiled: everything that deciding needs."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256

from accord.core.agreement import Agreement, Clause
from accord.core.form import ReleaseForm
from accord.release.area import Areas
from accord.release.cedar import Language, NotAllowed, milliseconds
from accord.release.compile import Choose, Receiver, compile_rules
from accord.release.document import Document, read_document
from accord.release.example import Described, describe
from accord.release.facts import FactFinder
from accord.release.fault import AgreementError, Fault, refuse
from accord.release.geojson import Geometry
from accord.release.geojson import load as read_geojson
from accord.release.prove import Promise
from accord.release.reference import Reference, spell_moment
from accord.release.schema import NAMESPACE, schema
from accord.release.terms import Rule
from accord.release.vocabulary import Vocabulary

FORM_RULE = "form "
"""How the number of a rule begins that the table of forms says, not a clause."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """An agreement with everything that deciding needs. `rules` are the clauses', then the forms'.

    `described` are the reports of its examples; `promises` what is to be proved. Whether its
    parties have signed it is another question (`accord.release.signature`).
    """

    agreement: Agreement
    rules: tuple[Rule, ...]
    promises: tuple[Promise, ...]
    receivers: Mapping[str, Receiver]
    chooses: Mapping[str, Choose]
    described: Mapping[str, Described]
    finder: FactFinder
    reference: Reference

    def rule(self, number: str) -> Rule:
        """Return the rule of that number. Raises KeyError."""
        for rule in self.rules:
            if rule.number == number:
                return rule
        raise KeyError(number)


def read(data: bytes, files: Mapping[str, bytes]) -> Loaded:
    """Read, validate and compile an agreement; `files` are the area files by name.

    Neither its examples nor its invariants are looked at yet. Raises AgreementError.
    """
    document = read_document(data)
    agreement = document.agreement
    areas = _areas(agreement, files)
    names = [form.name for form in agreement.forms]
    text = schema(names)
    language = Language(text, forms=names, parties=[party.node for party in agreement.parties])
    vocabulary = Vocabulary(agreement)
    faults: list[Fault] = []
    rules = [*_rules(agreement, language, vocabulary, faults)]
    promises = [*_promises(agreement, language, vocabulary, faults)]
    described = dict(_described(document, faults))
    if faults:
        # What is wrong in `usual` is wrong in every report, and said once.
        raise AgreementError(sorted(dict.fromkeys(faults), key=lambda fault: fault.line or 0))
    aged = {f"{FORM_RULE}{form.name}": _age_rule(form) for form in agreement.forms if form.min_age}
    rules += [language.rule(number, cedar) for number, cedar in aged.items()]
    contexts = frozenset(str(context) for context in agreement.contexts)
    receivers = {node: Receiver(node=node, contexts=contexts) for node in agreement.receivers}
    return Loaded(
        agreement=agreement,
        rules=tuple(rules),
        promises=tuple(promises),
        receivers=receivers,
        chooses={node: compile_rules(rules, names, each) for node, each in receivers.items()},
        described=described,
        finder=FactFinder(agreement, areas),
        reference=Reference(
            [*(clause.cedar for clause in agreement.clauses), *aged.values()], text, names
        ),
    )


def _areas(agreement: Agreement, files: Mapping[str, bytes]) -> Areas:
    geometries: dict[str, Geometry] = {}
    for area in agreement.areas:
        data = files.get(area.file)
        if data is None:
            raise refuse(f"area {area.name!r}: there is no file {area.file}")
        if sha256(data).hexdigest() != area.sha256:
            raise refuse(
                f"area {area.name!r}: {area.file} is not the file that was agreed: its SHA-256 is "
                f"{sha256(data).hexdigest()}"
            )
        try:
            geometries[area.name] = read_geojson(data)
        except ValueError as error:
            raise refuse(f"area {area.name!r}: {area.file}: {error}") from None
    return Areas(geometries)


def _rules(
    agreement: Agreement, language: Language, vocabulary: Vocabulary, faults: list[Fault]
) -> Iterator[Rule]:
    for clause in agreement.clauses:
        try:
            rule = language.rule(clause.number, clause.cedar)
        except NotAllowed as error:
            faults.append(Fault(_in_clause(clause, str(error)), clause.cedar_line, clause.number))
            continue
        for word, sentence in vocabulary.unknown(rule.condition):
            line = _line_of(word, clause)
            faults.append(Fault(_in_clause(clause, sentence), line, clause.number))
        yield rule


def _line_of(word: str, clause: Clause) -> int:
    before, found, _ = clause.cedar.partition(f'"{word}"')
    return clause.cedar_line + (before.count("\n") if found else 0)


def _in_clause(clause: Clause, error: str) -> str:
    return f'"{clause.title}": {error}'


def _age_rule(form: ReleaseForm) -> str:
    age = f'duration("{round(form.min_age.total_seconds() * 1000)}ms")'
    return (
        f'forbid (principal, action == {NAMESPACE}::Action::"{form.name}", resource) unless {{ '
        f"context.now.durationSince(resource.observed) >= {age} && "
        f"context.now.durationSince(resource.received) >= {age} }};"
    )


def built_in(agreement: Agreement) -> Iterable[tuple[str, str]]:
    """Return what every agreement must keep: a sentence, and the Cedar condition that says it."""
    since = spell_moment(milliseconds(agreement.since))
    until = spell_moment(milliseconds(agreement.until))
    return (
        ("nothing unmarked leaves", "resource.marked"),
        (
            "nothing leaves that is not marked releasable to the receiver's nation",
            "resource.releasable_to.contains(principal.nation)",
        ),
        (
            "nothing leaves before the agreement begins or after it ends",
            f'context.now >= datetime("{since}") && context.now < datetime("{until}")',
        ),
        (
            "nothing leaves while the giver's clock cannot be trusted",
            "context.synchronised",
        ),
        (
            "exercise and live never mix",
            "principal.contexts.contains(resource.context)",
        ),
        (
            "what a third party made goes only where its originator granted it",
            "!resource.third_party || resource.onward.contains(principal.nation)",
        ),
    )


def _promises(
    agreement: Agreement, language: Language, vocabulary: Vocabulary, faults: list[Fault]
) -> Iterator[Promise]:
    for sentence, text in built_in(agreement):
        yield Promise(sentence=sentence, condition=language.condition(text), forms=frozenset())
    names = {form.name for form in agreement.forms}
    for own in agreement.invariants:
        try:
            condition = language.condition(own.condition)
        except NotAllowed as error:
            faults.append(Fault(f'invariant "{own.sentence}": {error}', own.line))
            continue
        for _, sentence in vocabulary.unknown(condition):
            faults.append(Fault(f'invariant "{own.sentence}": {sentence}', own.line))
        if own.forms - names:
            unknown = ", ".join(sorted(own.forms - names))
            faults.append(Fault(f'invariant "{own.sentence}": no such form: {unknown}', own.line))
        yield Promise(sentence=own.sentence, condition=condition, forms=own.forms, line=own.line)


def _described(document: Document, faults: list[Fault]) -> Iterator[tuple[str, Described]]:
    for name, table in document.reports:
        try:
            yield name, describe(document.agreement, name, table, document.usual)
        except AgreementError as error:
            faults += error.faults
