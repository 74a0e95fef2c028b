from dataclasses import fields

from accord.federation.settings import SyncSettings


def test_every_setting_says_what_it_is() -> None:
    assert all(each.metadata.get("doc") for each in fields(SyncSettings))


def test_a_report_comes_over_four_nodes_and_a_recall_lasts_ninety_days_unless_told_otherwise() -> (
    None
):
    assert (SyncSettings().hop_limit, SyncSettings().tombstone_days) == (4, 90)
