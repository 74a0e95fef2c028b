"""Expected texts are those of docs/reference/stream.md."""

import json

import pytest

from accord.wire.errors import FrameTooLarge, Malformed
from accord.wire.page import message
from accord.wire.page.message import Place, Subscribe, read_subscribe


def test_a_page_that_says_no_more_wants_what_is_live_from_the_beginning() -> None:
    asked = read_subscribe('{"t":"subscribe"}')
    assert asked == Subscribe(context="live", view="own", resume=None)


def test_a_page_says_which_context_and_where_it_was() -> None:
    asked = read_subscribe(
        '{"t":"subscribe","context":"exercise:TASMAN 26","view":"own",'
        '"resume":{"epoch":"6f1c02a9d4.3","seq":4711},"later":1}'
    )
    assert asked == Subscribe(context="exercise:TASMAN 26", resume=Place("6f1c02a9d4.3", 4711))
    assert read_subscribe('{"t":"subscribe","resume":null}').resume is None


def test_a_page_says_which_moment_of_the_past_and_how_fast() -> None:
    asked = read_subscribe('{"t":"subscribe","view":"replay","at":1795600000000,"speed":15}')
    assert asked == Subscribe(view="replay", at=1795600000000, speed=15)
    assert read_subscribe('{"t":"subscribe","view":"replay","at":null}').at is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "7",
        "{}",
        '{"t":"hello"}',
        '{"t":"subscribe","context":7}',
        '{"t":"subscribe","view":null}',
        '{"t":"subscribe","resume":7}',
        '{"t":"subscribe","resume":{"seq":1}}',
        '{"t":"subscribe","resume":{"epoch":"a"}}',
        '{"t":"subscribe","resume":{"epoch":"a","seq":-1}}',
        '{"t":"subscribe","resume":{"epoch":"a","seq":true}}',
        '{"t":"subscribe","resume":{"epoch":"a","seq":1.5}}',
        '{"t":"subscribe","view":"replay","at":-1}',
        '{"t":"subscribe","view":"replay","at":"now"}',
        '{"t":"subscribe","view":"replay","at":1.5}',
        '{"t":"subscribe","view":"replay","speed":61}',
        '{"t":"subscribe","view":"replay","speed":true}',
        "[" * 4000,
    ],
)
def test_what_is_not_understood_is_malformed(text: str) -> None:
    with pytest.raises(Malformed):
        read_subscribe(text)


def test_what_is_too_long_is_not_read() -> None:
    text = '{"t":"subscribe","x":"' + "a" * 4096 + '"}'
    with pytest.raises(FrameTooLarge):
        read_subscribe(text)


def test_hello_says_who_speaks_to_whom() -> None:
    said = message.hello(
        1795636800000,
        node={"id": "NZL-JFNZ", "name": "", "nation": "NZL"},
        user={"name": "kiwi-1", "role": "watch", "groups": {"Blue": "both"}},
        contexts=["live", "exercise:TASMAN 26"],
    )
    assert said == (
        '{"t":"hello","v":1,"now":1795636800000,'
        '"node":{"id":"NZL-JFNZ","name":"","nation":"NZL"},'
        '"user":{"name":"kiwi-1","role":"watch","groups":{"Blue":"both"}},'
        '"contexts":["live","exercise:TASMAN 26"]}'
    )


def test_what_the_node_says_is_as_written_down() -> None:
    assert message.snapshot("6f1c02a9d4.3", "live", 50000) == (
        '{"t":"snapshot","epoch":"6f1c02a9d4.3","context":"live","view":"own","tracks":50000}'
    )
    assert message.snapshot("a.1", "replay:live", 7, view="replay") == (
        '{"t":"snapshot","epoch":"a.1","context":"replay:live","view":"replay","tracks":7}'
    )
    assert message.replay(1795600000000, 15, since_ms=1795592800000, whole=True) == (
        '{"t":"replay","at":1795600000000,"speed":15,"since":1795592800000,"whole":true}'
    )
    assert message.resume("6f1c02a9d4.3", "live") == (
        '{"t":"resume","epoch":"6f1c02a9d4.3","context":"live","view":"own"}'
    )
    assert message.gone([(17, "lost"), (18, "removed")]) == (
        '{"t":"gone","tracks":[[17,"lost"],[18,"removed"]]}'
    )
    assert message.states([(17, "stale"), (18, "live")]) == (
        '{"t":"state","tracks":[[17,"stale"],[18,"live"]]}'
    )
    assert message.ready(4711, 1795636801000) == '{"t":"ready","seq":4711,"now":1795636801000}'
    assert message.clock(1795636811000) == '{"t":"clock","now":1795636811000}'
    assert message.refused("takes no part in exercise:TASMAN 26") == (
        '{"t":"refused","why":"takes no part in exercise:TASMAN 26"}'
    )


def test_tracks_that_were_encoded_one_by_one_are_one_message() -> None:
    metas = [message.track({"i": each, "name": 'a,\u202e"</script>'}) for each in (1, 2)]
    said = json.loads(message.tracks(metas))
    assert said == {
        "t": "meta",
        "tracks": [{"i": 1, "name": 'a,\u202e"</script>'}, {"i": 2, "name": 'a,\u202e"</script>'}],
    }
    assert message.tracks([]) == '{"t":"meta","tracks":[]}'


def test_half_a_surrogate_pair_does_no_harm() -> None:
    assert message.track({"name": "\ud800"}).encode("ascii") == b'{"name":"\\ud800"}'
