"""JSON Web Tokens (RFC 7519, HS256) that this node makes and reads itself.

Head and claims are flat and the head's length divides by 3: node-tak decodes the whole token as one
text and looks for the braces in it.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping

Claims = Mapping[str, str | int]

MAX_TOKEN = 4096
"""Characters of a token that are looked at."""


def make(claims: Claims, secret: bytes) -> str:
    """Return a token that says these claims."""
    head = {"alg": "HS256", "typ": "JWT"}
    signed = ".".join(_spell(json.dumps(part).encode()) for part in (head, dict(claims)))
    return f"{signed}.{_spell(_mark(signed, secret))}"


def read(text: str, secret: bytes) -> Mapping[str, object] | None:
    """Return what a token claims, None where it was not made with this secret."""
    signed, _, mark = text.rpartition(".")
    if len(text) > MAX_TOKEN or not text.isascii():
        return None
    try:
        if not hmac.compare_digest(_read(mark), _mark(signed, secret)):
            return None
        return json.loads(_read(signed.partition(".")[2]))
    except ValueError:
        return None


def _mark(signed: str, secret: bytes) -> bytes:
    return hmac.digest(secret, signed.encode(), hashlib.sha256)


def _spell(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _read(text: str) -> bytes:
    return base64.urlsafe_b64decode(text.encode() + b"=" * (-len(text) % 4))
