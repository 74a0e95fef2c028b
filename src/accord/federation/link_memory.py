"""What a link must remember over a restart, on disk: one file for each partner, written whole."""

from pathlib import Path

import cbor2

from accord.core.errors import AccordError
from accord.federation.held import HeldSync
from accord.federation.moment import Moment
from accord.federation.sync import PartnerSync
from accord.observe.log import Log
from accord.security import keystore

LINKS = Path("federation/links")


def keep(directory: Path, partner: str, sync: PartnerSync) -> None:
    """Write down what must be remembered of a link. AccordError when that cannot be done."""
    path = directory / LINKS / partner
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise AccordError(f"cannot write {path}: {error.strerror}") from None
    keystore.write_private(path, cbor2.dumps(sync.held().to_tuple()))


def recall(directory: Path, partner: str, sync: PartnerSync, now: Moment, log: Log) -> None:
    """Go on from what was written down. What cannot be read is as good as none: all is sent again.

    What the partner has already, it takes no notice of.
    """
    path = directory / LINKS / partner
    try:
        sync.restore(HeldSync.from_tuple(cbor2.loads(path.read_bytes())), now)
    except FileNotFoundError:
        return
    except (OSError, ValueError, cbor2.CBORDecodeError) as error:
        log.trouble("link has forgotten", partner=partner, reason=str(error))
