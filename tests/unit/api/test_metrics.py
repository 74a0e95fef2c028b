import re

from accord.api.metrics import exposition
from support.health import a_status

# https://prometheus.io/docs/instrumenting/exposition_formats/, text format 0.0.4
_COMMENT = re.compile(r"# (HELP|TYPE) [a-zA-Z_:][a-zA-Z0-9_:]* .+")
_LABEL = r'[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\\\|\\"|\\n)*"'
_SAMPLE = re.compile(rf"([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{{{_LABEL}(?:,{_LABEL})*\}})? -?[0-9.e+-]+")


def _samples(text: str) -> dict[str, float]:
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    return {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in lines}


def test_every_line_is_of_the_format() -> None:
    text = exposition(a_status())
    assert text.endswith("\n")
    for line in text.splitlines():
        assert _COMMENT.fullmatch(line) or _SAMPLE.fullmatch(line), line


def test_each_family_has_one_type_before_its_samples() -> None:
    seen: set[str] = set()
    family = ""
    for line in exposition(a_status()).splitlines():
        if line.startswith("# TYPE"):
            family = line.split()[2]
            assert family not in seen
            seen.add(family)
        elif not line.startswith("#"):
            assert re.split(r"[{ ]", line)[0] == family


def test_the_numbers_are_those_of_the_status() -> None:
    samples = _samples(exposition(a_status()))
    assert samples["accord_accepted_total"] == 600
    assert samples["accord_tracks"] == 5
    assert samples["accord_tracks_limit"] == 100
    assert samples['accord_connections{listener="cot-tls"}'] == 1
    assert samples['accord_dropped_total{part="wire",reason="malformed"}'] == 2
    assert samples["accord_outbox_waiting_reports"] == 3
    assert samples["accord_outbox_waiting_bytes"] == 1800
    assert samples["accord_journal_ok"] == 1
    assert samples['accord_sources{state="speaking"}'] == 1
    assert samples['accord_sources{state="silent"}'] == 0
    assert samples['accord_budget_bytes{what="disk"}'] == 1 << 30
    assert samples["accord_started_time_seconds"] == 1767323045.678  # 2026-01-02T03:04:05.678Z


def test_labels_are_escaped() -> None:
    status = a_status(drops={"udp": {'a "quoted"\n\\ reason': 1}})
    assert r'reason="a \"quoted\"\n\\ reason"' in exposition(status)


def test_no_label_is_what_a_client_calls_itself() -> None:
    text = exposition(a_status())
    assert "kiwi" not in text.lower()
    assert "ANDROID" not in text
