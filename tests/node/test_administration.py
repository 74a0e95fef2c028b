"""Administration at a node that runs as a process: what is done by the page holds at once."""

import asyncio
import json

import httpx
import pytest

from accord.cli.main import main
from support.node_live import Shared, add_client, on_air

ADMIN = "/api/v1/admin"


async def test_what_an_administrator_does_at_the_page_holds_at_once_and_stands_in_the_audit(
    shared: Shared, capsys: pytest.CaptureFixture[str]
) -> None:
    node = shared.node
    base = f"https://{node.target('api')}"
    headers = {"origin": base, "content-type": "application/json"}
    shared.clients["chief"] = add_client(node, "chief", "--role", "administrator")
    shared.clients["thief"] = add_client(node, "thief")
    tls = shared.clients["chief"].tls()
    asking = httpx.AsyncClient(verify=tls, base_url=base, headers=headers, timeout=30)
    async with asking, on_air(shared, "thief") as (thief,):
        said = {"name": "phone", "groups": {"Blue": "both"}}
        given = (await asking.post(f"{ADMIN}/clients", json=said)).json()
        assert given["scan"].startswith("tak://com.atakmap.app/enroll?host=")
        package = await asking.get(f"{ADMIN}/clients/phone/package")
        assert package.content.startswith(b"PK")
        revoked = await asking.request("DELETE", f"{ADMIN}/clients/thief", json={})
        assert revoked.status_code == 204
        async with asyncio.timeout(30):
            await thief.is_cut_off()
        drill = await asking.post("/api/v1/drill", json={"name": "Fire drill"})
        assert drill.status_code == 204
        await asking.request("DELETE", "/api/v1/drill", json={})
        acts = (await asking.get(f"{ADMIN}/acts")).json()["acts"]
        assert [(each["what"], each["whom"]) for each in acts[:4]] == [
            ("drill end", ""), ("drill declare", ""), ("client revoke", "thief"),
            ("client add", "phone"),
        ]  # fmt: skip
        assert {each["who"] for each in acts[:4]} == {"chief"}
    capsys.readouterr()
    assert main(["audit", "list", str(node.directory), "--json", "--lines", "4"]) == 0
    assert json.loads(capsys.readouterr().out) == acts[:4]
