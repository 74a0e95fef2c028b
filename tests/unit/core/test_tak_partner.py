from datetime import UTC, datetime

import pytest

from accord.core.tak_partner import TakPartner, TakVersion, check_fingerprint, check_max_hops

SERVER = TakPartner(
    node="AUS-TAK", authorities=(b"",), fingerprint="", version=TakVersion.V2,
    made=datetime(2026, 11, 26, tzinfo=UTC), dial="tak.example:9001", groups=("Partners",),
    mapping=(("Sea", "Ships"), ("Sea", "Everyone"), ("Air", "Aircraft")),
)  # fmt: skip


def test_a_server_is_its_nations_and_has_a_channel_as_partners_have() -> None:
    assert (SERVER.nation, SERVER.channel) == ("AUS", "partner:AUS-TAK")


def test_groups_there_are_mapped_to_groups_here_and_others_to_the_usual_ones() -> None:
    assert SERVER.groups_for(("Sea",)) == {"Ships", "Everyone"}
    assert SERVER.groups_for(("Land",)) == {"Partners"}
    assert SERVER.groups_for(()) == {"Partners"}


def test_a_fingerprint_is_taken_as_openssl_prints_it() -> None:
    assert check_fingerprint(":".join(["AB"] * 32)) == "ab" * 32


@pytest.mark.parametrize("text", ["", "ab" * 31, "xy" * 32])
def test_what_is_no_sha_256_is_refused_with_what_to_give(text: str) -> None:
    with pytest.raises(ValueError, match="64 hexadecimal digits"):
        check_fingerprint(text)


@pytest.mark.parametrize("hops", [-1, 2, 16])
def test_hops_within_the_limits_are_taken(hops: int) -> None:
    assert check_max_hops(hops) == hops


@pytest.mark.parametrize("hops", [-2, 0, 1, 17])
def test_hops_that_lead_nowhere_or_anywhere_are_refused(hops: int) -> None:
    with pytest.raises(ValueError, match="hops: give 2"):
        check_max_hops(hops)
