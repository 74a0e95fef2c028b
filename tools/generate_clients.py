"""Writes docs/reference/clients.md from the table of what was tried with which client.

Run it after a change of the table; a test compares, and looks for the tests that it names.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

TARGET = Path(__file__).parent.parent / "docs" / "reference" / "clients.md"

NODE_TAK, PYTAK, TAKPROTO, FORMS = "node-tak", "PyTAK", "takproto", "forms"
CLIENTS = (NODE_TAK, PYTAK, TAKPROTO, FORMS)

_API = (
    "tests/interop/test_node_tak_api.py"
    "::test_node_tak_finds_every_command_answered_as_its_schemas_have_it"
)
_FEEDS = (
    "tests/interop/test_node_tak_api.py::test_node_tak_reads_a_mission_that_is_about_a_data_feed"
)
_NODE = "tests/interop/test_node_tak.py"
_PYTAK = "tests/interop/test_pytak.py"
_TAKPROTO = "tests/interop/test_takproto.py"
_UNIT = "tests/unit/tak"
_MARTI = f"{_UNIT}/marti"


class Row(NamedTuple):
    """One function, and the test that shows it for each client; none where it was not tried."""

    function: str
    tests: Mapping[str, str]


ROWS: Sequence[Row] = (
    Row("connect over TLS and stream CoT", {
        NODE_TAK: f"{_NODE}::test_node_tak_opens_and_streams_both_ways",
        PYTAK: f"{_PYTAK}::test_pytak_imports_our_package_and_sends_and_receives_pytak_over_tls",
        FORMS: f"{_UNIT}/test_session.py",
    }),
    Row("TAK protocol version 1 (protobuf)", {
        PYTAK: f"{_PYTAK}::test_pytak_that_sends_protobuf_without_asking_is_understood",
        TAKPROTO: _TAKPROTO,
        FORMS: "tests/unit/wire/cot/test_stream.py",
    }),
    Row("CoT over WebSocket", {
        PYTAK: f"{_PYTAK}::test_pytak_sends_and_receives_over_a_websocket",
        FORMS: f"{_UNIT}/test_websocket.py",
    }),
    Row("the picture for a late joiner", {
        NODE_TAK: f"{_NODE}"
        "::test_node_tak_that_joins_late_is_sent_the_picture_and_told_our_version",
        PYTAK: f"{_PYTAK}::test_pytak_that_joins_late_is_sent_the_picture",
        FORMS: f"{_UNIT}/test_session.py",
    }),
    Row("cut off when revoked", {
        NODE_TAK: f"{_NODE}::test_node_tak_is_cut_off_when_its_client_is_revoked",
        FORMS: "tests/node/test_revoke.py",
    }),
    Row("connection package", {
        PYTAK: f"{_PYTAK}::test_pytak_imports_our_package_and_sends_and_receives_pytak_over_tls",
        FORMS: f"{_UNIT}/test_packages.py",
    }),
    Row("enrol with a one-time token", {
        NODE_TAK: f"{_NODE}::test_node_tak_enrols_with_a_token_and_gets_a_certificate_for_its_key",
        PYTAK: f"{_PYTAK}::test_pytak_enrols_with_a_token_and_connects_with_the_certificate_it_got",
        FORMS: f"{_UNIT}/test_enrolment.py",
    }),
    Row("a token for a password", {FORMS: "tests/unit/api/test_login.py"}),
    Row("version and configuration", {FORMS: f"{_MARTI}/test_about.py"}),
    Row("endpoints, contacts, subscriptions", {
        NODE_TAK: _API, FORMS: f"{_MARTI}/test_contacts.py",
    }),
    Row("channels, by direction", {NODE_TAK: _API, FORMS: f"{_MARTI}/test_groups.py"}),
    Row("data packages and files", {NODE_TAK: _API, FORMS: f"{_MARTI}/test_files.py"}),
    Row("CoT by uid and time", {NODE_TAK: _API, FORMS: f"{_MARTI}/test_cot.py"}),
    Row("video connections", {NODE_TAK: _API, FORMS: f"{_MARTI}/test_video.py"}),
    Row("reports of the CI-TRAP tool", {FORMS: f"{_MARTI}/test_field_reports.py"}),
    Row("map layers for everybody", {FORMS: f"{_MARTI}/test_map_layers.py"}),
    Row("logs of its own faults", {FORMS: f"{_MARTI}/test_error_logs.py"}),
    Row("positions of the past as KML", {NODE_TAK: _API, FORMS: f"{_MARTI}/test_exports.py"}),
    Row("tracks sent afterwards", {FORMS: f"{_MARTI}/test_sent_tracks.py"}),
    Row("the picture as KML", {FORMS: f"{_MARTI}/test_latest_kml.py"}),
    Row("device profiles", {NODE_TAK: _API, FORMS: f"{_MARTI}/test_profiles.py"}),
    Row("missions: make, describe, delete", {NODE_TAK: _API, FORMS: f"{_MARTI}/test_missions.py"}),
    Row("missions: contents and changes", {
        NODE_TAK: _API, FORMS: f"{_MARTI}/test_mission_contents.py",
    }),
    Row("missions: layers", {NODE_TAK: _API, FORMS: f"{_MARTI}/test_mission_layers.py"}),
    Row("missions: archive, made of an archive", {
        NODE_TAK: _API, FORMS: f"{_MARTI}/test_mission_import.py",
    }),
    Row("missions: copy, send, KML", {FORMS: f"{_MARTI}/test_mission_archive.py"}),
    Row("missions: external data", {FORMS: f"{_MARTI}/test_mission_external.py"}),
    Row("data feeds, and missions about them", {
        NODE_TAK: _FEEDS, FORMS: f"{_MARTI}/test_mission_feeds.py",
    }),
    Row("missions: parent and child", {FORMS: f"{_MARTI}/test_mission_family.py"}),
    Row("missions: what a client did while it was away", {
        FORMS: f"{_MARTI}/test_mission_away.py",
    }),
    Row("missions: subscriptions and roles", {
        NODE_TAK: _API, FORMS: f"{_MARTI}/test_mission_people.py",
    }),
    Row("missions: invitations", {
        NODE_TAK: _API, FORMS: f"{_MARTI}/test_mission_invitations.py",
    }),
    Row("missions: logs", {NODE_TAK: _API, FORMS: f"{_MARTI}/test_mission_logs.py"}),
    Row("missions: CoT and notices on the stream", {FORMS: f"{_UNIT}/test_missions.py"}),
    Row("chat for who was away", {FORMS: "tests/unit/live/test_hub_words.py"}),
)  # fmt: skip

HEAD = """\
# Clients

