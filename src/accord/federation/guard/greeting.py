"""The beginning of a session: whose keys count, and the HELLOs of both nodes."""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache

from accord.core.partner import Partner
from accord.federation.guard.check import Refused
from accord.federation.guard.passage import has_numbers
from accord.federation.guard.talk import Role
from accord.federation.guard.terms import Agreed
from accord.security.signing import SigningKey, VerifyKey
from accord.wire.errors import Malformed, WireError
from accord.wire.peer.decode import decode_hello
from accord.wire.peer.message import Hello
from accord.wire.peer.translate import moment


@dataclass(slots=True)
class Greeting:
    """A connection that is no session yet; `hello` is what the node says on it."""

    number: int
    role: Role
    address: str
    hello: "asyncio.Future[bytes]" = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )
    task: "asyncio.Task[None] | None" = None

    def say(self, hello: bytes) -> None:
        """Take what the node says; the first counts."""
        if not self.hello.done():
            self.hello.set_result(hello)


@dataclass(frozen=True, slots=True)
class Keys:
    """Signs what is released, and knows who signs what."""

    release: SigningKey
    partners: Callable[[], Iterable[Partner]]
    now: Callable[[], datetime]

    def sign(self, data: bytes) -> bytes:
        """Sign with this node's release key."""
        return self.release.sign(data)

    def verify(self, node: str, data: bytes, signature: bytes) -> bool | None:
        """Tell whether a node signed this; None where nothing is pinned of it."""
        for partner in self.partners():
            if partner.node == node:
                keys = partner.release_keys(self.now())
                return any(_key(each).verify(signature, data) for each in keys)
        return None

    def sign_hello(
        self, data: bytes, own: str, partner: str, agreed: Agreed
    ) -> tuple[Hello, bytes]:
        """Return the HELLO that the node wants said, and its frame. Raises Refused."""
        signed: list[tuple[bytes, bytes]] = []

        def note(_: str, statement: bytes, placeholder: bytes) -> bool:
            signed.append((placeholder, statement))
            return True

        try:
            hello = decode_hello(data, sender=own, receiver=partner, verify=note)
        except WireError as error:
            raise Refused(f"the HELLO is {error}") from None
        common = {terms.agreement.digest for terms in agreed.between()}
        for held in (*hello.gives, *hello.takes):
            if held.digest.hex() not in common:
                raise Refused("a HELLO names an agreement that is not the partner's", what=held.id)
        placeholder, statement = signed[0]
        signature = self.sign(statement)
        if not data.endswith(placeholder) or len(placeholder) != len(signature):
            raise Refused("the HELLO has no place for a signature")
        frame = data.removesuffix(placeholder) + signature
        return hello, len(frame).to_bytes(2) + frame

    def their_hello(self, data: bytes, partner: Partner, own: str) -> Hello:
        """Read the partner's HELLO. Raises WireError."""

        def verify(node: str, said: bytes, signature: bytes) -> bool:
            return self.verify(node, said, signature) is True

        hello = decode_hello(data, sender=partner.node, receiver=own, verify=verify)
        if not has_numbers(moment(hello.clock)):
            raise Malformed("a HELLO of a time whose frames have no numbers in a ledger")
        return hello


@lru_cache(maxsize=256)
def _key(text: str) -> VerifyKey:
    return VerifyKey.parse(text)
