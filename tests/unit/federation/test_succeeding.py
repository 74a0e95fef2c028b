from dataclasses import replace
from hashlib import sha256

import cbor2
import pytest

from accord.core.partner import KeyOf
from accord.federation.succeeding import digest_of, rotation_of, succession_of
from accord.security.succession import Succession
from accord.wire.peer.record import RotationOf
from accord.wire.peer.report import Reference

SAID = Succession(KeyOf.LEDGER, b"text", b"approval")


@pytest.mark.parametrize("of", KeyOf)
def test_a_record_tells_what_was_said(of: KeyOf) -> None:
    said = replace(SAID, of=of)
    assert succession_of(rotation_of(said, 5)) == said


def test_a_leaf_and_a_reference_tell_nothing() -> None:
    it = rotation_of(SAID, 5)
    assert succession_of(replace(it, of=RotationOf.LEAF)) is None
    assert succession_of(replace(it, data=Reference(bytes(32), 4))) is None


def test_a_receipt_names_the_record_as_the_schema_has_it() -> None:
    content = [5, [3, b"text", 5, b"approval"]]  # peer-protocol.cddl, rotation
    assert digest_of(rotation_of(SAID, 5)) == sha256(cbor2.dumps(content)).digest()
