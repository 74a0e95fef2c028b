"""Each kind of watch rule on real traffic, by `accord watch test`.

How the traffic was read beside it stands in tests/golden/watch/SOURCES.md.

Where no recording has what a rule is about (a changed identity, a silent partner, a squawk), the
tests in tests/unit/desks/watch/rules simulate it; docs/reference/watch-rules.md has the table.
"""

import gzip
import json
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from accord.cli.main import main
from support.nmea import encoded

pytestmark = [pytest.mark.process, pytest.mark.timeout(300)]

ROOT = Path(__file__).parents[2]
SOLENT = ROOT / "tests" / "golden" / "watch" / "solent-2016.nmea.gz"
TASMAN = ROOT / "examples" / "recordings" / "tasman-2012.nmea.gz"
ONE_NUMBER = ROOT / "tests" / "golden" / "tracks" / "gfw_mmsi_segmented-416000000.json.gz"
LOOK = 5
"""Seconds between two looks at the clock, which is when silence, pairs and absence are found."""

RULES = """
rule inside
  when inside circle 50.7560 -1.1200 500 m
rule enters
  when enters circle 50.7560 -1.1200 500 m
rule leaves
  when leaves circle 50.7560 -1.1200 500 m
rule nobody
  when nobody for 30 min inside circle 50.7560 -1.1200 500 m
rule dark
  when dark for 20 min inside circle 50.78 -1.30 6 NM
rule stays
  when loiters for 30 min within 400 m inside circle 50.7340 -1.1580 0.5 NM
rule meets
  when meets within 150 m for 10 min inside circle 50.7820 -1.1030 1.3 NM
rule fast
  when faster than 30 kn
  hold 5 min
rule slow
  when slower than 3 kn inside circle 50.7560 -1.1200 2 km
rule close
  when closest within 60 m in 1 min inside circle 50.7972 -1.1120 150 m
rule turns
  when turns by more than 120 deg in 1 min inside circle 50.7556 -1.0896 0.5 NM
rule speeds
  when changes speed by more than 15 kn in 1 min inside circle 50.7381 -1.1548 0.3 NM
"""

Said = tuple[str, int, bool]
"""What it is about, at which second of the day, and whether it is over."""


def played(
    folder: Path, rules: str, recording: Path, capsys: pytest.CaptureFixture[str]
) -> dict[str, list[Said]]:
    """Return by rule what the command says."""
    path = folder / "watch.rules"
    path.write_text(rules)
    assert main(["watch", "test", str(path), "--recording", str(recording), "--json"]) == 0
    said: dict[str, list[Said]] = defaultdict(list)
    for each in json.loads(capsys.readouterr().out)["said"]:
        at = datetime.fromisoformat(each["at"])
        rule, _, text = each["text"].partition(": ")
        said[rule].append((text, 3600 * at.hour + 60 * at.minute + at.second, each["over"]))
    return said


def clock(text: str) -> int:
    hour, minute, second = map(int, text.split(":"))
    return 3600 * hour + 60 * minute + second


def of(said: list[Said], *, over: bool = False) -> list[tuple[str, int]]:
    """Return the MMSIs that it was said of, and when."""
    digits = [
        (text.partition(" ")[0].removeprefix("MMSI-"), at) for text, at, o in said if o == over
    ]
    return sorted(digits, key=lambda each: each[1])


def at(*pairs: str) -> list[tuple[str, int]]:
    """Return `MMSI hh:mm:ss` as a pair each."""
    return [(each.split()[0], clock(each.split()[1])) for each in pairs]


def is_looked(found: list[tuple[str, int]], expected: list[tuple[str, int]]) -> bool:
    """Tell whether the same was found, at the look after it came to be so, or the one after."""
    return [who for who, _ in found] == [who for who, _ in expected] and all(
        0 <= seen - due <= 2 * LOOK for (_, seen), (_, due) in zip(found, expected, strict=True)
    )


