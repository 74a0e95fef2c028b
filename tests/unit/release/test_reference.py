from collections.abc import Sequence

import pytest

from accord.release.compile import Receiver
from accord.release.facts import Facts
from accord.release.reference import Reference, spell_moment
from accord.release.schema import schema
from support.agreements import FORMS, RECEIVER, facts

EXACT = 'permit (principal, action == Accord::Action::"exact", resource) when { resource.marked };'
COARSE = 'permit (principal, action == Accord::Action::"coarse", resource);'
SHIPS_ONLY = 'forbid (principal, action, resource) unless { resource.words.contains("ship") };'


def _reference(*texts: str) -> Reference:
    return Reference(texts, schema(FORMS), FORMS)


def test_cedar_is_asked_for_every_form() -> None:
    reference = _reference(EXACT, COARSE, SHIPS_ONLY)
    assert reference.permitted(facts(), RECEIVER) == {"exact", "coarse"}
    assert reference.permitted(facts(marked=False), RECEIVER) == {"coarse"}
    assert reference.permitted(facts("a-f-U-S"), RECEIVER) == frozenset()


def test_several_reports_are_answered_in_their_order() -> None:
    reports = [facts(), facts("a-f-U-S"), facts(marked=False)]
    assert _reference(EXACT, SHIPS_ONLY).permitted_of(reports, RECEIVER) == [
        {"exact"}, frozenset(), frozenset(),
    ]  # fmt: skip


def test_it_agrees_with_the_best_permitted_form_and_no_other() -> None:
    reference = _reference(EXACT, COARSE)
    assert reference.agrees(facts(), RECEIVER, "exact")
    assert not reference.agrees(facts(), RECEIVER, "coarse")
    assert not reference.agrees(facts(), RECEIVER, None)
    assert _reference().agrees(facts(), RECEIVER, None)
    assert not reference.agrees(facts(), RECEIVER, "a form that the agreement has not")


class Counting(Reference):
    """Remembers which forms Cedar was asked about."""

    def asked(
        self, reports: Sequence[Facts], receiver: Receiver, forms: Sequence[str]
    ) -> tuple[list[dict[str, object]], str]:
        self.forms = tuple(forms)
        return super().asked(reports, receiver, forms)


@pytest.mark.parametrize(("form", "asked"), [("exact", 1), ("coarse", 2), (None, 3)])
def test_it_is_asked_about_the_form_and_better_ones_alone(form: str | None, asked: int) -> None:
    reference = Counting((EXACT, COARSE), schema(FORMS), FORMS)
    reference.agrees(facts(), RECEIVER, form)
    assert reference.forms == FORMS[:asked]


def test_the_receiver_is_the_principal() -> None:
    reference = _reference(
        'permit (principal == Accord::Node::"NZL-JFNZ", action, resource) '
        'when { principal.nation == "NZL" && principal.contexts.contains(resource.context) };'
    )
    assert reference.permitted(facts(), RECEIVER) == set(FORMS)
    assert reference.permitted(facts(), Receiver(node="AUS-HQ", contexts=frozenset())) == set()


def test_an_error_of_cedars_permits_nothing_and_agrees_with_nothing() -> None:
    """Arithmetic is not allowed in an agreement; here it makes Cedar overflow."""
    erring = (
        "forbid (principal, action, resource) when { resource.hops + 9223372036854775807 > 0 };"
    )
    reference = _reference(COARSE, erring)
    assert reference.permitted(facts(hops=1), RECEIVER) is None
    assert not reference.agrees(facts(hops=1), RECEIVER, None)
    assert not reference.agrees(facts(hops=1), RECEIVER, "coarse")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "1970-01-01T00:00:00.000Z"),
        # The billionth second of Unix time.
        (1_000_000_000_042, "2001-09-09T01:46:40.042Z"),
        (-1, "1969-12-31T23:59:59.999Z"),
    ],
)
def test_times_are_written_as_cedar_reads_them(value: int, text: str) -> None:
    assert spell_moment(value) == text
