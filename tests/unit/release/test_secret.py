import hashlib
import hmac
import re
from datetime import UTC, datetime, timedelta

import pytest

from accord.core.context import LIVE, Context
from accord.release.secret import pseudonym, shift

KEY, OTHER_KEY = b"k" * 32, b"o" * 32
NOON = datetime(2026, 11, 3, 12, tzinfo=UTC)
MILE = 1852.0


def shift_of(
    uid: str = "U1",
    *,
    key: bytes = KEY,
    at: datetime = NOON,
    cell: float = MILE,
    offset: float = 0.5,
) -> tuple[float, float]:
    return shift(key, uid, at, cell=cell, offset=offset)


def test_a_pseudonym_is_an_hmac_cut_to_128_bits() -> None:
    keyed = hmac.new(KEY, b"accord name 4 liveU1", hashlib.sha256)
    assert pseudonym(KEY, LIVE, "U1") == f"P-{keyed.hexdigest()[:32]}"


def test_a_pseudonym_lasts_and_has_one_length_whatever_the_uid() -> None:
    names = [pseudonym(KEY, LIVE, uid) for uid in ("", "U1", "U1", "x" * 500, "\ud800")]
    assert all(re.fullmatch("P-[0-9a-f]{32}", name) for name in names)
    assert names[1] == names[2]
    assert len(set(names)) == 4


def test_partners_and_contexts_have_names_of_their_own() -> None:
    contexts = (LIVE, Context.exercise("TASMAN"))
    assert len({pseudonym(k, c, "U1") for k in (KEY, OTHER_KEY) for c in contexts}) == 4


def test_context_and_uid_cannot_be_shifted_into_each_other() -> None:
    one = pseudonym(KEY, Context.exercise("A"), "BU1")
    assert one != pseudonym(KEY, Context.exercise("AB"), "U1")


@pytest.mark.parametrize("key", [b"", b"k" * 15])
def test_a_short_key_is_refused(key: bytes) -> None:
    with pytest.raises(ValueError, match=f"at least 16 bytes, not {len(key)}"):
        pseudonym(key, LIVE, "U1")
    with pytest.raises(ValueError, match="at least 16 bytes"):
        shift_of(key=key)


def test_two_partners_get_different_shifts() -> None:
    assert shift_of() != shift_of(key=OTHER_KEY)


def test_a_shift_lasts_from_midnight_to_midnight_in_utc() -> None:
    midnight = datetime(2026, 11, 3, tzinfo=UTC)
    all_day = {shift_of(at=midnight + timedelta(minutes=m)) for m in range(0, 24 * 60, 10)}
    assert len(all_day) == 1
    assert shift_of(at=midnight + timedelta(days=1)) not in all_day
    assert shift_of(at=midnight - timedelta(seconds=1)) not in all_day


def test_forms_and_objects_have_shifts_of_their_own() -> None:
    unit = {
        (east / (cell * offset), north / (cell * offset))
        for uid in ("U1", "U2")
        for cell in (MILE, 10 * MILE)
        for offset in (0.4, 0.5)
        for east, north in [shift_of(uid, cell=cell, offset=offset)]
    }
    assert len(unit) == 8


def test_a_shift_is_as_long_as_it_should_be_and_goes_every_way() -> None:
    shifts = [shift_of(f"U{n}") for n in range(4000)]
    longer = [max(abs(east), abs(north)) / MILE for east, north in shifts]
    assert 0.45 <= min(longer) < 0.455
    assert 0.495 < max(longer) <= 0.5
    mean = [sum(part) / len(shifts) / MILE for part in zip(*shifts, strict=True)]
    assert mean == pytest.approx([0.0, 0.0], abs=0.03)  # 5 standard errors of 0.38 / sqrt(4000)
    for sign in ((1, 1), (1, -1), (-1, 1), (-1, -1)):
        quarter = [s for s in shifts if s[0] * sign[0] > 0 and s[1] * sign[1] > 0]
        assert 900 < len(quarter) < 1100
