"""The pages of docs/reference name every path, key, metric, reason and word that the code has."""

import ast
import inspect
import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path
from types import ModuleType
from typing import get_args, get_type_hints

import pytest

from accord.api import metrics, ogc_documents, ogc_query
from accord.api.app import Api
from accord.api.app import app as api_app
from accord.desks.watch.rules import text as rule_text
from accord.feeds import feed, mqtt, tcp, udp
from accord.feeds.catalogue import FORMATS
from accord.feeds.settings import Format, Transport
from accord.live import intake
from accord.node import vitals
from accord.observe.health import SourceState, Status
from accord.release import access
from accord.tak import enrolment
from accord.wire import errors
from accord.wire.adsb import message as adsb_message
from accord.wire.adsb import squitters
from accord.wire.adsb import stream as adsb_stream
from accord.wire.adsb import translate as adsb_translate
from accord.wire.adsb.aircraft import KINDS, UNKNOWN
from accord.wire.ais import fields as ais
from accord.wire.ais import message, own_ship, stream, translate
from accord.wire.asterix import translate as asterix_translate
from accord.wire.cot import detail, xml
from accord.wire.cot.stream import CotStream
from accord.wire.dis import translate as dis_translate
from accord.wire.geojson import translate as geojson_translate
from accord.wire.json import translate as json_translate

DOCS = Path(__file__).parents[2] / "docs" / "reference"
API, COT, FEEDS = ((DOCS / f"{name}.md").read_text("utf-8") for name in ("api", "cot", "feeds"))


def code(text: str) -> set[str]:
    """Everything between backticks."""
    return set(re.findall(r"`([^`\n]+)`", text))


def literals(module: ModuleType, pattern: str) -> set[str]:
    """What the source has where the pattern has its group."""
    return set(re.findall(pattern, inspect.getsource(module)))


# HTTP


def test_every_path_is_there() -> None:
    paths = literals(enrolment, r'Route\(f"\{tls\}(/[\w/]+)"')
    assert len(paths) == 4
    for path in paths:
        assert f"/Marti/api/tls{path}`" in API
    for path in re.findall(r'Route\("(/[\w/]+)"', inspect.getsource(api_app)):
        assert f"`GET {path}`" in API


def test_who_may_ask_stands_beside_the_path() -> None:
    for name in ("healthz", "readyz", "metrics"):
        assert "require_neighbour" in inspect.getsource(getattr(Api, name))
    assert "require_administrator" in inspect.getsource(Api.show_status)
    assert "| `GET /healthz` | this machine (loopback) without a certificate;" in API
    for path in ("/readyz", "/metrics"):
        assert f"| `GET {path}` | the same |" in API
    assert "| `GET /api/status` | administrators, from anywhere, with a certificate |" in API


def parts(kind: type) -> Iterator[type]:
    """Yield a dataclass and those of its fields, however they are wrapped."""
    yield kind
    for hint in get_type_hints(kind).values():
        for each in (hint, *get_args(hint)):
            if is_dataclass(each) and isinstance(each, type):
                yield from parts(each)


def row(page: str, key: str) -> set[str]:
    (found,) = re.findall(rf"(?m)^\| `{key}` \| (.*) \|$", page)
    return code(found)


def test_every_key_of_the_status_is_there() -> None:
    for each in fields(Status):
        said = row(API, each.name)
        for kind in parts(Status):
            hint = get_type_hints(Status)[each.name]
            if kind in (hint, *get_args(hint)):
                assert {field.name for field in fields(kind)} <= said, each.name
    assert {state.value for state in SourceState} <= row(API, "sources")


def test_every_part_of_the_drops_is_there() -> None:
    source = inspect.getsource(vitals._drops)  # pyright: ignore[reportPrivateUsage]
    named = set(re.findall(r'(?m)^        "([\w -]+)": ', source))
    assert len(named) > 10
    assert named <= code(API)


def test_every_metric_is_there_with_its_type() -> None:
    gauges = literals(metrics, r'_gauge\("(\w+)"')
    assert len(gauges) > 10
    shown = dict(re.findall(r"(?m)^\| `accord_(\w+)` \| (\w+) \|", API))
    totals = set(re.findall(r'(?m)^        "(\w+)": ', inspect.getsource(vitals._totals)))  # pyright: ignore[reportPrivateUsage]
    counters = {f"{total}_total" for total in totals} | {"dropped_total"}
    assert shown == dict.fromkeys(gauges, "gauge") | dict.fromkeys(counters, "counter")


