"""Labels of every kind, for property tests."""

from datetime import UTC

from hypothesis import strategies as st

from accord.core.handling import CAVEATS, COMPARTMENTS, LEVELS, NATO, NATO_LEVELS
from accord.core.label import Label, originator
from accord.core.nation import NATIONS

NATION = st.sampled_from(["NZL", "USA", "AUS", "FJI", "TON", *sorted(NATIONS)])
MOMENT = st.datetimes(timezones=st.just(UTC))


@st.composite
def labels(draw: st.DrawFn, *, nation: str = "NZL", dated: bool = False) -> Label:
    """A label given by that nation, of any policy, that does not contradict itself."""
    policy = draw(st.sampled_from([nation, NATO]) | NATION)
    caveats = draw(st.frozensets(st.sampled_from(sorted(CAVEATS)), max_size=4))
    to = draw(st.frozensets(NATION, max_size=5))
    for caveat in caveats:
        only = CAVEATS[caveat].only
        to = to if only is None else to & {only}
    return Label(
        policy=policy,
        level=draw(st.sampled_from(sorted(NATO_LEVELS if policy == NATO else LEVELS))),
        originator=originator(policy, nation),
        compartments=draw(st.frozensets(st.sampled_from(sorted(COMPARTMENTS)))),
        releasable_to=to,
        caveats=caveats,
        created=draw(MOMENT) if dated else None,
        review=draw(MOMENT) if dated else None,
    )
