from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from accord.release.document import read_document
from accord.release.fault import AgreementError
from accord.release.frontmatter import spell_key
from accord.release.signature import Act, Record
from accord.storage.agreements import PAUSED, Agreements, Pause, read_records, record_name
from support.small_agreement import FILES, GIVER, ID, KEYS, RECEIVER, signed, small

ALL = {**FILES, "of-another-agreement.geojson": b"{}"}


def _activate(held: Agreements, text: bytes, *, trusted: dict[str, bytes] | None = None) -> None:
    held.activate(text, ALL, signed(text), trusted=KEYS if trusted is None else trusted)


def _serial_in_force(held: Agreements) -> int:
    return held.in_force(ID).loaded.agreement.serial


def _refusal(held: Agreements, text: bytes, records: list[Record], **trusted: bytes) -> str:
    with pytest.raises(AgreementError) as refused:
        held.activate(text, ALL, records, trusted=trusted)
    return str(refused.value)


@pytest.fixture
def held(tmp_path: Path) -> Agreements:
    """A node that has one agreement in force."""
    held = Agreements(tmp_path)
    _activate(held, small())
    return held


def test_what_was_activated_is_in_force_also_for_who_opens_it_later(
    held: Agreements, tmp_path: Path
) -> None:
    for each in (held, Agreements(tmp_path)):
        agreed = each.in_force(ID)
        assert agreed.loaded.agreement.digest == read_document(small()).agreement.digest
        assert {record.node for record in agreed.records} == {GIVER, RECEIVER}
        (listed,) = each.list()
        assert (listed.id, listed.serial, listed.faults) == (ID, 1, ())


def test_the_text_is_kept_byte_by_byte_with_its_areas_alone(
    held: Agreements, tmp_path: Path
) -> None:
    place = tmp_path / ID / "1"
    assert (place / "agreement.md").read_bytes() == small()
    assert {path.name for path in place.glob("*.geojson")} == {"sea.geojson"}


def test_a_node_that_holds_nothing_lists_nothing(tmp_path: Path) -> None:
    assert Agreements(tmp_path / "none").list() == []
    assert Agreements(tmp_path).list() == []


@pytest.mark.parametrize(
    "trusted", [{}, {RECEIVER: KEYS[RECEIVER]}, {RECEIVER: KEYS[GIVER], GIVER: KEYS[GIVER]}]
)
def test_a_key_that_nobody_compared_is_not_taken_from_thesmall(
    tmp_path: Path, trusted: dict[str, bytes]
) -> None:
    held = Agreements(tmp_path)
    said = _refusal(held, small(), signed(small()), **trusted)
    assert "compare ed25519:" in said
    assert held.list() == []
    with pytest.raises(AgreementError):
        held.in_force(ID)


def test_a_key_is_known_once_it_was_compared(held: Agreements) -> None:
    _activate(held, small(2), trusted={})
    assert _serial_in_force(held) == 2


def test_a_key_that_came_with_an_invitation_is_known_to_agreements(tmp_path: Path) -> None:
    held = Agreements(tmp_path / "agreements")
    assert held.known_key(GIVER) is None
    for node, key in KEYS.items():
        held.know(node, key)
    assert held.known_key(GIVER) == KEYS[GIVER]
    _activate(held, small(), trusted={})
    assert _serial_in_force(held) == 1
    held.know(GIVER, b"x" * 32)
    assert held.known_key(GIVER) == b"x" * 32
    assert held.known_key(RECEIVER) == KEYS[RECEIVER]


def test_another_key_for_a_known_party_must_be_compared_again(held: Agreements) -> None:
    other = Ed25519PrivateKey.from_private_bytes(bytes(32))
    spelt = spell_key(other.public_key().public_bytes_raw())
    text = small(2).replace(spell_key(KEYS[RECEIVER]).encode(), spelt.encode())
    records = signed(text, keys={RECEIVER: other})
    refusal = _refusal(held, text, records)
    assert f"the key of {RECEIVER} is not one that this node knows" in refusal
    assert refusal.endswith(f"--trust {RECEIVER}={spelt}")
    assert _serial_in_force(held) == 1
    held.activate(text, FILES, records, trusted={RECEIVER: other.public_key().public_bytes_raw()})
    assert _serial_in_force(held) == 2


def test_what_was_replaced_does_not_come_back(held: Agreements) -> None:
    _activate(held, small(2))
    said = _refusal(held, small(1), signed(small(1)))
    assert f"serial 2 of {ID} is here already" in said
    assert _serial_in_force(held) == 2


def test_another_text_with_the_same_serial_is_refused(held: Agreements) -> None:
    text = small().replace(b"Ships wholly inside", b"Ships inside")
    said = _refusal(held, text, signed(text))
    assert said == f"another text of {ID} with serial 1 is here already"


