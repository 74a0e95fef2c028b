import json

import pytest

from accord.wire.plot.stream import MAX_LINE, PlotLine, PlotStream, time_of, with_time

LINE = b'{"lat": -41.28, "lon": 174.8, "time": "2026-01-02T03:04:05Z", "error": 40}\n'
PLOT = PlotLine(-41.28, 174.8, 1_767_323_045.0, 40.0)


def test_a_line_is_a_plot_however_it_is_cut() -> None:
    for size in (1, 7, len(LINE), 3 * len(LINE)):
        stream, data = PlotStream(), LINE * 3
        found = [
            plot
            for at in range(0, len(data), size)
            for plot in stream.receive(data[at : at + size])
        ]
        assert found == [PLOT] * 3


@pytest.mark.parametrize(
    ("said", "plot"),
    [
        ({"lat": 1, "lon": 2}, PlotLine(1.0, 2.0, None, None)),
        ({"lat": 1, "lon": 2, "time": 1_600_000_000.5}, PlotLine(1.0, 2.0, 1_600_000_000.5, None)),
        ({"lat": 90, "lon": -180, "name": "x"}, PlotLine(90.0, -180.0, None, None)),
    ],
)
def test_time_and_error_may_lack(said: dict[str, object], plot: PlotLine) -> None:
    assert PlotStream().receive(json.dumps(said).encode() + b"\r\n\r\n") == [plot]


@pytest.mark.parametrize(
    "line",
    [
        b"<html>",
        b"[1, 2]",
        b'{"lat": 1}',
        b'{"lat": 91, "lon": 1}',
        b'{"lat": NaN, "lon": 1}',
        b'{"lat": true, "lon": 1}',
        b'{"lat": 1, "lon": 1, "error": 0}',
        b'{"lat": 1, "lon": 1, "error": "none"}',
        b'{"lat": 1, "lon": 1, "time": "noon"}',
        b'{"lat": 1, "lon": 1, "time": "2026-01-02T03:04:05"}',
        b'{"lat": 1, "lon": 1, "time": -5}',
        b'{"lat": 1, "lon": 1, "time": 1e300}',
        b'{"lat": 1, "lon": 1, "time": [0]}',
        b"[" * 1_000,
        b"\xff\xfe",
    ],
)
def test_what_is_no_plot_is_counted_and_disturbs_nothing_else(line: bytes) -> None:
    stream = PlotStream()
    assert stream.receive(line + b"\n" + LINE) == [PLOT]
    assert stream.counts == {"malformed": 1}


def test_a_line_without_end_is_skipped_up_to_its_end() -> None:
    stream = PlotStream()
    for _ in range(5):
        assert stream.receive(b"x" * MAX_LINE) == []
    assert stream.receive(b"x\n" + LINE) == [PLOT]
    assert stream.counts == {"too large": 1}


def test_a_line_that_is_too_long_is_refused() -> None:
    stream = PlotStream()
    assert stream.receive(b" " * MAX_LINE + b"{}\n" + LINE) == [PLOT]
    assert stream.counts == {"too large": 1}


def test_a_recording_is_played_at_its_times() -> None:
    assert time_of(LINE) == 1_767_323_045.0
    assert time_of(b"nonsense") is None
    assert PlotStream().receive(with_time(LINE, 5.0) + b"\n") == [PLOT._replace(time=5.0)]
    bare = with_time(b'{"lat": 1, "lon": 2}', 5.0)
    assert PlotStream().receive(bare + b"\n") == [PlotLine(1.0, 2.0, 5.0, None)]
    assert with_time(b"nonsense", 5.0) == b"nonsense"
