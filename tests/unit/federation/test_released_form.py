from hashlib import sha256
from pathlib import Path

import pytest

from accord.core.report import Form, Original, Report, Source
from accord.federation import released_form
from accord.federation.agreed import AGREEMENTS
from accord.federation.released_form import ReleasedForms
from accord.wire.page.translate import Given
from accord.wire.peer.plain import content_bytes
from accord.wire.peer.protocol import Version
from accord.wire.peer.report import Grant
from accord.wire.peer.translate import Leave, to_peer_report
from support.agreement_text import TEXT
from support.builders import a_report
from support.clock import ManualClock

PARTNER = Source(node="USA", channel="partner:USA", speaker="")
LATER = TEXT.replace("[form.coarse]", "[form.late]\nmin_age = \"1 h\"\ncadence = \"1 h\"\n"
                     "identity = \"pseudonym\"\n\n[form.coarse]")  # fmt: skip


def put(node: Path, text: str = TEXT, *, serial: int = 3) -> bytes:
    """Keep an agreement where a node has it, and return what grants name it by."""
    place = node / AGREEMENTS / "TEST-1" / str(serial)
    place.mkdir(parents=True)
    (place / "agreement.md").write_text(text)
    return sha256(text.encode()).digest()[:8]


def released(agreement: bytes, form: str) -> Report:
    leave = Leave(origin="USA", grant=Grant(agreement, "1", form))
    said = content_bytes(to_peer_report(a_report(), leave, version=Version(1, 2)))
    return a_report(source=PARTNER, original=Original(Form.PEER, said))


def test_a_form_is_known_by_the_text_of_its_agreement(tmp_path: Path) -> None:
    forms = ReleasedForms(tmp_path, ManualClock())
    agreement = put(tmp_path, LATER)
    assert forms.of(released(agreement, "coarse")) == Given("coarse", on_grid=True)
    assert forms.of(released(agreement, "late")) == Given("late", on_grid=False)


def test_what_is_no_partners_or_came_whole_has_no_form(tmp_path: Path) -> None:
    forms = ReleasedForms(tmp_path, ManualClock())
    said = released(bytes(8), "coarse").original
    assert forms.of(a_report(original=said)) is None
    assert forms.of(a_report(source=PARTNER)) is None
    whole = Original(Form.COT_XML, b"<event/>")
    assert forms.of(a_report(source=PARTNER, original=whole)) is None


def test_bytes_that_do_not_say_are_no_form(tmp_path: Path) -> None:
    forms = ReleasedForms(tmp_path, ManualClock())
    assert forms.of(a_report(source=PARTNER, original=Original(Form.PEER, b"?"))) is None


def test_a_form_of_a_text_that_is_not_here_is_taken_for_coarse(tmp_path: Path) -> None:
    put(tmp_path)
    (tmp_path / AGREEMENTS / "BROKEN" / "1").mkdir(parents=True)
    (tmp_path / AGREEMENTS / "BROKEN" / "1" / "agreement.md").write_text("no agreement")
    forms = ReleasedForms(tmp_path, ManualClock())
    assert forms.of(released(b"elsewhere"[:8], "late")) == Given("late", on_grid=True)


def test_a_text_that_came_meanwhile_is_found_but_not_looked_for_all_the_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock, reads = ManualClock(), list[int]()
    read = released_form.read_document

    def counted(data: bytes) -> object:
        reads.append(len(data))
        return read(data)

    monkeypatch.setattr(released_form, "read_document", counted)
    forms = ReleasedForms(tmp_path, clock)
    put(tmp_path, serial=2)
    later = sha256(LATER.encode()).digest()[:8]
    for _ in range(3):
        assert forms.of(released(later, "late")) == Given("late", on_grid=True)
    assert len(reads) == 1
    put(tmp_path, LATER)
    clock.advance(seconds=30)
    assert forms.of(released(later, "late")) == Given("late", on_grid=False)
    assert len(reads) == 3