def test_the_same_text_once_more_changes_nothing(held: Agreements) -> None:
    _activate(held, small(), trusted={})
    assert _serial_in_force(held) == 1


def test_what_is_refused_leaves_the_one_in_force(held: Agreements) -> None:
    text = small(2)
    assert f"{RECEIVER} has not signed it" in _refusal(held, text, signed(text)[:1])
    assert "signed another text" in _refusal(held, text + b"\n", signed(text))
    broken = text.replace(b"resource.releasable_to.contains(principal.nation) &&\n", b"")
    assert "nothing leaves that is not marked releasable" in _refusal(held, broken, signed(broken))
    with pytest.raises(AgreementError, match="there is no file"):
        held.activate(text, {}, signed(text), trusted=KEYS)
    assert _serial_in_force(held) == 1


@pytest.mark.parametrize(("act", "said"), [(Act.SUSPEND, "suspended"), (Act.WITHDRAW, "withdrew")])
def test_one_party_alone_stops_it_and_it_stays_stopped(
    held: Agreements, tmp_path: Path, act: Act, said: str
) -> None:
    held.add(signed(small(), act)[1])
    with pytest.raises(AgreementError, match=f"{RECEIVER} {said} it at 2026-10-01"):
        held.in_force(ID)
    assert held.held(ID).agreement.id == ID
    assert "12:00:00Z" in str(held.list()[0].faults[0])
    stopped = held.stopped(ID)
    assert stopped is not None
    assert (stopped[0].id, stopped[1].act, stopped[1].node) == (ID, act, RECEIVER)
    assert said in _refusal(held, small(), signed(small()), **KEYS)
    with pytest.raises(AgreementError, match=said):
        Agreements(tmp_path).in_force(ID)


def test_what_was_suspended_comes_back_as_a_new_serial(held: Agreements) -> None:
    held.add(signed(small(), Act.SUSPEND)[0])
    _activate(held, small(2))
    assert _serial_in_force(held) == 2
    assert held.stopped(ID) is None


def test_nobody_stops_it_with_a_signature_that_is_not_a_partys(held: Agreements) -> None:
    record = signed(small(), Act.SUSPEND)[0]
    for forged, said in (
        (replace(record, signature=bytes(64)), "is not right"),
        (replace(record, node="AUS-HQ"), "none of the parties"),
        (replace(record, node=RECEIVER), "is not right"),
        (replace(record, serial=2), "signed .* serial 2, not this"),
        (replace(record, agreement="OTHER"), "this node holds no agreement 'OTHER'"),
    ):
        with pytest.raises(AgreementError, match=said):
            held.add(forged)
    assert _serial_in_force(held) == 1


@pytest.mark.parametrize("name", ["OTHER", "", ".", "..", f"../{ID}", f"{ID}/../{ID}"])
def test_only_agreements_of_this_node_are_found(held: Agreements, name: str) -> None:
    with pytest.raises(AgreementError, match="holds no agreement"):
        held.in_force(name)


def test_a_text_that_does_not_load_any_more_is_listed_and_not_in_force(
    held: Agreements, tmp_path: Path
) -> None:
    (tmp_path / ID / "1" / "sea.geojson").write_text("{}")
    (listed,) = held.list()
    assert (listed.serial, listed.terms) == (1, None)
    assert "is not the file that was agreed" in str(listed.faults[0])
    with pytest.raises(AgreementError, match="is not the file"):
        held.in_force(ID)


def test_a_text_that_was_changed_on_the_disk_is_not_in_force(
    held: Agreements, tmp_path: Path
) -> None:
    path = tmp_path / ID / "1" / "agreement.md"
    path.write_bytes(path.read_bytes() + b"\n")
    assert "signed another text" in str(held.list()[0].faults[0])
    with pytest.raises(AgreementError, match="signed another text"):
        held.in_force(ID)


def test_what_a_crash_left_behind_does_not_count(held: Agreements, tmp_path: Path) -> None:
    (tmp_path / ID / ".new-abc").mkdir()
    (tmp_path / ID / ".new-abc" / "agreement.md").write_bytes(small(2))
    (tmp_path / ID / "2").mkdir()
    (tmp_path / ID / "2" / "agreement.md").write_bytes(small(2)[:100])
    (tmp_path / ID / "current.new").write_text("2\n")
    assert _serial_in_force(held) == 1
    _activate(held, small(2))
    assert _serial_in_force(held) == 2


