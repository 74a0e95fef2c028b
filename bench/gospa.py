"""How well plots without a name are followed: by Stone Soup's metrics, beside Stone Soup's tracker.

    .venv/bin/python bench/gospa.py

Truth is simulated: ships that keep their course but for a little noise, seen by a radar with
errors, misses and false plots; sparse (40 ships in 20 km) and dense (30 in 3 km). Both trackers get
the same plots; both are judged by Stone Soup (MIT): GOSPA (c = 200 m, p = 2; lower is better) and
SIAP completeness and spuriousness. Printed is ours, theirs, and ours over theirs.
"""

import argparse
import math
import time
from collections.abc import Iterator
from datetime import datetime, timedelta

import numpy as np
from stonesoup.dataassociator.neighbour import GNNWith2DAssignment
from stonesoup.dataassociator.tracktotrack import TrackToTruth
from stonesoup.deleter.time import UpdateTimeStepsDeleter
from stonesoup.hypothesiser.distance import DistanceHypothesiser
from stonesoup.initiator.simple import MultiMeasurementInitiator
from stonesoup.measures import Euclidean, Mahalanobis
from stonesoup.metricgenerator.manager import MultiManager
from stonesoup.metricgenerator.ospametric import GOSPAMetric
from stonesoup.metricgenerator.tracktotruthmetrics import SIAPMetrics
from stonesoup.models.measurement.linear import LinearGaussian
from stonesoup.models.transition.linear import (
    CombinedLinearGaussianTransitionModel,
    ConstantVelocity,
)
from stonesoup.predictor.kalman import KalmanPredictor
from stonesoup.tracker.simple import MultiTargetTracker
from stonesoup.types.detection import Detection
from stonesoup.types.groundtruth import GroundTruthPath, GroundTruthState
from stonesoup.types.state import GaussianState, State
from stonesoup.types.track import Track
from stonesoup.updater.kalman import KalmanUpdater

from accord.fusion.tracker import METRES_PER_DEGREE, Plot, Tracker

START = datetime(2026, 1, 1)  # noqa: DTZ001  as Stone Soup has it
SCAN = 3.0
ERROR = 20.0
NOISE = 0.05
SCENES = {
    "sparse": {"ships": 40, "side": 20_000.0, "seen": 0.9, "false": 10},
    "dense": {"ships": 30, "side": 3_000.0, "seen": 0.85, "false": 15},
}


def truth(ships: int, side: float, looks: int, dice: np.random.Generator) -> np.ndarray:
    """Return place and velocity of each ship at each look: (looks, ships, 4) as x, vx, y, vy."""
    state = np.zeros((ships, 4))
    state[:, [0, 2]] = dice.uniform(0, side, (ships, 2))
    state[:, [1, 3]] = dice.normal(0, 6, (ships, 2))
    block = np.linalg.cholesky(NOISE * np.array([[SCAN**3 / 3, SCAN**2 / 2], [SCAN**2 / 2, SCAN]]))
    found = []
    for _ in range(looks):
        found.append(state.copy())
        for axis in (0, 2):
            state[:, axis] += state[:, axis + 1] * SCAN
            state[:, axis : axis + 2] += dice.normal(size=(ships, 2)) @ block.T
    return np.array(found)


def plots(states: np.ndarray, side: float, seen: float, false: int, dice) -> list[np.ndarray]:
    """Return what the radar sees at each look: places in metres."""
    found = []
    for look in states:
        hits = look[dice.random(len(look)) < seen][:, [0, 2]]
        hits = hits + dice.normal(0, ERROR, hits.shape)
        clutter = dice.uniform(0, side, (dice.poisson(false), 2))
        found.append(np.concatenate([hits, clutter]))
    return found


def at(look: int) -> datetime:
    return START + timedelta(seconds=SCAN * look)


def ours(seen: list[np.ndarray]) -> tuple[set[Track], float]:
    tracker, tracks = Tracker(fastest=30.0, noise=NOISE), dict[int, Track]()
    begun = time.process_time()
    for look, places in enumerate(seen):
        said = [
            Plot(y / METRES_PER_DEGREE, x / METRES_PER_DEGREE, SCAN * look, ERROR)
            for x, y in places.tolist()
        ]
        for each in tracker.look(said):
            course = math.radians(each.course)
            vector = [
                each.point.lon * METRES_PER_DEGREE, each.speed * math.sin(course),
                each.point.lat * METRES_PER_DEGREE, each.speed * math.cos(course),
            ]  # fmt: skip
            tracks.setdefault(each.number, Track()).append(State(vector, timestamp=at(look)))
    return set(tracks.values()), time.process_time() - begun


