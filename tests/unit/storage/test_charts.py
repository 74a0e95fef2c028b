import pytest

from accord.posture.cells import size_km2
from accord.storage import charts


def test_the_files_that_come_along_can_be_read() -> None:
    assert charts.sea_mask().shape == (1800, 3600)
    # Water covers 71 % of the Earth; a share of cells of equal degrees has more of the poles.
    assert 0.6 < (charts.sea_mask() > 72).mean() < 0.75
    assert len(charts.published_distances()) == 250


@pytest.mark.parametrize(
    ("name", "published"), [("Cook Is.", 1.96e6), ("Fiji", 1.28e6), ("Tuvalu", 0.75e6)]
)
def test_an_estimated_zone_is_about_as_large_as_published(name: str, published: float) -> None:
    assert size_km2(charts.zones()[name]) == pytest.approx(published, rel=0.1)


def test_zones_share_no_ground() -> None:
    zones = charts.zones()
    assert sum(len(zone) for zone in zones.values()) == len(frozenset().union(*zones.values()))
