from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from accord.federation.guard.check import Checker, Refused, Terms, permits
from accord.wire.peer.protocol import Version
from accord.wire.peer.record import FileOffer
from accord.wire.peer.report import (
    Base,
    Grant,
    Header,
    Marks,
    PeerLabel,
    PeerReport,
    Place,
    PositionBody,
    Spoken,
    Subject,
    Update,
    WordsBody,
)
from accord.wire.peer.translate import milliseconds
from support.agreements import FILES, NZL, USA, example

NOW = datetime(2026, 12, 1, 6, tzinfo=UTC)  # the worked agreement is in force
MS = milliseconds(NOW)
TERMS = Terms(example().agreement)
LABEL = PeerLabel(policy="USA", level="UNCLASSIFIED", originator="USA", releasable_to=("NZL",))
DIGEST = bytes(32)


def a_checker(*terms: Terms) -> Checker:
    checker = Checker(own=USA, partner=NZL)
    checker.know({each.key: each for each in terms or (TERMS,)})
    return checker


def a_subject(**changes: Any) -> Subject:
    subject = Subject(
        origin=USA, uid="MMSI-1", context="live", kind="a-f-S-C", how="m-g", label=LABEL,
        source=Spoken(node=USA, channel="tak", speaker="bridge"),
    )  # fmt: skip
    return replace(subject, **changes)


def a_grant(clause: str = "1", form: str = "exact", terms: Terms = TERMS) -> Grant:
    return Grant(terms.key, clause, form)


def a_header(grant: Grant | None = None, **changes: Any) -> Header:
    base = Base(lat=-292_000_000, lon=-1_779_000_000)
    return Header(subject=a_subject(**changes), epoch=3, grant=grant or a_grant(), base=base)


def a_state(**changes: Any) -> Update:
    return Update(0, MS, MS, MS, MS + 300_000, MS, lat=-292_000_000, lon=-1_779_000_000)._replace(
        **changes
    )


def refusal(header: Header, terms: Terms = TERMS, *, at: datetime = NOW, **how: Any) -> Refused:
    with pytest.raises(Refused) as refused:
        a_checker(terms).update(header, DIGEST, how.pop("onward", None), a_state(**how), at)
    return refused.value


def test_what_the_agreement_lets_out_is_cleared_with_all_that_the_ledger_wants() -> None:
    checker = a_checker()
    header = a_header()
    assert checker.header(header, DIGEST, None, NOW).version == Version(3, 0)
    cleared = checker.update(header, DIGEST, None, a_state(), NOW)
    assert (cleared.clause, cleared.form, cleared.name) == ("1", "exact", "MMSI-1")
    assert cleared.version == Version(3, MS)
    assert cleared.marking == "(U//REL TO NZL)"
    assert cleared.terms.agreement is TERMS.agreement


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"label": None}, "no mark"),
        ({"label": replace(LABEL, releasable_to=("AUS",))}, "not marked for the partner"),
        ({"label": replace(LABEL, releasable_to=())}, "not marked for the partner"),
        ({"label": replace(LABEL, level="TOP SECRET")}, "level"),
        ({"label": replace(LABEL, level="VERY SECRET")}, "no mark"),
        ({"context": "nowhere"}, "not understood"),
        ({"label": replace(LABEL, opex="e-TASMAN 26")}, "context"),
        ({"context": "exercise:TASMAN 26"}, "context"),
        ({"origin": "AUS-HQ"}, "not said to be passed on"),
        ({"path": ("AUS-HQ",)}, "not said to be passed on"),
        ({"label": replace(LABEL, policy="AUS", level="OFFICIAL", originator="AUS")}, "granted"),
    ],
)
def test_each_thing_that_an_object_may_not_be_is_named(changes: dict[str, Any], said: str) -> None:
    refused = refusal(a_header(**changes))
    assert said in refused.reason
    assert not refused.is_passing
    assert refused.what == "MMSI-1"


@pytest.mark.parametrize(
    ("grant", "said"),
    [
        (Grant(b"another!", "1", "exact"), "no agreement that the guard knows"),
        (a_grant("9.9"), "no such clause or form"),
        (a_grant(form="sharper"), "no such clause or form"),
        (a_grant("0.2"), "permits no such form"),  # a forbid
        (a_grant("2", "exact"), "permits no such form"),  # it permits the grid
    ],
)
def test_each_thing_that_a_grant_may_not_be_is_named(grant: Grant, said: str) -> None:
    assert said in refusal(a_header(grant)).reason


