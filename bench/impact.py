"""A whole answer: the Pacific scenario, its four commitments, 1,000 draws; then one clause changed.

    python bench/impact.py

Promised: under 20 s on two cores and under 1.5 GiB; under 2 s once more after one changed clause.
"""

import resource
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from accord.cli.impact import DAYS, DRAWS, page_of
from accord.cli.impact_cache import DiskStore
from accord.cli.impact_sources import read_source
from accord.posture.draws import Draws
from accord.posture.impact import Impact
from accord.posture.model import Deploy
from accord.posture.reach import Reach, Seaways
from accord.storage.charts import sea_mask

SCENARIO = Path(__file__).parents[1] / "examples" / "scenarios" / "pacific" / "scenario.yaml"


class Watch:
    def __init__(self) -> None:
        self._wall, self._processor = time.perf_counter(), time.process_time()

    def told(self, what: str) -> None:
        wall, processor = time.perf_counter(), time.process_time()
        spent, worked = wall - self._wall, processor - self._processor
        print(f"{what:46} {spent:7.2f} s, {worked:7.2f} s of processor")
        self._wall, self._processor = time.perf_counter(), time.process_time()


def main() -> None:
    watch = Watch()
    scenario = read_source(SCENARIO, None)
    commitments = list(scenario.commitments.values())
    watch.told("scenario and zones read")
    with tempfile.TemporaryDirectory() as folder:
        for state in ("with no distance at sea kept", "with all of them kept"):
            store = DiskStore(Path(folder))
            reach = Reach(Seaways(sea_mask(), store=store))
            impact = Impact(scenario, reach, Draws(DRAWS).uniform, draws=DRAWS, days=DAYS)
            answer = impact.answer(commitments)
            watch.told(f"answer {state}")
    page = page_of(answer, scenario)
    watch.told(f"page of {len(page) // 1024} kB")
    first = commitments[0]
    (effect,) = first.effects
    assert isinstance(effect, Deploy)
    changed = replace(effect, season=replace(effect.season, share=0.6))
    impact.answer([replace(first, effects=(changed,)), *commitments[1:]])
    watch.told("answer after one changed clause")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{'peak memory':46} {peak:7.0f} MiB")


if __name__ == "__main__":
    main()
