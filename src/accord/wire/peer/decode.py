"""Frames to messages: everything is checked before anything of it is believed."""

from collections import Counter
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import cast

from accord.wire.errors import FrameTooLarge, Malformed
from accord.wire.peer import bodies, cbor, contents
from accord.wire.peer.contents import MAX_ITEMS, number
from accord.wire.peer.difference import CONTENT, GRANT, STATEMENT, LastSaid
from accord.wire.peer.errors import Forged, Replayed, UnknownType
from accord.wire.peer.fields import (
    array,
    blob,
    exactly,
    many,
    maybe,
    one_of,
    rising,
    some,
    uint,
)
from accord.wire.peer.frame import (
    HELLO_NUMBER,
    LANES,
    LONGEST_FRAME,
    SIGNED,
    Frame,
    Handles,
    Known,
    Verify,
)
from accord.wire.peer.message import Forwarded, Group, Hello, Objects, Records, Relayed, Updates
from accord.wire.peer.proof import (
    UNSALTED,
    Proved,
    fold,
    hop_bytes,
    leaf,
    rebuilt,
    root,
    salt_of,
    statement_bytes,
    update_leaf,
    update_leaves,
)
from accord.wire.peer.protocol import NONCE, FrameType, Lane
from accord.wire.peer.record import (
    Document,
    Evidence,
    FileOffer,
    Passed,
    PassedRecord,
    Record,
    Statement,
    UnknownContent,
)
from accord.wire.peer.report import Header, PeerReport, Reference, Subject, Update
from accord.wire.peer.updates import Packed

MAX_COUNTS = 64
"""Kinds of what was skipped that are counted apart."""

_kind = one_of(FrameType)
_lane = one_of(Lane)
_salt = maybe(exactly(NONCE))
_packed = blob(LONGEST_FRAME, least=1)


def decode_hello(data: bytes, *, sender: str, receiver: str, verify: Verify) -> Hello:
    """Read the first frame. Raises WireError, Forged also where it is not that sender's."""
    kind, found, lane, at, body, signature = array(cbor.read(data), 6)
    if (_kind(kind), number(found), _lane(lane)) != (FrameType.HELLO, HELLO_NUMBER, Lane.CONTROL):
        raise Malformed("the first frame is no HELLO")
    hello = bodies.hello(body, bodies.moment(at))
    if hello.node != sender:
        raise Forged(f"a HELLO of {hello.node} came from {sender}")
    statement = Statement(
        hello.nonce, sender, receiver, FrameType.HELLO, HELLO_NUMBER, Lane.CONTROL, hello.clock, 1,
        leaf(UNSALTED, cbor.write(body)),
    )  # fmt: skip
    _check_signature(verify, statement, contents.signature(signature))
    return hello