def theirs(seen: list[np.ndarray]) -> tuple[set[Track], float]:
    motion = CombinedLinearGaussianTransitionModel([ConstantVelocity(NOISE)] * 2)
    measured = LinearGaussian(4, (0, 2), np.diag([ERROR**2, ERROR**2]))
    updater = KalmanUpdater(measured)
    near = DistanceHypothesiser(
        KalmanPredictor(motion), updater, Mahalanobis(), missed_distance=math.sqrt(13.8)
    )
    associator, deleter = GNNWith2DAssignment(near), UpdateTimeStepsDeleter(5)
    prior = GaussianState([0, 0, 0, 0], np.diag([ERROR**2, 10.0**2, ERROR**2, 10.0**2]))
    initiator = MultiMeasurementInitiator(
        prior_state=prior, deleter=UpdateTimeStepsDeleter(2), data_associator=associator,
        updater=updater, measurement_model=measured, min_points=3,
    )  # fmt: skip

    def detections() -> Iterator[tuple[datetime, set[Detection]]]:
        for look, places in enumerate(seen):
            yield (
                at(look),
                {
                    Detection(each[:, None], timestamp=at(look), measurement_model=measured)
                    for each in places
                },
            )

    tracker = MultiTargetTracker(initiator, deleter, detections(), associator, updater)
    shown, begun = dict[Track, Track](), time.process_time()
    for when, current in tracker:
        for each in current:
            state = State(each.state_vector, timestamp=when)
            shown.setdefault(each, Track()).append(state)
    return set(shown.values()), time.process_time() - begun


def judged(tracks: set[Track], states: np.ndarray) -> tuple[float, float, float]:
    """Return the mean GOSPA, completeness and spuriousness."""
    truths = {
        GroundTruthPath(
            [GroundTruthState(look[ship], timestamp=at(n)) for n, look in enumerate(states)]
        )
        for ship in range(states.shape[1])
    }
    keys = {"tracks_key": "tracks", "truths_key": "truths"}
    place = Euclidean((0, 2))
    gospa = GOSPAMetric(c=200.0, p=2, measure=place, generator_name="gospa", **keys)
    siap = SIAPMetrics(
        position_measure=place, velocity_measure=Euclidean((1, 3)), generator_name="siap", **keys
    )
    manager = MultiManager([gospa, siap], TrackToTruth(association_threshold=100, measure=place))
    manager.add_data({"tracks": tracks, "truths": truths})
    found = manager.generate_metrics()
    metric = found["gospa"]["GOSPA Metrics"].value
    mean = float(np.mean([each.value["distance"] for each in metric]))
    siaps = found["siap"]
    return mean, siaps["SIAP Completeness"].value, siaps["SIAP Spuriousness"].value


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--looks", type=int, default=60)
    parser.add_argument("--seeds", type=int, default=3)
    given = parser.parse_args()
    for name, scene in SCENES.items():
        rows = {"ours": [], "reference": []}
        for seed in range(given.seeds):
            dice = np.random.default_rng(seed)
            states = truth(scene["ships"], scene["side"], given.looks, dice)
            seen = plots(states, scene["side"], scene["seen"], scene["false"], dice)
            for who, follow in (("ours", ours), ("reference", theirs)):
                tracks, seconds = follow(seen)
                rows[who].append((*judged(tracks, states), seconds))
        means = {who: np.mean(each, axis=0) for who, each in rows.items()}
        for who, (gospa, complete, spurious, seconds) in means.items():
            print(
                f"{name} {who}: GOSPA {gospa:.0f}, completeness {complete:.3f}, "
                f"spuriousness {spurious:.3f}, {seconds:.2f} s of processor"
            )
        print(f"{name}: ours / reference {means['ours'][0] / means['reference'][0]:.2f} of GOSPA")


if __name__ == "__main__":
    main()
