import io
import logging
import re
from collections.abc import Iterator

import pytest

from accord.observe.log import LineFormatter, Log, line, to_stream
from support.clock import ManualClock


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def log(clock: ManualClock) -> Log:
    return Log(clock, interval=30.0, max_keys=3)


@pytest.fixture
def said(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.INFO, logger="accord")
    return caplog


def test_a_line_is_what_happened_and_its_values() -> None:
    assert line("refused", {"client": "kiwi-1", "count": 3}) == "refused client=kiwi-1 count=3"


def test_what_a_client_sends_never_makes_a_second_line() -> None:
    text = line("refused", {"uid": 'a\n2026 fake="line"\x1b[2J', "reason": "too large"})
    assert "\n" not in text
    assert "\x1b" not in text
    assert 'reason="too large"' in text


def test_a_change_of_state_is_said_each_time(log: Log, said: pytest.LogCaptureFixture) -> None:
    log.event("client joined", client="kiwi-1")
    log.event("client joined", client="kiwi-1")
    assert said.messages == ["client joined client=kiwi-1"] * 2


def test_a_burst_is_one_line_and_then_its_count(
    log: Log, clock: ManualClock, said: pytest.LogCaptureFixture
) -> None:
    for number in range(1000):
        log.burst("refused", client="kiwi-1", reason="too large", uid=f"U{number}")
    assert said.messages == ['refused client=kiwi-1 reason="too large" uid=U0']
    clock.advance(seconds=30)
    log.sweep()
    assert said.messages[1:] == ['refused reason="too large" who=kiwi-1 suppressed=999']
    assert log.suppressed == 999


def test_a_burst_that_goes_on_is_said_again_with_the_count(
    log: Log, clock: ManualClock, said: pytest.LogCaptureFixture
) -> None:
    log.burst("refused", client="kiwi-1", reason="malformed")
    log.burst("refused", client="kiwi-1", reason="malformed")
    clock.advance(seconds=31)
    log.burst("refused", client="kiwi-1", reason="malformed")
    assert said.messages[1:] == [
        "refused reason=malformed who=kiwi-1 suppressed=1",
        "refused client=kiwi-1 reason=malformed",
    ]


def test_what_is_over_and_was_said_once_leaves_nothing_to_say(
    log: Log, clock: ManualClock, said: pytest.LogCaptureFixture
) -> None:
    log.burst("refused", client="kiwi-1", reason="malformed")
    log.sweep()
    clock.advance(seconds=31)
    log.sweep()
    assert len(said.messages) == 1


def test_two_clients_are_two_bursts(log: Log, said: pytest.LogCaptureFixture) -> None:
    log.burst("refused", client="kiwi-1", reason="malformed")
    log.burst("refused", client="kiwi-2", reason="malformed")
    assert len(said.messages) == 2


def test_a_client_that_reconnects_from_other_ports_is_one_burst(
    log: Log, said: pytest.LogCaptureFixture
) -> None:
    for port in range(40_000, 40_100):
        log.burst("client refused", address=f"192.0.2.1:{port}", reason="unknown certificate")
    assert len(said.messages) == 1


def test_many_different_bursts_are_counted_together(
    log: Log, clock: ManualClock, said: pytest.LogCaptureFixture
) -> None:
    for number in range(100):
        log.burst("refused", client=f"kiwi-{number}", reason="malformed")
    assert len(said.messages) == 3
    log.sweep()
    assert len(said.messages) == 3
    clock.advance(seconds=31)
    log.sweep()
    assert said.messages[3:] == ["too many different things to say suppressed=97"]


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    root, ours = logging.getLogger(), logging.getLogger("accord")
    levels = root.level, ours.level
    yield io.StringIO()
    for handler in root.handlers[:]:
        if isinstance(handler.formatter, LineFormatter):
            root.removeHandler(handler)
    root.setLevel(levels[0])
    ours.setLevel(levels[1])


def test_records_are_lines_with_time_and_level(stream: io.StringIO) -> None:
    to_stream(stream)
    logging.getLogger("accord").info("ready")
    logging.getLogger("other").info("chatter of a library")
    logging.getLogger("other").warning("two\nlines")
    first, second = stream.getvalue().splitlines()
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z INFO ready", first)
    assert second.endswith("WARNING two lines")


def _failing() -> None:
    raise RuntimeError("no\nway")


def test_an_exception_is_one_line_that_says_where(stream: io.StringIO) -> None:
    to_stream(stream)
    try:
        _failing()
    except RuntimeError:
        logging.getLogger("accord").exception("task failed")
    (text,) = stream.getvalue().splitlines()
    assert "task failed exception type=RuntimeError" in text
    assert re.search(r"at=\S*test_log\.py:\d+", text)


def test_an_exception_that_was_never_raised_is_one_line_too(stream: io.StringIO) -> None:
    to_stream(stream)
    logging.getLogger("accord").error("task failed", exc_info=RuntimeError("never raised"))
    (text,) = stream.getvalue().splitlines()
    assert "at=unknown" in text


def test_with_debug_the_traceback_is_there(stream: io.StringIO) -> None:
    to_stream(stream, debug=True)
    try:
        _failing()
    except RuntimeError:
        logging.getLogger("other").debug("task failed", exc_info=True)
    assert "Traceback (most recent call last)" in stream.getvalue()


def test_a_record_without_an_exception_has_none(stream: io.StringIO) -> None:
    assert "NoneType" in LineFormatter(with_traceback=False).formatException((None, None, None))