class Decoder:
    """Reads the frames of one session, in order.

    `handles` are those that the sender gives. `counts` says what was skipped. After any WireError
    the session cannot go on: what was read before holds, and nothing after it can be told.
    """

    def __init__(
        self, *, session: bytes, sender: str, receiver: str, verify: Verify, handles: Handles
    ) -> None:
        self.handles = handles
        self.number = HELLO_NUMBER
        self.counts: Counter[str] = Counter()
        self._session = session
        self._sender = sender
        self._receiver = receiver
        self._verify = verify
        self._said: dict[Lane, LastSaid] = {}

    def decode(self, data: bytes) -> Frame | None:
        """Return the frame; None for one of a type that is not known, where it can be skipped.

        Raises WireError.
        """
        value = cbor.read(data)
        if not isinstance(value, list) or len(cast("list[object]", value)) < 4:
            raise Malformed("a frame is an array of type, number, lane and more")
        members = cast("list[object]", value)
        found, lane = number(members[1]), _lane(members[2])
        if found <= self.number:
            raise Replayed(f"frame {found} came after {self.number}")
        self.number = found
        kind = self._known_type(members[0], lane)
        if kind is None:
            return None
        if lane not in LANES[kind]:
            raise Malformed(f"no {kind.name} can be in lane {lane.name}")
        if kind in SIGNED:
            return self._signed(kind, lane, members)
        body = array(members, 4)[3]
        if kind is FrameType.RELAYED:
            return self._relayed(lane, body)
        if kind is FrameType.FORWARDED:
            return self._forwarded(lane, body)
        message = bodies.BODIES[kind](body)
        if isinstance(message, Objects):
            self._take(message, body)
        return Frame(type=kind, number=found, lane=lane, message=message)

    def _known_type(self, value: object, lane: Lane) -> FrameType | None:
        found = uint()(value)
        if found in _TYPES:
            return FrameType(found)
        self._skip(f"frame type {found}", lane)
        return None

    def _skip(self, what: str, lane: Lane) -> None:
        if lane <= Lane.CONTROL:
            raise UnknownType(f"{what} in lane {lane.name}")
        self.counts[what if len(self.counts) < MAX_COUNTS else "others"] += 1

    def _take(self, objects: Objects, body: object) -> None:
        """Note what the handles stand for. The digest is that of the header as it came."""
        entries: dict[int, Known] = {}
        for each, plain in zip(objects.objects, cast("list[list[object]]", body), strict=True):
            if isinstance(each.header, Reference):
                entries[each.handle] = Known(None, each.header.digest)
            else:
                self.check_header(each.header, is_passed_on=each.onward is not None)
                digest = sha256(cbor.write(plain[2])).digest()
                entries[each.handle] = Known(each.header, digest)
        if not self.handles.put(entries):
            raise FrameTooLarge(f"there are more than {self.handles.limit} handles")

    def check_header(self, header: Header, *, is_passed_on: bool) -> None:
        """Refuse a header that is said to be of another than its maker. Raises Forged.

        Also for one that came as the content of a reference; `is_passed_on`: with an onward grant.
        """
        if is_passed_on == (_maker(header.subject) == self._sender):
            raise Forged("a header is not of who is said to have made it")

    def _signed(self, kind: FrameType, lane: Lane, members: list[object]) -> Frame:
        if kind is FrameType.HELLO:
            raise Malformed("a second HELLO")
        _, _, _, at, body, signature = array(members, 6)
        made_at = bodies.moment(at)
        if kind is FrameType.UPDATES:
            return self._updates(lane, made_at, body, contents.signature(signature))
        return self._records(lane, made_at, body, contents.signature(signature))

    def _updates(self, lane: Lane, at: int, body: object, signature: bytes) -> Frame:
        salt, packed = array(body, 2)
        found, leaves = self._unpacked(Packed(_packed(packed)), at, _salt(salt))
        message = Updates(found, _salt(salt))
        _check_salt(len(leaves), message.salt)
        proof = self._proved(FrameType.UPDATES, lane, at, leaves, (message.salt, signature))
        return Frame(
            type=FrameType.UPDATES, number=self.number, lane=lane, message=message, at=at,
            proof=proof,
        )  # fmt: skip

    def _unpacked(
        self, packed: Packed, at: int, salt: bytes | None
    ) -> tuple[tuple[Update, ...], list[bytes]]:
        updates: list[Update] = []
        items: list[tuple[bytes, bytes]] = []
        handle = -1
        while not packed.is_empty:
            if len(updates) == MAX_ITEMS:
                raise FrameTooLarge(f"a frame has more than {MAX_ITEMS} updates")
            handle += packed.varint() + 1
            header, digest = self._header(handle, self._sender)
            update, body = packed.body(handle, header.base, at)
            items.append((digest, body))
            updates.append(update)
        return tuple(updates), update_leaves(salt, at, items)

    def _header(self, handle: int, maker: str) -> tuple[Header, bytes]:
        known = self.handles.get(handle)
        if known is None or known.header is None:
            raise Malformed(f"an update of handle {handle}, which stands for nothing")
        if _maker(known.header.subject) != maker:
            raise Forged(f"an update by {maker} of what is another's")
        return known.header, known.digest

    def _proved(
        self, kind: FrameType, lane: Lane, at: int, leaves: Sequence[bytes],
        signed: tuple[bytes | None, bytes],
    ) -> Proved:  # fmt: skip
        salt, signature = signed
        nodes = {(n, n + 1): hashed for n, hashed in enumerate(leaves)}
        statement = Statement(
            self._session, self._sender, self._receiver, kind, self.number, lane, at, len(leaves),
            root(leaves),
        )  # fmt: skip
        _check_signature(self._verify, statement, signature)
        return Proved(statement=statement, signature=signature, nodes=nodes, salt=salt)

    def _records(self, lane: Lane, at: int, body: object, signature: bytes) -> Frame:
        hidden, first, listed = array(body, 3)
        salt, said = _salt(hidden), self._last_said(lane)
        read = [said.read(CONTENT, each) for each in many(_as_it_is, MAX_ITEMS, least=1)(listed)]
        records = tuple(
            Record(number(number(first) + n), contents.content(value))
            for n, (value, _) in enumerate(read)
        )
        _check_salt(len(records), salt)
        leaves = [leaf(salt_of(salt, n), item) for n, (_, item) in enumerate(read)]
        proof = self._proved(FrameType.RECORDS, lane, at, leaves, (salt, signature))
        for record in records:
            if isinstance(record.content, UnknownContent):
                self._skip(f"content {record.content.kind}", lane)
            else:
                _check_maker(record.content, self._sender)
        self._said[lane] = said
        return Frame(
            type=FrameType.RECORDS, number=self.number, lane=lane, message=Records(records, salt),
            at=at, proof=proof, contents=tuple(sha256(item).digest() for _, item in read),
        )  # fmt: skip

    def _last_said(self, lane: Lane) -> LastSaid:
        return self._said.get(lane, LastSaid()).copy()

    def _forwarded(self, lane: Lane, body: object) -> Frame:
        first, listed = array(body, 2)
        said = self._last_said(lane)
        groups: list[Group] = []
        proofs: list[Proved] = []
        digests: list[bytes] = []
        for each in some(listed):
            group, proof, items = self._group(each, said)
            groups.append(group)
            proofs += [proof] * len(items)
            digests += (sha256(item).digest() for item in items)
        if len(proofs) > MAX_ITEMS:
            raise FrameTooLarge(f"a frame has more than {MAX_ITEMS} records")
        number(number(first) + len(proofs) - 1)
        self._said[lane] = said
        return Frame(
            type=FrameType.FORWARDED, number=self.number, lane=lane,
            message=Forwarded(number(first), tuple(groups)), contents=tuple(digests),
            proofs=tuple(proofs),
        )  # fmt: skip

    def _group(self, value: object, said: LastSaid) -> tuple[Group, Proved, list[bytes]]:
        """Read records under one evidence, and check that they are its maker's to the bit."""
        proof, hidden, listed = array(value, 3)
        evidence = contents.evidence(proof, lambda written: said.read(STATEMENT, written)[0])
        if evidence.statement.type is not FrameType.RECORDS:
            raise Malformed("a record is passed on that was none")
        read = [_passed_record(each, said) for each in some(listed)]
        given = _cut(blob(LONGEST_FRAME)(hidden), len(read))
        passed = tuple(
            each._replace(salt=salt) for (each, _), salt in zip(read, given, strict=True)
        )
        salts = _salts(evidence, [each.place for each in passed], given)
        leaves = {each.place: leaf(salts[each.place], item) for each, item in read}
        for each in passed:
            _check_maker(each.content, evidence.statement.sender)
        return Group(evidence, passed), self._passed_on(evidence, leaves, salts), [
            item for _, item in read
        ]  # fmt: skip

    def _relayed(self, lane: Lane, body: object) -> Frame:
        proof, listed, salts, packed = array(body, 4)
        evidence = contents.evidence(proof, _as_it_is)
        statement = evidence.statement
        if statement.type is not FrameType.UPDATES:
            raise Malformed("an update is passed on that was none")
        pairs = many(bodies.handle, 2 * MAX_ITEMS, least=2)(listed)
        if len(pairs) % 2:
            raise Malformed("a place in the origin's frame has no handle")
        places, handles = pairs[::2], pairs[1::2]
        given = _cut(blob(LONGEST_FRAME)(salts), len(places))
        found = _salts(evidence, places, given)
        unread = Packed(_packed(packed))
        leaves: dict[int, bytes] = {}
        passed: list[Passed] = []
        for place, handle, salt in zip(places, handles, given, strict=True):
            header, digest = self._header(handle, statement.sender)
            update, item = unread.body(handle, header.base, statement.at)
            leaves[place] = update_leaf(found[place], digest, statement.at, item)
            passed.append(Passed(place, update, salt))
        if not unread.is_empty:
            raise Malformed("there is more than the updates that are passed on")
        return Frame(
            type=FrameType.RELAYED,
            number=self.number,
            lane=lane,
            message=Relayed(evidence, tuple(passed)),
            proof=self._passed_on(evidence, leaves, found),
        )

    def _passed_on(
        self, evidence: Evidence, leaves: Mapping[int, bytes], salts: Mapping[int, bytes]
    ) -> Proved:
        """Check the origin's signature over the tree that comes out, and that of every hop."""
        count = evidence.statement.leaves
        nodes = rebuilt(count, leaves, evidence.hashes)
        statement = evidence.statement._replace(root=fold(nodes, 0, count))
        _check_signature(self._verify, statement, evidence.signature)
        self._check_hops(statement, evidence)
        return Proved(
            statement=statement,
            signature=evidence.signature,
            nodes=nodes,
            salt=evidence.salt,
            salts={} if evidence.salt is not None else {n: s for n, s in salts.items() if s},
            hops=evidence.hops,
        )

    def _check_hops(self, statement: Statement, evidence: Evidence) -> None:
        nodes = [hop.node for hop in evidence.hops]
        if nodes[0] != statement.receiver or nodes[-1] != self._sender:
            raise Forged("the path does not lead from the origin's partner to the sender")
        if len({statement.sender, *nodes, self._receiver}) != len(nodes) + 2:
            raise Forged("the path leads twice over one node")
        for place, (hop, to) in enumerate(
            zip(evidence.hops, [*nodes[1:], self._receiver], strict=True), 1
        ):
            if not self._verify(hop.node, hop_bytes(statement, nodes[:place], to), hop.signature):
                raise Forged(f"the hop over {hop.node} is not signed by it")


