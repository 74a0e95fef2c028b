"""What two texts say differently, in sentences, and what each lets out."""

import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from accord.core.agreement import Situation
from accord.core.body import Position
from accord.core.geometry import Point
from accord.core.kind import Kind
from accord.core.label import Label
from accord.core.report import Report, Source
from accord.release.diff import Count, Flow, differences, flows, spell_flows
from accord.release.document import read_document
from accord.release.loaded import Loaded, read
from support.agreements import FILES, NZL, USA, example, text_of
from support.builders import a_report

SEEN = """\
[form.seen]
presence_only = true
cadence = "1 h"
identity = "pseudonym"
"""
TEXT = text_of("usa-nzl-maritime")
OLD = example()


def _differences(*changes: tuple[str, str]) -> list[str]:
    text = TEXT
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    return list(differences(OLD.agreement, read_document(text.encode()).agreement))


def test_the_same_text_differs_in_nothing() -> None:
    assert _differences() == []


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("serial = 1", "serial = 2", "serial: 1 becomes 2"),
        ('id = "EXAMPLE-USA-NZL-MARITIME"', 'id = "X"', "id: EXAMPLE-USA-NZL-MARITIME becomes X"),
        (
            "2027-11-01T00:00:00Z]",
            "2027-12-01T00:00:00Z]",
            "ends: 2027-11-01T00:00:00+00:00 becomes 2027-12-01T00:00:00+00:00",
        ),
        ("valid = [2026-11-01", "valid = [2026-11-02", "begins: 2026-11-01.* becomes 2026-11-02.*"),
        ('["live"]', '["live", "exercise:X"]', "contexts: live becomes exercise:X, live"),
        ("onward = []", 'onward = ["FJI"]', "onward: nobody becomes FJI"),
        ('assumed_error = "500 m"', "", "assumed error: 500 m becomes none"),
        ('title = "Maritime', 'title = "Naval', "title: Maritime .* becomes Naval surveillance.*"),
        (
            'direction = "USA-PAC -> NZL-JFNZ"',
            'direction = "NZL-JFNZ -> USA-PAC"',
            "givers: USA-PAC becomes NZL-JFNZ",
        ),
        (
            'cadence = "10 min"',
            'cadence = "20 min"',
            (
                "form grid-1nm changes: a grid of 1852 m, .*, every 10 min.* "
                "keeps nation, type-detail becomes .*, every 20 min, .*"
            ),
        ),
        (
            'min_age = "30 min"',
            "",
            (
                "form late-10nm changes: .* every 1 h, at least 30 min old, .*, keeps "
                "nothing becomes .*, every 1 h, identity pseudonym, keeps nothing"
            ),
        ),
        (
            "[area.SWPAC]",
            f"{SEEN}[area.SWPAC]",
            "form seen is new: presence only, every 1 h, identity pseudonym, keeps nothing",
        ),
        ("[form.exact]\n", "", "form exact goes: everything as it is"),
        ('AUS = "OFFICIAL"\n', "", "levels: .*AUS OFFICIAL is RESTRICTED.* becomes .*"),
        (
            "nothing above the level RESTRICTED leaves",
            "only RESTRICTED",
            'invariant "only RESTRICTED" is new: resource.level == "RESTRICTED", of all forms',
        ),
        (
            "## 2 Own aircraft",
            "## 2 Own planes",
            r"clause 2 \(Own planes\) is new: The giver's own aircraft .*\. \[permit .*\]",
        ),
        (
            "Nothing that may be inside the quiet strip, however",
            "Nothing that is inside the quiet strip, however",
            r"clause 0.5 \(The quiet strip\) changes: Nothing that may.*becomes Nothing that is.*",
        ),
    ],
)
def test_every_change_is_said_in_a_sentence(old: str, new: str, sentence: str) -> None:
    said = _differences((old, new))
    exact = sentence if ".*" in sentence else re.escape(sentence)
    assert any(re.fullmatch(exact, each) for each in said), said


def test_another_key_and_another_area_are_said() -> None:
    party, area = OLD.agreement.parties[0], OLD.agreement.areas[0]
    changed = replace(
        OLD.agreement,
        parties=(replace(party, key=b"\0" * 32), OLD.agreement.parties[1]),
        areas=(replace(area, sha256="0" * 64), *OLD.agreement.areas[1:]),
    )
    assert list(differences(OLD.agreement, changed)) == [
        f"party {party.node} changes: key {party.key.hex()} becomes key {'00' * 32}",
        (
            f"area {area.name} changes: {area.file}, SHA-256 {area.sha256} becomes "
            f"{area.file}, SHA-256 {'0' * 64}"
        ),
    ]


def _report(uid: str, kind: str) -> Report:
    return a_report(
        uid,
        at=datetime(2026, 12, 1, 6, tzinfo=UTC),
        kind=Kind.of(kind),
        body=Position(point=Point(lat=-38.0, lon=166.0, circular_error=50.0)),
        source=Source(node=USA, channel="tak", speaker=""),
        label=Label(
            policy="USA", level="UNCLASSIFIED", originator="USA", releasable_to=frozenset({"NZL"})
        ),
    )


def _new() -> Loaded:
    """Ships stop, aircraft are exact, installations start."""
    text = TEXT.replace('resource.domain == "surface"', 'resource.kind like "a-f-G-I*"', 1)
    permit_2 = 'action == Accord::Action::"grid-1nm"'
    return read(text.replace(permit_2, 'action == Accord::Action::"exact"', 1).encode(), FILES)


def test_what_starts_stops_and_changes_is_counted_by_reports_and_objects() -> None:
    reports = [
        _report("SHIP-1", "a-f-S-X-M"),
        _report("SHIP-1", "a-f-S-X-M"),
        _report("SHIP-2", "a-f-S-X-M"),
        _report("AIR-1", "a-f-A-C"),
        _report("BASE-1", "a-f-G-I-T"),
        _report("TANK-1", "a-h-G-U"),
        _report("ODD-1", "q-q"),
    ]
    situation = Situation(own=USA, partner=NZL, synchronised=True)
    counts = flows(reports, OLD, _new(), situation)
    assert counts == {
        Flow("merchant ship", "exact", None): Count(3, 2),
        Flow("civil aircraft", "grid-1nm", "exact"): Count(1, 1),
        Flow("installation", None, "exact"): Count(1, 1),
        Flow("land unit", None, None): Count(1, 1),
        Flow("q-q", None, None): Count(1, 1),
    }
    assert list(spell_flows(counts)) == [
        "installation starts to flow as exact: 1 reports of 1 objects",
        "merchant ship stops, which flowed as exact: 3 reports of 2 objects",
        "civil aircraft flows as exact instead of grid-1nm: 1 reports of 1 objects",
        "nothing changes for 2 reports",
    ]