@pytest.mark.parametrize(
    "at", [datetime(2026, 10, 31, 23, 59, tzinfo=UTC), datetime(2027, 11, 1, tzinfo=UTC)]
)
def test_outside_its_time_an_agreement_lets_nothing_out_and_nobody_is_called(at: datetime) -> None:
    refused = refusal(a_header(), at=at)
    assert refused.reason == "the agreement is not in force"
    assert refused.is_passing


def test_what_was_suspended_lets_nothing_out() -> None:
    assert refusal(a_header(), Terms(TERMS.agreement, "USA-PAC suspended it")).is_passing


def test_an_agreement_does_not_run_backwards() -> None:
    checker = Checker(own=NZL, partner=USA)
    checker.know({TERMS.key: TERMS})
    header = a_header(origin=NZL, label=replace(LABEL, originator="NZL", policy="NZL"))
    with pytest.raises(Refused, match="does not run this way"):
        checker.update(header, DIGEST, None, a_state(), NOW)


def test_what_was_cleared_is_looked_at_anew_when_agreements_change() -> None:
    checker = a_checker()
    header = a_header()
    checker.update(header, DIGEST, None, a_state(), NOW)
    checker.know({TERMS.key: Terms(TERMS.agreement, "suspended")})
    with pytest.raises(Refused, match="not in force"):
        checker.update(header, DIGEST, None, a_state(), NOW)


GRID = a_grant("2", "grid-1nm")
PSEUDONYM = f"P-{'ab' * 16}"


def of_the_grid(**changes: Any) -> Header:
    """An aircraft as the grid form leaves it; the reference has clause 2 for it."""
    said = {
        "uid": PSEUDONYM, "kind": "a-f-A-M-F", "how": "m", "source": None,
        "marks": Marks(access="USA UNCLASSIFIED", releasable_to="NZL"), **changes,
    }  # fmt: skip
    return replace(a_header(GRID, **said), base=Base())


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"uid": "MMSI-1"}, "pseudonym"),
        ({"how": "m-g"}, "how the position was come by"),
        ({"source": Spoken(node=USA, channel="tak", speaker="x")}, "its source"),
        ({"groups": ("Blue",)}, "its groups"),
    ],
)
def test_a_form_is_held_against_all_that_is_said_of_an_object(
    changes: dict[str, Any], said: str
) -> None:
    with pytest.raises(Refused, match=said):
        a_checker().header(of_the_grid(**changes), DIGEST, None, NOW)


def test_a_position_that_is_finer_than_its_form_does_not_leave_even_in_a_header() -> None:
    checker = a_checker()
    checker.header(of_the_grid(), DIGEST, None, NOW)
    finer = replace(of_the_grid(), base=Base(lat=-350_000_001, lon=1_780_000_001))
    with pytest.raises(Refused, match="smaller error"):
        checker.header(finer, bytes([1]) * 32, None, NOW)


def test_a_version_tells_no_more_of_the_time_than_the_form() -> None:
    checker, header = a_checker(), of_the_grid()
    told = a_state(lat=None, lon=None, stale=MS + 1_800_000)
    checker.update(header, DIGEST, None, told, NOW)
    checker.update(header, DIGEST, None, told._replace(version=MS + 3), NOW)
    with pytest.raises(Refused, match="its version tells more"):
        checker.update(header, DIGEST, None, told._replace(version=MS + 4_711), NOW)


def test_a_second_grant_of_one_header_is_looked_at_by_itself() -> None:
    given = Terms(
        replace(
            example().agreement,
            id="AUS-USA",
            digest="11" * 32,
            givers=("AUS-HQ",),
            receivers=(USA,),
            onward=frozenset({"NZL"}),
        )
    )
    label = replace(LABEL, policy="AUS", level="OFFICIAL", originator="AUS")
    header = a_header(Grant(given.key, "1", "exact"), origin="AUS-HQ", label=label)
    checker = a_checker(TERMS, given)
    checker.update(header, DIGEST, a_grant(), a_state(), NOW)
    with pytest.raises(Refused, match="no such clause"):
        checker.update(header, DIGEST, a_grant("7"), a_state(), NOW)
    closed = replace(given.agreement, onward=frozenset())
    checker.know({TERMS.key: TERMS, given.key: Terms(closed)})
    with pytest.raises(Refused, match="has not granted it"):
        checker.update(header, DIGEST, a_grant(), a_state(), NOW)


