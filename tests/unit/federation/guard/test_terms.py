from pathlib import Path

from accord.federation.guard.terms import Agreed, Pinned
from accord.release.frontmatter import spell_key
from accord.release.signature import Act, sign, spell_record
from accord.storage.agreements import Agreements, Pause, record_name
from support.agreements import NZL, SIGNED, USA, example, key_of
from support.links import put_agreement

TERMS = example().agreement
NZL_KEY = spell_key(key_of(NZL).public_key().public_bytes_raw())


def agreed(directory: Path, partner_key: str = NZL_KEY) -> Agreed:
    found = Agreed(directory, Pinned(own=USA, partner=NZL, partner_key=partner_key))
    assert found.look()
    return found


def folder(directory: Path) -> Path:
    return directory / "agreements" / TERMS.id / str(TERMS.serial)


def test_an_agreement_that_all_have_signed_is_in_force(tmp_path: Path) -> None:
    held = put_agreement(tmp_path)
    found = agreed(tmp_path)
    terms = found.terms[held.digest[:8]]
    assert (terms.why_not, terms.agreement.serial) == ("", TERMS.serial)
    assert found.between() == [terms]
    assert not found.look()


def test_a_node_without_agreements_has_none(tmp_path: Path) -> None:
    assert agreed(tmp_path).terms == {}


def test_a_suspension_is_seen_at_the_next_look(tmp_path: Path) -> None:
    held = put_agreement(tmp_path)
    found = agreed(tmp_path)
    record = sign(TERMS, Act.SUSPEND, node=NZL, key=key_of(NZL), at=SIGNED)
    (folder(tmp_path) / record_name(record)).write_text(spell_record(record), "utf-8")
    assert found.look()
    assert "NZL-JFNZ suspended it" in found.terms[held.digest[:8]].why_not


def test_a_pause_is_seen_at_the_next_look_and_so_is_its_end(tmp_path: Path) -> None:
    held = put_agreement(tmp_path)
    found = agreed(tmp_path)
    kept = Agreements(tmp_path / "agreements")
    kept.pause(TERMS.id, Pause(by="boss", at=SIGNED, reason="x"))
    assert found.look()
    assert found.terms[held.digest[:8]].why_not == "it is paused on this node"
    kept.go_on(TERMS.id)
    assert found.look()
    assert found.terms[held.digest[:8]].why_not == ""


def test_an_agreement_that_somebody_has_not_signed_is_not_in_force(tmp_path: Path) -> None:
    held = put_agreement(tmp_path)
    for signature in folder(tmp_path).glob(f"{NZL}*.sig"):
        signature.unlink()
    assert "has not signed" in agreed(tmp_path).terms[held.digest[:8]].why_not


def test_a_signature_that_cannot_be_read_takes_it_out_of_force(tmp_path: Path) -> None:
    held = put_agreement(tmp_path)
    next(folder(tmp_path).glob("*.sig")).write_text("nothing", "utf-8")
    assert agreed(tmp_path).terms[held.digest[:8]].why_not


def test_a_text_with_another_key_of_the_partner_is_not_in_force(tmp_path: Path) -> None:
    held = put_agreement(tmp_path)
    found = agreed(tmp_path, spell_key(key_of("AUS-X").public_key().public_bytes_raw()))
    assert "not the one that is pinned" in found.terms[held.digest[:8]].why_not


def test_a_text_that_cannot_be_read_is_said_and_lets_nothing_out(tmp_path: Path) -> None:
    put_agreement(tmp_path)
    found = agreed(tmp_path)
    (folder(tmp_path) / "agreement.md").write_bytes(b"spoilt")
    assert found.look()
    assert found.terms == {}
    assert TERMS.id in found.trouble


def test_a_serial_that_is_no_number_is_no_agreement(tmp_path: Path) -> None:
    put_agreement(tmp_path)
    (folder(tmp_path).parent / "current").write_text("newest\n", "ascii")
    assert agreed(tmp_path).terms == {}


def test_a_text_that_another_serial_replaced_is_known_and_not_in_force(tmp_path: Path) -> None:
    held = put_agreement(tmp_path)
    newer = folder(tmp_path).with_name(str(TERMS.serial + 1))
    newer.mkdir()
    text = (folder(tmp_path) / "agreement.md").read_text("utf-8")
    newer_text = text.replace(f"serial = {TERMS.serial}\n", f"serial = {TERMS.serial + 1}\n")
    (newer / "agreement.md").write_text(newer_text, "utf-8")
    (newer.parent / "current").write_text(f"{TERMS.serial + 1}\n", "ascii")
    found = agreed(tmp_path).terms
    assert found[held.digest[:8]].why_not == "another serial of it is current"
    assert {each.agreement.serial for each in found.values()} == {TERMS.serial, TERMS.serial + 1}
