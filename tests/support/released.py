"""A node's directory with a journal, an agreement in force, and a ledger of what was released."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

from accord.core.agreement import Situation
from accord.core.partner import NodeName
from accord.core.report import Form, Original, Report, Source
from accord.federation.guard.passage import digest_of_subject, digest_of_update
from accord.release.cadence import Cadence
from accord.release.decide import Released, Towards, decide
from accord.release.ledger.entry import Body, Release
from accord.release.signature import InForce
from accord.storage.agreements import Agreements
from accord.storage.release_secrets import make_secret
from accord.storage.segment import pack
from accord.storage.sqlite import SqliteDatabase
from accord.wire.cot.translate import report_again
from accord.wire.peer.plain import content_bytes
from accord.wire.peer.protocol import AGREEMENT, Version
from accord.wire.peer.report import Grant
from accord.wire.peer.translate import Leave, milliseconds, to_header, to_peer_report, to_update
from support.cot import cot_xml
from support.ledger import make_ledger
from support.small_agreement import FILES, GIVER, KEYS, RECEIVER, SMALL, signed

OWN, PARTNER = NodeName("jfnz.example", GIVER), NodeName("fiji.example", RECEIVER)
SIX = datetime(2027, 3, 1, 6, tzinfo=UTC)
EPOCH = 7
TEXT = (
    SMALL.replace(
        "[form.exact]\n",
        '[form.exact]\n\n[form.quiet]\ncadence = "10 min"\nidentity = "pseudonym"\n'
        'keep = ["type-detail"]\n',
    )
    .replace('[report."a ship"]\n', '[report."a ship"]\n\n[report."a car"]\nkind = "a-f-G-E-V"\n')
    .encode()
    + b"""
## 2 Cars

Cars, under another name.

```cedar
permit (principal, action == Accord::Action::"quiet", resource)
when { resource.domain == "ground" };
```

- releases "a car" as quiet
"""
)
"""The small agreement, with a form in which objects have another name."""


def after(seconds: float) -> datetime:
    """So long after six o'clock."""
    return SIX + timedelta(seconds=seconds)


def spelt(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def heard(
    uid: str,
    seconds: float,
    *,
    kind: str = "a-f-S-X-M",
    at: tuple[float, float] = (-17.9, 178.0),
    marks: str = 'access="UNCLASSIFIED" releasableTo="FJI"',
    source: Source | None = None,
    detail: str = "",
    valid: float = 600,
) -> Report:
    """A report as intake had it, so long after six, valid for ten minutes or so many seconds."""
    lat, lon = at
    when = after(seconds)
    data = cot_xml(
        uid, kind, detail,
        point=f'<point lat="{lat}" lon="{lon}" hae="0" ce="50" le="9999999.0"/>',
        time=spelt(when), start=spelt(when), stale=spelt(after(seconds + valid)), more=marks,
    )  # fmt: skip
    return report_again(
        Original(Form.COT_XML, data),
        source=source or Source(node=GIVER, channel="tak", speaker="kiwi-1"),
        groups=frozenset({"Blue"}),
        received=when,
    )


@dataclass
class GivingNode:
    """The node NZL-A, which gives to FJI-B."""

    directory: Path
    agreement: InForce
    key: bytes
    released: list[tuple[datetime, Body]] = field(default_factory=list[tuple[datetime, Body]])

    @classmethod
    def make(cls, directory: Path, text: bytes = TEXT) -> "GivingNode":
        directory.mkdir(exist_ok=True)
        (directory / "accord.toml").write_text(f'[node]\nid = "{GIVER}"\nnation = "NZL"\n')
        agreement = Agreements(directory / "agreements").activate(
            text, FILES, signed(text), trusted=KEYS
        )
        return cls(directory, agreement, make_secret(directory, RECEIVER))

    def journal(self, reports: Sequence[Report]) -> None:
        """Keep these, each in a commit of its own, numbered from 1."""
        writer = SqliteDatabase(self.directory / "journal.sqlite", max_bytes=1 << 28).writer()
        for number, report in enumerate(reports, start=1):
            assert report.original is not None
            writer.insert(pack([(number, report, report.original)]))
        writer.close()

    def release(self, report: Report, at: datetime, *, as_record: bool = False) -> Release:
        """What the guard would write of this report, decided then; noted for `ledger`."""
        said = self._line(report, at, as_record=as_record)
        self.released.append((at, said))
        return said

    def _line(self, report: Report, at: datetime, *, as_record: bool) -> Release:
        situation = Situation(own=GIVER, partner=RECEIVER, synchronised=True)
        towards = Towards(situation=situation, key=self.key, memory=Cadence(limit=9))
        out = decide(report, self.agreement, at, towards=towards)
        assert isinstance(out, Released), out
        digest = bytes.fromhex(self.agreement.loaded.agreement.digest)
        leave = Leave(
            origin=GIVER, grant=Grant(digest[:AGREEMENT], out.clause, out.form.name), path=()
        )
        ms = milliseconds(report.received)
        if not out.form.exact:
            ms -= ms % 600_000  # its cadence
        if as_record:
            content = to_peer_report(out.report, leave, version=Version(EPOCH, ms))
            payload = sha256(content_bytes(content)).digest()
        else:
            subject = digest_of_subject(to_header(out.report, leave, epoch=EPOCH))
            payload = digest_of_update(subject, to_update(out.report, handle=3, version=ms))
        return Release(
            agreement=out.agreement, serial=out.serial, digest=digest, clause=out.clause,
            form=out.form.name, name=out.report.uid, version=(EPOCH, ms), payload=payload,
            marking="(U//REL TO FJI)", frame=len(self.released) + 2,
        )  # fmt: skip

    def note(self, at: datetime, body: Body) -> None:
        """Let this stand in the ledger too."""
        self.released.append((at, body))

    def ledger(self) -> None:
        """Write what was noted."""
        ledger = make_ledger(self.directory, mine=OWN, partner=PARTNER)
        for at, body in self.released:
            ledger.append([body], at)
        ledger.close()