def a_record(body: Any, **changes: Any) -> PeerReport:
    report = PeerReport(
        subject=a_subject(), version=Version(3, MS), grant=a_grant(), time=MS, start=MS,
        stale=MS + 60_000, received=MS, body=body,
    )  # fmt: skip
    return replace(report, **changes)


def test_a_whole_report_is_held_against_its_form() -> None:
    checker = a_checker()
    place = Place(-292_000_000, -1_779_000_000)
    assert checker.report(a_record(PositionBody(place)), None, NOW).form == "exact"
    with pytest.raises(Refused, match="message"):
        checker.report(
            a_record(WordsBody("hello", "", ""), subject=of_the_grid().subject, grant=GRID,
                     stale=MS + 600_000), None, NOW,
        )  # fmt: skip
    late = replace(of_the_grid().subject, kind="a-f-U")
    with pytest.raises(Refused, match="younger"):
        checker.report(
            a_record(PositionBody(None), subject=late, grant=a_grant("3", "late-10nm")), None, NOW
        )


def test_only_a_form_that_keeps_everything_lets_out_a_file() -> None:
    offer = FileOffer(
        subject=a_subject(), version=Version(3, MS), grant=a_grant(), digest=bytes(32), size=1,
        name="a", media="b",
    )  # fmt: skip
    checker = a_checker()
    assert checker.offer(offer, None, NOW).clause == "1"
    coarse = replace(offer, subject=of_the_grid().subject, grant=GRID, version=Version(3, MS))
    with pytest.raises(Refused, match="no form but the exact one"):
        checker.offer(coarse, None, NOW)


def test_a_recall_names_nothing_that_could_not_be_released() -> None:
    forms = tuple(form for form in TERMS.agreement.forms if form.name != "exact")
    hidden = Terms(replace(TERMS.agreement, forms=forms))
    checker = a_checker(hidden)
    assert checker.recall_of(hidden.key, "1", PSEUDONYM) is hidden
    assert checker.recall_of(hidden.key, "", "") is hidden
    with pytest.raises(Refused, match="pseudonym"):
        checker.recall_of(hidden.key, "1", "MMSI-1")
    assert a_checker().recall_of(TERMS.key, "1", "MMSI-1") is TERMS
    with pytest.raises(Refused, match="by no such clause"):
        a_checker().recall_of(TERMS.key, "77", "MMSI-1")


def test_a_document_leaves_by_the_grant_that_is_given_for_it() -> None:
    checker = a_checker()
    assert checker.granted(a_grant(), "SAR 7", NOW).name == "SAR 7"
    with pytest.raises(Refused, match="not in force"):
        checker.granted(a_grant(), "SAR 7", NOW + timedelta(days=400))


def test_an_area_is_known_by_its_digest() -> None:
    checker = a_checker()
    assert checker.has_area(FILES["south-west-pacific.geojson"])
    assert not checker.has_area(b"{}")


@pytest.mark.parametrize(
    ("head", "form", "is_so"),
    [
        ("permit (principal, action, resource)", "exact", True),
        ('permit(principal,action=="x",resource)', "exact", False),
        ('permit (principal, action == Accord::Action::"exact", resource)', "exact", True),
        ('permit (principal, action == Accord::Action::"exact", resource)', "grid", False),
        ('permit (principal, action in [Accord::Action::"a", Accord::Action::"grid"], resource)',
         "grid", True),
        (f'permit (principal == Accord::Node::"{NZL}", action, resource)', "grid", True),
        ('permit (principal == Accord::Node::"AUS-X", action, resource)', "grid", False),
        ("permit (principal is Accord::Node, action, resource)", "grid", True),
        ('// permit\n@id("1") permit (principal, action, resource)', "grid", True),
        ("// permit (principal, action, resource)\nforbid (principal, action, resource)",
         "grid", False),
        ("forbid (principal, action, resource)", "grid", False),
    ],
)  # fmt: skip
def test_a_clause_permits_by_its_head(head: str, form: str, *, is_so: bool) -> None:
    assert permits(f"{head}\nwhen {{ true }};", form, NZL) is is_so


def test_terms_are_known_by_the_beginning_of_their_digest() -> None:
    assert TERMS.key.hex() == TERMS.agreement.digest[:16]
