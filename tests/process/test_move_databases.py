"""What the how-to says of moving from databases of other servers is run as it stands there.

The tables have the columns that the commands name, with names and types as the servers make them:
OpenTAKServer 1.7.14 by its own migrations (it was run), TAK Server by those of its public source,
5.7-RELEASE-14. People, places and texts are our own.
"""

import hashlib
import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from accord.cli.client_import import people_in
from accord.cli.main import main
from accord.core.mission import Mission, MissionRole
from accord.core.principal import Direction, Principal, Role
from accord.storage.missions import MissionSettings, MissionStore
from accord.storage.tak_file import TAK, TakFile
from support.in_process import make_node
from support.keys import quick_keys as quick_keys
from support.postgres import OWNER, TEMPLATE, Postgres
from support.postgres import postgres as postgres

pytestmark = [
    pytest.mark.process,
    pytest.mark.timeout(300),
    pytest.mark.usefixtures("quick_keys"),
    pytest.mark.skipif(
        shutil.which("jq") is None, reason="no jq here (Debian: apt-get install jq)"
    ),
]

PAGE = (
    Path(__file__).parents[2] / "docs" / "how-to" / "move-from-another-tak-server.md"
).read_text("utf-8")
SCRIPTS = re.findall(r"(?s)```sh\n(.*?)```", PAGE)
IN_A_LINE = [each.strip() for each in re.findall(r"(?m)^    (psql .*)$", PAGE)]

PLAN = b"%PDF the plan"
HASH = hashlib.sha256(PLAN).hexdigest()
DECLARED = '<?xml version="1.0" encoding="utf-8"?>\n'


def event(uid: str, lat: float) -> str:
    return (
        f'<event version="2.0" uid="{uid}" type="b-m-p-s-m" how="h-g-i-g-o" '
        'time="2026-05-01T10:00:00.000Z" start="2026-05-01T10:00:00.000Z" '
        f'stale="2026-05-02T10:00:00.000Z"><point lat="{lat}" lon="174.76" hae="3.5" '
        'ce="9999999.0" le="9999999.0"/><detail/></event>'
    )


OPENTAKSERVER = f"""
CREATE TABLE "user" (id int, username varchar, active boolean);
INSERT INTO "user" VALUES (1, 'kiwi.1', true), (2, 'moa_1', true), (3, 'tui', true),
  (4, 'weka', false);
CREATE TABLE role (id int, name varchar);
INSERT INTO role VALUES (1, 'user'), (2, 'administrator');
CREATE TABLE roles_users (user_id int, role_id int);
INSERT INTO roles_users VALUES (1, 1), (2, 1), (2, 2), (3, 1), (4, 1);
CREATE TABLE groups (id int, name varchar);
INSERT INTO groups VALUES (1, '__ANON__'), (5, 'Rescue'), (6, 'Fire; North');
CREATE TABLE groups_users (user_id int, group_id int, direction varchar, enabled boolean);
INSERT INTO groups_users VALUES (1, 5, 'IN', true), (1, 5, 'OUT', true), (1, 6, 'OUT', false),
  (2, 6, 'OUT', true), (4, 5, 'IN', true);
CREATE TABLE data_packages (id int, filename varchar, hash varchar);
INSERT INTO data_packages VALUES (1, 'kiwi.1_CONFIG.zip', 'aa'), (2, 'Route pack.zip', 'bb');
CREATE TABLE certificates (id int, data_package_id int);
INSERT INTO certificates VALUES (1, 1);
CREATE TABLE missions (name varchar, description varchar, chat_room varchar, tool varchar,
  bbox varchar, path varchar, classification varchar, default_role varchar, keywords json,
  expiration int, invite_only boolean, password_protected boolean);
INSERT INTO missions VALUES ('citrap', NULL, NULL, 'citrap', NULL, NULL, NULL, NULL, NULL, -1,
  NULL, false), ('Harbour / it''s watch', 'Boats & buoys', NULL, 'public', NULL, NULL, NULL,
  'MISSION_READONLY_SUBSCRIBER', '["sea"]', -1, NULL, false);
CREATE TABLE groups_missions (mission_name varchar, group_id int);
INSERT INTO groups_missions VALUES ('Harbour / it''s watch', 5);
CREATE TABLE mission_uids (uid varchar, mission_name varchar);
INSERT INTO mission_uids VALUES ('buoy-4', 'Harbour / it''s watch'),
  ('itak-1', 'Harbour / it''s watch'), ('gone', NULL);
CREATE TABLE cot (id int, uid varchar, timestamp timestamp, xml text, mission_name varchar);
INSERT INTO cot VALUES
  (1, 'buoy-4', '2026-05-01 10:00', '{DECLARED}{event("buoy-4", -36.8)}', 'Harbour / it''s watch'),
  (2, 'buoy-4', '2026-05-01 11:00', '{DECLARED}{event("buoy-4", -36.9)}', 'Harbour / it''s watch'),
  (3, 'itak-1', '2026-05-01 11:00', '{DECLARED}{event("itak-1", -36.7)}', NULL),
  (4, 'gone', '2026-05-01 11:00', '{DECLARED}{event("gone", -36.7)}', NULL);
CREATE TABLE mission_content (id int, filename varchar, hash varchar, mime_type varchar,
  keywords json);
INSERT INTO mission_content VALUES (1, 'Plan_A.pdf', '{HASH}', 'application/pdf', NULL);
CREATE TABLE mission_content_mission (mission_content_id int, mission_name varchar);
INSERT INTO mission_content_mission VALUES (1, 'Harbour / it''s watch');
CREATE TABLE mission_logs (content varchar, creator_uid varchar, keywords json, dtg timestamp,
  server_time timestamp, mission_name varchar);
INSERT INTO mission_logs VALUES ('Buoy 4 has moved', 'ANDROID-kiwi1', NULL,
  '2026-05-01 10:00', '2026-05-01 10:01', 'Harbour / it''s watch');
"""  # noqa: S608  the texts are above

