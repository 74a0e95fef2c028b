"""docs/reference/tak-api.md names every path of TAK's HTTP interface, with its methods."""

import re
from pathlib import Path

from starlette.routing import Route

from support.marti import Marti

PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "tak-api.md").read_text("utf-8")


def shown(path: str) -> str:
    """A path as the page writes it: `{M}` for a mission by name or guid."""
    return re.sub(r"^/Marti/api/missions/(guid/\{guid\}|\{name\})", "{M}", path).replace(
        ":path}", "}"
    )


async def test_every_path_is_there_with_its_methods(tmp_path: Path) -> None:
    api = Marti(tmp_path)
    documented = set(re.findall(r"`([A-Z]+ [/{][^`\s]+)`", PAGE))
    there = {
        f"{method} {shown(route.path)}"
        for route in api.api.routes()
        if isinstance(route, Route)
        for method in (route.methods or set()) - {"HEAD"}
    }
    await api.close()
    assert len(there) > 80
    assert there - documented == set()
    assert documented - there == set()
