"""An OpenID provider of its own on loopback: real HTTP, real signatures, and faults on demand."""

import base64
import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

KEY = ECKey.generate_key("P-256", parameters={"kid": "one", "use": "sig", "alg": "ES256"})
OTHER = ECKey.generate_key("P-256", parameters={"kid": "one", "use": "sig", "alg": "ES256"})
CLIENT, SECRET = "accord at NZL", "s/cret: ü"


@dataclass
class OpenIdProvider:
    """What it says next of whoever signs in; what was asked of it."""

    issuer: str
    now: int
    claims: dict[str, Any] = field(default_factory=dict[str, Any])
    about: dict[str, Any] = field(default_factory=dict[str, Any])
    signs_with: ECKey = field(default_factory=lambda: KEY)
    says: bytes | None = None
    """Instead of any answer."""
    asked: dict[str, str] = field(default_factory=dict[str, str])
    _codes: dict[str, dict[str, str]] = field(default_factory=dict[str, dict[str, str]])

    def sign_in(self, address: str) -> str:
        """Sign somebody in whose browser came by that address; return the code of it."""
        self.asked = {key: value[0] for key, value in parse_qs(urlsplit(address).query).items()}
        code = f"code-{len(self._codes)}"
        self._codes[code] = self.asked
        return code

    def answer(self, path: str, headers: Mapping[str, str], body: str) -> tuple[int, object]:
        """Answer as RFC 6749 and OpenID Connect have it."""
        if path == "/.well-known/openid-configuration":
            return 200, {
                "issuer": self.issuer, "authorization_endpoint": f"{self.issuer}/in",
                "token_endpoint": f"{self.issuer}/token", "jwks_uri": f"{self.issuer}/keys",
                **self.about,
            }  # fmt: skip
        if path == "/keys":
            return 200, KeySet([KEY]).as_dict(private=False)
        if path == "/moved":
            return 302, {}
        return self._token(headers, {key: value[0] for key, value in parse_qs(body).items()})

    def _token(self, headers: Mapping[str, str], said: dict[str, str]) -> tuple[int, object]:
        begun = self._codes.pop(said["code"], None)
        pair = base64.b64encode(b"accord%20at%20NZL:s%2Fcret%3A%20%C3%BC").decode()
        if begun is None or headers.get("Authorization") != f"Basic {pair}":
            return 401, {"error": "invalid_client"}
        digest = hashlib.sha256(said["code_verifier"].encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if challenge != begun["code_challenge"] or said["redirect_uri"] != begun["redirect_uri"]:
            return 400, {"error": "invalid_grant"}
        claims = {
            "iss": self.issuer, "aud": CLIENT, "sub": "4711", "exp": self.now + 300,
            "iat": self.now, "nonce": begun["nonce"], "preferred_username": "tahi",
            "groups": ["watch-keepers"], **self.claims,
        }  # fmt: skip
        claims = {key: value for key, value in claims.items() if value is not None}
        head = {"alg": "ES256", "kid": "one"}
        return 200, {"id_token": jwt.encode(head, claims, self.signs_with), "token_type": "Bearer"}


@contextmanager
def openid_provider(now: int) -> Iterator[OpenIdProvider]:
    """A provider that runs meanwhile."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._do("")

        def do_POST(self) -> None:
            self._do(self.rfile.read(int(self.headers["Content-Length"])).decode())

        def _do(self, body: str) -> None:
            status, said = made.answer(urlsplit(self.path).path, dict(self.headers), body)
            data = json.dumps(said).encode() if made.says is None else made.says
            self.send_response(status)
            if status == 302:
                self.send_header("Location", f"{made.issuer}/keys")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, format: str, *_: object) -> None:  # noqa: A002  the library's own
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made = OpenIdProvider(f"http://127.0.0.1:{server.server_port}", now)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield made
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
