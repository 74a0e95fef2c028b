from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from accord.core.body import Alarm, Body, Message, Opaque, Removal, Shape
from accord.core.context import LIVE, Context
from accord.core.geometry import Polyline
from accord.core.kind import Kind
from accord.core.marking import Marking, Opex, OpexKind
from accord.core.principal import Group
from accord.core.report import Address, AddressKind, Doubt, Form, Original, Report, Source
from accord.storage.restore import Decode, Restoration
from accord.storage.segment import Numbered, OpenSegment, pack
from accord.storage.settings import JournalSettings
from accord.wire.errors import Malformed
from support.builders import A_SOURCE, a_point
from support.clock import START
from support.database import a_kept_report

MAX_AGE = timedelta(hours=24)
MAX_STALE = timedelta(hours=2)
NOW = START + timedelta(days=3)
LONG_AGO = NOW - MAX_AGE - timedelta(seconds=1)
SOON = NOW + timedelta(minutes=1)
LINE = Shape(outline=Polyline(points=(a_point(),)))
EXERCISE = Context.exercise("KIWI")
SOMEBODY = frozenset({Address(AddressKind.UID, "U9")})


def ago(**time: float) -> datetime:
    return NOW - timedelta(**time)


def said(uid: str = "U1", at: datetime = NOW, **changes: Any) -> Report:
    changes = {"stale": at + timedelta(minutes=5), **changes}
    return a_kept_report(uid, at=at, **changes)


def words(text: str, at: datetime = NOW, **changes: Any) -> Report:
    return said(text, at, body=Message(text=text, sender="KIWI1", room="All"), **changes)


def restoration(**settings: int) -> Restoration:
    return Restoration(
        JournalSettings(**settings),  # pyright: ignore[reportArgumentType]  none is a duration
        now=NOW,
        max_age=MAX_AGE,
        max_stale=MAX_STALE,
    )


def show(restoring: Restoration, *commits: Sequence[Report]) -> dict[bytes, Report]:
    """Show the commits newest first, as the database does; return the reports by original."""
    by_original: dict[bytes, Report] = {}
    batches: list[list[Numbered]] = []
    number = 0
    for commit in commits:
        batches.append([])
        for report in commit:
            number += 1
            original = Original(Form.COT_XML, b"%d" % number)
            by_original[original.data] = replace(report, original=original)
            batches[-1].append((number, by_original[original.data], original))
    for batch in reversed(batches):
        for segment in reversed(pack(batch)):
            restoring.look(OpenSegment(segment.data), is_durable=segment.ring.is_durable)
    return by_original


def reader_of(by_original: dict[bytes, Report]) -> Decode:
    def decode(
        original: Original, *, source: Source, groups: frozenset[Group], received: datetime
    ) -> Report:
        report = by_original[original.data]
        return replace(report, source=source, groups=groups, received=received)

    return decode


def restored(*commits: Sequence[Report], **settings: int) -> list[Report]:
    restoring = restoration(**settings)
    decode = reader_of(show(restoring, *commits))
    return [replace(report, original=None) for report in restoring.reports({Form.COT_XML: decode})]


def bare(*reports: Report) -> list[Report]:
    return [replace(report, original=None) for report in reports]


def test_the_newest_claim_of_each_source_comes_back() -> None:
    other = replace(A_SOURCE, speaker="kiwi-2")
    first, mine, theirs = said(at=ago(seconds=9)), said(), said(source=other)
    assert restored([first], [mine, theirs]) == bare(mine, theirs)


def test_the_newest_is_the_last_accepted_not_the_last_seen_in_one_commit() -> None:
    """What a person placed lies in another segment of the commit than what a thing reported."""
    thing, placed = said(), said(how="h-g-i-g-o")
    assert restored([placed, thing]) == bare(thing)
    assert restored([thing, placed]) == bare(placed)


def test_claims_in_two_contexts_are_two() -> None:
    live, exercise = said(), said(context=EXERCISE)
    assert restored([live], [exercise]) == bare(live, exercise)


def test_they_come_in_the_order_in_which_they_were_accepted() -> None:
    reports = [said("A"), words("hi"), said("B", body=Removal(target="A")), said("C"), said("A")]
    assert restored(reports[:2], reports[2:4], reports[4:]) == bare(*reports[1:])