_TYPES = frozenset(kind.value for kind in FrameType)


def _as_it_is(value: object) -> object:
    return value


def _passed_record(value: object, said: LastSaid) -> tuple[PassedRecord, bytes]:
    place, by, what = array(value, 3)
    onward = contents.grant(said.read(GRANT, by)[0])
    spelled_out, item = said.read(CONTENT, what)
    content = contents.content(spelled_out)
    if not isinstance(content, PeerReport | FileOffer | Document | Reference):
        raise Malformed("what is passed on is between two nodes, or not known")
    return PassedRecord(uint(MAX_ITEMS - 1)(place), content, onward), item


def _check_salt(count: int, salt: bytes | None) -> None:
    if (salt is None) is not (count == 1):
        raise Malformed("a frame of several items has a salt, a frame of one has none")


def _check_signature(verify: Verify, statement: Statement, signature: bytes) -> None:
    if not verify(statement.sender, statement_bytes(statement), signature):
        raise Forged(f"a frame is not signed by {statement.sender}")


def _maker(subject: Subject) -> str:
    """Return who made these words: the origin, or the last that made other words of its own."""
    return subject.path[-1] if subject.path else subject.origin


def _check_maker(content: object, maker: str) -> None:
    if isinstance(content, PeerReport | FileOffer) and _maker(content.subject) != maker:
        raise Forged(f"a report by {maker} of what is another's")


def _cut(salts: bytes, count: int) -> list[bytes | None]:
    """Return the salt of each item; none where they are not given one by one."""
    if not salts:
        return [None] * count
    if len(salts) != count * NONCE:
        raise Malformed("there are not as many salts as items")
    return [salts[n : n + NONCE] for n in range(0, len(salts), NONCE)]


def _salts(
    evidence: Evidence, places: Sequence[int], given: Sequence[bytes | None]
) -> dict[int, bytes]:
    """Return what each leaf begins with; refuse places that cannot be, and salts too many or few.

    The frame's salt is there where every item is, and each item's own where some are left out.
    """
    count = evidence.statement.leaves
    rising(places)
    if places[-1] >= count:
        raise Malformed("what is passed on has no place in the origin's frame")
    is_whole = len(places) == count
    has_own = given[0] is not None
    if (evidence.salt is not None) is not (is_whole and count > 1) or has_own is is_whole:
        raise Malformed("the salts are not those of what is passed on")
    if is_whole:
        return {place: salt_of(evidence.salt, place) for place in places}
    return {place: salt or UNSALTED for place, salt in zip(places, given, strict=True)}
