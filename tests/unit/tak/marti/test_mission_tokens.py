"""Tokens as RFC 7519 and RFC 7515 have them: three parts of base64url without padding, HS256."""

import base64
import hashlib
import hmac
import json
from dataclasses import replace

import pytest

from accord.core.mission import Mission
from accord.tak.marti.mission_tokens import Token, TokenKind, Tokens
from support.clock import START

SECRET = b"\x07" * 32
MISSION = Mission(
    guid="g1", name="Search ā", creator="kiwi", creator_uid="U", groups=frozenset({"Blue"}),
    made=START, edited=START,
)  # fmt: skip
TOKEN = Token(kind=TokenKind.SUBSCRIPTION, id="s1", guid="g1", person="kiwi")


def decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def test_a_token_is_a_jwt_signed_with_hs256_that_says_what_tak_server_says() -> None:
    text = Tokens(SECRET, node="NZL").make(TOKEN, MISSION, START)
    head, said, mark = text.split(".")
    assert json.loads(decoded(head)) == {"alg": "HS256", "typ": "JWT"}
    assert json.loads(decoded(said)) == {
        "jti": "s1", "iat": int(START.timestamp()), "sub": "SUBSCRIPTION", "iss": "NZL",
        "SUBSCRIPTION": "s1", "MISSION_NAME": "Search ā", "MISSION_GUID": "g1", "PERSON": "kiwi",
    }  # fmt: skip
    assert decoded(mark) == hmac.new(SECRET, f"{head}.{said}".encode(), hashlib.sha256).digest()
    assert "=" not in text


def test_a_token_that_ends_says_when_and_for_what_it_holds_good() -> None:
    token = replace(TOKEN, until=START.replace(microsecond=0), bound="b")
    text = Tokens(SECRET, node="NZL").make(token, MISSION, START)
    said = json.loads(decoded(text.split(".")[1]))
    assert (said["exp"], said["BOUND"]) == (int(START.timestamp()), "b")
    assert Tokens(SECRET, node="NZL").read(text) == token


def test_a_token_is_read_by_the_node_that_made_it_and_no_other() -> None:
    text = Tokens(SECRET, node="NZL").make(TOKEN, MISSION, START)
    assert Tokens(SECRET, node="NZL").read(text) == TOKEN
    assert Tokens(b"\x08" * 32, node="NZL").read(text) is None


@pytest.mark.parametrize("change", ["", "x", "a.b", "a.b.c", "é.é.é", "..", "e30.e30.AAAA"])
def test_what_is_no_token_of_this_node_is_none(change: str) -> None:
    assert Tokens(SECRET, node="NZL").read(change) is None


def test_a_token_with_another_head_or_claim_is_none() -> None:
    head, said, mark = Tokens(SECRET, node="NZL").make(TOKEN, MISSION, START).split(".")
    none = base64.urlsafe_b64encode(b'{"alg":"none"}').rstrip(b"=").decode()
    tokens = Tokens(SECRET, node="NZL")
    assert tokens.read(f"{none}.{said}.") is None
    assert tokens.read(f"{none}.{said}.{mark}") is None
    assert tokens.read(f"{head}.{said[:-2]}xx.{mark}") is None


def test_what_is_signed_and_says_too_little_is_none() -> None:
    signed = "e30." + base64.urlsafe_b64encode(b'{"sub": "ACCESS"}').rstrip(b"=").decode()
    mark = hmac.new(SECRET, signed.encode(), hashlib.sha256).digest()
    text = f"{signed}.{base64.urlsafe_b64encode(mark).rstrip(b'=').decode()}"
    assert Tokens(SECRET, node="NZL").read(text) is None
