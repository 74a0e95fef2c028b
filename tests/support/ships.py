"""A ship that the worked agreement lets out to NZL."""

from datetime import timedelta

from accord.core.clock import SystemClock
from accord.wire.cot import xml
from accord.wire.cot.message import CotPoint


def frigate(uid: str, lat: float = -33.0) -> bytes:
    now = SystemClock().now()
    return xml.compose(
        uid=uid, type="a-f-S", how="m-g", time=now, start=now, stale=now + timedelta(minutes=10),
        point=CotPoint(lat, 178.0, 0.0, 20.0, 9999999.0), detail="",
        marks={"access": "UNCLASSIFIED", "releasableTo": "USA, NZL"},
    )  # fmt: skip