def test_a_damaged_note_of_the_serial_puts_nothing_in_force(
    held: Agreements, tmp_path: Path
) -> None:
    (tmp_path / ID / "current").write_text("one")
    with pytest.raises(AgreementError, match="holds no agreement"):
        held.in_force(ID)
    (listed,) = held.list()
    assert (listed.serial, listed.terms) == (0, None)


def test_a_damaged_signature_is_named(held: Agreements, tmp_path: Path) -> None:
    record = signed(small())[0]
    path = tmp_path / ID / "1" / record_name(record)
    assert path.name == "NZL-A.agree.sig"
    path.write_text("accord agreement signature 1\n")
    with pytest.raises(AgreementError, match=r"NZL-A\.agree\.sig: this is not a signature"):
        held.in_force(ID)
    with pytest.raises(AgreementError, match="none"):
        read_records([tmp_path / "none.sig"])


def test_the_terms_of_an_older_serial_can_still_be_read(held: Agreements, tmp_path: Path) -> None:
    _activate(held, small(2))
    for serial in (1, 2):
        terms = held.terms(ID, serial)
        assert terms is not None
        assert terms.digest == read_document(small(serial)).agreement.digest
    assert held.terms(ID, 3) is None
    assert held.terms("OTHER", 1) is None
    assert held.terms(f"../{tmp_path.name}/{ID}", 1) is None
    (tmp_path / ID / "1" / "agreement.md").write_bytes(b"torn")
    assert held.terms(ID, 1) is None


def test_what_loads_is_listed_with_all_that_deciding_needs(
    held: Agreements, tmp_path: Path
) -> None:
    (listed,) = held.list()
    assert listed.loaded is not None
    assert listed.loaded.agreement == listed.terms
    (tmp_path / ID / "1" / "agreement.md").write_bytes(b"torn")
    assert [each.loaded for each in held.list()] == [None]


PAUSE = Pause(by="boss", at=datetime(2027, 3, 1, 6, tzinfo=UTC), reason="wrong area \u2693")


def _why_not(held: Agreements) -> str:
    with pytest.raises(AgreementError) as refused:
        held.in_force(ID)
    return str(refused.value)


def test_what_is_paused_is_not_in_force_until_somebody_ends_that(held: Agreements) -> None:
    held.pause(ID, PAUSE)
    assert "paused here by boss at 2027-03-01 06:00:00Z: wrong area" in _why_not(held)
    ((terms, pause),) = held.paused()
    assert (terms.id, pause) == (ID, PAUSE)
    (listed,) = held.list()
    assert (listed.paused, len(listed.faults)) == (PAUSE, 1)
    held.go_on(ID)
    assert _serial_in_force(held) == 1
    assert held.paused() == []
    with pytest.raises(AgreementError, match="is not paused"):
        held.go_on(ID)


def test_a_new_serial_begins_without_the_pause_of_the_one_before(held: Agreements) -> None:
    held.pause(ID, PAUSE)
    _activate(held, small(2))
    assert _serial_in_force(held) == 2
    assert held.paused() == []


@pytest.mark.parametrize(
    "said", [b"", b"[]", b'{"by": "x"}', b'{"by": "x", "at": "2027-03-01T06:00:00", "reason": "y"}']
)
def test_a_pause_that_cannot_be_read_stops_the_agreement_all_the_same(
    held: Agreements, tmp_path: Path, said: bytes
) -> None:
    (tmp_path / ID / "1" / PAUSED).write_bytes(said)
    assert "cannot be read" in _why_not(held)
    held.go_on(ID)
    assert _serial_in_force(held) == 1


def test_what_is_not_held_cannot_be_paused(held: Agreements, tmp_path: Path) -> None:
    for name in ("OTHER", "../OTHER"):
        with pytest.raises(AgreementError, match="holds no agreement"):
            held.pause(name, PAUSE)
    (tmp_path / ID / "1" / "agreement.md").unlink()
    with pytest.raises(AgreementError, match="holds no agreement"):
        held.go_on(ID)


def test_without_the_solver_all_are_listed_with_their_faults_but_those_it_finds(
    held: Agreements, tmp_path: Path
) -> None:
    held.pause(ID, PAUSE)
    (found,) = held.unproved()
    assert (found.serial, found.loaded, found.faults, found.paused) == (1, None, (), PAUSE)
    held.add(signed(small(), Act.SUSPEND)[0])
    assert "suspended" in str(held.unproved()[0].faults[0])
    (tmp_path / ID / "1" / "agreement.md").write_bytes(b"torn")
    assert held.unproved()[0].terms is None
    assert Agreements(tmp_path / "none").unproved() == []


def test_text_and_areas_are_those_of_the_current_serial(held: Agreements) -> None:
    _activate(held, small(2))
    assert held.text(ID) == small(2)
    assert held.text("OTHER") is None
    assert held.areas() == FILES
