import asyncio
import os
import resource
import signal
import sys
from argparse import Namespace
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from accord.cli import serve
from accord.cli.main import main
from accord.cli.template import settings_text
from accord.config import Endpoint, Settings
from accord.core.errors import AccordError

Ready = Callable[[str], None]


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    (tmp_path / "accord.toml").write_text(settings_text(node="NZL", nation="NZL", name=""))
    return tmp_path


@pytest.fixture(autouse=True)
def quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave logging and the limits of the process that tests as they are."""

    def nothing(*_: object, **__: object) -> None: ...

    monkeypatch.setattr(serve, "to_stream", nothing)
    monkeypatch.setattr(resource, "setrlimit", nothing)


class FakeNode:
    """Serves until it is cancelled, or as a test wants."""

    def __init__(self, do: Callable[[], Any]) -> None:
        self._do = do
        self.settings: Settings | None = None
        self.was_cancelled = False

    async def serve(self, _directory: Path, settings: Settings, *, ready: Ready) -> None:
        self.settings = settings
        ready("api=127.0.0.1:8443")
        self._do()
        try:
            await asyncio.get_running_loop().create_future()
        except asyncio.CancelledError:
            self.was_cancelled = True
            raise


def fake(monkeypatch: pytest.MonkeyPatch, do: Callable[[], Any]) -> FakeNode:
    node = FakeNode(do)
    monkeypatch.setattr(serve, "node", node)
    return node


def send(*signals: signal.Signals) -> Callable[[], None]:
    def do() -> None:
        for each in signals:
            os.kill(os.getpid(), each)

    return do


@pytest.mark.parametrize(
    "signals",
    [
        (signal.SIGTERM,),
        (signal.SIGINT,),
        (signal.SIGTERM, signal.SIGTERM),
        (signal.SIGINT, signal.SIGTERM),
    ],
)
def test_a_node_that_is_told_to_stops_cleanly(
    directory: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    signals: tuple[signal.Signals, ...],
) -> None:
    node = fake(monkeypatch, send(*signals))
    assert main(["serve", str(directory)]) == 0
    assert node.was_cancelled
    assert capsys.readouterr().out == "ready api=127.0.0.1:8443\n"


def test_options_come_before_the_settings(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    node = fake(monkeypatch, send(signal.SIGTERM))
    main(["serve", str(directory), "--cot-tls", "127.0.0.1:1", "--cot-udp", "127.0.0.1:2"])
    assert node.settings is not None
    assert node.settings.listen.cot_tls == Endpoint("127.0.0.1", 1)
    assert node.settings.listen.cot_udp == Endpoint("127.0.0.1", 2)
    assert node.settings.listen.cot_tcp == Endpoint("127.0.0.1", 8087)


@pytest.mark.parametrize("name", serve.LISTENERS)
def test_each_listener_can_be_switched_off(
    directory: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    node = fake(monkeypatch, send(signal.SIGTERM))
    main(["serve", str(directory), f"--{name.replace('_', '-')}", "off"])
    assert node.settings is not None
    assert getattr(node.settings.listen, name) is None


def test_an_option_that_is_no_address_is_named(
    directory: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["serve", str(directory), "--api", "somewhere"]) == 2
    assert "option --api: [listen] api = " in capsys.readouterr().err


def test_a_node_that_cannot_run_says_why(
    directory: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail() -> None:
        raise AccordError("cannot listen on 127.0.0.1 port 1")

    fake(monkeypatch, fail)
    assert main(["serve", str(directory)]) == 1
    assert capsys.readouterr().err == "accord: cannot listen on 127.0.0.1 port 1\n"


def test_who_cancels_without_a_signal_is_not_told_that_it_went_well(
    directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        raise asyncio.CancelledError

    fake(monkeypatch, fail)
    with pytest.raises(asyncio.CancelledError):
        serve.run(Namespace(directory=directory, debug=False, **dict.fromkeys(serve.LISTENERS)))


def test_where_uvloop_is_missing_asyncio_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "uvloop", None)
    assert serve.event_loop_factory() is None


def test_where_uvloop_is_there_it_is_taken() -> None:
    factory = serve.event_loop_factory()
    assert factory is not None
    loop = factory()
    assert type(loop).__module__.startswith("uvloop")
    loop.close()


class Limits:
    """The limits of a process, as the system lets it set them."""

    def __init__(self, soft: int, hard: int, refusal: Exception | None = None) -> None:
        self.now = (soft, hard)
        self._refusal = refusal

    def getrlimit(self, _what: int) -> tuple[int, int]:
        return self.now

    def setrlimit(self, _what: int, limits: tuple[int, int]) -> None:
        if self._refusal is not None:
            raise self._refusal
        self.now = limits


@pytest.mark.parametrize(
    ("limits", "after"),
    [
        (Limits(1024, 4096), (4096, 4096)),
        (Limits(4096, 4096, AssertionError("asked for what it has")), (4096, 4096)),
        (Limits(256, 1 << 62, ValueError("not allowed")), (256, 1 << 62)),
        (Limits(256, 1 << 62, OSError("not allowed")), (256, 1 << 62)),
    ],
)
def test_as_many_files_are_opened_as_the_system_allows(
    monkeypatch: pytest.MonkeyPatch, limits: Limits, after: tuple[int, int]
) -> None:
    monkeypatch.setattr(resource, "getrlimit", limits.getrlimit)
    monkeypatch.setattr(resource, "setrlimit", limits.setrlimit)
    serve.raise_file_limit()
    assert limits.now == after
