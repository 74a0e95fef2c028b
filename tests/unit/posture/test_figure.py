import re
from dataclasses import replace

import numpy as np
import pytest
from lxml import etree

from accord.posture.cells import within
from accord.posture.figure import CLASSES, Chart, bars_chart, class_of, legend, shares_chart
from accord.posture.model import Capability
from accord.posture.sensitivity import bars
from support.plans import a_plan

SEA = np.zeros((180, 360), dtype=np.bool_)


SAR = Capability("sar")


def parsed(svg: str) -> etree._Element:
    return etree.fromstring(svg.encode())


def test_a_share_is_told_by_the_class_it_is_in() -> None:
    shares = (0.0, 0.1, 0.2, 0.21, 0.6, 0.8, 0.81, 1.0)
    assert [CLASSES[class_of(each)] for each in shares] == [
        "never", "up to 20 %", "up to 20 %", "up to 40 %", "up to 60 %", "up to 80 %", "over 80 %",
        "over 80 %",
    ]  # fmt: skip


def test_a_map_over_the_date_line_is_one_piece() -> None:
    area = sorted(within(-18.0, 179.9, 300.0))
    chart = Chart(area)
    drawn = chart.draw(area, np.linspace(0, 1, len(area), dtype=np.float32), SEA, "Fiji", name="m")
    xs = [float(x) for x in re.findall(r"[ML](-?[\d.]+) ", drawn)]
    assert min(xs) > 0
    assert max(xs) < chart.width
    assert max(xs) - min(xs) < 0.75 * chart.width
    assert ">180<" in drawn


def test_a_map_far_from_the_date_line_does_not_draw_it() -> None:
    area = sorted(within(-30.0, 150.0, 200.0))
    assert ">180<" not in Chart(area).draw(
        area, np.zeros(len(area), np.float32), SEA, "x", name="m"
    )


def test_a_drawing_is_read_out_by_its_title() -> None:
    area = sorted(within(-18.0, 178.0, 100.0))
    root = parsed(Chart(area).draw(area, np.ones(len(area), np.float32), SEA, "A & B", name="one"))
    assert root.get("role") == "img"
    title = root.find("{*}title") if root.find("title") is None else root.find("title")
    assert title is not None
    assert (title.text, title.get("id")) == ("A & B", root.get("aria-labelledby"))


def test_land_is_drawn_where_it_is() -> None:
    area = sorted(within(-18.0, 178.0, 100.0))
    land = SEA.copy()
    land[90 - 18, 180 + 178] = True  # one degree north and east of 18 S 178 E
    chart = Chart(area)
    drawn = chart.draw(area, np.ones(len(area), np.float32), land, "x", name="m")
    (x, y, across) = map(float, re.findall(r'<path d="M([\d.]+) ([\d.]+)h([\d.]+)v', drawn)[0])
    assert 0 < x < chart.width
    assert 0 < y < chart.height
    assert across > 0
    assert (
        re.findall(
            r"h[\d.]+v", chart.draw(area, np.ones(len(area), np.float32), SEA, "x", name="m")
        )
        == []
    )


def test_every_class_is_in_the_legend() -> None:
    assert all(each in legend() for each in CLASSES)


def test_a_bar_runs_from_one_end_to_the_other_and_one_without_an_end_is_left_out() -> None:
    found = bars(a_plan(), lambda *_: -1.0, frozenset({("NZL", "MPA")}), SAR)
    one, other = replace(found[0], low=-3.0, high=-1.0), replace(found[1], low=None)
    drawn = bars_chart([one, other], -2.0, name="b")
    assert drawn.count("<rect") == 1
    assert ">-3.0<" in drawn
    assert ">-1.0<" in drawn
    assert "-2.0 h" in drawn


def test_a_long_assumption_is_cut_short_on_the_chart() -> None:
    found = bars(a_plan(), lambda *_: 1.0, frozenset({("NZL", "MPA")}), SAR)[0]
    drawn = bars_chart([replace(found, assumption="x" * 99)], 1.0, name="b")
    assert f"{'x' * 51}\u2026" in drawn


def test_shares_fill_the_bar_and_small_ones_have_no_words() -> None:
    drawn = shares_chart([("within 24 h", {"NZL": 0.3, "FRA": 0.1, "TON": 0.001})], name="s")
    widths = [float(each) for each in re.findall(r'width="([\d.]+)" height="24"', drawn)]
    assert sum(widths) == pytest.approx(560.0, abs=0.2)
    assert ">NZL 75%<" in drawn
    assert "TON" not in drawn
    assert 'width="0.0"' in shares_chart([("within 24 h", {"NZL": 0.0})], name="s")
