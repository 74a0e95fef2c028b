from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from accord.release.fault import AgreementError
from accord.release.signature import (
    Act,
    InForce,
    Record,
    in_force,
    read_record,
    sign,
    spell_record,
    standing,
    verify,
)
from support.agreements import NZL, SIGNED, USA, example, example_in_force, key_of, signatures

LOADED = example()
TERMS = LOADED.agreement
BOTH = signatures(TERMS)


def _sign(act: Act = Act.AGREE, node: str = USA, at: datetime = SIGNED) -> Record:
    return sign(TERMS, act, node=node, key=key_of(node), at=at)


def test_what_all_parties_signed_is_in_force() -> None:
    agreed = in_force(LOADED, BOTH)
    assert agreed.loaded is LOADED
    assert agreed.records == tuple(BOTH)
    assert standing(TERMS, BOTH) == []


@pytest.mark.parametrize("missing", [USA, NZL])
def test_unsigned_by_one_party_it_is_not_in_force(missing: str) -> None:
    records = [record for record in BOTH if record.node != missing]
    with pytest.raises(AgreementError, match=f"^{missing} has not signed it$"):
        in_force(LOADED, records)


@pytest.mark.parametrize(
    ("act", "said"),
    [
        (Act.SUSPEND, "suspended it at 2026-10-01 12:00:00Z"),
        (Act.WITHDRAW, "withdrew it at 2026-10-01 12:00:00Z"),
    ],
)
@pytest.mark.parametrize("node", [USA, NZL])
def test_either_party_alone_stops_it(act: Act, said: str, node: str) -> None:
    with pytest.raises(AgreementError, match=f"^{node} {said}$"):
        in_force(LOADED, [*BOTH, _sign(act, node)])


def test_to_suspend_is_not_to_agree() -> None:
    records = [_sign(Act.SUSPEND, USA), _sign(node=NZL)]
    assert {str(fault) for fault in standing(TERMS, records)} == {
        f"{USA} suspended it at 2026-10-01 12:00:00Z", f"{USA} has not signed it",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"node": "AUS-HQ"}, "AUS-HQ is none of the parties"),
        ({"serial": 2}, f"{USA} signed EXAMPLE-USA-NZL-MARITIME serial 2, not this"),
        ({"agreement": "OTHER"}, f"{USA} signed OTHER serial 1, not this"),
        ({"sha256": "0" * 64}, f"{USA} signed another text: the bytes are not the same"),
        ({"node": NZL}, f"the signature of {NZL} is not right"),
        ({"act": Act.WITHDRAW}, f"the signature of {USA} is not right"),
        ({"at": SIGNED + timedelta(seconds=1)}, f"the signature of {USA} is not right"),
        ({"signature": b"\0" * 64}, f"the signature of {USA} is not right"),
        ({"signature": b""}, f"the signature of {USA} is not right"),
    ],
)
def test_a_signature_counts_for_exactly_what_was_signed(
    change: dict[str, object], said: str
) -> None:
    record = replace(_sign(), **change)  # pyright: ignore[reportArgumentType]
    assert verify(record, TERMS) == said
    assert said in [str(fault) for fault in standing(TERMS, [*BOTH, record])]


def test_the_right_signature_verifies_by_the_published_key_alone() -> None:
    record = _sign()
    assert verify(record, TERMS) is None
    pinned = next(party.key for party in TERMS.parties if party.node == USA)
    Ed25519PublicKey.from_public_bytes(pinned).verify(
        record.signature,
        b"accord agreement signature 1\nact: agree\nagreement: EXAMPLE-USA-NZL-MARITIME\n"
        b"serial: 1\nsha256: " + TERMS.digest.encode() + b"\nnode: USA-PAC\n"
        b"at: 2026-10-01T12:00:00Z",
    )


def test_only_a_party_signs_and_only_with_its_pinned_key() -> None:
    with pytest.raises(ValueError, match="none of the parties: USA-PAC, NZL-JFNZ"):
        sign(TERMS, Act.AGREE, node="AUS-HQ", key=key_of("AUS-HQ"), at=SIGNED)
    with pytest.raises(ValueError, match="not the key that the agreement pins for USA-PAC"):
        sign(TERMS, Act.AGREE, node=USA, key=key_of(NZL), at=SIGNED)


def test_nothing_else_puts_an_agreement_in_force() -> None:
    with pytest.raises(TypeError, match="in_force"):
        InForce(loaded=LOADED, records=tuple(BOTH))
    with pytest.raises(TypeError, match="in_force"):
        replace(example_in_force(), records=())


def test_a_record_is_read_back_as_it_was_written() -> None:
    auckland = timezone(timedelta(hours=13))
    record = _sign(Act.SUSPEND, NZL, datetime(2026, 10, 2, 1, 0, 0, 999, tzinfo=auckland))
    assert record.at == datetime(2026, 10, 1, 12, tzinfo=UTC)
    assert read_record(spell_record(record)) == record
    assert verify(read_record(spell_record(record)), TERMS) is None


TEXT = spell_record(_sign())


@pytest.mark.parametrize(
    "text",
    [
        "",
        TEXT + "\n",
        TEXT.removesuffix("\n"),
        TEXT.replace("signature 1", "signature 2"),
        TEXT.replace("act: agree\n", ""),
        TEXT.replace("act: agree", "act: suspend "),
        TEXT.replace("act: agree", "act: other"),
        TEXT.replace("serial: 1", "serial: one"),
        TEXT.replace("serial: 1", "serial: 01"),
        TEXT.replace("node: USA-PAC", "node: usa"),
        TEXT.replace("at: 2026-10-01T12:00:00Z", "at: today"),
        TEXT.replace("at: 2026-10-01T12:00:00Z", "at: 2026-10-01T13:00:00+0100"),
        TEXT.replace("signature: ", "signature: !"),
        TEXT.replace(TERMS.digest, TERMS.digest[:-1] + "G"),
        TEXT + "x" * 3000,
    ],
)
def test_a_record_that_is_written_otherwise_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="signature"):
        read_record(text)