@pytest.mark.parametrize(
    ("report", "comes_back"),
    [
        (said(at=ago(hours=1)), True),
        (said(at=ago(hours=1), stale=ago(hours=3)), False),
        (said(at=LONG_AGO, stale=SOON), False),
        (said(at=LONG_AGO, stale=SOON, how="h-g-i-g-o"), True),
        (said(at=LONG_AGO, stale=SOON, body=LINE, kind=Kind.of("u-d-r")), True),
        (said(at=LONG_AGO, stale=ago(seconds=1), body=LINE), False),
        (said(at=ago(hours=1), stale=ago(seconds=1), body=LINE), True),
        (said(at=ago(hours=9), stale=ago(hours=8), body=Alarm(category="911")), True),
        (said(at=LONG_AGO, stale=SOON, body=Alarm(category="911")), False),
        (said(at=LONG_AGO, stale=LONG_AGO, body=Removal(target="X")), True),
        (words("hi", at=LONG_AGO), True),
        (words("hi", to=SOMEBODY), True),
        (said(to=SOMEBODY), False),
        (said(body=Removal(target="X"), to=SOMEBODY), True),
        (said(body=Opaque()), False),
    ],
)
def test_what_is_over_stays_away(report: Report, comes_back: bool) -> None:
    assert restored([report]) == (bare(report) if comes_back else [])


def test_a_newer_claim_that_is_over_does_not_bring_back_an_older_one() -> None:
    older, newer = said(at=ago(hours=2)), said(at=ago(hours=1), stale=ago(hours=3))
    assert restored([older], [newer]) == []


def test_the_last_word_of_somebody_else_ends_what_was_before_it() -> None:
    """The picture holds both as claims of one track, and the newer leads: it is over."""
    other = replace(A_SOURCE, speaker="kiwi-2")
    drawn = said(at=ago(hours=3), stale=SOON, body=LINE)
    ended = said(at=ago(hours=3), stale=ago(hours=2, minutes=59), body=LINE, source=other)
    elsewhere = replace(drawn, context=EXERCISE)
    assert restored([drawn, ended]) == bare(drawn, ended)
    assert restored([elsewhere], [drawn], [ended]) == bare(elsewhere, drawn, ended)
    assert restored([ended], [drawn]) == bare(drawn)
    assert restored([ended], [elsewhere]) == bare(elsewhere)


def test_of_last_words_the_last_ends_it() -> None:
    other = replace(A_SOURCE, speaker="kiwi-2")
    third = replace(A_SOURCE, speaker="kiwi-3")
    drawn = said(at=ago(hours=3), stale=SOON, body=LINE)
    over = said(at=ago(hours=3), stale=ago(hours=2, minutes=59), body=LINE, source=other)
    last = replace(over, source=third)
    assert restored([drawn], [over], [last]) == bare(drawn, last)
    assert restored([drawn], [over, last]) == bare(drawn, last)


def test_what_is_addressed_supersedes_nothing_for_everybody_else() -> None:
    shown = said()
    assert restored([shown], [said(to=SOMEBODY)]) == bare(shown)


def test_the_end_of_an_alarm_comes_back_after_the_alarm() -> None:
    alarm = said("A1", ago(hours=2), body=Alarm(category="911"))
    end = said(
        "A1", ago(hours=1), body=Alarm(category="911", cancels=True),
        source=replace(A_SOURCE, speaker="kiwi-2"),
    )  # fmt: skip
    assert restored([alarm], [end]) == bare(alarm, end)


@pytest.mark.parametrize(
    ("limit", "body"),
    [
        ("restored_messages", Message(text="hi", sender="KIWI1", room="All")),
        ("restored_removals", Removal(target="X")),
    ],
)
def test_of_words_and_removals_the_newest_come_back(limit: str, body: Body) -> None:
    reports = [said(f"U{number}", body=body) for number in range(5)]
    restoring = restoration(**{limit: 3})
    decode = reader_of(show(restoring, *[[report] for report in reports]))
    found = list(restoring.reports({Form.COT_XML: decode}))
    assert [report.uid for report in found] == ["U2", "U3", "U4"]
    kind = "message" if limit == "restored_messages" else "removal"
    assert restoring.counts[f"{kind}s beyond the limit"] == 2


def test_of_claims_the_newest_come_back_and_the_known_stay_known() -> None:
    reports = [said("U1"), said("U2"), said("U3"), said("U3"), said("U2")]
    restoring = restoration(restored_claims=2)
    decode = reader_of(show(restoring, *[[report] for report in reports]))
    assert [each.uid for each in restoring.reports({Form.COT_XML: decode})] == ["U3", "U2"]
    assert restoring.counts["claims beyond the limit"] == 1
    assert restoring.counts["scanned"] == 5
    assert restoring.counts["restored"] == 2


def test_sources_without_claims_do_not_pile_up() -> None:
    """Each connection without a certificate is a source of its own."""
    strangers = [replace(A_SOURCE, speaker=f"port {number}") for number in range(5)]
    reports = [said(f"U{number}", source=each) for number, each in enumerate(strangers)]
    restoring = restoration(restored_claims=3)
    decode = reader_of(show(restoring, *[[report] for report in reports]))
    assert len(list(restoring.reports({Form.COT_XML: decode}))) == 3
    assert restoring.counts["claims beyond the limit"] == 2