<!-- Written by tools/generate_clients.py; do not edit. -->

Which client was tried with what, each cell the test that shows it; `./test` runs them all. *node-
tak* 12.0.0 is the library under CloudTAK, *PyTAK* and *takproto* are those that most gateways
use: they run against a node in a process of its own, at the versions in `tests/interop`. *Forms*
are ATAK, WinTAK, iTAK and WebTAK, **none of which can be run here**: what they send and read is
taken from public sources of ATAK 4.6 and of TAK Server 5.7, and from how other servers answer
them; the tests hold the node to those forms. An empty cell was not tried.

Not answered here, of node-tak's commands: `Certificate` and `Security`, which administer a TAK
Server (here the command line does: `accord client`, `accord certificates`); `Locate`, which
posts a place with a name; `Injectors.create` and `.delete`, `Repeater.period` and `.delete`,
for this node puts nothing into what others say, and repeats nothing. Lists of injectors, repeats
and icon sets are answered, and empty. A mission that
`Mission.getArchive` fetched is made anew by `accord mission import`.
`MissionLog.get` and `Mission.setRole` of node-tak 12.0.0 cannot be used with a certificate: the
first sends no method, the second a role of `[object Object]`.
"""


def reference() -> str:
    """Return the page."""
    head = f"| | {' | '.join(CLIENTS)} |"
    lines = [HEAD, head, f"|---|{'---|' * len(CLIENTS)}"]
    for row in ROWS:
        cells = [_cell(row.tests.get(client, "")) for client in CLIENTS]
        lines.append(f"| {row.function} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _cell(test: str) -> str:
    if not test:
        return ""
    path, _, name = test.partition("::")
    return f"[{name or Path(path).stem}](../../{path})"


if __name__ == "__main__":
    TARGET.write_text(reference(), "utf-8")
