"""Tokens as RFC 7515 and RFC 7519 have them, and as node-tak takes them apart."""

import base64
import hashlib
import hmac
import json

import pytest

from accord.security import json_token

SECRET = b"\x07" * 32


def decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def test_a_token_is_three_parts_signed_with_hs256() -> None:
    head, said, mark = json_token.make({"sub": "moana", "exp": 7}, SECRET).split(".")
    assert json.loads(decoded(head)) == {"alg": "HS256", "typ": "JWT"}
    assert json.loads(decoded(said)) == {"sub": "moana", "exp": 7}
    assert decoded(mark) == hmac.new(SECRET, f"{head}.{said}".encode(), hashlib.sha256).digest()


def test_node_tak_finds_the_claims_by_decoding_the_whole_token() -> None:
    """Its lib/auth.ts decodes head and claims as one text and splits that at the braces."""
    text = json_token.make({"sub": "moana", "exp": 7}, SECRET)
    whole = base64.b64decode(text.replace(".", "")[:-43] + "==", validate=False).decode("latin-1")
    assert len(decoded(text.partition(".")[0])) % 3 == 0
    assert json.loads(whole.split("}")[1] + "}") == {"sub": "moana", "exp": 7}


@pytest.mark.parametrize("text", ["", "x", "a.b.c", "é.é.é", "..", "e30.e30.AAAA", "a" * 5000])
def test_what_this_node_did_not_make_is_none(text: str) -> None:
    assert json_token.read(text, SECRET) is None


def test_a_token_is_read_with_its_secret_and_no_other() -> None:
    text = json_token.make({"sub": "moana"}, SECRET)
    assert json_token.read(text, SECRET) == {"sub": "moana"}
    assert json_token.read(text, b"\x08" * 32) is None
    assert json_token.read(text[:-1], SECRET) is None