def test_every_rule_that_the_solent_can_answer_says_what_its_rows_say(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = played(tmp_path, RULES, SOLENT, capsys)

    # Rows inside 500 m of 50.7560 -1.1200 after one outside; 311758000 is still there at the end.
    came = at(
        "311758000 13:38:21", "311758000 13:50:20", "235069877 13:54:02", "247007000 13:59:37"
    )
    went = at("311758000 13:44:23", "235069877 13:55:00", "247007000 14:02:16")
    assert of(said["inside"]) == came
    assert of(said["inside"], over=True) == went
    assert of(said["enters"]) == came
    assert of(said["enters"], over=True) == went
    assert of(said["leaves"]) == went
    # It came back.
    assert of(said["leaves"], over=True) == at("311758000 13:50:20")
    # No row there from the first of all, 13:02:11, to 13:38:21.
    assert is_looked(of(said["nobody"]), at("nobody 13:32:11"))
    assert of(said["nobody"], over=True) == at("nobody 13:38:21")

    # Stations with more than 20 minutes between two rows, the first within 6 NM of 50.78 -1.30.
    # Of 247005000 there is none after 13:39:03.
    assert is_looked(
        of(said["dark"]),
        at("235008564 13:43:23", "247005000 13:59:03", "232005270 14:10:29", "235006680 14:19:29"),
    )
    again = dict(of(said["dark"], over=True))
    # The first is of 14:01:09.9, or of 14:01:10 where it is rounded.
    assert again.pop("235008564") - clock("14:01:09") in (0, 1)
    assert again == dict(at("232005270 14:18:00", "235006680 14:22:49"))

    # The ferry at its berth: within 400 m since 13:47:15, 695 m away by 14:19:55.
    ((who, when),) = of(said["stays"])
    assert who == "235007473"
    assert clock("14:16:40") <= when <= clock("14:18:00")
    ((_, when),) = of(said["stays"], over=True)
    assert clock("14:19:08") < when <= clock("14:19:55")

    # A tug comes within 150 m of a ship under way at 13:22:16 and stays while they go on at 8 kn.
    together = ("MMSI-235070762", "MMSI-311855000")
    when = next(at for text, at, _ in said["meets"] if all(each in text for each in together))
    assert 0 <= when - clock("13:32:16") <= 2 * LOOK

    # The two fast ferries, and nothing else, go 30 kn: rows of 36.3 and 30.3 kn are the first.
    fast = of(said["fast"])
    assert {who for who, _ in fast} == {"235008564", "235007473"}
    assert fast[:2] == at("235008564 13:02:56", "235007473 13:17:11")
    # A row of 0.2 kn within 2 km of 50.7560 -1.1200: at anchor.
    assert of(said["slow"])[0] == ("311758000", clock("13:02:23"))

    # 39.8 degrees, 7.6 kn at 50.79654 -1.11311 against 291.6 degrees, 7.3 kn at 50.79678 -1.11020:
    # 27 m in 33 s.
    ((text, when),) = [
        (text, when)
        for text, when, over in said["close"]
        if not over and "235069877" in text and "235024149" in text
    ]
    assert "27 m" in text
    assert 0 <= when - clock("14:17:46") <= LOOK

    # 182 degrees at 14:05:42, 102 at 14:06:04, then 48.
    assert of(said["turns"]) == at("235061621 14:06:08")
    # Off Ryde Pier: 7.2 kn at 13:15:49, 25.0 at 13:16:49; 2.0 at 13:48:52, 17.2 at 13:49:38.
    assert of(said["speeds"])[:2] == at("235007473 13:16:49", "235069877 13:49:38")


SART = (
    b"!AIVDM,1,1,,A,1>M46pvP1TP=fr0MhC027?wN0<00,0*45",
    b"!AIVDM,1,1,,B,1>M46pvP1TP=fr0MhC027?wN0<00,0*46",
    b"!AIVDM,1,1,,A,>>M46pi<59B04=@UHD,2*20",
)
"""Message 1 of 970000099, status 14, and message 14: SART ACTIVE."""


def test_a_real_search_and_rescue_transponder_calls(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    recording = tmp_path / "beacon.nmea"
    heard = int(datetime(2011, 7, 26, 3, 54, 10, tzinfo=UTC).timestamp())
    recording.write_bytes(b"".join(b"%b,%d\n" % (line, heard) for line in SART))
    said = played(tmp_path, "rule sos\n  when calls\n", recording, capsys)
    assert said["sos"] == [("AIS-SART 970000099 calls for help: AIS-SART", clock("3:54:10"), False)]


def of_one_number() -> Iterator[bytes]:
    """Yield three hours of one MMSI, off Kaohsiung and from 03:09:25 on 193 km north as well."""
    with gzip.open(ONE_NUMBER, "rt") as lines:
        rows = sorted((json.loads(line) for line in lines), key=lambda row: row["timestamp"])
    for row in rows:
        when = datetime.fromisoformat(row["timestamp"])
        if timedelta(hours=1) <= when - datetime(2014, 1, 5, tzinfo=UTC) <= timedelta(hours=4):
            said = encoded(type=1, mmsi=416000000, lat=row["lat"], lon=row["lon"])
            yield b"%b,%d\n" % (said, when.timestamp())


def test_a_ship_that_stays_is_told_though_another_sends_its_number_elsewhere(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    recording = tmp_path / "one-number.nmea"
    recording.write_bytes(b"".join(of_one_number()))
    rules = (
        "rule stays\n  when loiters for 2 h within 1 NM\n"
        "rule there\n  when inside circle 24.29 120.49 4 NM\n"
    )
    said = played(tmp_path, rules, recording, capsys)
    # All rows off Kaohsiung are within 1,013 m of that of 01:08:01; the first two hours later is of
    # 03:22:37, after two of the other ship.
    assert of(said["stays"]) == at("416000000 3:22:37")
    assert of(said["stays"], over=True) == []
    assert [(who.partition("~")[0], when) for who, when in of(said["there"])] == at(
        "416000000 3:09:25"
    )


def test_a_feed_that_brings_no_position_for_a_while_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # Its last position came at 22:23:25.3; of the 52 messages until 22:26:41, of types 7 to 26 as
    # pyais has them, none is one.
    rules = "rule quiet\n  when feed recording silent for 50 s\n"
    ((_, when, is_over),) = played(tmp_path, rules, TASMAN, capsys)["quiet"]
    assert 0 <= when - clock("22:24:15") <= 2 * LOOK
    assert not is_over