# CoT


def test_every_reason_for_which_bytes_are_refused_is_there() -> None:
    reasons = {
        kind.reason
        for kind in errors.WireError.__subclasses__()
        if kind.__module__ == errors.__name__
    }
    assert reasons <= code(COT)


def test_every_reason_of_the_door_is_there() -> None:
    reasons = set[str]()
    for node in ast.walk(ast.parse(inspect.getsource(intake) + inspect.getsource(access))):
        if isinstance(node, ast.Return):
            reasons |= {
                each.value
                for each in ast.walk(node)
                if isinstance(each, ast.Constant) and isinstance(each.value, str)
            }
    reasons.discard("takes no part in ")
    assert len(reasons) > 6
    assert reasons | {"takes no part in exercise"} <= code(COT)


def test_the_limits_are_those_of_the_code() -> None:
    defaults = inspect.signature(CotStream).parameters
    assert defaults["max_event_bytes"].default == 1 << 20
    assert "| 1 MiB (`max_event_bytes`) |" in COT
    assert f"| {xml.MAX_DEPTH} (`max_depth`) |" in COT
    assert f"| tags | {xml.MAX_TAGS:,} |" in COT
    assert f"| {xml.MAX_NAMESPACES}, of {xml.MAX_NAMESPACE_TEXT:,} characters together" in COT
    assert f"| `uid` | {xml.MAX_UID} characters |" in COT
    assert f"an exercise mark | {xml.MAX_ATTRIBUTE:,} characters |" in COT
    settings = intake.IntakeSettings()
    assert f"| {settings.max_points:,} (`max_points`) |" in COT
    contacts = settings.max_contacts_per_connection
    assert f"speak for {contacts:,} contacts (`max_contacts_per_connection`)" in COT


def test_every_team_and_every_name_for_everybody_is_there() -> None:
    (teams,) = re.findall(r"colour \((.*?)\)", " ".join(COT.split()))
    assert set(teams.split(", ")) == detail.TEAMS
    for name in detail.EVERYONE:
        assert f'"{name}"`' in COT
        assert f"`{name}`" in COT


# AIS


def test_every_message_that_is_used_is_in_the_table() -> None:
    rows = re.findall(r"(?m)^\| ([\d, ]+) \|", FEEDS)
    assert {int(each) for row_ in rows for each in row_.split(", ")} == ais.PAYLOAD_BITS.keys()


def test_every_type_that_ships_and_stations_get_is_there() -> None:
    types = {*ais._SHIP_TYPES.values(), *ais._STATIONS.values(), ais.BEACON_TYPE}  # pyright: ignore[reportPrivateUsage]
    assert types <= code(FEEDS)


def test_every_transport_is_there() -> None:
    assert {each.value for each in Transport} <= code(FEEDS)


@pytest.mark.parametrize(
    "module",
    [
        stream, translate, message, own_ship, adsb_stream, adsb_message, adsb_translate, squitters,
        geojson_translate, tcp, udp, feed, mqtt, asterix_translate, dis_translate, json_translate,
    ],
)  # fmt: skip
def test_every_count_that_is_a_loss_is_there(module: ModuleType) -> None:
    counted = (
        literals(module, r'counts\["([\w ]+)"\]')
        | literals(module, r'reason = "([\w ]+)"')
        | literals(module, r'(?m)^[A-Z_]+ = "([a-z ]+)"$')
    )
    assert counted
    ordinary = frozenset[str]().union(*(entry.ordinary for entry in FORMATS.values()))
    assert counted - ordinary <= code(FEEDS)


def test_every_format_is_there() -> None:
    assert {each.value for each in Format} <= code(FEEDS)
    assert {*KINDS.values(), UNKNOWN} <= code(FEEDS)


# Watch rules

RULES = (DOCS / "watch-rules.md").read_text("utf-8")


def test_every_line_and_condition_of_a_rule_is_there() -> None:
    said = {each.split()[0] for each in code(RULES)}
    assert {*rule_text._LINES, *rule_text._CONDITIONS, "rule"} <= said  # pyright: ignore[reportPrivateUsage]


# OGC API - Features


def test_every_parameter_and_property_for_a_gis_is_there() -> None:
    assert ogc_query._KNOWN - {"f", "crs", "bbox-crs"} <= code(API)  # pyright: ignore[reportPrivateUsage]
    assert set(ogc_documents.PROPERTIES) <= code(API)