TAK_SERVER = f"""
CREATE TABLE certificate (user_dn varchar, revocation_date timestamptz,
  expiration_date timestamptz);
INSERT INTO certificate VALUES ('kiwi-1', NULL, '2100-01-01'), ('kiwi-1', NULL, '2100-01-01'),
  ('moa-1', '2026-01-01', '2100-01-01'), ('tui-1', NULL, '2020-01-01');
CREATE TABLE role (id bigint, role int);
INSERT INTO role VALUES (1, 0), (2, 1), (3, 2);
CREATE TABLE groups (name text, bitpos int);
INSERT INTO groups VALUES ('__ANON__', 2), ('Rescue', 3), ('Police', 4), ('Later', 40000);
CREATE TABLE mission (id bigint, name varchar, description varchar, chatroom varchar,
  tool varchar, bbox text, path text, classification text, bounding_polygon text,
  expiration bigint, invite_only boolean, password_hash text, default_role_id bigint,
  groups bit varying);
INSERT INTO mission VALUES (1, 'Harbour watch', 'Boats & buoys', 'Harbour', 'public', NULL, NULL,
  NULL, NULL, -1, true, NULL, 3, lpad('11000', 32768, '0')::varbit);
CREATE TABLE mission_keyword (mission_id bigint, keyword varchar);
INSERT INTO mission_keyword VALUES (1, 'sea');
CREATE TABLE mission_uid (mission_id bigint, uid varchar);
INSERT INTO mission_uid VALUES (1, 'buoy-4'), (1, 'odd & ''uid');
CREATE TABLE resource (id int, hash text, name varchar, mimetype varchar, keywords varchar[],
  data bytea);
INSERT INTO resource VALUES (7, '{HASH}', 'Plan A.pdf', 'application/pdf', NULL,
  '{PLAN.decode()}');
CREATE TABLE mission_resource (mission_id bigint, resource_id int);
INSERT INTO mission_resource VALUES (1, 7);
CREATE TABLE cot_router (uid varchar, cot_type varchar, how varchar, servertime timestamptz,
  stale timestamptz, point_hae numeric, point_ce numeric, point_le numeric, detail text,
  event_pt geometry(Point, 4326));
INSERT INTO cot_router VALUES
  ('buoy-4', 'b-m-p-s-m', 'h-g-i-g-o', '2026-05-01T10:00Z', '2026-05-02T10:00Z', 3.5, 9999999,
   9999999, '<detail/>', ST_SetSRID(ST_Point(174.76, -36.8), 4326)),
  ('buoy-4', 'b-m-p-s-m', 'h-g-i-g-o', '2026-05-01T11:00Z', '2026-05-02T10:00Z', 3.5, 9999999,
   9999999, '<detail><contact callsign="Buoy &amp; 4"/></detail>',
   ST_SetSRID(ST_Point(174.76, -36.9), 4326)),
  ('odd & ''uid', 'b-m-p-s-m', 'h-g-i-g-o', '2026-05-01T11:00Z', '2026-05-02T10:00Z', 0, 9999999,
   9999999, '<detail/>', ST_SetSRID(ST_Point(0, 0.00001), 4326));
CREATE TABLE mission_log (id varchar, content text, creator_uid text, dtg timestamptz,
  servertime timestamptz);
INSERT INTO mission_log VALUES ('l1', 'Buoy 4 has moved', 'ANDROID-kiwi1', '2026-05-01T10:00Z',
  '2026-05-01T10:01Z');
CREATE TABLE mission_log_mission_name (mission_log_id varchar, missionnames varchar);
INSERT INTO mission_log_mission_name VALUES ('l1', 'Harbour watch');
CREATE TABLE mission_log_keyword (mission_log_id varchar, keyword varchar);
INSERT INTO mission_log_keyword VALUES ('l1', 'watch');
"""  # noqa: S608  the texts are above


