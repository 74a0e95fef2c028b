"""Files carried between nodes of a simulated network that have no line."""

from dataclasses import dataclass, field

from accord.federation import bundle
from accord.federation.by_file import State, states_of
from accord.federation.inflow import Headers
from accord.wire.peer.decode import Decoder
from accord.wire.peer.encode import Encoder
from accord.wire.peer.frame import Frame, Handles
from accord.wire.peer.message import Hello, PeerMessage
from support.coalition import Network, completed
from support.peer import is_signed, signer


@dataclass(frozen=True)
class File:
    """What is on a stick: frames in bytes, and what their writer knows of them."""

    writer: str
    reader: str
    hello: Hello
    frames: list[bytes]
    messages: list[PeerMessage]
    states: list[State]

    def decoded(self) -> list[Frame]:
        decoder = Decoder(
            session=bundle.session_of(self.hello.nonce), sender=self.writer, receiver=self.reader,
            verify=is_signed, handles=Handles(limit=10_000),
        )  # fmt: skip
        found = [decoder.decode(data[2:]) for data in self.frames]
        return [frame for frame in found if frame is not None]


@dataclass
class Sticks:
    """Writes and takes in files as the parts with a disk do. `said`: each node's last HELLO."""

    network: Network
    said: dict[tuple[str, str], Hello] = field(default_factory=dict[tuple[str, str], Hello])

    def write(self, name: str, other: str, most: int = 10_000) -> File:
        """What `name` writes for `other`, at most so many frames."""
        node = self.network.nodes[name]
        sync = node.syncs[other]
        hello = sync.hello(node.now)
        file = File(name, other, hello, [], [], [])
        theirs = self.said.get((other, name))
        if theirs is None:
            return file
        encoder = Encoder(
            session=bundle.session_of(hello.nonce), sender=name, receiver=other,
            sign=signer(name), handles=Handles(limit=10_000),
        )  # fmt: skip
        sync.by_file.begin(theirs, node.now)
        while len(file.frames) < most and (out := sync.by_file.next(node.now)) is not None:
            message = completed(out, name, other)
            file.frames.append(encoder.encode(message, number=out.number, lane=out.lane, at=out.at))
            file.messages.append(message)
            file.states.extend(states_of(out))
        sync.disconnected(node.now)
        return file

    def take_in(self, file: File) -> str:
        """Have its reader take it in; return why it does not."""
        node = self.network.nodes[file.reader]
        sync = node.syncs[file.writer]
        by_file, frames, headers = sync.by_file, file.decoded(), Headers()
        why = by_file.why_not(file.hello, frames)
        if why:
            return why
        by_file.begun(file.hello)
        for frame in frames:
            for effect in by_file.received(frame, file.hello, node.now, headers):
                node.carry_out(effect, file.writer)
        by_file.taken()
        last = self.said.get((file.writer, file.reader))
        if not by_file.has_line and (last is None or last.clock < file.hello.clock):
            self.said[file.writer, file.reader] = file.hello
            by_file.told(file.hello, node.now)
        return ""

    def carry(self, name: str, other: str) -> File:
        """Write a file and have it taken in."""
        file = self.write(name, other)
        assert not self.take_in(file)
        self.network.seconds += 1
        return file
