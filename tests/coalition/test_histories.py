"""Random histories of three nodes and two kinds of tracks: small, so that what is rare happens."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from accord.federation.effect import Broken
from accord.federation.outgoing import Outgoing
from support.coalition import AIR, SEA, Network, doubles, edited, short

A, B, C = "AUS-A", "NZL-B", "USA-C"
NODES = st.sampled_from((A, B, C))
LINES = st.sampled_from(((A, B), (B, C), (A, C)))
KINDS = st.sampled_from((SEA, AIR))
NAMES = st.sampled_from(("1", "2"))


class Coalition(RuleBasedStateMachine):
    """A triangle. After each step nothing has left that was not permitted, or came twice.

    What a node accepts is on its disk a while later; what is not is lost when it is killed.
    """

    def __init__(self) -> None:
        super().__init__()
        self.network = Network(seed=7, commit=0.05)
        for name in (A, B, C):
            self.network.node(name)
        for a, b in ((A, B), (B, C), (A, C)):
            self.network.link(a, b)
        self.network.watch = self.check_permitted
        self.lat = 0
        self.suspended: set[tuple[str, str]] = set()
        self.always_permitted = True
        self.said: list[tuple[str, str]] = []

    def check_permitted(self, giver: str, receiver: str, outgoing: Outgoing) -> None:
        policy = self.network.nodes[giver].policies[receiver]
        for item in outgoing.items:
            assert policy.permits(item.released.report), "what is not permitted has left"
            assert (giver, receiver) not in self.suspended, "a suspended agreement releases"

    @rule(node=NODES, kind=KINDS, name=NAMES)
    def moves(self, node: str, kind: str, name: str) -> None:
        self.lat += 1
        self.network.nodes[node].track(f"{node}-{kind}-{name}", self.lat / 100, kind)

    @rule(node=NODES, kind=KINDS)
    def speaks(self, node: str, kind: str) -> None:
        self.lat += 1
        uid = f"M{self.lat}"
        self.network.nodes[node].chat(uid, uid, kind)
        self.said.append((node, uid))

    @rule(line=LINES)
    def is_cut(self, line: tuple[str, str]) -> None:
        self.network.cut(*line)

    @rule(line=LINES)
    def is_joined(self, line: tuple[str, str]) -> None:
        self.network.join(*line)

    @rule(seconds=st.sampled_from((0.005, 0.02, 2.0)))
    def time_passes(self, seconds: float) -> None:
        self.network.run(seconds)

    @rule(line=LINES, turned=st.booleans(), kind=KINDS, granted=st.booleans())
    def agreement_changes(
        self, line: tuple[str, str], turned: bool, kind: str, granted: bool
    ) -> None:
        giver, receiver = line[::-1] if turned else line
        node = self.network.nodes[giver]
        kinds = node.policies[receiver].kinds
        if granted:
            kinds.add(kind)
        else:
            kinds.discard(kind)
            self.always_permitted = False
        node.syncs[receiver].reconsider(node.now)

    @rule(line=LINES, turned=st.booleans())
    def is_suspended(self, line: tuple[str, str], turned: bool) -> None:
        giver, receiver = line[::-1] if turned else line
        node = self.network.nodes[giver]
        self.suspended.add((giver, receiver))
        held = node.policies[receiver].held
        node.syncs[receiver].suspend(short(held), "somebody looks at it", node.now)
        node.keep(receiver)

    @rule(line=LINES, turned=st.booleans())
    def is_resumed(self, line: tuple[str, str], turned: bool) -> None:
        giver, receiver = line[::-1] if turned else line
        self.resume(giver, receiver)

    def resume(self, giver: str, receiver: str) -> None:
        node = self.network.nodes[giver]
        self.suspended.discard((giver, receiver))
        node.syncs[receiver].resume(short(node.policies[receiver].held), node.now)
        node.keep(receiver)

    @rule(node=NODES)
    def restarts(self, node: str) -> None:
        before = self.network.nodes[node]
        before.restart(before.stop())

    @rule(node=NODES)
    def keeps(self, node: str) -> None:
        self.network.nodes[node].keep()

    @rule(node=NODES)
    def is_killed(self, node: str) -> None:
        before = self.network.nodes[node]
        lost = {key.uid for key, it in before.unwritten if it is not None and key.origin == node}
        self.said = [each for each in self.said if each[0] != node or each[1] not in lost]
        before.kill()

    @invariant()
    def nothing_came_twice_or_edited(self) -> None:
        for node in self.network.nodes.values():
            assert doubles(node) == []
            assert edited(self.network, node) == []
            assert not node.of(Broken), node.effects[-1]

    def teardown(self) -> None:
        for giver, receiver in list(self.suspended):
            self.resume(giver, receiver)
        self.network.heal()
        self.network.run(30.0)
        for origin in (A, B, C):
            for kind in (SEA, AIR):
                for name in ("1", "2"):
                    self.check_newest(origin, f"{origin}-{kind}-{name}", kind)
        if self.always_permitted:
            for origin, uid in self.said:
                for node in (A, B, C):
                    assert self.network.nodes[node].has(origin, uid), (origin, uid, node)

    def check_newest(self, origin: str, uid: str, kind: str) -> None:
        newest = self.network.nodes[origin].has(origin, uid)
        if newest is None:
            return
        reached, edge = {origin}, [origin]
        while edge:
            giver = edge.pop()
            for receiver, policy in self.network.nodes[giver].policies.items():
                if kind in policy.kinds and receiver not in reached:
                    reached.add(receiver)
                    edge.append(receiver)
        for name in reached - {origin}:
            assert self.network.nodes[name].has(origin, uid) == newest, (origin, uid, name)


TestCoalition = Coalition.TestCase
TestCoalition.settings = settings(stateful_step_count=30)