def run(postgres: Postgres, place: Path, script: str, **more: str) -> str:
    reached = {"PGHOST": str(postgres.directory), "PGPORT": str(postgres.port), "PGUSER": OWNER}
    return subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script], cwd=place, check=True, capture_output=True,
        text=True, env={**os.environ, **reached, **more},
    ).stdout  # fmt: skip


def line(what: str) -> str:
    (found,) = [each for each in IN_A_LINE if what in each]
    return found


def script(database: str) -> str:
    (found,) = [each for each in SCRIPTS if f"psql {database} " in each]
    return found


def taken(node: Path, folder: Path) -> tuple[Mission, MissionStore]:
    made = ["client", "add", str(node), "kiwi", "--group", "Rescue", "--enrol"]
    assert main(made) == 0
    assert main(["mission", "import", str(node), str(folder), "--owner", "kiwi"]) == 0
    file = TakFile(node / TAK)
    file.prepare()
    store = MissionStore(file, MissionSettings())
    (mission,) = store.all()
    return mission, store


@pytest.fixture(scope="module")
def opentakserver(postgres: Postgres) -> Postgres:
    postgres.sql("postgres", "CREATE DATABASE ots")
    postgres.sql("ots", OPENTAKSERVER)
    return postgres


@pytest.fixture(scope="module")
def tak_server(postgres: Postgres) -> Postgres:
    postgres.sql("postgres", f"CREATE DATABASE cot TEMPLATE {TEMPLATE}")
    postgres.sql("cot", TAK_SERVER)
    return postgres


def test_people_of_opentakserver_have_the_groups_that_they_had(
    opentakserver: Postgres, tmp_path: Path
) -> None:
    run(opentakserver, tmp_path, line("roles_users"))
    found = people_in(tmp_path / "people.csv", {"Everybody": Direction.OUT})
    assert found == [
        Principal(name="kiwi.1", groups={"Rescue": Direction.BOTH}),
        Principal(name="moa_1", groups={"Fire; North": Direction.OUT}, role=Role.ADMINISTRATOR),
        Principal(name="tui", groups={"Everybody": Direction.OUT}),
    ]  # and not weka, who is deactivated


def test_packages_with_private_keys_are_not_among_those_of_opentakserver(
    opentakserver: Postgres, tmp_path: Path
) -> None:
    run(opentakserver, tmp_path, line("data_packages"))
    assert (tmp_path / "packages.tsv").read_text() == "uploads/bb.zip\tRoute pack.zip\n"


def test_a_mission_of_opentakserver_comes_over_whole(
    opentakserver: Postgres, tmp_path: Path
) -> None:
    (tmp_path / "missions").mkdir()
    (tmp_path / "missions" / "Plan_A.pdf").write_bytes(PLAN)
    run(opentakserver, tmp_path, script("ots"))
    (folder,) = (tmp_path / "moved").iterdir()  # citrap is the server's own
    said = json.loads((folder / "mission.json").read_text())
    (folder / "mission.json").write_text(json.dumps({**said, "name": "Harbour watch"}))
    mission, store = taken(make_node(tmp_path / "nzl"), folder)
    assert (mission.groups, mission.default_role) == ({"Rescue"}, MissionRole.READ_ONLY)
    assert (mission.keywords, mission.about["description"]) == (("sea",), "Boats & buoys")
    items = {each.name: each for each in store.items(mission.guid)}
    assert items.keys() == {"buoy-4", "itak-1", HASH}
    assert json.loads(items["buoy-4"].details)["location"]["lat"] == -36.9


def test_a_mission_of_tak_server_comes_over_whole(tak_server: Postgres, tmp_path: Path) -> None:
    run(tak_server, tmp_path, script("cot"), name="Harbour watch")
    mission, store = taken(make_node(tmp_path / "nzl"), tmp_path / "moved" / "Harbour watch")
    assert (mission.groups, mission.default_role) == ({"Rescue"}, MissionRole.READ_ONLY)
    assert (mission.keywords, mission.invite_only) == (("sea",), True)
    assert mission.about == {
        "description": "Boats & buoys", "chatRoom": "Harbour", "tool": "public",
    }  # fmt: skip
    items = {each.name: each for each in store.items(mission.guid)}
    assert items.keys() == {"buoy-4", "odd & 'uid", HASH}
    buoy = json.loads(items["buoy-4"].details)
    assert (buoy["callsign"], buoy["location"]["lat"]) == ("Buoy & 4", -36.9)
    assert json.loads(items[HASH].details)["name"] == "Plan A.pdf"


def test_who_enrolled_at_tak_server_and_may_connect_is_listed_once(
    tak_server: Postgres, tmp_path: Path
) -> None:
    run(tak_server, tmp_path, line("FROM certificate "))
    found = people_in(tmp_path / "enrolled.csv", {"Rescue": Direction.BOTH})
    assert found == [Principal(name="kiwi-1", groups={"Rescue": Direction.BOTH})]