def test_sources_beyond_the_limit_are_not_taken_for_one() -> None:
    strangers = [replace(A_SOURCE, speaker=f"port {number}") for number in range(5)]
    reports = [said(source=each, to=SOMEBODY) for each in strangers[:3]]
    others = [said(source=each) for each in strangers[3:]]
    restoring = restoration(restored_claims=3)
    decode = reader_of(show(restoring, others, reports))
    assert list(restoring.reports({Form.COT_XML: decode})) == []
    assert restoring.counts["claims beyond the limit"] == 2


def test_who_only_talks_takes_no_place_among_the_sources_of_claims() -> None:
    talkers = [replace(A_SOURCE, speaker=f"kiwi-{number}") for number in range(5)]
    talk = [words("hi", source=each) for each in talkers]
    restoring = restoration(restored_claims=2)
    decode = reader_of(show(restoring, [said()], talk))
    assert len(list(restoring.reports({Form.COT_XML: decode}))) == 6
    assert restoring.counts["claims beyond the limit"] == 0


def test_it_is_full_at_its_limit_of_bytes_and_says_so() -> None:
    restoring = restoration(restored_bytes=100)
    assert not restoring.is_full()
    assert restoring.counts == {}
    original = Original(Form.COT_XML, bytes(98))
    (segment,) = pack([(1, said("U1", original=original), original)])
    restoring.look(OpenSegment(segment.data), is_durable=False)
    assert restoring.is_full()
    assert restoring.counts["ended at the limit of bytes"] == 1


def test_what_is_superseded_within_a_commit_takes_no_bytes() -> None:
    restoring = restoration(restored_bytes=100)
    large, small = Original(Form.COT_XML, bytes(200)), Original(Form.COT_XML, b"x")
    segments = pack([(1, said(original=large), large), (2, said(how="h-e", original=small), small)])
    restoring.look(OpenSegment(segments[0].data), is_durable=False)
    assert restoring.is_full()
    restoring.look(OpenSegment(segments[1].data), is_durable=True)
    assert not restoring.is_full()


def test_what_intake_decided_stands_whatever_the_original_says() -> None:
    decided = said(
        "U1",
        context=EXERCISE,
        groups=frozenset({"Red"}),
        doubts=frozenset({Doubt.JUMP}),
        body=Message(text="hi", sender="KIWI1", room="All"),
        to=SOMEBODY,
        marking=Marking(opex=Opex(OpexKind.EXERCISE, "KIWI")),
    )
    restoring = restoration()
    show(restoring, [decided])

    def decode(
        original: Original, *, source: Source, groups: frozenset[Group], received: datetime
    ) -> Report:
        return replace(
            decided, uid="other", context=EXERCISE, to=frozenset(), doubts=frozenset(),
            source=source, groups=groups, received=received,
        )  # fmt: skip

    (report,) = restoring.reports({Form.COT_XML: decode})
    assert report == decided


def test_what_says_no_exercise_itself_gets_back_the_mark_of_its_feed() -> None:
    """AIS has no marks: a feed's exercise is in the settings, not in what it received."""
    restoring = restoration()
    by_original = show(restoring, [said(context=EXERCISE)])
    as_decoded = {data: replace(each, context=LIVE) for data, each in by_original.items()}
    (report,) = restoring.reports({Form.COT_XML: reader_of(as_decoded)})
    assert report.context == EXERCISE
    assert report.marking.opex == Opex(OpexKind.EXERCISE, "KIWI")


def test_what_was_simulated_is_marked_so_again() -> None:
    """A simulation's own bytes say that it is one, and not for which exercise."""
    restoring = restoration()
    by_original = show(restoring, [said(context=EXERCISE)])
    unnamed = Marking(opex=Opex(OpexKind.SIMULATION, "UNNAMED"))
    other = Context.exercise("UNNAMED")
    as_decoded = {
        data: replace(each, context=other, marking=unnamed) for data, each in by_original.items()
    }
    (report,) = restoring.reports({Form.COT_XML: reader_of(as_decoded)})
    assert report.context == EXERCISE
    assert report.marking.opex == Opex(OpexKind.SIMULATION, "KIWI")


@pytest.mark.parametrize("error", [Malformed("no"), ValueError("no")])
def test_what_cannot_be_read_again_is_left_out_and_counted(error: Exception) -> None:
    restoring = restoration()
    by_original = show(restoring, [said("U1"), said("U2")])
    fine = reader_of(by_original)

    def decode(
        original: Original, *, source: Source, groups: frozenset[Group], received: datetime
    ) -> Report:
        if original.data == b"1":
            raise error
        return fine(original, source=source, groups=groups, received=received)

    assert [each.uid for each in restoring.reports({Form.COT_XML: decode})] == ["U2"]
    assert restoring.counts["unreadable"] == 1


def test_what_nobody_reads_is_left_out_and_counted() -> None:
    restoring = restoration()
    show(restoring, [said()])
    assert list(restoring.reports({})) == []
    assert restoring.counts["of form cot-xml, which nobody reads"] == 1
