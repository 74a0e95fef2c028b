"""Paths, types and words as ATAK, WebTAK and CloudTAK look for them."""

from support.marti import Marti


async def test_the_version_has_the_words_that_atak_looks_for(api: Marti) -> None:
    answer = await api.ask("kiwi", "GET", "/Marti/api/version")
    assert "TAK Server" in answer.text
    assert answer.headers["content-type"].startswith("text/plain")


async def test_the_configuration_is_a_server_config_with_the_name_it_was_reached_by(
    api: Marti,
) -> None:
    answer = await api.ask("kiwi", "GET", "/Marti/api/version/config")
    assert answer.headers["content-type"] == "application/json"  # and not a letter more
    said = answer.json()
    assert (said["type"], said["data"]["api"], said["data"]["hostname"]) == (
        "ServerConfig", "3", "node",
    )  # fmt: skip
    assert int(said["version"]) == 3


async def test_roles_are_told_by_tak_servers_names(api: Marti) -> None:
    path = "/Marti/api/util/user/roles"
    assert await api.get("kiwi", path) == ["ROLE_ANONYMOUS"]
    assert await api.get("weka", path) == ["ROLE_ANONYMOUS", "ROLE_ADMIN"]
    assert await api.get("ruru", path) == ["ROLE_ANONYMOUS", "ROLE_READONLY"]
    for row in (await api.get("kiwi", "/Marti/api/groups/all"))["data"]:
        if row["direction"] == "IN":
            await api.does(
                "kiwi", "PUT", "/Marti/api/groups/active", json=[{**row, "active": False}]
            )
    assert await api.get("kiwi", path) == ["ROLE_ANONYMOUS", "ROLE_READONLY"]  # speaks nowhere
    assert await api.get("weka", "/Marti/api/util/isAdmin") is True
    assert await api.get("kiwi", "/Marti/api/util/isAdmin") is False


async def test_the_rest_of_what_the_node_is_is_told_to_members(api: Marti) -> None:
    assert (await api.ask("kiwi", "GET", "/Marti/api/node/id")).text == "NZL-TEST"
    assert await api.get("kiwi", "/Marti/GetTime") == {"time": "1767323045678"}
    assert await api.get("kiwi", "/files/api/config") == {"uploadSizeLimit": 400}


async def test_nobody_is_told_anything_without_a_certificate(api: Marti) -> None:
    paths = {route.path for route in api.app.routes}  # type: ignore[attr-defined]
    assert len(paths) > 60
    for route in api.app.routes:
        path = route.path.replace("{uid:path}", "U1").replace("{name}", "x").replace("{", "")  # type: ignore[attr-defined]
        for method in route.methods - {"HEAD"}:  # type: ignore[attr-defined]
            answer = await api.ask("nobody", method, path.replace("}", ""))
            assert answer.status_code == 401, (method, path, answer.text)


async def test_another_sites_page_gets_nothing_with_its_visitors_certificate(api: Marti) -> None:
    other = {"origin": "https://elsewhere.example"}
    answer = await api.ask("kiwi", "GET", "/Marti/api/version", headers=other)
    assert answer.status_code == 403
    own = {"origin": "https://node:8443"}
    assert (await api.ask("kiwi", "GET", "/Marti/api/version", headers=own)).status_code == 200
    broken = {"origin": "https://[half"}
    assert (await api.ask("kiwi", "GET", "/Marti/api/node/id", headers=broken)).status_code == 403


async def test_there_are_none_of_what_this_node_does_not_have(api: Marti) -> None:
    """The types are those of TAK Server 5.7 (public source, the controller of each)."""
    kinds = {
        "iconset/all/uid": "java.lang.String",
        "injectors/cot/uid": "InjectorConfig",
        "injectors/cot/uid/U-1": "InjectorConfig",
        "repeater/list": "java.lang.String",
        "cops": "Mission",
        "cops/hierarchy": "CopHierarchyNode",
    }
    for path, kind in kinds.items():
        said = await api.get("moa", f"/Marti/api/{path}")
        assert (said["type"], said["data"]) == (kind, [])
        await api.does("nobody", "GET", f"/Marti/api/{path}", 401)


async def test_there_is_no_repeater_and_there_are_no_plugins(api: Marti) -> None:
    """As CloudTAK and WebTAK ask; TAK Server 5.7, public source: RepeaterApi, its package."""
    said = await api.get("kiwi", "/Marti/api/repeater/period")
    assert (said["type"], said["data"]) == ("java.lang.Integer", -1)
    manifest = "/webtak-plugins/webtak-manifest.json"
    assert await api.get("kiwi", manifest) == {"plugins": [], "iconSets": []}
    await api.does("nobody", "GET", manifest, 401)
