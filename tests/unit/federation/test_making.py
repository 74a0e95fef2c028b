from datetime import UTC, datetime, timedelta

import pytest

from accord.core.body import Message
from accord.core.form import EVERYTHING, Kept, ReleaseForm
from accord.core.report import Form, Original
from accord.federation.door import Leaving
from accord.federation.given import Given, Had
from accord.federation.making import Maker
from accord.federation.tracks import Candidate
from accord.federation.version import ObjectKey
from accord.wire.peer import report as peer
from accord.wire.peer.protocol import Version
from accord.wire.peer.report import PeerReport
from support.builders import a_report
from support.coalition import EXACT, agreement, released
from support.peer import A_GRANT

AT = datetime(2026, 11, 25, 12, tzinfo=UTC)
COARSE = ReleaseForm(name="coarse", cadence=timedelta(seconds=60), keep=EVERYTHING - {Kept.TIME})
KEY = ObjectKey("NZL", "live", "U1")


def leaving(form: ReleaseForm = EXACT) -> Leaving:
    return Leaving(released(a_report(at=AT), agreement("NZL", "USA"), "USA", form=form), A_GRANT)


def candidate(ms: int = 90_500) -> Candidate:
    return Candidate(a_report(at=AT), Version(1, ms))


def test_own_words_are_this_nodes_and_have_no_path() -> None:
    release = Maker("NZL", Given(limit=9), originals=False).release(candidate(), leaving(), None)
    assert (release.key, release.version) == (KEY, Version(1, 90_500))
    assert (release.header.subject.origin, release.header.subject.path) == ("NZL", ())
    assert release.update.version == 90_500


def test_the_header_goes_on_while_it_says_the_same() -> None:
    maker = Maker("NZL", Given(limit=9), originals=False)
    first = maker.release(candidate(), leaving(), None)
    second = maker.release(candidate(90_600), leaving(), first)
    assert second.header is first.header
    other = Leaving(leaving().released, A_GRANT.__class__(bytes(8), "9", "exact"))
    assert maker.release(candidate(90_700), other, first).header.grant.clause == "9"


def test_the_same_state_in_the_same_form_keeps_its_version() -> None:
    maker = Maker("NZL", Given(limit=9), originals=False)
    first = maker.release(candidate(), leaving(COARSE), None)
    assert first.version == Version(1, 90_500 - (90_500 + 62_135_596_800_000) % 60_000)
    again = maker.release(candidate(), leaving(COARSE), first)
    assert again.version == first.version
    newer = maker.release(candidate(90_501), leaving(COARSE), first)
    assert newer.version == Version(1, first.version.ms + 1)


def test_after_a_restart_what_the_partner_has_is_not_made_newer() -> None:
    given = Given(limit=9)
    given.sent(KEY, Had(KEY, A_GRANT, durable=False))
    given.arrived(KEY, Version(1, 60_000))
    _, version = Maker("NZL", given, originals=False).named(candidate(90_500), leaving(COARSE))
    assert version == Version(1, 60_000)


def test_a_record_holds_the_whole_report() -> None:
    maker = Maker("NZL", Given(limit=9), originals=False)
    said = maker.content(candidate(), leaving(), None, Version(1, 5))
    assert isinstance(said, PeerReport)
    assert (said.version, said.subject.uid) == (Version(1, 5), "U1")


@pytest.mark.parametrize("takes_along", [True, False])
def test_words_take_their_bytes_along_only_where_the_settings_say_so(takes_along: bool) -> None:
    """A slow link carries the words; their bytes as received are several times as long."""
    bytes_as_received = Original(Form.COT_XML, b"<event/>")
    said = a_report(
        body=Message(text="kia ora", sender="K", room="Cyan"), original=bytes_as_received, at=AT
    )
    leaves = Leaving(released(said, agreement("NZL", "USA"), "USA", form=EXACT), A_GRANT)
    maker = Maker("NZL", Given(limit=9), originals=False, chat_originals=takes_along)
    content = maker.content(Candidate(said, Version(1, 1)), leaves, None, Version(1, 1))
    assert isinstance(content, PeerReport)
    assert content.original == (peer.Original(0, b"<event/>") if takes_along else None)
