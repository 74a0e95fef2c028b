"""What Cedar itself says: the measure that the compiled clauses are held to."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import cedarpy

from accord.release.compile import Receiver
from accord.release.facts import Facts
from accord.release.schema import CONTEXT, NAMESPACE, RESOURCE, Meaning
from accord.release.terms import Sort

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Reference:
    """Asks cedarpy about reports under the clauses of one agreement."""

    def __init__(self, texts: Sequence[str], schema: str, forms: Sequence[str]) -> None:
        self._policies = cedarpy.PolicySet.from_str("\n".join(texts))
        self._schema = cedarpy.Schema.from_str(schema)
        self._forms = tuple(forms)

    def permitted(self, facts: Facts, receiver: Receiver) -> frozenset[str] | None:
        """Return the forms that Cedar permits; None when it met an error, which permits nothing."""
        return self.permitted_of([facts], receiver)[0]

    def permitted_of(
        self, reports: Sequence[Facts], receiver: Receiver, forms: Sequence[str] | None = None
    ) -> list[frozenset[str] | None]:
        """Return the permitted forms of each of several reports; asking at once is faster.

        `forms`: only of these; None: of all.
        """
        forms = self._forms if forms is None else forms
        requests, entities = self.asked(reports, receiver, forms)
        answers = cedarpy.is_authorized_batch(  # pyright: ignore[reportUnknownMemberType]  it also takes untyped dicts
            requests, self._policies, entities, self._schema
        )
        each = len(forms)
        return [
            _allowed(forms, answers[place : place + each]) for place in range(0, len(answers), each)
        ]

    def agrees(self, facts: Facts, receiver: Receiver, form: str | None) -> bool:
        """Tell whether this form is the best of those that Cedar permits; None: it permits none.

        It is asked about this form and those that are better: a worse one decides nothing.
        """
        forms = self._forms
        if form in forms:
            forms = forms[: forms.index(form) + 1]
        (permitted,) = self.permitted_of([facts], receiver, forms)
        return permitted == (frozenset() if form is None else {form})

    def asked(
        self, reports: Sequence[Facts], receiver: Receiver, forms: Sequence[str]
    ) -> tuple[list[dict[str, object]], str]:
        """Return one request per report and form, and the entities, as cedarpy takes them."""
        node = _uid("Node", receiver.node)
        none: list[str] = []
        principal = {"nation": receiver.nation, "contexts": sorted(receiver.contexts)}
        entities: list[dict[str, object]] = [{"uid": node, "attrs": principal, "parents": none}]
        requests: list[dict[str, object]] = []
        for number, facts in enumerate(reports):
            values, report = facts._asdict(), _uid("Report", str(number))
            resource = {name: _json(values[name], meaning) for name, meaning in RESOURCE.items()}
            # Spelt once: cedarpy would spell it for each form.
            context = json.dumps(
                {name: _json(values[name], meaning) for name, meaning in CONTEXT.items()}
            )
            entities.append({"uid": report, "attrs": resource, "parents": none})
            for form in forms:
                asked: dict[str, object] = {"principal": node, "action": _uid("Action", form)}
                requests.append(asked | {"resource": report, "context": context})
        return requests, json.dumps(entities)


def _allowed(forms: Sequence[str], answers: Sequence[cedarpy.AuthzResult]) -> frozenset[str] | None:
    if any(answer.diagnostics.errors for answer in answers):
        return None
    return frozenset(form for form, answer in zip(forms, answers, strict=True) if answer.allowed)


def _uid(kind: str, name: str) -> dict[str, str]:
    return {"type": f"{NAMESPACE}::{kind}", "id": name}


def _json(value: object, meaning: Meaning) -> object:
    if meaning.sort is Sort.MOMENT and isinstance(value, int):
        return {"__extn": {"fn": "datetime", "arg": spell_moment(value)}}
    return sorted(value) if isinstance(value, frozenset) else value  # type: ignore[type-var]


def spell_moment(milliseconds: int) -> str:
    """Write a time as Cedar reads it."""
    moment = _EPOCH + timedelta(milliseconds=milliseconds)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"
