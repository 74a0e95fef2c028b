from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "accord"

NOTHING_TO_TEST = {
    "cli/command.py",  # protocols only: pyright holds every command to them
    "wire/cot/fig_pb2.py",  # generated
    "wire/cot/tak_pb2.py",  # generated
}
_GUARD = "tests/unit/federation/guard/test_guard.py"
_LINK = "tests/node/test_link.py"
_WORDS = "tests/unit/posture/test_words.py"
_HOSTILE = "tests/node/test_hostile_partner.py"
_TAK_GUARD = "tests/unit/federation/tak/test_guard.py"
AS_A_WHOLE = {
    "federation/guard/life.py": _TAK_GUARD,
    "federation/tak/clearing.py": _TAK_GUARD,
    "federation/tak/link.py": _TAK_GUARD,
    "federation/tak/pinned.py": _TAK_GUARD,
    "federation/tak/porter.py": _TAK_GUARD,
    "federation/tak/rpc.py": "tests/unit/federation/tak/test_version2.py",
    "federation/tak/settings.py": "tests/unit/federation/tak/test_outflow.py",
    "node/tak_links.py": "tests/node/test_tak_federation.py",
    "api/openapi_admin.py": "tests/unit/api/test_office_users.py",
    "cli/desk.py": "tests/unit/cli/test_client.py",
    "node/administration.py": "tests/node/test_administration.py",
    "node/desks.py": "tests/node/test_watch.py",
    "node/enrolling.py": "tests/unit/node/test_node.py",
    "node/feeds.py": "tests/unit/node/test_node.py",
    "node/partner_lines.py": "tests/unit/node/test_relief.py",
    "node/staging.py": "tests/node/test_staged_replay.py",
    "node/tak_api.py": "tests/node/test_marti.py",
    "node/looking_back.py": "tests/node/test_history_beyond.py",
    "node/history_stores.py": "tests/unit/node/test_history.py",
    "node/history_watch.py": "tests/unit/node/test_history_status.py",
    "storage/history/pieced.py": "tests/unit/storage/history/test_look.py",
    "node/history_process.py": "tests/process/test_history_survives.py",
    "tak/endpoints.py": "tests/unit/tak/marti/test_contacts.py",
    "tak/mission_notices.py": "tests/unit/tak/test_missions.py",
    "tak/marti/file_json.py": "tests/unit/tak/marti/test_files.py",
    "tak/marti/mission_access.py": "tests/unit/tak/marti/test_mission_people.py",
    "tak/marti/mission_json.py": "tests/unit/tak/marti/test_missions.py",
    "tak/marti/mission_page.py": "tests/unit/api/test_missions.py",
    "tak/marti/upload.py": "tests/unit/tak/marti/test_files.py",
    "node/watch.py": "tests/node/test_watch.py",
    "node/readiness.py": "tests/node/test_readiness.py",
    "api/openapi_readiness.py": "tests/unit/api/test_openapi.py",
    "api/schema.py": "tests/unit/api/test_openapi.py",
    "api/readiness_json.py": "tests/unit/api/test_readiness.py",
    "cli/readiness_telling.py": "tests/unit/cli/test_readiness.py",
    "cli/readiness_text.py": "tests/unit/cli/test_readiness.py",
    "storage/workbook.py": "tests/unit/desks/readiness/test_sheets.py",
    "desks/readiness/fleet.py": "tests/unit/desks/readiness/test_board.py",
    "node/commitments.py": "tests/node/test_commitments.py",
    "node/case_files.py": "tests/unit/cli/test_sar.py",
    "api/openapi_operation.py": "tests/unit/api/test_openapi.py",
    "api/openapi_session.py": "tests/unit/api/test_openapi.py",
    "api/openapi_picture.py": "tests/unit/api/test_openapi.py",
    "api/openapi_watch.py": "tests/unit/api/test_openapi.py",
    "api/openapi_sar.py": "tests/unit/api/test_openapi.py",
    "cli/sar_case.py": "tests/unit/cli/test_sar.py",
    "cli/sar_search.py": "tests/unit/cli/test_sar.py",
    "cli/sar_text.py": "tests/unit/cli/test_sar.py",
    "wire/cap/message.py": "tests/unit/wire/cap/test_xml.py",
    "wire/peer/protocol.py": "tests/unit/wire/peer/test_message.py",
    "wire/peer/record.py": "tests/unit/wire/peer/test_contents.py",
    "wire/peer/report.py": "tests/unit/wire/peer/test_bodies.py",
    "api/sar_coverage.py": "tests/unit/api/test_sar_search.py",
    "api/hazards.py": "tests/unit/api/test_sar.py",
    "desks/relief/drawn.py": "tests/unit/node/test_relief.py",
    "api/sar_reports.py": "tests/unit/api/test_sar_search.py",
    "cli/sar_report.py": "tests/unit/cli/test_sar.py",
    "desks/sar/grib_process.py": "tests/unit/desks/sar/test_forcing.py",
    "desks/sar/sheet.py": "tests/unit/desks/sar/test_reports.py",
    "desks/sar/tasking.py": "tests/unit/desks/sar/test_planning.py",
    "node/relief_files.py": "tests/unit/cli/test_relief.py",
    "api/openapi_relief.py": "tests/unit/api/test_openapi.py",
    "cli/relief_files.py": "tests/unit/cli/test_relief.py",
    "cli/relief_said.py": "tests/unit/cli/test_relief.py",
    "cli/relief_text.py": "tests/unit/cli/test_relief.py",
    "desks/relief/as_json.py": "tests/unit/api/test_relief.py",
    "desks/relief/fields.py": "tests/unit/desks/relief/test_incidents.py",
    "desks/relief/incident.py": "tests/unit/desks/relief/test_incidents.py",
    "desks/relief/line.py": "tests/unit/desks/relief/test_incidents.py",
    "desks/relief/reading.py": "tests/unit/desks/relief/test_incidents.py",
    "desks/relief/store.py": "tests/unit/desks/relief/test_incidents.py",
    "desks/sar/as_json.py": "tests/unit/desks/sar/test_planning.py",
    "desks/sar/case.py": "tests/unit/desks/sar/test_cases.py",
    "desks/sar/checklist.py": "tests/unit/desks/sar/test_cases.py",
    "desks/sar/entry.py": "tests/unit/desks/sar/test_cases.py",
    "desks/sar/export.py": "tests/unit/desks/sar/test_sitrep.py",
    "desks/sar/model.py": "tests/unit/desks/sar/test_planning.py",
    "desks/sar/reporting.py": "tests/unit/desks/sar/test_sitrep.py",
    "desks/sar/route.py": "tests/unit/desks/sar/test_sitrep.py",
    "desks/sar/store.py": "tests/unit/desks/sar/test_cases.py",
    "desks/sar/units.py": "tests/unit/desks/sar/test_planning.py",
    "api/openapi_shared.py": "tests/unit/api/test_shared.py",
    "api/openapi_commitments.py": "tests/unit/api/test_openapi.py",
    "desks/commitment/as_json.py": "tests/unit/api/test_commitments.py",
    "posture/answer.py": "tests/unit/posture/test_impact.py",
    "posture/case.py": "tests/unit/posture/test_impact.py",
    "posture/sentence.py": _WORDS,
    "posture/response_words.py": _WORDS,
    "posture/fleet_words.py": _WORDS,
    "posture/clause_words.py": _WORDS,
    "cli/account.py": "tests/unit/cli/test_asking.py",
    "posture/style.py": "tests/unit/posture/test_page.py",
    "api/ogc_documents.py": "tests/unit/api/test_ogc.py",
    "cli/worksheet_text.py": "tests/unit/cli/test_worksheet.py",
    "search/fault.py": "tests/unit/search/test_flow.py",
    "api/openapi_schemas.py": "tests/unit/api/test_openapi.py",
    "api/openapi_partners.py": "tests/unit/api/test_openapi.py",
    # Parts of a process, of sockets, or of what two processes say: tried in the whole of those.
    "federation/front.py": _HOSTILE,
    "federation/guard_process.py": _LINK,
    "federation/link.py": _LINK,
    "federation/link_settings.py": _LINK,
    "federation/link_status.py": "tests/unit/federation/test_link_report.py",
    "federation/surroundings.py": _LINK,
    "federation/guard/connection.py": _HOSTILE,
    "federation/guard/greeting.py": _HOSTILE,
    "federation/guard/handed.py": _LINK,
    "federation/guard/inlet.py": _HOSTILE,
    "federation/guard/node_end.py": _GUARD,
    "federation/guard/passage.py": "tests/unit/federation/test_rebuild.py",
    "federation/guard/placeholders.py": "tests/unit/federation/guard/test_outlet.py",
    "federation/guard/session.py": _HOSTILE,
    "federation/guard/talk.py": "tests/unit/federation/guard/test_ipc.py",
    "federation/guard/traffic.py": _GUARD,
}
"""Where the suite is of what is no whole by itself."""

MODULES = sorted(
    path.relative_to(SOURCE)
    for path in SOURCE.rglob("*.py")
    if path.name not in ("__init__.py", "__main__.py")
)


@pytest.mark.parametrize("module", [str(each) for each in MODULES])
def test_every_module_has_its_test_module(module: str) -> None:
    """In the same place under tests/unit; a port has one suite for all that implement it."""
    path = Path(module)
    unit = ROOT / "tests" / "unit" / path.with_name(f"test_{path.name}")
    contract = ROOT / "tests" / "contract" / f"test_{path.name}"
    whole = ROOT / AS_A_WHOLE.get(module, f"tests/unit/{module}.none")
    has_suite = unit.exists() or contract.exists() or whole.exists()
    assert has_suite or module in NOTHING_TO_TEST, f"there is no {unit}"


def test_what_needs_no_test_of_its_own_is_still_there_and_has_none() -> None:
    modules = {str(each) for each in MODULES}
    assert modules >= NOTHING_TO_TEST | AS_A_WHOLE.keys()
    for module in AS_A_WHOLE:
        path = Path(module)
        assert not (ROOT / "tests" / "unit" / path.with_name(f"test_{path.name}")).exists()
